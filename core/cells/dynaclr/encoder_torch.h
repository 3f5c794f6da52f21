#pragma once

#include "core/cells/dynaclr/backbone_torch.h"

namespace driftscope::cells {

struct EncoderOutput {
    torch::Tensor features;     ///< (B, featureDim) float32, after the head's norm
    torch::Tensor projections;  ///< (B, projectionDim) float32
};

/// DynaCLR's network: 3-D stem with depth folded into channels (channel-major), a 2-D backbone, projection head. Parameter
/// names are VisCy's, so that weights move both ways.
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
    void buildProjection();

    EncoderConfig config_;
    torch::nn::Conv3d stemConvolution_{nullptr};
    std::shared_ptr<BackboneImpl> backbone_;
    torch::nn::Linear hidden_{nullptr};
    torch::nn::BatchNorm1d hiddenNorm_{nullptr};
    torch::nn::Linear output_{nullptr};
    torch::nn::BatchNorm1d outputNorm_{nullptr};
};
TORCH_MODULE(ContrastiveEncoder);

}  // namespace driftscope::cells
