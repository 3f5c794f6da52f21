#include "core/llm/text/decoder.h"

#include <algorithm>
#include <charconv>

#include "core/llm/text/json_fields.h"
#include "core/llm/text/normalizer.h"
#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

std::string joined(const std::vector<std::string>& tokens, std::string_view between) {
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i > 0) text += between;
        text += tokens[i];
    }
    return text;
}

std::string replaceAll(const Pattern& pattern, const std::string& text, const std::string& content) {
    const auto matches = pattern.findAll(text);
    if (!matches || matches->empty()) return text;
    std::string changed;
    std::size_t at = 0;
    for (const Pattern::Match& match : *matches) {
        changed.append(text, at, match.begin - at).append(content);
        at = match.end;
    }
    return changed.append(text, at);
}

}  // namespace

std::optional<unsigned char> fallbackByte(std::string_view token) {
    if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return std::nullopt;
    unsigned value = 0;
    const auto [end, code] = std::from_chars(token.data() + 3, token.data() + 5, value, 16);
    if (code != std::errc() || end != token.data() + 5) return std::nullopt;
    return static_cast<unsigned char>(value);
}

Result<Decoder> Decoder::fromJson(const json& entry, const std::string& place) {
    Decoder decoder;
    if (entry.is_null()) return decoder;
    const std::string type = io::textMember(entry, "type");
    const auto count = [&](const char* name) { return static_cast<std::size_t>(std::clamp(io::numberMember(entry, name, 0), 0.0, 1e6)); };
    if (type == "Sequence") {
        for (const json& one : io::arrayMember(entry, "decoders")) {
            DS_ASSIGN(Decoder inner, fromJson(one, place));
            decoder.steps_.insert(decoder.steps_.end(), inner.steps_.begin(), inner.steps_.end());
        }
    } else if (type == "ByteLevel") {
        decoder.add(ByteLevel{});
    } else if (type == "ByteFallback") {
        decoder.add(ByteFallback{});
    } else if (type == "Fuse") {
        decoder.add(Fuse{});
    } else if (type == "Replace") {
        const json* pattern = io::member(entry, "pattern");
        DS_ASSIGN(Pattern compiled, readPattern(pattern ? *pattern : json(), place));
        decoder.add(Replace{std::move(compiled), io::textMember(entry, "content")});
    } else if (type == "Strip") {
        decoder.add(Strip{io::textMember(entry, "content", " "), count("start"), count("stop")});
    } else if (type == "Metaspace") {
        const std::string scheme =
            io::textMember(entry, "prepend_scheme", flagMember(entry, "add_prefix_space", true) ? "always" : "never");
        decoder.add(Metaspace{io::textMember(entry, "replacement", "▁"), scheme != "never"});
    } else {
        return fail(ErrorCode::Unsupported, fmt::format("{} has the decoder '{}', which is not supported.", place, type),
                    "Supported: Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace.");
    }
    return decoder;
}

void Decoder::run(const ByteLevel&, std::vector<std::string>& tokens) const {
    std::string bytes;
    for (const std::string& token : tokens) bytes += alphabet_.read(token).value_or(token);
    tokens.assign(1, replaceInvalidUtf8(bytes));
}

void Decoder::run(const ByteFallback&, std::vector<std::string>& tokens) const {
    std::vector<std::string> out;
    std::string bytes;
    const auto flush = [&] {
        if (bytes.empty()) return;
        if (firstInvalidUtf8(bytes)) {
            for (std::size_t i = 0; i < bytes.size(); ++i) out.emplace_back("\xEF\xBF\xBD");
        } else {
            out.push_back(bytes);
        }
        bytes.clear();
    };
    for (std::string& token : tokens) {
        if (const auto byte = fallbackByte(token)) {
            bytes.push_back(static_cast<char>(*byte));
            continue;
        }
        flush();
        out.push_back(std::move(token));
    }
    flush();
    tokens = std::move(out);
}

void Decoder::run(const Fuse&, std::vector<std::string>& tokens) const {
    tokens.assign(1, joined(tokens, ""));
}

void Decoder::run(const Replace& step, std::vector<std::string>& tokens) const {
    for (std::string& token : tokens) token = replaceAll(step.pattern, token, step.content);
}

void Decoder::run(const Strip& step, std::vector<std::string>& tokens) const {
    if (step.content.empty()) return;
    for (std::string& token : tokens) {
        std::string_view rest = token;
        for (std::size_t i = 0; i < step.start && rest.starts_with(step.content); ++i) rest.remove_prefix(step.content.size());
        for (std::size_t i = 0; i < step.stop && rest.ends_with(step.content); ++i) rest.remove_suffix(step.content.size());
        token = std::string(rest);
    }
}

void Decoder::run(const Metaspace& step, std::vector<std::string>& tokens) const {
    for (std::size_t i = 0; i < tokens.size(); ++i)
        tokens[i] = replaceAll(Pattern::literal(step.mark), tokens[i], i == 0 && step.prefixed ? "" : " ");
}

std::string Decoder::decode(std::vector<std::string> tokens) const {
    for (const Step& step : steps_) std::visit([&](const auto& one) { run(one, tokens); }, step);
    return joined(tokens, steps_.empty() ? " " : "");
}

}  // namespace driftscope::llm
