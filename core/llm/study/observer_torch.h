#pragma once

#include "core/llm/measure/drift_torch.h"
#include "core/llm/study/setup_torch.h"

namespace driftscope::llm {

/// Measures a model under training: losses, answers, drift from the start. Values go to the curves, answers to
/// answers/step-N.jsonl, drift per layer to drift/step-N.csv.
class TrainingObserver {
  public:
    TrainingObserver(JobContext& job, TrainingSetup& setup);
    Result<void> measure(std::int64_t step);
    const nlohmann::json& last() const { return last_; }

  private:
    Result<void> loss(const char* name, const TokenSet& set, std::int64_t step);
    Result<void> answers(std::int64_t step);
    Result<void> drift(std::int64_t step);
    Result<void> writeStep(const char* folder, std::int64_t step, const char* extension, const std::string& content) const;
    TokenSet some(const TokenSet& all) const;

    JobContext& job_;
    TrainingSetup& setup_;
    std::optional<EvalOptions> judging_;
    std::optional<CausalModel> start_;  ///< what drift is measured from
    nlohmann::json last_ = nlohmann::json::object();
};

/// A table of drift: one row per point and layer.
std::string driftCsv(const std::vector<LayerDrift>& drift);
/// Sums over layers in the published forms and means of the normalised ones.
nlohmann::json driftTotals(const std::vector<LayerDrift>& drift);

}  // namespace driftscope::llm
