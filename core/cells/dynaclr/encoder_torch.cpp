#include "core/cells/dynaclr/encoder_torch.h"

namespace driftscope::cells {
namespace {

namespace nn = torch::nn;
using torch::Tensor;

constexpr double kNormEpsilon = 1e-6;  // timm's LayerNorm of ConvNeXt

nn::LayerNorm makeNorm(std::int64_t width) {
    return nn::LayerNorm(nn::LayerNormOptions({width}).eps(kNormEpsilon));
}

/// timm's initialisation: normal with deviation 0.02 (its truncation at +-2 is 100 deviations away), bias 0.
template <class Layer>
void initialise(Layer& layer) {
    const torch::NoGradGuard noGradient;
    layer->weight.normal_(0.0, 0.02);
    layer->bias.zero_();
}

/// A container for names only: the forward pass lives in ContrastiveEncoderImpl.
std::shared_ptr<nn::Module> makeFolder() {
    struct Folder : nn::Module {};
    return std::make_shared<Folder>();
}

Tensor cast(const Tensor& value, Precision precision) {
    return precision == Precision::BFloat16 ? value.to(torch::kBFloat16) : value;
}

/// Channels-last stream -> NCHW view for a convolution -> channels-last again; no copy on the way.
Tensor convolve(const nn::Conv2d& layer, const Tensor& x, std::int64_t padding, Precision precision) {
    const auto& options = layer->options;
    const Tensor y = torch::conv2d(cast(x, precision).permute({0, 3, 1, 2}), cast(layer->weight, precision), cast(layer->bias, precision), options.stride(),
                                   padding, options.dilation(), options.groups());
    return y.permute({0, 2, 3, 1}).contiguous();
}

Tensor multiply(const nn::Linear& layer, const Tensor& x, Precision precision) {
    return torch::linear(x, cast(layer->weight, precision), cast(layer->bias, precision));
}

}  // namespace

ConvNextBlockImpl::ConvNextBlockImpl(std::int64_t width, std::int64_t kernel, double layerScale, double dropPath) : dropPath_(dropPath) {
    gamma_ = register_parameter("gamma", torch::full({width}, layerScale));
    depthwise_ = register_module("conv_dw", nn::Conv2d(nn::Conv2dOptions(width, width, kernel).padding(kernel / 2).groups(width)));
    norm_ = register_module("norm", makeNorm(width));
    const auto mlp = register_module("mlp", makeFolder());
    expand_ = mlp->register_module("fc1", nn::Linear(width, 4 * width));
    reduce_ = mlp->register_module("fc2", nn::Linear(4 * width, width));
    initialise(depthwise_);
    initialise(expand_);
    initialise(reduce_);
}

Tensor ConvNextBlockImpl::forward(const Tensor& x, Precision precision) {
    Tensor y = convolve(depthwise_, x, depthwise_->weight.size(2) / 2, precision);
    // LibTorch 1.13 refuses a bfloat16 input with float32 norm weights, and the statistics deserve float32 anyway.
    y = norm_->forward(y.to(torch::kFloat32));
    y = multiply(expand_, cast(y, precision), precision);
    y = multiply(reduce_, torch::gelu(y), precision).to(torch::kFloat32);
    if (dropPath_ > 0 && is_training()) {
        const double keep = 1 - dropPath_;
        y = y * (torch::rand({x.size(0), 1, 1, 1}, x.options()) < keep).to(torch::kFloat32) / keep;
    }
    return torch::addcmul(x, y, gamma_);
}

ContrastiveEncoderImpl::ContrastiveEncoderImpl(const EncoderConfig& config) : config_(config) {
    const auto stem = register_module("stem", makeFolder());
    const auto& kernel = config.stemKernel;
    const auto& stride = config.stemStride;
    stemConvolution_ = stem->register_module(
        "conv", nn::Conv3d(nn::Conv3dOptions(config.inChannels, config.stemChannels(), {kernel[0], kernel[1], kernel[2]}).stride({stride[0], stride[1], stride[2]})));
    const auto encoder = register_module("encoder", makeFolder());
    // timm's stem.0 is replaced by the 3-D stem above; its norm keeps the name stem.1.
    stemNorm_ = encoder->register_module("stem", makeFolder())->register_module("1", makeNorm(config.widths[0]));
    buildStages(*encoder);
    headNorm_ = encoder->register_module("head", makeFolder())->register_module("norm", makeNorm(config.featureDim()));
    buildProjection();
}

void ContrastiveEncoderImpl::buildStages(nn::Module& encoder) {
    const auto stages = encoder.register_module("stages", makeFolder());
    std::int64_t total = 0;
    for (const std::int64_t depth : config_.depths) total += depth;
    std::int64_t block = 0;
    for (std::size_t index = 0; index < config_.depths.size(); ++index) {
        const std::int64_t width = config_.widths[index];
        const auto folder = stages->register_module(std::to_string(index), makeFolder());
        Stage stage;
        if (index > 0) {
            const std::int64_t before = config_.widths[index - 1];
            const auto downsample = folder->register_module("downsample", makeFolder());
            stage.norm = downsample->register_module("0", makeNorm(before));
            stage.downsample = downsample->register_module("1", nn::Conv2d(nn::Conv2dOptions(before, width, 2).stride(2)));
            initialise(stage.downsample);
        }
        const auto blocks = folder->register_module("blocks", makeFolder());
        for (std::int64_t i = 0; i < config_.depths[index]; ++i, ++block) {
            const double drop = total > 1 ? config_.dropPath * static_cast<double>(block) / static_cast<double>(total - 1) : config_.dropPath;
            stage.blocks.push_back(blocks->register_module(std::to_string(i), ConvNextBlock(width, config_.kernel, config_.layerScale, drop)));
        }
        stages_.push_back(std::move(stage));
    }
}

void ContrastiveEncoderImpl::buildProjection() {
    // A flat Sequential of Linear, BatchNorm, ReLU, Linear, BatchNorm; the ReLU at index 2 has no tensors.
    const auto projection = register_module("projection", makeFolder());
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

Tensor ContrastiveEncoderImpl::encode(Tensor x, Precision precision) {
    for (Stage& stage : stages_) {
        if (stage.downsample) x = convolve(stage.downsample, stage.norm->forward(x), 0, precision).to(torch::kFloat32);
        for (ConvNextBlock& block : stage.blocks) x = block->forward(x, precision);
    }
    return headNorm_->forward(x.mean({1, 2}));
}

EncoderOutput ContrastiveEncoderImpl::forward(const Tensor& x, Precision precision) {
    const Tensor stream = stem(x).permute({0, 2, 3, 1}).contiguous();
    EncoderOutput out;
    out.features = encode(stemNorm_->forward(stream), precision);
    const Tensor hidden = torch::relu(hiddenNorm_->forward(hidden_->forward(out.features)));
    out.projections = outputNorm_->forward(output_->forward(hidden));
    return out;
}

}  // namespace driftscope::cells
