#include "core/topics/neural/adam_torch.h"

#include <cmath>

#include "core/tensor/guard.h"
#include "core/tensor/state_dict.h"
#include "core/topics/neural/adam_kernel.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;
using torch::Tensor;

constexpr const char* kModule = "module/";
constexpr const char* kMean = "adam.exp_avg/";
constexpr const char* kSquare = "adam.exp_avg_sq/";

}  // namespace

Adam::Adam(const torch::nn::Module& module, const Settings& settings) : settings_(settings) {
    for (const auto& item : module.named_parameters())
        if (item.value().requires_grad()) slots_.push_back({item.key(), item.value(), torch::zeros_like(item.value()), torch::zeros_like(item.value())});
}

void Adam::clearGradients() {
    for (Slot& slot : slots_) slot.parameter.mutable_grad() = Tensor();
}

void Adam::step() {
    const torch::NoGradGuard noGradient;
    ++steps_;
    const double meanBias = 1 - std::pow(settings_.mean, steps_), squareBias = 1 - std::pow(settings_.square, steps_);
    const AdamStep step{static_cast<float>(settings_.mean), static_cast<float>(settings_.square), static_cast<float>(settings_.rate / meanBias), static_cast<float>(1 / std::sqrt(squareBias)),
                    static_cast<float>(settings_.epsilon), static_cast<float>(settings_.weightDecay)};
    for (Slot& slot : slots_) {
        if (!slot.parameter.grad().defined()) continue;
        const Tensor gradient = slot.parameter.grad().contiguous();
        if (slot.parameter.device().is_cpu() && slot.parameter.scalar_type() == torch::kFloat32 && slot.parameter.is_contiguous()) {
            adamUpdate(slot.parameter.data_ptr<float>(), slot.mean.data_ptr<float>(), slot.square.data_ptr<float>(), gradient.data_ptr<float>(), gradient.numel(), step);
            continue;
        }
        const Tensor g = settings_.weightDecay > 0 ? gradient + settings_.weightDecay * slot.parameter : gradient;
        slot.mean.mul_(settings_.mean).add_(g, 1 - settings_.mean);
        slot.square.mul_(settings_.square).addcmul_(g, g, 1 - settings_.square);
        slot.parameter.addcdiv_(slot.mean, slot.square.sqrt().mul_(1 / std::sqrt(squareBias)).add_(settings_.epsilon), -settings_.rate / meanBias);
    }
}

Result<void> Adam::save(const std::filesystem::path& file, const torch::nn::Module& module, const json& state) const {
    tensor::NamedTensors tensors;
    for (const auto& [name, value] : tensor::stateDict(module)) tensors.emplace_back(kModule + name, value);
    for (const Slot& slot : slots_) {
        tensors.emplace_back(kMean + slot.name, slot.mean);
        tensors.emplace_back(kSquare + slot.name, slot.square);
    }
    return tensor::writeTensors(file, tensors, {{"state", state.dump()}, {"steps", std::to_string(steps_)}});
}

Result<json> Adam::load(const std::filesystem::path& file, torch::nn::Module& module) {
    DS_ASSIGN(const tensor::TensorFile stored, tensor::readTensors(file));
    const auto damaged = [&] { return fail(ErrorCode::BadInput, fmt::format("{} is not a checkpoint of this model.", file.string()), "Train again in a new folder."); };
    if (!stored.metadata.count("state") || !stored.metadata.count("steps")) return damaged();
    const json state = json::parse(stored.metadata.at("state"), nullptr, false), steps = json::parse(stored.metadata.at("steps"), nullptr, false);
    if (!state.is_object() || !steps.is_number_integer()) return damaged();
    std::map<std::string, Tensor> own;
    for (const auto& [name, value] : stored.tensors)
        if (name.rfind(kModule, 0) == 0) own.emplace(name.substr(std::string_view(kModule).size()), value);
    for (const Slot& slot : slots_)
        for (const char* part : {kMean, kSquare}) {
            const auto found = stored.tensors.find(part + slot.name);
            if (found == stored.tensors.end() || found->second.sizes() != slot.parameter.sizes()) return damaged();
        }
    DS_TRY(tensor::loadStateDict(module, own, file.string()));
    return tensor::guarded("restoring " + file.string(), [&]() -> Result<json> {
        const torch::NoGradGuard noGradient;
        for (Slot& slot : slots_) {
            slot.mean.copy_(stored.tensors.at(kMean + slot.name));
            slot.square.copy_(stored.tensors.at(kSquare + slot.name));
        }
        steps_ = steps.get<std::int64_t>();
        return state;
    });
}

}  // namespace driftscope::topics
