#pragma once

#include <optional>

#include "core/llm/model/config.h"
#include "core/llm/study/study_plan.h"

namespace driftscope::llm {

/// Rows of a study's files; 0: the file is not given.
struct StudyRows {
    std::size_t align = 0, harmful = 0, user = 0, poison = 0, testHarmful = 0, testBenign = 0, testUser = 0;
};

/// A run that a study will make.
struct PlannedRun {
    std::string folder;  ///< below the study's: "align/vaccine-seed1"
    std::string arm, method;
    bool alignment = false;
    double ratio = 0;
    std::int64_t seed = 0;
    std::int64_t steps = 0, batch = 0, length = 0;  ///< length: longest sample in tokens
    std::int64_t measurements = 0, answers = 0, newTokens = 0;  ///< answers: prompts answered at every measurement
};

/// Every run of a grid in the order of its making. Errors: settings out of range.
Result<std::vector<PlannedRun>> planRuns(const std::vector<Arm>& arms, const std::vector<double>& ratios, const std::vector<std::int64_t>& seeds, const StudySettings& settings, const StudyRows& rows);

/// How long steps and answers take, learned from finished runs of a model of the same size on the same machine.
class Pace {
  public:
    /// Takes a finished llm.align or llm.finetune run. `result` is its result, `seconds` what it took in all.
    void learn(const nlohmann::json& result, double seconds);
    bool empty() const { return seconds_.empty(); }
    int runs() const { return runs_; }
    /// Seconds of a run. `measured` says whether the method itself was seen: else its published cost relative to one that was is used.
    double secondsOf(const PlannedRun& run, bool* measured = nullptr) const;

  private:
    struct Mean {
        double sum = 0;
        int count = 0;
        double value() const { return sum / count; }
    };
    std::map<std::string, Mean> seconds_;  ///< of a step per sample of its batch, by method
    Mean answer_;                          ///< of an answer, per new token allowed
    int runs_ = 0;
};

/// Cost of a training step in units of plain fine-tuning's, as published or counted in passes.
double publishedCost(const std::string& method);

/// Bytes that a run needs at its peak, roughly: weights (which drift shares), adapters with AdamW's moments, activations
/// of one micro-batch, logits.
double peakBytes(const ModelConfig& model, std::int64_t parameters, const nlohmann::json& settings);
/// Numbers in a model's weights, counted from its architecture.
std::int64_t parameterCount(const ModelConfig& model);

}  // namespace driftscope::llm
