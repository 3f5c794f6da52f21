#include <cmath>

#include "core/base/atomic_file.h"
#include "core/base/clock.h"
#include "core/topics/lda/lda_sampler.h"
#include "core/topics/topic_model_kind.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;
constexpr double kCheckpointSeconds = 60;
constexpr double kTopicsSeconds = 2;

LdaSettings readSettings(const Params& params) {
    LdaSettings settings;
    settings.topics = params.integer("k");
    settings.iterations = params.integer("iterations");
    settings.alphaSum = params.real("alpha_sum");
    settings.beta = params.real("beta");
    settings.optimizeInterval = params.integer("optimize_interval");
    settings.burnIn = params.integer("burn_in");
    settings.symmetricAlpha = params.flag("symmetric_alpha");
    settings.seed = static_cast<std::uint64_t>(params.integer("seed"));
    settings.partitions = params.integer("partitions");
    settings.threads = params.integer("threads");
    return settings;
}

std::string assignmentLines(const Corpus& corpus, const std::vector<std::uint32_t>& topics) {
    std::string text;
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        for (std::size_t i = corpus.offsets[d]; i < corpus.offsets[d + 1]; ++i) fmt::format_to(std::back_inserter(text), "{}{}", i > corpus.offsets[d] ? " " : "", topics[i]);
        text += '\n';
    }
    return text;
}

/// Sweeps with everything a person wants to see on the way, and a state to come back to.
class Training {
  public:
    Training(const Corpus& corpus, const TrainRequest& request, const TrainHooks& hooks, LdaSampler& sampler)
        : corpus_(corpus), request_(request), hooks_(hooks), sampler_(sampler), trace_(request.params.integer("trace_interval")), saved_(now()), shown_(now()) {}

    Result<void> run(std::int64_t iterations) {
        const auto total = static_cast<double>(iterations);
        while (sampler_.iteration() < iterations) {
            if (hooks_.cancelled()) {
                DS_TRY(save());
                return fail(ErrorCode::Cancelled, "The job was cancelled; what it had done is saved.", "Run the same command again to resume.");
            }
            const double begun = now();
            sampler_.sweep();
            seconds_ += now() - begun;
            ++sweeps_;
            const std::int64_t at = sampler_.iteration();
            hooks_.progress(static_cast<double>(at), total, "iteration");
            if (trace_ > 0 && (at % trace_ == 0 || at == iterations)) trace();
            if (now() - saved_ > kCheckpointSeconds) DS_TRY(save());
        }
        return save();
    }

    double tokensPerSecond() const { return seconds_ > 0 ? static_cast<double>(sweeps_) * static_cast<double>(corpus_.tokens()) / seconds_ : 0; }

  private:
    Result<void> save() {
        saved_ = now();
        if (request_.checkpoint.empty()) return {};
        return sampler_.save(request_.checkpoint);
    }

    void trace() {
        const auto at = static_cast<double>(sampler_.iteration());
        hooks_.metric("log_likelihood_per_token", at, sampler_.logLikelihoodPerToken());
        hooks_.metric("alpha_sum", at, sampler_.priors().alphaSum);
        hooks_.metric("beta", at, sampler_.priors().beta);
        if (request_.out.empty() || now() - shown_ < kTopicsSeconds) return;
        shown_ = now();
        // A view follows this file; a failure to write it must not end the training.
        (void)writeFileAtomically(request_.out / "topics.txt", topicLines(topicWords(corpus_, sampler_.assignments(), sampler_.priors()), corpus_.vocabulary, kListedWords));
    }

    const Corpus& corpus_;
    const TrainRequest& request_;
    const TrainHooks& hooks_;
    LdaSampler& sampler_;
    std::int64_t trace_;
    double saved_, shown_, seconds_ = 0;
    std::int64_t sweeps_ = 0;
};

Result<void> restore(LdaSampler& sampler, const TrainRequest& request, const TrainHooks& hooks) {
    const std::string from = request.params.text("continue_from");
    std::filesystem::path state;
    if (request.resuming && std::filesystem::exists(request.checkpoint / "lda.json"))
        state = request.checkpoint;
    else if (!from.empty())
        state = std::filesystem::path(from) / "checkpoint";
    if (state.empty()) return {};
    if (!std::filesystem::exists(state / "lda.json"))
        return fail(ErrorCode::NotFound, fmt::format("{} holds no state to continue from.", state.parent_path().string()), "Name the folder of an LDA run of the same corpus.");
    DS_TRY(sampler.load(state));
    hooks.log(fmt::format("Going on from iteration {}.", sampler.iteration()));
    return {};
}

Result<TrainOutcome> train(const Corpus& corpus, const TrainRequest& request, const TrainHooks& hooks) {
    const LdaSettings settings = readSettings(request.params);
    const bool compatible = request.params.text("mode") == "compatible";
    DS_ASSIGN(const std::unique_ptr<LdaSampler> sampler, compatible ? makeCompatibleSampler(corpus, settings) : makeFastSampler(corpus, settings));
    DS_TRY(restore(*sampler, request, hooks));
    if (sampler->iteration() > settings.iterations)
        return fail(ErrorCode::BadInput, fmt::format("The state to continue from has {} iterations already.", sampler->iteration()), "Ask for more iterations.");
    Training training(corpus, request, hooks, *sampler);
    DS_TRY(training.run(settings.iterations));
    const std::vector<std::uint32_t> topics = sampler->assignments();
    TrainOutcome outcome;
    outcome.run.theta = documentTopics(corpus, topics, sampler->priors());
    outcome.run.beta = topicWords(corpus, topics, sampler->priors());
    outcome.run.record = {{"mode", request.params.text("mode")}, {"iterations", settings.iterations}, {"partitions", compatible ? 1 : settings.partitions}, {"threads", settings.threads},
                          {"log_likelihood_per_token", sampler->logLikelihoodPerToken()}, {"alpha", sampler->priors().alpha}, {"alpha_sum", sampler->priors().alphaSum},
                          {"beta", sampler->priors().beta}, {"tokens_per_second", training.tokensPerSecond()}};
    if (request.params.flag("assignments")) outcome.files.emplace_back("assignments.txt", assignmentLines(corpus, topics));
    return outcome;
}

}  // namespace

TopicModelKind ldaKind() {
    const char* mallet = "MALLET 2.1.1";
    std::vector<ParamSpec> params{
        {.name = "mode", .type = ParamType::Choice, .fallback = "fast", .help = "LDA: fast, or compatible with MALLET's single-thread sampler draw for draw.", .choices = {"fast", "compatible"}},
        {.name = "iterations", .type = ParamType::Int, .fallback = 1000, .help = "LDA: sweeps over the corpus. NMF: most updates.", .minimum = 1, .source = mallet},
        {.name = "alpha_sum", .type = ParamType::Real, .fallback = 5.0, .help = "LDA: sum of the prior over topics at the start.", .minimum = 1e-9, .source = mallet},
        {.name = "beta", .type = ParamType::Real, .fallback = 0.01, .help = "LDA: prior over words at the start.", .minimum = 1e-9, .source = mallet},
        {.name = "optimize_interval", .type = ParamType::Int, .fallback = 10, .help = "LDA: sweeps between updates of the priors (asymmetric alpha); 0 keeps them.", .minimum = 0, .source = "Hoyle et al. 2022"},
        {.name = "burn_in", .type = ParamType::Int, .fallback = 200, .help = "LDA: sweeps before the first update of the priors.", .minimum = 0, .source = mallet},
        {.name = "symmetric_alpha", .type = ParamType::Bool, .fallback = false, .help = "LDA: learn only the sum of alpha.", .advanced = true},
        {.name = "partitions", .type = ParamType::Int, .fallback = 4, .help = "LDA, fast: documents and words are cut into so many parts, which bounds the threads; 1 is the exact sampler. Part of the result, unlike threads.", .minimum = 1, .maximum = 1024, .advanced = true},
        {.name = "trace_interval", .type = ParamType::Int, .fallback = 10, .help = "LDA: sweeps between values of the likelihood's curve; 0 draws none.", .minimum = 0, .advanced = true},
        {.name = "continue_from", .type = ParamType::Path, .help = "LDA: folder of a run to go on from, with more iterations.", .optional = true, .advanced = true},
        {.name = "assignments", .type = ParamType::Bool, .fallback = false, .help = "LDA: also write assignments.txt, the topic of every token, a line per document."}};
    return {"lda", std::move(params), train};
}

}  // namespace driftscope::topics
