#include "core/debate/oracle_check.h"

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace driftscope::debate {
namespace {

constexpr std::int64_t kQuestions = 16;
constexpr std::int64_t kBatches = 40;
constexpr std::int64_t kBatch = 100;
constexpr std::uint64_t kFirstGame = std::uint64_t{1} << 48;  ///< streams that no game uses

/// Sums of the batches of one question, turned into what a chi-square test adds up.
struct Sums {
    double chi = 0, freedom = 0, trend = 0, trends = 0, agree = 0, expected = 0;

    void add(const std::vector<double>& ones) {
        const double n = static_cast<double>(kBatch);
        const auto batches = static_cast<double>(ones.size());
        double total = 0, half = 0, pairs = 0;
        for (std::size_t i = 0; i < ones.size(); ++i) {
            total += ones[i];
            if (i < ones.size() / 2) half += ones[i];
            pairs += (ones[i] * (ones[i] - 1) + (n - ones[i]) * (n - ones[i] - 1)) / (n * (n - 1));
        }
        const double p = total / (n * batches);
        agree += pairs / batches;
        expected += p * p + (1 - p) * (1 - p);
        const double variance = n * p * (1 - p);
        if (variance <= 0) return;
        for (double x : ones) chi += (x - n * p) * (x - n * p) / variance;
        freedom += batches - 1;
        // Both halves have half of the batches: the difference of their means has variance 4 p (1 - p) / answers.
        const double difference = (2 * half - total) / (n * batches / 2);
        trend += difference * difference / (4 * p * (1 - p) / (n * batches));
        trends += 1;
    }
};

double tail(double chi, double freedom) {
    return freedom > 0 ? boost::math::gamma_q(freedom / 2, chi / 2) : 1;
}

}  // namespace

OracleCheck checkOracle(const Machine& machine, const Sampling& sampling, std::uint64_t seed) {
    OracleCheck out;
    Sums sums;
    State state = machine.start();
    for (std::int64_t step = 0; step < machine.steps() && out.questions < kQuestions; ++step) {
        const StateGraph::Node node{machine.probability(step, state), 0, 1, machine.asks(step, state)};
        state = machine.next(step, state, node.probability >= 0.5);
        if (!node.asked || node.probability <= 0 || node.probability >= 1) continue;
        std::vector<double> ones;
        for (std::int64_t batch = 0; batch < kBatches; ++batch) {
            RandomStream random(seed, kFirstGame + static_cast<std::uint64_t>(batch), 0, static_cast<std::uint64_t>(step));
            const std::int64_t drawn = drawAnswers(sampling, step, node, kBatch, random);
            if (drawn < 0) return out;
            ones.push_back(static_cast<double>(drawn));
        }
        sums.add(ones);
        ++out.questions;
        out.answers += kBatches * kBatch;
    }
    if (out.questions == 0) return out;
    out.agreement = sums.agree / static_cast<double>(out.questions);
    out.independent = sums.expected / static_cast<double>(out.questions);
    out.dispersion = sums.freedom > 0 ? sums.chi / sums.freedom : 1;
    out.dispersionP = tail(sums.chi, sums.freedom);
    out.correlation = std::max(0.0, (out.dispersion - 1) / static_cast<double>(kBatch - 1));
    // Correlated batches differ more, in their halves too: only what exceeds their dispersion is a trend.
    out.trendP = tail(sums.trend / std::max(1.0, out.dispersion), sums.trends);
    return out;
}

std::string OracleCheck::text() const {
    if (questions == 0) return "Every answer is certain: repeated answers always agree.";
    std::string text = looksIndependent() ? fmt::format("Repeated answers look independent (dispersion {:.3f}, p = {:.3g}).", dispersion, dispersionP)
                                          : fmt::format("Repeated answers are not independent (dispersion {:.2f}, p = {:.2g}, intra-class correlation about {:.3f}): the theorem does not apply.", dispersion, dispersionP, correlation);
    if (!looksSteady()) text += fmt::format(" They drift while they are repeated (p = {:.2g}).", trendP);
    return text;
}

nlohmann::json OracleCheck::toJson() const {
    return {{"answers_drawn", answers}, {"questions", questions}, {"agreement_within_batch", agreement}, {"agreement_if_independent", independent}, {"dispersion", dispersion},
            {"dispersion_p", dispersionP}, {"correlation_estimate", correlation}, {"trend_p", trendP}, {"independent", looksIndependent()}, {"steady", looksSteady()}, {"statement", text()}};
}

}  // namespace driftscope::debate
