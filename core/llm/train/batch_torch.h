#pragma once

#include "core/llm/model/model_torch.h"
#include "core/llm/train/token_set.h"

namespace driftscope::llm {

/// Samples side by side, padded on the right.
struct Batch {
    Tensor ids;      ///< (B, T) int64
    Tensor rows;     ///< (targets) int64: positions in the flattened (B T) whose next token is to be said
    Tensor targets;  ///< (targets) int64: those tokens
    Tensor real;     ///< (B, T) bool, false for padding
    const TokenSet* set = nullptr;
    std::vector<std::size_t> samples;  ///< indices into the set
    std::int64_t count() const { return targets.numel(); }
};
using MicroBatches = std::vector<Batch>;

/// Pads the samples to the longest with `pad`. The first token has no position that could say it.
Batch makeBatch(const TokenSet& set, const std::vector<std::size_t>& samples, std::int64_t pad, torch::Device device);

/// Sum of the cross-entropies of the batch's targets, with its graph. Logits are computed for these positions alone.
Tensor lossSum(const CausalModel& model, const Batch& batch, ForwardInput input);
Tensor lossSum(const CausalModel& model, const Batch& batch, const Tensor& hidden);

/// Names of a batch's samples for messages, at most five.
std::string sampleNames(const MicroBatches& batches);

/// Mean cross-entropy per target over a whole set, in evaluation mode without gradients.
Result<double> meanLoss(const CausalModel& model, const TokenSet& set, std::size_t batch);

}  // namespace driftscope::llm
