#include "core/topics/study/study_findings.h"

#include <algorithm>
#include <cmath>

namespace driftscope::topics {
namespace {

bool startsWith(const std::string& text, const char* prefix) {
    return text.rfind(prefix, 0) == 0;
}

void count(Tally& tally, const StudyComparison& comparison, bool classicalIsBetter) {
    ++tally.of;
    tally.better += classicalIsBetter;
    tally.clearlyBetter += comparison.clear && classicalIsBetter;
    tally.clearlyWorse += comparison.clear && !classicalIsBetter;
}

void countEnsembles(StudyFindings& findings, const StudyCell& cell) {
    for (const StudyEnsemble& made : cell.ensembles)
        for (const auto& [key, value] : made.values) {
            if (!startsWith(key, "ari:") && !startsWith(key, "nmi:") && !startsWith(key, "p1:")) continue;
            const Estimate& members = cell.estimates.at(key);
            double best = -1;
            for (const StudyRun& run : cell.runs) best = std::max(best, run.values.at(key));
            Tally& overMean = findings.ensembleOverMean[made.aggregate];
            ++overMean.of;
            overMean.better += value > members.mean;
            if (members.error) {
                overMean.clearlyBetter += value > *members.high();
                overMean.clearlyWorse += value < *members.low();
            }
            Tally& overBest = findings.ensembleOverBest[made.aggregate];
            ++overBest.of;
            overBest.better += value > best;
        }
}

}  // namespace

std::vector<StudyComparison> compareModels(const std::vector<StudyCell>& cells, const std::vector<StudyMeasure>& measures) {
    std::vector<StudyComparison> comparisons;
    for (std::size_t i = 0; i < cells.size(); ++i)
        for (std::size_t j = i + 1; j < cells.size(); ++j) {
            const StudyCell &a = cells[i], &b = cells[j];
            if (a.corpus != b.corpus || a.topics != b.topics || a.model == b.model) continue;
            for (const StudyMeasure& measure : measures) {
                const auto inA = a.estimates.find(measure.key), inB = b.estimates.find(measure.key);
                if (inA == a.estimates.end() || inB == b.estimates.end()) continue;
                StudyComparison one{a.corpus, a.model, b.model, measure.key, a.topics, difference(inA->second, inB->second)};
                one.aIsBetter = measure.higherIsBetter ? one.difference.mean > 0 : one.difference.mean < 0;
                one.clear = isClear(one.difference);
                comparisons.push_back(std::move(one));
            }
        }
    return comparisons;
}

std::string verdict(const Tally& tally) {
    if (tally.of == 0) return "not measured";
    const double share = static_cast<double>(tally.better) / static_cast<double>(tally.of);
    return share >= 1 ? "reproduced" : share >= 0.75 ? "mostly reproduced" : share > 0.5 ? "partly reproduced" : "not reproduced";
}

StudyFindings findingsOf(const std::vector<StudyCell>& cells, const std::vector<StudyComparison>& comparisons) {
    StudyFindings findings;
    for (const StudyComparison& one : comparisons) {
        if (isClassical(one.a) == isClassical(one.b)) continue;
        const bool classicalIsBetter = isClassical(one.a) == one.aIsBetter;
        if (one.measure == "word_distance" || one.measure == "document_distance") count(findings.moreStable, one, classicalIsBetter);
        if (startsWith(one.measure, "ari:") || startsWith(one.measure, "nmi:")) count(findings.betterAligned, one, classicalIsBetter);
    }
    for (const StudyCell& cell : cells) countEnsembles(findings, cell);
    return findings;
}

}  // namespace driftscope::topics
