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
constexpr std::int64_t kStopInterval = 4096;  ///< answers between two looks at the stop token

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

/// Trivial Lipschitz constants of long computations ask for more answers than there are numbers to count them.
std::int64_t sum(std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    return __builtin_add_overflow(a, b, &out) ? std::numeric_limits<std::int64_t>::max() : out;
}

nlohmann::json numberOrNull(double value) {
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

}  // namespace

const char* partyName(Party party) {
    return party == Party::Alice ? "alice" : party == Party::Vera ? "vera" : "bob";
}

std::int64_t Meters::queries() const {
    return sum(sum(alice, bob), vera);
}

Meters& Meters::operator+=(const Meters& other) {
    alice = sum(alice, other.alice);
    bob = sum(bob, other.bob);
    vera = sum(vera, other.vera);
    steps += other.steps;
    bitsRead += other.bitsRead;
    aliceSteps += other.aliceSteps;
    bobSteps += other.bobSteps;
    veraSteps += other.veraSteps;
    aliceBits += other.aliceBits;
    bobBits += other.bobBits;
    return *this;
}

nlohmann::json Meters::toJson() const {
    return {{"alice_queries", alice},     {"bob_queries", bob},     {"vera_queries", vera},     {"steps", steps},
            {"alice_steps", aliceSteps},  {"bob_steps", bobSteps},  {"vera_steps", veraSteps},
            {"alice_bits_read", aliceBits}, {"bob_bits_read", bobBits}, {"vera_bits_read", bitsRead}};
}

bool LiveAnswers::answer(std::int64_t step, RandomStream& random) const {
    calls_.fetch_add(1, std::memory_order_relaxed);
    const bool answer = oracle_->answer(static_cast<std::size_t>(machine_.questionNumber(step)), random);
    return answer != (noise_ > 0 && random.bernoulli(noise_));
}

std::int64_t drawAnswers(const Sampling& sampling, std::int64_t step, const StateGraph::Node& node, std::int64_t count, RandomStream& random) {
    const double p = sharedProbability(random, node.probability, sampling.correlation);
    const bool live = sampling.live && node.asked;
    if (!live && !sampling.everyCall) return drawBinomial(random, count, p);
    std::int64_t ones = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        if (i % kStopInterval == 0 && sampling.stop.stop_requested()) return -1;
        ones += live ? sampling.live->answer(step, random) : random.bernoulli(p);
    }
    return ones;
}

std::string Shortage::text(std::int64_t budget) const {
    static const char* const kNames[] = {"", "Alice", "Bob", "Vera"};
    return fmt::format("The budget of {} answers is spent: {} needs {} at step {}, and {} are left. The game has no winner; what was played is kept.", budget,
                       kNames[static_cast<std::size_t>(party)], needed, step + 1, left);
}

Referee::Referee(const Board& board, const Plan& plan, const Sampling& sampling, std::uint64_t seed, std::uint64_t game)
    : board_(board), plan_(plan), sampling_(sampling), seed_(seed), game_(game) {
    if (board_.machine()) state_ = board_.machine()->start();
    enter(0);
}

void Referee::enter(std::uint32_t node) {
    node_ = node;
    if (const StateGraph* graph = board_.graph())
        current_ = graph->level(step_)[node];
    else
        current_ = {board_.machine()->probability(step_, state_), 0, 1, board_.machine()->asks(step_, state_)};
}

void Referee::move(bool answer) {
    const std::uint32_t following = answer ? current_.yes : current_.no;
    if (board_.machine()) state_ = board_.machine()->next(step_, state_, answer);
    ++step_;
    enter(following);
}

double Referee::estimate(Party party, std::int64_t count) {
    std::int64_t& meter = party == Party::Alice ? meters_.alice : party == Party::Bob ? meters_.bob : meters_.vera;
    // What follows from the answers before costs a live oracle nothing.
    const std::int64_t cost = sampling_.onlyAsked && !current_.asked ? 0 : count;
    if (sampling_.budget > 0 && sum(meters_.queries(), cost) > sampling_.budget) {
        shortage_ = Shortage{party, step_, cost, sampling_.budget - meters_.queries()};
        over_ = true;
        return kNotLooked;
    }
    RandomStream random = stream(party);
    const std::int64_t ones = drawAnswers(sampling_, step_, current_, count, random);
    if (ones < 0) {
        stopped_ = true;
        over_ = true;
        return kNotLooked;
    }
    meter = sum(meter, cost);
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
    if (keep_) turns_.push_back({step_, node_, current_.probability, claim_, bobEstimate, false, kNotLooked, false, answer});
    claimed_ = false;
    ++meters_.steps;
    ++meters_.aliceSteps;
    ++meters_.bobSteps;
    meters_.aliceBits += 2;                 // Bob's response and the coin
    meters_.bobBits += kBitsPerClaim + 1;  // the claim and the coin
    if (step_ + 1 == board_.steps()) {
        over_ = true;
        aliceWins_ = answer;
        ++meters_.bitsRead;  // Vera reads the outcome
        return;
    }
    move(answer);
}

void Referee::challenge(double bobEstimate) {
    callVera(bobEstimate);
    if (rulingDue()) rule(veraFindsItClose());
}

void Referee::callVera(double bobEstimate) {
    challengerEstimate_ = bobEstimate;
    veraEstimate_ = estimate(Party::Vera, plan_.vera);
    called_ = !over_;
}

bool Referee::veraFindsItClose() const {
    const auto ones = static_cast<std::int64_t>(std::llround(veraEstimate_ * static_cast<double>(plan_.vera)));
    return isClose(claim_, ones, plan_.vera, plan_.veraThreshold);
}

void Referee::rule(bool accepts) {
    if (keep_) turns_.push_back({step_, node_, current_.probability, claim_, challengerEstimate_, true, veraEstimate_, accepts, false});
    claimed_ = false;
    ++meters_.steps;
    ++meters_.aliceSteps;
    ++meters_.bobSteps;
    ++meters_.veraSteps;
    ++meters_.aliceBits;
    meters_.bobBits += kBitsPerClaim;
    meters_.bitsRead += kBitsPerClaim + step_;  // the claim, and the prefix that the question is about
    over_ = true;
    aliceWins_ = accepts;
}

nlohmann::json transcriptJson(const Machine& machine, const Referee& referee, std::int64_t budget) {
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
    nlohmann::json out{{"turns", turns}, {"meters", referee.meters().toJson()}};
    out["winner"] = referee.outOfBudget() ? "none (out of budget)" : referee.over() && !referee.stopped() ? (referee.aliceWins() ? "alice" : "bob") : "none (not finished)";
    if (referee.over() && !referee.outOfBudget() && !referee.stopped()) return out;
    nlohmann::json unfinished{{"step", referee.step()}, {"question", machine.question(referee.step())}};
    if (shortEnough) unfinished["prefix"] = prefix;
    if (referee.claimMade()) unfinished["claim"] = referee.currentClaim();
    if (referee.shortage()) unfinished["reason"] = referee.shortage()->text(budget);
    out["unfinished"] = unfinished;
    return out;
}

}  // namespace driftscope::debate
