#include "core/debate/transcript.h"

#include <algorithm>

#include "core/debate/report.h"
#include "core/debate/witness.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;
constexpr std::uint64_t kCalibrationGame = std::uint64_t{1} << 47;  ///< a stream of its own, so that calibrating does not change games
constexpr std::int64_t kDefaultPairs = 1000;
constexpr std::size_t kMostDifferences = 3;

const json& roundsOf(const json& document) {
    static const json kNone = json::array();
    for (const char* name : {"turns", "rounds"})
        if (document.contains(name) && document[name].is_array()) return document[name];
    return kNone;
}

bool isStochastic(const PlayOptions& options) {
    return options.protocol == "stochastic";
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

/// A committed trace, which a cross-examination's own record leaves out.
json committed(const Machine& machine, const Play& play) {
    json out = json::array();
    for (const Round& round : play.rounds()) {
        json entry{{"step", round.step}, {"question", machine.question(round.step)}, {"stated", round.stated}, {"claim", round.claim}, {"truth", round.truth}, {"challenged", round.challenged}};
        if (round.challenged) entry["vera_accepts"] = round.veraAccepts;
        out.push_back(std::move(entry));
    }
    return out;
}

json oracleJson(const Arena& arena, const PlayOptions& options, const Play& play, const json& params) {
    const Oracle& oracle = *arena.setup.oracle;
    const json pairs = params.value("pairs", json());
    RandomStream random(options.seed, kCalibrationGame, 0, 0);
    json out = oracle.describe();
    if (!isStochastic(options)) out["taken"] = "the likelier answer of every question, asked once by each prover";
    if (isStochastic(options) && oracle.isLive()) out["calls_of_this_game"] = play.meters().queries();
    out["repeatability"] = oracle.repeatability(pairs.is_number_integer() ? pairs.get<std::int64_t>() : kDefaultPairs, random).toJson();
    return out;
}

/// Looks for the first place at which two values differ, depth first.
std::optional<Mismatch> differs(const json& stored, const json& replayed, const std::string& place) {
    const Mismatch here{place, stored.dump(), replayed.dump()};
    if (stored.is_object() && replayed.is_object()) {
        for (const auto& item : replayed.items()) {
            const std::string inner = place + "/" + item.key();
            if (!stored.contains(item.key())) return Mismatch{inner, "nothing", item.value().dump()};
            if (auto found = differs(stored[item.key()], item.value(), inner)) return found;
        }
        for (const auto& item : stored.items())
            if (!replayed.contains(item.key())) return Mismatch{place + "/" + item.key(), item.value().dump(), "nothing"};
        return std::nullopt;
    }
    if (stored.is_array() && replayed.is_array()) {
        for (std::size_t i = 0; i < std::max(stored.size(), replayed.size()); ++i) {
            const std::string inner = fmt::format("{}/{}", place, i);
            if (i >= stored.size() || i >= replayed.size()) return Mismatch{inner, i < stored.size() ? stored[i].dump() : "nothing", i < replayed.size() ? replayed[i].dump() : "nothing"};
            if (auto found = differs(stored[i], replayed[i], inner)) return found;
        }
        return std::nullopt;
    }
    return stored == replayed ? std::nullopt : std::optional(here);
}

}  // namespace

std::vector<ParamSpec> playParams() {
    std::vector<ParamSpec> specs = setupParams();
    const auto step = [](std::string name, std::string help) {
        return ParamSpec{.name = std::move(name), .type = ParamType::Int, .help = std::move(help), .minimum = 0, .optional = true, .advanced = true};
    };
    specs.push_back({.name = "protocol", .type = ParamType::Choice, .fallback = "stochastic",
                     .help = "Which protocol: stochastic (Theorem 6.2), bisection (5.1), cross_examined (5.3), or witness (bisection of what Alice publishes; the other protocols take a witness too).",
                     .choices = {"stochastic", "bisection", "cross_examined", "witness"}});
    specs.push_back({.name = "game", .type = ParamType::Int, .fallback = 0, .help = "Number of the game within the seed.", .minimum = 0});
    specs.push_back(step("lie_step", "Deterministic protocols: the step, counted from 0, at which Alice's trace lies."));
    specs.push_back(step("second_lie_step", "Cross-examination: the step at which the second copy of Alice lies."));
    const std::vector<ParamSpec> witness = witnessParams();
    specs.insert(specs.end(), witness.begin(), witness.end());
    return specs;
}

PlayOptions playOptions(const Params& params) {
    PlayOptions options;
    options.protocol = params.text("protocol");
    options.seed = static_cast<std::uint64_t>(params.integer("seed"));
    options.game = static_cast<std::uint64_t>(params.integer("game"));
    if (params.isSet("lie_step")) options.lies.push_back(params.integer("lie_step"));
    if (params.isSet("second_lie_step")) options.secondLies.push_back(params.integer("second_lie_step"));
    return options;
}

json transcriptDocument(const Arena& arena, const PlayOptions& options, const Play& play, const json& computation, const json& params, const json& witness) {
    const Setup& setup = arena.setup;
    json out = play.toJson();
    if (!play.over()) out["winner"] = "none (not finished)";
    out["protocol"] = options.protocol;
    out["computation"] = computation;
    out["params"] = params;
    out["people"] = peopleJson(options.seats, play.moves());
    out["T"] = setup.machine->steps();
    out["machine"] = describeMachine(arena);
    if (!out.contains("turns") && !out.contains("rounds")) out["rounds"] = committed(*setup.machine, play);
    out["spent"] = json::array();
    for (const Round& round : play.rounds()) out["spent"].push_back(round.after.toJson());
    if (!witness.is_null()) out["witness"] = witness;
    if (setup.oracle) out["oracle"] = oracleJson(arena, options, play, params);
    if (!isStochastic(options)) {
        out["true_outcome"] = trace(*setup.machine, likelierAnswers(*setup.machine)).back().answer;
        return out;
    }
    out["plan"] = planJson(setup.plan);
    out["bounds"] = boundsJson(arena);
    out["outside_promise"] = arena.outside;
    return out;
}

Result<PlayedGame> playGame(const json& computation, const Params& params, const Seats& seats, const std::vector<Move>& moves, std::stop_token stop) {
    DS_ASSIGN(Published published, publish(computation, params, params.text("protocol") == "witness", stop));
    json values = params.values();
    if (!published.bits.empty()) values["witness_bits"] = published.bits;
    DS_ASSIGN(const Params withWitness, Params::make(playParams(), values));
    PlayedGame game;
    DS_ASSIGN(game.arena, Arena::make(published.computation, withWitness, stop));
    game.options = playOptions(params);
    game.options.seats = seats;
    game.options.stop = stop;
    DS_ASSIGN(game.play, makePlay(game.arena, game.options));
    game.play->replay(moves);
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, "Cancelled.");
    game.document = transcriptDocument(*game.arena, game.options, *game.play, computation, params.values(), published.report);
    return game;
}

Result<Replay> replayTranscript(const json& document, std::stop_token stop) {
    if (!document.is_object() || !document.contains("computation") || !document.contains("winner"))
        return fail(ErrorCode::BadInput, "This is not a transcript of a debate.", "A transcript has \"computation\", \"params\" and \"winner\"; debate.play and the Debate panel write them.");
    Replay out;
    try {
        out.computation = document["computation"];
        out.params = json::object();
        const json given = document.value("params", json::object());
        for (const ParamSpec& spec : playParams())
            if (given.contains(spec.name) && !given[spec.name].is_null() && spec.name != "computation") out.params[spec.name] = given[spec.name];
        out.params["protocol"] = document.value("protocol", "stochastic");
        DS_TRY(readPeople(document, out));
        json values = out.params;
        values["computation"] = "recorded";
        auto params = Params::make(playParams(), values);
        if (!params) return tl::unexpected(std::move(params).error().during("reading the transcript's params"));
        DS_ASSIGN(PlayedGame game, playGame(out.computation, *params, out.options.seats, out.moves, stop));
        out.options = std::move(game.options);
        out.arena = std::move(game.arena);
        out.play = std::move(game.play);
        out.document = std::move(game.document);
        out.differences = transcriptDifferences(document, out.document);
    } catch (const json::exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("The transcript is malformed: {}", error.what()), "Open the file in a text editor at the field that is named.");
    }
    return out;
}

std::vector<std::string> transcriptDifferences(const json& stored, const json& replayed) {
    std::vector<std::string> out;
    const json& before = roundsOf(stored);
    const json& now = roundsOf(replayed);
    if (before.size() != now.size()) out.push_back(fmt::format("The file has {} rounds, the replay {}.", before.size(), now.size()));
    for (std::size_t i = 0; i < std::min(before.size(), now.size()) && out.size() < kMostDifferences; ++i)
        for (const auto& [name, value] : before[i].items())
            if (now[i].value(name, json()) != value) {
                out.push_back(fmt::format("Round {}: {} is {} in the file and {} in the replay.", i + 1, name, value.dump(), now[i].value(name, json()).dump()));
                break;
            }
    if (stored.value("winner", "") != replayed.value("winner", "")) out.push_back(fmt::format("The file says that {} won, the replay {}.", stored.value("winner", "nobody"), replayed.value("winner", "nobody")));
    const json meters = stored.value("meters", json::object()), spent = replayed.value("meters", json::object());
    for (const auto& [name, value] : meters.items())
        if (out.size() < kMostDifferences && spent.value(name, json()) != value) out.push_back(fmt::format("{} is {} in the file and {} in the replay.", name, value.dump(), spent.value(name, json()).dump()));
    return out;
}

std::string Mismatch::text() const {
    return fmt::format("{}: {} in the file, {} in the replay", place.empty() ? "/" : place, stored, replayed);
}

std::optional<Mismatch> firstMismatch(const json& stored, const json& replayed) {
    json left = stored;
    json right = replayed;
    left.erase("params");
    right.erase("params");
    // The game itself first: a changed turn is a better place than the meters that follow from it.
    for (const char* part : {"computation", "people", "turns", "rounds"})
        if (left.contains(part) && right.contains(part))
            if (auto found = differs(left[part], right[part], std::string("/") + part)) return found;
    return differs(left, right, "");
}

}  // namespace driftscope::debate
