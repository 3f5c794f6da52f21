#include "core/cells/dynaclr/losses_torch.h"

#include <limits>

namespace driftscope::cells {
namespace {

using torch::Tensor;

/// (2B, 2B) mask of the pairs that count as negatives.
Tensor negativePairs(std::int64_t batch, const Tensor& tracks, const torch::Device& device) {
    const Tensor sample = torch::arange(batch, torch::TensorOptions().dtype(torch::kInt64).device(device)).repeat({2});
    Tensor negatives = sample.unsqueeze(0) != sample.unsqueeze(1);
    if (tracks.defined()) {
        const Tensor both = tracks.to(device).repeat({2});
        negatives = negatives.logical_and(both.unsqueeze(0) != both.unsqueeze(1));
    }
    return negatives;
}

}  // namespace

Tensor ntXent(const Tensor& anchor, const Tensor& positive, const NtXentOptions& options) {
    const std::int64_t batch = anchor.size(0);
    const Tensor z = torch::nn::functional::normalize(torch::cat({anchor, positive}), torch::nn::functional::NormalizeFuncOptions().dim(1));
    const Tensor similarity = torch::mm(z, z.t());
    const Tensor negatives = negativePairs(batch, options.tracks, z.device());
    const Tensor mine = torch::cat({torch::diagonal(similarity, batch), torch::diagonal(similarity, -batch)}).unsqueeze(1);

    const double lowest = std::numeric_limits<float>::lowest();
    const Tensor others = (similarity / options.temperature).masked_fill(negatives.logical_not(), lowest);
    const Tensor own = mine / options.temperature;
    // The row maximum is taken off before the exponential, so that T = 0.07 cannot overflow.
    const Tensor top = torch::maximum(own, std::get<0>(others.max(1, true))).detach();
    Tensor weights = torch::exp(others - top);
    if (options.beta && *options.beta != 0) {
        const Tensor hardness = torch::exp(*options.beta * similarity) * negatives;
        weights = weights * (negatives.sum(1, true) * hardness / hardness.sum(1, true).clamp_min(std::numeric_limits<float>::min()));
    }
    const Tensor numerator = torch::exp(own - top);
    const Tensor share = numerator / (numerator + weights.sum(1, true));
    return -torch::log(share + std::numeric_limits<float>::min()).mean();
}

Tensor tripletLoss(const Tensor& anchor, const Tensor& positive, const Tensor& negative, double margin) {
    return torch::triplet_margin_loss(anchor, positive, negative, margin);
}

}  // namespace driftscope::cells
