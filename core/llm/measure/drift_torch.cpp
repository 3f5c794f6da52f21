#include "core/llm/measure/drift_torch.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "core/llm/measure/similarity_torch.h"
#include "core/tensor/guard.h"

namespace driftscope::llm {
namespace {

using Key = std::pair<Point, std::int64_t>;
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

/// Hidden states of one batch.
struct Captured {
    std::map<Key, Tensor> states;  ///< at the wanted points, float32 or better
    Tensor last;
};

Captured capture(const CausalModel& model, const Batch& batch, const std::vector<Point>& points) {
    Captured captured;
    ForwardInput input;
    input.ids = batch.ids;
    input.hook = [&](Point point, std::int64_t layer, const Tensor& value) {
        if (std::find(points.begin(), points.end(), point) != points.end()) captured.states[{point, layer}] = value.scalar_type() == torch::kFloat64 ? value : value.to(torch::kFloat32);
        return value;
    };
    captured.last = model.hidden(input);
    return captured;
}

/// (B, T) weights of a class's tokens, 1 or 0.
Tensor classMask(const Batch& batch, TokenClass tokens) {
    Tensor mask = torch::zeros(batch.ids.sizes(), torch::kFloat32);
    for (std::size_t r = 0; r < batch.samples.size(); ++r) {
        const TokenSample& sample = (*batch.set)[batch.samples[r]];
        const auto length = static_cast<std::int64_t>(sample.ids.size()), prompt = std::min(sample.promptLength, length);
        std::int64_t begin = 0, end = length;
        if (tokens == TokenClass::Bos) end = std::min<std::int64_t>(1, length);
        if (tokens == TokenClass::Prompt) end = prompt;
        if (tokens == TokenClass::LastPrompt) begin = std::max<std::int64_t>(0, prompt - 1), end = prompt;
        if (tokens == TokenClass::Response) begin = prompt;
        if (tokens == TokenClass::FirstResponse) begin = prompt, end = std::min(prompt + 1, length);
        if (end > begin) mask[static_cast<std::int64_t>(r)].slice(0, begin, end).fill_(1);
    }
    return mask.to(batch.ids.device());
}

/// Mean over the masked tokens, (B, hidden); NaN where there are none.
Tensor pool(const Tensor& states, const Tensor& mask) {
    const Tensor weights = mask.to(states.scalar_type()).unsqueeze(-1);
    return (states * weights).sum(1) / weights.sum(1);
}

struct Sums {
    double squares = 0, norms = 0, before = 0, relative = 0, cosine = 0, ratio = 0, along = 0, across = 0;
    std::int64_t tokens = 0, pooled = 0;
    std::vector<Tensor> vectorsBefore, vectorsAfter;
};

void add(Sums& sums, const Tensor& before, const Tensor& after, const Tensor& counted) {
    const Tensor weights = counted.to(before.scalar_type());
    const Tensor difference = (after - before) * weights.unsqueeze(-1), base = before * weights.unsqueeze(-1);
    const double square = difference.square().sum().item<double>();
    sums.squares += square;
    sums.norms += std::sqrt(square);
    sums.before += base.square().sum().item<double>();
    const Tensor size = before.norm(2, -1).clamp_min(1e-30), other = after.norm(2, -1).clamp_min(1e-30);
    sums.relative += (difference.norm(2, -1) / size).sum().item<double>();
    sums.cosine += ((1 - (before * after).sum(-1) / (size * other)) * weights).sum().item<double>();
    sums.ratio += (other / size * weights).sum().item<double>();
    sums.tokens += static_cast<std::int64_t>(weights.sum().item<double>());
}

void addPooled(Sums& sums, const Tensor& before, const Tensor& after, const Tensor* direction, bool keep) {
    const Tensor whole = before.isfinite().all(1).logical_and(after.isfinite().all(1)).nonzero().squeeze(1);
    const Tensor x = before.index_select(0, whole), y = after.index_select(0, whole);
    if (keep) sums.vectorsBefore.push_back(x), sums.vectorsAfter.push_back(y);
    sums.pooled += x.size(0);
    if (!direction) return;
    const Tensor difference = y - x, along = difference.mv(direction->to(difference.scalar_type()));
    sums.along += along.sum().item<double>();
    sums.across += (difference - along.unsqueeze(1) * direction->to(difference.scalar_type())).norm(2, 1).sum().item<double>();
}

LayerDrift finish(const Key& key, const Sums& sums, bool directed) {
    LayerDrift drift{key.first, key.second};
    drift.sumSquares = sums.squares;
    drift.sumNorms = sums.norms;
    const auto mean = [](double sum, std::int64_t count) { return count ? sum / static_cast<double>(count) : kNothing; };
    drift.relative = sums.before > 0 ? std::sqrt(sums.squares / sums.before) : kNothing;
    drift.relativeTokens = mean(sums.relative, sums.tokens);
    drift.cosine = mean(sums.cosine, sums.tokens);
    drift.normRatio = mean(sums.ratio, sums.tokens);
    drift.alongDirection = directed ? mean(sums.along, sums.pooled) : kNothing;
    drift.acrossDirection = directed ? mean(sums.across, sums.pooled) : kNothing;
    drift.cka = drift.procrustes = kNothing;
    if (!sums.vectorsBefore.empty() && sums.pooled > 1) {
        const Tensor x = at::cat(sums.vectorsBefore), y = at::cat(sums.vectorsAfter);
        drift.cka = linearCka(x, y, x.size(0) < x.size(1));
        drift.procrustes = procrustes(x, y);
    }
    return drift;
}

Result<void> checkFinite(const Tensor& states, const Batch& batch, const Key& key) {
    const Tensor good = states.isfinite().flatten(1).all(1).to(torch::kCPU);
    for (std::size_t r = 0; r < batch.samples.size(); ++r)
        if (!good[static_cast<std::int64_t>(r)].item<bool>())
            return fail(ErrorCode::Numeric, fmt::format("The {} of layer {} is not finite for {}.", name(key.first), key.second, (*batch.set)[batch.samples[r]].name),
                        "Use precision=fp32, and check the weights.");
    return {};
}

std::vector<std::size_t> indices(const TokenSet& set, std::size_t begin, std::size_t count) {
    std::vector<std::size_t> some(std::min(count, set.size() - begin));
    std::iota(some.begin(), some.end(), begin);
    return some;
}

}  // namespace

std::string_view name(TokenClass tokens) {
    constexpr std::string_view names[] = {"all", "bos", "prompt", "last_prompt", "first_response", "response"};
    return names[static_cast<std::size_t>(tokens)];
}

std::string_view name(Point point) {
    constexpr std::string_view names[] = {"attention_out", "mlp_out", "residual", "final_norm"};
    return names[static_cast<std::size_t>(point)];
}

Result<TokenClass> tokenClassFromName(const std::string& text) {
    for (int i = 0; i <= static_cast<int>(TokenClass::Response); ++i)
        if (text == name(static_cast<TokenClass>(i))) return static_cast<TokenClass>(i);
    return fail(ErrorCode::Usage, fmt::format("There is no token class '{}'.", text), "Use all, bos, prompt, last_prompt, first_response or response.");
}

Result<Point> pointFromName(const std::string& text) {
    for (int i = 0; i <= static_cast<int>(Point::FinalNorm); ++i)
        if (text == name(static_cast<Point>(i))) return static_cast<Point>(i);
    return fail(ErrorCode::Usage, fmt::format("There is no capture point '{}'.", text), "Use attention_out, mlp_out, residual or final_norm.");
}

Result<std::vector<LayerDrift>> measureDrift(const CausalModel& before, const CausalModel& after, const TokenSet& set, const DriftOptions& options, const Directions& directions,
                                             const DriftWatch& watch) {
    if (before.config().hidden != after.config().hidden || before.config().layers != after.config().layers)
        return fail(ErrorCode::BadInput, "The two models have different sizes, so their hidden states cannot be compared.");
    return tensor::guarded("measuring drift", [&]() -> Result<std::vector<LayerDrift>> {
        const torch::NoGradGuard noGradient;
        std::map<Key, Sums> sums;
        for (std::size_t begin = 0; begin < set.size(); begin += options.batch) {
            const Batch batch = makeBatch(set, indices(set, begin, options.batch), 0, before.placement().device);
            const auto first = capture(before, batch, options.points);
            const auto second = capture(after, batch, options.points);
            if (watch.states) DS_TRY(watch.states({batch, first.states, second.states, first.last, second.last}));
            const Tensor counted = options.countPads ? torch::ones_like(batch.real) : batch.real, mask = classMask(batch, options.tokens);
            for (const auto& [key, state] : first.states) {
                const Tensor& other = second.states.at(key);
                DS_TRY(checkFinite(state, batch, key));
                DS_TRY(checkFinite(other, batch, key));
                add(sums[key], state, other, counted);
                const Tensor x = pool(state, mask), y = pool(other, mask);
                const auto direction = directions.find(key);
                addPooled(sums[key], x, y, direction == directions.end() ? nullptr : &direction->second, options.similarity);
                if (watch.pooled) DS_TRY(watch.pooled({key.first, key.second, batch.samples, x.to(torch::kCPU, torch::kFloat32), y.to(torch::kCPU, torch::kFloat32)}));
            }
        }
        std::vector<LayerDrift> drift;
        for (const auto& [key, sum] : sums) drift.push_back(finish(key, sum, directions.count(key) > 0));
        return drift;
    });
}

Result<Tensor> pooledStates(const CausalModel& model, const TokenSet& set, Point point, std::int64_t layer, TokenClass tokens) {
    return tensor::guarded("reading hidden states", [&]() -> Result<Tensor> {
        const torch::NoGradGuard noGradient;
        const Batch batch = makeBatch(set, indices(set, 0, set.size()), 0, model.placement().device);
        const Captured captured = capture(model, batch, {point});
        const auto states = captured.states.find({point, layer});
        if (states == captured.states.end()) return fail(ErrorCode::Usage, fmt::format("The model has no {} at layer {}.", name(point), layer), fmt::format("Its {} layers count from 0; final_norm stands at {}.", model.config().layers, model.config().layers));
        return pool(states->second, classMask(batch, tokens)).to(torch::kCPU, torch::kFloat32);
    });
}

Result<Directions> refusalDirections(const CausalModel& model, const TokenSet& harmful, const TokenSet& harmless, const DriftOptions& options) {
    return tensor::guarded("finding the refusal direction", [&]() -> Result<Directions> {
        const torch::NoGradGuard noGradient;
        const auto means = [&](const TokenSet& set) {
            std::map<Key, Tensor> sums;
            for (std::size_t begin = 0; begin < set.size(); begin += options.batch) {
                const Batch batch = makeBatch(set, indices(set, begin, options.batch), 0, model.placement().device);
                const Tensor mask = classMask(batch, TokenClass::LastPrompt);
                const Captured captured = capture(model, batch, options.points);
                for (const auto& [key, state] : captured.states) {
                    const Tensor sum = pool(state, mask).nan_to_num(0).sum(0) / static_cast<double>(set.size());
                    sums[key] = sums.count(key) ? sums[key] + sum : sum;
                }
            }
            return sums;
        };
        Directions directions;
        const auto first = means(harmful), second = means(harmless);
        for (const auto& [key, mean] : first) {
            const Tensor difference = mean - second.at(key);
            directions[key] = difference / difference.norm().clamp_min(1e-30);
        }
        return directions;
    });
}

CausalModel frozenCopy(const CausalModel& model) {
    const torch::NoGradGuard noGradient;
    CausalModel copy = model;
    for (Linear* linear : copy.linears()) {
        if (!linear->lora) continue;
        linear->lora->a = linear->lora->a.detach().clone();
        linear->lora->b = linear->lora->b.detach().clone();
    }
    return copy;
}

}  // namespace driftscope::llm
