#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "core/topics/data/corpus_folder.h"
#include "core/topics/job_kinds.h"
#include "core/topics/measure/coherence.h"
#include "core/topics/measure/diversity.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;

/// Lines of words from a file, or from the topics.txt of a run folder.
Result<std::vector<std::vector<std::string>>> topicsFrom(const std::string& path) {
    return readTopicLines(std::filesystem::is_directory(path) ? std::filesystem::path(path) / "topics.txt" : std::filesystem::path(path));
}

Result<json> runCoherence(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const auto topics, topicsFrom(params.text("topics")));
    DS_ASSIGN(const Corpus whole, readCorpus(params.text("corpus")));
    DS_ASSIGN(const Corpus reference, trainingPart(whole, params.text("split")));
    const CoherenceMeasure measure = coherenceFromName(params.text("measure")).value_or(CoherenceMeasure::Npmi);
    const CoherenceSettings settings{measure, params.text("counting") == "gensim" ? WindowCounting::Gensim : WindowCounting::Exact,
                                     params.isSet("window") ? static_cast<std::size_t>(params.integer("window")) : defaultWindow(measure), static_cast<std::size_t>(params.integer("top_n"))};
    DS_ASSIGN(const Coherence scored, coherence(topics, reference, settings));
    if (!scored.unknown.empty())
        job.warn(fmt::format("{} words are not in the reference corpus and were left out: {}{}.", scored.unknown.size(),
                             fmt::join(scored.unknown.begin(), scored.unknown.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(10, scored.unknown.size())), ", "), scored.unknown.size() > 10 ? ", …" : ""));
    if (scored.unscored) job.warn(fmt::format("{} topics have fewer than two known words and no value.", scored.unscored));
    json perTopic = json::array();
    for (const double value : scored.perTopic) perTopic.push_back(std::isfinite(value) ? json(value) : json());
    const json result{{"per_topic", perTopic}, {"mean", std::isfinite(scored.mean) ? json(scored.mean) : json()}, {"measure", params.text("measure")}, {"counting", params.text("counting")},
                      {"window", settings.window}, {"top_n", settings.topWords}, {"windows", scored.windows}, {"unknown_words", scored.unknown}, {"topics_without_value", scored.unscored},
                      {"reference_hash", reference.contentHash()}, {"reference", params.text("corpus")}};
    DS_TRY(writeJson(job.out("result.json"), result));
    return result;
}

Result<json> runDiversity(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const auto topics, topicsFrom(params.text("topics")));
    std::unordered_map<std::string, std::uint32_t> idOf;
    std::vector<std::vector<std::uint32_t>> lists;
    std::size_t empty = 0;
    for (const auto& topic : topics) {
        std::vector<std::uint32_t> list;
        for (const std::string& word : topic) list.push_back(idOf.try_emplace(word, static_cast<std::uint32_t>(idOf.size())).first->second);
        empty += list.empty();
        lists.push_back(std::move(list));
    }
    if (empty) job.warn(fmt::format("{} topics list no words.", empty));
    const Diversity wide = diversity(lists, static_cast<std::size_t>(params.integer("top_n")), params.real("p"), idOf.size());
    const Diversity narrow = diversity(lists, static_cast<std::size_t>(params.integer("top_n_overlap")), params.real("p"), idOf.size());
    const json result{{"topics", lists.size()}, {"topic_diversity", wide.topicDiversity}, {"topic_uniqueness", narrow.topicUniqueness}, {"overlap", narrow.overlap}, {"rbo", narrow.rbo},
                      {"inverted_rbo", narrow.invertedRbo}, {"uniqueness_per_topic", narrow.uniqueness}, {"top_n", params.integer("top_n")}, {"top_n_overlap", params.integer("top_n_overlap")}, {"p", params.real("p")}};
    DS_TRY(writeJson(job.out("result.json"), result));
    return result;
}

}  // namespace

JobKind coherenceKind() {
    return {"topics.coherence", "Score topics by coherence",
            "Scores topics (a line of words each, or a run folder) by how their words meet in a reference corpus. Writes result.json. Coherence is a weak proxy of human judgement (Spearman .28 to .43, Hoyle et al. 2021).",
            {{.name = "topics", .type = ParamType::Path, .help = "File with a line of words per topic, best first, or a run folder."},
             {.name = "corpus", .type = ParamType::Path, .help = "Reference corpus folder: the training corpus, or a larger one."},
             {.name = "measure", .type = ParamType::Choice, .fallback = "c_npmi", .help = "Which coherence.", .choices = {"c_npmi", "c_v", "c_uci", "u_mass", "npmi_internal"}, .source = "Röder et al. 2015"},
             {.name = "counting", .type = ParamType::Choice, .fallback = "exact", .help = "Exact windows, or gensim's, which forget a word when its first copy leaves the window.", .choices = {"exact", "gensim"}, .source = "gensim 4.2"},
             {.name = "window", .type = ParamType::Int, .help = "Words per window; 0 takes whole documents. Unset: 10, 110 for c_v, 0 for u_mass and npmi_internal.", .unit = "words", .minimum = 0, .source = "gensim 4.2", .optional = true},
             {.name = "top_n", .type = ParamType::Int, .fallback = 10, .help = "Words of each topic that are scored.", .unit = "words", .minimum = 2},
             {.name = "split", .type = ParamType::Choice, .fallback = "all", .help = "Count in all documents or in those marked train.", .choices = {"all", "train"}, .advanced = true}},
            runCoherence};
}

JobKind diversityKind() {
    return {"topics.diversity", "Measure how different topics are",
            "Topic diversity, uniqueness, overlap and rank-biased overlap of the topics of one run. Writes result.json.",
            {{.name = "topics", .type = ParamType::Path, .help = "File with a line of words per topic, best first, or a run folder."},
             {.name = "top_n", .type = ParamType::Int, .fallback = 25, .help = "Words per topic for topic diversity.", .unit = "words", .minimum = 1, .source = "Dieng et al. 2020"},
             {.name = "top_n_overlap", .type = ParamType::Int, .fallback = 10, .help = "Words per topic for uniqueness, overlap and RBO.", .unit = "words", .minimum = 1, .source = "Nan et al. 2019"},
             {.name = "p", .type = ParamType::Real, .fallback = 0.9, .help = "Persistence of rank-biased overlap.", .minimum = 0.01, .maximum = 0.999, .source = "Webber et al. 2010"}},
            runDiversity};
}

}  // namespace driftscope::topics
