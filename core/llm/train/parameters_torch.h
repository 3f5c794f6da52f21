#pragma once

#include "core/llm/model/model_torch.h"
#include "core/tensor/tensor_file.h"

namespace driftscope::llm {

/// Everything that is trained, as one vector of values and one of gradients; the model's tensors are views of them. So
/// norms, steps towards a gradient, anchors and the optimiser are plain vector arithmetic.
class FlatParameters {
  public:
    struct Part {
        std::string name;
        std::int64_t layer = -1;  ///< block it belongs to; -1 for embeddings, last norm and head
        std::int64_t begin = 0, size = 0;
        std::vector<std::int64_t> shape;
        bool decays = true;       ///< weight decay applies: not to norms and biases
    };

    /// The adapters' matrices. The model must have adapters.
    static FlatParameters adapters(CausalModel& model);
    /// Every weight of the model.
    static FlatParameters all(CausalModel& model);

    const Tensor& values() const { return values_; }      ///< (n)
    const Tensor& gradient() const { return gradient_; }  ///< (n)
    const std::vector<Part>& parts() const { return parts_; }
    std::int64_t size() const { return values_.numel(); }
    void clearGradient() const { gradient_.zero_(); }

  private:
    using Slots = std::vector<std::pair<Part, Tensor*>>;
    explicit FlatParameters(Slots slots);

    Tensor values_, gradient_;
    std::vector<Part> parts_;
};

/// AdamW (Loshchilov & Hutter 2019) with PyTorch's defaults on a flat vector.
class FlatAdamW {
  public:
    explicit FlatAdamW(const FlatParameters& parameters, double weightDecay);
    /// One update. Parts whose `active` flag is false are left alone, moments included.
    void step(double learningRate, const std::vector<bool>& active = {});

    tensor::NamedTensors state() const;
    Result<void> restore(const TensorMap& tensors, const std::string& origin);

  private:
    struct Range {
        std::int64_t begin, size, step;
        bool decays;
    };
    const FlatParameters& parameters_;
    double weightDecay_;
    Tensor mean_, square_;
    std::vector<std::int64_t> steps_;  ///< per part
};

/// Global L2 norm as a number.
double normOf(const Tensor& values);

}  // namespace driftscope::llm
