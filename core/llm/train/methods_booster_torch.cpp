#include "core/llm/train/perturbation_torch.h"

namespace driftscope::llm {
namespace {

constexpr double kTiny = 1e-7;

/// Booster (ICLR 2025): min f(w) + lambda (h(w) - h(w - alpha grad h / ||grad h||)) with the inner step's Jacobian dropped. The
/// gradient is grad f + lambda (grad h(w) - grad h(w')).
class Booster final : public Method {
  public:
    Booster(const MethodOptions& options, bool perturbed) : options_(options), perturbed_(perturbed) {}

    Result<StepReport> gradient(StepContext& context) override {
        const FlatParameters& parameters = context.parameters;
        StepReport report;
        DS_ASSIGN(const MicroBatches harmful, harmfulBatches(context));
        DS_ASSIGN(const Tensor difference, attenuation(context, harmful, report));
        parameters.clearGradient();
        DS_ASSIGN(const MicroBatches batches, context.take(Stream::Primary));
        if (perturbed_) {
            DS_TRY(vaccineGradient(context, batches, options_.vaccineRho, options_, {}, report));
        } else if (options_.upstreamAccumulation) {
            DS_ASSIGN(report.loss, context.backward({batches.back()}));
            parameters.gradient().div_(static_cast<double>(batches.size()));
        } else {
            DS_ASSIGN(report.loss, context.backward(batches));
        }
        parameters.gradient().add_(difference, options_.lambda);
        report.metrics.insert(report.metrics.end(), boosterMetrics_.begin(), boosterMetrics_.end());
        return report;
    }

  private:
    Result<MicroBatches> harmfulBatches(StepContext& context) const {
        DS_ASSIGN(MicroBatches batches, context.take(Stream::Harmful));
        if (options_.upstreamAccumulation) batches = {batches.back()};
        return batches;
    }

    /// grad h(w) - grad h(w'); the weights are as before afterwards, to the bit unless upstream's way is asked for.
    Result<Tensor> attenuation(StepContext& context, const MicroBatches& harmful, StepReport&) {
        const FlatParameters& parameters = context.parameters;
        StepContext::Pass pass;
        pass.draw = 2;
        DS_ASSIGN(const double before, context.backward(harmful, pass));
        const Tensor first = parameters.gradient().clone();
        const double norm = normOf(first);
        const double length = options_.alpha / (norm + kTiny);
        const Tensor kept = options_.upstreamRestore ? Tensor() : parameters.values().clone();
        parameters.values().sub_(first, length);
        parameters.clearGradient();
        if (options_.upstreamRedraw) pass.draw = 3;
        const Result<double> after = context.backward(harmful, pass);
        if (kept.defined()) parameters.values().copy_(kept);
        else parameters.values().add_(first, length);
        if (!after) return tl::unexpected(after.error());
        boosterMetrics_ = {{"booster/harmful loss", before}, {"booster/harmful loss after step", *after}, {"booster/harmful gradient norm", norm},
                           {"booster/slope", options_.alpha > 0 ? (*after - before) / options_.alpha : 0}};
        return first - parameters.gradient();
    }

    MethodOptions options_;
    bool perturbed_;
    std::vector<std::pair<std::string, double>> boosterMetrics_;
};

}  // namespace

std::unique_ptr<Method> makeBooster(const MethodOptions& options, bool perturbed) {
    return std::make_unique<Booster>(options, perturbed);
}

}  // namespace driftscope::llm
