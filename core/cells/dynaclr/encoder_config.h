#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::cells {

/// Shape of a ContrastiveEncoder on a ConvNeXt backbone. The defaults are DynaCLR's (VisCy, ContrastiveEncoder with
/// convnext_tiny); smaller depths and widths give encoders that train in a minute on two cores.
struct EncoderConfig {
    std::int64_t inChannels = 1;
    std::int64_t stackDepth = 1;                    ///< Z slices of one input
    std::array<std::int64_t, 3> stemKernel{5, 4, 4};  ///< Z, Y, X
    std::array<std::int64_t, 3> stemStride{5, 4, 4};
    std::vector<std::int64_t> depths{3, 3, 9, 3};   ///< blocks per stage
    std::vector<std::int64_t> widths{96, 192, 384, 768};  ///< channels per stage; the last is the feature length
    std::int64_t kernel = 7;                        ///< side of the depthwise convolution, odd
    std::int64_t embeddingDim = 768;                ///< hidden width of the projection head
    std::int64_t projectionDim = 128;
    double dropPath = 0;                            ///< stochastic depth of the last block; grows linearly from 0
    double layerScale = 1e-6;                       ///< initial gamma of every block

    bool operator==(const EncoderConfig&) const = default;

    std::int64_t outDepth() const { return (stackDepth - stemKernel[0]) / stemStride[0] + 1; }  ///< Z planes after the stem
    std::int64_t stemChannels() const { return widths[0] / outDepth(); }
    std::int64_t featureDim() const { return widths.back(); }
    /// The smallest patch side that leaves one pixel after the last stage.
    std::int64_t smallestPatch() const;

    /// Errors: depth the first width cannot be divided by (VisCy's ValueError), empty stages, even kernel.
    Result<void> check() const;

    nlohmann::json toJson() const;  ///< VisCy's argument names, plus depths, widths, kernel_size, layer_scale
    /// Missing fields keep their defaults. Errors name the field and `origin`.
    static Result<EncoderConfig> fromJson(const nlohmann::json& json, const std::string& origin);
    /// Reads the architecture from the shapes of a state dict (without the `model.` prefix). The stem's stride is taken to
    /// equal its kernel. Errors: another backbone, a tensor that should tell a size is missing (named).
    static Result<EncoderConfig> fromShapes(const std::map<std::string, std::vector<std::int64_t>>& shapes, const std::string& origin);
};

}  // namespace driftscope::cells
