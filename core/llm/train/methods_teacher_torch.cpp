#include <cmath>

#include "core/llm/train/perturbation_torch.h"

namespace driftscope::llm {
namespace {

/// Methods that hold the model near what it was at the start: the start's values are put in place for a forward pass
/// without gradients, which costs no second model.
class TeacherMethod : public Method {
  public:
    Result<void> begin(StepContext& context) override {
        start_ = context.parameters.values().clone();
        return {};
    }
    tensor::NamedTensors tensors() const override { return {{"teacher", start_}}; }
    Result<void> restore(const TensorMap& tensors, const nlohmann::json&) override {
        if (!tensors.count("teacher")) return fail(ErrorCode::BadInput, "The checkpoint has no 'teacher'.", "Start the training again with --overwrite.");
        start_ = tensors.at("teacher").to(tensors.at("values").options()).clone();
        return {};
    }

  protected:
    template <class Work>
    auto asTeacher(const StepContext& context, Work&& work) const {
        const torch::NoGradGuard noGradient;
        const Tensor kept = context.parameters.values().clone();
        context.parameters.values().copy_(start_);
        auto result = work();
        context.parameters.values().copy_(kept);
        return result;
    }

  private:
    Tensor start_;
};

/// Cross-entropy + lambda KL(teacher || student). Ours: mean over real positions, softmax over the vocabulary. Upstream's:
/// divided by the batch's size, softmax over time, padding counted.
class Kl final : public TeacherMethod {
  public:
    explicit Kl(const MethodOptions& options) : options_(options) {}
    Result<StepReport> gradient(StepContext& context) override {
        DS_ASSIGN(const MicroBatches batches, context.take(Stream::Primary));
        const auto targets = static_cast<double>(context.targetsOf(batches));
        std::int64_t real = 0, rows = 0;
        for (const Batch& batch : batches) real += batch.real.sum().item<std::int64_t>(), rows += batch.ids.size(0);
        real = context.together(real), rows = context.together(rows);
        const std::int64_t axis = options_.upstreamKlAxis ? 1 : 2;
        const double share = 1.0 / static_cast<double>(options_.upstreamKlAxis ? rows : real);
        StepReport report;
        double divergence = 0;
        for (std::size_t micro = 0; micro < batches.size(); ++micro) {
            const Batch& batch = batches[micro];
            ForwardInput plain;
            plain.ids = batch.ids;
            const Tensor teacher = asTeacher(context, [&] { return at::softmax(context.model.logits(context.model.hidden(plain)), axis); });
            const Tensor hidden = context.model.hidden(context.forward(batch, {}, micro));
            Tensor each = at::kl_div(at::log_softmax(context.model.logits(hidden), axis), teacher, at::Reduction::None);
            if (!options_.upstreamKlAxis) each = each.sum(2).masked_select(batch.real);
            const Tensor kl = each.sum() * share;
            const Tensor loss = lossSum(context.model, batch, hidden) / targets + options_.lambda * kl;
            report.loss += loss.item<double>();
            divergence += kl.item<double>();
            loss.backward();
        }
        context.sumGradient();
        report.loss = context.together(report.loss);
        report.metrics = {{"kl/divergence", context.together(divergence)}};
        return report;
    }

  private:
    MethodOptions options_;
};

/// Cross-entropy + sum_l rho/2 ||mlp_l - mlp_l(start)||_F^2 over real tokens.
class Ldifs final : public TeacherMethod {
  public:
    explicit Ldifs(const MethodOptions& options) : options_(options) {}
    Result<StepReport> gradient(StepContext& context) override {
        DS_ASSIGN(const MicroBatches batches, context.take(Stream::Primary));
        const auto targets = static_cast<double>(context.targetsOf(batches));
        StepReport report;
        double penalty = 0;
        for (std::size_t micro = 0; micro < batches.size(); ++micro) {
            const Batch& batch = batches[micro];
            std::vector<Tensor> before, now;
            ForwardInput plain;
            plain.ids = batch.ids;
            plain.hook = collector(before);
            asTeacher(context, [&] { return context.model.hidden(plain); });
            ForwardInput input = context.forward(batch, {}, micro);
            input.hook = collector(now);
            input.checkpoint = false;  // the penalty differentiates what checkpointing would forget
            Tensor loss = lossSum(context.model, batch, input) / targets;
            for (std::size_t layer = 0; layer < now.size(); ++layer) {
                const Tensor term = (now[layer] - before[layer]).square().sum(2).masked_select(batch.real).sum() * (options_.rho / 2);
                if (options_.upstreamLdifsGate && term.item<double>() >= 0.1) continue;
                penalty += term.item<double>();
                loss = loss + term;
            }
            report.loss += loss.item<double>();
            loss.backward();
        }
        context.sumGradient();
        report.loss = context.together(report.loss);
        report.metrics = {{"ldifs/penalty", context.together(penalty)}};
        return report;
    }

  private:
    static Hook collector(std::vector<Tensor>& into) {
        return [&into](Point point, std::int64_t, const Tensor& value) {
            if (point == Point::MlpOut) into.push_back(value);
            return value;
        };
    }
    MethodOptions options_;
};

/// RepNoise: L(harmless) + beta mean_l MMD(h_l m, noise m) - alpha log(harmful), with harmful = (CE + sum_l CE of the logit
/// lens at l) / layers + 1 and m the positions where harmful and harmless ids differ.
class RepNoise final : public Method {
  public:
    explicit RepNoise(const MethodOptions& options) : options_(options) {}

    Result<StepReport> gradient(StepContext& context) override {
        DS_ASSIGN(const MicroBatches harmless, context.take(Stream::Primary));
        StepReport report;
        DS_ASSIGN(report.loss, context.backward(harmless));
        DS_ASSIGN(const MicroBatches harmful, context.take(Stream::Harmful));
        const double share = 1.0 / static_cast<double>(harmful.size());
        double noise = 0, harm = 0;
        for (std::size_t micro = 0; micro < harmful.size(); ++micro) {
            if (harmful[micro].count() == 0) continue;
            const auto [distance, loss] = harmfulTerms(context, harmful[micro], harmless[micro % harmless.size()], micro);
            const Tensor total = (options_.beta * distance - options_.alpha * at::log(loss)) * share;
            report.loss += total.item<double>();
            noise += distance.item<double>() * share, harm += loss.item<double>() * share;
            if (options_.alpha > 0 || options_.beta > 0) total.backward();
        }
        report.metrics = {{"repnoise/distance to noise", noise}, {"repnoise/harmful loss", harm}};
        return report;
    }

  private:
    /// (B, T) of the harmful batch: its real tokens that differ from the harmless ids at the same place.
    static Tensor differing(const Batch& harmful, const Batch& harmless) {
        const std::int64_t rows = std::min(harmful.ids.size(0), harmless.ids.size(0)), width = std::min(harmful.ids.size(1), harmless.ids.size(1));
        Tensor mask = harmful.real.clone();
        Tensor shared = mask.narrow(0, 0, rows).narrow(1, 0, width);
        const auto part = [&](const Tensor& all) { return all.narrow(0, 0, rows).narrow(1, 0, width); };
        shared.logical_and_(part(harmful.ids).ne(part(harmless.ids)).logical_or(part(harmless.real).logical_not()));
        return mask;
    }

    std::pair<Tensor, Tensor> harmfulTerms(StepContext& context, const Batch& batch, const Batch& harmless, std::size_t micro) const {
        std::vector<Tensor> mlp, residual;
        ForwardInput input = context.forward(batch, {.draw = 4}, micro);
        input.checkpoint = false;
        input.hook = [&](Point point, std::int64_t, const Tensor& value) {
            if (point == Point::MlpOut) mlp.push_back(value);
            if (point == Point::Residual) residual.push_back(value);
            return value;
        };
        const Tensor hidden = context.model.hidden(input);
        const auto count = static_cast<double>(batch.count());
        Tensor loss = lossSum(context.model, batch, hidden) / count;
        for (const Tensor& state : residual) loss = loss + lossSum(context.model, batch, context.model.normalised(state)) / count;
        loss = loss / static_cast<double>(residual.size()) + 1;
        const Tensor mask = differing(batch, harmless).unsqueeze(-1).to(hidden.scalar_type());
        torch::manual_seed(context.stepSeed(41 + micro));
        Tensor distance = torch::zeros({}, hidden.options());
        for (const Tensor& state : mlp) {
            const Tensor noise = torch::randn_like(state.detach()) * mask;
            distance = distance + mmd((state * mask).flatten(1), noise.flatten(1));
        }
        return {distance / static_cast<double>(mlp.size()), loss};
    }

    /// Maximum mean discrepancy with five Gaussian kernels, widths doubling around the mean squared distance.
    static Tensor mmd(const Tensor& x, const Tensor& y) {
        const std::int64_t n = x.size(0), all = n + y.size(0);
        const Tensor joint = at::cat({x, y});
        const Tensor squares = (joint.unsqueeze(0) - joint.unsqueeze(1)).square().sum(2);
        const Tensor width = squares.detach().sum() / static_cast<double>(all * all - all) / 4;
        Tensor kernel = torch::zeros_like(squares);
        for (int k = 0; k < 5; ++k) kernel = kernel + at::exp(-squares / (width * std::pow(2.0, k) + 1e-12));
        const Tensor within = kernel.narrow(0, 0, n).narrow(1, 0, n).mean(), other = kernel.narrow(0, n, all - n).narrow(1, n, all - n).mean();
        return within + other - kernel.narrow(0, 0, n).narrow(1, n, all - n).mean() - kernel.narrow(0, n, all - n).narrow(1, 0, n).mean();
    }

    MethodOptions options_;
};

}  // namespace

std::unique_ptr<Method> makeKl(const MethodOptions& options) {
    return std::make_unique<Kl>(options);
}
std::unique_ptr<Method> makeLdifs(const MethodOptions& options) {
    return std::make_unique<Ldifs>(options);
}
std::unique_ptr<Method> makeRepNoise(const MethodOptions& options) {
    return std::make_unique<RepNoise>(options);
}

}  // namespace driftscope::llm
