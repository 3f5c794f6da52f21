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

    Result<FloatImage> plane(std::int64_t t, std::int64_t c, std::int64_t z) const override { return read<FloatImage>(t, c, z, nullptr); }
    Result<LabelImage> labels(std::int64_t t, std::int64_t c, std::int64_t z) const override { return read<LabelImage>(t, c, z, nullptr); }
    Result<FloatImage> planeBy(ThreadTeam& team, std::int64_t t, std::int64_t c, std::int64_t z) const override { return read<FloatImage>(t, c, z, &team); }
    Result<LabelImage> labelsBy(ThreadTeam& team, std::int64_t t, std::int64_t c, std::int64_t z) const override { return read<LabelImage>(t, c, z, &team); }

    bool readsWindows() const override {
        const ZarrMetadata& array = array_.metadata();
        const auto y = static_cast<std::size_t>(image_.axes[3]), x = static_cast<std::size_t>(image_.axes[4]);
        return array.pipeline.decodesParts() || 4 * array.chunks[y] * array.chunks[x] <= array.shape[y] * array.shape[x];
    }

    Result<std::vector<std::vector<FloatImage>>> crops(std::span<const CropRequest> requests, ThreadTeam* team) const override {
        std::vector<std::vector<FloatImage>> result;
        std::vector<ZarrBox<float>> boxes;
        for (const CropRequest& crop : requests) {
            DS_TRY(check({crop.t, crop.c, crop.zBegin, crop.region.y, crop.region.x}, {1, 1, crop.zEnd - crop.zBegin, crop.region.height, crop.region.width}));
            std::vector<FloatImage>& stack = result.emplace_back();
            for (std::int64_t z = crop.zBegin; z < crop.zEnd; ++z) stack.emplace_back(crop.region.width, crop.region.height);
            // One box per plane: whatever the order of the axes in the file, a plane's values come row by row.
            for (std::int64_t z = crop.zBegin; z < crop.zEnd; ++z)
                boxes.push_back(box<float>({crop.t, crop.c, z, crop.region.y, crop.region.x}, {1, 1, 1, crop.region.height, crop.region.width},
                                           stack[static_cast<std::size_t>(z - crop.zBegin)].pixels));
        }
        DS_TRY(array_.read(boxes, team));
        return result;
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
    ZarrBox<T> box(const std::array<std::int64_t, 5>& begin, const std::array<std::int64_t, 5>& extent, std::span<T> out) const {
        const std::size_t rank = array_.metadata().shape.size();
        ZarrBox<T> result{std::vector<std::int64_t>(rank, 0), std::vector<std::int64_t>(rank, 1), out};
        for (std::size_t axis = 0; axis < 5; ++axis) {
            if (image_.axes[axis] < 0) continue;
            result.begin[static_cast<std::size_t>(image_.axes[axis])] = begin[axis];
            result.extent[static_cast<std::size_t>(image_.axes[axis])] = extent[axis];
        }
        return result;
    }

    template <class Picture>
    Result<Picture> read(std::int64_t t, std::int64_t c, std::int64_t z, ThreadTeam* team) const {
        const std::array<std::int64_t, 5> begin{t, c, z, 0, 0};
        const std::array<std::int64_t, 5> extent{1, 1, 1, image_.info.shape[3], image_.info.shape[4]};
        DS_TRY(check(begin, extent));
        Picture image(image_.info.width(), image_.info.height());
        const auto where = box(begin, extent, std::span(image.pixels));
        DS_TRY(array_.read(where.begin, where.extent, where.out, team));
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
    fs::path arrayFolder = folder;
    if (!isZarrArray(folder)) {
        DS_ASSIGN(arrayFolder, insideOf(folder, omeArrayPath(attributes), folder.string()));
    }
    DS_ASSIGN(ZarrArray array, ZarrArray::open(arrayFolder));
    DS_ASSIGN(OmeImage image, describeOmeImage(attributes, array.metadata(), folder.string()));
    image.info.name = name.empty() ? plainName(root) : name;
    return std::make_shared<const OmeTimeLapse>(folder, std::move(array), std::move(image));
}

}  // namespace driftscope::io
