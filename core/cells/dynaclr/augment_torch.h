#pragma once

#include <array>
#include <nlohmann/json.hpp>

#include "core/base/params.h"
#include "core/cells/dynaclr/patch_source.h"
#include "core/tensor/torch.h"

namespace driftscope::cells {

/// Brings raw patches to the device and normalises them: (N, C, Z, side, side) float32.
torch::Tensor normalised(const RawPatches& patches, const PatchSource& source, int side, const torch::Device& device);

/// Random changes of a view, with the reference's defaults (VisCy, 2-D MIP bag of channels). Each is switched and drawn per
/// sample.
struct Augmentation {
    double affine = 0.8;                     ///< probability
    std::array<double, 2> scale{0.8, 1.3};   ///< per axis, independently
    double rotation = 3.14159265;            ///< radians, both ways
    double shear = 0.05;                     ///< degrees, both ways, as the reference consumes it
    double flip = 0.5;                       ///< probability per axis
    double contrast = 0.5;                   ///< probability
    std::array<double, 2> gamma{0.6, 1.6};
    double intensity = 0.5;                  ///< probability
    double intensityFactor = 0.5;            ///< x * (1 + U[-f, f])
    double smooth = 0.5;                     ///< probability
    std::array<double, 2> sigma{0.25, 0.5};  ///< px, per axis
    double noise = 0.5;                      ///< probability
    double noiseDeviation = 0.1;             ///< standard deviation drawn from U[0, this]
    double channelDropout = 0;               ///< probability that a sample loses the channels below
    std::vector<std::int64_t> droppedChannels{1};  ///< numbers of channels that may be set to 0

    static std::vector<ParamSpec> params();  ///< names begin with "aug."
    static Result<Augmentation> make(const Params& params);
    nlohmann::json toJson() const;
};

/// A random view of every patch, cut to the centre `side`. Random numbers come from LibTorch's generators; seed before.
torch::Tensor augmented(const torch::Tensor& patches, const Augmentation& augmentation, int side);
/// The centre `side` x `side` of every patch.
torch::Tensor centreCrop(const torch::Tensor& patches, int side);

}  // namespace driftscope::cells
