#include "core/debate/measure.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace driftscope::debate {
namespace {

constexpr std::int64_t kBlock = 256;

void count(const Referee& referee, Tally& tally) {
    ++tally.games;
    tally.aliceWins += referee.aliceWins();
    tally.challenges += referee.meters().vera > 0;
    tally.outOfBudget += referee.outOfBudget();
    tally.meters += referee.meters();
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
    games += other.games;
    aliceWins += other.aliceWins;
    challenges += other.challenges;
    outOfBudget += other.outOfBudget;
    meters += other.meters;
    return *this;
}

Tally playGames(const Board& board, const Plan& plan, const Sampling& sampling, const Players& players, std::uint64_t seed, std::int64_t first,
                std::int64_t total, int threads, std::stop_token stop, const std::function<void(std::int64_t)>& done, Kept* kept) {
    std::vector<Tally> tallies(static_cast<std::size_t>(std::max(1, threads)));
    std::atomic<std::int64_t> next{0};
    Sampling stoppable = sampling;
    stoppable.stop = stop;
    const std::size_t keep = kept ? kept->games.size() : 0;
    const auto playOne = [&](std::int64_t game, Tally& tally) {
        Referee referee(board, plan, stoppable, seed, static_cast<std::uint64_t>(first + game));
        const bool recorded = static_cast<std::size_t>(game) < keep;
        referee.keepTurns(recorded);
        players.play(referee);
        if (referee.stopped()) return;
        count(referee, tally);
        if (recorded) kept->games[static_cast<std::size_t>(game)] = transcriptJson(*kept->machine, referee, sampling.budget).dump();
    };
    const auto work = [&](Tally& tally) {
        while (!stop.stop_requested()) {
            const std::int64_t begin = next.fetch_add(kBlock);
            if (begin >= total) return;
            const std::int64_t end = std::min(total, begin + kBlock);
            for (std::int64_t game = begin; game < end && !stop.stop_requested(); ++game) playOne(game, tally);
            if (done) done(end);
        }
    };
    {
        std::vector<std::jthread> workers;
        for (std::size_t i = 1; i < tallies.size(); ++i) workers.emplace_back([&, i] { work(tallies[i]); });
        work(tallies[0]);
    }
    Tally sum;
    for (const Tally& tally : tallies) sum += tally;
    return sum;
}

std::optional<double> exactValue(const StateGraph& graph, const Plan& plan, const Strategies& strategies) {
    const bool honestAlice = strategies.alice == "honest";
    const bool honestBob = strategies.bob == "honest";
    if (honestAlice && honestBob) return honestValue(graph, plan).start;
    if (honestAlice && strategies.bob == "best") return bestBobValue(graph, plan).start;
    if (honestBob && strategies.alice == "best") return bestAliceValue(graph, plan).start;
    return std::nullopt;
}

std::vector<std::string> outsidePromise(const StateGraph& graph, const LipschitzConstants& constants, const Parameters* parameters,
                                        const Sampling& sampling, double k) {
    const double p = graph.acceptance()[0][0];
    return outsidePromise({p, {p, p}, 0}, &constants, parameters, sampling, k);
}

std::vector<std::string> outsidePromise(const Acceptance& acceptance, const LipschitzConstants* constants, const Parameters* parameters,
                                        const Sampling& sampling, double k) {
    std::vector<std::string> reasons;
    const double p = acceptance.value;
    const double right = std::max(p, 1 - p);
    const double promised = parameters ? parameters->w : 2.0 / 3;
    const std::string about = acceptance.runs == 0 ? "" : fmt::format(" (95 % interval {:.4f} to {:.4f})", acceptance.interval.low, acceptance.interval.high);
    if (p > 1.0 / 3 && p < 2.0 / 3)
        reasons.push_back(fmt::format("The machine accepts with probability {:.4f}{}: between 1/3 and 2/3 the theorem says nothing.", p, about));
    else if (right < promised)
        reasons.push_back(fmt::format("The machine is right with probability {:.4f}{}, less than the promised w = {:.4f}.", right, about, promised));
    if (constants && k < constants->firstOrder * (1 - 1e-9))
        reasons.push_back(fmt::format("K is understated: {:.4g} is less than the first-order constant {:.4g} of this very oracle.", k, constants->firstOrder));
    else if (constants && k < constants->certified * (1 - 1e-9))
        reasons.push_back(fmt::format("K = {:.4g} is not certified: the rigorous bound is {:.4g}.", k, constants->certified));
    if (sampling.correlation > 0) reasons.push_back(fmt::format("The oracle's repeated answers are correlated ({:.3g}); the theorem assumes independent ones.", sampling.correlation));
    if (!parameters) reasons.push_back("Sample counts and thresholds were given by hand: no theorem covers them.");
    if (parameters && !valid(*parameters))
        for (const Inequality& one : check(*parameters))
            if (!one.holds) reasons.push_back(fmt::format("The inequality {} does not hold: {:.6g} against {:.6g}.", one.text, one.left, one.right));
    return reasons;
}

}  // namespace driftscope::debate
