#include "core/llm/text/pre_tokenizer.h"

#include <algorithm>

#include "core/llm/text/json_fields.h"
#include "core/llm/text/scan.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

struct Range {
    std::size_t begin;
    std::size_t end;
    bool match;
};

std::vector<Range> cover(std::string_view text, const std::vector<Pattern::Match>& matches, bool invert) {
    std::vector<Range> ranges;
    std::size_t at = 0;
    for (const Pattern::Match& match : matches) {
        if (match.begin > at) ranges.push_back({at, match.begin, invert});
        ranges.push_back({match.begin, match.end, !invert});
        at = match.end;
    }
    if (at < text.size()) ranges.push_back({at, text.size(), invert});
    return ranges;
}

/// What `behavior` makes of matches and the text between them.
std::vector<Range> arrange(std::vector<Range> ranges, PreTokenizer::Behavior behavior) {
    using Behavior = PreTokenizer::Behavior;
    if (behavior == Behavior::Isolated) return ranges;
    std::vector<Range> kept;
    const bool backwards = behavior == Behavior::MergedWithNext;
    if (backwards) std::reverse(ranges.begin(), ranges.end());
    bool previous = false;
    for (const Range& range : ranges) {
        const bool joins = behavior == Behavior::Contiguous ? range.match == previous : range.match && !previous;
        if (behavior == Behavior::Removed) {
            if (!range.match) kept.push_back(range);
        } else if (joins && !kept.empty()) {
            if (backwards)
                kept.back().begin = range.begin;
            else
                kept.back().end = range.end;
        } else {
            kept.push_back(range);
        }
        previous = range.match;
    }
    if (backwards) std::reverse(kept.begin(), kept.end());
    return kept;
}

std::size_t scan(PreTokenizer::Scanner scanner, std::string_view text, std::size_t at) {
    switch (scanner) {
        case PreTokenizer::Scanner::Gpt2:
            return scanGpt2(text, at);
        case PreTokenizer::Scanner::Llama3:
            return scanLlama3(text, at, 3);
        default:
            return scanLlama3(text, at, 1);
    }
}

Result<void> split(PreTokenizer::Scanner scanner, std::string_view text, std::size_t base, std::vector<Piece>& pieces) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = scan(scanner, text, at);
        pieces.push_back({base + at, base + end});
        at = end;
    }
    return {};
}

Result<void> split(const PreTokenizer::PatternSplit& rule, std::string_view text, std::size_t base, std::vector<Piece>& pieces) {
    DS_ASSIGN(const auto matches, rule.pattern.findAll(text));
    for (const Range& range : arrange(cover(text, matches, rule.invert), rule.behavior))
        pieces.push_back({base + range.begin, base + range.end});
    return {};
}

Result<PreTokenizer::Behavior> readBehavior(const json& entry, const std::string& place, const char* fallback) {
    const std::string text = io::textMember(entry, "behavior", fallback);
    if (text == "Removed") return PreTokenizer::Behavior::Removed;
    if (text == "Isolated") return PreTokenizer::Behavior::Isolated;
    if (text == "MergedWithPrevious") return PreTokenizer::Behavior::MergedWithPrevious;
    if (text == "MergedWithNext") return PreTokenizer::Behavior::MergedWithNext;
    if (text == "Contiguous") return PreTokenizer::Behavior::Contiguous;
    return fail(ErrorCode::BadInput, fmt::format("{} splits with the behavior '{}', which does not exist.", place, text),
                "Use Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous.");
}

}  // namespace

Result<PreTokenizer> PreTokenizer::fromJson(const json& entry, const std::string& place) {
    PreTokenizer made;
    if (!entry.is_null()) DS_TRY(made.read(entry, place));
    return made;
}

Result<void> PreTokenizer::change(Normalizer::Step step, const std::string& place) {
    if (!splits_.empty())
        return fail(ErrorCode::Unsupported, fmt::format("{} changes text after splitting it, which is not supported.", place),
                    "Put Metaspace or ByteLevel with a prefix first in the sequence.");
    changes_.add(std::move(step));
    return {};
}

Result<void> PreTokenizer::read(const json& entry, const std::string& place) {
    const std::string type = io::textMember(entry, "type");
    if (byteLevel_)
        return fail(ErrorCode::Unsupported, fmt::format("{} has the pre-tokenizer '{}' after ByteLevel.", place, type),
                    "ByteLevel must come last.");
    if (type == "Sequence") {
        for (const json& one : io::arrayMember(entry, "pretokenizers")) DS_TRY(read(one, place));
        return {};
    }
    if (type == "Split") return readSplit(entry, place);
    if (type == "ByteLevel") return readByteLevel(entry, place);
    if (type == "Metaspace") return readMetaspace(entry, place);
    const auto expression = [&](const char* text, Behavior behavior, bool invert) -> Result<void> {
        DS_ASSIGN(Pattern pattern, Pattern::expression(text, place));
        splits_.push_back(PatternSplit{std::move(pattern), behavior, invert});
        return {};
    };
    if (type == "Whitespace") return expression(R"(\w+|[^\w\s]+)", Behavior::Removed, true);
    if (type == "WhitespaceSplit") return expression(R"(\s)", Behavior::Removed, false);
    if (type == "Digits")
        return expression(R"(\p{N})", flagMember(entry, "individual_digits", false) ? Behavior::Isolated : Behavior::Contiguous, false);
    if (type == "Punctuation") {
        DS_ASSIGN(const Behavior behavior, readBehavior(entry, place, "Isolated"));
        return expression(R"([\p{P}$+<=>^`|~])", behavior, false);
    }
    return fail(ErrorCode::Unsupported, fmt::format("{} has the pre-tokenizer '{}', which is not supported.", place, type),
                "Supported: Sequence, Split, ByteLevel, Metaspace, Whitespace, WhitespaceSplit, Digits, Punctuation.");
}

Result<void> PreTokenizer::readSplit(const json& entry, const std::string& place) {
    DS_ASSIGN(const Behavior behavior, readBehavior(entry, place, ""));
    const bool invert = flagMember(entry, "invert", false);
    const json& pattern = io::objectMember(entry, "pattern");
    const std::string expression = io::textMember(pattern, "Regex");
    // These expressions match every character, so both ways to keep the matches are one.
    const bool keepsMatches = (behavior == Behavior::Isolated && !invert) || (behavior == Behavior::Removed && invert);
    if (keepsMatches && expression == kGpt2Expression)
        splits_.emplace_back(Scanner::Gpt2);
    else if (keepsMatches && expression == kLlama3Expression)
        splits_.emplace_back(Scanner::Llama3);
    else if (keepsMatches && expression == kQwen2Expression)
        splits_.emplace_back(Scanner::Qwen2);
    else {
        DS_ASSIGN(Pattern compiled, readPattern(pattern, place));
        splits_.push_back(PatternSplit{std::move(compiled), behavior, invert});
    }
    return {};
}

Result<void> PreTokenizer::readByteLevel(const json& entry, const std::string& place) {
    if (flagMember(entry, "add_prefix_space", true)) DS_TRY(change(Normalizer::Prepend{" ", true, false}, place));
    if (flagMember(entry, "use_regex", true)) splits_.emplace_back(Scanner::Gpt2);
    byteLevel_ = true;
    return {};
}

Result<void> PreTokenizer::readMetaspace(const json& entry, const std::string& place) {
    const std::string mark = io::textMember(entry, "replacement", "▁");
    const std::string scheme = io::textMember(entry, "prepend_scheme", flagMember(entry, "add_prefix_space", true) ? "always" : "never");
    if (scheme != "always" && scheme != "never" && scheme != "first")
        return fail(ErrorCode::BadInput, fmt::format("{} has the prepend scheme '{}', which does not exist.", place, scheme),
                    "Use always, never or first.");
    DS_TRY(change(Normalizer::Replace{Pattern::literal(" "), mark}, place));
    if (scheme != "never") changes_.add(Normalizer::Prepend{mark, true, scheme == "first"});
    if (flagMember(entry, "split", true)) splits_.push_back(PatternSplit{Pattern::literal(mark), Behavior::MergedWithNext, false});
    return {};
}

Result<void> PreTokenizer::apply(AlignedText& text, std::vector<Piece>& pieces) const {
    DS_TRY(changes_.apply(text));
    pieces.clear();
    if (text.text().empty()) return {};
    pieces.push_back({0, text.text().size()});
    std::vector<Piece> coarse;
    for (const Split& rule : splits_) {
        coarse.swap(pieces);
        pieces.clear();
        for (const Piece& piece : coarse) {
            const std::string_view part = text.text().substr(piece.begin, piece.end - piece.begin);
            DS_TRY(std::visit([&](const auto& one) { return split(one, part, piece.begin, pieces); }, rule));
        }
    }
    return {};
}

}  // namespace driftscope::llm
