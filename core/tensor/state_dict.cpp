#include "core/tensor/state_dict.h"

#include <algorithm>

#include "core/tensor/guard.h"

namespace driftscope::tensor {
namespace {

void collect(const torch::nn::Module& module, const std::string& prefix, NamedTensors& into) {
    for (const auto& item : module.named_parameters(false)) into.emplace_back(prefix + item.key(), item.value());
    for (const auto& item : module.named_buffers(false)) into.emplace_back(prefix + item.key(), item.value());
    for (const auto& item : module.named_children()) collect(*item.value(), prefix + item.key() + ".", into);
}

std::string shapeText(const torch::Tensor& tensor) {
    return fmt::format("({})", fmt::join(tensor.sizes(), ", "));
}

Result<void> checkOne(const std::string& name, const torch::Tensor& own, const std::map<std::string, torch::Tensor>& given, const std::string& origin) {
    const auto found = given.find(name);
    if (found == given.end())
        return fail(ErrorCode::BadInput, fmt::format("{} lacks the tensor '{}' {}.", origin, name, shapeText(own)),
                    "These weights belong to another architecture, or the file is incomplete.");
    if (found->second.sizes() != own.sizes())
        return fail(ErrorCode::BadInput, fmt::format("Tensor '{}' in {} has the shape {}, expected {}.", name, origin, shapeText(found->second), shapeText(own)),
                    "Check the encoder's configuration against the weights.");
    if (found->second.is_floating_point() != own.is_floating_point())
        return fail(ErrorCode::BadInput, fmt::format("Tensor '{}' in {} holds {} numbers, expected {}.", name, origin,
                                                     c10::toString(found->second.scalar_type()), c10::toString(own.scalar_type())));
    return {};
}

}  // namespace

NamedTensors stateDict(const torch::nn::Module& module) {
    NamedTensors state;
    collect(module, "", state);
    return state;
}

void stripPrefix(std::map<std::string, torch::Tensor>& tensors, const std::string& prefix) {
    const bool all = std::all_of(tensors.begin(), tensors.end(), [&](const auto& item) { return item.first.rfind(prefix, 0) == 0; });
    if (!all) return;
    std::map<std::string, torch::Tensor> stripped;
    for (auto& [name, value] : tensors) stripped.emplace(name.substr(prefix.size()), std::move(value));
    tensors = std::move(stripped);
}

Result<void> loadStateDict(torch::nn::Module& module, const std::map<std::string, torch::Tensor>& tensors, const std::string& origin) {
    const NamedTensors own = stateDict(module);
    for (const auto& [name, tensor] : own) DS_TRY(checkOne(name, tensor, tensors, origin));
    if (tensors.size() != own.size()) {
        std::vector<std::string> extra;
        for (const auto& [name, tensor] : tensors)
            if (std::none_of(own.begin(), own.end(), [&](const auto& item) { return item.first == name; })) extra.push_back(name);
        return fail(ErrorCode::BadInput, fmt::format("{} has {} tensor(s) the encoder does not know: '{}'.", origin, extra.size(), fmt::join(extra, "', '")),
                    "These weights belong to another architecture.");
    }
    return guarded("loading " + origin, [&] {
        const torch::NoGradGuard noGradient;
        for (const auto& [name, tensor] : own) torch::Tensor(tensor).copy_(tensors.at(name));
    });
}

}  // namespace driftscope::tensor
