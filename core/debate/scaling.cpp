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
    ScalePoint point{k, steps, plan(parameters), {}, {}, certifiedConstant(*machine, graph), false, 0};
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

std::string scaleMarkdown(const std::vector<ScalePoint>& points, const nlohmann::json& summary, const std::string& command) {
    std::string text = fmt::format("# How the cost of a stochastic debate grows\n\nMade by `{}`.\n\nEach row plays two debates with an honest Alice: one that Bob lets pass "
                                   "(the provers' judgements) and one that he challenges at once (Vera's). Direct judging asks T questions.\n\n"
                                   "| K | T | Alice | Bob | Vera | direct |\n|---|---|---|---|---|---|\n", command);
    for (const ScalePoint& p : points)
        text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", p.k, withCommas(p.steps), withCommas(p.unchallenged.alice), withCommas(p.unchallenged.bob),
                            withCommas(p.challenged.vera), withCommas(p.steps));
    text += "\n## Slopes on log-log axes, and break-even\n\n";
    for (const nlohmann::json& k : summary)
        text += fmt::format("- K = {}: Alice {:.3f}, Bob {:.3f} (T log T; after dividing Alice by T ln 200T the slope is {:.4f}), Vera {:.3f} (flat at {} judgements). "
                            "Asking the judge directly is cheaper until T > {}.\n",
                            k["k"].get<double>(), k["slope_alice"].get<double>(), k["slope_bob"].get<double>(), k["slope_alice_over_t_log_t"].get<double>(),
                            k["slope_vera"].get<double>(), withCommas(k["vera_queries"].get<std::int64_t>()), withCommas(k["break_even_steps"].get<std::int64_t>()));
    text += "\nVera's judgements do not depend on T, but their number is not small: debate saves human judgements only for computations longer than the break-even "
            "length, and only while K stays bounded. For the majority of n fair votes K grows like sqrt(2n/pi), so Vera's cost grows linearly and nothing is gained.\n";
    return text;
}

}  // namespace driftscope::debate
