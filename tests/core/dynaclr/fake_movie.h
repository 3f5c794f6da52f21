#pragma once

#include <atomic>
#include <functional>

#include "core/cells/dynaclr/cell_dataset.h"

namespace driftscope::test {

/// A movie in memory whose pixels follow a function of (t, c, z, y, x); counts how often planes are read.
class FakeMovie : public io::TimeLapse {
  public:
    using Pixel = std::function<float(std::int64_t t, std::int64_t c, std::int64_t z, int y, int x)>;
    FakeMovie(std::array<std::int64_t, 5> shape, std::vector<std::string> channels, Pixel pixel, std::filesystem::path path = {})
        : pixel_(std::move(pixel)), path_(std::move(path)) {
        info_.name = "A/1/0";
        info_.shape = shape;
        for (std::string& name : channels) info_.channels.push_back({std::move(name)});
    }
    void setPixelSize(double micrometres) {
        info_.scale[3] = info_.scale[4] = micrometres;
        info_.unit[3] = info_.unit[4] = "micrometer";
    }
    const io::TimeLapseInfo& info() const override { return info_; }
    const std::filesystem::path& path() const override { return path_; }
    Result<io::FloatImage> plane(std::int64_t t, std::int64_t c, std::int64_t z) const override {
        ++reads;
        io::FloatImage image(info_.width(), info_.height());
        for (int y = 0; y < info_.height(); ++y)
            for (int x = 0; x < info_.width(); ++x) image.at(y, x) = pixel_(t, c, z, y, x);
        return image;
    }
    Result<io::LabelImage> labels(std::int64_t, std::int64_t, std::int64_t) const override { return io::LabelImage(info_.width(), info_.height()); }

    mutable std::atomic<int> reads{0};

  private:
    Pixel pixel_;
    std::filesystem::path path_;
    io::TimeLapseInfo info_;
};

/// One field with cells of single-frame tracks at the given (t, y, x).
inline cells::CellDataset oneField(std::shared_ptr<const io::TimeLapse> images, const std::vector<std::array<int, 3>>& places) {
    cells::CellDataset dataset;
    cells::CellField field{"A/1/0", std::move(images), {"A/1/0", {}, false, {}}, {}};
    for (const auto& [t, y, x] : places) {
        const auto index = static_cast<std::uint32_t>(field.tracks.detections.size());
        dataset.rows.push_back({0, index, t, 0, 0});
        field.tracks.detections.push_back({index + 1, t, 0, static_cast<double>(y), static_cast<double>(x), index + 1, -1, -1});
    }
    dataset.fields.push_back(std::move(field));
    (void)cells::numberFamilies(dataset);
    return dataset;
}

}  // namespace driftscope::test
