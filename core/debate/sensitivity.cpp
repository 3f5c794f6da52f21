#include "core/debate/sensitivity.h"

#include <algorithm>
#include <cmath>

#include "core/debate/report.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

/// What the theorem says of the honest side of a machine that is right with probability `right`.
double claimed(Parameters p, double right, bool yes) {
    p.w = right;
    const Guarantees g = guarantees(p);
    return yes ? g.completeness : g.soundness;
}

struct Measured {
    double wins = 0;  ///< of the honest side
    Interval interval;
    double challenged = 0;
};

class Study {
  public:
    Study(const Arena& arena, const Params& params, const SensitivityOptions& options, std::stop_token stop, const std::function<void(double)>& done)
        : arena_(arena), params_(params), options_(options), stop_(stop), done_(done), yes_(arena.acceptance.value >= 0.5), right_(std::max(arena.acceptance.value, 1 - arena.acceptance.value)) {
        settings_ = options.kFactors.size() + options.noises.size() + options.correlations.size();
    }

    Result<json> run() {
        json out{{"honest_side", yes_ ? "alice" : "bob"}, {"machine_is_right", right_}, {"games_per_setting", options_.games}};
        DS_ASSIGN(out["k"], misjudgedK());
        DS_ASSIGN(out["w"], nearHalf());
        DS_ASSIGN(out["correlation"], dependent());
        return out;
    }

  private:
    Measured measure(const Board& board, const Plan& plan, const Sampling& sampling, const Strategies& strategies, bool yes) {
        const Players players(board, plan, strategies);
        const Tally tally = playGames(board, plan, sampling, players, options_.seed, 0, options_.games, options_.threads, stop_);
        const std::int64_t decided = std::max<std::int64_t>(1, tally.games - tally.outOfBudget);
        const std::int64_t wins = yes ? tally.aliceWins : tally.games - tally.outOfBudget - tally.aliceWins;
        if (done_) done_(static_cast<double>(++finished_) / static_cast<double>(settings_));
        return {static_cast<double>(wins) / static_cast<double>(decided), clopperPearson(wins, decided), static_cast<double>(tally.challenges) / static_cast<double>(std::max<std::int64_t>(1, tally.games))};
    }

    /// Bulk draws without a budget: a study asks a question about the law, not about the oracle's patience.
    static Sampling bulk(const Sampling& sampling) {
        return {.everyCall = false, .correlation = sampling.correlation, .budget = 0, .onlyAsked = sampling.onlyAsked};
    }

    Result<json> misjudgedK() {
        json rows = json::array();
        const double base = arena_.graph ? arena_.constants.certified : arena_.setup.k;
        const Strategies worst = !arena_.graph ? Strategies{} : yes_ ? Strategies{"honest", "best", 0} : Strategies{"best", "honest", 0};
        for (const double factor : options_.kFactors) {
            if (stop_.stop_requested()) return fail(ErrorCode::Cancelled, "Cancelled.");
            const double k = factor * base;
            DS_ASSIGN(const Params changed, setupWithK(params_, k));
            DS_ASSIGN(const std::shared_ptr<const Arena> other, Arena::make(arena_.setup.computation, changed, stop_));
            const Measured measured = measure(other->board(), other->setup.plan, bulk(arena_.setup.sampling), worst, yes_);
            json row{{"factor", factor}, {"k", k}, {"certified", k >= base * (1 - 1e-9)}, {"opponent", arena_.graph ? "best response" : "honest"}, {"vera_samples", other->setup.plan.vera},
                     {"honest_side_wins", measured.wins}, {"interval", intervalJson(measured.interval)}};
            if (arena_.graph) {
                const double exact = *exactValue(*other->graph, other->setup.plan, worst);
                row["exact"] = yes_ ? exact : 1 - exact;
            }
            if (other->setup.parameters) {
                row["bound"] = claimed(*other->setup.parameters, right_, yes_);
                row["bound_holds"] = row.value("exact", measured.interval.high) >= row["bound"].get<double>() - 1e-9;
                row["statement"] = statementOnK(row);
            }
            rows.push_back(std::move(row));
        }
        return rows;
    }

    static std::string statementOnK(const json& row) {
        const std::string numbers = fmt::format("the honest side wins with probability {:.4f}, the bound says {:.4f}", row.contains("exact") ? row["exact"].get<double>() : row["honest_side_wins"].get<double>(), row["bound"].get<double>());
        if (!row["bound_holds"].get<bool>()) return fmt::format("K = {:.4g} is too small: {}.", row["k"].get<double>(), numbers);
        return fmt::format("K = {:.4g} {}: {}.", row["k"].get<double>(), row["certified"].get<bool>() ? "is certified" : "is not certified, but does no harm here", numbers);
    }

    Result<json> nearHalf() {
        json rows = json::array();
        for (const double noise : options_.noises) {
            if (stop_.stop_requested()) return fail(ErrorCode::Cancelled, "Cancelled.");
            DS_ASSIGN(const Params same, setupWithK(params_, arena_.setup.k));
            json values = same.values();
            values["noise"] = noise;
            DS_ASSIGN(const Params changed, Params::make(setupParams(), values));
            DS_ASSIGN(const std::shared_ptr<const Arena> other, Arena::make(arena_.setup.computation, changed, stop_));
            const double accept = other->acceptance.value;
            const bool yes = accept >= 0.5;
            const Measured measured = measure(other->board(), other->setup.plan, bulk(other->setup.sampling), {}, yes);
            json row{{"noise", noise}, {"accept_probability", accept}, {"honest_side", yes ? "alice" : "bob"}, {"honest_side_wins", measured.wins}, {"interval", intervalJson(measured.interval)},
                     {"inside_promise", other->outside.empty()}};
            if (other->setup.parameters) row["promised"] = other->outside.empty() ? json(other->setup.parameters->d) : json();
            row["statement"] = other->outside.empty() ? fmt::format("Inside the promise: accepts with probability {:.4f}.", accept) : "Outside the promise: " + other->outside.front();
            rows.push_back(std::move(row));
        }
        return rows;
    }

    Result<json> dependent() {
        json rows = json::array();
        for (const double correlation : options_.correlations) {
            if (stop_.stop_requested()) return fail(ErrorCode::Cancelled, "Cancelled.");
            Sampling sampling = bulk(arena_.setup.sampling);
            sampling.correlation = correlation;
            const Measured measured = measure(arena_.board(), arena_.setup.plan, sampling, {}, yes_);
            json row{{"correlation", correlation}, {"honest_side_wins", measured.wins}, {"interval", intervalJson(measured.interval)}, {"challenged", measured.challenged}};
            if (arena_.setup.parameters) {
                const double bound = claimed(*arena_.setup.parameters, right_, yes_);
                row["bound"] = bound;
                row["below_bound"] = measured.interval.high < bound;
            }
            row["statement"] = correlation == 0 ? fmt::format("Independent answers, as the theorem assumes: {:.1f} % of debates are challenged.", 100 * measured.challenged)
                                                : fmt::format("Outside the promise: answers correlate ({:g}), and {:.1f} % of debates between honest players are challenged.", correlation, 100 * measured.challenged);
            rows.push_back(std::move(row));
        }
        return rows;
    }

    const Arena& arena_;
    const Params& params_;
    const SensitivityOptions& options_;
    std::stop_token stop_;
    const std::function<void(double)>& done_;
    bool yes_;
    double right_;
    std::size_t settings_ = 0;
    std::size_t finished_ = 0;
};

}  // namespace

Result<json> sensitivity(const Arena& arena, const Params& params, const SensitivityOptions& options, std::stop_token stop, const std::function<void(double)>& done) {
    return Study(arena, params, options, stop, done).run();
}

}  // namespace driftscope::debate
