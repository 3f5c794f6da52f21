#include <cmath>

#include "core/llm/train/perturbation_torch.h"

namespace driftscope::llm {
namespace {

Result<Tensor> stored(const TensorMap& tensors, const char* name, const Tensor& like) {
    const auto found = tensors.find(name);
    if (found == tensors.end() || found->second.numel() != like.numel())
        return fail(ErrorCode::BadInput, fmt::format("The checkpoint has no fitting '{}'.", name), "Start the training again with --overwrite.");
    return found->second.to(like.options()).clone();
}

/// Lisa (NeurIPS 2024, eq. 2): alternates between K1 steps on alignment data and K2 on user data, each held near the weights
/// at the end of the other state by rho/2 ||w - anchor||^2. BSO is rho = 0.
class Lisa final : public Method {
  public:
    explicit Lisa(const MethodOptions& options) : options_(options) {}

    Result<void> begin(StepContext& context) override {
        alignment_ = options_.alignSteps > 0;
        alignAnchor_ = context.parameters.values().clone();
        userAnchor_ = alignAnchor_.clone();
        return {};
    }

    Result<StepReport> gradient(StepContext& context) override {
        StepReport report;
        switchPhase(context);
        if (alignment_ && !options_.keepUser) DS_TRY(context.take(Stream::Primary));  // upstream throws this batch away
        DS_ASSIGN(const MicroBatches batches, context.take(alignment_ ? Stream::Align : Stream::Primary));
        DS_ASSIGN(report.loss, context.backward(batches));
        const Tensor& anchor = alignment_ ? userAnchor_ : alignAnchor_;
        const Tensor away = context.parameters.values() - anchor;
        const double distance = normOf(away);
        report.metrics = {{"lisa/alignment state", alignment_ ? 1.0 : 0.0}, {"lisa/anchor distance", distance}};
        if (options_.rho > 0 && static_cast<double>(context.step) > options_.proximalStart * static_cast<double>(context.steps)) {
            context.parameters.gradient().add_(away, options_.rho);
            report.loss += options_.rho / 2 * distance * distance;
        }
        ++clock_;
        return report;
    }

    tensor::NamedTensors tensors() const override { return {{"lisa.align", alignAnchor_}, {"lisa.user", userAnchor_}}; }
    nlohmann::json state() const override { return {{"alignment", alignment_}, {"clock", clock_}}; }
    Result<void> restore(const TensorMap& tensors, const nlohmann::json& state) override {
        alignment_ = state.at("alignment");
        clock_ = state.at("clock");
        const Tensor& like = tensors.at("values");
        DS_ASSIGN(alignAnchor_, stored(tensors, "lisa.align", like));
        DS_ASSIGN(userAnchor_, stored(tensors, "lisa.user", like));
        return {};
    }

  private:
    /// The phase of exactly K1 or K2 steps is over: remember where it ended.
    void switchPhase(const StepContext& context) {
        const std::int64_t length = alignment_ ? options_.alignSteps : options_.userSteps, other = alignment_ ? options_.userSteps : options_.alignSteps;
        if (clock_ == 0 || clock_ % length != 0 || other == 0) return;
        (alignment_ ? alignAnchor_ : userAnchor_).copy_(context.parameters.values());
        alignment_ = !alignment_;
        clock_ = 0;
    }

    MethodOptions options_;
    bool alignment_ = true;
    std::int64_t clock_ = 0;
    Tensor alignAnchor_, userAnchor_;
};

/// EWC: loss + lambda sum F (w - w0)^2 with F summed over squared batch gradients on the alignment data, in training mode.
class Ewc final : public Method {
  public:
    explicit Ewc(const MethodOptions& options) : options_(options) {}

    Result<void> begin(StepContext& context) override {
        start_ = context.parameters.values().clone();
        fisher_ = torch::zeros_like(start_);
        for (const Batch& batch : context.peek(Stream::Align, options_.fisherBatches)) {
            if (batch.count() == 0) continue;
            context.parameters.clearGradient();
            DS_TRY(context.backward({batch}));
            fisher_.addcmul_(context.parameters.gradient(), context.parameters.gradient());
        }
        leaked_ = options_.upstreamFisherLeak ? context.parameters.gradient().clone() : Tensor();
        context.parameters.clearGradient();
        return {};
    }

    Result<StepReport> gradient(StepContext& context) override {
        DS_ASSIGN(const MicroBatches batches, context.take(Stream::Primary));
        StepReport report;
        DS_ASSIGN(report.loss, context.backward(batches));
        const Tensor away = context.parameters.values() - start_, pull = fisher_ * away;
        context.parameters.gradient().add_(pull, 2 * options_.lambda);
        const double penalty = options_.lambda * pull.dot(away).item<double>();
        report.loss += penalty;
        report.metrics = {{"ewc/penalty", penalty}};
        if (leaked_.defined() && context.step == 0) context.parameters.gradient().add_(leaked_);
        return report;
    }

    tensor::NamedTensors tensors() const override { return {{"ewc.start", start_}, {"ewc.fisher", fisher_}}; }
    Result<void> restore(const TensorMap& tensors, const nlohmann::json&) override {
        DS_ASSIGN(start_, stored(tensors, "ewc.start", tensors.at("values")));
        DS_ASSIGN(fisher_, stored(tensors, "ewc.fisher", tensors.at("values")));
        return {};
    }

  private:
    MethodOptions options_;
    Tensor start_, fisher_, leaked_;
};

/// L(user) + lambda L(alignment batch), as Booster's VlguardTrainer.
class Vlguard final : public Method {
  public:
    explicit Vlguard(const MethodOptions& options) : options_(options) {}
    Result<StepReport> gradient(StepContext& context) override {
        DS_ASSIGN(const MicroBatches guide, context.take(Stream::Align));
        DS_ASSIGN(const double guideLoss, context.backward(guide));
        context.parameters.gradient().mul_(options_.lambda);
        DS_ASSIGN(const MicroBatches batches, context.take(Stream::Primary));
        StepReport report;
        DS_ASSIGN(report.loss, context.backward(batches));
        report.loss += options_.lambda * guideLoss;
        report.metrics = {{"vlguard/alignment loss", guideLoss}};
        return report;
    }

  private:
    MethodOptions options_;
};

}  // namespace

std::unique_ptr<Method> makeLisa(const MethodOptions& options) {
    return std::make_unique<Lisa>(options);
}
std::unique_ptr<Method> makeEwc(const MethodOptions& options) {
    return std::make_unique<Ewc>(options);
}
std::unique_ptr<Method> makeVlguard(const MethodOptions& options) {
    return std::make_unique<Vlguard>(options);
}

}  // namespace driftscope::llm
