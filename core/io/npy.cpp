#include "core/io/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/atomic_file.h"
#include "core/io/checked_size.h"
#include "core/io/mapped_file.h"
#include "core/io/number_type.h"

namespace driftscope::io {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::size_t kMaximumHeader = 1u << 20;

struct Header {
    std::string descr;
    bool fortran = false;
    std::vector<std::int64_t> shape;
    std::size_t dataBegin = 0;
};

tl::unexpected<Error> damaged(const std::string& place, const std::string& what) {
    return fail(ErrorCode::BadInput, fmt::format("{} is not a valid .npy file: {}.", place, what), "Save it again with numpy.save.");
}

/// The text after `'key':` in the Python dictionary of a header, without leading blanks.
std::optional<std::string_view> valueOf(std::string_view dictionary, std::string_view key) {
    for (const char quote : {'\'', '"'}) {
        const std::string quoted = quote + std::string(key) + quote;
        std::size_t at = dictionary.find(quoted);
        if (at == std::string_view::npos) continue;
        at = dictionary.find_first_not_of(" \t", at + quoted.size());
        if (at == std::string_view::npos || dictionary[at] != ':') return std::nullopt;
        at = dictionary.find_first_not_of(" \t", at + 1);
        if (at == std::string_view::npos) return std::nullopt;
        return dictionary.substr(at);
    }
    return std::nullopt;
}

std::optional<std::vector<std::int64_t>> parseTuple(std::string_view text) {
    if (text.empty() || text.front() != '(') return std::nullopt;
    text.remove_prefix(1);
    std::vector<std::int64_t> shape;
    while (true) {
        text.remove_prefix(std::min(text.find_first_not_of(" ,"), text.size()));
        if (text.empty()) return std::nullopt;
        if (text.front() == ')') return shape;
        std::int64_t extent = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), extent);
        if (code != std::errc() || extent < 0 || shape.size() >= 32) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (!text.empty() && text.front() == 'L') text.remove_prefix(1);  // Python 2 wrote long integers so
        shape.push_back(extent);
    }
}

Result<Header> parseHeader(std::string_view content, const std::string& place) {
    if (content.size() < 10 || content.substr(0, 6) != kMagic) return damaged(place, "it does not begin with the mark of NumPy");
    const int version = content[6];
    if (version < 1 || version > 3) return damaged(place, fmt::format("version {} is unknown", version));
    std::uint32_t length = 0;
    const std::size_t width = version == 1 ? 2 : 4;
    if (content.size() < 8 + width) return damaged(place, "its header is cut off");
    std::memcpy(&length, content.data() + 8, width);
    Header header;
    header.dataBegin = 8 + width + length;
    if (length > kMaximumHeader || header.dataBegin > content.size()) return damaged(place, "its header is cut off");
    const std::string_view dictionary = content.substr(8 + width, length);
    const auto descr = valueOf(dictionary, "descr");
    const auto order = valueOf(dictionary, "fortran_order");
    const auto shape = valueOf(dictionary, "shape");
    if (!descr || !order || !shape) return damaged(place, "its header lacks descr, fortran_order or shape");
    if (descr->front() == '\'' || descr->front() == '"') header.descr = descr->substr(1, descr->substr(1).find(descr->front()));
    header.fortran = order->starts_with("True");
    const auto extents = parseTuple(*shape);
    if (!extents) return damaged(place, "its shape is not a tuple of sizes");
    header.shape = *extents;
    return header;
}

/// Reorders values from Fortran to C order.
template <class Number>
std::vector<Number> toCOrder(const std::vector<Number>& values, const std::vector<std::int64_t>& shape) {
    std::vector<Number> out(values.size());
    std::vector<std::int64_t> index(shape.size(), 0);
    for (Number& target : out) {
        std::size_t from = 0;
        for (std::size_t axis = shape.size(); axis-- > 0;) from = from * static_cast<std::size_t>(shape[axis]) + static_cast<std::size_t>(index[axis]);
        target = values[from];
        for (std::size_t axis = shape.size(); axis-- > 0;) {
            if (++index[axis] < shape[axis]) break;
            index[axis] = 0;
        }
    }
    return out;
}

/// Where the numbers of a file lie, after every check that needs no look at them.
struct Located {
    Header header;
    NumberType type;
    std::size_t count = 0;
    const std::byte* data = nullptr;
};

Result<Located> locate(std::span<const std::byte> bytes, const std::string& place) {
    const std::string_view content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    DS_ASSIGN(Header header, parseHeader(content, place));
    const auto type = numberTypeFromNumpy(header.descr);
    if (!type) {
        const bool object = header.descr.find('O') != std::string::npos;
        return fail(ErrorCode::Unsupported, fmt::format("{} holds '{}', not plain numbers.", place, header.descr.empty() ? "records" : header.descr),
                    object ? "Object arrays can run code when read and are refused; save numbers." : "Save it as float32.");
    }
    const auto wanted = checkedBytes(header.shape, type->size());
    const std::size_t available = content.size() - header.dataBegin;
    if (!wanted || *wanted != available)
        return damaged(place, fmt::format("its shape ({}) does not fit the {} bytes of data", fmt::join(header.shape, ", "), available));
    const std::size_t begin = header.dataBegin;
    return Located{std::move(header), *type, static_cast<std::size_t>(*wanted) / type->size(), bytes.data() + begin};
}

template <class Number>
std::string_view numpyNameOf() {
    if constexpr (std::is_same_v<Number, float>) return "<f4";
    else if constexpr (std::is_same_v<Number, double>) return "<f8";
    else if constexpr (std::is_same_v<Number, std::int32_t>) return "<i4";
    else if constexpr (std::is_same_v<Number, std::int64_t>) return "<i8";
    else return "<u4";
}

}  // namespace

Result<NpyArray> readNpy(const std::filesystem::path& path) {
    DS_ASSIGN(const MappedFile file, MappedFile::open(path));
    DS_ASSIGN(const Located found, locate(file.bytes(), path.string()));
    NpyArray array{found.header.shape, std::vector<float>(found.count)};
    toFloats(found.data, found.type, array.values);
    if (found.header.fortran) array.values = toCOrder(array.values, array.shape);
    return array;
}

Result<NpyNumbers> parseNpyNumbers(std::span<const std::byte> bytes, const std::string& place) {
    DS_ASSIGN(const Located found, locate(bytes, place));
    NpyNumbers array{found.header.shape, std::vector<double>(found.count), found.type};
    toDoubles(found.data, found.type, array.values);
    if (found.header.fortran) array.values = toCOrder(array.values, array.shape);
    return array;
}

Result<NpyNumbers> readNpyNumbers(const std::filesystem::path& path) {
    DS_ASSIGN(const MappedFile file, MappedFile::open(path));
    return parseNpyNumbers(file.bytes(), path.string());
}

template <class Number>
std::string encodeNpy(std::span<const std::int64_t> shape, std::span<const Number> values) {
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", numpyNameOf<Number>(), fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
    // NumPy pads with blanks so that data begin at a multiple of 64, and ends the header with a new line.
    header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10, ' ');
    header.back() = '\n';
    const auto length = static_cast<std::uint16_t>(header.size());
    std::string content(kMagic);
    content += std::string_view("\x01\x00", 2);
    content.append(reinterpret_cast<const char*>(&length), sizeof length);
    content += header;
    content.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    return content;
}

template std::string encodeNpy<float>(std::span<const std::int64_t>, std::span<const float>);
template std::string encodeNpy<double>(std::span<const std::int64_t>, std::span<const double>);
template std::string encodeNpy<std::int32_t>(std::span<const std::int64_t>, std::span<const std::int32_t>);
template std::string encodeNpy<std::int64_t>(std::span<const std::int64_t>, std::span<const std::int64_t>);
template std::string encodeNpy<std::uint32_t>(std::span<const std::int64_t>, std::span<const std::uint32_t>);

Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const float> values) {
    const auto bytes = checkedBytes(shape, sizeof(float));
    if (!bytes || *bytes != values.size_bytes())
        return fail(ErrorCode::Internal, fmt::format("The shape ({}) for {} does not fit {} values.", fmt::join(shape, ", "), path.string(), values.size()));
    return writeFileAtomically(path, encodeNpy(shape, values));
}

}  // namespace driftscope::io
