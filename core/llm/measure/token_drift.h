#pragma once

#include <cstddef>
#include <vector>

namespace driftscope::llm {

/// What happened to every token of one sample between two states of a model. Padding is left out.
struct TokenDrift {
    std::size_t sample = 0;  ///< index into the set
    /// Per capture point and layer, in ascending order: ||after - before|| / ||before|| of every token's hidden state.
    std::vector<std::vector<float>> relative;
    /// KL(before || after) of the distributions that say this token, in nats; NaN for the first, which nothing says.
    std::vector<float> kl;
    std::vector<float> lossBefore, lossAfter;  ///< -log p(token), nats; NaN for the first
};

/// Means over the tokens that are to be said.
struct SampleLoss {
    std::size_t tokens = 0;
    double before = 0, after = 0, kl = 0;  ///< nats per token; NaN without tokens
};
SampleLoss responseMeans(const TokenDrift& drift, std::size_t promptLength);

}  // namespace driftscope::llm
