#include "core/debate/computation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/debate/answers.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

tl::unexpected<Error> bad(const std::string& message, const std::string& remedy = "Correct the computation.") {
    return fail(ErrorCode::BadInput, message, remedy);
}

Result<double> probabilityAt(const json& object, const char* field, const std::string& where) {
    if (!object.contains(field) || !object[field].is_number()) return bad(fmt::format("{} has no number '{}'.", where, field));
    const double p = object[field].get<double>();
    if (!(p >= 0 && p <= 1)) return bad(fmt::format("{}: {} is {}, not a probability.", where, field, p), "Give a number from 0 to 1.");
    return p;
}

Result<std::int64_t> countAt(const json& object, const char* field, const std::string& where, std::int64_t least = 1, std::int64_t most = kMaximumSteps) {
    if (!object.contains(field) || !object[field].is_number_integer()) return bad(fmt::format("{} has no whole number '{}'.", where, field));
    const auto value = object[field].get<std::int64_t>();
    if (value < least || value > most)
        return bad(fmt::format("{}: {} is {}.", where, field, value), fmt::format("It must be from {} to {}.", least, most));
    return value;
}

enum class Op { And, Or, Not, Majority, Threshold, WeightedSum, Compare };

struct Gate {
    std::string id;
    Op op = Op::And;
    std::vector<std::size_t> inputs;  ///< node indices: questions first, then gates
    std::vector<double> weights;
    double threshold = 0;
};

struct Question {
    std::string id;
    std::string text;
    double probability = 0.5;
};

/// Questions and gates as a directed acyclic graph. Every gate is a counter over its inputs, so that the state stays small
/// however many inputs it has.
class DagMachine : public Machine {
  public:
    DagMachine(std::vector<Question> questions, std::vector<Gate> gates, std::size_t output, bool resultBit, OracleSpec oracle)
        : questions_(std::move(questions)), gates_(std::move(gates)), output_(output), resultBit_(resultBit), oracle_(oracle) {
        schedule();
    }

    std::int64_t steps() const override { return static_cast<std::int64_t>(order_.size()) + (resultBit_ ? 1 : 0); }
    State start() const override { return State(gates_.size() + 1, 0.0); }
    bool isGate(std::int64_t step) const override { return step >= static_cast<std::int64_t>(order_.size()); }
    std::int64_t space() const override { return static_cast<std::int64_t>(gates_.size()) + 1; }

    double probability(std::int64_t step, const State& state) const override {
        return isGate(step) ? state.back() : oracle_.asked(questions_[order_[static_cast<std::size_t>(step)]].probability, step);
    }

    State next(std::int64_t step, const State& state, bool answer) const override {
        State out = state;
        if (isGate(step)) return out;
        const auto at = static_cast<std::size_t>(step);
        deliver(out, order_[at], answer);
        for (std::size_t gate : closing_[at]) {
            const bool value = decide(gates_[gate], out[gate]);
            out[gate] = 0;  // closed gates leave no trace, so that equal futures are equal states
            deliver(out, questions_.size() + gate, value);
        }
        return out;
    }

    std::string question(std::int64_t step) const override {
        return isGate(step) ? "result" : questions_[order_[static_cast<std::size_t>(step)]].text;
    }

    std::int64_t queryLength() const override {
        std::size_t longest = 0;
        for (const Question& question : questions_) longest = std::max(longest, question.text.size());
        return static_cast<std::int64_t>(longest);
    }

  private:
    static bool decide(const Gate& gate, double sum) {
        const auto n = static_cast<double>(gate.inputs.size());
        switch (gate.op) {
            case Op::And: return sum == 0;  // counts the inputs that are false
            case Op::Or: return sum > 0;
            case Op::Not: return sum == 0;
            case Op::Majority: return 2 * sum > n;
            case Op::Threshold:
            case Op::WeightedSum: return sum >= gate.threshold;
            case Op::Compare: return sum > 0;
        }
        return false;
    }

    void accumulate(State& state, std::size_t gateIndex, std::size_t slot, bool value) const {
        const Gate& gate = gates_[gateIndex];
        double& sum = state[gateIndex];
        switch (gate.op) {
            case Op::And: sum = std::min(1.0, sum + !value); break;
            case Op::Or:
            case Op::Not: sum = std::min(1.0, sum + value); break;
            case Op::Majority: sum += value; break;
            case Op::Threshold: sum = std::min(gate.threshold, sum + value); break;
            case Op::WeightedSum: sum += value ? gate.weights[slot] : 0; break;
            case Op::Compare: sum += value ? (slot < gate.inputs.size() / 2 ? 1 : -1) : 0; break;
        }
    }

    void deliver(State& state, std::size_t node, bool value) const {
        if (node == output_) state.back() = value;
        for (const auto& [gate, slot] : parents_[node]) accumulate(state, gate, slot, value);
    }

    /// Questions in the order the output needs them (depth first), and the gates that close after each.
    void schedule() {
        parents_.resize(questions_.size() + gates_.size());
        for (std::size_t gate = 0; gate < gates_.size(); ++gate)
            for (std::size_t slot = 0; slot < gates_[gate].inputs.size(); ++slot) parents_[gates_[gate].inputs[slot]].emplace_back(gate, slot);
        std::vector<std::uint8_t> seen(parents_.size(), 0);
        std::vector<std::size_t> closedAt(gates_.size(), 0);
        std::vector<std::pair<std::size_t, std::size_t>> stack{{output_, 0}};
        std::vector<std::size_t> gateOrder;
        while (!stack.empty()) {
            auto& [node, cursor] = stack.back();
            if (cursor == 0 && seen[node]) {
                stack.pop_back();
            } else if (node < questions_.size()) {
                seen[node] = 1;
                order_.push_back(node);
                stack.pop_back();
            } else if (const Gate& gate = gates_[node - questions_.size()]; cursor < gate.inputs.size()) {
                seen[node] = 1;
                const std::size_t input = gate.inputs[cursor++];
                if (!seen[input]) stack.emplace_back(input, 0);
            } else {
                gateOrder.push_back(node - questions_.size());
                stack.pop_back();
            }
        }
        closing_.resize(order_.size());
        std::map<std::size_t, std::size_t> position;
        for (std::size_t i = 0; i < order_.size(); ++i) position[order_[i]] = i;
        for (std::size_t gate : gateOrder) {
            for (std::size_t input : gates_[gate].inputs)
                closedAt[gate] = std::max(closedAt[gate], input < questions_.size() ? position[input] : closedAt[input - questions_.size()]);
            closing_[closedAt[gate]].push_back(gate);
        }
    }

    std::vector<Question> questions_;
    std::vector<Gate> gates_;
    std::size_t output_;
    bool resultBit_;
    OracleSpec oracle_;
    std::vector<std::size_t> order_;
    std::vector<std::vector<std::size_t>> closing_;
    std::vector<std::vector<std::pair<std::size_t, std::size_t>>> parents_;
};

/// A walk over named states: each answer chooses the next state. The result bit says whether the last one accepts.
class WalkMachine : public Machine {
  public:
    struct Place {
        std::string name;
        double probability = 0.5;
        std::size_t yes = 0, no = 0;
        bool accept = false;
        bool absorbing = false;
    };
    WalkMachine(std::vector<Place> places, std::size_t start, std::int64_t steps, OracleSpec oracle)
        : places_(std::move(places)), start_(start), steps_(steps), oracle_(oracle) {}

    std::int64_t steps() const override { return steps_ + 1; }
    State start() const override { return {static_cast<double>(start_)}; }
    bool isGate(std::int64_t step) const override { return step == steps_; }
    std::int64_t space() const override { return 1; }
    std::int64_t queryLength() const override { return static_cast<std::int64_t>(question(0).size()); }
    std::string question(std::int64_t step) const override { return isGate(step) ? "result" : fmt::format("step {}", step + 1); }
    double probability(std::int64_t step, const State& state) const override {
        const Place& place = at(state);
        if (isGate(step)) return place.accept ? 1 : 0;
        return place.absorbing ? place.probability : oracle_.asked(place.probability, step);
    }
    State next(std::int64_t step, const State& state, bool answer) const override {
        if (isGate(step)) return state;
        return {static_cast<double>(answer ? at(state).yes : at(state).no)};
    }

  private:
    const Place& at(const State& state) const { return places_[static_cast<std::size_t>(state[0])]; }
    std::vector<Place> places_;
    std::size_t start_;
    std::int64_t steps_;
    OracleSpec oracle_;
};

using MachineResult = Result<std::unique_ptr<Machine>>;

MachineResult makeDag(std::vector<Question> questions, std::vector<Gate> gates, std::size_t output, const json& object, const OracleSpec& oracle) {
    const bool resultBit = object.value("result_bit", true);
    if (!resultBit && output >= questions.size())
        return bad("Without a result bit the output must be a question.", "Remove \"result_bit\": false.");
    return std::make_unique<DagMachine>(std::move(questions), std::move(gates), output, resultBit, oracle);
}

Result<Op> readOp(const std::string& name, const std::string& where) {
    static const std::map<std::string, Op> kOps{{"and", Op::And}, {"or", Op::Or}, {"not", Op::Not}, {"majority", Op::Majority},
                                                {"threshold", Op::Threshold}, {"weighted_sum", Op::WeightedSum}, {"compare", Op::Compare}};
    const auto found = kOps.find(name);
    if (found == kOps.end()) return bad(fmt::format("{} has the unknown op '{}'.", where, name), "Use and, or, not, majority, threshold, weighted_sum or compare.");
    return found->second;
}

Result<void> checkGate(const Gate& gate) {
    const std::string where = fmt::format("Gate '{}'", gate.id);
    if (gate.inputs.empty()) return bad(where + " has no inputs.");
    if (gate.op == Op::Not && gate.inputs.size() != 1) return bad(where + " (not) must have one input.");
    if (gate.op == Op::Compare && gate.inputs.size() % 2 != 0) return bad(where + " (compare) needs as many inputs left as right.");
    if (gate.op == Op::WeightedSum && gate.weights.size() != gate.inputs.size()) return bad(fmt::format("{} has {} inputs but {} weights.", where, gate.inputs.size(), gate.weights.size()));
    if (!std::isfinite(gate.threshold)) return bad(where + " has a threshold that is not a number.");
    return {};
}

MachineResult readMajority(const json& object, const OracleSpec& oracle) {
    std::vector<double> probabilities;
    if (object.contains("vote_probabilities")) {
        for (const json& p : object["vote_probabilities"]) {
            DS_ASSIGN(const double value, probabilityAt(json{{"vote_probability", p}}, "vote_probability", "majority"));
            probabilities.push_back(value);
        }
        if (probabilities.empty()) return bad("majority: there are no votes.");
    } else {
        DS_ASSIGN(const std::int64_t votes, countAt(object, "votes", "majority"));
        DS_ASSIGN(const double p, probabilityAt(object, "vote_probability", "majority"));
        probabilities.assign(static_cast<std::size_t>(votes), p);
    }
    std::vector<Question> questions;
    Gate gate{"majority", Op::Majority, {}, {}, 0};
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        questions.push_back({fmt::format("vote{}", i + 1), fmt::format("vote {}", i + 1), probabilities[i]});
        gate.inputs.push_back(i);
    }
    const std::size_t output = questions.size() == 1 && !object.value("result_bit", true) ? 0 : questions.size();
    return makeDag(std::move(questions), {gate}, output, object, oracle);
}

MachineResult readList(const json& object, const OracleSpec& oracle) {
    DS_ASSIGN(const std::int64_t steps, countAt(object, "steps", "list"));
    DS_ASSIGN(const double p, probabilityAt(object, "probability", "list"));
    Gate gate{"all", Op::And, {}, {}, 0};
    DS_ASSIGN(gate.op, readOp(object.value("combine", "and"), "list"));
    if (gate.op != Op::And && gate.op != Op::Or && gate.op != Op::Majority && gate.op != Op::Threshold)
        return bad("list: combine must be and, or, majority or threshold.");
    if (gate.op == Op::Threshold) {
        DS_ASSIGN(const std::int64_t threshold, countAt(object, "threshold", "list", 0, steps));
        gate.threshold = static_cast<double>(threshold);
    }
    const std::string text = object.value("question", "item {i}");
    std::vector<Question> questions;
    for (std::int64_t i = 0; i < steps; ++i) {
        std::string asking = text;
        if (const std::size_t place = asking.find("{i}"); place != std::string::npos) asking.replace(place, 3, fmt::to_string(i + 1));
        questions.push_back({fmt::format("q{}", i + 1), asking, p});
        gate.inputs.push_back(static_cast<std::size_t>(i));
    }
    const std::size_t output = questions.size();
    return makeDag(std::move(questions), {gate}, output, object, oracle);
}

Result<void> rejectCycles(const std::vector<Gate>& gates, std::size_t questions) {
    std::vector<int> mark(gates.size(), 0);  // 1 open, 2 closed
    for (std::size_t root = 0; root < gates.size(); ++root) {
        std::vector<std::pair<std::size_t, std::size_t>> stack;
        if (mark[root] == 0) stack.emplace_back(root, 0);
        while (!stack.empty()) {
            auto& [gate, cursor] = stack.back();
            mark[gate] = 1;
            if (cursor == gates[gate].inputs.size()) {
                mark[gate] = 2;
                stack.pop_back();
                continue;
            }
            const std::size_t input = gates[gate].inputs[cursor++];
            if (input < questions || mark[input - questions] == 2) continue;
            if (mark[input - questions] == 1) return bad(fmt::format("Gate '{}' depends on itself.", gates[input - questions].id), "Remove the cycle.");
            stack.emplace_back(input - questions, 0);
        }
    }
    return {};
}

Result<std::size_t> register_(std::map<std::string, std::size_t>& ids, const json& object, std::size_t index, const char* what) {
    if (!object.is_object() || !object.contains("id") || !object["id"].is_string()) return bad(fmt::format("{} {} has no id.", what, index + 1));
    const auto id = object["id"].get<std::string>();
    const std::size_t number = ids.size();
    if (!ids.emplace(id, number).second) return bad(fmt::format("The id '{}' is used twice.", id));
    return number;
}

Result<Gate> readGate(const json& object, const std::map<std::string, std::size_t>& ids) {
    Gate gate;
    gate.id = object["id"].get<std::string>();
    const std::string where = fmt::format("Gate '{}'", gate.id);
    DS_ASSIGN(gate.op, readOp(object.value("op", ""), where));
    for (const json& input : object.value("inputs", json::array())) {
        const auto found = ids.find(input.is_string() ? input.get<std::string>() : input.dump());
        if (found == ids.end()) return bad(fmt::format("{} has the unknown input {}.", where, input.dump()));
        gate.inputs.push_back(found->second);
    }
    gate.threshold = object.value("threshold", 0.0);
    gate.weights = object.value("weights", std::vector<double>{});
    DS_TRY(checkGate(gate));
    return gate;
}

MachineResult readDag(const json& object, const OracleSpec& oracle) {
    std::map<std::string, std::size_t> ids;
    std::vector<Question> questions;
    for (const json& entry : object.value("questions", json::array())) {
        DS_ASSIGN(const std::size_t index, register_(ids, entry, questions.size(), "Question"));
        const auto id = entry["id"].get<std::string>();
        DS_ASSIGN(const double p, probabilityAt(entry, "probability", fmt::format("Question '{}' (number {})", id, index + 1)));
        questions.push_back({id, entry.value("text", id), p});
    }
    if (questions.empty()) return bad("The computation asks no questions.", "Add at least one to \"questions\".");
    if (static_cast<std::int64_t>(questions.size()) > kMaximumSteps) return bad(fmt::format("The computation asks {} questions.", questions.size()), fmt::format("At most {} can be played.", kMaximumSteps));
    const json gateList = object.value("gates", json::array());
    for (std::size_t i = 0; i < gateList.size(); ++i) DS_TRY(register_(ids, gateList[i], i, "Gate"));
    std::vector<Gate> gates;
    for (const json& entry : gateList) {
        DS_ASSIGN(Gate gate, readGate(entry, ids));
        gates.push_back(std::move(gate));
    }
    DS_TRY(rejectCycles(gates, questions.size()));
    const auto output = ids.find(object.value("output", gates.empty() ? questions.back().id : gates.back().id));
    if (output == ids.end()) return bad(fmt::format("The output '{}' is neither a question nor a gate.", object.value("output", "")));
    return makeDag(std::move(questions), std::move(gates), output->second, object, oracle);
}

MachineResult readMarkov(const json& object, const OracleSpec& oracle) {
    DS_ASSIGN(const std::int64_t steps, countAt(object, "steps", "markov"));
    std::map<std::string, std::size_t> index;
    const json states = object.value("states", json::array());
    for (const json& state : states) index.emplace(state.value("name", ""), index.size());
    if (states.empty() || index.size() != states.size()) return bad("markov: the states need distinct names.");
    std::vector<WalkMachine::Place> places;
    for (const json& state : states) {
        WalkMachine::Place place;
        place.name = state.value("name", "");
        DS_ASSIGN(place.probability, probabilityAt(state, "probability", fmt::format("State '{}'", place.name)));
        const auto yes = index.find(state.value("yes", ""));
        const auto no = index.find(state.value("no", ""));
        if (yes == index.end() || no == index.end()) return bad(fmt::format("State '{}' leads to an unknown state.", place.name));
        place.yes = yes->second;
        place.no = no->second;
        place.accept = state.value("accept", false);
        places.push_back(place);
    }
    const auto start = index.find(object.value("start", places.front().name));
    if (start == index.end()) return bad("markov: the start state is unknown.");
    return std::make_unique<WalkMachine>(std::move(places), start->second, steps, oracle);
}

MachineResult readBirthDeath(const json& object, const OracleSpec& oracle) {
    DS_ASSIGN(const std::int64_t steps, countAt(object, "steps", "birth_death"));
    DS_ASSIGN(const double p, probabilityAt(object, "probability", "birth_death"));
    DS_ASSIGN(const std::int64_t cap, countAt(object, "cap", "birth_death"));
    DS_ASSIGN(const std::int64_t start, countAt(object, "start", "birth_death", 0, cap));
    DS_ASSIGN(const std::int64_t accept, countAt(object, "accept_at_least", "birth_death", 0, cap));
    std::vector<WalkMachine::Place> places;
    for (std::int64_t n = 0; n <= cap; ++n) {
        const bool absorbing = n == 0;  // an extinct population stays so
        const auto up = static_cast<std::size_t>(absorbing ? 0 : std::min(cap, n + 1));
        const auto down = static_cast<std::size_t>(std::max<std::int64_t>(0, n - 1));
        places.push_back({fmt::to_string(n), absorbing ? 0 : p, up, down, n >= accept, absorbing});
    }
    return std::make_unique<WalkMachine>(std::move(places), static_cast<std::size_t>(start), steps, oracle);
}

MachineResult readMachine(const json& object, const OracleSpec& oracle) {
    const std::string type = object.value("type", object.contains("questions") ? "dag" : "");
    if (type == "majority") return readMajority(object, oracle);
    if (type == "list") return readList(object, oracle);
    if (type == "dag") return readDag(object, oracle);
    if (type == "markov") return readMarkov(object, oracle);
    if (type == "birth_death") return readBirthDeath(object, oracle);
    return bad(fmt::format("The computation has the unknown type '{}'.", type), "Use majority, list, dag, markov or birth_death.");
}

}  // namespace

double OracleSpec::asked(double p, std::int64_t step) const {
    p = std::clamp(p + drift * static_cast<double>(step), 0.0, 1.0);
    return p * (1 - 2 * noise) + noise;
}

MachineResult readComputation(const json& object, const OracleSpec& oracle) {
    if (!object.is_object()) return bad("The computation must be a JSON object.");
    try {
        DS_ASSIGN(std::unique_ptr<Machine> machine, readMachine(object, oracle));
        return withAnswers(std::move(machine), object, oracle);
    } catch (const json::exception& error) {
        return bad(fmt::format("The computation is malformed: {}", error.what()));
    }
}

json exampleComputations() {
    json checklist{{"title", "Protocol checklist"}, {"about", "A trial is sound only if all twelve items are met; one clear failure decides."},
                   {"type", "list"}, {"steps", 12}, {"probability", 0.98}, {"combine", "and"}, {"question", "Is item {i} of the checklist met?"}};
    json panel{{"title", "Panel of nine"}, {"about", "Nine independent readers vote; the majority decides."},
               {"type", "majority"}, {"votes", 9}, {"vote_probability", 0.65}};
    json review{{"title", "Screen, then weigh"}, {"about", "A study counts if it is relevant and two of three quality judgements agree."}, {"type", "dag"},
                {"questions", json::array({{{"id", "relevant"}, {"text", "Is the study relevant?"}, {"probability", 0.95}},
                                           {{"id", "blind"}, {"text", "Was it blinded?"}, {"probability", 0.8}},
                                           {{"id", "powered"}, {"text", "Was the sample large enough?"}, {"probability", 0.85}},
                                           {{"id", "reported"}, {"text", "Are all outcomes reported?"}, {"probability", 0.9}}})},
                {"gates", json::array({{{"id", "quality"}, {"op", "majority"}, {"inputs", {"blind", "powered", "reported"}}},
                                       {{"id", "include"}, {"op", "and"}, {"inputs", {"relevant", "quality"}}}})},
                {"output", "include"}};
    json opinion{{"title", "Drifting opinion"}, {"about", "An opinion moves up or down with each new piece of evidence; it must end at 5 or more of 8."},
                 {"type", "birth_death"}, {"steps", 20}, {"start", 4}, {"probability", 0.6}, {"cap", 8}, {"accept_at_least", 5}};
    json single{{"title", "One judgement"}, {"about", "A single question: K is 1, the theorem's simplest case."}, {"type", "majority"},
                {"votes", 1}, {"vote_probability", 0.8}, {"result_bit", false}};
    return {{"checklist", checklist}, {"panel", panel}, {"review", review}, {"opinion", opinion}, {"single", single}};
}

}  // namespace driftscope::debate
