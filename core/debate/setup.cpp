#include "core/debate/setup.h"

#include "core/base/atomic_file.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

Result<Parameters> readParameters(const Params& params, double k, std::int64_t steps) {
    const std::string choice = params.text("parameters");
    if (choice == "lean") return Parameters::leanDefaults(params.real("w"), params.real("d"), k, steps);
    if (choice == "tuned") return Parameters::tuned(params.real("w"), params.real("d"), k, steps);
    Parameters own{params.real("w"), params.real("d"), k, steps, 0, 0, 0, 0, 0};
    for (const auto& [name, field] : {std::pair{"c", &own.c}, {"s", &own.s}, {"b", &own.b}, {"q", &own.q}, {"v", &own.v}}) {
        if (!params.isSet(name)) return fail(ErrorCode::Usage, fmt::format("parameters=custom needs {}.", name), fmt::format("Add --set {}=…", name));
        *field = params.real(name);
    }
    if (!(own.c > 0 && own.s > own.c && own.b > own.s && own.q > 0 && own.v > 0))
        return fail(ErrorCode::BadInput, "The accuracies must satisfy 0 < c < s < b, and q and v must be above 0.", "Otherwise no finite number of judgements suffices.");
    return own;
}

/// Hand-given counts replace those of the parameters; then no theorem speaks about the game.
Result<bool> overridePlan(const Params& params, Plan& plan) {
    bool any = false;
    const std::pair<const char*, std::int64_t*> counts[] = {{"alice.samples", &plan.alice}, {"bob.samples", &plan.bob}, {"vera.samples", &plan.vera}};
    const std::pair<const char*, double*> radii[] = {{"bob.threshold", &plan.bobThreshold}, {"vera.threshold", &plan.veraThreshold}};
    for (const auto& [name, field] : counts)
        if (params.isSet(name)) {
            *field = params.integer(name);
            any = true;
        }
    for (const auto& [name, field] : radii)
        if (params.isSet(name)) {
            *field = params.real(name);
            any = true;
        }
    return any;
}

ParamSpec real(std::string name, json fallback, std::string help, std::optional<double> low = {}, std::optional<double> high = {}) {
    return {.name = std::move(name), .type = ParamType::Real, .fallback = fallback, .help = std::move(help), .minimum = low, .maximum = high, .optional = fallback.is_null(), .advanced = fallback.is_null()};
}

ParamSpec count(std::string name, std::string help) {
    return {.name = std::move(name), .type = ParamType::Int, .help = std::move(help), .minimum = 1, .maximum = 2e9, .optional = true, .advanced = true};
}

}  // namespace

std::vector<ParamSpec> setupParams() {
    return {{.name = "computation", .type = ParamType::Text, .help = "A JSON file, 'majority', or an example: checklist, panel, review, opinion, single."},
            {.name = "votes", .type = ParamType::Int, .fallback = 3, .help = "Votes of computation=majority.", .minimum = 1, .maximum = kMaximumSteps},
            real("vote_probability", 0.7, "Probability that a vote of computation=majority is yes.", 0, 1),
            {.name = "parameters", .type = ParamType::Choice, .fallback = "lean", .help = "Where thresholds and sample counts come from.", .choices = {"lean", "tuned", "custom"}, .source = "google-deepmind/debate, Debate/Details.lean"},
            real("w", 2.0 / 3, "Promised probability that the machine is right.", 0, 1),
            real("d", 0.6, "Probability with which the honest side shall win.", 0, 1),
            real("k", nullptr, "Lipschitz constant K; computed (certified bound) when not given.", 0),
            real("c", nullptr, "Alice's accuracy (parameters=custom)."), real("s", nullptr, "Claims this close must be accepted (custom)."),
            real("b", nullptr, "Claims this far must be challenged (custom)."), real("q", nullptr, "Failure probability of Alice's and Bob's estimates (custom)."),
            real("v", nullptr, "Failure probability of Vera's estimate (custom)."),
            count("alice.samples", "Answers Alice asks per step, instead of the theorem's number."), count("bob.samples", "Answers Bob asks per step."),
            count("vera.samples", "Answers Vera asks when challenged."), real("bob.threshold", nullptr, "Bob accepts claims closer than this.", 0, 2),
            real("vera.threshold", nullptr, "Vera accepts claims closer than this.", 0, 2),
            {.name = "alice", .type = ParamType::Choice, .fallback = "honest", .help = "How Alice plays.", .choices = aliceStrategies()},
            {.name = "bob", .type = ParamType::Choice, .fallback = "honest", .help = "How Bob plays.", .choices = bobStrategies()},
            real("lie", 0.1, "Size of Alice's lie for bias, pivotal and adaptive.", 0, 1),
            {.name = "sampling", .type = ParamType::Choice, .fallback = "binomial", .help = "binomial draws the number of yes answers at once; calls draws each answer.", .choices = {"binomial", "calls"}},
            real("noise", 0.0, "Probability that an oracle answer is flipped.", 0, 0.5), real("drift", 0.0, "Added to the oracle's probability per step.", -1, 1),
            real("correlation", 0.0, "Correlation of repeated answers; above 0 the theorem does not apply.", 0, 0.999),
            {.name = "budget", .type = ParamType::Int, .fallback = 0, .help = "Oracle answers a game may ask in all; 0 is unlimited.", .unit = "answers", .minimum = 0},
            {.name = "seed", .type = ParamType::Int, .fallback = 1, .help = "Seed of all random streams."}};
}

Result<json> readComputationParam(const Params& params) {
    const std::string name = params.text("computation");
    if (name == "majority") return json{{"type", "majority"}, {"votes", params.integer("votes")}, {"vote_probability", params.real("vote_probability")}};
    const json examples = exampleComputations();
    if (examples.contains(name)) return examples[name];
    DS_ASSIGN(const std::string text, readFile(name));
    json parsed = json::parse(text, nullptr, false);
    if (parsed.is_discarded()) return fail(ErrorCode::BadInput, fmt::format("{} is not JSON.", name), "Check brackets, quotes and commas.");
    return parsed;
}

Result<Setup> Setup::read(const Params& params) {
    DS_ASSIGN(json computation, readComputationParam(params));
    return make(std::move(computation), params);
}

Result<Setup> Setup::make(json computation, const Params& params) {
    Setup setup;
    setup.computation = std::move(computation);
    const OracleSpec oracle{params.real("noise"), params.real("drift"), params.real("correlation")};
    auto machine = readComputation(setup.computation, oracle);
    if (!machine) return tl::unexpected(std::move(machine).error().during(fmt::format("computation {}", params.text("computation"))));
    setup.machine = std::move(*machine);
    setup.sampling = {params.text("sampling") == "calls", oracle.correlation, params.integer("budget")};
    setup.strategies = {params.text("alice"), params.text("bob"), params.real("lie")};
    if (params.isSet("k")) {
        setup.k = params.real("k");
    } else {
        DS_ASSIGN(const StateGraph graph, StateGraph::build(*setup.machine));
        setup.k = lipschitz(*setup.machine, graph).certified;
    }
    DS_ASSIGN(setup.parameters, readParameters(params, setup.k, setup.machine->steps()));
    setup.plan = debate::plan(*setup.parameters);
    DS_ASSIGN(const bool byHand, overridePlan(params, setup.plan));
    if (byHand) setup.parameters.reset();
    return setup;
}

}  // namespace driftscope::debate
