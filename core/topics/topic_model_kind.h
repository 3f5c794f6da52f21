#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/params.h"
#include "core/topics/data/corpus.h"
#include "core/topics/data/topic_run.h"

namespace driftscope::topics {

/// How training talks to whoever started it: a job, or a study that runs many.
struct TrainHooks {
    std::function<bool()> cancelled = [] { return false; };
    std::function<void(double done, double total, std::string_view stage)> progress = [](double, double, std::string_view) {};
    std::function<void(std::string_view name, double step, double value)> metric = [](std::string_view, double, double) {};
    std::function<void(std::string_view text)> log = [](std::string_view) {};
    std::function<void(std::string_view text)> warn = [](std::string_view) {};
};

/// What training is to do.
struct TrainRequest {
    Params params;                       ///< of topics.train
    std::filesystem::path out;           ///< folder for the files that appear while training runs (topics.txt)
    std::filesystem::path checkpoint;    ///< folder for the state; empty keeps none
    bool resuming = false;               ///< `checkpoint` holds the state of the same request
    std::string device = "auto";
};

/// What training gives: the model, and extra files by name.
struct TrainOutcome {
    TopicRun run;
    std::vector<std::pair<std::string, std::string>> files;
};

/// One family of topic models. `params` are those it adds to the common ones (corpus, model, k, seed, split).
struct TopicModelKind {
    std::string name;
    std::vector<ParamSpec> params;
    std::function<Result<TrainOutcome>(const Corpus&, const TrainRequest&, const TrainHooks&)> train;
};

/// Latent Dirichlet allocation by collapsed Gibbs sampling.
TopicModelKind ldaKind();
/// Non-negative matrix factorisation by coordinate descent.
TopicModelKind nmfKind();

}  // namespace driftscope::topics
