// Reads tokenizer.model as SentencePiece writes it (sentencepiece_model.proto): BPE models with or without byte fallback.
#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/atomic_file.h"
#include "core/llm/text/json_fields.h"
#include "core/llm/text/protobuf_wire.h"
#include "core/llm/text/tokenizer_parts.h"
#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

enum PieceType { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };
constexpr std::string_view kSpaceMark = "▁";

struct ModelPiece {
    std::string text;
    float score = 0;
    int type = kNormal;
};

/// What matters of ModelProto, with the defaults of the format.
struct ModelFile {
    std::vector<ModelPiece> pieces;
    int modelType = 1;
    bool byteFallback = false;
    bool spaceIsSuffix = false;
    std::string normalization;
    bool hasCharacterMap = false;
    bool addDummyPrefix = true;
    bool removeExtraSpaces = true;
    bool escapeSpaces = true;
    std::int64_t bos = 1, eos = 2, pad = -1;
};

tl::unexpected<Error> damaged(const std::string& place, std::string_view what) {
    return fail(ErrorCode::BadInput, fmt::format("{} is no SentencePiece model: {}.", place, what),
                "It may be damaged, only partly copied, or a pointer file of a large-file store.");
}

Result<ModelPiece> readPiece(std::string_view message, std::size_t number, const std::string& place) {
    ModelPiece piece;
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        if (field->number == 1) piece.text = field->bytes;
        if (field->number == 2) piece.score = field->real();
        if (field->number == 3) piece.type = static_cast<int>(std::min<std::uint64_t>(field->value, 100));
    }
    if (reader.malformed() || piece.text.empty() || piece.type < kNormal || piece.type > kByte || firstInvalidUtf8(piece.text) ||
        !std::isfinite(piece.score))
        return damaged(place, fmt::format("piece {} is malformed", number));
    return piece;
}

void readTrainer(std::string_view message, ModelFile& file) {
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        const auto number = static_cast<std::int32_t>(field->value);
        if (field->number == 3) file.modelType = number;
        if (field->number == 24) file.spaceIsSuffix = field->value != 0;
        if (field->number == 35) file.byteFallback = field->value != 0;
        if (field->number == 41) file.bos = number;
        if (field->number == 42) file.eos = number;
        if (field->number == 43) file.pad = number;
    }
}

void readNormalizer(std::string_view message, ModelFile& file) {
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        if (field->number == 1) file.normalization = field->bytes;
        if (field->number == 2) file.hasCharacterMap = !field->bytes.empty();
        if (field->number == 3) file.addDummyPrefix = field->value != 0;
        if (field->number == 4) file.removeExtraSpaces = field->value != 0;
        if (field->number == 5) file.escapeSpaces = field->value != 0;
    }
}

Result<ModelFile> readModelFile(std::string_view content, const std::string& place) {
    ModelFile file;
    ProtobufReader reader(content);
    while (const auto field = reader.next()) {
        if (field->number == 1) {
            DS_ASSIGN(ModelPiece piece, readPiece(field->bytes, file.pieces.size(), place));
            file.pieces.push_back(std::move(piece));
        }
        if (field->number == 2) readTrainer(field->bytes, file);
        if (field->number == 3) readNormalizer(field->bytes, file);
    }
    if (reader.malformed()) return damaged(place, fmt::format("the data ends or breaks after {} pieces", file.pieces.size()));
    if (file.pieces.empty()) return damaged(place, "it has no pieces");
    return file;
}

Result<void> checkSupported(const ModelFile& file, const std::string& place) {
    const char* remedy = "Convert it to tokenizer.json with transformers (AutoTokenizer.from_pretrained(…).save_pretrained(…)).";
    if (file.modelType != 2)
        return fail(ErrorCode::Unsupported, fmt::format("{} is a SentencePiece model of type {}, not BPE (2).", place, file.modelType),
                    "The supported language models use BPE.");
    if (file.hasCharacterMap)
        return fail(ErrorCode::Unsupported,
                    fmt::format("{} normalises text by the table '{}', which is not supported.", place, file.normalization), remedy);
    if (file.spaceIsSuffix || !file.escapeSpaces)
        return fail(ErrorCode::Unsupported, fmt::format("{} writes spaces in an unusual way.", place), remedy);
    return {};
}

/// Higher scores merge first; equal scores are equal ranks, so that the leftmost wins.
std::vector<std::int64_t> ranksByScore(const std::vector<ModelPiece>& pieces) {
    std::map<float, std::int64_t, std::greater<>> ranks;
    for (const ModelPiece& piece : pieces)
        if (piece.type == kNormal) ranks.emplace(piece.score, 0);
    std::int64_t next = 0;
    for (auto& [score, rank] : ranks) rank = next++;
    std::vector<std::int64_t> of(pieces.size(), -1);
    for (std::size_t id = 0; id < pieces.size(); ++id)
        if (pieces[id].type == kNormal) of[id] = ranks[pieces[id].score];
    return of;
}

Result<void> addNormalization(const ModelFile& file, const json& config, TokenizerParts& parts) {
    const auto mark = std::string(kSpaceMark);
    const bool legacy = flagMember(config, "legacy", true);
    if (file.removeExtraSpaces) parts.normalizer.add(Normalizer::Collapse{});
    if (legacy || !file.addDummyPrefix) {
        if (file.addDummyPrefix) parts.normalizer.add(Normalizer::Prepend{mark});
        parts.normalizer.add(Normalizer::Replace{Pattern::literal(" "), mark});
        if (file.removeExtraSpaces) {  // the library trims at the end what looks like a space by now
            DS_ASSIGN(Pattern trailing, Pattern::expression(mark + "+\\z", parts.place));
            parts.normalizer.add(Normalizer::Replace{std::move(trailing), ""});
        }
    } else {
        DS_ASSIGN(parts.preTokenizer,
                  PreTokenizer::fromJson({{"type", "Metaspace"}, {"replacement", mark}, {"prepend_scheme", "first"}, {"split", false}},
                                         parts.place));
    }
    parts.decoder.add(Decoder::Replace{Pattern::literal(mark), " "});
    parts.decoder.add(Decoder::ByteFallback{});
    parts.decoder.add(Decoder::Fuse{});
    if (file.addDummyPrefix) parts.decoder.add(Decoder::Strip{" ", 1, 0});
    return {};
}

}  // namespace

Result<void> readSentencePiece(const std::filesystem::path& path, const json& config, TokenizerParts& parts) {
    parts.place = path.string();
    DS_ASSIGN(const std::string content, readFile(path));
    DS_ASSIGN(const ModelFile file, readModelFile(content, parts.place));
    DS_TRY(checkSupported(file, parts.place));
    for (std::size_t id = 0; id < file.pieces.size(); ++id) {
        DS_TRY(parts.vocabulary->add(file.pieces[id].text, static_cast<std::int64_t>(id), parts.place));
        if (file.pieces[id].type == kUnknown) parts.unk = static_cast<TokenId>(id);
    }
    if (!parts.unk) return damaged(parts.place, "it has no unknown piece");
    DS_TRY(addNormalization(file, config, parts));
    for (std::size_t id = 0; id < file.pieces.size(); ++id) {
        const ModelPiece& piece = file.pieces[id];
        const bool special = piece.type == kControl || piece.type == kUnknown;
        // The library seeks user-defined pieces after normalising; a dummy prefix would become a part of them here.
        const bool normalized = !special && !file.addDummyPrefix;
        if (special || piece.type == kUserDefined)
            DS_TRY(parts.addToken({.id = static_cast<TokenId>(id), .content = piece.text, .special = special, .normalized = normalized}));
    }
    parts.model = Bpe(parts.vocabulary, deriveMerges(*parts.vocabulary, ranksByScore(file.pieces)),
                      {.byteFallback = file.byteFallback, .fuseUnknown = true, .unknown = parts.unk});
    const auto within = [&](std::int64_t id) {
        return id >= 0 && id < parts.vocabulary->extent() ? std::optional(static_cast<TokenId>(id)) : std::nullopt;
    };
    parts.bos = within(file.bos);
    parts.eos = within(file.eos);
    parts.pad = within(file.pad);
    return {};
}

}  // namespace driftscope::llm
