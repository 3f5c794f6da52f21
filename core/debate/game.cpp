#include "core/debate/game.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/debate/binomial.h"

namespace driftscope::debate {
namespace {

constexpr double kNotLooked = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kBitsPerClaim = 64;
constexpr std::size_t kPrefixTurns = 1000;  ///< transcripts up to here repeat the prefix in every turn; beyond, it would be most of the file

/// Gamma(shape) by Marsaglia and Tsang (2000), for the beta-binomial of correlated answers.
double drawGamma(RandomStream& random, double shape) {
    if (shape < 1) return drawGamma(random, shape + 1) * std::pow(1 - random.uniform(), 1 / shape);
    const double d = shape - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    while (true) {
        const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
        const double normal = radius * std::cos(2 * M_PI * random.uniform());
        const double v = std::pow(1 + c * normal, 3);
        if (v <= 0) continue;
        if (std::log(1 - random.uniform()) < 0.5 * normal * normal + d - d * v + d * std::log(v)) return d * v;
    }
}

/// The probability that all answers of one estimate share: beta with mean p and intra-class correlation rho.
double sharedProbability(RandomStream& random, double p, double rho) {
    if (rho <= 0 || p <= 0 || p >= 1) return p;
    const double strength = 1 / rho - 1;
    const double a = drawGamma(random, p * strength);
    const double b = drawGamma(random, (1 - p) * strength);
    return a + b > 0 ? a / (a + b) : p;
}

nlohmann::json numberOrNull(double value) {
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

}  // namespace

Meters& Meters::operator+=(const Meters& other) {
    alice += other.alice;
    bob += other.bob;
    vera += other.vera;
    steps += other.steps;
    bitsRead += other.bitsRead;
    return *this;
}

nlohmann::json Meters::toJson() const {
    return {{"alice_queries", alice}, {"bob_queries", bob}, {"vera_queries", vera}, {"steps", steps}, {"vera_bits_read", bitsRead}};
}

Referee::Referee(const StateGraph& graph, const Plan& plan, const Sampling& sampling, std::uint64_t seed, std::uint64_t game)
    : graph_(graph), plan_(plan), sampling_(sampling), seed_(seed), game_(game) {}

double Referee::estimate(Party party, std::int64_t count) {
    std::int64_t& meter = party == Party::Alice ? meters_.alice : party == Party::Bob ? meters_.bob : meters_.vera;
    if (sampling_.budget > 0 && meters_.alice + meters_.bob + meters_.vera + count > sampling_.budget) {
        outOfBudget_ = true;
        over_ = true;
        return kNotLooked;
    }
    meter += count;
    RandomStream random = stream(party);
    const double p = sharedProbability(random, node().probability, sampling_.correlation);
    std::int64_t ones = 0;
    if (sampling_.everyCall)
        for (std::int64_t i = 0; i < count; ++i) ones += random.bernoulli(p);
    else
        ones = drawBinomial(random, count, p);
    return static_cast<double>(ones) / static_cast<double>(count);
}

Result<void> Referee::claim(double probability) {
    if (over_ || claimed_) return fail(ErrorCode::Usage, "No claim is due.", "Bob must answer the last one first.");
    if (std::isnan(probability)) return fail(ErrorCode::BadInput, "Alice's claim is not a number.", "State a probability from 0 to 1.");
    claim_ = std::clamp(probability, 0.0, 1.0);
    claimed_ = true;
    return {};
}

void Referee::accept(double bobEstimate) {
    RandomStream coin = stream(Party::Coin);
    const bool answer = coin.bernoulli(claim_);
    if (keep_) turns_.push_back({step_, node_, node().probability, claim_, bobEstimate, false, kNotLooked, false, answer});
    const std::uint32_t following = answer ? node().yes : node().no;
    claimed_ = false;
    ++meters_.steps;
    if (step_ + 1 == graph_.steps()) {
        over_ = true;
        aliceWins_ = answer;
        ++meters_.bitsRead;  // Vera reads the outcome
        return;
    }
    ++step_;
    node_ = following;
}

void Referee::challenge(double bobEstimate) {
    callVera(bobEstimate);
    if (rulingDue()) rule(veraFindsItClose());
}

void Referee::callVera(double bobEstimate) {
    challengerEstimate_ = bobEstimate;
    veraEstimate_ = estimate(Party::Vera, plan_.vera);
    called_ = !outOfBudget_;
}

bool Referee::veraFindsItClose() const {
    const auto ones = static_cast<std::int64_t>(std::llround(veraEstimate_ * static_cast<double>(plan_.vera)));
    return isClose(claim_, ones, plan_.vera, plan_.veraThreshold);
}

void Referee::rule(bool accepts) {
    if (keep_) turns_.push_back({step_, node_, node().probability, claim_, challengerEstimate_, true, veraEstimate_, accepts, false});
    ++meters_.steps;
    meters_.bitsRead += kBitsPerClaim + step_;  // the claim, and the prefix that the question is about
    over_ = true;
    aliceWins_ = accepts;
}

nlohmann::json transcriptJson(const Machine& machine, const Referee& referee) {
    nlohmann::json turns = nlohmann::json::array();
    std::string prefix;
    const bool shortEnough = referee.turns().size() <= kPrefixTurns;
    for (const Turn& turn : referee.turns()) {
        nlohmann::json entry{{"step", turn.step},
                             {"question", machine.question(turn.step)},
                             {"truth", turn.truth},
                             {"claim", turn.claim},
                             {"bob_estimate", numberOrNull(turn.bobEstimate)},
                             {"challenged", turn.challenged}};
        if (shortEnough) entry["prefix"] = prefix;
        if (turn.challenged) {
            entry["vera_estimate"] = numberOrNull(turn.veraEstimate);
            entry["vera_accepts"] = turn.veraAccepts;
        } else {
            entry["answer"] = turn.answer;
            prefix += turn.answer ? '1' : '0';
        }
        turns.push_back(std::move(entry));
    }
    return {{"turns", turns}, {"winner", referee.outOfBudget() ? "none (out of budget)" : referee.aliceWins() ? "alice" : "bob"}, {"meters", referee.meters().toJson()}};
}

}  // namespace driftscope::debate
