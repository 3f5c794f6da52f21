#include "core/llm/study/observer_torch.h"

#include <cmath>

#include "core/base/atomic_file.h"
#include "core/llm/study/judging_torch.h"

namespace driftscope::llm {

using nlohmann::json;

std::string driftCsv(const std::vector<LayerDrift>& drift) {
    std::string csv = "point,layer,sum_squares,sum_norms,relative,relative_tokens,cosine_distance,norm_ratio,cka,procrustes,along_direction,across_direction\n";
    for (const LayerDrift& one : drift)
        csv += fmt::format("{},{},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g}\n", name(one.point), one.layer, one.sumSquares, one.sumNorms, one.relative, one.relativeTokens,
                           one.cosine, one.normRatio, one.cka, one.procrustes, one.alongDirection, one.acrossDirection);
    return csv;
}

json driftTotals(const std::vector<LayerDrift>& drift) {
    double squares = 0, norms = 0, relative = 0, cosine = 0, cka = 0;
    int varying = 0;
    for (const LayerDrift& one : drift) {
        squares += one.sumSquares, norms += one.sumNorms, relative += one.relative, cosine += one.cosine;
        if (std::isfinite(one.cka)) cka += one.cka, ++varying;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(1, drift.size()));
    json totals{{"drift (sum of squares, Vaccine)", squares}, {"drift (sum of norms, Booster)", norms}, {"drift (relative)", relative / count}, {"drift (cosine)", cosine / count}};
    if (varying) totals["CKA with the start"] = cka / varying;
    return totals;
}

TrainingObserver::TrainingObserver(JobContext& job, TrainingSetup& setup) : job_(job), setup_(setup) {
    const Params& params = job.params();
    if (!setup.lora || !params.flag("drift")) return;
    start_ = frozenCopy(setup.model);
    if (params.values().contains("lora.mode") && params.text("lora.mode") == "single") return;
    // A fresh adapter is zero at the start: without it the start is the frozen model, whatever a resume has restored since.
    for (Linear* linear : start_->linears()) linear->lora.reset();
}

TokenSet TrainingObserver::some(const TokenSet& all) const {
    const auto limit = static_cast<std::size_t>(job_.params().integer("eval_samples"));
    return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), limit))};
}

Result<void> TrainingObserver::writeStep(const char* folder, std::int64_t step, const char* extension, const std::string& content) const {
    DS_TRY(makeFolder(job_.out(folder)));
    return writeFileAtomically(job_.out(folder) / fmt::format("step-{:07}{}", step, extension), content);
}

Result<void> TrainingObserver::loss(const char* name, const TokenSet& set, std::int64_t step) {
    if (set.empty()) return {};
    DS_ASSIGN(const double value, meanLoss(setup_.model, some(set), static_cast<std::size_t>(setup_.options.batch)));
    job_.metric(name, static_cast<double>(step), value);
    last_[name] = value;
    return {};
}

Result<void> TrainingObserver::answers(std::int64_t step) {
    if (setup_.sets.empty() || !setup_.tokenizer) return {};
    if (!judging_) {
        DS_ASSIGN(judging_, evalOptions(job_.params(), setup_.model, *setup_.tokenizer, setup_.sets));
        judging_->batch = static_cast<std::size_t>(job_.params().integer("eval_batch"));
    }
    DS_ASSIGN(const EvalReport report, evaluate(setup_.model, *setup_.tokenizer, setup_.sets, *judging_, job_.stopToken()));
    for (const auto& [name, rate] : report.rates()) {
        job_.metric(name, static_cast<double>(step), rate.value());
        last_[name] = rate.value();
    }
    return writeStep("answers", step, ".jsonl", answerLines(setup_.sets, report));
}

Result<void> TrainingObserver::drift(std::int64_t step) {
    if (!start_) return {};
    const TokenSet& set = setup_.data.align.empty() ? setup_.data.primary : setup_.data.align;
    DriftOptions options;
    options.tokens = TokenClass::All;
    DS_ASSIGN(const std::vector<LayerDrift> layers, measureDrift(*start_, setup_.model, some(set), options));
    const json totals = driftTotals(layers);
    for (const auto& [name, value] : totals.items()) job_.metric(name, static_cast<double>(step), value.get<double>());
    for (const LayerDrift& one : layers) job_.metric(fmt::format("drift of layer {}", one.layer), static_cast<double>(step), one.relative);
    last_.update(totals);
    return writeStep("drift", step, ".csv", driftCsv(layers));
}

Result<void> TrainingObserver::measure(std::int64_t step) {
    DS_TRY(loss("loss/data", setup_.data.primary, step));
    DS_TRY(loss("loss/alignment", setup_.data.align, step));
    DS_TRY(loss("loss/harmful", setup_.data.harmful, step));
    DS_TRY(drift(step));
    return answers(step);
}

}  // namespace driftscope::llm
