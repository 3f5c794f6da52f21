#include "core/io/zarr_write.h"

#include <algorithm>
#include <cstring>

#include "core/base/atomic_file.h"
#include "core/io/zarr_codecs.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kLargestChunk = 16u << 20;

Result<void> writeJson(const fs::path& path, const json& content) {
    return writeFileAtomically(path, content.dump(4, ' ', false, json::error_handler_t::replace));
}

Result<void> writeAttributes(const fs::path& folder, const json& attributes) {
    if (attributes.empty()) return {};
    return writeJson(folder / ".zattrs", attributes);
}

std::string_view asText(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

json compressor() {
    return {{"id", "blosc"}, {"cname", "zstd"}, {"clevel", 1}, {"shuffle", 2}, {"blocksize", 0}};
}

/// "0" or "3.0.0": the key of a chunk of whole rows.
std::string rowKey(std::size_t chunk, std::size_t rank) {
    std::string key = std::to_string(chunk);
    for (std::size_t axis = 1; axis < rank; ++axis) key += ".0";
    return key;
}

}  // namespace

Result<void> writeZarrGroup(const fs::path& folder, const json& attributes) {
    DS_TRY(makeFolder(folder));
    DS_TRY(writeJson(folder / ".zgroup", {{"zarr_format", 2}}));
    return writeAttributes(folder, attributes);
}

Result<void> writeZarrNumbers(const fs::path& folder, const std::vector<std::int64_t>& shape, NumberType type, std::span<const std::byte> values, const json& attributes) {
    DS_TRY(makeFolder(folder));
    const auto rows = static_cast<std::size_t>(shape.empty() ? 1 : shape.front());
    const std::size_t rowBytes = rows == 0 ? 0 : values.size() / rows;
    const std::size_t chunkRows = std::clamp<std::size_t>(rowBytes == 0 ? rows : kLargestChunk / rowBytes, 1, std::max<std::size_t>(rows, 1));
    std::vector<std::int64_t> chunks = shape;
    for (std::int64_t& extent : chunks) extent = std::max<std::int64_t>(extent, 1);
    if (!chunks.empty()) chunks.front() = static_cast<std::int64_t>(chunkRows);
    DS_TRY(writeJson(folder / ".zarray", {{"zarr_format", 2},
                                          {"shape", shape},
                                          {"chunks", chunks},
                                          {"dtype", numpyName(type)},
                                          {"compressor", compressor()},
                                          {"fill_value", type.kind == NumberKind::Bool ? json(false) : type.isInteger() ? json(0) : json(0.0)},
                                          {"order", "C"},
                                          {"filters", nullptr}}));
    DS_TRY(writeAttributes(folder, attributes));
    for (std::size_t first = 0; first < rows && rowBytes > 0; first += chunkRows) {
        std::vector<std::byte> chunk(chunkRows * rowBytes);  // the last one is filled up with zeros
        std::memcpy(chunk.data(), values.data() + first * rowBytes, std::min(chunkRows, rows - first) * rowBytes);
        DS_ASSIGN(const std::vector<std::byte> encoded, encodeBlosc(chunk, type.size()));
        DS_TRY(writeFileAtomically(folder / rowKey(first / chunkRows, shape.size()), asText(encoded)));
    }
    return {};
}

Result<void> writeZarrTexts(const fs::path& folder, const std::vector<std::int64_t>& shape, const std::vector<std::string>& values, const json& attributes) {
    DS_TRY(makeFolder(folder));
    std::vector<std::int64_t> chunks = shape;
    for (std::int64_t& extent : chunks) extent = std::max<std::int64_t>(extent, 1);
    DS_TRY(writeJson(folder / ".zarray", {{"zarr_format", 2},
                                          {"shape", shape},
                                          {"chunks", chunks},
                                          {"dtype", "|O"},
                                          {"compressor", compressor()},
                                          {"fill_value", ""},
                                          {"order", "C"},
                                          {"filters", {{{"id", "vlen-utf8"}}}}}));
    DS_TRY(writeAttributes(folder, attributes));
    if (values.empty()) return {};
    std::string bytes;
    const auto appendLength = [&](std::size_t length) {
        const auto number = static_cast<std::uint32_t>(length);
        bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
    };
    appendLength(values.size());
    for (const std::string& value : values) {
        appendLength(value.size());
        bytes += value;
    }
    DS_ASSIGN(const std::vector<std::byte> encoded, encodeBlosc(std::as_bytes(std::span(bytes)), 1));
    return writeFileAtomically(folder / rowKey(0, shape.size()), asText(encoded));
}

}  // namespace driftscope::io
