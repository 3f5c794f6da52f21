#include "core/io/plate_writer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "core/io/plate_metadata.h"
#include "core/io/zarr_volume_writer.h"

namespace driftscope::io {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLevels = 16;

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

/// Calls function with a value of the type on disk.
template <class Function>
auto withType(NumberKind kind, Function&& function) {
    if (kind == NumberKind::UInt8) return function(std::uint8_t{});
    if (kind == NumberKind::UInt16) return function(std::uint16_t{});
    if (kind == NumberKind::UInt32) return function(std::uint32_t{});
    return function(float{});
}

/// Halves height and width of every plane: means of 2 x 2 pixels (fewer at odd edges), or of labels the upper left one.
template <class T>
std::vector<std::byte> halved(std::span<const std::byte> volume, const std::array<std::int64_t, 5>& shape, bool labels) {
    const auto* from = reinterpret_cast<const T*>(volume.data());
    const auto height = static_cast<std::size_t>(shape[3]), width = static_cast<std::size_t>(shape[4]);
    const std::size_t rows = (height + 1) / 2, columns = (width + 1) / 2;
    std::vector<std::byte> out(static_cast<std::size_t>(shape[2]) * rows * columns * sizeof(T));
    auto* to = reinterpret_cast<T*>(out.data());
    for (std::size_t z = 0; z < static_cast<std::size_t>(shape[2]); ++z, from += height * width)
        for (std::size_t y = 0; y < height; y += 2)
            for (std::size_t x = 0; x < width; x += 2) {
                double sum = 0;
                int count = 0;
                for (std::size_t row = y; row < std::min(y + 2, height); ++row)
                    for (std::size_t column = x; column < std::min(x + 2, width); ++column, ++count) sum += from[row * width + column];
                *to++ = labels ? from[y * width + x] : std::is_floating_point_v<T> ? static_cast<T>(sum / count) : static_cast<T>(std::nearbyint(sum / count));
            }
    return out;
}

/// One z-stack is kept in memory until all of its planes came or another one begins, because its planes share chunks.
class OmePlateWriter final : public PlateWriter {
  public:
    OmePlateWriter(fs::path folder, std::vector<ZarrVolumeWriter> levels)
        : folder_(std::move(folder)), levels_(std::move(levels)), shape_(levels_.front().shape()), type_(levels_.front().type()),
          planeBytes_(levels_.front().volumeBytes() / static_cast<std::size_t>(shape_[2])) {}
    ~OmePlateWriter() override { flush(); }

    Result<void> writePlane(std::int64_t t, std::int64_t c, std::int64_t z, const FloatImage& image) override { return write(t, c, z, image, false); }
    Result<void> writeLabels(std::int64_t t, std::int64_t c, std::int64_t z, const LabelImage& image) override { return write(t, c, z, image, true); }
    fs::path folder() const override { return folder_; }

    Result<void> flush() override {
        if (!pending_) return {};
        const auto volume = *std::exchange(pending_, std::nullopt);
        DS_TRY(levels_.front().write(volume.t, volume.c, volume_));
        std::vector<std::byte> finer = volume_;
        for (std::size_t level = 1; level < levels_.size(); ++level) {
            finer = withType(type_.kind, [&](auto number) { return halved<decltype(number)>(finer, levels_[level - 1].shape(), volume.labels); });
            DS_TRY(levels_[level].write(volume.t, volume.c, finer));
        }
        return {};
    }

  private:
    struct Volume {
        std::int64_t t = 0;
        std::int64_t c = 0;
        std::vector<bool> written;  ///< by plane
        std::int64_t missing = 0;
        bool labels = false;
    };

    template <class Picture>
    Result<void> write(std::int64_t t, std::int64_t c, std::int64_t z, const Picture& image, bool labels) {
        DS_TRY(check(t, c, z, image.width, image.height));
        if (pending_ && (pending_->t != t || pending_->c != c)) DS_TRY(flush());
        if (!pending_) DS_TRY(begin(t, c));
        pending_->labels = labels;
        const auto plane = static_cast<std::size_t>(z);
        std::byte* target = volume_.data() + plane * planeBytes_;
        if (const auto bad = withType(type_.kind, [&](auto number) { return store<decltype(number)>(image.pixels, target); }))
            return fail(ErrorCode::BadInput, fmt::format("{}, frame {}, channel {}, plane {}: the value {} in row {}, column {} does not fit {}.", folder_.string(), t, c, z,
                                                         image.pixels[*bad], *bad / static_cast<std::size_t>(image.width), *bad % static_cast<std::size_t>(image.width),
                                                         type_.name()),
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
        volume_.assign(levels_.front().volumeBytes(), std::byte{0});
        pending_ = Volume{t, c, std::vector<bool>(static_cast<std::size_t>(shape_[2]), false), shape_[2]};
        return shape_[2] == 1 ? Result<void>{} : levels_.front().read(t, c, volume_);
    }

    fs::path folder_;
    std::vector<ZarrVolumeWriter> levels_;
    std::array<std::int64_t, 5> shape_;
    NumberType type_;
    std::size_t planeBytes_;
    std::vector<std::byte> volume_;
    std::optional<Volume> pending_;
};

using MakeLevel = Result<ZarrVolumeWriter> (*)(const fs::path&, const std::array<std::int64_t, 5>&, NumberType, const PlateFormat&);

Result<std::unique_ptr<PlateWriter>> makeWriter(const fs::path& folder, const TimeLapseInfo& info, NumberType type, const PlateFormat& format, MakeLevel make) {
    std::vector<ZarrVolumeWriter> levels;
    std::array<std::int64_t, 5> shape = info.shape;
    for (int level = 0; level < format.levels; ++level) {
        DS_ASSIGN(ZarrVolumeWriter writer, make(folder / std::to_string(level), shape, type, format));
        levels.push_back(std::move(writer));
        for (const std::size_t axis : {3u, 4u}) shape[axis] = (shape[axis] + 1) / 2;
    }
    return std::make_unique<OmePlateWriter>(folder, std::move(levels));
}

Result<NumberType> checkType(const std::string& type, const PlateFormat& format) {
    const auto number = numberTypeFromName(type);
    if (!number || (type != "uint8" && type != "uint16" && type != "uint32" && type != "float32"))
        return fail(ErrorCode::Internal, fmt::format("Plates are written as uint8, uint16, uint32 or float32, not '{}'.", type));
    if (format.levels < 1 || format.levels > kMostLevels || (format.sharded && format.version == OmeVersion::V04))
        return fail(ErrorCode::Internal, fmt::format("A plate cannot have {} resolutions, or shards in version 0.4.", format.levels));
    return *number;
}

}  // namespace

Result<std::unique_ptr<PlateWriter>> PlateWriter::create(const fs::path& plate, const std::string& position, const TimeLapseInfo& info, const std::string& type,
                                                         const PlateFormat& format) {
    DS_ASSIGN(const PlatePosition parts, parsePosition(position));
    DS_ASSIGN(const NumberType number, checkType(type, format));
    if (static_cast<std::int64_t>(info.channels.size()) != info.shape[1])
        return fail(ErrorCode::Internal, fmt::format("{} channels are described for {} in {}.", info.channels.size(), info.shape[1], plate.string()));
    const fs::path folder = plate / parts.row / parts.column / parts.field;
    std::error_code code;
    if (fs::exists(folder, code))
        return fail(ErrorCode::BadInput, fmt::format("{} exists already.", folder.string()), "Choose another position or plate; nothing was changed.");
    DS_TRY(addToPlate(plate, parts, format.version));
    TimeLapseInfo described = info;
    described.name = position;
    described.pixelType = type;
    DS_TRY(writeImageAttributes(folder, described, format));
    return makeWriter(folder, info, number, format, ZarrVolumeWriter::create);
}

Result<std::unique_ptr<PlateWriter>> PlateWriter::open(const fs::path& plate, const std::string& position, const TimeLapseInfo& info, const std::string& type,
                                                       const PlateFormat& format) {
    DS_ASSIGN(const PlatePosition parts, parsePosition(position));
    DS_ASSIGN(const NumberType number, checkType(type, format));
    return makeWriter(plate / parts.row / parts.column / parts.field, info, number, format, ZarrVolumeWriter::open);
}

}  // namespace driftscope::io
