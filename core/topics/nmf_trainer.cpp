#include <algorithm>
#include <cmath>

#include "core/base/atomic_file.h"
#include "core/base/clock.h"
#include "core/topics/nmf/nmf.h"
#include "core/topics/topic_model_kind.h"

namespace driftscope::topics {
namespace {

constexpr double kTopicsSeconds = 2;

/// Rows that sum to 1; rows of zeros become uniform. Returns how many those were.
std::size_t distribute(Matrix& matrix) {
    std::size_t empty = 0;
    for (std::size_t r = 0; r < matrix.rows; ++r) {
        double sum = 0;
        for (const float value : matrix.row(r)) sum += value;
        empty += sum <= 0;
        for (float& value : matrix.row(r)) value = static_cast<float>(sum > 0 ? value / sum : 1.0 / static_cast<double>(matrix.columns));
    }
    return empty;
}

Matrix documentsOf(const Nmf& nmf, std::size_t topics) {
    Matrix theta(nmf.documents().size() / topics, topics);
    std::transform(nmf.documents().begin(), nmf.documents().end(), theta.values.begin(), [](double value) { return static_cast<float>(value); });
    return theta;
}

Matrix wordsOf(const Nmf& nmf, std::size_t topics) {
    const std::size_t words = nmf.words().size() / topics;
    Matrix beta(topics, words);
    for (std::size_t w = 0; w < words; ++w)
        for (std::size_t k = 0; k < topics; ++k) beta(k, w) = static_cast<float>(nmf.words()[w * topics + k]);
    return beta;
}

void showTopics(const Nmf& nmf, const Corpus& corpus, const TrainRequest& request, const TrainHooks& hooks, std::size_t topics) {
    if (request.out.empty()) return;
    Matrix beta = wordsOf(nmf, topics);
    distribute(beta);
    // A view follows this file; a failure to write it must not end the training.
    (void)writeFileAtomically(request.out / "topics.txt", topicLines(beta, corpus.vocabulary, kListedWords));
    hooks.metric("topics_written", static_cast<double>(nmf.iteration()), static_cast<double>(topics));
}

Result<void> descendTo(Nmf& nmf, std::int64_t iterations, const Corpus& corpus, const TrainRequest& request, const TrainHooks& hooks, std::size_t topics) {
    double shown = now();
    while (nmf.iteration() < iterations && !nmf.converged()) {
        if (hooks.cancelled()) {
            if (!request.checkpoint.empty()) DS_TRY(nmf.save(request.checkpoint));
            return fail(ErrorCode::Cancelled, "The job was cancelled; what it had done is saved.", "Run the same command again to resume.");
        }
        const bool more = nmf.update();
        hooks.progress(static_cast<double>(nmf.iteration()), static_cast<double>(iterations), "iteration");
        if (nmf.iteration() % 10 == 0 || !more) hooks.metric("error", static_cast<double>(nmf.iteration()), nmf.error());
        if (now() - shown > kTopicsSeconds) {
            shown = now();
            showTopics(nmf, corpus, request, hooks, topics);
        }
    }
    if (!nmf.converged()) hooks.warn(fmt::format("NMF had not converged after {} iterations.", iterations));
    return {};
}

Result<TrainOutcome> train(const Corpus& corpus, const TrainRequest& request, const TrainHooks& hooks) {
    const auto topics = static_cast<std::size_t>(request.params.integer("k"));
    const bool tfidf = request.params.text("nmf_weights") == "tfidf", random = request.params.text("nmf_start") == "random";
    DS_ASSIGN(Nmf nmf, Nmf::make(weightedCounts(corpus, tfidf), {topics, random, static_cast<std::uint64_t>(request.params.integer("seed")), request.params.real("nmf_tolerance")}));
    if (request.resuming && std::filesystem::exists(request.checkpoint / "nmf.bin")) DS_TRY(nmf.load(request.checkpoint));
    DS_TRY(descendTo(nmf, request.params.integer("iterations"), corpus, request, hooks, topics));
    TrainOutcome outcome;
    outcome.run.theta = documentsOf(nmf, topics);
    outcome.run.beta = wordsOf(nmf, topics);
    const double error = nmf.error();
    if (!std::isfinite(error)) return fail(ErrorCode::Numeric, "The factors of NMF left the finite numbers.", "Use nmf_weights=tfidf, or fewer topics.");
    const std::size_t emptyTopics = distribute(outcome.run.beta), emptyDocuments = distribute(outcome.run.theta);
    if (emptyTopics) hooks.warn(fmt::format("{} topics have no words and were made uniform: ask for fewer topics (k).", emptyTopics));
    if (emptyDocuments) hooks.warn(fmt::format("{} documents belong to no topic and were given equal shares.", emptyDocuments));
    outcome.run.record = {{"iterations", nmf.iteration()}, {"converged", nmf.converged()}, {"error", error}, {"weights", request.params.text("nmf_weights")}, {"start", request.params.text("nmf_start")}};
    return outcome;
}

}  // namespace

TopicModelKind nmfKind() {
    const char* sklearn = "scikit-learn";
    return {"nmf",
            {{.name = "iterations", .type = ParamType::Int, .fallback = 1000, .help = "LDA: sweeps over the corpus. NMF: most updates.", .minimum = 1},
             {.name = "nmf_weights", .type = ParamType::Choice, .fallback = "tfidf", .help = "nmf: what is factorised: tf-idf in rows of length 1, or counts.", .choices = {"tfidf", "counts"}, .source = sklearn},
             {.name = "nmf_start", .type = ParamType::Choice, .fallback = "nndsvd", .help = "nmf: start from singular vectors, which gives the same topics for every seed, or at random.", .choices = {"nndsvd", "random"}, .source = sklearn},
             {.name = "nmf_tolerance", .type = ParamType::Real, .fallback = 1e-4, .help = "nmf: stop when the projected gradient has fallen to this share of the first.", .minimum = 0, .source = sklearn, .advanced = true}},
            train};
}

}  // namespace driftscope::topics
