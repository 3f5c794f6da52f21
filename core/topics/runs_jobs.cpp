#include "core/topics/job_kinds.h"
#include "core/topics/measure/ensemble.h"
#include "core/topics/measure/human_answers.h"
#include "core/topics/measure/stability.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;

Result<std::vector<TopicRun>> readRuns(const std::vector<std::string>& folders) {
    std::vector<TopicRun> runs;
    for (const std::string& folder : folders) {
        DS_ASSIGN(TopicRun run, readTopicRun(folder));
        runs.push_back(std::move(run));
    }
    for (std::size_t r = 1; r < runs.size(); ++r) {
        const std::string first = runs[0].record.value("corpus_hash", ""), other = runs[r].record.value("corpus_hash", "");
        if (!first.empty() && !other.empty() && first != other)
            return fail(ErrorCode::BadInput, fmt::format("{} and {} were trained on different documents.", folders[0], folders[r]), "Compare runs of one corpus and split.");
    }
    return runs;
}

Result<json> runStability(JobContext& job) {
    const Params& params = job.params();
    const std::vector<std::string> folders = params.texts("runs");
    DS_ASSIGN(std::vector<TopicRun> runs, readRuns(folders));
    json used = json::array(), left = json::array();
    std::vector<TopicRun> good;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        const bool drop = params.flag("drop_pathological") && isPathological(runs[r]);
        (drop ? left : used).push_back(folders[r]);
        if (drop)
            job.warn(fmt::format("{} gives every document the same largest topic and was left out.", folders[r]));
        else
            good.push_back(std::move(runs[r]));
    }
    const StabilitySettings settings{params.text("mode") == "paper", distanceFromName(params.text("distance")).value_or(DistanceKind::Rbo), static_cast<std::size_t>(params.integer("top_words")),
                                     params.real("p_words"), params.real("p_documents")};
    DS_ASSIGN(const Stability compared, stability(good, settings, [&](std::size_t done, std::size_t total) {
        job.progress(static_cast<double>(done), static_cast<double>(total), "pair of runs");
        return !job.cancelled();
    }));
    json result = toJson(compared);
    result["folders"] = used;
    result["left_out"] = left;
    result["mode"] = params.text("mode");
    result["distance"] = params.text("distance");
    DS_TRY(writeJson(job.out("result.json"), result));
    result.erase("pairs");
    return result;
}

EnsembleSettings ensembleSettings(const Params& params) {
    EnsembleSettings settings;
    settings.wordDistance = distanceFromName(params.text("distance")).value_or(DistanceKind::JensenShannon);
    settings.documentDistance = distanceFromName(params.text("document_distance")).value_or(DistanceKind::Correlation);
    settings.wordShare = params.real("word_share");
    settings.linkage = params.text("linkage") == "complete" ? Linkage::Complete : Linkage::Average;
    settings.clusters = static_cast<std::size_t>(params.integer("clusters"));
    settings.threshold = params.real("threshold");
    settings.sum = params.text("aggregate") == "sum";
    settings.minimumRuns = static_cast<std::size_t>(params.integer("min_support"));
    return settings;
}

Result<json> runEnsemble(JobContext& job) {
    DS_ASSIGN(const std::vector<TopicRun> runs, readRuns(job.params().texts("runs")));
    job.progress(0, 1, "clustering");
    DS_ASSIGN(Ensemble joined, ensemble(runs, ensembleSettings(job.params())));
    json result = toJson(joined);
    result["folders"] = job.params().texts("runs");
    joined.run.record = {{"model", "ensemble"}, {"k", joined.topics.size()}, {"members", job.params().texts("runs")}, {"settings", job.params().values()}, {"version", DRIFTSCOPE_VERSION}};
    for (const char* key : {"corpus_hash", "vocabulary_hash"})
        if (runs[0].record.contains(key)) joined.run.record[key] = runs[0].record[key];
    if (joined.dropped) job.warn(fmt::format("{} clusters have topics from fewer than {} runs and were dropped.", joined.dropped, job.params().integer("min_support")));
    DS_TRY(writeTopicRun(job.out(), joined.run));
    DS_TRY(writeJson(job.out("result.json"), result));
    return result;
}

Result<json> runHuman(JobContext& job) {
    DS_ASSIGN(const std::vector<JudgedTopic> topics, readJudgedTopics(job.params().text("input")));
    json result = summariseJudgements(topics, static_cast<std::size_t>(job.params().integer("bootstrap")), static_cast<std::uint64_t>(job.params().integer("seed")));
    DS_TRY(writeJson(job.out("result.json"), result));
    return result;
}

ParamSpec runsParam() {
    return {.name = "runs", .type = ParamType::PathList, .help = "Run folders, separated by commas."};
}

}  // namespace

JobKind stabilityKind() {
    const char* paper = "Hoyle et al. 2022";
    return {"topics.stability", "Compare runs of one model",
            "Matches the topics of every pair of runs at least total distance, by words and by documents, and says how far they agree. Writes result.json.",
            {runsParam(),
             {.name = "mode", .type = ParamType::Choice, .fallback = "paper", .help = "Paper: truncated RBO over documents, which gives equal lists 0.9^n. Corrected: extrapolated RBO, which gives them 0.", .choices = {"paper", "corrected"}, .source = paper},
             {.name = "distance", .type = ParamType::Choice, .fallback = "rbo", .help = "Rank overlap, Jensen-Shannon distance (square root, nats) or 1 - correlation.", .choices = {"rbo", "js", "correlation"}, .source = paper},
             {.name = "top_words", .type = ParamType::Int, .fallback = 50, .help = "Words per topic that are compared.", .unit = "words", .minimum = 1, .source = paper},
             {.name = "p_words", .type = ParamType::Real, .fallback = 1.0, .help = "Persistence of RBO over words; 1 is average overlap.", .minimum = 0.01, .maximum = 1, .source = paper, .advanced = true},
             {.name = "p_documents", .type = ParamType::Real, .fallback = 0.9, .help = "Persistence of RBO over documents.", .minimum = 0.01, .maximum = 0.999, .source = paper, .advanced = true},
             {.name = "drop_pathological", .type = ParamType::Bool, .fallback = true, .help = "Leave out runs in which all documents have the same largest topic.", .source = paper, .advanced = true}},
            runStability};
}

JobKind ensembleKind() {
    const char* paper = "Hoyle et al. 2022";
    return {"topics.ensemble", "Join runs into one",
            "Clusters the topics of several runs and joins each cluster into one topic. Writes a run folder and result.json, which names the members of every topic.",
            {runsParam(),
             {.name = "distance", .type = ParamType::Choice, .fallback = "js", .help = "Distance between topics by words.", .choices = {"js", "rbo", "correlation"}, .source = paper},
             {.name = "document_distance", .type = ParamType::Choice, .fallback = "correlation", .help = "Distance between topics by documents.", .choices = {"js", "rbo", "correlation"}, .source = paper, .advanced = true},
             {.name = "word_share", .type = ParamType::Real, .fallback = 1.0, .help = "Weight of the distance by words; the rest goes to that by documents.", .minimum = 0, .maximum = 1},
             {.name = "linkage", .type = ParamType::Choice, .fallback = "average", .help = "How the distance of clusters follows from that of their members.", .choices = {"average", "complete"}, .source = paper},
             {.name = "clusters", .type = ParamType::Int, .fallback = 0, .help = "Number of topics; 0 takes that of the first run.", .minimum = 0},
             {.name = "threshold", .type = ParamType::Real, .fallback = 0.0, .help = "Above 0: stop joining at this distance instead of a number of topics.", .minimum = 0, .source = paper},
             {.name = "aggregate", .type = ParamType::Choice, .fallback = "sum", .help = "A document's share of a joined topic: the sum of its members' shares, or their mean.", .choices = {"sum", "mean"}},
             {.name = "min_support", .type = ParamType::Int, .fallback = 1, .help = "Drop topics with members from fewer runs.", .unit = "runs", .minimum = 1}},
            runEnsemble};
}

JobKind humanKind() {
    return {"topics.human", "Compare metrics with human judgements",
            "Recomputes from raw answers how human ratings and intrusion tests of topics go with metrics: means per model, Spearman and Pearson with intervals, Krippendorff's alpha. Writes result.json.",
            {{.name = "input", .type = ParamType::Path, .help = "Answers in the layout of Hoyle et al. 2021, all_data.json.", .source = "Hoyle et al. 2021"},
             {.name = "bootstrap", .type = ParamType::Int, .fallback = 1000, .help = "Resamples of the topics for intervals.", .minimum = 0},
             {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of the resamples.", .minimum = 0, .advanced = true}},
            runHuman};
}

}  // namespace driftscope::topics
