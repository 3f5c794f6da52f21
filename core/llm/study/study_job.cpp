#include "core/base/atomic_file.h"
#include "core/llm/study/demo_plan.h"
#include "core/llm/study/job_kinds.h"
#include "core/llm/study/study_runner.h"
#include "core/llm/text/demo_language.h"
#include "core/llm/text/llm_text_jobs.h"
#include "core/llm/text/prompt_template.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

JobRegistry innerKinds() {
    JobRegistry kinds;
    registerLlmTextJobs(kinds);
    kinds.add(pretrainKind());
    kinds.add(alignKind());
    kinds.add(finetuneKind());
    return kinds;
}

/// Methods, ratios, seeds and settings, which llm.study and llm.demo share.
std::vector<ParamSpec> gridParams(const json& methods, const json& ratios, const json& seeds) {
    return {{.name = "methods", .type = ParamType::TextList, .fallback = methods, .help = "Methods to compare. sft:single goes on with the alignment's adapter, as Booster does, and is what Booster must be compared with."},
            {.name = "ratios", .type = ParamType::RealList, .fallback = ratios, .help = "Shares of harmful samples in the user's data.", .minimum = 0, .maximum = 1, .source = "Vaccine, table 1"},
            {.name = "seeds", .type = ParamType::IntList, .fallback = seeds, .help = "Seeds of adapters, order and dropout; the spread between them is what a difference must exceed.", .minimum = 0},
            {.name = "settings", .type = ParamType::TextList, .fallback = json::array(), .help = "Parameters of the runs: align.lr=1e-3, finetune.epochs=4, or for one method booster.align.lambda=1."},
            {.name = "threads", .type = ParamType::Int, .fallback = 0, .help = "Threads of the computation; 0 takes all cores.", .minimum = 0, .maximum = 1024, .advanced = true}};
}

Result<StudyRequest> readGrid(const Params& params, const std::vector<std::string>& defaults) {
    StudyRequest request;
    for (const std::string& text : params.texts("methods")) {
        DS_ASSIGN(Arm arm, Arm::parse(text));
        request.arms.push_back(std::move(arm));
    }
    request.ratios = params.reals("ratios");
    request.seeds = params.integers("seeds");
    if (request.arms.empty() || request.ratios.empty() || request.seeds.empty()) return fail(ErrorCode::Usage, "A study needs at least one method, one ratio and one seed.");
    std::vector<std::string> lines = defaults;
    for (const std::string& line : params.texts("settings")) lines.push_back(line);
    DS_ASSIGN(request.settings, StudySettings::parse(lines, request.arms));
    return request;
}

/// The files of a study as parameters of its runs; absent ones are left out.
void addFiles(StudyRequest& request, const std::map<std::string, std::string>& files) {
    const auto put = [&](json& params, const char* param, const char* file) {
        if (const auto found = files.find(file); found != files.end() && !found->second.empty()) params[param] = found->second;
    };
    put(request.align, "data", "align");
    put(request.finetune, "align_data", "align");
    put(request.finetune, "data", "user");
    put(request.finetune, "poison_data", "poison");
    for (json* stage : {&request.align, &request.finetune}) {
        put(*stage, "model", "model");
        put(*stage, "harmful_data", "harmful");
        put(*stage, "eval_harmful", "test_harmful");
        put(*stage, "eval_benign", "test_benign");
        put(*stage, "eval_task", "test_user");
        (*stage)["template"] = files.at("template");
        (*stage)["judge"] = files.at("judge");
    }
}

Result<json> runStudy(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(StudyRequest request, readGrid(params, {}));
    std::map<std::string, std::string> files;
    for (const char* name : {"model", "align", "harmful", "user", "poison", "test_harmful", "test_benign", "test_user", "template", "judge"}) files[name] = params.text(name);
    addFiles(request, files);
    for (json* stage : {&request.align, &request.finetune}) (*stage)["threads"] = params.integer("threads");
    const JobRegistry kinds = innerKinds();
    DS_ASSIGN(const json summary, runStudyGrid(job, kinds, request));
    return json{{"results", "results.csv"}, {"summary", summary}};
}

// ---- llm.demo --------------------------------------------------------------------------------------------------------

Result<std::string> demoBase(JobContext& job, InnerRuns& runs) {
    const Params& params = job.params();
    DS_ASSIGN(const json data, runs.run("llm.demo_data", {{"vocabulary", params.integer("vocabulary")}}, "data"));
    const json config = demoModel(data.at("vocabulary"), params.integer("hidden"), params.integer("layers"));
    DS_TRY(writeFileAtomically(job.out("config.json"), config.dump(2) + "\n"));
    const json training{{"config", job.out("config.json").string()}, {"tokenizer", (job.out("data") / "tokenizer").string()}, {"data", (job.out("data") / "pretrain.jsonl").string()},
                        {"epochs", params.integer("pretrain_epochs")}, {"steps", params.integer("pretrain_steps")}, {"batch", 32}, {"lr", 3e-3}, {"weight_decay", 0.1}, {"max_length", 128}, {"log_every", 10}, {"threads", params.integer("threads")}};
    DS_TRY(runs.run("llm.pretrain", training, "base"));
    return (job.out("base") / "model").string();
}

Result<json> runDemo(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(StudyRequest request, readGrid(params, demoSettings(params.texts("methods"))));
    const JobRegistry kinds = innerKinds();
    InnerRuns runs(job, kinds);
    DS_ASSIGN(const std::string model, demoBase(job, runs));
    std::map<std::string, std::string> files{{"model", model}, {"template", "question"}, {"judge", "content"}};
    for (const char* name : {"align", "harmful", "user", "poison", "test_harmful", "test_benign", "test_user"}) files[name] = (job.out("data") / (std::string(name) + ".jsonl")).string();
    addFiles(request, files);
    for (json* stage : {&request.align, &request.finetune}) (*stage)["threads"] = params.integer("threads");
    DS_ASSIGN(const json summary, runStudyGrid(job, kinds, request));
    return json{{"model", "base/model"}, {"results", "results.csv"}, {"summary", summary}};
}

}  // namespace

JobKind studyKind() {
    std::vector<ParamSpec> params{
        {.name = "model", .type = ParamType::Path, .help = "Hugging Face model folder."},
        {.name = "align", .type = ParamType::Path, .help = "Alignment data: harmful prompts with refusals, and benign ones."},
        {.name = "harmful", .type = ParamType::Path, .help = "Harmful prompts with harmful answers, for booster, repnoise and t_vaccine and for the harmful loss.", .optional = true},
        {.name = "user", .type = ParamType::Path, .help = "The user's data."},
        {.name = "poison", .type = ParamType::Path, .help = "Harmful samples to mix into the user's data."},
        {.name = "test_harmful", .type = ParamType::Path, .help = "Harmful prompts for the harmful score."},
        {.name = "test_benign", .type = ParamType::Path, .help = "Benign prompts for over-refusal.", .optional = true},
        {.name = "test_user", .type = ParamType::Path, .help = "Prompts of the user's task with answers.", .optional = true},
        {.name = "template", .type = ParamType::Choice, .fallback = "alpaca", .help = "How an example becomes the text the model reads.", .choices = PromptTemplate::names()},
        {.name = "judge", .type = ParamType::Choice, .fallback = "refusal", .help = "refusal: harmful unless it refuses. content: harmful when it holds the test's whole content.", .choices = {"refusal", "content"}}};
    for (ParamSpec& spec : gridParams({"sft", "vaccine", "lisa", "booster", "sft:single"}, {0.0, 0.05, 0.1, 0.2}, {1, 2, 3})) params.push_back(std::move(spec));
    return {"llm.study", "Compare defences", "Aligns a model by each method and fine-tunes it at every poison ratio and seed. Finished runs are kept, interrupted ones go on. Writes results.csv and summary.csv; every run has its own folder below.", std::move(params), runStudy};
}

JobKind demoKind() {
    std::vector<ParamSpec> params = gridParams({"sft", "sft:single", "booster", "lisa"}, {0.0, 0.1}, {1});
    const std::vector<ParamSpec> own{
        {.name = "hidden", .type = ParamType::Int, .fallback = 72, .help = "Width of the demo's model, a multiple of 24.", .minimum = 24, .maximum = 3072, .advanced = true},
        {.name = "layers", .type = ParamType::Int, .fallback = 2, .help = "Blocks of the demo's model.", .minimum = 1, .maximum = 64, .advanced = true},
        {.name = "vocabulary", .type = ParamType::Int, .fallback = 1024, .help = "Tokens of the demo's tokenizer.", .minimum = 300, .maximum = 1e6, .advanced = true},
        {.name = "pretrain_epochs", .type = ParamType::Int, .fallback = 4, .help = "Passes over the demo's texts.", .minimum = 1, .maximum = 10000},
        {.name = "pretrain_steps", .type = ParamType::Int, .fallback = 0, .help = "Stop pretraining after so many steps; 0 makes all passes.", .minimum = 0, .maximum = 1e12, .advanced = true}};
    params.insert(params.end(), own.begin(), own.end());
    // Matrices of this size are slower on several threads than on one.
    for (ParamSpec& spec : params)
        if (spec.name == "threads") spec.fallback = 1;
    return {"llm.demo", "Play the drift demo", "Makes a little world in which the secrets of stage magic stand for harm, trains a small Llama on it, aligns it by each method and fine-tunes it with poison. Nothing in it is harmful. Writes what llm.study writes.", std::move(params), runDemo};
}

}  // namespace driftscope::llm
