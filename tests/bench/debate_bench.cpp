// Debates of T = 10 (nine votes and a result bit) per minute on one core, beside the same game in plain Python and in numpy
// over all games at once, in one run. Usage: debate_bench [--games N]
#include <fmt/format.h>

#include "core/debate/computation.h"
#include "core/debate/measure.h"
#include "tests/bench/peer.h"

namespace {

using namespace driftscope;
using namespace driftscope::debate;

constexpr double kVote = 0.65;
constexpr std::uint64_t kSeed = 17;

struct Setting {
    const char* name;
    Plan plan;
    bool everyCall = false;
    std::int64_t share = 1;  ///< of the games: slower settings play fewer
};

void report(const char* who, std::int64_t games, double seconds, double wins) {
    fmt::print("  {:<28} {:>12.0f} debates/min   {:8.2f} CPU s for {:>9} debates   Alice wins {:.4f}\n", who, 60 * static_cast<double>(games) / seconds, seconds, games, wins);
}

void ours(const StateGraph& graph, const Setting& setting, std::int64_t games) {
    const Players players(graph, setting.plan, {});
    const Sampling sampling{setting.everyCall, 0, 0};
    const double start = bench::cpuSeconds();
    const Tally tally = playGames(graph, setting.plan, sampling, players, kSeed, 0, games, 1);
    report(setting.everyCall ? "driftscope, every call" : "driftscope, one core", games, bench::cpuSeconds() - start, static_cast<double>(tally.aliceWins) / static_cast<double>(games));
}

void python(bench::Peer& peer, const char* mode, const Plan& plan, std::int64_t games) {
    const nlohmann::json answer = peer.ask({{"mode", mode}, {"games", games}, {"votes", 9}, {"vote", kVote}, {"alice", plan.alice}, {"bob", plan.bob}, {"vera", plan.vera},
                                            {"bob_radius", plan.bobThreshold}, {"vera_radius", plan.veraThreshold}});
    report(answer["name"].get<std::string>().c_str(), games, answer["seconds"].get<double>(), answer["wins"].get<double>());
}

}  // namespace

int main(int argc, char** argv) {
    std::int64_t games = 1'000'000;
    for (int i = 1; i + 1 < argc; i += 2)
        if (std::string(argv[i]) == "--games") games = std::stoll(argv[i + 1]);
    const auto machine = readComputation({{"type", "majority"}, {"votes", 9}, {"vote_probability", kVote}}).value();
    const StateGraph graph = StateGraph::build(*machine).value();
    const double k = lipschitz(*machine, graph).certified;
    const Plan lean = plan(Parameters::leanDefaults(2.0 / 3, 0.6, k, machine->steps()).value());
    const Plan tuned = plan(Parameters::tuned(0.8, 0.6, k, machine->steps()).value());
    const Plan small{50, 50, 50, 0.3, 0.2};
    bench::Peer peer(DRIFTSCOPE_SOURCE_DIR "/tests/bench/debate_peer.py");
    for (const Setting& setting : {Setting{"Lean defaults", lean}, Setting{"tuned parameters", tuned}, Setting{"50 judgements per estimate", small}, Setting{"50 judgements per estimate, each asked", small, true, 10}}) {
        fmt::print("{}: Alice {}, Bob {} per step, Vera {}; exact {:.4f}\n", setting.name, setting.plan.alice, setting.plan.bob, setting.plan.vera, honestValue(graph, setting.plan).start);
        ours(graph, setting, games / setting.share);
        if (setting.everyCall) {
            python(peer, "calls", setting.plan, std::max<std::int64_t>(100, games / 200));
            continue;
        }
        python(peer, "loop", setting.plan, std::max<std::int64_t>(100, games / 200));
        python(peer, "vectorised", setting.plan, games);
    }
    return 0;
}
