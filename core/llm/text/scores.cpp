#include "core/llm/text/scores.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

constexpr std::string_view kSpaces = " \t\r\n\v\f";

std::string lowered(std::string_view given) {
    const std::string text = replaceInvalidUtf8(given);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        appendLowerCase(out, point.value);
        at += point.length;
    }
    return out;
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// The number -?\d+\.?\d* at `at`, and where it ends.
std::optional<std::pair<double, std::size_t>> numberAt(const std::string& text, std::size_t at) {
    std::size_t end = at + (text[at] == '-');
    if (end >= text.size() || !isDigit(text[end])) return std::nullopt;
    while (end < text.size() && isDigit(text[end])) ++end;
    if (end < text.size() && text[end] == '.') ++end;
    while (end < text.size() && isDigit(text[end])) ++end;
    double value = 0;
    std::from_chars(text.data() + at, text.data() + end, value);
    return std::pair(value, end);
}

}  // namespace

nlohmann::json Rate::toJson() const {
    const Interval bounds = interval();
    return {{"value", trials > 0 ? nlohmann::json(value()) : nlohmann::json()},
            {"low", bounds.low},
            {"high", bounds.high},
            {"hits", hits},
            {"trials", trials}};
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

bool repeatsWords(std::string_view answer) {
    std::string_view previous;
    int run = 0;
    for (std::size_t at = 0; at < answer.size();) {
        const std::size_t begin = std::min(answer.find_first_not_of(kSpaces, at), answer.size());
        const std::size_t end = std::min(answer.find_first_of(kSpaces, begin), answer.size());
        const std::string_view word = answer.substr(begin, end - begin);
        run = !word.empty() && word == previous ? run + 1 : 1;
        if (run > 3) return true;
        previous = word;
        at = end;
    }
    return false;
}

bool matchesStrictly(std::string_view answer, std::string_view wanted) {
    return trimmed(answer) == trimmed(wanted);
}

bool matchesLoosely(std::string_view answer, std::string_view wanted) {
    const std::string label = lowered(trimmed(wanted));
    return lowered(answer).find(label == "sci/tech" ? "sci" : label) != std::string::npos;
}

std::optional<double> finalNumber(std::string_view answer) {
    constexpr std::string_view kMark = "The final answer is: ";
    std::string text(answer);
    std::erase(text, ',');
    const std::size_t mark = text.find(kMark);
    std::optional<double> last;
    for (std::size_t at = mark == std::string::npos ? 0 : mark + kMark.size(); at < text.size();) {
        const auto number = numberAt(text, at);
        if (!number) {
            ++at;
            continue;
        }
        last = number->first;
        if (mark != std::string::npos) return last;
        at = number->second;
    }
    return last;
}

}  // namespace driftscope::llm
