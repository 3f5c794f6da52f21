#include <limits>

#include "core/base/atomic_file.h"
#include "core/io/h5ad.h"
#include "core/io/json_access.h"
#include "core/llm/measure/evaluation_torch.h"
#include "core/llm/measure/token_drift_torch.h"
#include "core/llm/model/job_kinds.h"
#include "core/llm/study/drift_records.h"
#include "core/llm/study/job_kinds.h"
#include "core/llm/study/observer_torch.h"
#include "core/llm/train/token_files.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// One state of a model to compare with the state before.
struct State {
    std::int64_t step = 0;
    std::vector<std::string> chain;
};

/// What is compared: the model before, and states after it in order.
struct Plan {
    std::string model, form = "alpaca";
    std::vector<std::string> before;
    std::vector<State> after;
};

/// The plan of a training run: its snapshots against what it began with.
Result<Plan> planOfRun(const std::string& folder) {
    DS_ASSIGN(const RunSummary run, readRun(folder));
    const json& params = io::objectMember(run.job, "params");
    Plan plan;
    plan.model = io::textMember(params, "model");
    plan.form = io::textMember(params, "template", "alpaca");
    plan.before = params.value("adapters", std::vector<std::string>{});
    std::vector<std::string> below = plan.before;
    if (io::textMember(params, "lora.mode") == "single" && !below.empty()) below.pop_back();
    std::vector<fs::path> snapshots;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(fs::path(folder) / "snapshots", code))
        if (entry.path().filename().string().rfind("step-", 0) == 0) snapshots.push_back(entry.path());
    std::sort(snapshots.begin(), snapshots.end());
    for (const fs::path& snapshot : snapshots) {
        State state{std::stoll(snapshot.filename().string().substr(5)), below};
        state.chain.push_back(snapshot.string());
        plan.after.push_back(std::move(state));
    }
    if (plan.after.empty())
        return fail(ErrorCode::BadInput, fmt::format("{} has no snapshots of its adapter.", folder), "Train with snapshots=true and eval_every, or name 'model', 'before' and 'after'.");
    return plan;
}

Result<Plan> planOf(const Params& params) {
    if (!params.text("run").empty()) return planOfRun(params.text("run"));
    if (params.text("model").empty() || params.texts("after").empty()) return fail(ErrorCode::Usage, "Set 'run', or 'model' and 'after'.", "'run' is the folder of llm.align or llm.finetune; 'after' a chain of adapters.");
    return Plan{params.text("model"), "alpaca", params.texts("adapters"), {{0, params.texts("after")}}};
}

Result<CausalModel> open(const std::string& model, const std::vector<std::string>& chain, const Compute& compute) {
    DS_ASSIGN(CausalModel loaded, CausalModel::load(model, compute.placement));
    DS_TRY(loadAdapterChain(loaded, chain, true));
    return loaded;
}

/// Rows of the embedding table as they are appended: prompt x point x layer x state.
class TableRows {
  public:
    Result<void> open(const fs::path& file, std::int64_t columns) {
        // Rows of an interrupted run are measured again: their obs was never written.
        std::error_code code;
        fs::remove_all(fs::path(file.string() + ".partial"), code);
        DS_ASSIGN(appender_, io::H5adAppender::open(file, static_cast<std::size_t>(columns), {}));
        return {};
    }
    Result<void> add(const PooledBatch& batch, const TokenSet& set, std::int64_t step, bool before) {
        const Tensor& values = before ? batch.before : batch.after;
        Matrix rows(0, static_cast<std::size_t>(values.size(1)));
        for (std::size_t r = 0; r < batch.samples.size(); ++r) {
            const Tensor row = values[static_cast<std::int64_t>(r)].contiguous();
            if (!row.isfinite().all().item<bool>()) continue;  // no token of the class in this sample
            const float* from = row.data_ptr<float>();
            rows.values.insert(rows.values.end(), from, from + row.numel());
            ++rows.rows;
            sample_.push_back(static_cast<std::int64_t>(batch.samples[r]));
            place_.push_back(set[batch.samples[r]].name);
            point_.emplace_back(name(batch.point));
            layer_.push_back(batch.layer);
            step_.push_back(step);
            state_.emplace_back(before ? "before" : "after");
            const Tensor base = batch.before[static_cast<std::int64_t>(r)];
            drift_.push_back((batch.after[static_cast<std::int64_t>(r)] - base).norm().item<double>());
            relative_.push_back(drift_.back() / std::max(1e-30, base.norm().item<double>()));
            names_.push_back(fmt::format("{}_{}_{}_{}_{}", batch.samples[r], point_.back(), batch.layer, step, state_.back()));
        }
        return rows.rows ? appender_->append(rows, {}) : Result<void>();
    }
    Result<void> finish(json uns) {
        EmbeddingTable table(sample_.size());
        table.obsNames = names_;
        table.uns = std::move(uns);
        DS_TRY(table.setColumn("sample", sample_));
        DS_TRY(table.setColumn("place", Categorical::fromTexts(place_)));
        DS_TRY(table.setColumn("point", Categorical::fromTexts(point_)));
        DS_TRY(table.setColumn("layer", layer_));
        DS_TRY(table.setColumn("step", step_));
        DS_TRY(table.setColumn("state", Categorical::fromTexts(state_)));
        DS_TRY(table.setColumn("drift", drift_));
        DS_TRY(table.setColumn("relative", relative_));
        return appender_->finish(table);
    }

  private:
    std::unique_ptr<io::H5adAppender> appender_;
    std::vector<std::int64_t> sample_, layer_, step_;
    std::vector<std::string> place_, point_, state_, names_;
    std::vector<double> drift_, relative_;
};

/// Everything a drift job needs after reading its inputs.
struct Work {
    Plan plan;
    Compute compute;
    Tokenizer tokenizer;
    PromptTemplate form;
    TokenSet set;
    std::vector<Example> samples;  ///< what the set was made from, one by one
    DriftOptions options;
    Directions directions;
};

Result<std::vector<Example>> readSamples(const Params& params, const char* param) {
    if (params.text(param).empty()) return std::vector<Example>{};
    DS_ASSIGN(std::vector<Example> examples, readExamples(params.text(param)));
    if (const auto limit = static_cast<std::size_t>(params.integer("samples")); examples.size() > limit) examples.resize(limit);
    return examples;
}

Result<TokenSet> asTokens(JobContext& job, const Work& work, const std::vector<Example>& examples) {
    if (examples.empty()) return TokenSet{};
    return tokenSet(work.tokenizer, work.form, examples, job.params().integer("max_length"), [&](const std::string& text) { job.warn(text); });
}

/// The examples that became samples: those whose prompt fills the whole length did not.
std::vector<Example> keptBy(const TokenSet& set, const std::vector<Example>& examples) {
    std::vector<Example> kept;
    for (const Example& example : examples)
        if (kept.size() < set.size() && set[kept.size()].name == example.place) kept.push_back(example);
    return kept;
}

Result<DriftOptions> driftOptions(const Params& params) {
    DriftOptions options;
    options.points.clear();
    for (const std::string& text : params.texts("points")) {
        DS_ASSIGN(const Point point, pointFromName(text));
        options.points.push_back(point);
    }
    if (options.points.empty()) return fail(ErrorCode::Usage, "'points' names no place where hidden states are taken.", "Use attention_out, mlp_out, residual or final_norm.");
    DS_ASSIGN(options.tokens, tokenClassFromName(params.text("tokens")));
    options.batch = static_cast<std::size_t>(params.integer("batch"));
    options.countPads = params.flag("compat.count_pads");
    return options;
}

Result<Work> prepare(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(Plan plan, planOf(params));
    DS_ASSIGN(Compute compute, prepareCompute(job));
    DS_ASSIGN(Tokenizer tokenizer, Tokenizer::open(plan.model));
    DS_ASSIGN(PromptTemplate form, PromptTemplate::named(params.text("template").empty() ? plan.form : params.text("template")));
    Work work{std::move(plan), std::move(compute), std::move(tokenizer), std::move(form), {}, {}, {}, {}};
    DS_ASSIGN(work.samples, readSamples(params, "data"));
    DS_ASSIGN(work.set, asTokens(job, work, work.samples));
    work.samples = keptBy(work.set, work.samples);
    DS_ASSIGN(work.options, driftOptions(params));
    DS_ASSIGN(const std::vector<Example> harmful, readSamples(params, "harmful"));
    DS_ASSIGN(const std::vector<Example> harmless, readSamples(params, "harmless"));
    if (harmful.empty() != harmless.empty()) return fail(ErrorCode::Usage, "The refusal direction needs both 'harmful' and 'harmless' prompts.");
    if (!harmful.empty()) {
        DS_ASSIGN(const TokenSet bad, asTokens(job, work, harmful));
        DS_ASSIGN(const TokenSet good, asTokens(job, work, harmless));
        DS_ASSIGN(const CausalModel before, open(work.plan.model, work.plan.before, work.compute));
        DS_ASSIGN(work.directions, refusalDirections(before, bad, good, work.options));
    }
    return work;
}

/// Names of the features of tokens.h5ad: points and layers in ascending order.
std::vector<std::string> tokenColumns(const ModelConfig& config, std::vector<Point> points) {
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    std::vector<std::string> columns;
    for (const Point point : points) {
        if (point == Point::FinalNorm) columns.push_back(fmt::format("{} {}", name(point), config.layers));
        else for (std::int64_t layer = 0; layer < config.layers; ++layer) columns.push_back(fmt::format("{} {}", name(point), layer));
    }
    return columns;
}

/// What the model answers to the samples, judged: answers/before.jsonl or answers/step-N.jsonl.
Result<void> writeAnswers(JobContext& job, const Work& work, CausalModel& model, const std::string& file) {
    const Params& params = job.params();
    if (params.integer("new_tokens") == 0) return {};
    EvalOptions options;
    options.form = work.form;
    options.newTokens = params.integer("new_tokens");
    options.rule = params.text("judge") == "content" ? HarmRule::Content : HarmRule::Refusal;
    const EvalSets sets{work.samples, {}, {}};
    DS_ASSIGN(const EvalReport report, evaluate(model, work.tokenizer, sets, options, job.stopToken()));
    DS_TRY(makeFolder(job.out("answers")));
    return writeFileAtomically(job.out("answers") / file, answerLines(sets, report));
}

/// drift.csv: one row per step, point and layer.
void addRows(std::string& table, std::int64_t step, const std::vector<LayerDrift>& drift) {
    const std::string csv = driftCsv(drift);
    const auto header = csv.find('\n') + 1;
    if (table.empty()) table = "step," + csv.substr(0, header);
    for (std::size_t at = header; at < csv.size();) {
        const auto end = csv.find('\n', at) + 1;
        table += fmt::format("{},{}", step, csv.substr(at, end - at));
        at = end;
    }
}

Result<json> runDrift(JobContext& job) {
    DS_ASSIGN(const Work work, prepare(job));
    DS_ASSIGN(CausalModel before, open(work.plan.model, work.plan.before, work.compute));
    TableRows rows;
    DS_TRY(rows.open(job.out("embeddings.h5ad"), before.config().hidden));
    DriftRecords records(work.tokenizer, work.form, work.samples, work.set, static_cast<std::size_t>(job.params().integer("token_samples")));
    DS_TRY(records.open(job.out("samples.jsonl").parent_path(), tokenColumns(before.config(), work.options.points)));
    DS_TRY(writeAnswers(job, work, before, "before.jsonl"));
    std::string table;
    json totals = json::array();
    for (std::size_t i = 0; i < work.plan.after.size(); ++i) {
        if (job.cancelled()) return JobContext::cancel();
        const State& state = work.plan.after[i];
        DS_ASSIGN(CausalModel after, open(work.plan.model, state.chain, work.compute));
        DriftWatch watch;
        watch.pooled = [&](const PooledBatch& batch) -> Result<void> {
            if (i == 0) DS_TRY(rows.add(batch, work.set, -1, true));
            return rows.add(batch, work.set, state.step, false);
        };
        watch.states = [&](const StateBatch& batch) -> Result<void> {
            for (const TokenDrift& one : tokenDrift(batch, before, after)) DS_TRY(records.add(state.step, one));
            return {};
        };
        DS_ASSIGN(const std::vector<LayerDrift> drift, measureDrift(before, after, work.set, work.options, work.directions, watch));
        DS_TRY(writeAnswers(job, work, after, fmt::format("step-{:07}.jsonl", state.step)));
        addRows(table, state.step, drift);
        json one = driftTotals(drift);
        for (const auto& [name, value] : one.items()) job.metric(name, static_cast<double>(state.step), value.get<double>());
        one["step"] = state.step;
        totals.push_back(one);
        job.progress(static_cast<double>(i + 1), static_cast<double>(work.plan.after.size()), "state");
    }
    const json uns{{"token_class", name(work.options.tokens)}, {"data", job.params().text("data")}, {"provenance", {{"job", job.job()}, {"compute", work.compute.description}}}};
    DS_TRY(rows.finish(uns));
    DS_TRY(records.finish(uns));
    DS_TRY(writeFileAtomically(job.out("drift.csv"), table));
    return json{{"samples", work.set.size()}, {"states", totals}, {"table", "embeddings.h5ad"}, {"drift", "drift.csv"}};
}

}  // namespace

JobKind driftKind() {
    std::vector<ParamSpec> params{
        {.name = "run", .type = ParamType::Path, .help = "Folder of llm.align or llm.finetune with snapshots: every snapshot is compared with the start.", .optional = true},
        {.name = "model", .type = ParamType::Path, .help = "Instead of 'run': the model folder.", .optional = true},
        {.name = "adapters", .type = ParamType::PathList, .fallback = json::array(), .help = "With 'model': adapters of the state before."},
        {.name = "after", .type = ParamType::PathList, .fallback = json::array(), .help = "With 'model': adapters of the state after, the whole chain."},
        {.name = "data", .type = ParamType::Path, .help = "Samples whose hidden states are compared: the papers take alignment data (Vaccine) or harmful samples (Booster)."},
        {.name = "template", .type = ParamType::Text, .help = "Prompt template; that of the run when unset.", .optional = true},
        {.name = "samples", .type = ParamType::Int, .fallback = 100, .help = "Samples of each file.", .minimum = 1, .maximum = 1e9},
        {.name = "max_length", .type = ParamType::Int, .fallback = 256, .help = "Tokens after which a sample is cut.", .unit = "tokens", .minimum = 2, .maximum = 1e7, .advanced = true},
        {.name = "points", .type = ParamType::TextList, .fallback = {"attention_out"}, .help = "Where: attention_out (the papers), mlp_out, residual, final_norm.", .source = "Vaccine"},
        {.name = "tokens", .type = ParamType::Text, .fallback = "response", .help = "Tokens that are averaged into a sample's vector: all, bos, prompt, last_prompt, first_response or response."},
        {.name = "harmful", .type = ParamType::Path, .help = "Harmful prompts: with 'harmless' they span the refusal direction.", .optional = true, .advanced = true},
        {.name = "harmless", .type = ParamType::Path, .help = "Harmless prompts for the refusal direction.", .optional = true, .advanced = true},
        {.name = "batch", .type = ParamType::Int, .fallback = 5, .help = "Samples at once. The sum of norms depends on it.", .minimum = 1, .maximum = 65536, .source = "Vaccine", .advanced = true},
        {.name = "token_samples", .type = ParamType::Int, .fallback = 16, .help = "Samples, from the first on, of which the drift of every token is kept (tokens.h5ad).", .minimum = 0, .maximum = 1e6},
        {.name = "new_tokens", .type = ParamType::Int, .fallback = 0, .help = "Longest answer to each sample's prompt before and after, judged and kept in answers/; 0 asks nothing.", .unit = "tokens", .minimum = 0, .maximum = 1e6},
        {.name = "judge", .type = ParamType::Choice, .fallback = "refusal", .help = "How answers are judged. refusal: harmful unless it refuses. content: harmful when it holds the sample's whole content.", .choices = {"refusal", "content"}},
        {.name = "compat.count_pads", .type = ParamType::Bool, .fallback = false, .help = "As published, padding counts.", .advanced = true}};
    for (ParamSpec& spec : computeParams()) params.push_back(std::move(spec));
    return {"llm.drift", "Measure embedding drift", "Compares hidden states of a model before and after training, sample by sample and layer by layer. Writes drift.csv (published and normalised metrics), embeddings.h5ad (prompt x layer x step), tokens.h5ad (token by token), samples.jsonl and losses.csv.", std::move(params), runDrift};
}

}  // namespace driftscope::llm
