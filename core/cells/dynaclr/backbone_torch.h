#pragma once

#include "core/cells/dynaclr/encoder_config.h"
#include "core/tensor/torch.h"

namespace driftscope::cells {

/// Arithmetic of convolutions and matrix products. Norms, the residual stream and the master weights stay float32.
enum class Precision { Float32, BFloat16 };

/// The 2-D network between the stem and the projection head. Parameter names are timm's.
class BackboneImpl : public torch::nn::Module {
  public:
    /// stem: (B, widths[0], Y, X) float32, what the 3-D stem gives -> features (B, featureDim) float32.
    virtual torch::Tensor forward(const torch::Tensor& stem, Precision precision) = 0;
};

/// ConvNeXt, V1 or V2. `config` must have passed check(). Weights start as timm starts them, from the current seed.
std::shared_ptr<BackboneImpl> makeConvNext(const EncoderConfig& config);
/// ResNet of bottleneck blocks (timm's resnet50 and smaller forms), stride on the 3 x 3 convolution.
std::shared_ptr<BackboneImpl> makeResNet(const EncoderConfig& config);

/// A container for names only.
std::shared_ptr<torch::nn::Module> makeNameFolder();
torch::Tensor cast(const torch::Tensor& value, Precision precision);
/// The probability that block `index` of all is dropped: it grows linearly from 0 to config.dropPath.
double dropPathOf(const EncoderConfig& config, std::int64_t index);
/// A residual branch (B, ...) with whole samples dropped at random and the rest scaled up, while training.
torch::Tensor dropPath(const torch::Tensor& branch, double probability, bool training);

}  // namespace driftscope::cells
