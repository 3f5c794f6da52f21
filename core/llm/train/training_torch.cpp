#include "core/llm/train/training_torch.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/base/atomic_file.h"
#include "core/tensor/guard.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

double medianOf(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

std::int64_t Training::stepsOf(const TrainingOptions& options, std::size_t samples) {
    const std::int64_t together = options.batch * options.accumulate * (options.group ? options.group->size() : 1);
    const std::int64_t all = options.epochs * ((static_cast<std::int64_t>(samples) + together - 1) / together);
    return options.maximumSteps > 0 ? std::min(options.maximumSteps, all) : all;
}

Training::Training(JobContext& job, CausalModel& model, const FlatParameters& parameters, const TrainingData& data, TrainingOptions options)
    : job_(job), parameters_(parameters), options_(std::move(options)), context_(model, parameters, options_.seed), optimiser_(parameters, options_.weightDecay) {
    context_.accumulate = options_.accumulate;
    context_.checkpoint = options_.checkpointing;
    context_.group = options_.group.get();
    context_.pad = std::max<std::int64_t>(0, model.config().pad);
    context_.steps = stepsOf(options_, data.primary.size());
    context_.setStream(Stream::Primary, data.primary, options_.batch);
    if (!data.align.empty()) context_.setStream(Stream::Align, data.align, options_.method == "vlguard" ? options_.knobs.guideBatch : options_.batch);
    if (!data.harmful.empty()) context_.setStream(Stream::Harmful, data.harmful, options_.knobs.harmfulBatch);
}

Result<void> Training::step() {
    const auto begin = Clock::now();
    parameters_.clearGradient();
    DS_ASSIGN(const StepReport report, method_->gradient(context_));
    const torch::NoGradGuard noGradient;
    const double norm = normOf(parameters_.gradient());
    if (!std::isfinite(report.loss) || !std::isfinite(norm))
        return fail(ErrorCode::Numeric, fmt::format("At step {} the loss is {} and the gradient's norm {}.", context_.step, report.loss, norm),
                    "Lower 'lr' or the method's strength, or use precision=fp32. The last checkpoint is from before this step.");
    // The combined gradient is clipped, never its parts.
    if (options_.clip > 0 && norm > options_.clip) parameters_.gradient().mul_(options_.clip / (norm + 1e-6));
    const double rate = options_.learningRate * scheduleFactor(options_.schedule, context_.step, context_.steps, options_.warmup);
    optimiser_.step(rate, report.active);
    lastLoss_ = report.loss;
    const double took = std::chrono::duration<double>(Clock::now() - begin).count();
    seconds_ += took;
    stepSeconds_.push_back(took);
    if (context_.step % options_.logEvery == 0) {
        const auto at = static_cast<double>(context_.step);
        job_.metric("loss", at, report.loss);
        job_.metric("gradient norm", at, norm);
        job_.metric("learning rate", at, rate);
        job_.metric("seconds per step", at, took);
        for (const auto& [name, value] : report.metrics) job_.metric(name, at, value);
    }
    ++context_.step;
    return {};
}

Result<void> Training::save() {
    DS_TRY(makeFolder(job_.checkpoint()));
    tensor::NamedTensors tensors{{"values", parameters_.values()}};
    for (auto& one : optimiser_.state()) tensors.push_back(std::move(one));
    for (auto& one : method_->tensors()) tensors.push_back(std::move(one));
    const json state{{"step", context_.step}, {"seconds", seconds_}, {"loss", lastLoss_}, {"streams", context_.state()}, {"method", method_->state()}};
    return tensor::writeTensors(file(), tensors, {{"state", state.dump()}});
}

Result<void> Training::restore() {
    if (!job_.resuming() || !std::filesystem::exists(file())) return {};
    DS_ASSIGN(const tensor::TensorFile stored, tensor::readTensors(file()));
    const json state = json::parse(stored.metadata.count("state") ? stored.metadata.at("state") : "", nullptr, false);
    const auto values = stored.tensors.find("values");
    if (!state.is_object() || values == stored.tensors.end() || values->second.numel() != parameters_.size())
        return fail(ErrorCode::BadInput, fmt::format("{} is not a checkpoint of this training.", file().string()), "Start it again with --overwrite.");
    const torch::NoGradGuard noGradient;
    parameters_.values().copy_(values->second);
    DS_TRY(optimiser_.restore(stored.tensors, file().string()));
    TensorMap tensors = stored.tensors;
    tensors["values"] = parameters_.values();
    DS_TRY(method_->restore(tensors, state.at("method")));
    context_.restore(state.at("streams"));
    context_.step = state.at("step");
    seconds_ = state.at("seconds");
    lastLoss_ = state.at("loss");
    resumed_ = true;
    job_.log(fmt::format("Resuming after step {} of {}.", context_.step, context_.steps));
    return {};
}

/// The processes of a group must train by the same rule and stand at the same step.
Result<void> Training::agree() const {
    if (!options_.group) return {};
    if (options_.method == "repnoise" || options_.knobs.upstreamAccumulation)
        return fail(ErrorCode::Unsupported, options_.method == "repnoise" ? "repnoise compares the samples of a batch with each other, which processes cannot share." : "'compat.accumulation' is not meant for several processes.",
                    "Use ranks=1.");
    if (options_.group->sum(context_.step) != context_.step * options_.group->size())
        return fail(ErrorCode::BadInput, fmt::format("This process goes on at step {}, and others elsewhere.", context_.step), "Start all of them again with --overwrite.");
    return {};
}

/// Whether a stop was asked for; in a group, of any process, for all must leave together.
bool Training::stopping() {
    return options_.group ? options_.group->any(job_.cancelled()) : job_.cancelled();
}

Result<json> Training::run(const Observer& observer) {
    DS_ASSIGN(method_, makeMethod(options_.method, options_.knobs));
    return tensor::guarded("training", [&]() -> Result<json> {
        DS_TRY(restore());
        DS_TRY(agree());
        if (!resumed_) {
            DS_TRY(method_->begin(context_));
            if (observer) DS_TRY(observer(0));
        }
        while (context_.step < context_.steps) {
            DS_TRY(step());
            job_.progress(static_cast<double>(context_.step), static_cast<double>(context_.steps), "step");
            const bool last = context_.step == context_.steps;
            if (observer && (last || (options_.observeEvery > 0 && context_.step % options_.observeEvery == 0))) DS_TRY(observer(context_.step));
            const bool stop = stopping();
            if (last || stop || context_.step % options_.saveEvery == 0) DS_TRY(save());
            if (stop && !last) return JobContext::cancel();
        }
        return json{{"method", options_.method}, {"steps", context_.steps}, {"loss", lastLoss_}, {"trained", parameters_.size()},
                    {"seconds_per_step", context_.steps ? seconds_ / static_cast<double>(context_.steps) : 0.0}, {"median_seconds_per_step", medianOf(stepSeconds_)}};
    });
}

}  // namespace driftscope::llm
