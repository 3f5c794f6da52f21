#include "core/debate/play.h"

#include <cmath>

namespace driftscope::debate {
namespace {

using nlohmann::json;

/// The stochastic protocol (Theorem 6.2) with the referee as the only one who knows the rules.
class StochasticPlay final : public Play {
  public:
    StochasticPlay(std::shared_ptr<const Arena> arena, const PlayOptions& options)
        : arena_(std::move(arena)),
          seats_(options.seats),
          players_(*arena_->players),
          sampling_(arena_->setup.sampling),
          referee_(arena_->board(), arena_->setup.plan, sampling_, options.seed, options.game) {
        sampling_.stop = options.stop;
    }

    void advance() override {
        const std::size_t finished = rounds_.size();
        while (!referee_.over() && !prompt_ && rounds_.size() == finished) next();
    }

    const std::optional<Prompt>& prompt() const override { return prompt_; }

    Result<void> move(const Move& move) override {
        if (!prompt_ || prompt_->party != move.party) return fail(ErrorCode::Usage, fmt::format("It is not {}'s turn.", partyName(move.party)), "Step on until the game asks.");
        const double estimate = prompt_->estimate;
        if (move.party == Party::Alice) {
            DS_TRY(referee_.claim(move.value));
            stage_ = Stage::Respond;
        } else if (move.party == Party::Bob) {
            respond(move.yes, estimate);
        } else {
            referee_.rule(move.yes);
            finish();
        }
        moves_.push_back(move);
        prompt_.reset();
        return {};
    }

    const std::vector<Round>& rounds() const override { return rounds_; }
    bool over() const override { return referee_.over(); }
    bool aliceWins() const override { return referee_.aliceWins(); }
    std::optional<Shortage> shortage() const override { return referee_.shortage(); }
    bool stopped() const override { return referee_.stopped(); }
    Meters meters() const override { return referee_.meters(); }
    json toJson() const override { return transcriptJson(*arena_->setup.machine, referee_, sampling_.budget); }

  private:
    enum class Stage { Claim, Respond, Rule };

    void next() {
        switch (stage_) {
            case Stage::Claim: claim(); break;
            case Stage::Respond: answer(); break;
            case Stage::Rule: rule(); break;
        }
    }

    void claim() {
        if (!seats_.alice) {
            const double stated = players_.aliceClaim(referee_);
            if (referee_.over() || !referee_.claim(stated)) return;
            stage_ = Stage::Respond;
            return;
        }
        const double estimate = referee_.estimate(Party::Alice, arena_->setup.plan.alice);
        if (referee_.over()) return;
        ask(Party::Alice, estimate, false);
    }

    void answer() {
        if (!seats_.bob) {
            const Players::Response response = players_.bobResponse(referee_);
            if (!referee_.over()) respond(response.challenge, response.estimate);
            return;
        }
        const Plan& plan = arena_->setup.plan;
        const double estimate = referee_.estimate(Party::Bob, plan.bob);
        if (referee_.over()) return;
        const auto ones = static_cast<std::int64_t>(std::llround(estimate * static_cast<double>(plan.bob)));
        ask(Party::Bob, estimate, !isClose(referee_.currentClaim(), ones, plan.bob, plan.bobThreshold));
    }

    void respond(bool challenge, double estimate) {
        if (!challenge) {
            referee_.accept(estimate);
            finish();
            stage_ = Stage::Claim;
            return;
        }
        referee_.callVera(estimate);
        stage_ = Stage::Rule;
    }

    void rule() {
        const bool accepts = referee_.veraFindsItClose();
        if (seats_.vera) {
            ask(Party::Vera, referee_.veraEstimate(), accepts);
            return;
        }
        referee_.rule(accepts);
        finish();
    }

    void ask(Party party, double estimate, bool suggestion) {
        prompt_ = Prompt{party, referee_.step(), 0, 0, party == Party::Alice ? kNothing : referee_.currentClaim(), estimate, suggestion, {}};
    }

    void finish() {
        const Turn& turn = referee_.turns().back();
        rounds_.push_back({turn.step, 0, 0, {}, turn.truth, turn.claim, turn.bobEstimate, turn.veraEstimate, turn.challenged, turn.veraAccepts, turn.answer, referee_.meters()});
    }

    std::shared_ptr<const Arena> arena_;
    Seats seats_;
    const Players& players_;
    Sampling sampling_;
    Referee referee_;
    Stage stage_ = Stage::Claim;
    std::optional<Prompt> prompt_;
    std::vector<Round> rounds_;
};

}  // namespace

json Move::toJson() const {
    json out{{"party", partyName(party)}, {"value", value}, {"yes", yes}};
    if (!stated.state.empty()) out["stated"] = {{"state", stated.state}, {"answer", stated.answer}};
    return out;
}

Result<Move> Move::fromJson(const json& object) {
    try {
        const auto name = object.at("party").get<std::string>();
        Move move{name == "alice" ? Party::Alice : name == "vera" ? Party::Vera : Party::Bob, object.value("value", 0.0), object.value("yes", false), {}};
        if (object.contains("stated")) move.stated = {object["stated"].at("state").get<State>(), object["stated"].at("answer").get<bool>()};
        return move;
    } catch (const json::exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("A move of the transcript is malformed: {}", error.what()));
    }
}

void Play::replay(const std::vector<Move>& moves, std::int64_t wanted) {
    std::size_t next = 0;
    while (!over() && (wanted < 0 || static_cast<std::int64_t>(rounds().size()) < wanted)) {
        if (!prompt()) {
            advance();
            continue;
        }
        if (next == moves.size() || !move(moves[next])) return;
        ++next;
    }
}

Result<std::unique_ptr<Play>> makeStochasticPlay(std::shared_ptr<const Arena> arena, const PlayOptions& options) {
    if (!arena->players)
        return fail(ErrorCode::Unsupported, fmt::format("Alice's or Bob's strategy needs exact values. {}", arena->graphProblem), "Let them play honestly, or make the computation shorter.");
    return std::make_unique<StochasticPlay>(std::move(arena), options);
}

Result<std::unique_ptr<Play>> makePlay(std::shared_ptr<const Arena> arena, const PlayOptions& options) {
    if (options.protocol == "stochastic") return makeStochasticPlay(std::move(arena), options);
    return makeDeterministicPlay(std::move(arena), options);
}

std::string configurationText(const Configuration& configuration) {
    std::string numbers;
    for (double number : configuration.state) numbers += (numbers.empty() ? "" : ", ") + fmt::format("{:g}", number);
    return fmt::format("({}) {}", numbers, configuration.answer ? "yes" : "no");
}

}  // namespace driftscope::debate
