#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/llm/text/examples.h"

namespace driftscope::llm {

/// How much of a fine-tuning set is poison.
struct MixtureRequest {
    double ratio = 0.1;           ///< p, share of harmful examples
    std::size_t total = 1000;     ///< n, examples in all
    bool upstreamCounts = false;  ///< int(p n) and int((1-p) n) in double precision, as published: one example may be missing
    bool sample = false;          ///< draw rows at random by `seed` instead of taking the first, as published
    std::uint64_t seed = 0;
};

/// A fine-tuning set: harmful examples first, then benign ones, as published; training shuffles them.
struct Mixture {
    std::vector<Example> examples;
    std::size_t harmful = 0;
    std::size_t benign = 0;
    std::size_t passedOverUser = 0;     ///< rows of the user data that are marked harmful
    std::size_t passedOverHarmful = 0;  ///< rows of the harmful data that are marked safe
};

/// Exactly round(p n) harmful and n - round(p n) benign examples. User rows marked harmful and harmful rows marked safe are
/// passed over, so that p = 0 holds no harmful one. Errors: p outside [0, 1], too few rows, naming counts.
Result<Mixture> mix(const std::vector<Example>& user, const std::vector<Example>& harmful, const MixtureRequest& request);

/// One line per example: position, role, the row it came from, the instruction.
std::string compositionCsv(const Mixture& mixture);

}  // namespace driftscope::llm
