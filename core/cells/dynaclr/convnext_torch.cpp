#include "core/cells/dynaclr/backbone_torch.h"

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

/// Global response normalisation of a channels-last stream (ConvNeXt V2, algorithm 1): x + bias + weight * x * N(x), where
/// N(x) is each channel's norm over Y and X divided by the mean of those norms.
class ResponseNormImpl : public nn::Module {
  public:
    explicit ResponseNormImpl(std::int64_t width) {
        weight_ = register_parameter("weight", torch::zeros({width}));
        bias_ = register_parameter("bias", torch::zeros({width}));
    }
    Tensor forward(const Tensor& x) {
        const Tensor norm = x.norm(2, {1, 2}, true);
        return x + torch::addcmul(bias_, weight_, x * (norm / (norm.mean(-1, true) + kNormEpsilon)));
    }

  private:
    Tensor weight_, bias_;
};
TORCH_MODULE(ResponseNorm);

/// One ConvNeXt block on a channels-last (B, H, W, C) stream.
class ConvNextBlockImpl : public nn::Module {
  public:
    ConvNextBlockImpl(const EncoderConfig& config, std::int64_t width, double drop) : drop_(drop) {
        if (config.backbone == Backbone::ConvNext) gamma_ = register_parameter("gamma", torch::full({width}, config.layerScale));
        depthwise_ = register_module("conv_dw", nn::Conv2d(nn::Conv2dOptions(width, width, config.kernel).padding(config.kernel / 2).groups(width)));
        norm_ = register_module("norm", makeNorm(width));
        const auto mlp = register_module("mlp", makeNameFolder());
        expand_ = mlp->register_module("fc1", nn::Linear(width, 4 * width));
        if (config.backbone == Backbone::ConvNextV2) response_ = mlp->register_module("grn", ResponseNorm(4 * width));
        reduce_ = mlp->register_module("fc2", nn::Linear(4 * width, width));
        initialise(depthwise_);
        initialise(expand_);
        initialise(reduce_);
    }

    Tensor forward(const Tensor& x, Precision precision) {
        Tensor y = convolve(depthwise_, x, depthwise_->weight.size(2) / 2, precision);
        // LibTorch 1.13 refuses a bfloat16 input with float32 norm weights, and the statistics deserve float32 anyway.
        y = norm_->forward(y.to(torch::kFloat32));
        y = torch::gelu(multiply(expand_, cast(y, precision), precision));
        if (response_) y = cast(response_->forward(y.to(torch::kFloat32)), precision);
        y = dropPath(multiply(reduce_, y, precision).to(torch::kFloat32), drop_, is_training());
        return gamma_.defined() ? torch::addcmul(x, y, gamma_) : x + y;
    }

  private:
    nn::Conv2d depthwise_{nullptr};
    nn::LayerNorm norm_{nullptr};
    nn::Linear expand_{nullptr};
    ResponseNorm response_{nullptr};
    nn::Linear reduce_{nullptr};
    Tensor gamma_;
    double drop_ = 0;
};
TORCH_MODULE(ConvNextBlock);

class ConvNextImpl : public BackboneImpl {
  public:
    explicit ConvNextImpl(const EncoderConfig& config) {
        // timm's stem.0 is replaced by the 3-D stem; its norm keeps the name stem.1.
        stemNorm_ = register_module("stem", makeNameFolder())->register_module("1", makeNorm(config.widths[0]));
        const auto stages = register_module("stages", makeNameFolder());
        std::int64_t block = 0;
        for (std::size_t index = 0; index < config.depths.size(); ++index) addStage(*stages, config, index, block);
        headNorm_ = register_module("head", makeNameFolder())->register_module("norm", makeNorm(config.featureDim()));
    }

    Tensor forward(const Tensor& stem, Precision precision) override {
        Tensor x = stemNorm_->forward(stem.permute({0, 2, 3, 1}).contiguous());
        for (Stage& stage : stages_) {
            if (stage.downsample) x = convolve(stage.downsample, stage.norm->forward(x), 0, precision).to(torch::kFloat32);
            for (ConvNextBlock& block : stage.blocks) x = block->forward(x, precision);
        }
        return headNorm_->forward(x.mean({1, 2}));
    }

  private:
    void addStage(nn::Module& stages, const EncoderConfig& config, std::size_t index, std::int64_t& block) {
        const std::int64_t width = config.widths[index];
        const auto folder = stages.register_module(std::to_string(index), makeNameFolder());
        Stage stage;
        if (index > 0) {
            const std::int64_t before = config.widths[index - 1];
            const auto downsample = folder->register_module("downsample", makeNameFolder());
            stage.norm = downsample->register_module("0", makeNorm(before));
            stage.downsample = downsample->register_module("1", nn::Conv2d(nn::Conv2dOptions(before, width, 2).stride(2)));
            initialise(stage.downsample);
        }
        const auto blocks = folder->register_module("blocks", makeNameFolder());
        for (std::int64_t i = 0; i < config.depths[index]; ++i, ++block)
            stage.blocks.push_back(blocks->register_module(std::to_string(i), ConvNextBlock(config, width, dropPathOf(config, block))));
        stages_.push_back(std::move(stage));
    }

    struct Stage {
        nn::LayerNorm norm{nullptr};  ///< null in stage 0
        nn::Conv2d downsample{nullptr};
        std::vector<ConvNextBlock> blocks;
    };
    nn::LayerNorm stemNorm_{nullptr};
    std::vector<Stage> stages_;
    nn::LayerNorm headNorm_{nullptr};
};

}  // namespace

std::shared_ptr<nn::Module> makeNameFolder() {
    struct Folder : nn::Module {};
    return std::make_shared<Folder>();
}

Tensor cast(const Tensor& value, Precision precision) {
    return precision == Precision::BFloat16 ? value.to(torch::kBFloat16) : value;
}

double dropPathOf(const EncoderConfig& config, std::int64_t index) {
    std::int64_t total = 0;
    for (const std::int64_t depth : config.depths) total += depth;
    return total > 1 ? config.dropPath * static_cast<double>(index) / static_cast<double>(total - 1) : config.dropPath;
}

Tensor dropPath(const Tensor& branch, double probability, bool training) {
    if (probability <= 0 || !training) return branch;
    const double keep = 1 - probability;
    return branch * (torch::rand({branch.size(0), 1, 1, 1}, branch.options()) < keep).to(torch::kFloat32) / keep;
}

std::shared_ptr<BackboneImpl> makeConvNext(const EncoderConfig& config) {
    return std::make_shared<ConvNextImpl>(config);
}

}  // namespace driftscope::cells
