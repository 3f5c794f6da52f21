#include "core/debate/witness.h"

#include "core/debate/bisection.h"
#include "core/debate/computation.h"
#include "core/debate/oracle_choice.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;
constexpr std::size_t kMostBits = 20;

/// Whether the likelier answers accept, and how many questions that asks.
Result<bool> accepts(const json& computation, const OracleSpec& spec, const std::string& bits, std::int64_t& queries) {
    DS_ASSIGN(const std::unique_ptr<Machine> machine, readComputation(computation, spec, bits));
    const std::vector<Configuration> run = trace(*machine, likelierAnswers(*machine));
    for (std::int64_t step = 0; step < machine->steps(); ++step) queries += machine->asks(step, run[static_cast<std::size_t>(step)].state);
    return run.back().answer;
}

struct Search {
    std::int64_t tried = 0;
    std::int64_t queries = 0;
    json report(const json& found) const {
        return {{"found", found}, {"tried", tried}, {"queries", queries}, {"note", "Finding a witness is outside the honest prover's budget: the debate itself only checks it."}};
    }
};

tl::unexpected<Error> nothingAccepts(const Search& search) {
    return fail(ErrorCode::BadInput, fmt::format("No witness was found: {} were tried with {} oracle queries.", search.tried, search.queries), "The true answer is no; Alice can only publish a wrong witness.");
}

Result<Published> chooseCandidate(const json& computation, const Params& params, const OracleSpec& spec, std::stop_token stop) {
    const json& candidates = computation["candidates"];
    if (!candidates.is_array() || candidates.empty()) return fail(ErrorCode::BadInput, "\"candidates\" is not a list of computations.", "Give one computation per witness.");
    if (params.flag("witness_search")) {
        Search search;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            if (stop.stop_requested()) return fail(ErrorCode::Cancelled, "Cancelled.");
            ++search.tried;
            DS_ASSIGN(const bool good, accepts(candidates[i], spec, params.text("witness_bits"), search.queries));
            if (good) return Published{candidates[i], params.text("witness_bits"), search.report({{"candidate", i}})};
        }
        return nothingAccepts(search);
    }
    if (!params.isSet("witness")) return fail(ErrorCode::BadInput, "Alice has no witness.", "Finding one is outside the honest prover's budget: name it with --set witness=N.");
    const std::int64_t witness = params.integer("witness");
    if (witness >= static_cast<std::int64_t>(candidates.size())) return fail(ErrorCode::BadInput, fmt::format("There is no witness {}.", witness), fmt::format("There are {} candidates, counted from 0.", candidates.size()));
    return Published{candidates[static_cast<std::size_t>(witness)], params.text("witness_bits"), {{"candidate", witness}}};
}

Result<Published> searchBits(const json& computation, const OracleSpec& spec, std::stop_token stop) {
    const std::size_t length = computation["witness"].size();
    if (length > kMostBits) return fail(ErrorCode::BadInput, fmt::format("The witness has {} bits: 2^{} candidates are too many to search.", length, length), fmt::format("At most {} bits can be searched; publish one with --set witness_bits=….", kMostBits));
    Search search;
    for (std::uint64_t number = 0; number < (std::uint64_t{1} << length); ++number) {
        if (stop.stop_requested()) return fail(ErrorCode::Cancelled, "Cancelled.");
        std::string bits;
        for (std::size_t i = length; i-- > 0;) bits += number >> i & 1 ? '1' : '0';
        ++search.tried;
        DS_ASSIGN(const bool good, accepts(computation, spec, bits, search.queries));
        if (good) return Published{computation, bits, search.report({{"bits", bits}})};
    }
    return nothingAccepts(search);
}

}  // namespace

std::vector<ParamSpec> witnessParams() {
    return {{.name = "witness", .type = ParamType::Int, .help = "Number of the candidate that Alice publishes as witness.", .minimum = 0, .optional = true, .advanced = true},
            {.name = "witness_search", .type = ParamType::Bool, .fallback = false, .help = "Alice searches for a witness first; its cost is reported apart from the debate's.", .advanced = true}};
}

Result<Published> publish(json computation, const Params& params, bool needed, std::stop_token stop) {
    const bool candidates = computation.is_object() && computation.contains("candidates");
    const bool bits = computation.is_object() && computation.contains("witness");
    if (!candidates && !bits) {
        if (!params.isSet("witness") && !params.flag("witness_search") && !needed) return Published{std::move(computation), params.text("witness_bits"), {}};
        return fail(ErrorCode::BadInput, "The computation has no \"candidates\" and no \"witness\" bits to choose a witness from.", "Give a list of computations, one per witness, or name the bits.");
    }
    OracleSpec spec;
    DS_ASSIGN(spec.source, makeOracle(params, computation));
    if (candidates) return chooseCandidate(computation, params, spec, stop);
    if (params.flag("witness_search")) return searchBits(computation, spec, stop);
    const std::string given = params.text("witness_bits");
    return Published{std::move(computation), given, given.empty() ? json() : json{{"bits", given}}};
}

}  // namespace driftscope::debate
