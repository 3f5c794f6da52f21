#include "core/base/atomic_file.h"
#include "core/llm/model/prompts.h"
#include "core/llm/study/job_kinds.h"
#include "core/llm/study/observer_torch.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

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
    const Params& params = job.params();
    DS_ASSIGN(TrainingSetup setup, TrainingSetup::make(job, stage));
    const FlatParameters parameters = setup.lora ? FlatParameters::adapters(setup.model) : FlatParameters::all(setup.model);
    job.log(fmt::format("{} samples, {} steps, {} trained numbers.", setup.data.primary.size(), Training::stepsOf(setup.options, setup.data.primary.size()), parameters.size()));
    const bool measures = params.integer("rank") == 0;
    // The observer keeps the start, so it is made before anything is restored.
    TrainingObserver observer(job, setup);
    Training training(job, setup.model, parameters, setup.data, setup.options);
    const bool snapshots = setup.lora && params.flag("snapshots");
    DS_ASSIGN(json result, training.run([&](std::int64_t step) -> Result<void> {
        if (measures) DS_TRY(observer.measure(step));
        return snapshots ? saveSnapshot(job, setup, job.out("snapshots") / fmt::format("step-{:07}", step)) : Result<void>();
    }));
    DS_TRY(saveResult(job, setup, stage));
    result.update(observer.last());
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
