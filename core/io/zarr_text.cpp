#include "core/io/zarr_text.h"

#include <charconv>
#include <cstring>

#include "core/io/checked_size.h"
#include "core/io/json_access.h"
#include "core/io/zarr_chunk_reader.h"
#include "core/io/zarr_shards.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
using Bytes = std::span<const std::byte>;

constexpr std::uint64_t kMostValues = 1u << 28;
constexpr std::uint64_t kLargestChunk = 1u << 30;

enum class TextCoding { Ascii, Utf32, Lengths, Json };

/// How texts are laid out in the bytes of a chunk.
struct TextArray {
    ZarrMetadata layout;  ///< as if each text were one byte
    TextCoding coding = TextCoding::Lengths;
    std::size_t itemBytes = 0;  ///< of texts of fixed length
    bool bigEndian = false;
    std::string fill;
};

tl::unexpected<Error> damaged(const std::string& what) {
    return fail(ErrorCode::BadInput, what, "The chunk is damaged: copy it again from the original.");
}

tl::unexpected<Error> notTexts(const std::string& place, const json* type) {
    return fail(ErrorCode::Unsupported, fmt::format("{} holds '{}', not texts.", place, type ? type->dump() : "nothing"), "Store texts as strings.");
}

void appendUtf8(std::string& text, std::uint32_t code) {
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xC0 | code >> 6);
        text += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        text += static_cast<char>(0xE0 | code >> 12);
        text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        text += static_cast<char>(0xF0 | code >> 18);
        text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
        text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (code & 0x3F));
    }
}

std::uint32_t loadLength(Bytes bytes, bool bigEndian = false) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return bigEndian ? __builtin_bswap32(value) : value;
}

/// A text of fixed length without the zeros that fill it up.
std::string fixedText(Bytes item, const TextArray& array) {
    std::string text;
    if (array.coding == TextCoding::Ascii) {
        text.assign(reinterpret_cast<const char*>(item.data()), item.size());
        text.resize(text.find_last_not_of('\0') + 1);
        return text;
    }
    std::size_t length = item.size() / 4;
    while (length > 0 && loadLength(item.subspan(4 * (length - 1))) == 0) --length;
    for (std::size_t i = 0; i < length; ++i) appendUtf8(text, loadLength(item.subspan(4 * i), array.bigEndian));
    return text;
}

/// numcodecs' vlen-utf8: how many, then the length and the bytes of each.
Result<std::vector<std::string>> textsByLengths(Bytes bytes) {
    if (bytes.size() < 4) return damaged("its texts are cut off");
    const std::size_t count = loadLength(bytes);
    bytes = bytes.subspan(4);
    if (count > bytes.size() / 4) return damaged("its texts are cut off");
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) {
        if (bytes.size() < 4) return damaged("its texts are cut off");
        const std::size_t length = loadLength(bytes);
        bytes = bytes.subspan(4);
        if (length > bytes.size()) return damaged("its texts are cut off");
        texts.emplace_back(reinterpret_cast<const char*>(bytes.data()), length);
        bytes = bytes.subspan(length);
    }
    return texts;
}

/// numcodecs' json2: the values, then the type and the shape of the chunk.
Result<std::vector<std::string>> textsByJson(Bytes bytes) {
    DS_ASSIGN(const json values, parseJson({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "its list of values"));
    if (!values.is_array() || values.size() < 2) return damaged("its list of values is cut off");
    std::vector<std::string> texts;
    for (std::size_t i = 0; i + 2 < values.size(); ++i)
        texts.push_back(values[i].is_string() ? values[i].get<std::string>() : values[i].is_null() ? "" : values[i].dump());
    return texts;
}

Result<std::vector<std::string>> textsOfChunk(Bytes bytes, const TextArray& array) {
    if (array.coding == TextCoding::Lengths) return textsByLengths(bytes);
    if (array.coding == TextCoding::Json) return textsByJson(bytes);
    std::vector<std::string> texts;
    for (std::size_t at = 0; at + array.itemBytes <= bytes.size() && array.itemBytes > 0; at += array.itemBytes) texts.push_back(fixedText(bytes.subspan(at, array.itemBytes), array));
    if (array.itemBytes == 0) texts.resize(array.layout.chunkBytes);
    return texts;
}

Result<std::size_t> fixedLength(std::uint64_t length, std::size_t values, const std::string& place) {
    if (length > kLargestChunk || length * values > kLargestChunk) return fail(ErrorCode::Unsupported, fmt::format("{} has texts of {} bytes, too long to read.", place, length), "Rewrite it with smaller chunks.");
    return static_cast<std::size_t>(length);
}

Result<TextArray> parseV2(const json& zarray, const std::string& place) {
    TextArray array;
    const json* type = member(zarray, "dtype");
    const std::string name = textMember(zarray, "dtype");
    json filters = arrayMember(zarray, "filters");
    if (name == "|O" && !filters.empty()) {
        const std::string id = textMember(filters.front(), "id");
        if (id != "vlen-utf8" && id != "json2") return notTexts(place, &filters.front());
        array.coding = id == "json2" ? TextCoding::Json : TextCoding::Lengths;
        filters.erase(filters.begin());
    } else if (name.size() < 3 || (name[1] != 'S' && name[1] != 'U')) {
        return notTexts(place, type);
    }
    DS_ASSIGN(array.layout, parseZarrTextV2(zarray, filters, place));
    array.fill = textMember(zarray, "fill_value");
    if (name == "|O") return array;
    std::uint64_t length = 0;
    if (std::from_chars(name.data() + 2, name.data() + name.size(), length).ec != std::errc() || length > kLargestChunk) return notTexts(place, type);
    array.coding = name[1] == 'U' ? TextCoding::Utf32 : TextCoding::Ascii;
    array.bigEndian = name[0] == '>';
    DS_ASSIGN(array.itemBytes, fixedLength(name[1] == 'U' ? 4 * length : length, array.layout.chunkBytes, place));
    return array;
}

Result<TextArray> parseV3(const json& document, const std::string& place) {
    TextArray array;
    const json* type = member(document, "data_type");
    const bool variable = textMember(document, "data_type") == "string";
    const json& configuration = type ? objectMember(*type, "configuration") : json::object();
    if (!variable && (!type || textMember(*type, "name") != "fixed_length_utf32")) return notTexts(place, type);
    DS_ASSIGN(array.layout, parseZarrTextV3(document, place));
    array.fill = textMember(document, "fill_value");
    if (variable) return array;
    array.coding = TextCoding::Utf32;
    for (const json& codec : arrayMember(document, "codecs")) array.bigEndian |= textMember(objectMember(codec, "configuration"), "endian") == "big";
    const double length = numberMember(configuration, "length_bytes", -1);
    if (!(length >= 0 && length <= static_cast<double>(kLargestChunk)) || static_cast<std::uint64_t>(length) % 4 != 0) return notTexts(place, type);
    DS_ASSIGN(array.itemBytes, fixedLength(static_cast<std::uint64_t>(length), array.layout.chunkBytes, place));
    return array;
}

/// The texts of one chunk in its order; empty when it is absent.
Result<std::vector<std::string>> readChunk(const ZarrStore& store, const TextArray& array, const std::string& key) {
    Buffer encoded, decoded, spare;
    const std::uint64_t limit = 2 * kLargestChunk;
    DS_ASSIGN(const bool found, store.read(key, 0, ZarrStore::kWhole, limit, encoded));
    if (!found) return std::vector<std::string>();
    Bytes bytes = encoded.bytes();
    if (!array.layout.pipeline.raw()) {
        const bool fixed = array.coding == TextCoding::Ascii || array.coding == TextCoding::Utf32;
        const std::uint64_t most = std::min<std::uint64_t>(kLargestChunk, std::max<std::uint64_t>(64u << 20, 1100 * bytes.size()));
        const DecodedSize size = fixed ? DecodedSize{array.layout.chunkBytes * array.itemBytes} : DecodedSize{static_cast<std::size_t>(most), false};
        DS_TRY(array.layout.pipeline.decode(bytes, size, decoded, spare));
        bytes = decoded.bytes();
    }
    DS_ASSIGN(auto texts, textsOfChunk(bytes, array));
    if (texts.size() != array.layout.chunkBytes) return damaged(fmt::format("it holds {} texts, not {}", texts.size(), array.layout.chunkBytes));
    return texts;
}

Result<TextArray> parseFolder(const fs::path& folder) {
    std::error_code code;
    if (fs::exists(folder / ".zarray", code)) {
        DS_ASSIGN(const json zarray, readJson(folder / ".zarray"));
        return parseV2(zarray, (folder / ".zarray").string());
    }
    if (!fs::exists(folder / "zarr.json", code))
        return fail(ErrorCode::NotFound, fmt::format("{} has neither .zarray nor zarr.json: there is no array here.", folder.string()), "Check the path, or copy the array again.");
    DS_ASSIGN(const json document, readJson(folder / "zarr.json"));
    return parseV3(document, (folder / "zarr.json").string());
}

}  // namespace

bool holdsZarrTexts(const fs::path& folder) {
    return parseFolder(folder).has_value();
}

Result<ZarrTexts> readZarrTexts(const fs::path& folder) {
    DS_ASSIGN(const TextArray array, parseFolder(folder));
    const ZarrMetadata& layout = array.layout;
    std::shared_ptr<const ZarrStore> store = std::make_shared<const ZarrFolder>(folder);
    for (const ShardLevel& level : layout.shards) store = std::make_shared<const ZarrShards>(store, level);
    ZarrTexts result{layout.scalarKey.empty() ? layout.shape : std::vector<std::int64_t>(), {}};
    const std::uint64_t count = *checkedBytes(layout.shape, 1);
    if (count > kMostValues) return fail(ErrorCode::Unsupported, fmt::format("{} holds {} texts, too many to read.", folder.string(), count), "Split it.");
    result.values.assign(count, array.fill);
    if (count == 0) return result;
    const std::size_t rank = layout.shape.size();
    Extents grid(rank), chunk(rank, 0);
    for (std::size_t axis = 0; axis < rank; ++axis) grid[axis] = (layout.shape[axis] - 1) / layout.chunks[axis] + 1;
    const Extents origin(rank, 0);
    std::vector<std::size_t> strides(rank, 1);
    for (std::size_t axis = rank - 1; axis-- > 0;) strides[axis] = strides[axis + 1] * static_cast<std::size_t>(layout.shape[axis + 1]);
    do {
        const std::string key = layout.chunkKey(chunk);
        auto texts = readChunk(*store, array, key);
        if (!texts) return tl::unexpected(std::move(texts.error()).during("in the chunk " + store->place(key)));
        if (texts->empty()) continue;
        const Piece piece = pieceOf(layout, chunk, origin, layout.shape);
        Extents index(rank, 0);
        do
            result.values[offsetOf(piece.inBox, strides) + offsetOf(index, strides)] = std::move((*texts)[offsetOf(index, layout.strides)]);
        while (advance(index, piece.extent, rank));
    } while (advance(chunk, grid, rank));
    return result;
}

}  // namespace driftscope::io
