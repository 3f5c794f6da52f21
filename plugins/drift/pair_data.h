#pragma once

#include <QString>
#include <vector>

#include "core/llm/study/study_results.h"
#include "plugins/drift/answers.h"
#include "plugins/drift/drift_metrics.h"
#include "widgets/plot/matrix_plot.h"

namespace driftscope::drift {

/// What a run's folder tells for a comparison.
struct PairSide {
    LayerDriftTable drift;
    AnswerBook answers;

    /// Errors: a damaged file, named.
    static Result<PairSide> read(const QString& folder);
};

/// Layer x step maps of two runs over the same axes, in one range of colours, and their difference (second minus first).
struct PairMaps {
    plot::MatrixPlot::Matrix first, second, difference;
    double low = 0, high = 0;  ///< of the two together; equal when nothing was measured
};
PairMaps pairMaps(const LayerDriftTable& first, const LayerDriftTable& second, MetricId metric, const std::string& point);

/// A prompt with both answers.
struct PairAnswer {
    AskedPrompt prompt;
    Answer first, second;
    /// "refused → harmful"; empty when the verdicts agree.
    QString change() const;
};
/// Prompts that both were asked at their steps, changed verdicts first.
std::vector<PairAnswer> pairAnswers(const AnswerBook& first, std::int64_t firstStep, const AnswerBook& second, std::int64_t secondStep);

/// "refused", "harmful", "incoherent", "right", "answered".
QString verdictText(const AskedPrompt& prompt, const Answer& answer);

/// Second minus first where both have a value; other steps are left out.
llm::Course difference(const llm::Course& first, const llm::Course& second);

}  // namespace driftscope::drift
