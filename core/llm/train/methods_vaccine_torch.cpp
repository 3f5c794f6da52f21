#include <algorithm>
#include <cmath>

#include "core/base/fingerprint.h"
#include "core/llm/train/perturbation_torch.h"

namespace driftscope::llm {
namespace {

constexpr double kTiny = 1e-7;  // upstream's guard against division by zero

enum Purpose : std::uint64_t { kNoise = 31, kLayers = 32 };

bool wanted(const std::vector<bool>& layers, std::int64_t layer) {
    return layers.empty() || layers[static_cast<std::size_t>(layer)];
}

/// Squared norms of the defined ones, 0 for the others, (n) float64 on the CPU.
Tensor squaresOf(const std::vector<Tensor>& all) {
    std::vector<Tensor> sums;
    for (const Tensor& one : all) sums.push_back(one.defined() ? one.norm().square().to(torch::kFloat64) : torch::zeros({}, torch::kFloat64));
    for (Tensor& sum : sums) sum = sum.to(torch::kCPU);
    return at::stack(sums);
}

}  // namespace

Result<Perturbation> Perturbation::find(const StepContext& context, const MicroBatches& batches, double rho, const std::vector<bool>& layers, std::uint64_t draw) {
    Perturbation found;
    found.draw_ = draw;
    found.offsets_.assign(batches.size(), std::vector<Tensor>(static_cast<std::size_t>(context.model.config().layers)));
    DS_TRY(context.checkpoint ? found.differentiateCheckpointed(context, batches, layers) : found.differentiate(context, batches, layers));
    const torch::NoGradGuard noGradient;
    Tensor squares = torch::zeros({context.model.config().layers}, torch::kFloat64);
    for (const auto& micro : found.offsets_) squares += squaresOf(micro);
    if (context.group) context.group->sum(squares);
    found.gradientNorm_ = std::sqrt(squares.sum().item<double>());
    const double scale = rho / (found.gradientNorm_ + kTiny);
    for (auto& micro : found.offsets_)
        for (Tensor& offset : micro)
            if (offset.defined()) offset = offset * scale;
    const Tensor norms = squares.sqrt() * scale;
    found.layerNorms_.assign(norms.data_ptr<double>(), norms.data_ptr<double>() + norms.numel());
    return found;
}

/// Gradients with respect to the attention outputs themselves: nothing is added to the graph, and below the first wanted output
/// there is none.
Result<void> Perturbation::differentiate(const StepContext& context, const MicroBatches& batches, const std::vector<bool>& layers) {
    std::vector<std::pair<std::int64_t, Tensor>> seen;
    StepContext::Pass pass;
    pass.mode = Mode::Fixed;
    pass.draw = draw_;
    pass.hook = [&](std::size_t) -> Hook {
        seen.clear();
        return [&](Point point, std::int64_t layer, const Tensor& value) {
            if (point != Point::AttentionOut || !wanted(layers, layer)) return value;
            const Tensor output = value.requires_grad() ? value : value.detach().requires_grad_(true);
            seen.emplace_back(layer, output);
            return output;
        };
    };
    firstAttention_.assign(batches.size(), Tensor());
    pass.firstAttention = [this](std::size_t micro) { return &firstAttention_[micro]; };
    const auto see = [&](std::size_t micro, const Tensor& loss) {
        std::vector<Tensor> outputs;
        for (const auto& [layer, output] : seen) outputs.push_back(output);
        const std::vector<Tensor> gradients = torch::autograd::grad({loss}, outputs);
        for (std::size_t i = 0; i < seen.size(); ++i) offsets_[micro][static_cast<std::size_t>(seen[i].first)] = gradients[i];
    };
    DS_ASSIGN(loss_, context.losses(batches, pass, see));
    return {};
}

/// The inside of a checkpointed block cannot be reached by its gradient, but what is added there can: a zero, made once, for
/// the block runs twice.
Result<void> Perturbation::differentiateCheckpointed(const StepContext& context, const MicroBatches& batches, const std::vector<bool>& layers) {
    StepContext::Pass pass;
    pass.mode = Mode::Fixed;
    pass.draw = draw_;
    pass.hook = [&](std::size_t micro) -> Hook {
        return [&, micro](Point point, std::int64_t layer, const Tensor& value) {
            if (point != Point::AttentionOut || !wanted(layers, layer)) return value;
            Tensor& offset = offsets_[micro][static_cast<std::size_t>(layer)];
            if (!offset.defined()) offset = torch::zeros_like(value, value.options().requires_grad(true));
            return value + offset;
        };
    };
    DS_ASSIGN(loss_, context.losses(batches, pass, [](std::size_t, const Tensor& loss) { loss.backward(); }));
    for (auto& micro : offsets_)
        for (Tensor& offset : micro)
            if (offset.defined()) offset = offset.grad();
    return {};
}

Hook Perturbation::hook(std::size_t micro) const {
    return [this, micro](Point point, std::int64_t layer, const Tensor& value) {
        const Tensor& offset = offsets_[micro][static_cast<std::size_t>(std::min<std::int64_t>(layer, static_cast<std::int64_t>(offsets_[micro].size()) - 1))];
        return point == Point::AttentionOut && offset.defined() ? value + offset : value;
    };
}

StepContext::Pass Perturbation::pass(std::uint64_t draw) {
    StepContext::Pass pass;
    pass.draw = draw;
    pass.hook = [this](std::size_t micro) { return hook(micro); };
    if (draw == draw_ && !firstAttention_.empty()) pass.firstAttention = [this](std::size_t micro) { return &firstAttention_[micro]; };
    return pass;
}

double Perturbation::norm() const {
    double sum = 0;
    for (const double one : layerNorms_) sum += one * one;
    return std::sqrt(sum);
}

Result<void> vaccineGradient(StepContext& context, const MicroBatches& batches, double rho, const MethodOptions& options, const std::vector<bool>& layers, StepReport& report) {
    // Upstream treats each micro-batch alone and clears what the one before has left.
    std::vector<MicroBatches> groups{batches};
    if (options.upstreamAccumulation) {
        groups.clear();
        for (const Batch& batch : batches) groups.push_back({batch});
    }
    for (const MicroBatches& group : groups) {
        DS_ASSIGN(Perturbation found, Perturbation::find(context, group, rho, layers, 0));
        context.parameters.clearGradient();
        DS_ASSIGN(report.loss, context.backward(group, found.pass(options.upstreamRedraw ? 1 : 0)));
        const std::vector<double>& norms = found.layerNorms();
        const double total = found.norm();
        report.metrics = {{"vaccine/loss unperturbed", found.loss()}, {"vaccine/gradient norm", found.gradientNorm()}, {"vaccine/perturbation norm", total}};
        for (std::size_t layer = 0; layer < norms.size(); ++layer)
            report.metrics.emplace_back(fmt::format("vaccine/share of layer {}", layer), total > 0 ? std::pow(norms[layer] / total, 2) : 0);
    }
    if (groups.size() > 1) context.parameters.gradient().div_(static_cast<double>(groups.size()));
    return {};
}

namespace {

class Sft final : public Method {
  public:
    Result<StepReport> gradient(StepContext& context) override {
        DS_ASSIGN(const MicroBatches batches, context.take(Stream::Primary));
        StepReport report;
        DS_ASSIGN(report.loss, context.backward(batches));
        return report;
    }
};

class Vaccine final : public Method {
  public:
    explicit Vaccine(const MethodOptions& options) : options_(options) {}
    Result<StepReport> gradient(StepContext& context) override {
        DS_ASSIGN(const MicroBatches batches, context.take(Stream::Primary));
        StepReport report;
        DS_TRY(vaccineGradient(context, batches, options_.rho, options_, {}, report));
        return report;
    }

  private:
    MethodOptions options_;
};

/// Gaussian noise of variance rho on every element of the attention outputs (Vaccine, table 7).
class RandomVaccine final : public Method {
  public:
    explicit RandomVaccine(const MethodOptions& options) : deviation_(std::sqrt(options.rho)) {}
    Result<StepReport> gradient(StepContext& context) override {
        DS_ASSIGN(const MicroBatches batches, context.take(Stream::Primary));
        StepContext::Pass pass;
        pass.hook = [&](std::size_t micro) -> Hook {
            return [this, seed = randomBits(context.stepSeed(kNoise), 1, context.numberOf(micro))](Point point, std::int64_t layer, const Tensor& value) {
                if (point != Point::AttentionOut || deviation_ == 0) return value;
                torch::manual_seed(randomBits(seed, 2, static_cast<std::uint64_t>(layer)));  // a checkpointed block draws the same again
                return value + torch::randn_like(value.detach()) * deviation_;
            };
        };
        StepReport report;
        DS_ASSIGN(report.loss, context.backward(batches, pass));
        return report;
    }

  private:
    double deviation_;
};

/// T-Vaccine: perturbs and trains `layers` blocks only, drawn with probabilities proportional to the norms of the harmful
/// loss's gradient at their attention outputs.
class TargetedVaccine final : public Method {
  public:
    explicit TargetedVaccine(const MethodOptions& options) : options_(options) {}

    Result<StepReport> gradient(StepContext& context) override {
        if (chosen_.empty() || context.step % options_.layersEvery == 0) DS_TRY(choose(context));
        DS_ASSIGN(const MicroBatches batches, context.take(Stream::Primary));
        StepReport report;
        DS_TRY(vaccineGradient(context, batches, options_.rho, options_, chosen_, report));
        for (const FlatParameters::Part& part : context.parameters.parts()) {
            report.active.push_back(part.layer >= 0 && chosen_[static_cast<std::size_t>(part.layer)]);
            if (!report.active.back()) context.parameters.gradient().narrow(0, part.begin, part.size).zero_();
        }
        return report;
    }
    nlohmann::json state() const override { return chosen_; }
    Result<void> restore(const TensorMap&, const nlohmann::json& state) override {
        chosen_ = state.get<std::vector<bool>>();
        return {};
    }

  private:
    Result<void> choose(StepContext& context) {
        DS_ASSIGN(const MicroBatches batches, context.take(Stream::Harmful));
        DS_ASSIGN(const Perturbation harmful, Perturbation::find(context, batches, 1, {}, 0));
        context.parameters.clearGradient();
        std::vector<double> shares = harmful.layerNorms();
        chosen_.assign(shares.size(), false);
        const auto count = std::min<std::size_t>(shares.size(), static_cast<std::size_t>(options_.layers));
        for (std::size_t k = 0; k < count; ++k) {
            double sum = 0;
            for (const double share : shares) sum += share;
            double left = sum * randomUnit(context.stepSeed(kLayers), 1, k);
            std::size_t pick = 0;
            while (pick + 1 < shares.size() && (chosen_[pick] || left >= shares[pick])) left -= shares[pick++];
            while (chosen_[pick]) pick = (pick + 1) % shares.size();
            chosen_[pick] = true;
            shares[pick] = 0;
        }
        return {};
    }

    MethodOptions options_;
    std::vector<bool> chosen_;
};

}  // namespace

std::unique_ptr<Method> makeSft() {
    return std::make_unique<Sft>();
}
std::unique_ptr<Method> makeVaccine(const MethodOptions& options) {
    return std::make_unique<Vaccine>(options);
}
std::unique_ptr<Method> makeRandomVaccine(const MethodOptions& options) {
    return std::make_unique<RandomVaccine>(options);
}
std::unique_ptr<Method> makeTargetedVaccine(const MethodOptions& options) {
    return std::make_unique<TargetedVaccine>(options);
}

}  // namespace driftscope::llm
