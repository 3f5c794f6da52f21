#include "plugins/drift/answers.h"

#include "core/io/json_access.h"
#include "plugins/drift/drift_metrics.h"
#include "plugins/drift/json_lines.h"

namespace driftscope::drift {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::optional<bool> flag(const json& object, const char* name) {
    const json* found = io::member(object, name);
    return found && found->is_boolean() ? std::optional(found->get<bool>()) : std::nullopt;
}

}  // namespace

std::string promptKey(const std::string& instruction, const std::string& input) {
    return input.empty() ? instruction : instruction + "\n" + input;
}

Result<void> AnswerBook::readPage(const fs::path& file, std::int64_t step) {
    const bool first = steps_.empty();
    std::map<std::string, Answer>& page = steps_[step];
    return eachJsonLine(file, [&](const json& line, const std::string& place) -> Result<void> {
        if (!line.contains("instruction") || !line.contains("answer")) return fail(ErrorCode::BadInput, fmt::format("{} has no instruction or no answer.", place));
        const json& verdict = io::objectMember(line, "verdict");
        Answer answer{io::textMember(line, "answer"), flag(verdict, "harmful"), flag(verdict, "refused"), flag(verdict, "incoherent"), {}};
        if (const json* content = io::member(verdict, "content"); content && content->is_number()) answer.content = content->get<double>();
        AskedPrompt prompt{io::textMember(line, "instruction"), io::textMember(line, "input"), io::textMember(line, "output"), io::textMember(line, "set"), flag(line, "harmful")};
        const bool isNew = page.insert_or_assign(promptKey(prompt.instruction, prompt.input), std::move(answer)).second;
        if (first && isNew) prompts_.push_back(std::move(prompt));
        return {};
    });
}

Result<AnswerBook> AnswerBook::read(const fs::path& folder) {
    AnswerBook book;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder / "answers", code)) {
        if (entry.path().extension() != ".jsonl") continue;
        const auto step = entry.path().stem() == "before" ? std::optional(kBefore) : stepOfFile(entry.path());
        if (!step) continue;
        DS_TRY(book.readPage(entry.path(), *step));
    }
    return book;
}

std::vector<std::int64_t> AnswerBook::steps() const {
    std::vector<std::int64_t> out;
    for (const auto& [step, page] : steps_) out.push_back(step);
    return out;
}

const Answer* AnswerBook::find(const std::string& prompt, std::int64_t step) const {
    auto page = steps_.find(step);
    if (page == steps_.end() && step == kBefore) page = steps_.find(0);
    if (page == steps_.end()) return nullptr;
    const auto found = page->second.find(prompt);
    return found == page->second.end() ? nullptr : &found->second;
}

}  // namespace driftscope::drift
