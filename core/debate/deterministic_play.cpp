// The deterministic protocols move by move: bisection (Theorem 5.1) and cross-examination (Theorem 5.3).
#include <algorithm>
#include <cmath>

#include "core/debate/play.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

constexpr std::int64_t kBitsPerNumber = 64;

/// What both deterministic protocols start from: the truth, and what Alice says instead.
struct Traces {
    std::shared_ptr<const Arena> arena;
    DeterministicOracle oracle;
    std::vector<Configuration> truth, claimed, second;
    std::int64_t questions = 0;  ///< that each prover asks to know the trace

    Traces(std::shared_ptr<const Arena> from, const PlayOptions& options) : arena(std::move(from)), oracle(likelierAnswers(machine())) {
        truth = trace(machine(), oracle);
        claimed = trace(machine(), oracle, options.lies);
        second = options.secondLies.empty() ? claimed : trace(machine(), oracle, options.secondLies);
        for (std::int64_t step = 0; step < steps(); ++step) questions += machine().asks(step, truth[static_cast<std::size_t>(step)].state);
    }
    const Machine& machine() const { return *arena->setup.machine; }
    std::int64_t steps() const { return machine().steps(); }
    double truthAt(std::int64_t step) const { return oracle(step, truth[static_cast<std::size_t>(step)].state) ? 1 : 0; }

    /// Whether the budget covers the provers' questions, and then Vera's.
    std::optional<Shortage> shortage(std::int64_t veraQueries, std::int64_t step) const {
        const std::int64_t budget = arena->setup.sampling.budget;
        if (budget == 0) return std::nullopt;
        if (questions > budget) return Shortage{Party::Alice, 0, questions, budget};
        if (2 * questions > budget) return Shortage{Party::Bob, 0, questions, budget - questions};
        if (2 * questions + veraQueries > budget) return Shortage{Party::Vera, step, veraQueries, budget - 2 * questions};
        return std::nullopt;
    }

    /// The provers have computed the whole trace.
    Meters provers() const {
        Meters meters;
        meters.alice = meters.bob = questions;
        meters.aliceSteps = meters.bobSteps = steps();
        return meters;
    }
    std::string winner(bool over, bool aliceWins, const std::optional<Shortage>& shortage) const {
        return shortage ? "none (out of budget)" : !over ? "none (not finished)" : aliceWins ? "alice" : "bob";
    }
    void addShortage(json& out, const std::optional<Shortage>& shortage) const {
        if (shortage) out["unfinished"] = {{"step", shortage->step}, {"reason", shortage->text(arena->setup.sampling.budget)}};
    }
};

/// bisect() plays a whole game at once. Here it is played again after every move, with people's recorded moves, up to the
/// first that is missing; log T rounds cost nothing.
class BisectionPlay final : public Play {
  public:
    BisectionPlay(Traces traces, const PlayOptions& options) : traces_(std::move(traces)), seats_(options.seats), shortage_(traces_.shortage(0, 0)) {}

    void advance() override {
        if (over() || prompt_) return;
        const std::size_t before = rounds_.size();
        allowed_ = before + 1;
        run();
    }

    const std::optional<Prompt>& prompt() const override { return prompt_; }

    Result<void> move(const Move& move) override {
        if (!prompt_ || prompt_->party != move.party) return fail(ErrorCode::Usage, "Nobody asked for this move.", "Step on until the game asks.");
        if (move.party == Party::Alice && move.stated.state.size() != prompt_->stated.state.size())
            return fail(ErrorCode::BadInput, fmt::format("The configuration has {} numbers instead of {}.", move.stated.state.size(), prompt_->stated.state.size()), "State every number.");
        moves_.push_back(move);
        prompt_.reset();
        allowed_ = rounds_.size() + 1;
        run();
        return {};
    }

    const std::vector<Round>& rounds() const override { return rounds_; }
    bool over() const override { return over_ || shortage_; }
    bool aliceWins() const override { return over_ && aliceWins_ && !shortage_; }
    std::optional<Shortage> shortage() const override { return shortage_; }
    Meters meters() const override { return shortage_ && shortage_->party != Party::Vera ? Meters{} : rounds_.empty() ? spent(0) : rounds_.back().after; }

    json toJson() const override {
        json out = result_.toJson();
        out["winner"] = traces_.winner(over_, aliceWins_, shortage_);
        out["meters"].update(meters().toJson());
        traces_.addShortage(out, shortage_);
        for (std::size_t i = 0; i < out["rounds"].size(); ++i) out["rounds"][i]["stated"] = configurationText(result_.rounds[i].stated);
        return out;
    }

  private:
    /// Provers each ask every question once to know the trace; Vera reads what is stated.
    Meters spent(std::size_t rounds, bool checked = false) const {
        const auto count = static_cast<std::int64_t>(rounds);
        const std::int64_t numbers = traces_.machine().space();
        Meters meters = traces_.provers();
        meters.steps = count;
        meters.vera = checked ? result_.veraQueries : 0;
        meters.veraSteps = checked ? 1 : 0;
        meters.bitsRead = (checked ? result_.veraNumbersRead : count * numbers) * kBitsPerNumber;
        meters.aliceBits = count;  // which half Bob disputes
        meters.bobBits = count * numbers * kBitsPerNumber;
        return meters;
    }

    const Move* nextMove(Party party, std::size_t& used) const {
        if (used < moves_.size() && moves_[used].party == party) return &moves_[used++];
        return nullptr;
    }

    void run() {
        std::size_t used = 0;
        std::size_t made = 0;
        std::optional<Prompt> missing;
        const auto stop = [&] { return missing.has_value() || made >= allowed_; };
        const StateMiddle alice = [&](std::int64_t from, std::int64_t middle, std::int64_t to) {
            const Configuration& honest = traces_.truth[static_cast<std::size_t>(middle)];
            if (!seats_.alice || stop()) return traces_.claimed[static_cast<std::size_t>(middle)];
            if (const Move* move = nextMove(Party::Alice, used)) return move->stated;
            missing = Prompt{Party::Alice, middle, from, to, kNothing, kNothing, false, honest};
            return honest;
        };
        std::int64_t from = 0, to = traces_.machine().steps();
        const Dispute bob = [&](std::int64_t middle, const Configuration& stated) {
            bool left = stated != traces_.truth[static_cast<std::size_t>(middle)];
            if (!stop() && seats_.bob) {
                if (const Move* move = nextMove(Party::Bob, used))
                    left = move->yes;
                else
                    missing = Prompt{Party::Bob, middle, from, to, kNothing, kNothing, left, stated};
            }
            if (!stop()) ++made;
            (left ? to : from) = middle;
            return left;
        };
        Configuration end = traces_.claimed.back();
        end.answer = true;  // Alice says yes, or there is nothing to debate
        result_ = bisect(traces_.machine(), traces_.oracle, end, alice, bob);
        settle(made, used, missing);
    }

    void settle(std::size_t made, std::size_t used, std::optional<Prompt> missing) {
        const bool allMade = made == result_.rounds.size() && !missing;
        // The leaf is checked in a round of its own, after the last halving.
        over_ = allMade && (allowed_ > result_.rounds.size());
        aliceWins_ = result_.aliceWins;
        if (over_) shortage_ = traces_.shortage(result_.veraQueries, result_.disputedStep);
        if (over_ && seats_.vera && !shortage_) {
            if (const Move* move = nextMove(Party::Vera, used))
                aliceWins_ = move->yes;
            else {
                missing = Prompt{Party::Vera, result_.disputedStep, result_.disputedStep, result_.disputedStep + 1, kNothing, kNothing, result_.aliceWins, {}};
                over_ = false;
            }
        }
        prompt_ = missing;
        fillRounds(made);
    }

    void fillRounds(std::size_t made) {
        rounds_.clear();
        for (std::size_t i = 0; i < made; ++i) {
            const BisectionRound& round = result_.rounds[i];
            rounds_.push_back({round.middle, round.from, round.to, configurationText(round.stated), kNothing, kNothing, kNothing, kNothing, round.left, false, false, spent(i + 1)});
        }
        result_.rounds.resize(made);
        if (!over_ || shortage_) return;
        const std::int64_t step = result_.disputedStep;
        Round leaf{step, step, step + 1, "checked by Vera", traces_.truthAt(step)};
        leaf.challenged = true;
        leaf.veraAccepts = aliceWins_;
        leaf.after = spent(made, true);
        rounds_.push_back(leaf);
    }

    Traces traces_;
    Seats seats_;
    BisectionResult result_;
    std::vector<Round> rounds_;
    std::optional<Prompt> prompt_;
    std::size_t allowed_ = 0;  ///< rounds that may be finished
    std::optional<Shortage> shortage_;
    bool over_ = false;
    bool aliceWins_ = false;
};

/// Alice commits to a trace, Bob names a step, Vera asks both copies of Alice about it.
class CrossExaminationPlay final : public Play {
  public:
    CrossExaminationPlay(Traces traces, const PlayOptions& options) : traces_(std::move(traces)), seats_(options.seats), shortage_(traces_.shortage(0, 0)) {}

    void advance() override {
        if (over() || prompt_) return;
        if (rounds_.empty()) {
            commit();
            return;
        }
        if (named_ < 0 && seats_.bob) {
            prompt_ = Prompt{Party::Bob, suggestedStep(), 0, traces_.machine().steps(), kNothing, kNothing, true, {}};
            return;
        }
        if (named_ < 0) named_ = suggestedStep();
        examine();
    }

    const std::optional<Prompt>& prompt() const override { return prompt_; }

    Result<void> move(const Move& move) override {
        if (!prompt_ || prompt_->party != move.party) return fail(ErrorCode::Usage, "Nobody asked for this move.", "Step on until the game asks.");
        if (move.party == Party::Bob) {
            const double steps = static_cast<double>(traces_.machine().steps());
            if (!(move.value >= 0 && move.value < steps))
                return fail(ErrorCode::BadInput, "There is no such step.", fmt::format("Name one from 1 to {}.", traces_.machine().steps()));
            named_ = static_cast<std::int64_t>(move.value);
        } else {
            ruling_ = move.yes;
        }
        moves_.push_back(move);
        prompt_.reset();
        if (ruling_) examine();
        return {};
    }

    const std::vector<Round>& rounds() const override { return rounds_; }
    bool over() const override { return over_ || shortage_; }
    bool aliceWins() const override { return over_ && aliceWins_; }
    std::optional<Shortage> shortage() const override { return shortage_; }
    Meters meters() const override { return meters_; }

    json toJson() const override {
        json out = result_.toJson();
        out["winner"] = traces_.winner(over_, aliceWins_, shortage_);
        out["meters"].update(meters_.toJson());
        traces_.addShortage(out, shortage_);
        return out;
    }

  private:
    /// Where the copies differ, else the first step that does not follow, else the first.
    std::int64_t suggestedStep() const {
        for (std::size_t i = 1; i < traces_.claimed.size(); ++i)
            if (traces_.claimed[i] != traces_.second[i]) return static_cast<std::int64_t>(i) - 1;
        return std::max<std::int64_t>(0, firstWrongStep(traces_.machine(), traces_.oracle, traces_.claimed));
    }

    void commit() {
        meters_ = traces_.provers();
        meters_.bobBits = traces_.steps() * (traces_.machine().space() * kBitsPerNumber + 1);  // the whole commitment
        for (std::int64_t step = 0; step < traces_.machine().steps(); ++step) {
            const Configuration& stated = traces_.claimed[static_cast<std::size_t>(step) + 1];
            Round round{step, step, step + 1, configurationText(stated)};
            // What the oracle answers where Alice says she stood: only there can her step be checked.
            round.truth = traces_.oracle(step, traces_.claimed[static_cast<std::size_t>(step)].state) ? 1 : 0;
            round.claim = stated.answer ? 1 : 0;
            round.answer = stated.answer;
            round.after = meters_;
            rounds_.push_back(std::move(round));
        }
    }

    void examine() {
        result_ = crossExamine(traces_.machine(), traces_.oracle, traces_.claimed, traces_.second, named_);
        shortage_ = traces_.shortage(result_.veraQueries, named_);
        if (shortage_) return;
        if (seats_.vera && !ruling_) {
            prompt_ = Prompt{Party::Vera, named_, named_, named_ + 1, kNothing, kNothing, result_.aliceWins, {}};
            return;
        }
        aliceWins_ = ruling_.value_or(result_.aliceWins);
        over_ = true;
        meters_.vera = result_.veraQueries;
        meters_.steps = 1;
        meters_.veraSteps = 1;
        meters_.bitsRead = result_.veraNumbersRead * kBitsPerNumber;
        meters_.aliceBits = addressBits();
        Round& round = rounds_[static_cast<std::size_t>(named_)];
        round.challenged = true;
        round.veraAccepts = aliceWins_;
        round.after = meters_;
        if (result_.inconsistent) round.stated += " | " + configurationText(traces_.second[static_cast<std::size_t>(named_) + 1]);
    }

    /// Which step and number Bob names.
    std::int64_t addressBits() const {
        return static_cast<std::int64_t>(std::ceil(std::log2(static_cast<double>(traces_.steps()))) + std::ceil(std::log2(static_cast<double>(traces_.machine().space() + 1))));
    }

    Traces traces_;
    Seats seats_;
    std::optional<Shortage> shortage_;
    CrossExamination result_;
    std::vector<Round> rounds_;
    std::optional<Prompt> prompt_;
    std::optional<bool> ruling_;
    std::int64_t named_ = -1;
    Meters meters_;
    bool over_ = false;
    bool aliceWins_ = false;
};

}  // namespace

Result<std::unique_ptr<Play>> makeDeterministicPlay(std::shared_ptr<const Arena> arena, const PlayOptions& options) {
    const std::int64_t steps = arena->setup.machine->steps();
    for (const auto* lies : {&options.lies, &options.secondLies})
        for (std::int64_t step : *lies)
            if (step < 0 || step >= steps) return fail(ErrorCode::BadInput, fmt::format("There is no step {}.", step), fmt::format("The computation has {} steps, counted from 0.", steps));
    Traces traces(std::move(arena), options);
    if (options.protocol == "cross_examined") return std::make_unique<CrossExaminationPlay>(std::move(traces), options);
    return std::make_unique<BisectionPlay>(std::move(traces), options);
}

}  // namespace driftscope::debate
