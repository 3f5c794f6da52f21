#include "core/io/tiff_time_lapse.h"

#include <algorithm>
#include <cctype>

#include "core/io/natural_order.h"
#include "core/io/tiff_file.h"
#include "core/io/tiff_metadata.h"

namespace driftscope::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHandlesOfStack = 8;

/// Page of (t, c, z) within a file, for axes in the order of `meaning`.
std::size_t pageOf(const TiffMeaning& meaning, std::int64_t t, std::int64_t c, std::int64_t z) {
    std::int64_t page = 0;
    for (std::size_t i = meaning.order.size(); i-- > 0;) {
        const std::size_t axis = std::string_view("TCZ").find(meaning.order[i]);
        const std::int64_t index = axis == 0 ? t : axis == 1 ? c : z;
        page = page * meaning.extent[axis] + index;
    }
    return static_cast<std::size_t>(page);
}

std::string nameOf(const fs::path& path) {
    if (isTiffName(path)) return path.stem().string();
    return (path.has_filename() ? path : path.parent_path()).filename().string();
}

class TiffTimeLapse final : public TimeLapse {
  public:
    TiffTimeLapse(fs::path path, std::vector<TiffFile> files, TiffMeaning meaning)
        : path_(std::move(path)), files_(std::move(files)), meaning_(std::move(meaning)) {
        const TiffLayout& layout = files_.front().layout();
        info_.name = nameOf(path_);
        info_.shape = {meaning_.extent[0] * static_cast<std::int64_t>(files_.size()), meaning_.extent[1] * layout.samples, meaning_.extent[2], layout.height, layout.width};
        info_.scale = meaning_.scale;
        info_.unit = meaning_.unit;
        info_.pixelType = layout.type.name();
        nameChannels(layout.samples);
    }

    const TimeLapseInfo& info() const override { return info_; }
    const fs::path& path() const override { return path_; }

    Result<FloatImage> plane(std::int64_t t, std::int64_t c, std::int64_t z) const override {
        Buffer pixels;
        DS_TRY(read(t, c, z, pixels));
        FloatImage image(info_.width(), info_.height());
        toFloats(pixels.bytes().data(), files_.front().layout().type, image.pixels);
        return image;
    }

    Result<LabelImage> labels(std::int64_t t, std::int64_t c, std::int64_t z) const override {
        Buffer pixels;
        DS_TRY(read(t, c, z, pixels));
        LabelImage image(info_.width(), info_.height());
        if (const auto bad = toLabels(pixels.bytes().data(), files_.front().layout().type, image.pixels))
            return fail(ErrorCode::BadInput,
                        fmt::format("{}, frame {}, row {}, column {}: the label is not a whole number from 0 to 4294967295.", path_.string(), t,
                                    *bad / static_cast<std::size_t>(info_.width()), *bad % static_cast<std::size_t>(info_.width())),
                        "Labels must be stored as non-negative integers.");
        return image;
    }

  private:
    void nameChannels(int samples) {
        constexpr std::uint32_t kColors[] = {0xFF0000, 0x00FF00, 0x0000FF};
        constexpr const char* kNames[] = {"red", "green", "blue"};
        for (std::int64_t c = 0; c < info_.shape[1]; ++c) {
            ChannelInfo channel;
            channel.name = fmt::format("channel {}", c);
            if (samples == 3 && meaning_.extent[1] == 1) {
                channel.name = kNames[c];
                channel.color = kColors[c];
            } else if (static_cast<std::size_t>(c) < meaning_.channels.size() && !meaning_.channels[static_cast<std::size_t>(c)].empty()) {
                channel.name = meaning_.channels[static_cast<std::size_t>(c)];
            }
            info_.channels.push_back(std::move(channel));
        }
    }

    Result<void> read(std::int64_t t, std::int64_t c, std::int64_t z, Buffer& pixels) const {
        if (t < 0 || c < 0 || z < 0 || t >= info_.shape[0] || c >= info_.shape[1] || z >= info_.shape[2])
            return fail(ErrorCode::BadInput, fmt::format("{} has {} frames, {} channels, {} planes; frame {}, channel {}, plane {} was asked for.", path_.string(),
                                                         info_.shape[0], info_.shape[1], info_.shape[2], t, c, z),
                        "Choose one from 0.");
        const int samples = files_.front().layout().samples;
        const TiffFile& file = files_[static_cast<std::size_t>(t / meaning_.extent[0])];
        return file.read(pageOf(meaning_, t % meaning_.extent[0], c / samples, z), static_cast<int>(c % samples), pixels);
    }

    fs::path path_;
    std::vector<TiffFile> files_;
    TiffMeaning meaning_;
    TimeLapseInfo info_;
};

Result<std::shared_ptr<const TimeLapse>> openStack(const fs::path& path, std::vector<std::string>& warnings) {
    DS_ASSIGN(TiffFile file, TiffFile::open(path, kHandlesOfStack));
    TiffMeaning meaning = interpretTiff(file.description(), file.pages(), file.pixelsPerUnit());
    if (meaning.extent[0] == 0) {
        meaning.extent[0] = static_cast<std::int64_t>(file.pages());
        if (file.description().find("images=") != std::string::npos || file.description().find("<Pixels") != std::string::npos)
            warnings.push_back(fmt::format("{}: its description does not fit its {} pages; each page is read as a frame.", path.string(), file.pages()));
    }
    if (meaning.slicesAsFrames) warnings.push_back(fmt::format("{}: its {} z-slices are read as frames, since it has no frames.", path.string(), meaning.extent[0]));
    std::vector<TiffFile> files;
    files.push_back(std::move(file));
    return std::make_shared<const TiffTimeLapse>(path, std::move(files), std::move(meaning));
}

Result<std::shared_ptr<const TimeLapse>> openFrames(const fs::path& folder, std::vector<std::string>& warnings) {
    std::size_t others = 0;
    const std::vector<fs::path> paths = tiffFrames(folder, others);
    if (others > 0) warnings.push_back(fmt::format("{}: {} files that are not TIFF were left out.", folder.string(), others));
    std::vector<TiffFile> files;
    for (const fs::path& path : paths) {
        DS_ASSIGN(TiffFile file, TiffFile::open(path, 0));
        if (!files.empty() && (file.layout() != files.front().layout() || file.pages() != files.front().pages()))
            return fail(ErrorCode::BadInput,
                        fmt::format("{} is {} with {} page(s), but {} is {} with {}.", path.string(), file.layout().text(), file.pages(), paths.front().filename().string(),
                                    files.front().layout().text(), files.front().pages()),
                        "All frames of a movie must have one size and type: move other images elsewhere.");
        files.push_back(std::move(file));
    }
    TiffMeaning meaning = interpretTiff(files.front().description(), files.front().pages(), files.front().pixelsPerUnit());
    if (meaning.slicesAsFrames) std::swap(meaning.extent[0], meaning.extent[2]);
    // Pages of one frame that no description explains can only be a z-stack.
    if (meaning.extent[0] != 1) meaning.extent = {1, 1, static_cast<std::int64_t>(files.front().pages())};
    return std::make_shared<const TiffTimeLapse>(folder, std::move(files), std::move(meaning));
}

}  // namespace

bool isTiffName(const fs::path& file) {
    std::string ending = file.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return ending == ".tif" || ending == ".tiff";
}

std::vector<fs::path> tiffFrames(const fs::path& folder, std::size_t& others) {
    std::vector<fs::path> frames;
    others = 0;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        if (!entry.is_regular_file(code) || entry.path().filename().string().starts_with('.')) continue;
        if (isTiffName(entry.path()))
            frames.push_back(entry.path());
        else
            ++others;
    }
    std::sort(frames.begin(), frames.end(), [](const fs::path& a, const fs::path& b) { return naturallyBefore(a.filename().string(), b.filename().string()); });
    return frames;
}

Result<std::shared_ptr<const TimeLapse>> openTiff(const fs::path& path, std::vector<std::string>& warnings) {
    std::error_code code;
    return fs::is_directory(path, code) ? openFrames(path, warnings) : openStack(path, warnings);
}

}  // namespace driftscope::io
