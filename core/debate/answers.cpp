#include "core/debate/answers.h"

#include <map>
#include <optional>
#include <set>

#include "core/base/params.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

/// Another machine with some of its probabilities replaced, step by step.
class AnsweredMachine final : public Machine {
  public:
    AnsweredMachine(std::unique_ptr<Machine> inner, std::vector<std::optional<double>> answers, json given) : inner_(std::move(inner)), answers_(std::move(answers)), given_(std::move(given)) {}

    std::int64_t steps() const override { return inner_->steps(); }
    State start() const override { return inner_->start(); }
    double probability(std::int64_t step, const State& state) const override {
        const auto& answer = answers_[static_cast<std::size_t>(step)];
        return answer && inner_->asks(step, state) ? *answer : inner_->probability(step, state);
    }
    State next(std::int64_t step, const State& state, bool answer) const override { return inner_->next(step, state, answer); }
    bool isGate(std::int64_t step) const override { return inner_->isGate(step); }
    std::string question(std::int64_t step) const override { return inner_->question(step); }
    std::int64_t space() const override { return inner_->space(); }
    std::int64_t queryLength() const override { return inner_->queryLength(); }
    bool asks(std::int64_t step, const State& state) const override { return inner_->asks(step, state); }
    std::int64_t questionNumber(std::int64_t step) const override { return inner_->questionNumber(step); }
    std::vector<std::size_t> reads(std::int64_t step, std::size_t number) const override { return inner_->reads(step, number); }
    /// What was answered stands beside what is stated, as readComputation() takes it.
    nlohmann::json toJson() const override {
        nlohmann::json out = inner_->toJson();
        if (given_.contains("answers")) out["answers"] = given_["answers"];
        if (given_.contains("answer_all")) out["answer_all"] = given_["answer_all"];
        return out;
    }

  private:
    std::unique_ptr<Machine> inner_;
    std::vector<std::optional<double>> answers_;  ///< per step
    json given_;
};

Result<double> probabilityOf(const json& value, const std::string& question) {
    if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= 1))
        return fail(ErrorCode::BadInput, fmt::format("The answer to '{}' is {}, not a probability.", question, value.dump()), "Give a number from 0 to 1.");
    return value.get<double>();
}

Result<std::map<std::string, double>> readAnswers(const json& list) {
    if (!list.is_array()) return fail(ErrorCode::BadInput, "\"answers\" is not a list.", "Give [{\"question\": …, \"probability\": …}, …].");
    std::map<std::string, double> out;
    for (const json& entry : list) {
        if (!entry.is_object() || !entry.contains("question") || !entry["question"].is_string())
            return fail(ErrorCode::BadInput, fmt::format("An entry of \"answers\" names no question: {}", entry.dump()), "Each needs \"question\" and \"probability\".");
        const auto question = entry["question"].get<std::string>();
        DS_ASSIGN(const double p, probabilityOf(entry.value("probability", json()), question));
        out[question] = p;
    }
    return out;
}

}  // namespace

std::vector<std::string> questionsAsked(const Machine& machine) {
    std::vector<std::string> out;
    std::set<std::string> seen;
    for (std::int64_t step = 0; step < machine.steps(); ++step)
        if (std::string question = machine.question(step); !machine.isGate(step) && seen.insert(question).second) out.push_back(std::move(question));
    return out;
}

std::vector<std::string> unansweredQuestions(const json& computation, const Machine& machine) {
    if (!computation.contains("oracle") || computation["oracle"] != "person" || computation.contains("answer_all")) return {};
    std::set<std::string> known;
    if (computation.contains("answers"))
        for (const json& entry : computation["answers"]) known.insert(entry.at("question").get<std::string>());  // checked by withAnswers()
    std::vector<std::string> out = questionsAsked(machine);
    std::erase_if(out, [&](const std::string& question) { return known.contains(question); });
    return out;
}

Result<std::unique_ptr<Machine>> withAnswers(std::unique_ptr<Machine> machine, const json& computation, const OracleSpec& oracle) {
    if (!computation.contains("answers") && !computation.contains("answer_all")) return machine;
    std::map<std::string, double> answers;
    if (computation.contains("answers")) {
        DS_ASSIGN(answers, readAnswers(computation["answers"]));
    }
    std::optional<double> all;
    if (computation.contains("answer_all")) {
        DS_ASSIGN(all, probabilityOf(computation["answer_all"], "all questions"));
    }
    const std::vector<std::string> asked = questionsAsked(*machine);
    const std::set<std::string> known(asked.begin(), asked.end());
    for (const auto& [question, p] : answers)
        if (!known.contains(question)) {
            const std::string near = nearestName(question, asked);
            return fail(ErrorCode::BadInput, fmt::format("\"answers\" names '{}', which is not asked.", question), near.empty() ? "Name the questions as the computation asks them." : fmt::format("Did you mean '{}'?", near));
        }
    std::vector<std::optional<double>> perStep(static_cast<std::size_t>(machine->steps()));
    for (std::int64_t step = 0; step < machine->steps(); ++step) {
        if (machine->isGate(step)) continue;
        const auto found = answers.find(machine->question(step));
        const std::optional<double> p = found == answers.end() ? all : std::optional(found->second);
        if (p) perStep[static_cast<std::size_t>(step)] = oracle.asked(*p, step);
    }
    return std::make_unique<AnsweredMachine>(std::move(machine), std::move(perStep), computation);
}

}  // namespace driftscope::debate
