#include "core/io/zarr_metadata.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

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

Result<std::vector<std::byte>> fillBytes(const json& value, NumberType type, const std::string& place) {
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

Result<NumberType> parseType(const json& zarray, const std::string& place) {
    const std::string text = textMember(zarray, "dtype");
    if (const auto type = numberTypeFromNumpy(text)) return *type;
    const json* dtype = member(zarray, "dtype");
    return fail(ErrorCode::Unsupported, fmt::format("{} holds '{}', not plain numbers.", place, dtype ? dtype->dump() : "no dtype"),
                "Images and labels must be stored as integers or floats.");
}

Result<void> checkShapes(const ZarrMetadata& array, const std::string& place) {
    if (array.shape.empty() || array.shape.size() > kMaximumRank)
        return wrong(place, fmt::format("it has {} dimensions, not 1 to {}", array.shape.size(), kMaximumRank));
    if (array.chunks.size() != array.shape.size())
        return wrong(place, fmt::format("'chunks' has {} entries for {} dimensions", array.chunks.size(), array.shape.size()));
    if (std::any_of(array.chunks.begin(), array.chunks.end(), [](std::int64_t extent) { return extent < 1; }))
        return wrong(place, "'chunks' holds 0");
    if (!checkedBytes(array.shape, array.type.size()))
        return wrong(place, fmt::format("its shape {} is larger than any disk", fmt::join(array.shape, " x ")));
    const auto bytes = checkedBytes(array.chunks, array.type.size());
    if (!bytes || *bytes > kMaximumChunk)
        return fail(ErrorCode::Unsupported, fmt::format("{} has chunks of {}, more than 2 GiB each.", place, fmt::join(array.chunks, " x ")),
                    "Rewrite it with smaller chunks.");
    return {};
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

std::string ZarrMetadata::chunkKey(std::span<const std::int64_t> index) const {
    return fmt::format("{}", fmt::join(index, separator));
}

Result<ZarrMetadata> parseZarrV2(const json& zarray, const std::string& place) {
    if (numberMember(zarray, "zarr_format", 0) != 2) return wrong(place, "'zarr_format' is not 2");
    ZarrMetadata array;
    DS_ASSIGN(array.shape, extentsMember(zarray, "shape", place));
    DS_ASSIGN(array.chunks, extentsMember(zarray, "chunks", place));
    DS_ASSIGN(array.type, parseType(zarray, place));
    DS_TRY(checkShapes(array, place));
    array.chunkBytes = static_cast<std::size_t>(*checkedBytes(array.chunks, array.type.size()));
    const std::string order = textMember(zarray, "order", "C");
    if (order != "C" && order != "F") return wrong(place, fmt::format("'order' is '{}', not C or F", order));
    array.strides = stridesOf(array, order == "F");
    array.separator = textMember(zarray, "dimension_separator", ".");
    if (array.separator != "." && array.separator != "/") return wrong(place, fmt::format("'dimension_separator' is '{}'", array.separator));
    const json* fill = member(zarray, "fill_value");
    DS_ASSIGN(array.fill, fillBytes(fill ? *fill : json(), array.type, place));
    const json* compressor = member(zarray, "compressor");
    const json* filters = member(zarray, "filters");
    DS_ASSIGN(array.pipeline, ZarrPipeline::fromV2(compressor ? *compressor : json(), filters ? *filters : json(), array.type, place));
    return array;
}

}  // namespace driftscope::io
