#include "core/debate/computation.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/debate/answers.h"
#include "core/debate/dag_machine.h"
#include "core/debate/expression.h"
#include "core/debate/walk_machine.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;
using MachineResult = Result<std::unique_ptr<Machine>>;

tl::unexpected<Error> bad(const std::string& message, const std::string& remedy = "Correct the computation.") {
    return fail(ErrorCode::BadInput, message, remedy);
}

Result<double> asProbability(const json& value, const std::string& where, const std::string& field) {
    if (!value.is_number()) return bad(fmt::format("{} has no number '{}'.", where, field));
    const double p = value.get<double>();
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

std::string filled(std::string text, const std::string& mark, const std::string& value) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) text.replace(at, mark.size(), value);
    return text;
}

std::string shown(const json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Reads one computation with one oracle.
class Reader {
  public:
    Reader(const json& object, const OracleSpec& oracle, const std::string& witness) : object_(object), oracle_(oracle), witness_(witness) {}

    MachineResult read() {
        const std::string type = object_.value("type", object_.contains("questions") ? "dag" : "");
        static const std::map<std::string, MachineResult (Reader::*)()> kForms{{"majority", &Reader::majority}, {"list", &Reader::list}, {"expression", &Reader::expression},
                                                                               {"dag", &Reader::dag}, {"markov", &Reader::markov}, {"birth_death", &Reader::birthDeath},
                                                                               {"branching", &Reader::branching}};
        const auto form = kForms.find(type);
        if (form == kForms.end())
            return bad(fmt::format("The computation has the unknown type '{}'.", type), "Use majority, list, expression, dag, markov, birth_death or branching.");
        where_ = type;
        DS_ASSIGN(auto machine, (this->*form->second)());
        if (oracle_.source) DS_TRY(oracle_.source->complete());
        if (!witness_.empty() && !witnessUsed_) return bad("The computation has no \"witness\" bits to publish.", "Leave the witness out.");
        return machine;
    }

  private:
    Distortion distortion() const { return {oracle_.noise, oracle_.drift}; }

    /// P(yes) of the next question: from the oracle when there is one, else the stated one.
    Result<double> ask(const std::string& id, const std::string& text, const json& row, const json& stated, const std::string& where, const std::string& field) {
        if (oracle_.source) return oracle_.source->bind({asked_++, id, text, row});
        if (!row.is_null())
            return bad(fmt::format("{} is about row {} of a table, which only a model can answer.", where, shown(row)), "Add --set oracle=model table=… probe=….");
        ++asked_;
        return asProbability(stated, where, field);
    }

    /// The questions of forms that repeat one template: how many, their texts and probabilities.
    struct Series {
        std::vector<std::string> texts;
        std::vector<double> probabilities;
        bool own = false;  ///< each has a probability of its own
    };
    Result<Series> series(const char* count, const char* one, const char* many, const std::string& id, const std::string& text, std::int64_t length = 0) {
        const json rows = object_.value("rows", json::array());
        const json listed = object_.value(many, json::array());
        if (!rows.is_array() || !listed.is_array()) return bad(fmt::format("{}: rows and {} must be lists.", where_, many));
        const bool own = object_.contains("rows") || object_.contains(many);
        std::int64_t steps = static_cast<std::int64_t>(std::max(rows.size(), listed.size()));
        if (own && length > 0 && steps != length) return bad(fmt::format("{}: {} rows or probabilities are given for {} steps.", where_, steps, length));
        if (!own && length == 0) {
            DS_ASSIGN(steps, countAt(object_, count, where_));
        }
        if (length > 0) steps = length;
        if (steps == 0) return bad(fmt::format("{}: there are no {}.", where_, count));
        if (steps > kMaximumSteps) return bad(fmt::format("{} asks {} questions.", where_, steps), fmt::format("At most {} can be played.", kMaximumSteps));
        Series out;
        out.own = own;
        const std::string pattern = object_.value("question", text);
        for (std::size_t i = 0; i < static_cast<std::size_t>(steps); ++i) {
            const json row = i < rows.size() ? rows[i] : json();
            out.texts.push_back(filled(filled(pattern, "{i}", fmt::to_string(i + 1)), "{row}", shown(row)));
            const json stated = i < listed.size() ? listed[i] : object_.value(one, json());
            DS_ASSIGN(const double p, ask(fmt::format("{}{}", id, i + 1), out.texts.back(), row, stated, where_, i < listed.size() ? fmt::format("{}[{}]", many, i) : one));
            out.probabilities.push_back(p);
        }
        return out;
    }

    MachineResult finish(std::vector<Question> questions, std::vector<Gate> gates, std::size_t output) {
        const bool resultBit = object_.value("result_bit", true);
        if (!resultBit && output >= questions.size()) return bad("Without a result bit the output must be a question.", "Remove \"result_bit\": false.");
        for (const Gate& gate : gates) DS_TRY(checkGate(gate));
        return std::make_unique<DagMachine>(std::move(questions), std::move(gates), output, resultBit, distortion());
    }

    MachineResult majority() {
        DS_ASSIGN(const Series votes, series("votes", "vote_probability", "vote_probabilities", "vote", "vote {i}"));
        const bool plain = votes.texts.size() == 1 && !object_.value("result_bit", true);
        return combine(votes, {"majority", Op::Majority, {}, {}, 0}, "vote", plain);
    }

    Result<Gate> combiner(std::int64_t inputs) {
        Gate gate{"all", Op::And, {}, {}, 0};
        DS_ASSIGN(gate.op, readOp(object_.value("combine", "and"), where_));
        if (gate.op == Op::Not || gate.op == Op::WeightedSum || gate.op == Op::Compare) return bad("list: combine must be and, or, majority, threshold or parity.");
        if (gate.op == Op::Threshold) {
            DS_ASSIGN(const std::int64_t threshold, countAt(object_, "threshold", where_, 0, inputs));
            gate.threshold = static_cast<double>(threshold);
        }
        return gate;
    }

    MachineResult list() {
        if (object_.contains("each")) return repeated();
        DS_ASSIGN(const Series items, series("steps", "probability", "probabilities", "q", "item {i}"));
        DS_ASSIGN(Gate gate, combiner(static_cast<std::int64_t>(items.texts.size())));
        return combine(items, std::move(gate), "q", false);
    }

    MachineResult combine(const Series& items, Gate gate, const std::string& id, bool plain) {
        std::vector<Question> questions;
        for (std::size_t i = 0; i < items.texts.size(); ++i) {
            questions.push_back({fmt::format("{}{}", id, i + 1), items.texts[i], items.probabilities[i]});
            gate.inputs.push_back(i);
        }
        const std::size_t output = plain ? 0 : questions.size();
        return finish(std::move(questions), {std::move(gate)}, output);
    }

    /// A formula once per step, and a gate over its outcomes.
    MachineResult repeated() {
        DS_ASSIGN(const std::int64_t steps, countAt(object_, "steps", where_));
        DS_ASSIGN(const Circuit body, circuit("each"));
        if (static_cast<std::int64_t>(body.names.size()) * steps > kMaximumSteps)
            return bad(fmt::format("list asks {} questions.", static_cast<std::int64_t>(body.names.size()) * steps), fmt::format("At most {} can be played.", kMaximumSteps));
        DS_ASSIGN(Gate all, combiner(steps));
        std::vector<Question> questions;
        for (std::int64_t step = 0; step < steps; ++step)
            for (std::size_t i = 0; i < body.names.size(); ++i) {
                DS_ASSIGN(Question question, named(body, i, fmt::format("{}_{}", body.names[i], step + 1), fmt::to_string(step + 1)));
                questions.push_back(std::move(question));
            }
        std::vector<Gate> gates;
        const std::size_t names = body.names.size();
        for (std::size_t step = 0; step < static_cast<std::size_t>(steps); ++step) {
            const auto place = [&](std::size_t node) { return node < names ? step * names + node : questions.size() + step * body.gates.size() + node - names; };
            for (Gate gate : body.gates) {
                gate.id += fmt::format("_{}", step + 1);
                for (std::size_t& input : gate.inputs) input = place(input);
                gates.push_back(std::move(gate));
            }
            all.inputs.push_back(place(body.output));
        }
        gates.push_back(std::move(all));
        const std::size_t output = questions.size() + gates.size() - 1;
        return finish(std::move(questions), std::move(gates), output);
    }

    Result<Circuit> circuit(const char* field) {
        if (!object_.contains(field) || !object_[field].is_string()) return bad(fmt::format("{} has no text '{}'.", where_, field));
        DS_TRY(collectWitness());
        return parseExpression(object_[field].get<std::string>());
    }

    MachineResult expression() {
        DS_ASSIGN(Circuit parsed, circuit("expression"));
        if (static_cast<std::int64_t>(parsed.names.size()) > kMaximumSteps)
            return bad(fmt::format("The expression asks {} questions.", parsed.names.size()), fmt::format("At most {} can be played.", kMaximumSteps));
        std::vector<Question> questions;
        for (std::size_t i = 0; i < parsed.names.size(); ++i) {
            DS_ASSIGN(Question question, named(parsed, i, parsed.names[i], "1"));
            questions.push_back(std::move(question));
        }
        return finish(std::move(questions), std::move(parsed.gates), parsed.output);
    }

    /// A question of a formula: stated there, described in "questions", a bit of the witness, or one like all others.
    Result<Question> named(const Circuit& formula, std::size_t index, const std::string& id, const std::string& step) {
        const std::string& name = formula.names[index];
        if (const auto bit = bits_.find(name); bit != bits_.end()) return Question{id, fmt::format("{}, as published", name), bit->second ? 1.0 : 0.0, true};
        const json list = object_.value("questions", json::array());
        const auto entry = std::ranges::find_if(list, [&](const json& one) { return one.is_object() && one.value("id", json()) == json(name); });
        const auto& stated = formula.probabilities[index];
        if (entry == list.end() && !stated && (object_.contains("questions") || (!object_.contains("probability") && !oracle_.source)))
            return bad(fmt::format("The formula asks '{}', but its probability is stated nowhere.", name),
                       fmt::format("Write {}: 0.9 in the formula, describe it in \"questions\", or give one \"probability\" for all.", name));
        json known = entry == list.end() ? json{{"probability", object_.value("probability", json())}} : *entry;
        if (stated) known["probability"] = *stated;
        const std::string text = filled(known.value("text", id), "{i}", step);
        DS_ASSIGN(const double p, ask(id, text, known.value("row", json()), known.value("probability", json()), fmt::format("Question '{}'", name), "probability"));
        return Question{id, text, p};
    }

    /// The bits that Alice publishes, by name.
    Result<void> collectWitness() {
        const json names = object_.value("witness", json::array());
        if (names.empty()) return {};
        if (!names.is_array()) return bad("\"witness\" must be a list of names.");
        witnessUsed_ = true;
        if (witness_.empty())
            return bad("Alice has no witness.", fmt::format("Finding one is outside the honest prover's budget: publish {} bits with --set witness_bits=….", names.size()));
        if (witness_.size() != names.size() || witness_.find_first_not_of("01") != std::string::npos)
            return bad(fmt::format("The witness '{}' does not fit.", witness_), fmt::format("It must have {} bits, each 0 or 1.", names.size()));
        for (std::size_t i = 0; i < names.size(); ++i) bits_[names[i].get<std::string>()] = witness_[i] == '1';
        return {};
    }

    Result<void> enter(std::map<std::string, std::size_t>& ids, const json& object, std::size_t index, const char* what) {
        if (!object.is_object() || !object.contains("id") || !object["id"].is_string()) return bad(fmt::format("{} {} has no id.", what, index + 1));
        const auto id = object["id"].get<std::string>();
        if (!ids.emplace(id, ids.size()).second) return bad(fmt::format("The id '{}' is used twice.", id));
        return {};
    }

    Result<Gate> gate(const json& object, const std::map<std::string, std::size_t>& ids) {
        Gate gate;
        gate.id = object["id"].get<std::string>();
        const std::string where = fmt::format("Gate '{}'", gate.id);
        DS_ASSIGN(gate.op, readOp(object.value("op", ""), where));
        for (const json& input : object.value("inputs", json::array())) {
            const auto found = ids.find(shown(input));
            if (found == ids.end()) return bad(fmt::format("{} has the unknown input {}.", where, input.dump()));
            gate.inputs.push_back(found->second);
        }
        gate.threshold = object.value("threshold", 0.0);
        gate.weights = object.value("weights", std::vector<double>{});
        return gate;
    }

    Result<std::vector<Question>> dagQuestions(std::map<std::string, std::size_t>& ids) {
        DS_TRY(collectWitness());
        const json list = object_.value("questions", json::array());
        if (list.empty()) return bad("The computation asks no questions.", "Add at least one to \"questions\".");
        if (static_cast<std::int64_t>(list.size()) > kMaximumSteps)
            return bad(fmt::format("The computation asks {} questions.", list.size()), fmt::format("At most {} can be played.", kMaximumSteps));
        std::vector<Question> questions;
        for (const json& entry : list) {
            DS_TRY(enter(ids, entry, questions.size(), "Question"));
            const auto id = entry["id"].get<std::string>();
            const std::string where = fmt::format("Question '{}' (number {})", id, questions.size() + 1);
            if (entry.value("published", false)) {
                DS_ASSIGN(const double bit, asProbability(entry.value("probability", json()), where, "probability"));
                questions.push_back({id, entry.value("text", id), bit, true});
                continue;
            }
            DS_ASSIGN(const double p, ask(id, entry.value("text", id), entry.value("row", json()), entry.value("probability", json()), where, "probability"));
            questions.push_back({id, entry.value("text", id), p});
        }
        for (const json& name : object_.value("witness", json::array())) {
            DS_TRY(enter(ids, {{"id", name}}, questions.size(), "Witness bit"));
            questions.push_back({name.get<std::string>(), fmt::format("{}, as published", name.get<std::string>()), bits_[name.get<std::string>()] ? 1.0 : 0.0, true});
        }
        return questions;
    }

    MachineResult dag() {
        std::map<std::string, std::size_t> ids;
        DS_ASSIGN(std::vector<Question> questions, dagQuestions(ids));
        const json list = object_.value("gates", json::array());
        for (std::size_t i = 0; i < list.size(); ++i) DS_TRY(enter(ids, list[i], i, "Gate"));
        std::vector<Gate> gates;
        for (const json& entry : list) {
            DS_ASSIGN(Gate one, gate(entry, ids));
            DS_TRY(checkGate(one));
            gates.push_back(std::move(one));
        }
        DS_TRY(rejectCycles(gates, questions.size()));
        const auto output = ids.find(object_.value("output", gates.empty() ? questions.back().id : gates.back().id));
        if (output == ids.end()) return bad(fmt::format("The output '{}' is neither a question nor a gate.", object_.value("output", "")));
        return finish(std::move(questions), std::move(gates), output->second);
    }

    /// The texts of a walk's steps; with rows or probabilities of their own, these count instead of the places'.
    Result<Series> walkSteps() {
        const bool own = object_.contains("rows") || object_.contains("probabilities");
        if (own || oracle_.source) return series("steps", "probability", "probabilities", "step", "step {i}");
        DS_ASSIGN(const std::int64_t steps, countAt(object_, "steps", where_));
        Series out;
        for (std::int64_t i = 0; i < steps; ++i) out.texts.push_back(filled(object_.value("question", "step {i}"), "{i}", fmt::to_string(i + 1)));
        return out;
    }

    MachineResult markov() {
        DS_ASSIGN(Series steps, walkSteps());
        std::map<std::string, std::size_t> index;
        const json states = object_.value("states", json::array());
        for (const json& state : states) index.emplace(state.value("name", ""), index.size());
        if (states.empty() || index.size() != states.size()) return bad("markov: the states need distinct names.");
        std::vector<WalkMachine::Place> places;
        for (const json& state : states) {
            WalkMachine::Place place;
            place.name = state.value("name", "");
            const json stated = steps.probabilities.empty() ? state.value("probability", json()) : state.value("probability", json(0.5));
            DS_ASSIGN(place.probability, asProbability(stated, fmt::format("State '{}'", place.name), "probability"));
            const auto yes = index.find(state.value("yes", ""));
            const auto no = index.find(state.value("no", ""));
            if (yes == index.end() || no == index.end()) return bad(fmt::format("State '{}' leads to an unknown state.", place.name));
            place.yes = yes->second;
            place.no = no->second;
            place.accept = state.value("accept", false);
            place.absorbing = state.value("absorbing", false);
            places.push_back(place);
        }
        const auto start = index.find(object_.value("start", places.front().name));
        if (start == index.end()) return bad("markov: the start state is unknown.");
        return std::make_unique<WalkMachine>(std::move(places), start->second, std::move(steps.texts), std::move(steps.probabilities), distortion());
    }

    MachineResult birthDeath() {
        DS_ASSIGN(Series steps, walkSteps());
        double p = 0.5;
        if (steps.probabilities.empty()) {
            DS_ASSIGN(p, asProbability(object_.value("probability", json()), where_, "probability"));
        }
        DS_ASSIGN(const std::int64_t cap, countAt(object_, "cap", where_));
        DS_ASSIGN(const std::int64_t start, countAt(object_, "start", where_, 0, cap));
        DS_ASSIGN(const std::int64_t accept, countAt(object_, "accept_at_least", where_, 0, cap));
        std::vector<WalkMachine::Place> places;
        for (std::int64_t n = 0; n <= cap; ++n) {
            const bool absorbing = n == 0;  // an extinct population stays so
            const auto up = static_cast<std::size_t>(absorbing ? 0 : std::min(cap, n + 1));
            const auto down = static_cast<std::size_t>(std::max<std::int64_t>(0, n - 1));
            places.push_back({fmt::to_string(n), absorbing ? 0 : p, up, down, n >= accept, absorbing});
        }
        return std::make_unique<WalkMachine>(std::move(places), static_cast<std::size_t>(start), std::move(steps.texts), std::move(steps.probabilities), distortion());
    }

    MachineResult branching() {
        BranchingMachine::Settings settings;
        DS_ASSIGN(settings.generations, countAt(object_, "generations", where_));
        DS_ASSIGN(settings.cap, countAt(object_, "cap", where_));
        DS_ASSIGN(settings.start, countAt(object_, "start", where_, 0, settings.cap));
        DS_ASSIGN(settings.offspring, countAt(object_, "offspring", where_));
        DS_ASSIGN(settings.acceptAtLeast, countAt(object_, "accept_at_least", where_, 0, settings.cap));
        DS_ASSIGN(Series individuals, series("individuals", "probability", "probabilities", "individual", "Does individual {i} reproduce?", settings.generations * settings.cap));
        settings.probability = individuals.probabilities.front();
        if (!individuals.own && !oracle_.source) individuals.probabilities.clear();
        return std::make_unique<BranchingMachine>(settings, std::move(individuals.texts), std::move(individuals.probabilities), distortion());
    }

    const json& object_;
    const OracleSpec& oracle_;
    const std::string& witness_;
    std::string where_;
    std::size_t asked_ = 0;
    std::map<std::string, bool> bits_;
    bool witnessUsed_ = false;
};

}  // namespace

MachineResult readComputation(const json& object, const OracleSpec& oracle, const std::string& witness) {
    if (!object.is_object()) return bad("The computation must be a JSON object.");
    try {
        if (oracle.source && (object.contains("answers") || object.contains("answer_all")))
            return bad("The computation holds answers of its own, which an oracle would override.", "Remove \"answers\" and \"answer_all\", or choose oracle=stated.");
        DS_ASSIGN(std::unique_ptr<Machine> machine, Reader(object, oracle, witness).read());
        return withAnswers(std::move(machine), object, oracle);
    } catch (const json::exception& error) {
        return bad(fmt::format("The computation is malformed: {}", error.what()));
    }
}

}  // namespace driftscope::debate
