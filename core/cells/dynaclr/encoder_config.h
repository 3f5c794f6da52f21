#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::cells {

/// The family of the 2-D network behind the stem, in timm's words.
enum class Backbone {
    ConvNext,    ///< convnext_tiny: layer scale on every residual branch
    ConvNextV2,  ///< convnextv2_tiny: global response normalisation instead of layer scale
    ResNet,      ///< resnet50: bottleneck blocks, features four times as wide as the last width
};
std::string name(Backbone backbone);
/// Errors: another backbone, with those there are.
Result<Backbone> backboneFromName(const std::string& name);

/// Shape of a ContrastiveEncoder. The defaults are DynaCLR's (VisCy, ContrastiveEncoder with convnext_tiny); smaller depths
/// and widths give encoders that train in a minute on two cores.
struct EncoderConfig {
    Backbone backbone = Backbone::ConvNext;
    std::int64_t inChannels = 1;
    std::int64_t stackDepth = 1;                    ///< Z slices of one input
    std::array<std::int64_t, 3> stemKernel{5, 4, 4};  ///< Z, Y, X
    std::array<std::int64_t, 3> stemStride{5, 4, 4};
    std::vector<std::int64_t> depths{3, 3, 9, 3};   ///< blocks per stage
    std::vector<std::int64_t> widths{96, 192, 384, 768};  ///< channels per stage; of a ResNet those inside its bottlenecks
    std::int64_t kernel = 7;                        ///< side of the depthwise convolution, odd; ConvNeXt only
    std::int64_t embeddingDim = 768;                ///< hidden width of the projection head
    std::int64_t projectionDim = 128;
    double dropPath = 0;                            ///< stochastic depth of the last block; grows linearly from 0
    double layerScale = 1e-6;                       ///< initial gamma of every block; ConvNext only

    static constexpr std::int64_t kBottleneckExpansion = 4;

    /// The published depths and widths of a backbone: convnext_tiny, convnextv2_tiny or resnet50.
    static EncoderConfig published(Backbone backbone);
    bool operator==(const EncoderConfig&) const = default;

    std::int64_t outDepth() const { return (stackDepth - stemKernel[0]) / stemStride[0] + 1; }  ///< Z planes after the stem
    std::int64_t stemChannels() const { return widths[0] / outDepth(); }
    std::int64_t featureDim() const { return backbone == Backbone::ResNet ? kBottleneckExpansion * widths.back() : widths.back(); }
    /// The smallest patch side that leaves one pixel after the last stage.
    std::int64_t smallestPatch() const;

    /// Errors: depth the first width cannot be divided by (VisCy's ValueError), empty stages, even kernel.
    Result<void> check() const;

    nlohmann::json toJson() const;  ///< VisCy's argument names, plus depths, widths, kernel_size, layer_scale
    /// Missing fields keep their defaults. Errors name the field and `origin`.
    static Result<EncoderConfig> fromJson(const nlohmann::json& json, const std::string& origin);
    /// Reads the architecture from the shapes of a state dict (without the `model.` prefix). The stem's stride is taken to
    /// equal its kernel. Errors: a tensor that should tell a size is missing (named).
    static Result<EncoderConfig> fromShapes(const std::map<std::string, std::vector<std::int64_t>>& shapes, const std::string& origin);
};

}  // namespace driftscope::cells
