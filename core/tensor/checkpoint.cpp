#include "core/tensor/checkpoint.h"

#include "core/tensor/guard.h"
#include "core/tensor/state_dict.h"

namespace driftscope::tensor {
namespace {

using nlohmann::json;
using torch::optim::AdamWParamState;

constexpr const char* kModule = "module/";
constexpr const char* kMean = "adamw.exp_avg/";
constexpr const char* kSquare = "adamw.exp_avg_sq/";
constexpr const char* kGenerator = "generator.cpu";

/// LibTorch keys optimiser state by the address of the parameter.
std::string stateKey(const torch::Tensor& parameter) {
    return c10::guts::to_string(parameter.unsafeGetTensorImpl());
}

std::map<std::string, torch::Tensor> withPrefix(const std::map<std::string, torch::Tensor>& all, const std::string& prefix) {
    std::map<std::string, torch::Tensor> some;
    for (const auto& [name, tensor] : all)
        if (name.rfind(prefix, 0) == 0) some.emplace(name.substr(prefix.size()), tensor);
    return some;
}

Result<void> restoreMoments(const TensorFile& file, const json& steps, const torch::nn::Module& module, torch::optim::AdamW& optimiser,
                            const std::string& origin) {
    for (const auto& item : module.named_parameters()) {
        if (!steps.contains(item.key())) continue;  // a parameter that never had a gradient
        const auto mean = file.tensors.find(kMean + item.key());
        const auto square = file.tensors.find(kSquare + item.key());
        if (mean == file.tensors.end() || square == file.tensors.end() || mean->second.sizes() != item.value().sizes() ||
            square->second.sizes() != item.value().sizes())
            return fail(ErrorCode::BadInput, fmt::format("{} lacks fitting AdamW moments of '{}'.", origin, item.key()), "Start the training again.");
        auto moments = std::make_unique<AdamWParamState>();
        moments->step(steps[item.key()].get<std::int64_t>());
        moments->exp_avg(mean->second.to(item.value().options()).clone());
        moments->exp_avg_sq(square->second.to(item.value().options()).clone());
        optimiser.state()[stateKey(item.value())] = std::move(moments);
    }
    return {};
}

}  // namespace

Result<void> saveCheckpoint(const std::filesystem::path& file, const torch::nn::Module& module, const torch::optim::AdamW& optimiser, const json& state) {
    NamedTensors tensors;
    for (const auto& [name, tensor] : stateDict(module)) tensors.emplace_back(kModule + name, tensor);
    json steps = json::object();
    for (const auto& item : module.named_parameters()) {
        const auto found = optimiser.state().find(stateKey(item.value()));
        if (found == optimiser.state().end()) continue;
        const auto& moments = static_cast<const AdamWParamState&>(*found->second);
        steps[item.key()] = moments.step();
        tensors.emplace_back(kMean + item.key(), moments.exp_avg());
        tensors.emplace_back(kSquare + item.key(), moments.exp_avg_sq());
    }
    tensors.emplace_back(kGenerator, at::globalContext().defaultGenerator(torch::kCPU).get_state());
    return writeTensors(file, tensors, {{"state", state.dump()}, {"adamw_steps", steps.dump()}});
}

Result<json> loadCheckpoint(const std::filesystem::path& file, torch::nn::Module& module, torch::optim::AdamW& optimiser) {
    DS_ASSIGN(const TensorFile stored, readTensors(file));
    const std::string origin = file.string();
    const auto text = [&](const char* key) { return stored.metadata.count(key) ? stored.metadata.at(key) : std::string(); };
    const json state = json::parse(text("state"), nullptr, false);
    const json steps = json::parse(text("adamw_steps"), nullptr, false);
    const auto generator = stored.tensors.find(kGenerator);
    if (state.is_discarded() || !steps.is_object() || generator == stored.tensors.end())
        return fail(ErrorCode::BadInput, fmt::format("{} is not a training checkpoint.", origin), "Start the training again.");
    DS_TRY(loadStateDict(module, withPrefix(stored.tensors, kModule), origin));
    DS_TRY(guarded("restoring " + origin, [&] { return restoreMoments(stored, steps, module, optimiser, origin); }));
    DS_TRY(guarded("restoring " + origin, [&] {
        at::Generator own = at::globalContext().defaultGenerator(torch::kCPU);
        own.set_state(generator->second);
    }));
    return state;
}

}  // namespace driftscope::tensor
