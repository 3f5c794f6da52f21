#include "core/llm/study/study_estimate.h"

#include <algorithm>
#include <cmath>

#include "core/io/json_access.h"
#include "core/llm/train/training_params.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

/// A stage's parameters with presets and methods' defaults filled in; files stand in for those not known yet.
Result<ResolvedParams> resolved(const Arm& arm, const StudySettings& settings, Stage stage, const StudyRows& rows) {
    json given = settings.of(arm, stage == Stage::Align ? "align" : "finetune");
    given["method"] = stage == Stage::Align ? arm.alignMethod : arm.finetuneMethod;
    given["model"] = given["data"] = "-";
    if (rows.testHarmful) given["eval_harmful"] = "-";
    DS_ASSIGN(const Params params, Params::make(trainingParams(stage), given));
    return ResolvedParams(params, stage);
}

/// Rows of a mixture with this share of poison.
std::size_t mixtureRows(const ResolvedParams& params, double ratio, const StudyRows& rows) {
    if (const auto wanted = params.integer("samples"); wanted > 0) return static_cast<std::size_t>(wanted);
    return ratio < 1 ? static_cast<std::size_t>(static_cast<double>(rows.user) / (1 - ratio) + 1e-9) : rows.poison;
}

void fillWork(PlannedRun& run, const ResolvedParams& params, std::size_t samples, const StudyRows& rows) {
    const std::int64_t together = params.integer("batch") * params.integer("accumulate");
    run.batch = together;
    run.length = params.integer("max_length");
    run.steps = params.integer("epochs") * ((static_cast<std::int64_t>(samples) + together - 1) / together);
    if (const std::int64_t most = params.integer("steps"); most > 0) run.steps = std::min(run.steps, most);
    const std::int64_t every = params.integer("eval_every"), limit = params.integer("eval_samples");
    run.measurements = 2 + (every > 0 && run.steps > 0 ? (run.steps - 1) / every : 0);
    for (const std::size_t set : {rows.testHarmful, rows.testBenign, rows.testUser}) run.answers += std::min(static_cast<std::int64_t>(set), limit);
    run.newTokens = params.integer("new_tokens");
}

}  // namespace

Result<std::vector<PlannedRun>> planRuns(const std::vector<Arm>& arms, const std::vector<double>& ratios, const std::vector<std::int64_t>& seeds, const StudySettings& settings, const StudyRows& rows) {
    std::vector<PlannedRun> runs;
    for (const std::int64_t seed : seeds)
        for (const Arm& arm : arms) {
            PlannedRun align{.folder = settings.alignFolder(arm, seed), .arm = arm.name, .method = arm.alignMethod, .alignment = true, .seed = seed};
            if (std::none_of(runs.begin(), runs.end(), [&](const PlannedRun& run) { return run.folder == align.folder; })) {
                DS_ASSIGN(const ResolvedParams params, resolved(arm, settings, Stage::Align, rows));
                fillWork(align, params, rows.align, rows);
                runs.push_back(align);
            }
            DS_ASSIGN(const ResolvedParams params, resolved(arm, settings, Stage::Finetune, rows));
            for (const double ratio : ratios) {
                PlannedRun tune{.folder = StudySettings::finetuneFolder(arm, ratio, seed), .arm = arm.name, .method = arm.finetuneMethod, .ratio = ratio, .seed = seed};
                fillWork(tune, params, mixtureRows(params, ratio, rows), rows);
                runs.push_back(tune);
            }
        }
    return runs;
}

double publishedCost(const std::string& method) {
    // Vaccine, table 6: 2.0; Lisa, table 7: BSO 1.03, Lisa 1.08, VlGuard 1.06; Booster: three passes; the others by their passes.
    static const std::map<std::string, double> costs{{"vaccine", 2}, {"t_vaccine", 2}, {"booster", 3}, {"booster+vaccine", 4}, {"repnoise", 3}, {"lisa", 1.08}, {"bso", 1.03}, {"vlguard", 1.4}, {"kl", 1.4}, {"ldifs", 1.4}};
    const auto found = costs.find(method);
    return found == costs.end() ? 1 : found->second;
}

void Pace::learn(const json& result, double seconds) {
    const json& settings = io::objectMember(result, "settings");
    const double steps = io::numberMember(result, "steps", 0), perStep = io::numberMember(result, "seconds_per_step", 0);
    const double together = io::numberMember(settings, "batch", 0) * io::numberMember(settings, "accumulate", 1);
    if (!(steps > 0) || !(perStep > 0) || !(together > 0)) return;
    Mean& mean = seconds_[io::textMember(result, "method", "sft")];
    mean.sum += perStep / together;
    ++mean.count;
    ++runs_;
    const double every = io::numberMember(settings, "eval_every", 0), samples = io::numberMember(settings, "eval_samples", 0), tokens = io::numberMember(settings, "new_tokens", 0);
    int sets = 0;
    for (const char* name : {"eval_harmful", "eval_benign", "eval_task"}) sets += !io::textMember(settings, name).empty();
    const double measurements = 2 + (every > 0 ? std::floor((steps - 1) / every) : 0), rest = seconds - steps * perStep;
    if (sets == 0 || !(rest > 0) || !(samples > 0) || !(tokens > 0)) return;
    answer_.sum += rest / (measurements * sets * samples * tokens);
    ++answer_.count;
}

double Pace::secondsOf(const PlannedRun& run, bool* measured) const {
    const auto own = seconds_.find(run.method);
    if (measured) *measured = own != seconds_.end();
    double perSample = 0;
    if (own != seconds_.end()) {
        perSample = own->second.value();
    } else if (!seconds_.empty()) {
        const auto plain = seconds_.find("sft");
        const auto& [name, mean] = plain != seconds_.end() ? *plain : *seconds_.begin();
        perSample = mean.value() / publishedCost(name) * publishedCost(run.method);
    }
    double seconds = static_cast<double>(run.steps) * perSample * static_cast<double>(run.batch);
    if (answer_.count) seconds += static_cast<double>(run.measurements * run.answers * run.newTokens) * answer_.value();
    return seconds;
}

std::int64_t parameterCount(const ModelConfig& model) {
    const std::int64_t attention = model.hidden * model.headDim * (2 * model.heads + 2 * model.kvHeads), mlp = model.hidden * model.ffn * (model.gated() ? 3 : 2);
    return model.layers * (attention + mlp) + model.vocab * model.hidden * (model.tied ? 1 : 2);
}

double peakBytes(const ModelConfig& model, std::int64_t parameters, const json& settings) {
    const bool half = io::textMember(settings, "precision") == "bf16";
    const double bytes = half ? 2 : 4, batch = io::numberMember(settings, "batch", 8), length = std::min(io::numberMember(settings, "max_length", 256), static_cast<double>(model.positions));
    const double tokens = batch * length, hidden = static_cast<double>(model.hidden), ffn = static_cast<double>(model.ffn), layers = static_cast<double>(model.layers);
    const double weights = static_cast<double>(parameters) * bytes;
    const double adapters = 4 * 4 * io::numberMember(settings, "lora.r", 8) * layers * (8 * hidden + 3 * (hidden + ffn));
    const double perLayer = tokens * (12 * hidden + 4 * ffn) + batch * static_cast<double>(model.heads) * length * length * 2;
    const double activations = bytes * (settings.is_object() && settings.value("checkpointing", false) ? layers * tokens * hidden + perLayer : layers * perLayer);
    const double logits = 4 * 3 * tokens * static_cast<double>(model.vocab);
    return weights + adapters + activations + logits;
}

}  // namespace driftscope::llm
