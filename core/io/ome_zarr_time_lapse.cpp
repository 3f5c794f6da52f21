#include "core/io/json_access.h"
#include "core/io/ome_zarr.h"
#include "core/io/zarr_array.h"

namespace driftscope::io {
namespace {

namespace fs = std::filesystem;

class OmeTimeLapse final : public TimeLapse {
  public:
    OmeTimeLapse(fs::path path, ZarrArray array, OmeImage image) : path_(std::move(path)), array_(std::move(array)), image_(std::move(image)) {}

    const TimeLapseInfo& info() const override { return image_.info; }
    const fs::path& path() const override { return path_; }

    Result<FloatImage> plane(std::int64_t t, std::int64_t c, std::int64_t z) const override { return read<FloatImage>(t, c, z); }
    Result<LabelImage> labels(std::int64_t t, std::int64_t c, std::int64_t z) const override { return read<LabelImage>(t, c, z); }

    Result<std::vector<FloatImage>> stack(std::int64_t t, std::int64_t c, std::int64_t zBegin, std::int64_t zEnd, const Region& region) const override {
        const std::array<std::int64_t, 5> begin{t, c, zBegin, region.y, region.x};
        const std::array<std::int64_t, 5> extent{1, 1, zEnd - zBegin, region.height, region.width};
        DS_TRY(check(begin, extent));
        const std::size_t pixels = static_cast<std::size_t>(region.height) * static_cast<std::size_t>(region.width);
        std::vector<float> values(pixels * static_cast<std::size_t>(zEnd - zBegin));
        // Axes may be stored in any order as long as y comes before x: with one time and channel, z is then outermost,
        // except when it lies between or after y and x.
        if (image_.axes[2] > image_.axes[3]) return TimeLapse::stack(t, c, zBegin, zEnd, region);
        DS_TRY(readBox(begin, extent, std::span<float>(values)));
        std::vector<FloatImage> images;
        for (auto from = values.begin(); from != values.end(); from += static_cast<std::ptrdiff_t>(pixels)) {
            FloatImage& image = images.emplace_back();
            image.width = region.width;
            image.height = region.height;
            image.pixels.assign(from, from + static_cast<std::ptrdiff_t>(pixels));
        }
        return images;
    }

  private:
    Result<void> check(const std::array<std::int64_t, 5>& begin, const std::array<std::int64_t, 5>& extent) const {
        constexpr const char* kNames[] = {"frame", "channel", "plane", "row", "column"};
        for (std::size_t axis = 0; axis < 5; ++axis) {
            const std::int64_t size = image_.info.shape[axis];
            if (begin[axis] >= 0 && extent[axis] >= 1 && begin[axis] < size && extent[axis] <= size - begin[axis]) continue;
            return fail(ErrorCode::BadInput,
                        fmt::format("{} has {} {}s; {} {} was asked for.", path_.string(), size, kNames[axis], kNames[axis], begin[axis] + extent[axis] - 1),
                        "Choose one from 0.");
        }
        return {};
    }

    template <class T>
    Result<void> readBox(const std::array<std::int64_t, 5>& begin, const std::array<std::int64_t, 5>& extent, std::span<T> out) const {
        const std::size_t rank = array_.metadata().shape.size();
        std::vector<std::int64_t> from(rank, 0);
        std::vector<std::int64_t> count(rank, 1);
        for (std::size_t axis = 0; axis < 5; ++axis) {
            if (image_.axes[axis] < 0) continue;
            from[static_cast<std::size_t>(image_.axes[axis])] = begin[axis];
            count[static_cast<std::size_t>(image_.axes[axis])] = extent[axis];
        }
        return array_.read(from, count, out);
    }

    template <class Picture>
    Result<Picture> read(std::int64_t t, std::int64_t c, std::int64_t z) const {
        const std::array<std::int64_t, 5> begin{t, c, z, 0, 0};
        const std::array<std::int64_t, 5> extent{1, 1, 1, image_.info.shape[3], image_.info.shape[4]};
        DS_TRY(check(begin, extent));
        Picture image(image_.info.width(), image_.info.height());
        DS_TRY(readBox(begin, extent, std::span(image.pixels)));
        return image;
    }

    fs::path path_;
    ZarrArray array_;
    OmeImage image_;
};

/// "plate.ome.zarr" -> "plate".
std::string plainName(const fs::path& folder) {
    std::string name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
    for (const std::string_view ending : {".zarr", ".ome"})
        if (name.size() > ending.size() && name.ends_with(ending)) name.resize(name.size() - ending.size());
    return name;
}

}  // namespace

Result<std::shared_ptr<const TimeLapse>> openOmeImage(const fs::path& root, const std::string& name) {
    fs::path folder = root;
    if (!name.empty()) {
        DS_ASSIGN(folder, insideOf(root, name, root.string()));
    }
    DS_ASSIGN(const nlohmann::json attributes, zarrAttributes(folder));
    std::error_code code;
    fs::path arrayFolder = folder;
    if (!fs::exists(folder / ".zarray", code)) {
        DS_ASSIGN(arrayFolder, insideOf(folder, omeArrayPath(attributes), folder.string()));
    }
    DS_ASSIGN(ZarrArray array, ZarrArray::open(arrayFolder));
    DS_ASSIGN(OmeImage image, describeOmeImage(attributes, array.metadata(), folder.string()));
    image.info.name = name.empty() ? plainName(root) : name;
    return std::make_shared<const OmeTimeLapse>(folder, std::move(array), std::move(image));
}

}  // namespace driftscope::io
