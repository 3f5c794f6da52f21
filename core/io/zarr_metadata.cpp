#include "core/io/zarr_metadata.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "core/io/checked_size.h"
#include "core/io/json_access.h"

namespace driftscope::io {
namespace {

using nlohmann::json;

constexpr std::size_t kMaximumRank = 16;
constexpr std::uint64_t kMaximumChunk = std::numeric_limits<std::int32_t>::max();

tl::unexpected<Error> wrong(const std::string& place, const std::string& what) {
    return fail(ErrorCode::BadInput, fmt::format("{}: {}.", place, what), "The array's metadata are damaged or written by hand.");
}

template <class T>
void store(std::vector<std::byte>& bytes, T value) {
    bytes.resize(sizeof(T));
    std::memcpy(bytes.data(), &value, sizeof(T));
}

/// The nearest half-precision number.
std::uint16_t toHalf(double value) {
    const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const double size = std::abs(value);
    if (std::isnan(value)) return 0x7E00;
    if (size >= 65520) return static_cast<std::uint16_t>(sign | 0x7C00);
    if (size < 0x1p-14) return static_cast<std::uint16_t>(sign + std::lrint(std::ldexp(size, 24)));
    const int exponent = std::ilogb(size);
    return static_cast<std::uint16_t>(sign + ((exponent + 15) << 10) + std::lrint(std::ldexp(size, 10 - exponent)) - 1024);
}

Result<double> fillNumber(const json& value, const std::string& place) {
    if (value.is_null()) return 0.0;  // undefined by the format; zero is what NumPy users see
    if (value.is_boolean()) return value.get<bool>() ? 1.0 : 0.0;
    if (value.is_number()) return value.get<double>();
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity") return std::numeric_limits<double>::infinity();
    if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
    return wrong(place, fmt::format("the fill value {} is not a number", value.dump()));
}

/// The bits of a float that v3 writes as "0x7fc00000"; nothing for other texts.
std::optional<std::vector<std::byte>> fillBits(const json& value, NumberType type) {
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    if (!text.starts_with("0x") || type.isInteger() || text.size() != 2 + 2 * type.size()) return std::nullopt;
    std::uint64_t bits = 0;
    const auto [end, code] = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    std::vector<std::byte> bytes;
    store(bytes, bits);
    bytes.resize(type.size());
    return bytes;
}

Result<NumberType> parseType(const json& zarray, const std::string& place) {
    const std::string text = textMember(zarray, "dtype");
    if (const auto type = numberTypeFromNumpy(text)) return *type;
    const json* dtype = member(zarray, "dtype");
    return fail(ErrorCode::Unsupported, fmt::format("{} holds '{}', not plain numbers.", place, dtype ? dtype->dump() : "no dtype"),
                "Images and labels must be stored as integers or floats.");
}

std::vector<std::size_t> stridesOf(const ZarrMetadata& array, bool fortran) {
    std::vector<std::size_t> strides(array.chunks.size());
    std::size_t step = array.type.size();
    for (std::size_t i = 0; i < strides.size(); ++i) {
        const std::size_t axis = fortran ? i : strides.size() - 1 - i;
        strides[axis] = step;
        step *= static_cast<std::size_t>(array.chunks[axis]);
    }
    return strides;
}

}  // namespace

Result<std::vector<std::byte>> zarrFillBytes(const json& value, NumberType type, const std::string& place) {
    if (auto bits = fillBits(value, type)) {
        if (type.bigEndian) std::reverse(bits->begin(), bits->end());
        return std::move(*bits);
    }
    DS_ASSIGN(const double number, fillNumber(value, place));
    if (type.isInteger()) {
        const double low = type.isSigned() ? -std::ldexp(1.0, static_cast<int>(type.size()) * 8 - 1) : 0;
        const double high = std::ldexp(1.0, static_cast<int>(type.size()) * 8 - (type.isSigned() ? 1 : 0));
        if (!(number >= low && number <= high)) return wrong(place, fmt::format("the fill value {} does not fit {}", value.dump(), type.name()));
    }
    std::vector<std::byte> bytes;
    if (type.kind == NumberKind::Float64) {
        store(bytes, number);
    } else if (type.kind == NumberKind::Float32) {
        store(bytes, static_cast<float>(number));
    } else if (type.kind == NumberKind::Float16) {
        store(bytes, toHalf(number));
    } else {
        // Exact 64-bit integers do not pass through double; two's complement makes the low bytes right for all widths.
        store(bytes, value.is_number_unsigned() ? value.get<std::uint64_t>()
                     : value.is_number_integer() ? static_cast<std::uint64_t>(value.get<std::int64_t>())
                                                 : static_cast<std::uint64_t>(static_cast<std::int64_t>(number)));
        bytes.resize(type.size());
    }
    if (type.bigEndian) std::reverse(bytes.begin(), bytes.end());
    return bytes;
}

Result<std::size_t> checkZarrShape(std::vector<std::int64_t>& shape, std::vector<std::int64_t>& chunks, std::size_t size, const std::string& place) {
    if (shape.size() > kMaximumRank) return wrong(place, fmt::format("it has {} dimensions, not 0 to {}", shape.size(), kMaximumRank));
    if (chunks.size() != shape.size()) return wrong(place, fmt::format("its chunks have {} entries for {} dimensions", chunks.size(), shape.size()));
    if (shape.empty()) shape = chunks = {1};
    if (std::any_of(chunks.begin(), chunks.end(), [](std::int64_t extent) { return extent < 1; })) return wrong(place, "its chunks hold 0");
    if (!checkedBytes(shape, size)) return wrong(place, fmt::format("its shape {} is larger than any disk", fmt::join(shape, " x ")));
    const auto bytes = checkedBytes(chunks, size);
    if (!bytes || *bytes > kMaximumChunk)
        return fail(ErrorCode::Unsupported, fmt::format("{} has chunks of {}, more than 2 GiB each.", place, fmt::join(chunks, " x ")),
                    "Rewrite it with smaller chunks.");
    return static_cast<std::size_t>(*bytes);
}

std::string ZarrMetadata::chunkKey(std::span<const std::int64_t> index) const {
    if (!scalarKey.empty()) return scalarKey;
    return fmt::format("{}{}", prefix, fmt::join(index, separator));
}

namespace {

/// All but type, fill value and codecs; array.type is known.
Result<void> parseLayoutV2(const json& zarray, ZarrMetadata& array, const std::string& place) {
    DS_ASSIGN(array.shape, extentsMember(zarray, "shape", place));
    DS_ASSIGN(array.chunks, extentsMember(zarray, "chunks", place));
    if (array.shape.empty()) array.scalarKey = "0";
    DS_ASSIGN(array.chunkBytes, checkZarrShape(array.shape, array.chunks, array.type.size(), place));
    const std::string order = textMember(zarray, "order", "C");
    if (order != "C" && order != "F") return wrong(place, fmt::format("'order' is '{}', not C or F", order));
    array.strides = stridesOf(array, order == "F");
    array.separator = textMember(zarray, "dimension_separator", ".");
    if (array.separator != "." && array.separator != "/") return wrong(place, fmt::format("'dimension_separator' is '{}'", array.separator));
    return {};
}

json orNull(const json* value) {
    return value ? *value : json();
}

}  // namespace

Result<ZarrMetadata> parseZarrV2(const json& zarray, const std::string& place) {
    if (numberMember(zarray, "zarr_format", 0) != 2) return wrong(place, "'zarr_format' is not 2");
    ZarrMetadata array;
    DS_ASSIGN(array.type, parseType(zarray, place));
    DS_TRY(parseLayoutV2(zarray, array, place));
    DS_ASSIGN(array.fill, zarrFillBytes(orNull(member(zarray, "fill_value")), array.type, place));
    DS_ASSIGN(array.pipeline, ZarrPipeline::fromV2(orNull(member(zarray, "compressor")), orNull(member(zarray, "filters")), array.type, place));
    return array;
}

Result<ZarrMetadata> parseZarrTextV2(const json& zarray, const json& filters, const std::string& place) {
    if (numberMember(zarray, "zarr_format", 0) != 2) return wrong(place, "'zarr_format' is not 2");
    ZarrMetadata array;
    array.type = {NumberKind::UInt8};
    DS_TRY(parseLayoutV2(zarray, array, place));
    DS_ASSIGN(array.pipeline, ZarrPipeline::fromV2(orNull(member(zarray, "compressor")), filters, std::nullopt, place));
    return array;
}

}  // namespace driftscope::io
