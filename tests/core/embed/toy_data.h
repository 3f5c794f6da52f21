#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// A classic data set with its labels: "iris" (150 x 4, 3 classes) or "digits" (1797 x 64, 10 classes).
struct ToyData {
    Matrix features;
    std::vector<std::int32_t> classes;
};
ToyData toyData(const std::string& name);

/// A JSON file below tests/data.
nlohmann::json reference(const std::string& file);

/// Points along `branches` random walks through `latent` dimensions, lifted to `features` by a random linear map and noise.
Matrix branchingWalks(std::size_t rows, std::size_t features, std::size_t branches, std::size_t latent, std::uint64_t seed);

}  // namespace driftscope::embed
