#include "core/topics/study/study_cell.h"

#include <cmath>

#include "core/topics/measure/coherence.h"
#include "core/topics/measure/diversity.h"
#include "core/topics/measure/ensemble.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;

struct ScoreName {
    const char* key;
    const char* title;
    double PartitionScores::*value;
};
constexpr ScoreName kScores[] = {{"ari", "ARI", &PartitionScores::ari},
                                 {"nmi", "NMI", &PartitionScores::nmi},
                                 {"purity", "Purity", &PartitionScores::purity},
                                 {"inverse_purity", "Inverse purity", &PartitionScores::inversePurity},
                                 {"p1", "P1", &PartitionScores::p1}};

void addAlignment(std::map<std::string, double>& into, const PartitionScores& scores, const std::string& level) {
    for (const ScoreName& score : kScores) into[fmt::format("{}:{}", score.key, level)] = scores.*score.value;
}

void alignRun(std::map<std::string, double>& into, const TopicRun& run, const Corpus& corpus) {
    const std::vector<std::uint32_t> hard = hardAssignments(run.theta);
    for (const LabelLevel& level : corpus.levels) addAlignment(into, align(hard, run.topics(), level, {.bootstrap = 0, .shuffles = 0}).scores, level.name);
}

Result<void> scoreWords(StudyRun& into, const TopicRun& run, const Corpus& corpus, const StudyCellSettings& settings) {
    const auto lists = topWords(run.beta, 25);
    std::vector<std::vector<std::string>> words;
    for (const auto& list : lists) {
        words.emplace_back();
        for (std::size_t i = 0; i < std::min<std::size_t>(20, list.size()); ++i) words.back().push_back(corpus.vocabulary[list[i]]);
    }
    into.values["topic_diversity"] = diversity(lists, 25, 0.9, corpus.vocabulary.size()).topicDiversity;
    into.values["topic_uniqueness"] = diversity(lists, 10, 0.9, corpus.vocabulary.size()).topicUniqueness;
    for (const CoherenceMeasure measure : {CoherenceMeasure::Npmi, CoherenceMeasure::Cv}) {
        if (!corpus.ordered || (measure == CoherenceMeasure::Cv && !settings.withCv)) continue;
        DS_ASSIGN(const Coherence scored, coherence(words, corpus, {.measure = measure, .window = defaultWindow(measure), .topWords = 10}));
        if (std::isfinite(scored.mean)) into.values[std::string(name(measure))] = scored.mean;
    }
    return {};
}

Result<void> compareRuns(StudyCell& cell, const std::vector<TopicRun>& runs, const StudyCellSettings& settings) {
    if (runs.size() < 2) return {};
    DS_ASSIGN(const Stability s, stability(runs, {.topWords = settings.topWords}));
    cell.estimates["word_distance"] = estimateOf(s.wordMean, runs.size());
    cell.estimates["document_distance"] = estimateOf(s.documentMean, runs.size());
    cell.estimates["run_ari"] = estimateOf(s.ari, runs.size());
    cell.estimates["unique_topic_words"] = {s.uniqueTopicWords, {}, runs.size()};
    cell.estimates["unique_document_words"] = {s.uniqueDocumentWords, {}, runs.size()};
    cell.identicalDocuments = s.identicalDocuments;
    return {};
}

Result<void> joinRuns(StudyCell& cell, const std::vector<TopicRun>& runs, const Corpus& corpus) {
    if (runs.size() < 2 || corpus.levels.empty()) return {};
    for (const bool sum : {true, false}) {
        DS_ASSIGN(const Ensemble joined, ensemble(runs, {.sum = sum}));
        StudyEnsemble made{sum ? "sum" : "mean", {}, joined.topics.size(), joined.supportedByAll, joined.onePerRun};
        alignRun(made.values, joined.run, corpus);
        cell.ensembles.push_back(std::move(made));
    }
    return {};
}

/// What chance gives, on the first run's topics.
void addBaselines(StudyCell& cell, const TopicRun& run, const Corpus& corpus) {
    const std::vector<std::uint32_t> hard = hardAssignments(run.theta);
    for (const LabelLevel& level : corpus.levels) {
        const LevelAlignment alignment = align(hard, run.topics(), level, {.bootstrap = 0, .shuffles = 20});
        addAlignment(cell.shuffled, alignment.shuffled, level.name);
        cell.majority[level.name] = alignment.majority;
    }
}

void dropPathological(StudyCell& cell, std::vector<TopicRun>& runs) {
    for (std::size_t i = runs.size(); i-- > 0;)
        if (isPathological(runs[i])) {
            cell.lost.push_back(fmt::format("seed {}: every document has the same largest topic", cell.runs[i].seed));
            runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(i));
            cell.runs.erase(cell.runs.begin() + static_cast<std::ptrdiff_t>(i));
        }
}

}  // namespace

bool isClassical(const std::string& model) {
    return model == "lda" || model == "nmf";
}

std::vector<StudyMeasure> studyMeasures(const std::vector<std::string>& levels) {
    std::vector<StudyMeasure> measures{{"word_distance", "Topic-word distance / K", false, true},
                                       {"document_distance", "Document-topic distance / K", false, true},
                                       {"run_ari", "ARI between runs", true, true},
                                       {"unique_topic_words", "Unique topic words", false, true},
                                       {"unique_document_words", "Unique document words", false, true}};
    for (const std::string& level : levels)
        for (const ScoreName& score : kScores) measures.push_back({fmt::format("{}:{}", score.key, level), fmt::format("{}, {}", score.title, level), true, false});
    measures.push_back({"c_npmi", "NPMI", true, false});
    measures.push_back({"c_v", "C_v", true, false});
    measures.push_back({"topic_diversity", "Topic diversity (25)", true, false});
    measures.push_back({"topic_uniqueness", "Topic uniqueness (10)", true, false});
    return measures;
}

Result<void> measureCell(StudyCell& cell, std::vector<TopicRun> runs, const Corpus& corpus, const StudyCellSettings& settings, const std::function<bool()>& stopped) {
    const auto cancelled = [] { return fail(ErrorCode::Cancelled, "The job was cancelled; what it had done is saved.", "Run the same command again to resume."); };
    dropPathological(cell, runs);
    std::map<std::string, std::vector<double>> values;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (stopped()) return cancelled();
        alignRun(cell.runs[i].values, runs[i], corpus);
        DS_TRY(scoreWords(cell.runs[i], runs[i], corpus, settings));
        for (const auto& [key, value] : cell.runs[i].values) values[key].push_back(value);
    }
    for (const auto& [key, list] : values) cell.estimates[key] = estimateOf(list);
    if (runs.empty()) return {};
    addBaselines(cell, runs[0], corpus);
    if (stopped()) return cancelled();
    DS_TRY(compareRuns(cell, runs, settings));
    if (stopped()) return cancelled();
    return joinRuns(cell, runs, corpus);
}

json toJson(const StudyCell& cell) {
    json estimates = json::object(), runs = json::array(), ensembles = json::array();
    for (const auto& [key, estimate] : cell.estimates) estimates[key] = toJson(estimate);
    for (const StudyRun& run : cell.runs) runs.push_back({{"seed", run.seed}, {"folder", run.folder}, {"values", run.values}});
    for (const StudyEnsemble& e : cell.ensembles) ensembles.push_back({{"aggregate", e.aggregate}, {"values", e.values}, {"k", e.topics}, {"supported_by_all_runs", e.supportedByAll}, {"one_per_run", e.onePerRun}});
    return {{"corpus", cell.corpus}, {"model", cell.model}, {"k", cell.topics}, {"estimates", estimates}, {"runs", runs}, {"lost", cell.lost}, {"ensembles", ensembles}, {"shuffled", cell.shuffled}, {"majority", cell.majority}};
}

}  // namespace driftscope::topics
