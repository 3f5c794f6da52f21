#include "core/debate/setup.h"

#include <filesystem>

#include "core/base/atomic_file.h"
#include "core/debate/oracle_choice.h"

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
    std::vector<std::string> examples;
    const json known = exampleComputations();
    for (const auto& item : known.items()) examples.push_back(item.key());
    std::vector<ParamSpec> specs{
            {.name = "computation", .type = ParamType::Text, .help = fmt::format("A JSON file, 'majority', or an example: {}.", fmt::join(examples, ", "))},
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
            {.name = "witness_bits", .type = ParamType::Text, .help = "The bits that Alice publishes as witness, for example 1011.", .optional = true, .advanced = true},
            {.name = "seed", .type = ParamType::Int, .fallback = 1, .help = "Seed of all random streams.", .minimum = 0}};
    const std::vector<ParamSpec> oracle = oracleParams();
    specs.insert(specs.end(), oracle.begin(), oracle.end());
    return specs;
}

Result<json> readComputationParam(const Params& params) {
    const std::string name = params.text("computation");
    if (name == "majority") {
        json majority{{"type", "majority"}, {"votes", params.integer("votes")}, {"vote_probability", params.real("vote_probability")}};
        if (const auto rows = params.texts("rows"); !rows.empty()) majority["rows"] = rows;
        return majority;
    }
    const json examples = exampleComputations();
    if (examples.contains(name)) return examples[name];
    if (!std::filesystem::exists(name)) {
        std::vector<std::string> known{"majority"};
        for (const auto& item : examples.items()) known.push_back(item.key());
        return fail(ErrorCode::NotFound, fmt::format("There is no file '{}', and no example of that name.", name), fmt::format("Give a JSON file, or one of {}.", fmt::join(known, ", ")));
    }
    DS_ASSIGN(const std::string text, readFile(name));
    try {
        return json::parse(text);
    } catch (const json::parse_error& error) {
        // "[json.exception.parse_error.101] parse error at line 3, column 7: syntax error …": the place is what helps.
        const std::string what = error.what();
        const std::size_t at = what.find("at line");
        return fail(ErrorCode::BadInput, fmt::format("{} is not JSON: {}", name, at == std::string::npos ? what : what.substr(at)), "Check brackets, quotes and commas there.");
    }
}

namespace {

/// Answers that are asked for one by one have no probabilities that could drift or be correlated.
Result<void> checkLive(const OracleSpec& spec, const Params& params) {
    if (!spec.source || !spec.source->isLive()) return {};
    if (spec.drift != 0) return fail(ErrorCode::Usage, fmt::format("drift cannot be added to the answers of oracle={}.", params.text("oracle")), "Drop drift, or use oracle=stated, constant or table.");
    if (spec.correlation != 0)
        return fail(ErrorCode::Usage, fmt::format("correlation cannot be added to the answers of oracle={}.", params.text("oracle")), "Drop correlation, or use oracle=stated, constant or table.");
    return {};
}

Result<void> findK(Setup& setup, const Params& params, std::stop_token stop) {
    auto graph = StateGraph::build(*setup.machine, StateGraph::kDefaultLimit, stop);
    if (!graph && graph.error().code != ErrorCode::Unsupported) return tl::unexpected(std::move(graph).error());
    if (graph) {
        setup.graph = std::move(*graph);
        setup.constants = lipschitz(*setup.machine, *setup.graph);
    } else {
        setup.graphProblem = graph.error().message;
    }
    setup.k = params.isSet("k") ? params.real("k") : setup.graph ? setup.constants.certified : static_cast<double>(setup.machine->steps());
    return {};
}

}  // namespace

Result<Setup> Setup::make(json computation, const Params& params, std::stop_token stop) {
    Setup setup;
    setup.computation = std::move(computation);
    OracleSpec spec{params.real("noise"), params.real("drift"), params.real("correlation"), nullptr};
    DS_ASSIGN(spec.source, makeOracle(params, setup.computation));
    DS_TRY(checkLive(spec, params));
    auto machine = readComputation(setup.computation, spec, params.text("witness_bits"));
    if (!machine) return tl::unexpected(std::move(machine).error().during(fmt::format("computation {}", params.text("computation"))));
    setup.machine = std::move(*machine);
    setup.oracle = spec.source;
    setup.sampling = {params.text("sampling") == "calls", spec.correlation, params.integer("budget")};
    setup.sampling.onlyAsked = setup.oracle && setup.oracle->isLive();
    if (setup.sampling.onlyAsked) setup.sampling.live = std::make_shared<LiveAnswers>(*setup.machine, setup.oracle, spec.noise);
    setup.strategies = {params.text("alice"), params.text("bob"), params.real("lie")};
    DS_TRY(findK(setup, params, stop));
    DS_ASSIGN(setup.parameters, readParameters(params, setup.k, setup.machine->steps()));
    setup.plan = debate::plan(*setup.parameters);
    DS_ASSIGN(const bool byHand, overridePlan(params, setup.plan));
    if (byHand) setup.parameters.reset();
    return setup;
}

}  // namespace driftscope::debate
