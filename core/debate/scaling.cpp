#include "core/debate/scaling.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/clock.h"

namespace driftscope::debate {
namespace {

/// Counts the "yes" of its deciders; every other question leaves no trace.
class RelayMachine : public Machine {
  public:
    RelayMachine(std::int64_t steps, std::int64_t deciders, double voteProbability) : steps_(steps), deciders_(deciders), vote_(voteProbability) {}

    std::int64_t steps() const override { return steps_; }
    State start() const override { return {0.0}; }
    bool isGate(std::int64_t step) const override { return deciders_ > 0 && step + 1 == steps_; }
    std::int64_t space() const override { return 1; }
    std::int64_t queryLength() const override { return static_cast<std::int64_t>(question(steps_).size()); }
    std::string question(std::int64_t step) const override { return isGate(step) ? "result" : fmt::format("question {}", step + 1); }
    double probability(std::int64_t step, const State& state) const override {
        if (isGate(step)) return 2 * state[0] > static_cast<double>(deciders_) ? 1 : 0;
        return vote_;
    }
    State next(std::int64_t step, const State& state, bool answer) const override {
        return {state[0] + (decides(step) && answer ? 1.0 : 0.0)};
    }

  private:
    bool decides(std::int64_t step) const {
        if (deciders_ == 0 || isGate(step)) return false;
        const std::int64_t questions = steps_ - 1;
        return step * deciders_ / questions != (step + 1) * deciders_ / questions;
    }
    std::int64_t steps_;
    std::int64_t deciders_;
    double vote_;
};

double certifiedConstant(const Machine& machine, const StateGraph& graph) {
    return lipschitz(machine, graph).certified;
}

std::string withCommas(std::int64_t value) {
    std::string digits = fmt::to_string(value);
    for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3) digits.insert(static_cast<std::size_t>(i), ",");
    return digits;
}

}  // namespace

std::unique_ptr<Machine> relayMachine(std::int64_t steps, double k, double voteProbability) {
    std::int64_t deciders = 0;
    for (std::int64_t candidate = 1; candidate <= std::min<std::int64_t>(steps - 1, 101); candidate += 2) {
        const RelayMachine small(candidate + 1, candidate, voteProbability);
        const auto graph = StateGraph::build(small);
        if (!graph || certifiedConstant(small, *graph) > k + 1e-12) break;
        deciders = candidate;
    }
    return std::make_unique<RelayMachine>(steps, deciders, voteProbability);
}

Result<ScalePoint> measureScale(std::int64_t steps, double k, const Parameters& parameters, std::uint64_t seed, std::stop_token stop) {
    const double started = now();
    const auto machine = relayMachine(steps, k, 0.95);
    DS_ASSIGN(const StateGraph graph, StateGraph::build(*machine, 200'000'000, stop));
    ScalePoint point{k, steps, parameters.w, parameters.d, plan(parameters), {}, {}, certifiedConstant(*machine, graph), false, 0};
    const Sampling sampling;
    // Two honest-Alice games: one that nobody challenges shows the provers' meters, one challenged at once shows Vera's.
    Players honest(graph, point.plan, {"honest", "honest", 0});
    Referee patient(graph, point.plan, sampling, seed, 0);
    patient.keepTurns(false);
    honest.play(patient);
    point.unchallenged = patient.meters();
    point.aliceWins = patient.aliceWins();
    Players early(graph, point.plan, {"honest", "first", 0});
    Referee impatient(graph, point.plan, sampling, seed, 1);
    early.play(impatient);
    point.challenged = impatient.meters();
    point.seconds = now() - started;
    return point;
}

double logSlope(const std::vector<std::pair<double, double>>& points) {
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (const auto& [x, y] : points) {
        if (x <= 0 || y <= 0) continue;
        const double lx = std::log(x);
        const double ly = std::log(y);
        n += 1;
        sx += lx;
        sy += ly;
        sxx += lx * lx;
        sxy += lx * ly;
    }
    return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

nlohmann::json scaleSummary(const std::vector<ScalePoint>& points) {
    std::map<double, std::vector<const ScalePoint*>> byK;
    for (const ScalePoint& point : points) byK[point.k].push_back(&point);
    nlohmann::json out = nlohmann::json::array();
    for (const auto& [k, list] : byK) {
        std::vector<std::pair<double, double>> alice, bob, vera, perLog;
        for (const ScalePoint* point : list) {
            const auto t = static_cast<double>(point->steps);
            alice.emplace_back(t, static_cast<double>(point->unchallenged.alice));
            bob.emplace_back(t, static_cast<double>(point->unchallenged.bob));
            vera.emplace_back(t, static_cast<double>(point->challenged.vera));
            perLog.emplace_back(t, static_cast<double>(point->unchallenged.alice) / (t * std::log(200 * t)));
        }
        out.push_back({{"k", k},
                       {"slope_alice", logSlope(alice)},
                       {"slope_bob", logSlope(bob)},
                       {"slope_vera", logSlope(vera)},
                       {"slope_alice_over_t_log_t", logSlope(perLog)},
                       {"vera_queries", list.front()->challenged.vera},
                       {"break_even_steps", breakEven(list.front()->plan)}});
    }
    return out;
}

std::string scaleCsv(const std::vector<ScalePoint>& points) {
    std::string csv = "k,steps,alice_queries,bob_queries,vera_queries,direct_queries,alice_bound,bob_bound,vera_bound,certified_k,alice_wins,seconds\n";
    for (const ScalePoint& p : points)
        csv += fmt::format("{},{},{},{},{},{},{:.0f},{:.0f},{:.0f},{:.6g},{},{:.3f}\n", p.k, p.steps, p.unchallenged.alice, p.unchallenged.bob, p.challenged.vera,
                           p.steps, aliceBound(p.k, p.steps), bobBound(p.k, p.steps), veraBound(p.k), p.certified, p.aliceWins, p.seconds);
    return csv;
}

namespace {

std::string costTable(const std::vector<ScalePoint>& points) {
    std::string text = "| K | K of the machine | T | Alice | Bob | Vera, if challenged | direct | provers / direct |\n|---|---|---|---|---|---|---|---|\n";
    for (const ScalePoint& p : points)
        text += fmt::format("| {} | {:.3g} | {} | {} | {} | {} | {} | {} |\n", p.k, p.certified, withCommas(p.steps), withCommas(p.unchallenged.alice), withCommas(p.unchallenged.bob),
                            withCommas(p.challenged.vera), withCommas(p.steps), withCommas((p.unchallenged.alice + p.unchallenged.bob) / p.steps));
    return text;
}

std::string slopesText(const nlohmann::json& summary) {
    std::string text;
    for (const nlohmann::json& k : summary)
        text += fmt::format("- K = {}: Alice {:.3f}, Bob {:.3f}: a little above 1, as T log T is; Alice divided by T ln 200T has slope {:.4f}. Vera {:.3f}: flat, at {} judgements.\n", k["k"].get<double>(),
                            k["slope_alice"].get<double>(), k["slope_bob"].get<double>(), std::abs(k["slope_alice_over_t_log_t"].get<double>()), std::abs(k["slope_vera"].get<double>()),
                            withCommas(k["vera_queries"].get<std::int64_t>()));
    return text;
}

/// Vera's judgements at K = 1 for promises that are easier to keep, with provers that pay about the same and that pay more.
std::string promisesTable() {
    std::string text = "| promise w | goal d | Vera at K = 1, c = b/3 | Vera at K = 1, c = b/10 | Alice pays for the second |\n|---|---|---|---|---|\n";
    for (const auto& [w, d] : {std::pair{2.0 / 3, 0.6}, {0.8, 0.6}, {0.9, 0.6}, {0.99, 0.6}, {0.99, 0.9}}) {
        const auto third = Parameters::tuned(w, d, 1, 1000), tenth = Parameters::tuned(w, d, 1, 1000, 0.1);
        if (!third || !tenth) continue;
        text += fmt::format("| {:.3g} | {} | {} | {} | {:.1f} times as much |\n", w, d, withCommas(plan(*third).vera), withCommas(plan(*tenth).vera),
                            static_cast<double>(plan(*tenth).alice) / static_cast<double>(plan(*third).alice));
    }
    return text;
}

std::string breakEvenText(const std::vector<ScalePoint>& points, const nlohmann::json& summary) {
    const ScalePoint& any = points.front();
    std::string text = fmt::format("Asking the judge directly takes T answers and is right with probability w = {:.3g}, the machine's own. A debate guarantees that the honest side wins with probability d = {:.3g}, "
                                   "which is less. So:\n\n", any.w, any.d);
    for (const nlohmann::json& k : summary) {
        const auto steps = withCommas(k["break_even_steps"].get<std::int64_t>());
        text += fmt::format("- K = {}: up to T = {} direct judging is cheaper for the judge, and more reliable. Only beyond does a challenged debate save judgements.\n", k["k"].get<double>(), steps);
    }
    text += "- Vera judges only when Bob challenges. Between honest players that happens in at most about one debate in fifty (qT' = 1 % for each estimate), and the judge then answers nothing at all; but she must be ready to, or nobody has a reason to be honest.\n"
            "- The provers' answers are not saved but multiplied: the last column of the first table says how many times direct judging they ask. Debate pays only where they cost next to nothing beside a human judge's.\n"
            "- Nothing here counts time, memory or reading, only oracle answers.\n"
            "- All of this needs a K that stays put as T grows. For the majority of n fair votes K grows like sqrt(2n/pi), so that Vera's judgements grow linearly in T and nothing is gained at any length.\n";
    return text;
}

}  // namespace

std::string scaleMarkdown(const std::vector<ScalePoint>& points, const nlohmann::json& summary, const std::string& command) {
    return fmt::format("# How the cost of a stochastic debate grows\n\nMade by `{}`.\n\n"
                       "The computation is a relay: T questions, of which a few, spread evenly, decide by majority, so that its Lipschitz constant is at most the K of the row however long it is. Every row plays "
                       "two debates with an honest Alice: one that Bob lets pass, whose meters are the provers', and one that he challenges at once, whose meter is Vera's. Every party asks a fixed number of answers "
                       "per estimate, so that one game of each kind has no spread. Direct judging asks every question once.\n\n",
                       command) +
           costTable(points) + "\n## Slopes on log-log axes\n\n" + slopesText(summary) + "\n## Break-even, honestly\n\n" + (points.empty() ? "" : breakEvenText(points, summary)) +
           "\n## What a better promise buys\n\nTuned parameters (q T' = 0.001, c, s and b as the inequalities allow) need fewer judgements of Vera, and a machine that is right more often far fewer. Her number, which is "
           "also the break-even length, grows with K squared.\n\n" + promisesTable();
}

}  // namespace driftscope::debate
