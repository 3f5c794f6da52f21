#include <numeric>
#include <unordered_map>

#include "core/topics/data/corpus_folder.h"
#include "core/topics/job_kinds.h"
#include "core/topics/lda/infer.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;

/// The corpus in the run's word ids; words the run does not know are left out and counted.
Corpus inWordsOf(const TopicRun& run, const Corpus& corpus, std::uint64_t& unknown) {
    std::unordered_map<std::string_view, std::uint32_t> idOf;
    for (std::size_t w = 0; w < run.vocabulary.size(); ++w) idOf.emplace(run.vocabulary[w], static_cast<std::uint32_t>(w));
    Corpus mapped;
    static_cast<DocumentList&>(mapped) = corpus;
    mapped.vocabulary = run.vocabulary;
    mapped.ordered = corpus.ordered;
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        for (const std::uint32_t word : corpus.document(d)) {
            const auto found = idOf.find(corpus.vocabulary[word]);
            if (found == idOf.end())
                ++unknown;
            else
                mapped.words.push_back(found->second);
        }
        mapped.offsets.push_back(mapped.words.size());
    }
    return mapped;
}

/// The prior over topics that the run learnt; for models without one, a flat prior of the given sum.
std::vector<double> priorOf(const TopicRun& run, double alphaSum, JobContext& job) {
    if (const auto found = run.record.find("alpha"); found != run.record.end() && found->is_array() && found->size() == run.topics()) {
        std::vector<double> alpha;
        for (const json& value : *found) alpha.push_back(value.is_number() ? std::max(value.get<double>(), 1e-9) : 1e-9);
        return alpha;
    }
    job.warn(fmt::format("The run has no prior over topics; a symmetric one with the sum {} is used.", alphaSum));
    return std::vector<double>(run.topics(), alphaSum / static_cast<double>(run.topics()));
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const TopicRun model, readTopicRun(params.text("run")));
    DS_ASSIGN(const Corpus corpus, readCorpus(params.text("corpus")));
    std::uint64_t unknown = 0;
    const Corpus mapped = inWordsOf(model, corpus, unknown);
    if (mapped.tokens() == 0) return fail(ErrorCode::BadInput, fmt::format("No word of {} is in the run's vocabulary.", params.text("corpus")), "Preprocess both corpora the same way.");
    if (unknown) job.warn(fmt::format("{} of {} words are not in the run's vocabulary and were left out.", unknown, corpus.tokens()));
    std::size_t empty = 0;
    for (std::size_t d = 0; d < mapped.documents(); ++d) empty += mapped.document(d).empty();
    if (empty) job.warn(fmt::format("{} documents have no known word; their topics are the prior's mean.", empty));
    const FixedTopics topics(model.beta, priorOf(model, params.real("alpha_sum"), job));
    const InferSettings settings{params.integer("iterations"), params.integer("burn_in"), params.integer("thinning"), static_cast<std::uint64_t>(params.integer("seed")), params.integer("threads")};
    job.progress(0, 2, "inference");
    const Matrix theta = inferTopics(topics, mapped, settings, job.stopToken());
    job.progress(1, 2, "held-out likelihood");
    const bool exact = params.text("held_out") == "left_to_right";
    const HeldOut heldOut = exact ? leftToRight(topics, mapped, params.integer("particles"), settings, job.stopToken()) : documentCompletion(topics, mapped, settings, job.stopToken());
    if (job.cancelled()) return JobContext::cancel();
    DS_TRY(writeMatrix(job.out("theta.npy"), theta));
    DS_TRY(writeDocuments(job.out("documents.csv"), mapped));
    const json result{{"documents", mapped.documents()}, {"unknown_words", unknown}, {"documents_without_known_words", empty}, {"estimator", params.text("held_out")},
                      {"tokens_scored", heldOut.tokens}, {"log_likelihood", heldOut.logLikelihood}, {"perplexity", heldOut.tokens ? json(heldOut.perplexity()) : json()}};
    DS_TRY(writeJson(job.out("result.json"), result));
    return result;
}

}  // namespace

JobKind inferKind() {
    return {"topics.infer", "Find the topics of new documents",
            "Finds the topics of a corpus with the words of a trained run held fixed, and the held-out likelihood. Writes theta.npy, documents.csv and result.json.",
            {{.name = "run", .type = ParamType::Path, .help = "Folder of a trained or imported run."},
             {.name = "corpus", .type = ParamType::Path, .help = "Corpus folder with the new documents."},
             {.name = "iterations", .type = ParamType::Int, .fallback = 100, .help = "Gibbs sweeps per document.", .minimum = 0, .source = "MALLET 2.1.1"},
             {.name = "burn_in", .type = ParamType::Int, .fallback = 10, .help = "Sweeps before the first sample.", .minimum = 0, .source = "MALLET 2.1.1"},
             {.name = "thinning", .type = ParamType::Int, .fallback = 10, .help = "Sweeps between samples, which are averaged.", .minimum = 1, .source = "MALLET 2.1.1"},
             {.name = "alpha_sum", .type = ParamType::Real, .fallback = 5.0, .help = "Sum of a symmetric prior over topics, for runs that have none.", .minimum = 1e-9, .advanced = true},
             {.name = "held_out", .type = ParamType::Choice, .fallback = "completion", .help = "Estimator of the held-out likelihood.", .choices = {"completion", "left_to_right"}, .source = "Wallach et al. 2009"},
             {.name = "particles", .type = ParamType::Int, .fallback = 10, .help = "Particles of left_to_right.", .minimum = 1, .advanced = true},
             {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of every draw.", .minimum = 0},
             {.name = "threads", .type = ParamType::Int, .fallback = 1, .help = "Worker threads; the result does not depend on it.", .minimum = 1}},
            run};
}

}  // namespace driftscope::topics
