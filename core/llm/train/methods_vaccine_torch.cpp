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

double squares(const Tensor& x) {
    return x.defined() ? std::pow(normOf(x), 2) : 0;
}

}  // namespace

Result<Perturbation> Perturbation::find(const StepContext& context, const MicroBatches& batches, double rho, const std::vector<bool>& layers, std::uint64_t draw) {
    Perturbation found;
    found.offsets_.assign(batches.size(), std::vector<Tensor>(static_cast<std::size_t>(context.model.config().layers)));
    StepContext::Pass pass;
    pass.mode = Mode::Fixed;
    pass.draw = draw;
    // A zero that is added to each attention output: its gradient is that of the output. Made once, for a checkpointed block
    // runs twice.
    pass.hook = [&](std::size_t micro) -> Hook {
        return [&found, &layers, micro](Point point, std::int64_t layer, const Tensor& value) {
            if (point != Point::AttentionOut || !wanted(layers, layer)) return value;
            Tensor& offset = found.offsets_[micro][static_cast<std::size_t>(layer)];
            if (!offset.defined()) offset = torch::zeros_like(value, value.options().requires_grad(true));
            return value + offset;
        };
    };
    DS_ASSIGN(found.loss_, context.backward(batches, pass));
    double sum = 0;
    for (auto& micro : found.offsets_)
        for (Tensor& offset : micro) {
            offset = offset.defined() ? offset.grad() : Tensor();
            sum += squares(offset);
        }
    found.gradientNorm_ = std::sqrt(sum);
    const torch::NoGradGuard noGradient;
    for (auto& micro : found.offsets_)
        for (Tensor& offset : micro)
            if (offset.defined()) offset.mul_(rho / (found.gradientNorm_ + kTiny));
    return found;
}

Hook Perturbation::hook(std::size_t micro) const {
    return [this, micro](Point point, std::int64_t layer, const Tensor& value) {
        const Tensor& offset = offsets_[micro][static_cast<std::size_t>(std::min<std::int64_t>(layer, static_cast<std::int64_t>(offsets_[micro].size()) - 1))];
        return point == Point::AttentionOut && offset.defined() ? value + offset : value;
    };
}

std::vector<double> Perturbation::layerNorms() const {
    std::vector<double> sums(offsets_.empty() ? 0 : offsets_[0].size(), 0.0);
    for (const auto& micro : offsets_)
        for (std::size_t layer = 0; layer < sums.size(); ++layer) sums[layer] += squares(micro[layer]);
    for (double& sum : sums) sum = std::sqrt(sum);
    return sums;
}

double Perturbation::norm() const {
    double sum = 0;
    for (const double one : layerNorms()) sum += one * one;
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
        DS_ASSIGN(const Perturbation found, Perturbation::find(context, group, rho, layers, 0));
        context.parameters.clearGradient();
        StepContext::Pass pass;
        pass.draw = options.upstreamRedraw ? 1 : 0;
        pass.hook = [&](std::size_t micro) { return found.hook(micro); };
        DS_ASSIGN(report.loss, context.backward(group, pass));
        const std::vector<double> norms = found.layerNorms();
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
            return [this, seed = randomBits(context.stepSeed(kNoise), 1, micro)](Point point, std::int64_t layer, const Tensor& value) {
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
