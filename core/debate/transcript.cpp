#include "core/debate/transcript.h"

#include <algorithm>

#include "core/debate/debate_jobs.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

std::vector<ParamSpec> playSpecs() {
    JobRegistry registry;
    registerDebateJobs(registry);
    return registry.find("debate.play")->params;
}

std::string cell(const json& value) {
    if (value.is_null()) return {};
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (!value.is_string()) return value.dump();
    const auto text = value.get<std::string>();
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

const json& roundsOf(const json& document) {
    static const json kNone = json::array();
    for (const char* name : {"turns", "rounds"})
        if (document.contains(name) && document[name].is_array()) return document[name];
    return kNone;
}

/// The columns that occur, in the order a reader wants them.
std::vector<std::string> columnsOf(const json& rounds) {
    std::vector<std::string> out;
    for (const char* name : {"step", "question", "prefix", "from", "middle", "to", "stated", "claim", "bob_estimate", "challenged", "bob_disputes", "vera_estimate", "vera_accepts", "answer", "truth"})
        if (std::ranges::any_of(rounds, [&](const json& one) { return one.contains(name); })) out.emplace_back(name);
    return out;
}

json peopleJson(const Seats& seats, const std::vector<Move>& moves) {
    json names = json::array(), list = json::array();
    if (seats.alice) names.push_back("alice");
    if (seats.bob) names.push_back("bob");
    if (seats.vera) names.push_back("vera");
    for (const Move& move : moves) list.push_back(move.toJson());
    return {{"seats", names}, {"moves", list}};
}

Result<void> readPeople(const json& document, Replay& out) {
    const json people = document.value("people", json::object());
    const json seats = people.value("seats", json::array());
    const auto has = [&](const char* name) { return std::ranges::find(seats, json(name)) != seats.end(); };
    out.options.seats = {has("alice"), has("bob"), has("vera")};
    for (const json& one : people.value("moves", json::array())) {
        DS_ASSIGN(Move move, Move::fromJson(one));
        out.moves.push_back(std::move(move));
    }
    return {};
}

void readOptions(const json& document, const json& params, PlayOptions& options) {
    options.protocol = document.value("protocol", "stochastic");
    options.seed = static_cast<std::uint64_t>(params.value("seed", std::int64_t{1}));
    options.game = static_cast<std::uint64_t>(params.value("game", std::int64_t{0}));
    if (params.contains("lie_step") && params["lie_step"].is_number_integer()) options.lies = {params["lie_step"].get<std::int64_t>()};
}

/// Turn by turn, and the end; one sentence per difference, the first few.
std::vector<std::string> compare(const json& stored, const json& replayed) {
    std::vector<std::string> out;
    const json& before = roundsOf(stored);
    const json& now = roundsOf(replayed);
    if (before.size() != now.size()) out.push_back(fmt::format("The file has {} rounds, the replay {}.", before.size(), now.size()));
    for (std::size_t i = 0; i < std::min(before.size(), now.size()) && out.size() < 3; ++i)
        for (const auto& [name, value] : before[i].items())
            if (now[i].value(name, json()) != value) {
                out.push_back(fmt::format("Round {}: {} is {} in the file and {} in the replay.", i + 1, name, value.dump(), now[i].value(name, json()).dump()));
                break;
            }
    if (stored.value("winner", "") != replayed.value("winner", "")) out.push_back(fmt::format("The file says that {} won, the replay {}.", stored.value("winner", "nobody"), replayed.value("winner", "nobody")));
    return out;
}

}  // namespace

json transcriptDocument(const Arena& arena, const PlayOptions& options, const Play& play, const json& computation, const json& params) {
    json out = play.toJson();
    if (!play.over()) out["winner"] = "none (not finished)";
    out["protocol"] = options.protocol;
    out["computation"] = computation;
    out["params"] = params;
    out["T"] = arena.setup.machine->steps();
    out["people"] = peopleJson(options.seats, play.moves());
    if (options.protocol != "stochastic") return out;
    const Plan& plan = arena.setup.plan;
    out["plan"] = {{"alice_samples", plan.alice}, {"bob_samples", plan.bob}, {"vera_samples", plan.vera}, {"bob_threshold", plan.bobThreshold}, {"vera_threshold", plan.veraThreshold}};
    out["outside_promise"] = arena.outside;
    return out;
}

std::string transcriptCsv(const json& document) {
    const json& rounds = roundsOf(document);
    const std::vector<std::string> columns = columnsOf(rounds);
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i) out += (i ? "," : "") + columns[i];
    out += '\n';
    for (const json& round : rounds) {
        for (std::size_t i = 0; i < columns.size(); ++i) out += (i ? "," : "") + cell(round.value(columns[i], json()));
        out += '\n';
    }
    return out;
}

std::string transcriptMarkdown(const json& document) {
    const json computation = document.value("computation", json::object());
    std::string out = fmt::format("# {}\n\n", computation.value("title", std::string("A debate")));
    if (computation.contains("about")) out += computation.value("about", "") + "\n\n";
    out += fmt::format("- protocol: {}\n- winner: {}\n", document.value("protocol", "stochastic"), document.value("winner", "nobody"));
    for (const char* part : {"plan", "meters"}) {
        const json numbers = document.value(part, json::object());
        for (const auto& [name, value] : numbers.items()) out += fmt::format("- {}: {}\n", name, cell(value));
    }
    for (const json& reason : document.value("outside_promise", json::array())) out += fmt::format("- outside the promise: {}\n", cell(reason));
    const json& rounds = roundsOf(document);
    std::vector<std::string> columns = columnsOf(rounds);
    std::erase(columns, "prefix");
    if (columns.empty()) return out;
    out += "\n|";
    for (const std::string& name : columns) out += " " + name + " |";
    out += "\n|";
    for (std::size_t i = 0; i < columns.size(); ++i) out += "---|";
    out += '\n';
    for (const json& round : rounds) {
        out += '|';
        for (const std::string& name : columns) {
            std::string text = cell(round.value(name, json()));
            std::replace(text.begin(), text.end(), '|', '/');
            out += " " + text + " |";
        }
        out += '\n';
    }
    return out;
}

Result<json> debatedComputation(const json& computation, const json& params) {
    if (params.value("protocol", "stochastic") != "witness" || !computation.is_object() || !computation.contains("candidates")) {
        if (params.value("protocol", "stochastic") == "witness" && !computation.contains("type"))
            return fail(ErrorCode::BadInput, "The computation has no \"candidates\" to choose a witness from.", "Give a list of computations, one per witness.");
        return computation;
    }
    const json& candidates = computation["candidates"];
    if (!candidates.is_array() || candidates.empty()) return fail(ErrorCode::BadInput, "\"candidates\" is not a list of computations.", "Give one computation per witness.");
    if (!params.contains("witness") || !params["witness"].is_number_integer())
        return fail(ErrorCode::BadInput, "Alice has no witness.", "Finding one is outside the honest prover's budget: choose which candidate she publishes.");
    const auto witness = params["witness"].get<std::int64_t>();
    if (witness < 0 || witness >= static_cast<std::int64_t>(candidates.size())) return fail(ErrorCode::BadInput, fmt::format("There is no witness {}.", witness), fmt::format("There are {} candidates.", candidates.size()));
    return candidates[static_cast<std::size_t>(witness)];
}

Result<Replay> replayTranscript(const json& document) {
    if (!document.is_object() || !document.contains("computation") || !document.contains("winner"))
        return fail(ErrorCode::BadInput, "This is not a transcript of a debate.", "A transcript has \"computation\", \"params\" and \"winner\"; debate.play and the Debate panel write them.");
    Replay out;
    try {
        out.computation = document["computation"];
        out.params = json::object();
        const json given = document.value("params", json::object());
        for (const ParamSpec& spec : playSpecs())
            if (given.contains(spec.name) && !given[spec.name].is_null() && spec.name != "computation") out.params[spec.name] = given[spec.name];
        out.params["protocol"] = document.value("protocol", "stochastic");
        DS_TRY(readPeople(document, out));
        readOptions(document, out.params, out.options);
        json setup = json::object();
        for (const ParamSpec& spec : setupParams())
            if (out.params.contains(spec.name)) setup[spec.name] = out.params[spec.name];
        setup["computation"] = "given";
        DS_ASSIGN(const Params params, Params::make(setupParams(), setup));
        DS_ASSIGN(json debated, debatedComputation(out.computation, out.params));
        DS_ASSIGN(out.arena, Arena::make(std::move(debated), params));
        DS_ASSIGN(out.play, makePlay(out.arena, out.options));
        out.play->replay(out.moves);
        out.differences = compare(document, out.play->toJson());
    } catch (const json::exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("The transcript is malformed: {}", error.what()), "Open the file in a text editor at the field that is named.");
    }
    return out;
}

}  // namespace driftscope::debate
