#include "core/job/job_context.h"
#include "core/llm/text/bpe_trainer.h"
#include "core/llm/text/job_kinds.h"
#include "core/llm/text/json_lines.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    std::vector<std::string> texts;
    DS_TRY(forEachJsonLine(params.text("input"), [&](const json& object, const std::string& place) -> Result<void> {
        if (job.cancelled()) return JobContext::cancel();
        DS_ASSIGN(std::string text, needText(object, params.text("field"), place));
        texts.push_back(std::move(text));
        return {};
    }));
    BpeTraining training;
    training.vocabulary = static_cast<std::size_t>(params.integer("vocabulary"));
    training.leastCount = static_cast<std::size_t>(params.integer("least_count"));
    training.special = params.texts("special");
    training.addBeginning = params.flag("add_beginning");
    DS_ASSIGN(const json tokenizer, trainBpe(texts, training));
    DS_TRY(writeTokenizer(job.out(), tokenizer, training));
    const std::size_t tokens = tokenizer["model"]["vocab"].size();
    if (tokens < training.vocabulary)
        job.warn(fmt::format("The texts hold no more pairs to merge: the vocabulary ends at {} tokens.", tokens));
    return json{
        {"file", "tokenizer.json"}, {"vocabulary", tokens}, {"merges", tokenizer["model"]["merges"].size()}, {"texts", texts.size()}};
}

}  // namespace

JobKind trainTokenizerKind() {
    return {
        "llm.train_tokenizer",
        "Train a tokenizer",
        "Trains byte-level BPE on JSON lines with a text each and writes tokenizer.json and tokenizer_config.json as Hugging Face reads "
        "them.",
        {{.name = "input", .type = ParamType::Path, .help = "JSON lines, one object with the text each."},
         {.name = "field", .type = ParamType::Text, .fallback = "text", .help = "The field that holds the text."},
         {.name = "vocabulary",
          .type = ParamType::Int,
          .fallback = 1024,
          .help = "Tokens in all: special ones, 256 bytes, merges.",
          .minimum = 257,
          .maximum = 1e6},
         {.name = "least_count",
          .type = ParamType::Int,
          .fallback = 2,
          .help = "Pairs that occur less often are not merged.",
          .minimum = 1},
         {.name = "special",
          .type = ParamType::TextList,
          .fallback = {"<s>", "</s>", "<pad>"},
          .help = "Special tokens: beginning, end, padding, others."},
         {.name = "add_beginning", .type = ParamType::Bool, .fallback = true, .help = "Begin every text with the first special token."}},
        run};
}

}  // namespace driftscope::llm
