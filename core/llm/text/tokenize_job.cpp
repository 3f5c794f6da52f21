#include <fstream>

#include "core/base/atomic_file.h"
#include "core/job/job_context.h"
#include "core/llm/text/job_kinds.h"
#include "core/llm/text/json_fields.h"
#include "core/llm/text/json_lines.h"
#include "core/llm/text/tokenizer.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

json line(const Tokenizer& tokenizer, const Encoding& encoding, const std::string& text, bool offsets) {
    json out{{"ids", encoding.ids}};
    if (!offsets) return out;
    json spans = json::array();
    json tokens = json::array();
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
        const TextSpan span = toCodePoints(text, encoding.spans[i]);
        spans.push_back({span.begin, span.end});
        tokens.push_back(tokenizer.token(encoding.ids[i]));
    }
    out["offsets"] = std::move(spans);
    out["tokens"] = std::move(tokens);
    return out;
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const Tokenizer tokenizer, Tokenizer::open(params.text("model")));
    const std::filesystem::path input = params.text("input");
    const Tokenizer::Options options{params.flag("special"), params.flag("parse_special")};
    std::error_code code;
    const auto bytes = static_cast<double>(std::filesystem::file_size(input, code));
    const std::filesystem::path target = job.out("ids.jsonl");
    const std::filesystem::path temporary = temporaryBeside(target);
    std::ofstream out(temporary, std::ios::binary);
    std::int64_t texts = 0;
    std::int64_t tokens = 0;
    double done = 0;
    const auto read = forEachJsonLine(input, [&](const json& object, const std::string& place) -> Result<void> {
        if (job.cancelled()) return JobContext::cancel();
        DS_ASSIGN(const std::string text, needText(object, params.text("field"), place));
        auto encoding = tokenizer.encode(text, options);
        if (!encoding) return tl::unexpected(std::move(encoding).error().during("while tokenizing " + place));
        out << line(tokenizer, *encoding, text, params.flag("offsets")).dump() << '\n';
        if (!out) return fail(ErrorCode::Io, fmt::format("Writing {} failed.", target.string()), "Check the space on the disk.");
        ++texts;
        tokens += static_cast<std::int64_t>(encoding->ids.size());
        job.progress(done += static_cast<double>(text.size()), std::max(bytes, done), "byte");
        return {};
    });
    out.close();
    if (!read) {
        std::filesystem::remove(temporary, code);
        return tl::unexpected(read.error());
    }
    DS_TRY(commitFile(temporary, target));
    return json{{"file", "ids.jsonl"}, {"texts", texts}, {"tokens", tokens}, {"vocabulary", tokenizer.vocabularySize()}};
}

}  // namespace

JobKind tokenizeKind() {
    return {"llm.tokenize",
            "Tokenize texts",
            "Reads a file of JSON lines with a text each and writes ids.jsonl: the ids a model's tokenizer gives them, in the same order.",
            {{.name = "model", .type = ParamType::Path, .help = "The model's folder, or a tokenizer file in it."},
             {.name = "input", .type = ParamType::Path, .help = "JSON lines, one object with the text each."},
             {.name = "field", .type = ParamType::Text, .fallback = "text", .help = "The field that holds the text."},
             {.name = "special",
              .type = ParamType::Bool,
              .fallback = true,
              .help = "Add what the tokenizer's template adds, such as a beginning-of-sequence token."},
             {.name = "parse_special",
              .type = ParamType::Bool,
              .fallback = true,
              .help = "Read special tokens written in the text as tokens instead of ordinary text."},
             {.name = "offsets",
              .type = ParamType::Bool,
              .fallback = false,
              .help = "Also write each token and the code points of the text it covers."}},
            run};
}

}  // namespace driftscope::llm
