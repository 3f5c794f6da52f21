#include "core/cells/dynaclr/backbone_torch.h"

namespace driftscope::cells {
namespace {

namespace nn = torch::nn;
using torch::Tensor;

/// timm's initialisation of convolutions: He, counted over the outputs.
nn::Conv2d makeConvolution(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
    nn::Conv2d layer(nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
    nn::init::kaiming_normal_(layer->weight, 0.0, torch::kFanOut, torch::kReLU);
    return layer;
}

Tensor convolve(const nn::Conv2d& layer, const Tensor& x, Precision precision) {
    const Tensor y = torch::conv2d(cast(x, precision), cast(layer->weight, precision), {}, layer->options.stride(), layer->weight.size(2) / 2);
    return y.to(torch::kFloat32);
}

/// 1 x 1, 3 x 3, 1 x 1 convolutions around a shortcut, on a (B, C, H, W) stream.
class BottleneckImpl : public nn::Module {
  public:
    BottleneckImpl(std::int64_t in, std::int64_t width, std::int64_t stride, double drop) : drop_(drop) {
        const std::int64_t out = EncoderConfig::kBottleneckExpansion * width;
        first_ = register_module("conv1", makeConvolution(in, width, 1, 1));
        firstNorm_ = register_module("bn1", nn::BatchNorm2d(width));
        second_ = register_module("conv2", makeConvolution(width, width, 3, stride));
        secondNorm_ = register_module("bn2", nn::BatchNorm2d(width));
        third_ = register_module("conv3", makeConvolution(width, out, 1, 1));
        thirdNorm_ = register_module("bn3", nn::BatchNorm2d(out));
        // Every block begins as the identity (timm's zero_init_last).
        nn::init::zeros_(thirdNorm_->weight);
        if (stride == 1 && in == out) return;
        const auto downsample = register_module("downsample", makeNameFolder());
        shortcut_ = downsample->register_module("0", makeConvolution(in, out, 1, stride));
        shortcutNorm_ = downsample->register_module("1", nn::BatchNorm2d(out));
    }

    Tensor forward(const Tensor& x, Precision precision) {
        Tensor y = torch::relu(firstNorm_->forward(convolve(first_, x, precision)));
        y = torch::relu(secondNorm_->forward(convolve(second_, y, precision)));
        y = dropPath(thirdNorm_->forward(convolve(third_, y, precision)), drop_, is_training());
        const Tensor kept = shortcut_ ? shortcutNorm_->forward(convolve(shortcut_, x, precision)) : x;
        return torch::relu(y + kept);
    }

  private:
    nn::Conv2d first_{nullptr}, second_{nullptr}, third_{nullptr}, shortcut_{nullptr};
    nn::BatchNorm2d firstNorm_{nullptr}, secondNorm_{nullptr}, thirdNorm_{nullptr}, shortcutNorm_{nullptr};
    double drop_ = 0;
};
TORCH_MODULE(Bottleneck);

class ResNetImpl : public BackboneImpl {
  public:
    explicit ResNetImpl(const EncoderConfig& config) {
        // timm's conv1 is replaced by the 3-D stem; its norm keeps the name bn1.
        norm_ = register_module("bn1", nn::BatchNorm2d(config.widths[0]));
        std::int64_t in = config.widths[0], index = 0;
        for (std::size_t stage = 0; stage < config.depths.size(); ++stage) {
            const auto layer = register_module("layer" + std::to_string(stage + 1), makeNameFolder());
            for (std::int64_t i = 0; i < config.depths[stage]; ++i, ++index) {
                const std::int64_t stride = stage > 0 && i == 0 ? 2 : 1;
                blocks_.push_back(layer->register_module(std::to_string(i), Bottleneck(in, config.widths[stage], stride, dropPathOf(config, index))));
                in = EncoderConfig::kBottleneckExpansion * config.widths[stage];
            }
        }
    }

    Tensor forward(const Tensor& stem, Precision precision) override {
        Tensor x = torch::max_pool2d(torch::relu(norm_->forward(stem)), 3, 2, 1);
        for (Bottleneck& block : blocks_) x = block->forward(x, precision);
        return x.mean({2, 3});
    }

  private:
    nn::BatchNorm2d norm_{nullptr};
    std::vector<Bottleneck> blocks_;
};

}  // namespace

std::shared_ptr<BackboneImpl> makeResNet(const EncoderConfig& config) {
    return std::make_shared<ResNetImpl>(config);
}

}  // namespace driftscope::cells
