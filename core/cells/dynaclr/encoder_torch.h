#pragma once

#include "core/cells/dynaclr/encoder_config.h"
#include "core/tensor/torch.h"

namespace driftscope::cells {

/// Arithmetic of convolutions and matrix products. Norms, the residual stream and the master weights stay float32.
enum class Precision { Float32, BFloat16 };

struct EncoderOutput {
    torch::Tensor features;     ///< (B, widths.back()) float32, after the head's norm
    torch::Tensor projections;  ///< (B, projectionDim) float32
};

/// One ConvNeXt block on a channels-last (B, H, W, C) stream.
class ConvNextBlockImpl : public torch::nn::Module {
  public:
    ConvNextBlockImpl(std::int64_t width, std::int64_t kernel, double layerScale, double dropPath);
    torch::Tensor forward(const torch::Tensor& x, Precision precision);

  private:
    torch::nn::Conv2d depthwise_{nullptr};
    torch::nn::LayerNorm norm_{nullptr};
    torch::nn::Linear expand_{nullptr};
    torch::nn::Linear reduce_{nullptr};
    torch::Tensor gamma_;
    double dropPath_ = 0;
};
TORCH_MODULE(ConvNextBlock);

/// DynaCLR's network: 3-D stem with depth folded into channels (channel-major), ConvNeXt, projection head. Parameter names
/// are VisCy's, so that weights move both ways.
class ContrastiveEncoderImpl : public torch::nn::Module {
  public:
    /// `config` must have passed check(). Weights start as timm and VisCy start them, from the current seed.
    explicit ContrastiveEncoderImpl(const EncoderConfig& config);

    const EncoderConfig& config() const { return config_; }
    /// x: (B, C, Z, Y, X) float32.
    EncoderOutput forward(const torch::Tensor& x, Precision precision = Precision::Float32);
    /// (B, widths[0], Y', X') before the first norm, for comparison with the reference.
    torch::Tensor stem(const torch::Tensor& x);

  private:
    void buildStages(torch::nn::Module& encoder);
    void buildProjection();
    torch::Tensor encode(torch::Tensor x, Precision precision);

    struct Stage {
        torch::nn::LayerNorm norm{nullptr};  ///< null in stage 0
        torch::nn::Conv2d downsample{nullptr};
        std::vector<ConvNextBlock> blocks;
    };
    EncoderConfig config_;
    torch::nn::Conv3d stemConvolution_{nullptr};
    torch::nn::LayerNorm stemNorm_{nullptr};
    std::vector<Stage> stages_;
    torch::nn::LayerNorm headNorm_{nullptr};
    torch::nn::Linear hidden_{nullptr};
    torch::nn::BatchNorm1d hiddenNorm_{nullptr};
    torch::nn::Linear output_{nullptr};
    torch::nn::BatchNorm1d outputNorm_{nullptr};
};
TORCH_MODULE(ContrastiveEncoder);

}  // namespace driftscope::cells
