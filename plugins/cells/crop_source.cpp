#include "plugins/cells/crop_source.h"

#include <QMutexLocker>
#include <QRect>
#include <algorithm>
#include <cmath>

namespace driftscope::cells {
namespace {

constexpr int kSmallest = 24;
constexpr int kLargest = 256;
constexpr std::size_t kSampledFrames = 3;

/// Bounding boxes' longer sides of the objects in one mask.
std::vector<int> objectSizes(const io::LabelImage& mask) {
    struct Box {
        int left, top, right, bottom;
    };
    std::unordered_map<std::uint32_t, Box> boxes;
    for (int y = 0; y < mask.height; ++y)
        for (int x = 0; x < mask.width; ++x) {
            const std::uint32_t id = mask.at(y, x);
            if (id == 0) continue;
            Box& box = boxes.try_emplace(id, Box{x, y, x, y}).first->second;
            box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x), std::max(box.bottom, y)};
        }
    std::vector<int> sizes;
    for (const auto& [id, box] : boxes) sizes.push_back(std::max(box.right - box.left, box.bottom - box.top) + 1);
    return sizes;
}

}  // namespace

CropSource::CropSource(std::shared_ptr<const CellsData> data, std::shared_ptr<io::PlaneCache> cache) : data_(std::move(data)), cache_(std::move(cache)) {}

void CropSource::setStyle(const CropStyle& style) {
    const QMutexLocker lock(&mutex_);
    style_ = style;
}

CropStyle CropSource::style() const {
    const QMutexLocker lock(&mutex_);
    return style_;
}

QImage CropSource::crop(std::uint32_t row) const {
    const CropStyle style = this->style();
    const Detection& cell = data_->detection(row);
    const FieldOfView& field = data_->fields()[data_->fieldOf(row)];
    const std::int64_t slice = cell.z > 0 ? static_cast<std::int64_t>(cell.z) : field.images->info().depth() / 2;
    const int left = static_cast<int>(std::lround(cell.x)) - style.sizePx / 2;
    const int top = static_cast<int>(std::lround(cell.y)) - style.sizePx / 2;
    const QRect shown = QRect(left, top, style.sizePx, style.sizePx) & QRect(0, 0, field.images->info().width(), field.images->info().height());
    QImage out(style.sizePx, style.sizePx, QImage::Format_Grayscale8);
    out.fill(Qt::black);
    if (shown.isEmpty()) return out;
    const auto window = cache_->window(field.images, cell.t, style.channel, slice, {shown.y(), shown.x(), shown.height(), shown.width()});
    if (!window) return {};
    const double span = std::max(style.high - style.low, 1e-12);
    for (int y = 0; y < shown.height(); ++y) {
        std::uint8_t* line = out.scanLine(shown.y() - top + y) + (shown.x() - left);
        for (int x = 0; x < shown.width(); ++x) {
            const double value = (window->at(y, x) - style.low) / span;
            line[x] = value > 0 ? static_cast<std::uint8_t>(std::min(value, 1.0) * 255 + 0.5) : 0;  // NaN is not > 0
        }
    }
    return out;
}

int CropSource::suggestSize(const CellsData& data) {
    std::vector<int> sizes;
    for (const FieldOfView& field : data.fields()) {
        if (!field.masks) continue;
        const std::int64_t frames = std::min<std::int64_t>(field.masks->info().frames(), kSampledFrames);
        for (std::int64_t t = 0; t < frames; ++t)
            if (const auto mask = field.masks->labels(t, 0, 0)) std::ranges::copy(objectSizes(*mask), std::back_inserter(sizes));
        if (!sizes.empty()) break;
    }
    if (sizes.empty()) return kLargest / 4;
    const auto largest = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() * 9 / 10);
    std::ranges::nth_element(sizes, largest);
    return std::clamp(static_cast<int>(*largest * 1.8), kSmallest, kLargest);
}

}  // namespace driftscope::cells
