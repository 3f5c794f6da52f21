#pragma once

#include <stop_token>

#include "core/llm/model/model_torch.h"

namespace driftscope::llm {

struct GenerateOptions {
    std::int64_t newTokens = 128;
    double temperature = 0;             ///< 0 takes the likeliest token
    double topP = 1;                    ///< smallest set of tokens whose probabilities reach this
    std::uint64_t seed = 0;
    std::vector<std::int64_t> eos;      ///< tokens that end an answer; not part of it
    /// Asked after every token with all new ids of one answer; true ends it. For stop strings.
    std::function<bool(const std::vector<std::int64_t>& generated)> stop;
};

struct Generation {
    std::vector<std::int64_t> ids;  ///< new tokens, without the end token
    std::string end;                ///< "eos", "stop", "length" or "positions" (the model's longest text is full)
};

/// Continues every prompt. Prompts of different lengths are padded on the left. The draw of a token follows from
/// (seed, prompt's index, position), whatever else is in the batch.
/// Errors: an empty prompt, one as long as the model's positions, ids outside the vocabulary, cancellation.
Result<std::vector<Generation>> generate(const CausalModel& model, const std::vector<std::vector<std::int64_t>>& prompts, const GenerateOptions& options,
                                         const std::stop_token& cancelled = {});

/// Errors when an id is not in the vocabulary; `what` names the text ("prompt 3").
Result<void> checkIds(const ModelConfig& config, const std::vector<std::int64_t>& ids, const std::string& what);

}  // namespace driftscope::llm
