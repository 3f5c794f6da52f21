#include "core/llm/measure/token_drift_torch.h"

#include <limits>

namespace driftscope::llm {
namespace {

std::vector<float> toFloats(const Tensor& values) {
    const Tensor flat = values.to(torch::kCPU, torch::kFloat32).contiguous();
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

/// Values about tokens 1, 2, … with the first token's place left empty.
std::vector<float> afterFirst(const Tensor& values) {
    std::vector<float> out = toFloats(values);
    out.insert(out.begin(), std::numeric_limits<float>::quiet_NaN());
    return out;
}

}  // namespace

std::vector<TokenDrift> tokenDrift(const StateBatch& states, const CausalModel& before, const CausalModel& after) {
    const torch::NoGradGuard noGradient;
    std::vector<TokenDrift> out;
    for (std::size_t r = 0; r < states.batch.samples.size(); ++r) {
        const auto row = static_cast<std::int64_t>(r);
        TokenDrift one{.sample = states.batch.samples[r]};
        const auto length = static_cast<std::int64_t>((*states.batch.set)[one.sample].ids.size());
        for (const auto& [key, state] : states.before) {
            const Tensor from = state[row].slice(0, 0, length), to = states.after.at(key)[row].slice(0, 0, length);
            one.relative.push_back(toFloats((to - from).norm(2, -1) / from.norm(2, -1).clamp_min(1e-30)));
        }
        const Tensor said = states.batch.ids[row].slice(0, 1, length).unsqueeze(1);
        const Tensor p = at::log_softmax(before.logits(states.finalBefore[row].slice(0, 0, length - 1)), -1);
        const Tensor q = at::log_softmax(after.logits(states.finalAfter[row].slice(0, 0, length - 1)), -1);
        one.kl = afterFirst((p.exp() * (p - q)).sum(-1));
        one.lossBefore = afterFirst(-p.gather(1, said).squeeze(1));
        one.lossAfter = afterFirst(-q.gather(1, said).squeeze(1));
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace driftscope::llm
