#include "core/llm/train/parameters_torch.h"

#include <algorithm>
#include <cmath>

#include "core/tensor/guard.h"

namespace driftscope::llm {
namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

/// "model.layers.3.mlp…" and "transformer.h.3.…" belong to block 3.
std::int64_t layerOf(const std::string& name) {
    for (const char* mark : {".layers.", ".h."})
        if (const auto at = name.find(mark); at != std::string::npos) return std::stoll(name.substr(at + std::string(mark).size()));
    return -1;
}

}  // namespace

FlatParameters::FlatParameters(Slots slots) {
    const torch::NoGradGuard noGradient;
    std::int64_t total = 0;
    for (auto& [part, slot] : slots) {
        part.begin = total;
        part.size = slot->numel();
        part.shape = slot->sizes().vec();
        part.layer = layerOf(part.name);
        total += part.size;
    }
    const Tensor& first = *slots.front().second;
    const auto type = first.scalar_type() == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32;
    values_ = torch::empty({total}, first.options().dtype(type).requires_grad(false));
    gradient_ = torch::zeros_like(values_);
    for (auto& [part, slot] : slots) {
        const Tensor own = values_.narrow(0, part.begin, part.size).view(part.shape);
        own.copy_(*slot);
        // A leaf whose gradient lies in place: autograd adds to it instead of allocating one.
        *slot = own.detach().requires_grad_(true);
        slot->mutable_grad() = gradient_.narrow(0, part.begin, part.size).view(part.shape);
        parts_.push_back(part);
    }
}

FlatParameters FlatParameters::adapters(CausalModel& model) {
    Slots slots;
    for (Linear* linear : model.linears()) {
        if (!linear->lora) continue;
        slots.push_back({{.name = linear->name + ".lora_A"}, &linear->lora->a});
        slots.push_back({{.name = linear->name + ".lora_B"}, &linear->lora->b});
    }
    return FlatParameters(std::move(slots));
}

FlatParameters FlatParameters::all(CausalModel& model) {
    Slots slots;
    model.visit([&](const std::string& name, Tensor& weight) { slots.push_back({{.name = name, .decays = weight.dim() > 1}, &weight}); });
    // What decays comes first, so that the optimiser works on two ranges.
    std::stable_partition(slots.begin(), slots.end(), [](const auto& slot) { return slot.first.decays; });
    return FlatParameters(std::move(slots));
}

FlatAdamW::FlatAdamW(const FlatParameters& parameters, double weightDecay)
    : parameters_(parameters), weightDecay_(weightDecay), mean_(torch::zeros_like(parameters.values())), square_(torch::zeros_like(parameters.values())),
      steps_(parameters.parts().size(), 0) {}

void FlatAdamW::step(double learningRate, const std::vector<bool>& active) {
    const torch::NoGradGuard noGradient;
    std::vector<Range> ranges;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (!active.empty() && !active[i]) continue;
        const FlatParameters::Part& part = parameters_.parts()[i];
        const std::int64_t step = ++steps_[i];
        if (!ranges.empty() && ranges.back().begin + ranges.back().size == part.begin && ranges.back().step == step && ranges.back().decays == part.decays)
            ranges.back().size += part.size;
        else
            ranges.push_back({part.begin, part.size, step, part.decays});
    }
    for (const Range& range : ranges) {
        const auto own = [&](const Tensor& all) { return all.narrow(0, range.begin, range.size); };
        Tensor value = own(parameters_.values()), mean = own(mean_), square = own(square_);
        const Tensor gradient = own(parameters_.gradient());
        const double step = static_cast<double>(range.step);
        if (range.decays && weightDecay_ > 0) value.mul_(1 - learningRate * weightDecay_);
        mean.mul_(kBeta1).add_(gradient, 1 - kBeta1);
        square.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
        const double correction = std::sqrt(1 - std::pow(kBeta2, step));
        value.addcdiv_(mean, square.sqrt().div_(correction).add_(kEpsilon), -learningRate / (1 - std::pow(kBeta1, step)));
    }
}

tensor::NamedTensors FlatAdamW::state() const {
    return {{"adamw.mean", mean_}, {"adamw.square", square_}, {"adamw.steps", torch::tensor(steps_, torch::kInt64)}};
}

Result<void> FlatAdamW::restore(const TensorMap& tensors, const std::string& origin) {
    for (const char* name : {"adamw.mean", "adamw.square", "adamw.steps"}) {
        const std::int64_t wanted = std::string(name) == "adamw.steps" ? static_cast<std::int64_t>(steps_.size()) : parameters_.size();
        if (!tensors.count(name) || tensors.at(name).numel() != wanted)
            return fail(ErrorCode::BadInput, fmt::format("{} has no fitting '{}'.", origin, name), "Start the training again with --overwrite.");
    }
    mean_.copy_(tensors.at("adamw.mean"));
    square_.copy_(tensors.at("adamw.square"));
    const Tensor steps = tensors.at("adamw.steps").contiguous();
    steps_.assign(steps.data_ptr<std::int64_t>(), steps.data_ptr<std::int64_t>() + steps.numel());
    return {};
}

double normOf(const Tensor& values) {
    return values.norm().item<double>();
}

}  // namespace driftscope::llm
