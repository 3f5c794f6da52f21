#include "core/cells/dynaclr/encoder_torch.h"

namespace driftscope::cells {

namespace nn = torch::nn;
using torch::Tensor;

ContrastiveEncoderImpl::ContrastiveEncoderImpl(const EncoderConfig& config) : config_(config) {
    const auto stem = register_module("stem", makeNameFolder());
    const auto& kernel = config.stemKernel;
    const auto& stride = config.stemStride;
    stemConvolution_ = stem->register_module(
        "conv", nn::Conv3d(nn::Conv3dOptions(config.inChannels, config.stemChannels(), {kernel[0], kernel[1], kernel[2]}).stride({stride[0], stride[1], stride[2]})));
    backbone_ = register_module("encoder", config.backbone == Backbone::ResNet ? makeResNet(config) : makeConvNext(config));
    buildProjection();
}

void ContrastiveEncoderImpl::buildProjection() {
    // A flat Sequential of Linear, BatchNorm, ReLU, Linear, BatchNorm; the ReLU at index 2 has no tensors.
    const auto projection = register_module("projection", makeNameFolder());
    hidden_ = projection->register_module("0", nn::Linear(config_.featureDim(), config_.embeddingDim));
    hiddenNorm_ = projection->register_module("1", nn::BatchNorm1d(config_.embeddingDim));
    output_ = projection->register_module("3", nn::Linear(config_.embeddingDim, config_.projectionDim));
    outputNorm_ = projection->register_module("4", nn::BatchNorm1d(config_.projectionDim));
}

Tensor ContrastiveEncoderImpl::stem(const Tensor& x) {
    const Tensor y = stemConvolution_->forward(x);
    // (B, c, d, h, w) -> (B, c*d, h, w): channel-major, index = c * depth + d.
    return y.reshape({y.size(0), y.size(1) * y.size(2), y.size(3), y.size(4)});
}

EncoderOutput ContrastiveEncoderImpl::forward(const Tensor& x, Precision precision) {
    EncoderOutput out;
    out.features = backbone_->forward(stem(x), precision);
    const Tensor hidden = torch::relu(hiddenNorm_->forward(hidden_->forward(out.features)));
    out.projections = outputNorm_->forward(output_->forward(hidden));
    return out;
}

}  // namespace driftscope::cells
