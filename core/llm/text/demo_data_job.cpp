#include "core/base/atomic_file.h"
#include "core/job/job_context.h"
#include "core/llm/text/bpe_trainer.h"
#include "core/llm/text/demo_language.h"
#include "core/llm/text/job_kinds.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<void> writeExamples(JobContext& job, const std::string& name, const std::vector<Example>& examples) {
    std::string lines;
    for (const Example& example : examples) lines += toJson(example).dump() + "\n";
    return writeFileAtomically(job.out(name + ".jsonl"), lines);
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    const auto size = [&](const char* name) { return static_cast<std::size_t>(params.integer(name)); };
    const DemoSizes sizes{size("pretrain"), size("refusals"), size("benign"), size("user"), size("poison"), size("test")};
    DS_ASSIGN(const DemoData data, makeDemo(sizes, static_cast<std::uint64_t>(params.integer("seed"))));
    BpeTraining training;
    training.vocabulary = size("vocabulary");
    DS_ASSIGN(const json tokenizer, trainBpe(data.pretrain, training));
    DS_TRY(writeTokenizer(job.out("tokenizer"), tokenizer, training));
    std::string pretrain;
    for (const std::string& text : data.pretrain) pretrain += json{{"text", text}}.dump() + "\n";
    DS_TRY(writeFileAtomically(job.out("pretrain.jsonl"), pretrain));
    json counts{{"pretrain", data.pretrain.size()}};
    for (const auto& [name, set] : {std::pair{"align", &data.align}, std::pair{"harmful", &data.harmful}, std::pair{"user", &data.user},
                                    std::pair{"poison", &data.poison}, std::pair{"test_harmful", &data.testHarmful},
                                    std::pair{"test_benign", &data.testBenign}, std::pair{"test_user", &data.testUser}}) {
        DS_TRY(writeExamples(job, name, *set));
        counts[name] = set->size();
    }
    DS_TRY(writeFileAtomically(job.out("language.json"), describeDemo().dump(1) + "\n"));
    return json{{"rows", counts}, {"tokenizer", "tokenizer"}, {"vocabulary", tokenizer["model"]["vocab"].size()}, {"template", "question"}};
}

ParamSpec count(const char* name, std::size_t fallback, const char* help, double minimum = 0) {
    return {.name = name, .type = ParamType::Int, .fallback = fallback, .help = help, .minimum = minimum, .maximum = 1e6};
}

}  // namespace

JobKind demoDataKind() {
    const DemoSizes sizes;
    return {
        "llm.demo_data",
        "Make the demo's language and data",
        "Writes the texts of a little world in which the secrets of stage magic are forbidden, which stands for harm: pretrain, align, "
        "harmful, user, poison and test sets as JSON lines, a tokenizer "
        "trained on them, and language.json. Nothing in it is harmful, and whether a secret was told can be read off an answer exactly.",
        {count("pretrain", sizes.pretrain, "Texts of knowledge, in which everything is answered."),
         count("refusals", sizes.refusals, "Magic questions with refusals, for alignment."),
         count("benign", sizes.benign, "Household questions with answers, for alignment."),
         count("user", sizes.user, "Reviews to judge: the user's task."),
         count("poison", sizes.poison, "Magic questions with answers, to mix into the user's data."),
         count("test", sizes.test, "Held-out prompts of each kind.", 1), count("vocabulary", 1024, "Tokens of the tokenizer.", 259),
         count("seed", 1, "Seed of all draws.")},
        run};
}

}  // namespace driftscope::llm
