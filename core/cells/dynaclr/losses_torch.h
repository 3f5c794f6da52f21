#pragma once

#include <optional>

#include "core/tensor/torch.h"

namespace driftscope::cells {

/// NT-Xent over cosine similarities of (B, D) anchors and their positives: mean over the 2B ordered pairs of
/// -log(e^(p/T) / (e^(p/T) + sum of e^(n/T))), as pytorch-metric-learning computes it.
struct NtXentOptions {
    double temperature = 0.07;
    /// Weight of hard negatives (NT-Xent HCL); unset or 0 is plain NT-Xent.
    std::optional<double> beta = {};
    /// (B) int64 identity of each anchor's track: pairs of the same track are no negatives of each other. Undefined: all
    /// other samples are negatives.
    torch::Tensor tracks = {};
};
torch::Tensor ntXent(const torch::Tensor& anchor, const torch::Tensor& positive, const NtXentOptions& options);

/// mean(max(0, |a - p| - |a - n| + margin)) with Euclidean distances, as nn.TripletMarginLoss.
torch::Tensor tripletLoss(const torch::Tensor& anchor, const torch::Tensor& positive, const torch::Tensor& negative, double margin);

}  // namespace driftscope::cells
