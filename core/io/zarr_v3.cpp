#include <algorithm>
#include <numeric>
#include <optional>

#include "core/io/checked_size.h"
#include "core/io/json_access.h"
#include "core/io/zarr_metadata.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
using Codecs = std::vector<std::shared_ptr<const ZarrCodec>>;

constexpr std::size_t kMostCodecs = 16;
constexpr std::uint64_t kLargestIndex = 256u << 20;

tl::unexpected<Error> wrong(const std::string& place, const std::string& what) {
    return fail(ErrorCode::BadInput, fmt::format("{}: {}.", place, what), "The array's metadata are damaged or written by hand.");
}

/// A codec's name without numcodecs' prefix; the metadata may give it as a text or as an object.
std::string codecName(const json& codec) {
    std::string name = codec.is_string() ? codec.get<std::string>() : textMember(codec, "name", codec.dump());
    if (name.starts_with("numcodecs.")) name.erase(0, 10);
    return name;
}

Result<std::vector<std::size_t>> transposeOrder(const json& configuration, std::size_t rank, const std::string& place) {
    std::vector<std::size_t> order;
    const std::string named = textMember(configuration, "order");  // early writers: "C" or "F"
    if (named == "C" || named == "F") {
        order.resize(rank);
        std::iota(order.begin(), order.end(), std::size_t{0});
        if (named == "F") std::reverse(order.begin(), order.end());
        return order;
    }
    DS_ASSIGN(const std::vector<std::int64_t> given, extentsMember(configuration, "order", place));
    std::vector<bool> seen(rank, false);
    for (const std::int64_t axis : given) {
        if (axis >= static_cast<std::int64_t>(rank) || seen[static_cast<std::size_t>(axis)]) break;
        seen[static_cast<std::size_t>(axis)] = true;
        order.push_back(static_cast<std::size_t>(axis));
    }
    if (order.size() != rank || given.size() != rank) return wrong(place, fmt::format("the transpose codec has the order {}", fmt::join(given, ", ")));
    return order;
}

/// Walks an array's codecs in the order of writing, from numbers to bytes, and collects what undoes them.
class CodecChain {
  public:
    CodecChain(ZarrMetadata& array, std::string place) : array_(array), place_(std::move(place)), stage_(array.type), axisOf_(array.chunks.size()) {
        std::iota(axisOf_.begin(), axisOf_.end(), std::size_t{0});
        layout_ = axisOf_;
    }

    /// `list` is `codecs` of the array, or of a shard; keys are those of the values that hold what it makes.
    Result<void> follow(const json& list, std::string prefix, std::string separator) {
        if (!list.is_array() || list.empty() || list.size() > kMostCodecs) return wrong(place_, "'codecs' is not a list of 1 to 16 codecs");
        DS_TRY(findByteOrder(list));
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string name = codecName(list[i]);
            const json& configuration = objectMember(list[i], "configuration");
            if (name == "sharding_indexed") {
                if (i + 1 < list.size() || !codecs_.empty())
                    return fail(ErrorCode::Unsupported, fmt::format("{} stores shards that are changed as a whole by other codecs.", place_), "Put those codecs inside the shards.");
                return shard(configuration, std::move(prefix), std::move(separator));
            }
            DS_TRY(one(name, configuration));
        }
        if (!bytes_) return wrong(place_, "no codec turns its numbers into bytes");
        array_.prefix = std::move(prefix);
        array_.separator = std::move(separator);
        return finish();
    }

  private:
    /// Filters work on numbers in the order of bytes that a later codec names.
    Result<void> findByteOrder(const json& list) {
        for (const json& codec : list) {
            if (const std::string name = codecName(codec); name != "bytes" && name != "endian") continue;
            const std::string endian = textMember(objectMember(codec, "configuration"), "endian", "little");
            if (endian != "little" && endian != "big") return wrong(place_, fmt::format("the byte order is '{}'", endian));
            array_.type.bigEndian = stage_.bigEndian = endian == "big" && array_.type.size() > 1;
        }
        return {};
    }

    Result<void> one(const std::string& name, const json& configuration) {
        if (name == "bytes" || name == "endian" || name == "vlen-utf8") {
            if (bytes_) return wrong(place_, "two codecs turn its numbers into bytes");
            bytes_ = true;
            return {};
        }
        if (name == "transpose" && !bytes_) return transpose(configuration);
        std::shared_ptr<const ZarrCodec> codec = bytes_ ? makeZarrCompressor(name) : nullptr;
        if (!codec && (name == "shuffle" || !bytes_)) {
            std::optional<NumberType> type = stage_;
            DS_ASSIGN(codec, makeZarrFilter(name, configuration, type, place_));
            stage_ = *type;
            if (!codec) return {};
        }
        if (!codec) return unknownZarrCodec(place_, name);
        codecs_.push_back(std::move(codec));
        return {};
    }

    Result<void> transpose(const json& configuration) {
        DS_ASSIGN(const std::vector<std::size_t> order, transposeOrder(configuration, axisOf_.size(), place_));
        std::vector<std::size_t> axes;
        for (const std::size_t axis : order) axes.push_back(layout_[axis]);
        if (codecs_.empty()) {
            axisOf_ = axes;
        } else {  // filters ran over the numbers in their order before: it must be restored first
            std::vector<std::int64_t> extents;
            for (const std::size_t axis : layout_) extents.push_back(array_.chunks[axis]);
            codecs_.push_back(makeZarrTranspose(std::move(extents), order, stage_.size()));
        }
        layout_ = std::move(axes);
        return {};
    }

    Result<void> shard(const json& configuration, std::string prefix, std::string separator) {
        DS_ASSIGN(const std::vector<std::int64_t> inner, extentsMember(configuration, "chunk_shape", place_));
        if (inner.size() != axisOf_.size()) return wrong(place_, fmt::format("the chunks in its shards have {} axes, not {}", inner.size(), axisOf_.size()));
        ShardLevel level;
        level.axisOf = axisOf_;
        level.prefix = std::move(prefix);
        level.separator = std::move(separator);
        level.chunks.resize(inner.size());
        std::vector<std::int64_t> chunks(inner.size());
        for (std::size_t i = 0; i < inner.size(); ++i) {
            const std::int64_t whole = array_.chunks[axisOf_[i]];
            if (inner[i] < 1 || whole % inner[i] != 0) return wrong(place_, fmt::format("its shards of {} do not divide into chunks of {}", whole, inner[i]));
            level.chunks[axisOf_[i]] = whole / inner[i];
            chunks[axisOf_[i]] = inner[i];
        }
        DS_TRY(shardIndex(configuration, level));
        array_.chunks = std::move(chunks);
        array_.shards.push_back(std::move(level));
        if (array_.shards.size() > kMostCodecs) return wrong(place_, "its shards are nested deeper than 16 levels");
        return follow(arrayMember(configuration, "codecs"), "", "/");
    }

    Result<void> shardIndex(const json& configuration, ShardLevel& level) {
        const std::string where = textMember(configuration, "index_location", "end");
        if (where != "start" && where != "end") return wrong(place_, fmt::format("'index_location' is '{}'", where));
        level.indexAtEnd = where == "end";
        const auto decoded = checkedBytes(level.chunks, 16);
        if (!decoded || *decoded > kLargestIndex)
            return fail(ErrorCode::Unsupported, fmt::format("{} has shards of {} chunks, too many for their index.", place_, fmt::join(level.chunks, " x ")), "Rewrite it with smaller shards.");
        Codecs codecs;
        DecodedSize size{static_cast<std::size_t>(*decoded)};
        for (const json& codec : arrayMember(configuration, "index_codecs")) {
            const std::string name = codecName(codec);
            if (name == "bytes" || name == "endian") {
                level.indexBigEndian = textMember(objectMember(codec, "configuration"), "endian", "little") == "big";
                continue;
            }
            auto made = makeZarrCompressor(name);
            if (!made) return unknownZarrCodec(place_, name);
            size = made->encodedSize(size);
            codecs.push_back(std::move(made));
        }
        if (!size.exact || codecs.size() > kMostCodecs) return wrong(place_, "the index of its shards is compressed, so that nobody knows where it begins");
        std::reverse(codecs.begin(), codecs.end());
        level.indexBytes = size.bytes;
        level.indexPipeline = ZarrPipeline(std::move(codecs));
        return {};
    }

    Result<void> finish() {
        std::reverse(codecs_.begin(), codecs_.end());
        array_.pipeline = ZarrPipeline(std::move(codecs_));
        array_.strides.resize(array_.chunks.size());
        std::size_t step = array_.type.size();
        for (std::size_t i = axisOf_.size(); i-- > 0;) {
            array_.strides[axisOf_[i]] = step;
            step *= static_cast<std::size_t>(array_.chunks[axisOf_[i]]);
        }
        return {};
    }

    ZarrMetadata& array_;
    std::string place_;
    NumberType stage_;
    std::vector<std::size_t> axisOf_;  ///< axis of the array for each axis of what the codecs so far made
    Codecs codecs_;                    ///< innermost first
    std::vector<std::size_t> layout_;  ///< the same, counting also those exchanges that are undone number by number
    bool bytes_ = false;
};

Result<std::pair<std::string, std::string>> keyEncoding(const json& document, const std::string& place) {
    const json& encoding = objectMember(document, "chunk_key_encoding");
    const std::string name = textMember(encoding, "name", "default");
    const std::string separator = textMember(objectMember(encoding, "configuration"), "separator", name == "v2" ? "." : "/");
    if ((name != "default" && name != "v2") || (separator != "/" && separator != ".")) return wrong(place, fmt::format("its chunk keys are encoded as {}", encoding.dump()));
    return std::pair(name == "default" ? "c" + separator : "", separator);
}

/// Layout and codecs of an array whose type is known.
Result<void> parseLayout(const json& document, ZarrMetadata& array, const std::string& place) {
    if (!arrayMember(document, "storage_transformers").empty())
        return fail(ErrorCode::Unsupported, fmt::format("{} uses storage transformers.", place), "Rewrite the array without them.");
    const json& grid = objectMember(document, "chunk_grid");
    if (textMember(grid, "name") != "regular") return fail(ErrorCode::Unsupported, fmt::format("{} has the chunk grid {}.", place, grid.dump()), "Rewrite it with a regular grid.");
    DS_ASSIGN(array.shape, extentsMember(document, "shape", place));
    DS_ASSIGN(array.chunks, extentsMember(objectMember(grid, "configuration"), "chunk_shape", place));
    const bool sized = array.chunks.size() == array.shape.size() && std::all_of(array.chunks.begin(), array.chunks.end(), [](std::int64_t extent) { return extent >= 1; });
    if (!sized) return wrong(place, fmt::format("its chunks of [{}] do not fit its shape of [{}]", fmt::join(array.chunks, ", "), fmt::join(array.shape, ", ")));
    DS_ASSIGN(const auto keys, keyEncoding(document, place));
    CodecChain chain(array, place);
    DS_TRY(chain.follow(arrayMember(document, "codecs"), keys.first, keys.second));
    // Shards may be larger than any chunk that is read at once: only now are the sizes of chunks known.
    if (array.shape.empty()) {
        if (!array.shards.empty()) return wrong(place, "an array without dimensions has shards");
        array.scalarKey = keys.first.empty() ? "0" : "c";
        array.strides = {array.type.size()};
    }
    DS_ASSIGN(array.chunkBytes, checkZarrShape(array.shape, array.chunks, array.type.size(), place));
    return {};
}

Result<void> checkArray(const json& document, const std::string& place) {
    if (numberMember(document, "zarr_format", 0) != 3) return wrong(place, "'zarr_format' is not 3");
    if (textMember(document, "node_type") == "array") return {};
    return fail(ErrorCode::NotFound, fmt::format("{} describes a group, not an array.", place), "Choose one of the arrays in it.");
}

}  // namespace

Result<ZarrMetadata> parseZarrV3(const json& document, const std::string& place) {
    DS_TRY(checkArray(document, place));
    ZarrMetadata array;
    const auto type = numberTypeFromName(textMember(document, "data_type"));
    if (!type) {
        const json* given = member(document, "data_type");
        return fail(ErrorCode::Unsupported, fmt::format("{} holds '{}', not plain numbers.", place, given ? given->dump() : "no data_type"), "Images and labels must be stored as integers or floats.");
    }
    array.type = *type;
    DS_TRY(parseLayout(document, array, place));
    const json* fill = member(document, "fill_value");
    DS_ASSIGN(array.fill, zarrFillBytes(fill ? *fill : json(), array.type, place));
    return array;
}

Result<ZarrMetadata> parseZarrTextV3(const json& document, const std::string& place) {
    DS_TRY(checkArray(document, place));
    ZarrMetadata array;
    array.type = {NumberKind::UInt8};
    DS_TRY(parseLayout(document, array, place));
    return array;
}

}  // namespace driftscope::io
