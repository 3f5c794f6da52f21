#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/topics/measure/alignment.h"
#include "core/topics/study/estimate.h"

namespace driftscope::topics {

/// A quantity of the study: of one run, or of all pairs of runs.
struct StudyMeasure {
    std::string key;            ///< "ari:topic"; the part after the colon is the level of categories
    std::string title;
    bool higherIsBetter = true;
    bool ofPairs = false;       ///< stability
};
/// All measures for these levels of categories, in the order of the tables.
std::vector<StudyMeasure> studyMeasures(const std::vector<std::string>& levels);

/// One trained run of a cell.
struct StudyRun {
    std::int64_t seed = 0;
    std::string folder;
    std::map<std::string, double> values;  ///< by measure; absent where a run has none
};

/// How an ensemble of the cell's runs aligns, beside its members.
struct StudyEnsemble {
    std::string aggregate;                 ///< "sum" or "mean" of theta over members
    std::map<std::string, double> values;  ///< alignment, by measure
    std::size_t topics = 0, supportedByAll = 0, onePerRun = 0;
};

/// Model x corpus x K: what its runs say together.
struct StudyCell {
    std::string corpus, model;
    std::size_t topics = 0;
    std::vector<StudyRun> runs;
    std::vector<std::string> lost;         ///< runs that diverged or collapsed, with the reason
    std::map<std::string, Estimate> estimates;     ///< by measure
    std::vector<StudyEnsemble> ensembles;
    std::map<std::string, double> shuffled, majority;  ///< chance level per alignment measure; largest category's share per level
    double identicalDocuments = 0;         ///< document distance of a run to itself in the paper's mode
};

struct StudyCellSettings {
    std::size_t topWords = 50;
    bool withCv = true;                    ///< C_v is the slowest of the measures
};

/// Measures the runs of a cell. `runs[i]` belongs to `cell.runs[i]`; runs in which all documents have the same largest topic
/// move to `lost`, as the paper leaves them out. `stopped` is asked between measures.
Result<void> measureCell(StudyCell& cell, std::vector<TopicRun> runs, const Corpus& corpus, const StudyCellSettings& settings, const std::function<bool()>& stopped);

/// The classical models of the paper's question (lda, nmf); all others are neural.
bool isClassical(const std::string& model);

nlohmann::json toJson(const StudyCell& cell);

}  // namespace driftscope::topics
