#include "core/base/atomic_file.h"
#include "core/llm/model/prompts.h"
#include "core/llm/study/job_kinds.h"
#include "core/llm/study/setup_torch.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

/// Losses of the model under training on samples of the sets it has.
class LossCurves {
  public:
    LossCurves(JobContext& job, TrainingSetup& setup) : job_(job), setup_(setup), samples_(static_cast<std::size_t>(job.params().integer("eval_samples"))) {}

    Result<void> measure(std::int64_t step) {
        DS_TRY(one("loss/data", setup_.data.primary, step));
        DS_TRY(one("loss/alignment", setup_.data.align, step));
        return one("loss/harmful", setup_.data.harmful, step);
    }
    const json& last() const { return last_; }

  private:
    Result<void> one(const char* name, const TokenSet& all, std::int64_t step) {
        if (all.empty()) return {};
        const TokenSet some(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), samples_)));
        DS_ASSIGN(const double loss, meanLoss(setup_.model, some, static_cast<std::size_t>(setup_.options.batch)));
        job_.metric(name, static_cast<double>(step), loss);
        last_[name] = loss;
        return {};
    }
    JobContext& job_;
    TrainingSetup& setup_;
    std::size_t samples_;
    json last_ = json::object();
};

/// An adapter with the record of what it stands on.
Result<void> saveSnapshot(JobContext& job, const TrainingSetup& setup, const std::filesystem::path& folder) {
    const Params& params = job.params();
    DS_TRY(saveAdapter(folder, setup.model, *setup.lora, params.text("model")));
    std::vector<std::string> before = params.texts("adapters");
    if (params.values().contains("lora.mode") && params.text("lora.mode") == "single" && !before.empty()) before.pop_back();
    const json record{{"method", setup.options.method}, {"merged_before", before}, {"job", job.job()}, {"compute", setup.compute.description}, {"settings", setup.resolved.values()}};
    return writeFileAtomically(folder / "driftscope.json", record.dump(2) + "\n");
}

Result<void> saveResult(JobContext& job, TrainingSetup& setup, Stage stage) {
    const Params& params = job.params();
    if (stage == Stage::Pretrain) {
        DS_TRY(saveModel(job.out("model"), setup.model));
        return copyTokenizer(params.isSet("tokenizer") ? params.text("tokenizer") : params.text("model"), job.out("model"));
    }
    return saveSnapshot(job, setup, job.out("adapter"));
}

Result<json> runTraining(JobContext& job, Stage stage) {
    DS_ASSIGN(TrainingSetup setup, TrainingSetup::make(job, stage));
    const FlatParameters parameters = setup.lora ? FlatParameters::adapters(setup.model) : FlatParameters::all(setup.model);
    job.log(fmt::format("{} samples, {} steps, {} trained numbers.", setup.data.primary.size(), Training::stepsOf(setup.options, setup.data.primary.size()), parameters.size()));
    Training training(job, setup.model, parameters, setup.data, setup.options);
    LossCurves curves(job, setup);
    const bool snapshots = setup.lora && job.params().flag("snapshots");
    DS_ASSIGN(json result, training.run([&](std::int64_t step) -> Result<void> {
        DS_TRY(curves.measure(step));
        return snapshots ? saveSnapshot(job, setup, job.out("snapshots") / fmt::format("step-{:07}", step)) : Result<void>();
    }));
    DS_TRY(saveResult(job, setup, stage));
    result.update(curves.last());
    result[stage == Stage::Pretrain ? "model" : "adapter"] = stage == Stage::Pretrain ? "model" : "adapter";
    result["settings"] = setup.resolved.values();
    return result;
}

JobKind kind(const char* name, const char* title, const char* help, Stage stage) {
    std::vector<ParamSpec> params = trainingParams(stage);
    for (ParamSpec& spec : computeParams()) params.push_back(std::move(spec));
    return {name, title, help, std::move(params), [stage](JobContext& job) { return runTraining(job, stage); }};
}

}  // namespace

JobKind pretrainKind() {
    return kind("llm.pretrain", "Train a language model", "Trains all weights of a new or given decoder. Writes model/, a Hugging Face folder; losses go to events.jsonl.", Stage::Pretrain);
}

JobKind alignKind() {
    return kind("llm.align", "Align a model", "Trains a LoRA adapter on refusals and benign answers, plainly or with a defence against later harmful fine-tuning. Writes adapter/ (PEFT's format).", Stage::Align);
}

JobKind finetuneKind() {
    return kind("llm.finetune", "Fine-tune a model on user data", "Trains a LoRA adapter on user data with a share of harmful samples, plainly or with a defence. Writes adapter/ (PEFT's format) and composition.json.", Stage::Finetune);
}

}  // namespace driftscope::llm
