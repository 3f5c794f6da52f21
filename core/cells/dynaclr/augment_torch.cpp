#include "core/cells/dynaclr/augment_torch.h"

#include <cmath>

namespace driftscope::cells {
namespace {

using torch::Tensor;
using torch::indexing::Slice;

constexpr double kSmoothTruncate = 4.0;

/// Parameters are drawn on the CPU, so that a seed means the same changes on every device.
Tensor uniform(std::int64_t count, double low, double high) {
    return torch::rand({count}) * (high - low) + low;
}

Tensor chosen(std::int64_t count, double probability) {
    return torch::rand({count}) < probability;
}

/// (N) -> (N, 1, 1, 1, 1) on the device of `like`.
Tensor perSample(const Tensor& values, const Tensor& like) {
    return values.to(like.device()).view({-1, 1, 1, 1, 1});
}

/// 2 x 3 matrices that map output to input coordinates in units of half the output side: shear, scale, rotation, flips.
Tensor affineMatrices(std::int64_t count, const Augmentation& a) {
    const Tensor on = chosen(count, a.affine);
    const auto drawn = [&](double low, double high, double neutral) { return torch::where(on, uniform(count, low, high), torch::full({count}, neutral)); };
    const Tensor scaleY = drawn(a.scale[0], a.scale[1], 1), scaleX = drawn(a.scale[0], a.scale[1], 1);
    const Tensor angle = drawn(-a.rotation, a.rotation, 0);
    const double limit = std::tan(a.shear * M_PI / 180);
    const Tensor shearXY = drawn(-limit, limit, 0), shearYX = drawn(-limit, limit, 0);
    const Tensor flipY = 1 - 2 * chosen(count, a.flip).to(torch::kFloat32), flipX = 1 - 2 * chosen(count, a.flip).to(torch::kFloat32);
    const Tensor c = torch::cos(angle), s = torch::sin(angle);
    // Rows answer x and y of the input: rotation * shear * scale * flip.
    const Tensor xx = (c - s * shearYX) * scaleX * flipX, xy = (c * shearXY - s) * scaleY * flipY;
    const Tensor yx = (s + c * shearYX) * scaleX * flipX, yy = (s * shearXY + c) * scaleY * flipY;
    const Tensor zero = torch::zeros({count});
    return torch::stack({torch::stack({xx, xy, zero}, 1), torch::stack({yx, yy, zero}, 1)}, 1);
}

/// Resamples only the `side` pixels that the centre crop keeps. Outside the patch is 0, as in the reference.
Tensor transformed(const Tensor& patches, const Augmentation& a, int side) {
    const std::int64_t count = patches.size(0), planes = patches.size(1) * patches.size(2), from = patches.size(3);
    Tensor matrices = affineMatrices(count, a);
    // Output coordinates span the crop; grid_sample wants them in halves of the input side.
    matrices = matrices * (static_cast<double>(side) / static_cast<double>(from));
    const Tensor grid = torch::affine_grid_generator(matrices.to(patches.device()), {count, planes, side, side}, false);
    const Tensor flat = patches.reshape({count, planes, from, patches.size(4)});
    return torch::grid_sampler(flat, grid, 0, 0, false).view({count, patches.size(1), patches.size(2), side, side});
}

/// Gamma on each channel between its own minimum and maximum.
Tensor contrasted(const Tensor& x, const Augmentation& a) {
    const Tensor gamma = torch::where(chosen(x.size(0), a.contrast), uniform(x.size(0), a.gamma[0], a.gamma[1]), torch::ones({x.size(0)}));
    const Tensor low = x.amin({2, 3, 4}, true), range = x.amax({2, 3, 4}, true) - low;
    return torch::pow(((x - low) / (range + 1e-7)).clamp_min(0), perSample(gamma, x)) * range + low;
}

Tensor scaled(const Tensor& x, const Augmentation& a) {
    const Tensor factor = uniform(x.size(0), -a.intensityFactor, a.intensityFactor) * chosen(x.size(0), a.intensity).to(torch::kFloat32);
    return x * perSample(1 + factor, x);
}

/// (N, 2r + 1) Gaussian integrated over each pixel (erf), 0 width meaning identity.
Tensor smoothingWeights(std::int64_t count, const Augmentation& a, const Tensor& on, std::int64_t radius) {
    const Tensor sigma = uniform(count, a.sigma[0], a.sigma[1]).clamp_min(1e-3).unsqueeze(1);
    const Tensor place = torch::arange(-radius, radius + 1, torch::kFloat32).unsqueeze(0);
    Tensor weights = torch::erf((place + 0.5) / (sigma * M_SQRT2)) - torch::erf((place - 0.5) / (sigma * M_SQRT2));
    weights = weights / weights.sum(1, true);
    return torch::where(on.unsqueeze(1), weights, (place == 0).to(torch::kFloat32));
}

/// A separable filter with its own weights per sample, as a sum of shifted slices; shrinks Y and X by 2 radius.
Tensor smoothed(const Tensor& x, const Augmentation& a, std::int64_t radius) {
    const Tensor on = chosen(x.size(0), a.smooth);
    Tensor y = x;
    for (const std::int64_t axis : {3, 4}) {
        const Tensor weights = smoothingWeights(x.size(0), a, on, radius);
        const std::int64_t length = y.size(axis) - 2 * radius;
        Tensor sum;
        for (std::int64_t k = 0; k <= 2 * radius; ++k) {
            const Tensor part = y.narrow(axis, k, length) * perSample(weights.index({Slice(), k}), y);
            sum = sum.defined() ? sum + part : part;
        }
        y = sum;
    }
    return y;
}

Tensor noisy(const Tensor& x, const Augmentation& a) {
    const Tensor deviation = uniform(x.size(0), 0, a.noiseDeviation) * chosen(x.size(0), a.noise).to(torch::kFloat32);
    return x + torch::randn(x.sizes(), x.options()) * perSample(deviation, x);
}

/// Sets the channels that may be lost to 0 in some samples.
Tensor withoutChannels(const Tensor& x, const Augmentation& a) {
    const Tensor kept = perSample(torch::logical_not(chosen(x.size(0), a.channelDropout)).to(torch::kFloat32), x);
    Tensor y = x.clone();
    for (const std::int64_t channel : a.droppedChannels)
        if (channel < x.size(1)) y.narrow(1, channel, 1).mul_(kept);
    return y;
}

/// Percentile `share` of each row of a sorted (R, n) tensor, interpolated linearly.
Tensor sortedQuantile(const Tensor& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size(1) - 1);
    const auto below = static_cast<std::int64_t>(place);
    const std::int64_t above = std::min(below + 1, sorted.size(1) - 1);
    return torch::lerp(sorted.select(1, below), sorted.select(1, above), place - static_cast<double>(below));
}

/// Maps the two percentiles of each cell, or of the whole batch, to 0 and 1 without clipping.
Tensor byPercentiles(const Tensor& channel, const PatchRecipe& recipe) {
    const Tensor flat = recipe.percentilesPerBatch ? channel.reshape({1, -1}) : channel.reshape({channel.size(0), -1});
    const Tensor sorted = std::get<0>(flat.sort(1));
    const Tensor low = sortedQuantile(sorted, recipe.lowPercentile / 100), high = sortedQuantile(sorted, recipe.highPercentile / 100);
    const Tensor range = torch::where(high > low, high - low, torch::ones_like(high));
    return ((flat - low.unsqueeze(1)) / range.unsqueeze(1)).view_as(channel);
}

}  // namespace

Tensor normalised(const RawPatches& patches, const PatchSource& source, int side, const torch::Device& device) {
    const std::int64_t channels = source.channels();
    // LibTorch only reads through this pointer: the copy below is what leaves.
    auto* pixels = const_cast<float*>(patches.pixels.data());
    Tensor x = torch::from_blob(pixels, {patches.count, channels, source.depth(), side, side}, torch::kFloat32).to(device);
    const auto factor = [&](const std::vector<float>& values) {
        return torch::tensor(values).to(device).view({patches.count, channels, 1, 1, 1});
    };
    x = (x - factor(patches.shift)) / factor(patches.scale);
    for (std::int64_t c = 0; c < channels; ++c)
        if (source.normalisation(static_cast<std::size_t>(c)) == Normalisation::Percentile) x.select(1, c).copy_(byPercentiles(x.select(1, c), source.recipe()));
    return x;
}

Tensor centreCrop(const Tensor& patches, int side) {
    const std::int64_t y = (patches.size(3) - side) / 2, x = (patches.size(4) - side) / 2;
    return patches.narrow(3, y, side).narrow(4, x, side);
}

Tensor augmented(const Tensor& patches, const Augmentation& a, int side) {
    const torch::NoGradGuard noGradient;
    const auto radius = a.smooth > 0 ? static_cast<std::int64_t>(kSmoothTruncate * a.sigma[1] + 0.5) : 0;
    Tensor x = transformed(patches, a, side + 2 * static_cast<int>(radius));
    if (a.contrast > 0) x = contrasted(x, a);
    if (a.intensity > 0) x = scaled(x, a);
    if (radius > 0) x = smoothed(x, a, radius);
    if (a.noise > 0) x = noisy(x, a);
    if (a.channelDropout > 0) x = withoutChannels(x, a);
    return x;
}

}  // namespace driftscope::cells
