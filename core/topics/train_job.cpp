#include <algorithm>
#include <numeric>

#include "core/base/atomic_file.h"
#include "core/base/fingerprint.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/job_kinds.h"
#include "core/topics/lda/infer.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;

const TopicModelKind* find(const std::vector<TopicModelKind>& models, const std::string& name) {
    const auto found = std::find_if(models.begin(), models.end(), [&](const TopicModelKind& kind) { return kind.name == name; });
    return found == models.end() ? nullptr : &*found;
}

Result<void> checkCorpus(const Corpus& corpus, std::int64_t k, const TrainHooks& hooks) {
    if (corpus.tokens() == 0) return fail(ErrorCode::BadInput, "The corpus has no words.", "Preprocess it with looser limits.");
    if (corpus.vocabulary.size() < 2)
        return fail(ErrorCode::BadInput, fmt::format("The vocabulary is the single word '{}': every topic would be the same.", corpus.vocabulary[0]), "Preprocess with looser limits (min_doc_freq, max_doc_freq).");
    if (k > static_cast<std::int64_t>(corpus.tokens()))
        return fail(ErrorCode::BadInput, fmt::format("{} topics for {} words in all: most would be empty.", k, corpus.tokens()), "Ask for fewer topics (k).");
    if (k > static_cast<std::int64_t>(corpus.documents())) hooks.warn(fmt::format("{} topics for {} documents: many topics will hold a single document or none.", k, corpus.documents()));
    std::size_t empty = 0;
    for (std::size_t d = 0; d < corpus.documents(); ++d) empty += corpus.document(d).empty();
    if (empty) hooks.warn(fmt::format("{} documents have no words; their topics are the prior's.", empty));
    return {};
}

/// Documents whose largest topic is the same for all: the run is of no use for the paper's measures.
void warnOfCollapse(const TopicRun& run, const TrainHooks& hooks) {
    const std::vector<std::uint32_t> hard = hardAssignments(run.theta);
    if (run.topics() > 1 && hard.size() > 1 && std::all_of(hard.begin(), hard.end(), [&](std::uint32_t topic) { return topic == hard[0]; }))
        hooks.warn(fmt::format("Every document has topic {} as its largest: this run tells documents apart by nothing.", hard[0]));
}

TrainHooks hooksOf(JobContext& job) {
    return {[&job] { return job.cancelled(); }, [&job](double done, double total, std::string_view stage) { job.progress(done, total, stage); },
            [&job](std::string_view name, double step, double value) { job.metric(name, step, value); }, [&job](std::string_view text) { job.log(text); },
            [&job](std::string_view text) { job.warn(text); }};
}

/// Topics and perplexity of the documents that training did not see.
Result<json> testDocuments(JobContext& job, const Corpus& corpus, const TopicRun& run) {
    const Corpus test = selectSplit(corpus, Split::Test);
    if (test.documents() == 0 || !run.record.contains("alpha")) return json();
    job.progress(0, 1, "held-out documents");
    const FixedTopics topics(run.beta, run.record["alpha"].get<std::vector<double>>());
    InferSettings settings;
    settings.seed = static_cast<std::uint64_t>(job.params().integer("seed"));
    settings.threads = job.params().integer("threads");
    const Matrix theta = inferTopics(topics, test, settings, job.stopToken());
    const HeldOut heldOut = documentCompletion(topics, test, settings, job.stopToken());
    if (job.cancelled()) return JobContext::cancel();
    DS_TRY(writeMatrix(job.out("test.theta.npy"), theta));
    DS_TRY(writeDocuments(job.out("test.documents.csv"), test));
    return json{{"documents", test.documents()}, {"tokens_scored", heldOut.tokens}, {"log_likelihood", heldOut.logLikelihood}, {"perplexity", heldOut.perplexity()}, {"estimator", "document completion"}};
}

Result<json> run(JobContext& job, const std::vector<TopicModelKind>& models) {
    DS_ASSIGN(const Corpus corpus, readCorpus(job.params().text("corpus")));
    DS_ASSIGN(const Corpus training, trainingPart(corpus, job.params().text("split")));
    const TrainRequest request{job.params(), job.out(), job.checkpoint(), job.resuming(), job.device()};
    DS_ASSIGN(TrainOutcome outcome, trainModel(models, training, request, hooksOf(job)));
    if (job.params().text("split") == "train") {
        DS_ASSIGN(json heldOut, testDocuments(job, corpus, outcome.run));
        if (!heldOut.is_null()) outcome.run.record["held_out"] = std::move(heldOut);
    }
    for (const auto& [name, content] : outcome.files) DS_TRY(writeFileAtomically(job.out(name), content));
    DS_TRY(writeTopicRun(job.out(), outcome.run));
    return outcome.run.record;
}

}  // namespace

Result<Corpus> trainingPart(const Corpus& corpus, const std::string& split) {
    if (split == "all") return corpus;
    Corpus part = selectSplit(corpus, Split::Train);
    if (part.documents() == 0) return fail(ErrorCode::BadInput, "No document of the corpus is marked for training.", "Train on all documents with split=all.");
    return part;
}

std::vector<ParamSpec> trainParams(const std::vector<TopicModelKind>& models) {
    std::vector<std::string> names;
    for (const TopicModelKind& kind : models) names.push_back(kind.name);
    std::vector<ParamSpec> specs{{.name = "corpus", .type = ParamType::Path, .help = "A corpus folder of topics.preprocess."},
                                 {.name = "model", .type = ParamType::Choice, .fallback = "lda", .help = "Which topic model.", .choices = names},
                                 {.name = "k", .type = ParamType::Int, .fallback = 50, .help = "Number of topics.", .minimum = 1, .maximum = 65535},
                                 {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of every draw; two seeds show how stable the topics are.", .minimum = 0},
                                 {.name = "threads", .type = ParamType::Int, .fallback = 1, .help = "Worker threads; LDA's topics do not depend on it, those of neural models may in the last digits.", .minimum = 1, .maximum = 1024},
                                 {.name = "split", .type = ParamType::Choice, .fallback = "all", .help = "Train on all documents, or on those marked train (test documents are then held out).", .choices = {"all", "train"}}};
    for (const TopicModelKind& kind : models)
        for (const ParamSpec& spec : kind.params) {
            const bool known = std::any_of(specs.begin(), specs.end(), [&](const ParamSpec& other) { return other.name == spec.name; });
            if (!known) specs.push_back(spec);
        }
    return specs;
}

Result<TrainOutcome> trainModel(const std::vector<TopicModelKind>& models, const Corpus& corpus, const TrainRequest& request, const TrainHooks& hooks) {
    const std::string name = request.params.text("model");
    const TopicModelKind* kind = find(models, name);
    if (!kind) return fail(ErrorCode::Internal, fmt::format("The model '{}' is not linked.", name));
    DS_TRY(checkCorpus(corpus, request.params.integer("k"), hooks));
    DS_ASSIGN(TrainOutcome outcome, kind->train(corpus, request, hooks));
    TopicRun& run = outcome.run;
    run.vocabulary = corpus.vocabulary;
    run.documents = corpus;
    run.record.update({{"model", name}, {"k", request.params.integer("k")}, {"seed", request.params.integer("seed")}, {"documents", corpus.documents()}, {"tokens", corpus.tokens()},
                       {"words", corpus.vocabulary.size()}, {"corpus_hash", corpus.contentHash()}, {"vocabulary_hash", corpus.vocabularyHash()}, {"version", DRIFTSCOPE_VERSION}});
    warnOfCollapse(run, hooks);
    return outcome;
}

JobKind trainKind(ModelList models) {
    return {"topics.train", "Train a topic model",
            "Trains a topic model on a corpus folder and writes theta.npy (documents x topics), beta.npy (topics x words), topics.txt, vocab.json and metrics.json. "
            "Stops and resumes without changing the result.",
            trainParams(*models), [models](JobContext& job) { return run(job, *models); }};
}

}  // namespace driftscope::topics
