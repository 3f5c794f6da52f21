#pragma once

#include "core/topics/study/study_cell.h"

namespace driftscope::topics {

/// Two models at one corpus, K and measure.
struct StudyComparison {
    std::string corpus, a, b, measure;
    std::size_t topics = 0;
    Estimate difference;      ///< a - b
    bool aIsBetter = false;
    bool clear = false;       ///< the 95 % interval leaves out 0
};
/// All pairs of models within each corpus and K.
std::vector<StudyComparison> compareModels(const std::vector<StudyCell>& cells, const std::vector<StudyMeasure>& measures);

/// How often something was the case.
struct Tally {
    std::size_t of = 0, better = 0, clearlyBetter = 0, clearlyWorse = 0;
};
/// "reproduced" when better throughout, "mostly reproduced" from three quarters, "partly reproduced" above a half, else "not reproduced".
std::string verdict(const Tally& tally);

/// The paper's two findings, counted over this study.
struct StudyFindings {
    Tally moreStable;   ///< classical against neural models: word and document distance
    Tally betterAligned;///< classical against neural: ARI and NMI of every level
    std::map<std::string, Tally> ensembleOverMean, ensembleOverBest;  ///< by aggregate; ARI, NMI and P1 of the ensemble against the mean and the best of its members
};
StudyFindings findingsOf(const std::vector<StudyCell>& cells, const std::vector<StudyComparison>& comparisons);

}  // namespace driftscope::topics
