#include "core/llm/measure/evaluation_torch.h"

#include "core/llm/model/generate_torch.h"
#include "core/llm/model/prompts.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

GenerateOptions generation(const CausalModel& model, const Tokenizer& tokenizer, const EvalOptions& options) {
    GenerateOptions out;
    out.newTokens = options.newTokens;
    out.eos = model.config().eos;
    if (const auto eos = tokenizer.endOfSequence()) out.eos.push_back(*eos);
    return out;
}

Result<SetAnswers> answerAll(const CausalModel& model, const Tokenizer& tokenizer, const std::vector<Example>& examples, const EvalOptions& options, bool judged, const std::stop_token& cancelled) {
    const GenerateOptions generating = generation(model, tokenizer, options);
    SetAnswers set;
    for (std::size_t begin = 0; begin < examples.size(); begin += options.batch) {
        std::vector<std::vector<std::int64_t>> prompts;
        for (std::size_t i = begin; i < std::min(examples.size(), begin + options.batch); ++i) {
            DS_ASSIGN(const std::vector<TokenId> ids, encodePrompt(tokenizer, options.form, examples[i]));
            prompts.emplace_back(ids.begin(), ids.end());
        }
        auto generated = generate(model, prompts, generating, cancelled);
        if (!generated) return tl::unexpected(std::move(generated).error().during(fmt::format("while answering {} and the following", examples[begin].place)));
        for (const Generation& one : *generated) {
            const Example& example = examples[set.answers.size()];
            set.answers.push_back(decodeIds(tokenizer, one.ids));
            std::optional<bool> verdict;
            if (judged && options.judge) {
                DS_ASSIGN(verdict, options.judge(example, set.answers.back()));
            }
            set.verdicts.push_back(judge(example, set.answers.back(), options.refusals, options.rule, verdict));
            set.card.count(set.verdicts.back());
        }
    }
    return set;
}

}  // namespace

std::map<std::string, Rate> EvalReport::rates() const {
    std::map<std::string, Rate> all;
    const auto add = [&](const char* name, const Rate& rate) {
        if (rate.trials > 0) all[name] = rate;
    };
    add("harmful score", harmful.card.harmful);
    add("harmful score plus", harmful.card.harmfulPlus);
    add("refused", harmful.card.refused);
    add("over-refusal", benign.card.refused);
    add("benign accuracy", benign.card.delivered.trials > 0 ? benign.card.delivered : benign.card.loose);
    add("accuracy strict", task.card.strict);
    add("accuracy contains", task.card.loose);
    return all;
}

json EvalReport::toJson() const {
    json all = json::object();
    for (const auto& [name, rate] : rates()) all[name] = rate.toJson();
    return all;
}

Result<EvalReport> evaluate(CausalModel& model, const Tokenizer& tokenizer, const EvalSets& sets, const EvalOptions& options, const std::stop_token& stop) {
    const MergedScope merged(model);
    EvalReport report;
    DS_ASSIGN(report.harmful, answerAll(model, tokenizer, sets.harmful, options, true, stop));
    DS_ASSIGN(report.benign, answerAll(model, tokenizer, sets.benign, options, false, stop));
    DS_ASSIGN(report.task, answerAll(model, tokenizer, sets.task, options, false, stop));
    return report;
}

std::string answerLines(const EvalSets& sets, const EvalReport& report) {
    std::string lines;
    for (const auto& [name, examples, answers] : {std::tuple<const char*, const std::vector<Example>*, const SetAnswers*>{"harmful", &sets.harmful, &report.harmful},
                                                  {"benign", &sets.benign, &report.benign}, {"task", &sets.task, &report.task}})
        for (std::size_t i = 0; i < answers->answers.size(); ++i) {
            json line = driftscope::llm::toJson((*examples)[i]);
            line["set"] = name;
            line["place"] = (*examples)[i].place;
            line["answer"] = answers->answers[i];
            line["verdict"] = driftscope::llm::toJson(answers->verdicts[i]);
            lines += line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
        }
    return lines;
}

}  // namespace driftscope::llm
