#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/debate/attacks.h"
#include "core/debate/binomial.h"
#include "core/debate/repeatability.h"
#include "core/debate/setup.h"

namespace driftscope::debate {

/// Runs the machine itself `runs` times, for computations with too many states for exact values.
Acceptance sampleAcceptance(const Machine& machine, std::int64_t runs, std::uint64_t seed, std::stop_token stop = {});

/// The parameters of Setup::make among `params` (which may have more, a job's own), with another K.
Result<Params> setupWithK(const Params& params, double k);

/// A debate ready to be played, with everything that can be said about it before it is. Immutable, so that threads and
/// views share it.
struct Arena {
    Setup setup;
    std::optional<StateGraph> graph;   ///< absent when the computation has too many states; then there are no exact values
    std::string graphProblem;          ///< why it is absent
    std::optional<Players> players;    ///< the programs of the stochastic protocol; absent when they need the graph and there is none
    LipschitzConstants constants;      ///< without graph: zeros
    std::string kSource;               ///< "given", "certified", or "trivial (T')"
    Acceptance acceptance;
    double kSampled = 0;               ///< a lower bound of K from random changes of the oracle; 0 without graph
    bool kTrivial = false;             ///< K was not given and not computable: T' is used, which always bounds it
    std::optional<Repeatability> repeatability;  ///< of setup.oracle; absent when the computation states its probabilities
    std::vector<std::string> unanswered;  ///< questions that a person is still to answer, see unansweredQuestions()
    std::vector<std::string> outside;  ///< why the theorem does not cover this debate; empty when it does

    Board board() const { return graph ? Board(*graph) : Board(*setup.machine); }

    /// `params` as for Setup::read. Errors: those of the computation and of the parameters, cancelled.
    static Result<std::shared_ptr<const Arena>> make(nlohmann::json computation, const Params& params, std::stop_token stop = {});
};

}  // namespace driftscope::debate
