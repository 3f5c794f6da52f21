#include "core/llm/train/training_params.h"

#include "core/llm/text/prompt_template.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

const json kSevenMaps = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"};

/// What the scripts of git-disl's repositories set (llm_drift notes, defaults table).
json preset(const std::string& name) {
    if (name == "vaccine.align")
        return {{"lora.r", 8}, {"lora.alpha", 4}, {"lora.dropout", 0.1}, {"lora.targets", kSevenMaps}, {"lr", 1e-3}, {"schedule", "cosine"}, {"weight_decay", 0.1}, {"epochs", 50}, {"batch", 5}, {"max_length", 200}, {"rho", 2}};
    if (name == "vaccine.finetune")
        return {{"lora.r", 8}, {"lora.alpha", 1}, {"lora.dropout", 0.1}, {"lora.targets", kSevenMaps}, {"lr", 1e-5}, {"schedule", "cosine"}, {"weight_decay", 0.1}, {"epochs", 20}, {"batch", 5}, {"max_length", 200}};
    if (name == "booster.align")
        return {{"lora.r", 32}, {"lora.alpha", 4}, {"lora.dropout", 0}, {"lora.targets", {"q_proj", "k_proj", "v_proj"}}, {"lr", 5e-4}, {"schedule", "constant"}, {"weight_decay", 0.1}, {"epochs", 20}, {"batch", 10}, {"max_length", 256}, {"lambda", 5}, {"alpha", 0.1}};
    if (name == "booster.finetune")
        return {{"lora.r", 32}, {"lora.alpha", 4}, {"lora.dropout", 0}, {"lora.targets", {"q_proj", "k_proj", "v_proj"}}, {"lr", 1e-5}, {"schedule", "constant"}, {"weight_decay", 0.1}, {"epochs", 20}, {"batch", 10}, {"max_length", 256}, {"rho", 0.01}};
    if (name == "lisa.align")
        return {{"lora.r", 16}, {"lora.alpha", 4}, {"lora.dropout", 0.1}, {"lora.targets", kSevenMaps}, {"lr", 1e-3}, {"schedule", "cosine"}, {"weight_decay", 0.1}, {"epochs", 30}, {"batch", 5}, {"max_length", 2048}};
    if (name == "lisa.finetune")
        return {{"lora.r", 8}, {"lora.alpha", 4}, {"lora.dropout", 0.1}, {"lora.targets", {"q_proj", "v_proj"}}, {"lr", 1e-5}, {"schedule", "constant"}, {"weight_decay", 0}, {"epochs", 20}, {"batch", 5}, {"max_length", 2048}, {"rho", 1}};
    return json::object();
}

json methodDefaults(const std::string& method) {
    if (method == "random_vaccine") return {{"rho", 0.01}};
    if (method == "lisa") return {{"rho", 1}};
    if (method == "ldifs") return {{"rho", 1e-4}};
    if (method == "ewc") return {{"lambda", 1e9}};
    if (method == "vlguard" || method == "kl") return {{"lambda", 0.1}};
    return json::object();
}

json stageDefaults(Stage stage) {
    json common{{"lora.r", 8}, {"lora.alpha", 16}, {"lora.dropout", 0}, {"lora.targets", json::array()}, {"lr", 3e-4}, {"schedule", "cosine"}, {"weight_decay", 0}, {"epochs", 3}, {"batch", 8},
                {"max_length", 256}, {"rho", 2}, {"lambda", 5}, {"alpha", 0.1}};
    if (stage == Stage::Pretrain) common["lr"] = 1e-3;
    return common;
}

ParamSpec preset(std::string name, ParamType type, std::string help, std::optional<double> minimum = {}, std::optional<double> maximum = {}) {
    return {.name = std::move(name), .type = type, .help = std::move(help), .minimum = minimum, .maximum = maximum, .optional = true};
}

std::vector<ParamSpec> dataParams(Stage stage) {
    const std::string layouts = " .jsonl, .json, .csv or .tsv with instruction, [input] and output, prompt and response, or a published set's fields.";
    std::vector<ParamSpec> params;
    if (stage == Stage::Pretrain) {
        params.push_back({.name = "config", .type = ParamType::Path, .help = "config.json of a new model; its weights are drawn. Or set 'model'.", .optional = true});
        params.push_back({.name = "model", .type = ParamType::Path, .help = "Model folder to go on with, instead of 'config'.", .optional = true});
        params.push_back({.name = "tokenizer", .type = ParamType::Path, .help = "Folder with the tokenizer of a new model.", .optional = true});
        params.push_back({.name = "data", .type = ParamType::Path, .help = "JSON lines with a text each, or with ids."});
        return params;
    }
    params.push_back({.name = "model", .type = ParamType::Path, .help = "Hugging Face model folder."});
    params.push_back({.name = "adapters", .type = ParamType::PathList, .fallback = json::array(), .help = "PEFT LoRA folders, in the order they were trained."});
    params.push_back({.name = "data", .type = ParamType::Path, .help = (stage == Stage::Align ? "Alignment data: harmful prompts with refusals, and benign ones." : "User data.") + layouts});
    params.push_back({.name = "harmful_data", .type = ParamType::Path, .help = "Harmful prompts with harmful answers: needed by booster, repnoise and t_vaccine, and for the harmful loss." + layouts, .optional = true});
    if (stage == Stage::Finetune) {
        params.push_back({.name = "align_data", .type = ParamType::Path, .help = "Alignment data: needed by lisa, bso, ewc and vlguard, and for the alignment loss." + layouts, .optional = true});
        params.push_back({.name = "poison_data", .type = ParamType::Path, .help = "Harmful samples mixed into the user data." + layouts, .optional = true});
        params.push_back({.name = "poison_ratio", .type = ParamType::Real, .fallback = 0.0, .help = "Share of harmful samples in the mixture.", .minimum = 0, .maximum = 1, .source = "Vaccine"});
        params.push_back({.name = "samples", .type = ParamType::Int, .fallback = 0, .help = "Samples of the mixture; 0 takes all user data.", .minimum = 0, .maximum = 1e9});
        params.push_back({.name = "lora.mode", .type = ParamType::Choice, .fallback = "double", .help = "double merges the given adapters and trains a new one; single goes on with the last one, which Booster needs.", .choices = {"double", "single"}, .source = "Vaccine; Booster"});
    }
    params.push_back({.name = "template", .type = ParamType::Choice, .fallback = "alpaca", .help = "How an example becomes the text the model reads.", .choices = PromptTemplate::names()});
    const auto evaluated = [&](const char* name, const char* help) { params.push_back({.name = name, .type = ParamType::Path, .help = help + layouts, .optional = true}); };
    evaluated("eval_harmful", "Harmful prompts answered at every measurement, for the harmful score.");
    evaluated("eval_benign", "Benign prompts answered at every measurement, for over-refusal and what is still known.");
    evaluated("eval_task", "Prompts of the user's task answered at every measurement, for its accuracy.");
    for (ParamSpec& spec : judgeParams(false)) params.push_back(std::move(spec));
    params.push_back({.name = "new_tokens", .type = ParamType::Int, .fallback = 128, .help = "Longest answer at a measurement.", .unit = "tokens", .minimum = 1, .maximum = 1e6, .source = "Vaccine", .advanced = true});
    params.push_back({.name = "drift", .type = ParamType::Bool, .fallback = true, .help = "Measure how far the hidden states of the alignment data (else of the data) have moved from the start."});
    return params;
}

std::vector<ParamSpec> methodParams(Stage stage) {
    if (stage == Stage::Pretrain) return {};
    return {{.name = "method", .type = ParamType::Choice, .fallback = "sft", .help = "How a step's gradient is formed.", .choices = {"sft", "vaccine", "random_vaccine", "t_vaccine", "booster", "booster+vaccine", "lisa", "bso", "ewc", "vlguard", "kl", "repnoise", "ldifs"}},
            {.name = "preset", .type = ParamType::Choice, .fallback = "none", .help = "Settings of a paper's scripts for whatever is not set here.", .choices = {"none", "vaccine.align", "vaccine.finetune", "booster.align", "booster.finetune", "lisa.align", "lisa.finetune"}},
            preset("rho", ParamType::Real, "vaccine: L2 norm of the perturbation over the whole batch (2); random_vaccine: variance of the noise (0.01); lisa: proximal weight (1); ldifs: penalty (1e-4).", 0, 1e9),
            preset("lambda", ParamType::Real, "booster: weight of the attenuation (5); ewc (1e9), vlguard (0.1), kl (0.1): weight of the second term.", 0, 1e15),
            preset("alpha", ParamType::Real, "booster: length of the simulated harmful step (0.1); repnoise: weight of the harmful loss (0.1).", 0, 1e6),
            {.name = "beta", .type = ParamType::Real, .fallback = 0.001, .help = "repnoise: weight of the distance to noise.", .minimum = 0, .maximum = 1e6, .source = "RepNoise", .advanced = true},
            {.name = "vaccine.rho", .type = ParamType::Real, .fallback = 5.0, .help = "booster+vaccine: norm of the perturbation.", .minimum = 0, .maximum = 1e9, .source = "Booster", .advanced = true},
            {.name = "lisa.align_steps", .type = ParamType::Int, .fallback = 100, .help = "lisa, bso: steps on alignment data in a row (K1).", .minimum = 0, .maximum = 1e9, .source = "Lisa", .advanced = true},
            {.name = "lisa.user_steps", .type = ParamType::Int, .fallback = 900, .help = "lisa, bso: steps on user data in a row (K2).", .minimum = 0, .maximum = 1e9, .source = "Lisa", .advanced = true},
            {.name = "lisa.proximal_start", .type = ParamType::Real, .fallback = 0.1, .help = "lisa: share of all steps before the proximal term begins.", .minimum = 0, .maximum = 1, .source = "Lisa, code", .advanced = true},
            {.name = "lisa.keep_user", .type = ParamType::Bool, .fallback = false, .help = "lisa, bso: keep the user batches that upstream throws away during alignment steps.", .advanced = true},
            {.name = "t_vaccine.layers", .type = ParamType::Int, .fallback = 8, .help = "t_vaccine: layers perturbed and trained at a time.", .minimum = 1, .maximum = 1024, .advanced = true},
            {.name = "t_vaccine.every", .type = ParamType::Int, .fallback = 200, .help = "t_vaccine: steps between draws of layers.", .minimum = 1, .maximum = 1e9, .advanced = true},
            {.name = "ewc.batches", .type = ParamType::Int, .fallback = 100, .help = "ewc: batches of the Fisher estimate.", .minimum = 1, .maximum = 1e9, .advanced = true},
            {.name = "vlguard.batch", .type = ParamType::Int, .fallback = 4, .help = "vlguard: alignment samples per step.", .minimum = 1, .maximum = 65536, .source = "Booster", .advanced = true},
            {.name = "harmful_batch", .type = ParamType::Int, .fallback = 10, .help = "booster, repnoise, t_vaccine: harmful samples per step.", .minimum = 1, .maximum = 65536, .source = "Booster", .advanced = true},
            {.name = "compat.accumulation", .type = ParamType::Bool, .fallback = false, .help = "vaccine, booster: as published, only the last micro-batch's gradient survives.", .advanced = true},
            {.name = "compat.redraw_dropout", .type = ParamType::Bool, .fallback = false, .help = "vaccine, booster: as published, later passes of a step draw new dropout masks.", .advanced = true},
            {.name = "compat.restore_by_adding", .type = ParamType::Bool, .fallback = false, .help = "booster: as published, weights come back by adding the step.", .advanced = true},
            {.name = "compat.kl_axis", .type = ParamType::Bool, .fallback = false, .help = "kl: as published, softmax over time.", .advanced = true},
            {.name = "compat.fisher_leak", .type = ParamType::Bool, .fallback = false, .help = "ewc: as published, the last Fisher batch leaks into the first step.", .advanced = true},
            {.name = "compat.ldifs_gate", .type = ParamType::Bool, .fallback = false, .help = "ldifs: as published, a layer's term counts only below 0.1.", .advanced = true},
            preset("lora.r", ParamType::Int, "Rank of the adapters (8).", 1, 65536),
            preset("lora.alpha", ParamType::Real, "The update is scaled by alpha / r (16).", 0, 1e6),
            preset("lora.dropout", ParamType::Real, "Dropout before the adapters (0).", 0, 0.99),
            preset("lora.targets", ParamType::TextList, "Maps that get an adapter, such as q_proj; empty takes all.")};
}

std::vector<ParamSpec> loopParams() {
    return {preset("lr", ParamType::Real, "Learning rate of AdamW (3e-4; pretraining 1e-3).", 0, 10),
            {.name = "schedule", .type = ParamType::Choice, .help = "Course of the learning rate (cosine). As in Hugging Face, constant ignores the warm-up and the others start at 0.", .choices = {"constant", "constant_with_warmup", "linear", "cosine"}, .optional = true},
            {.name = "warmup", .type = ParamType::Real, .fallback = 0.1, .help = "Share of all steps in which the learning rate rises.", .minimum = 0, .maximum = 1, .advanced = true},
            preset("weight_decay", ParamType::Real, "Weight decay of AdamW (0).", 0, 10),
            {.name = "clip", .type = ParamType::Real, .fallback = 1.0, .help = "Largest norm of the combined gradient; 0 is off.", .minimum = 0, .maximum = 1e9, .source = "Hugging Face", .advanced = true},
            preset("epochs", ParamType::Int, "Passes over the data (3).", 1, 1e9),
            {.name = "steps", .type = ParamType::Int, .fallback = 0, .help = "Stop after so many steps; 0 trains all epochs.", .minimum = 0, .maximum = 1e12},
            preset("batch", ParamType::Int, "Samples per micro-batch (8).", 1, 65536),
            {.name = "accumulate", .type = ParamType::Int, .fallback = 1, .help = "Micro-batches per step; a token weighs the same in all of them.", .minimum = 1, .maximum = 65536, .advanced = true},
            preset("max_length", ParamType::Int, "Longest sample in tokens; longer ones are cut (256).", 2, 1e7),
            {.name = "checkpointing", .type = ParamType::Bool, .fallback = false, .help = "Compute activations again in the backward pass instead of keeping them: less memory, about a third slower.", .advanced = true},
            {.name = "eval_every", .type = ParamType::Int, .fallback = 0, .help = "Steps between measurements; 0 measures at the start and the end.", .minimum = 0, .maximum = 1e12},
            {.name = "eval_samples", .type = ParamType::Int, .fallback = 100, .help = "Samples of each measured set.", .minimum = 1, .maximum = 1e9, .advanced = true},
            {.name = "eval_batch", .type = ParamType::Int, .fallback = 16, .help = "Prompts answered together at a measurement.", .minimum = 1, .maximum = 65536, .advanced = true},
            {.name = "snapshots", .type = ParamType::Bool, .fallback = false, .help = "Keep the adapter of every measurement in snapshots/, for llm.drift.", .advanced = true},
            {.name = "ranks", .type = ParamType::Int, .fallback = 1, .help = "Processes that train together, each started with its own rank and --out; every one takes 'batch' samples, and the result is that of one process with the batches of all.", .minimum = 1, .maximum = 4096, .advanced = true},
            {.name = "rank", .type = ParamType::Int, .fallback = 0, .help = "Number of this process among them, from 0. Number 0 measures.", .minimum = 0, .maximum = 4095, .advanced = true},
            {.name = "meet", .type = ParamType::Text, .fallback = "127.0.0.1:29500", .help = "Where the processes meet: host:port of number 0.", .advanced = true},
            {.name = "save_every", .type = ParamType::Int, .fallback = 500, .help = "Steps between checkpoints.", .minimum = 1, .maximum = 1e12, .advanced = true},
            {.name = "log_every", .type = ParamType::Int, .fallback = 1, .help = "Steps between logged metrics.", .minimum = 1, .maximum = 1e12, .advanced = true},
            {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of new weights, order of the samples and dropout.", .minimum = 0, .source = "Hugging Face", .advanced = true}};
}

}  // namespace

std::vector<ParamSpec> judgeParams(bool afterwards) {
    std::vector<ParamSpec> params{
        {.name = "judge", .type = ParamType::Choice, .fallback = "refusal", .help = "refusal: harmful unless it refuses. content: harmful when it holds the test's whole content. classifier: a sequence classifier's verdict. probe: a linear probe on the model's own hidden states, as labels in the Drift panel train it.", .choices = {"refusal", "content", "classifier", "probe"}},
        {.name = "phrases", .type = ParamType::Path, .help = "Refusal phrases of your own, one a line.", .optional = true, .advanced = true},
        {.name = "classifier", .type = ParamType::Path, .help = "Folder of a Llama-type sequence classifier, such as beaver-dam-7b.", .optional = true, .advanced = true},
        {.name = "classifier_text", .type = ParamType::Text, .fallback = "BEGINNING OF CONVERSATION: USER: {prompt} ASSISTANT:{answer}", .help = "What the classifier reads.", .source = "beaver-dam-7b", .advanced = true},
        {.name = "probe", .type = ParamType::Path, .help = "probe.json of label.probe, trained on the hidden states of llm.drift.", .optional = true, .advanced = true},
        {.name = "probe_point", .type = ParamType::Text, .fallback = "attention_out", .help = "Where the probe reads: attention_out, mlp_out, residual or final_norm.", .advanced = true},
        {.name = "probe_layer", .type = ParamType::Int, .fallback = 0, .help = "Layer that the probe reads.", .minimum = 0, .maximum = 1e4, .advanced = true},
        {.name = "probe_tokens", .type = ParamType::Text, .fallback = "response", .help = "Tokens whose mean it reads, as llm.drift's tokens: last_prompt reads what the model is about to do, response what it said.", .advanced = true},
        {.name = "probe_harmful", .type = ParamType::Text, .fallback = "", .help = "The probe's class that counts as harmful; empty takes harmful, else complied.", .advanced = true}};
    if (!afterwards) return params;
    params.front().choices.push_back("imported");
    params.front().help += " imported: verdicts of another judge.";
    params.push_back({.name = "verdicts", .type = ParamType::Path, .help = "Verdicts of another judge, in the order of the harmful prompts.", .optional = true});
    return params;
}

std::vector<ParamSpec> trainingParams(Stage stage) {
    std::vector<ParamSpec> params = dataParams(stage);
    for (ParamSpec& spec : methodParams(stage)) params.push_back(std::move(spec));
    for (ParamSpec& spec : loopParams()) params.push_back(std::move(spec));
    return params;
}

ResolvedParams::ResolvedParams(const Params& given, Stage stage) : values_(stageDefaults(stage)) {
    if (stage != Stage::Pretrain) {
        values_.update(methodDefaults(given.text("method")));
        values_.update(preset(given.text("preset")));
    }
    for (const auto& [name, value] : given.values().items())
        if (!value.is_null()) values_[name] = value;
}

Result<LoraConfig> ResolvedParams::lora() const {
    json content{{"r", values_.at("lora.r")}, {"lora_alpha", values_.at("lora.alpha")}, {"lora_dropout", values_.at("lora.dropout")}};
    content["target_modules"] = values_.at("lora.targets").empty() ? json("all-linear") : values_.at("lora.targets");
    return LoraConfig::parse(content, "the adapter's settings");
}

}  // namespace driftscope::llm
