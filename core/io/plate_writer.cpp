#include "core/io/plate_writer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/atomic_file.h"
#include "core/io/checked_size.h"
#include "core/io/plate_metadata.h"
#include "core/io/zarr_array.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::int64_t kLargestTile = 512;
constexpr std::uint64_t kLargestChunk = 256u << 20;

template <class To, class From>
std::optional<To> stored(From value) {
    if constexpr (std::is_floating_point_v<To>) {
        return static_cast<To>(value);
    } else {
        const double rounded = std::nearbyint(static_cast<double>(value));
        if (!(rounded >= 0 && rounded <= static_cast<double>(std::numeric_limits<To>::max()))) return std::nullopt;
        return static_cast<To>(rounded);
    }
}

/// Converts pixels to the type on disk; the index of the first that does not fit, or nothing.
template <class To, class From>
std::optional<std::size_t> store(const std::vector<From>& pixels, std::byte* out) {
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const auto value = stored<To>(pixels[i]);
        if (!value) return i;
        std::memcpy(out + i * sizeof(To), &*value, sizeof(To));
    }
    return std::nullopt;
}

template <class From>
std::optional<std::size_t> storeAs(NumberKind kind, const std::vector<From>& pixels, std::byte* out) {
    if (kind == NumberKind::UInt16) return store<std::uint16_t>(pixels, out);
    if (kind == NumberKind::UInt32) return store<std::uint32_t>(pixels, out);
    return store<float>(pixels, out);
}

/// One z-volume is kept in memory until all of its planes came or another one begins, because its planes share chunks.
class OmePlateWriter final : public PlateWriter {
  public:
    OmePlateWriter(fs::path folder, const TimeLapseInfo& info, ZarrMetadata array)
        : folder_(std::move(folder)), shape_(info.shape), array_(std::move(array)), planeBytes_(static_cast<std::size_t>(shape_[3] * shape_[4]) * array_.type.size()) {}
    ~OmePlateWriter() override { flush(); }

    Result<void> writePlane(std::int64_t t, std::int64_t c, std::int64_t z, const FloatImage& image) override { return write(t, c, z, image); }
    Result<void> writeLabels(std::int64_t t, std::int64_t c, std::int64_t z, const LabelImage& image) override { return write(t, c, z, image); }
    fs::path folder() const override { return folder_; }

    Result<void> flush() override {
        if (!pending_) return {};
        const auto volume = *std::exchange(pending_, std::nullopt);
        for (std::int64_t y = 0; y < shape_[3]; y += array_.chunks[3])
            for (std::int64_t x = 0; x < shape_[4]; x += array_.chunks[4]) DS_TRY(writeColumn(volume, y, x));
        return {};
    }

  private:
    struct Volume {
        std::int64_t t = 0;
        std::int64_t c = 0;
        std::vector<bool> written;  ///< by plane
        std::int64_t missing = 0;
    };

    template <class Picture>
    Result<void> write(std::int64_t t, std::int64_t c, std::int64_t z, const Picture& image) {
        DS_TRY(check(t, c, z, image.width, image.height));
        if (pending_ && (pending_->t != t || pending_->c != c)) DS_TRY(flush());
        if (!pending_) DS_TRY(begin(t, c));
        const auto plane = static_cast<std::size_t>(z);
        if (const auto bad = storeAs(array_.type.kind, image.pixels, volume_.data() + plane * planeBytes_))
            return fail(ErrorCode::BadInput, fmt::format("{}, frame {}, channel {}, plane {}: the value {} in row {}, column {} does not fit {}.", folder_.string(), t, c, z,
                                                         image.pixels[*bad], *bad / static_cast<std::size_t>(image.width), *bad % static_cast<std::size_t>(image.width),
                                                         array_.type.name()),
                        "Write it as float32, or scale it.");
        if (!pending_->written[plane]) --pending_->missing;
        pending_->written[plane] = true;
        return pending_->missing == 0 ? flush() : Result<void>{};
    }

    Result<void> check(std::int64_t t, std::int64_t c, std::int64_t z, int width, int height) const {
        if (t >= 0 && c >= 0 && z >= 0 && t < shape_[0] && c < shape_[1] && z < shape_[2] && width == shape_[4] && height == shape_[3]) return {};
        return fail(ErrorCode::Internal, fmt::format("A plane {} x {} at t {}, c {}, z {} does not belong to {} of {}.", height, width, t, c, z, folder_.string(), fmt::join(shape_, " x ")));
    }

    /// Starts a volume with what is on disk already, so that planes may come in any order.
    Result<void> begin(std::int64_t t, std::int64_t c) {
        volume_.assign(planeBytes_ * static_cast<std::size_t>(shape_[2]), std::byte{0});
        pending_ = Volume{t, c, std::vector<bool>(static_cast<std::size_t>(shape_[2]), false), shape_[2]};
        if (shape_[2] == 1) return {};
        const ZarrArray array(std::make_shared<const ZarrFolder>(folder_ / "0"), array_);
        const std::size_t pixels = static_cast<std::size_t>(shape_[3] * shape_[4]);
        for (std::int64_t z = 0; z < shape_[2]; ++z) {
            std::byte* plane = volume_.data() + static_cast<std::size_t>(z) * planeBytes_;
            const std::array<std::int64_t, 5> from{t, c, z, 0, 0};
            const std::array<std::int64_t, 5> extent{1, 1, 1, shape_[3], shape_[4]};
            if (array_.type.kind == NumberKind::Float32) {
                std::vector<float> values(pixels);
                DS_TRY(array.read(from, extent, std::span(values)));
                storeAs(array_.type.kind, values, plane);
            } else {
                std::vector<std::uint32_t> values(pixels);
                DS_TRY(array.read(from, extent, std::span(values)));
                storeAs(array_.type.kind, values, plane);
            }
        }
        return {};
    }

    /// Writes the chunks of all planes at one place; edge chunks are filled up with zeros.
    Result<void> writeColumn(const Volume& volume, std::int64_t y, std::int64_t x) {
        const std::size_t size = array_.type.size();
        const auto rows = static_cast<std::size_t>(std::min(array_.chunks[3], shape_[3] - y));
        const auto rowBytes = static_cast<std::size_t>(std::min(array_.chunks[4], shape_[4] - x)) * size;
        for (std::int64_t z = 0; z < shape_[2]; z += array_.chunks[2]) {
            std::vector<std::byte> chunk(array_.chunkBytes);
            const std::int64_t planes = std::min(array_.chunks[2], shape_[2] - z);
            for (std::int64_t plane = 0; plane < planes; ++plane)
                for (std::size_t row = 0; row < rows; ++row) {
                    const auto pixel = (static_cast<std::size_t>(y) + row) * static_cast<std::size_t>(shape_[4]) + static_cast<std::size_t>(x);
                    std::memcpy(chunk.data() + static_cast<std::size_t>(plane) * array_.strides[2] + row * array_.strides[3],
                                volume_.data() + static_cast<std::size_t>(z + plane) * planeBytes_ + pixel * size, rowBytes);
                }
            const std::array<std::int64_t, 5> index{volume.t, volume.c, z / array_.chunks[2], y / array_.chunks[3], x / array_.chunks[4]};
            DS_TRY(writeChunk(array_.chunkKey(index), chunk));
        }
        return {};
    }

    Result<void> writeChunk(const std::string& key, const std::vector<std::byte>& numbers) {
        DS_ASSIGN(const std::vector<std::byte> encoded, encodeBlosc(numbers, array_.type.size()));
        const fs::path path = folder_ / "0" / key;
        DS_TRY(makeFolder(path.parent_path()));
        // Flushing every chunk to disk would take longer than making it; renaming still keeps readers from seeing half a chunk.
        const fs::path temporary = temporaryBeside(path);
        std::ofstream out(temporary, std::ios::binary);
        out.write(reinterpret_cast<const char*>(encoded.data()), static_cast<std::streamsize>(encoded.size()));
        out.close();
        std::error_code code;
        if (out) fs::rename(temporary, path, code);
        if (out && !code) return {};
        fs::remove(temporary, code);
        return fail(ErrorCode::Io, fmt::format("Cannot write {}.", path.string()), "Check free space and permissions.");
    }

    fs::path folder_;
    std::array<std::int64_t, 5> shape_;
    ZarrMetadata array_;
    std::size_t planeBytes_;
    std::vector<std::byte> volume_;
    std::optional<Volume> pending_;
};

/// One z-volume per chunk, cut to tiles of at most 512 x 512 and to slabs when it would be huge.
json arrayMetadata(const std::array<std::int64_t, 5>& shape, NumberType type) {
    std::array<std::int64_t, 5> chunks{1, 1, shape[2], std::min(shape[3], kLargestTile), std::min(shape[4], kLargestTile)};
    while (chunks[2] > 1 && *checkedBytes(chunks, type.size()) > kLargestChunk) chunks[2] = (chunks[2] + 1) / 2;
    return {{"zarr_format", 2},
            {"shape", shape},
            {"chunks", chunks},
            {"dtype", numpyName(type)},
            {"compressor", {{"id", "blosc"}, {"cname", "zstd"}, {"clevel", 1}, {"shuffle", 2}, {"blocksize", 0}}},
            {"fill_value", 0},
            {"order", "C"},
            {"filters", nullptr},
            {"dimension_separator", "/"}};
}

}  // namespace

Result<std::unique_ptr<PlateWriter>> PlateWriter::create(const fs::path& plate, const std::string& position, const TimeLapseInfo& info, const std::string& type) {
    DS_ASSIGN(const PlatePosition parts, parsePosition(position));
    const auto number = numberTypeFromName(type);
    if (!number || (type != "uint16" && type != "uint32" && type != "float32"))
        return fail(ErrorCode::Internal, fmt::format("Plates are written as uint16, uint32 or float32, not '{}'.", type));
    if (static_cast<std::int64_t>(info.channels.size()) != info.shape[1])
        return fail(ErrorCode::Internal, fmt::format("{} channels are described for {} in {}.", info.channels.size(), info.shape[1], plate.string()));
    const fs::path folder = plate / parts.row / parts.column / parts.field;
    std::error_code code;
    if (fs::exists(folder, code))
        return fail(ErrorCode::BadInput, fmt::format("{} exists already.", folder.string()), "Choose another position or plate; nothing was changed.");
    const json zarray = arrayMetadata(info.shape, *number);
    DS_ASSIGN(ZarrMetadata array, parseZarrV2(zarray, (folder / "0").string()));
    DS_TRY(addToPlate(plate, parts));
    TimeLapseInfo described = info;
    described.name = position;
    described.pixelType = type;
    DS_TRY(writeImageAttributes(folder, described));
    DS_TRY(makeFolder(folder / "0"));
    DS_TRY(writeFileAtomically(folder / "0" / ".zarray", zarray.dump(4)));
    return std::make_unique<OmePlateWriter>(folder, info, std::move(array));
}

Result<std::unique_ptr<PlateWriter>> PlateWriter::open(const fs::path& plate, const std::string& position, const TimeLapseInfo& info, const std::string& type) {
    DS_ASSIGN(const PlatePosition parts, parsePosition(position));
    const auto number = numberTypeFromName(type);
    if (!number) return fail(ErrorCode::Internal, fmt::format("Plates are written as uint16, uint32 or float32, not '{}'.", type));
    const fs::path folder = plate / parts.row / parts.column / parts.field;
    DS_ASSIGN(const std::string text, readFile(folder / "0" / ".zarray"));
    const json wanted = arrayMetadata(info.shape, *number);
    const json found = json::parse(text, nullptr, false);
    if (found != wanted) {
        const auto field = [&](const char* name) { return found.is_object() && found.contains(name) ? found[name].dump() : std::string("?"); };
        return fail(ErrorCode::BadInput, fmt::format("{} holds {} {}, not {} {} as this run would write it.", folder.string(), field("dtype"), field("shape"),
                                                     wanted["dtype"].dump(), wanted["shape"].dump()),
                    "Choose another folder for this run; nothing was changed.");
    }
    DS_ASSIGN(ZarrMetadata array, parseZarrV2(wanted, (folder / "0").string()));
    return std::make_unique<OmePlateWriter>(folder, info, std::move(array));
}

}  // namespace driftscope::io
