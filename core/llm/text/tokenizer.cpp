#include "core/llm/text/tokenizer.h"

#include "core/llm/text/tokenizer_parts.h"
#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

constexpr std::string_view kSpaceMark = "▁";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
/// ICU counts in 32 bits; no text of one sample is near.
constexpr std::size_t kLongestText = 1u << 28;

/// Encodes one text with the buffers of one thread.
class Run {
  public:
    Run(const TokenizerParts& parts, Tokenizer::Options options, bool spans, Encoding& out)
        : parts_(parts), options_(options), spans_(spans), out_(out), workspace_(parts.workspaces.take()) {}
    ~Run() { parts_.workspaces.give(std::move(workspace_)); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    Result<void> text(std::string_view text) {
        std::vector<AddedTokens::Part> segments;
        parts_.added.split(text, !options_.parseSpecial, false, segments);
        for (const AddedTokens::Part& segment : segments) {
            if (segment.token) {
                push(*segment.token, {static_cast<std::uint32_t>(segment.begin), static_cast<std::uint32_t>(segment.end)});
                continue;
            }
            AlignedText part(text.substr(segment.begin, segment.end - segment.begin), static_cast<std::uint32_t>(segment.begin), spans_);
            DS_TRY(parts_.normalizer.apply(part));
            DS_TRY(normalized(part));
        }
        return {};
    }

  private:
    Result<void> normalized(AlignedText& text) {
        std::vector<AddedTokens::Part> segments;
        parts_.added.split(text.text(), !options_.parseSpecial, true, segments);
        if (segments.size() == 1 && !segments[0].token) return ordinary(text);
        for (const AddedTokens::Part& segment : segments) {
            if (segment.token) {
                push(*segment.token, text.origin(segment.begin, segment.end));
                continue;
            }
            AlignedText part = text.slice(segment.begin, segment.end);
            DS_TRY(ordinary(part));
        }
        return {};
    }

    Result<void> ordinary(AlignedText& text) {
        DS_TRY(parts_.preTokenizer.apply(text, pieces_));
        for (const Piece& piece : pieces_) {
            if (parts_.wordsAreSeparate)
                DS_TRY(words(text, piece));
            else
                DS_TRY(encode(text, piece));
        }
        return {};
    }

    /// No token crosses from a word into the space mark after it, so that words can be looked up one by one.
    Result<void> words(const AlignedText& text, const Piece& piece) {
        const std::string_view all = text.text();
        std::size_t begin = piece.begin;
        std::size_t mark = all.find(kSpaceMark, begin);
        while (mark < piece.end) {
            const bool afterMark =
                mark >= begin + kSpaceMark.size() && all.substr(mark - kSpaceMark.size(), kSpaceMark.size()) == kSpaceMark;
            if (mark > begin && !afterMark) {
                DS_TRY(encode(text, {begin, mark}));
                begin = mark;
            }
            mark = all.find(kSpaceMark, mark + kSpaceMark.size());
        }
        return begin < piece.end ? encode(text, {begin, piece.end}) : Result<void>();
    }

    Result<void> encode(const AlignedText& text, const Piece& piece) {
        symbols_.clear();
        const std::string_view part = text.text().substr(piece.begin, piece.end - piece.begin);
        if (const auto* bpe = std::get_if<Bpe>(&parts_.model))
            DS_TRY(bpe->encode(part, *workspace_, symbols_));
        else if (const auto* words = std::get_if<WordLevel>(&parts_.model))
            DS_TRY(words->encode(part, *workspace_, symbols_));
        std::size_t at = piece.begin;
        for (const Symbol& symbol : symbols_) {
            push(symbol.id, spans_ ? text.origin(at, at + symbol.length) : TextSpan{});
            at += symbol.length;
        }
        return {};
    }

    void push(TokenId id, TextSpan span) {
        out_.ids.push_back(id);
        if (spans_) out_.spans.push_back(span);
    }

    const TokenizerParts& parts_;
    Tokenizer::Options options_;
    bool spans_;
    Encoding& out_;
    std::unique_ptr<Bpe::Workspace> workspace_;
    std::vector<Piece> pieces_;
    std::vector<Symbol> symbols_;
};

}  // namespace

Result<void> TokenizerParts::addToken(AddedToken token) {
    if (firstInvalidUtf8(token.content))
        return fail(ErrorCode::BadInput, fmt::format("{} has an added token {} that is not UTF-8.", place, token.id),
                    "The file may be damaged.");
    DS_TRY(vocabulary->add(token.content, token.id, place));
    std::string pattern = token.content;
    if (token.normalized && !normalizer.empty()) {
        AlignedText text(token.content, 0, false);
        DS_TRY(normalizer.apply(text));
        pattern = std::string(text.text());
    }
    added.add(std::move(token), std::move(pattern));
    return {};
}

Tokenizer::Tokenizer(std::shared_ptr<const TokenizerParts> parts) : parts_(std::move(parts)) {}

Result<void> Tokenizer::encodeInto(std::string_view text, Options options, bool spans, Encoding& out) const {
    if (text.size() > kLongestText)
        return fail(ErrorCode::BadInput, fmt::format("A text of {} bytes is too long for the tokenizer.", text.size()),
                    "Split it; the limit is 256 MiB.");
    if (const auto bad = firstInvalidUtf8(text))
        return fail(ErrorCode::BadInput, fmt::format("The text is not UTF-8: byte {} (counted from 0) starts no character.", *bad),
                    "Convert it, for example with iconv -f latin1 -t utf-8.");
    out.ids.reserve(text.size() / 3 + 8);
    if (options.addSpecial) {
        out.ids = parts_->before;
        out.addedBefore = parts_->before.size();
        if (spans) out.spans.assign(out.addedBefore, TextSpan{});
    }
    DS_TRY(Run(*parts_, options, spans, out).text(text));
    if (options.addSpecial) {
        out.ids.insert(out.ids.end(), parts_->after.begin(), parts_->after.end());
        out.addedAfter = parts_->after.size();
        const auto end = static_cast<std::uint32_t>(text.size());
        if (spans) out.spans.insert(out.spans.end(), out.addedAfter, TextSpan{end, end});
    }
    return {};
}

Result<Encoding> Tokenizer::encode(std::string_view text, Options options) const {
    Encoding out;
    DS_TRY(encodeInto(text, options, true, out));
    return out;
}

Result<std::vector<TokenId>> Tokenizer::ids(std::string_view text, Options options) const {
    Encoding out;
    DS_TRY(encodeInto(text, options, false, out));
    return std::move(out.ids);
}

std::string Tokenizer::decode(std::span<const TokenId> ids, bool skipSpecial) const {
    std::vector<std::string> tokens;
    tokens.reserve(ids.size());
    for (TokenId id : ids) {
        if (skipSpecial && isSpecial(id)) continue;
        const std::string_view known = token(id);
        tokens.emplace_back(known.empty() ? kReplacement : known);
    }
    return parts_->decoder.decode(std::move(tokens));
}

std::string Tokenizer::piece(TokenId id) const {
    const std::string_view known = token(id);
    if (known.empty()) return std::string(kReplacement);
    if (parts_->preTokenizer.byteLevel()) return replaceInvalidUtf8(parts_->alphabet.read(known).value_or(std::string(known)));
    if (const auto byte = fallbackByte(known)) return replaceInvalidUtf8(std::string(1, static_cast<char>(*byte)));
    std::string text;
    for (std::size_t at = 0; at < known.size();) {
        const std::size_t mark = std::min(known.find(kSpaceMark, at), known.size());
        text.append(known.substr(at, mark - at));
        if (mark < known.size()) text.push_back(' ');
        at = mark + kSpaceMark.size();
    }
    return text;
}

std::string_view Tokenizer::token(TokenId id) const {
    return parts_->vocabulary->token(id);
}
std::optional<TokenId> Tokenizer::find(std::string_view token) const {
    return parts_->vocabulary->find(token);
}
TokenId Tokenizer::vocabularySize() const {
    return parts_->vocabulary->extent();
}
bool Tokenizer::isSpecial(TokenId id) const {
    return parts_->added.isSpecial(id);
}
std::optional<TokenId> Tokenizer::beginOfSequence() const {
    return parts_->bos;
}
std::optional<TokenId> Tokenizer::endOfSequence() const {
    return parts_->eos;
}
std::optional<TokenId> Tokenizer::padding() const {
    return parts_->pad;
}
std::optional<TokenId> Tokenizer::unknown() const {
    return parts_->unk;
}
const std::string& Tokenizer::place() const {
    return parts_->place;
}

Result<void> Tokenizer::checkFits(std::int64_t embeddings) const {
    if (vocabularySize() <= embeddings) return {};
    return fail(
        ErrorCode::BadInput,
        fmt::format("The tokenizer {} has ids up to {}, but the model embeds only {} tokens.", place(), vocabularySize() - 1, embeddings),
        "The tokenizer belongs to another model: use the one of the model's own folder.");
}

}  // namespace driftscope::llm
