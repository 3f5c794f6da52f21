#include "core/cells/exchange/masks.h"

#include <algorithm>
#include <cmath>

#include "core/cells/movie.h"
#include "core/io/time_lapse.h"

namespace driftscope::cells {
namespace {

/// The larger label of all slices of a file.
Result<io::LabelImage> flattened(const io::TimeLapse& lapse, std::int64_t t, bool pagesAreSlices) {
    const auto& shape = lapse.info().shape;
    io::LabelImage all(lapse.info().width(), lapse.info().height());
    for (std::int64_t frame = pagesAreSlices ? 0 : t; frame < (pagesAreSlices ? shape[0] : t + 1); ++frame)
        for (std::int64_t c = 0; c < (pagesAreSlices ? shape[1] : 1); ++c)
            for (std::int64_t z = 0; z < shape[2]; ++z) {
                DS_ASSIGN(const io::LabelImage slice, lapse.labels(frame, c, z));
                std::ranges::transform(all.pixels, slice.pixels, all.pixels.begin(), [](std::uint32_t a, std::uint32_t b) { return std::max(a, b); });
            }
    return all;
}

/// Pixels whose centre lies inside the contour (even-odd), row by row.
void fill(const Contour& contour, std::uint32_t label, io::LabelImage& image, bool& any) {
    double top = HUGE_VAL, bottom = -HUGE_VAL;
    for (const auto& [x, y] : contour) top = std::min(top, y), bottom = std::max(bottom, y);
    const int first = static_cast<int>(std::clamp(std::ceil(top), 0.0, static_cast<double>(image.height)));
    const int last = static_cast<int>(std::clamp(std::floor(bottom), -1.0, image.height - 1.0));
    std::vector<double> crossings;
    for (int row = first; row <= last; ++row) {
        crossings.clear();
        for (std::size_t i = 0; i < contour.size(); ++i) {
            const auto& [x0, y0] = contour[i];
            const auto& [x1, y1] = contour[(i + 1) % contour.size()];
            if ((y0 <= row) != (y1 <= row)) crossings.push_back(x0 + (row - y0) / (y1 - y0) * (x1 - x0));
        }
        std::ranges::sort(crossings);
        for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
            const int from = static_cast<int>(std::clamp(std::ceil(crossings[i]), 0.0, static_cast<double>(image.width)));
            const int to = static_cast<int>(std::clamp(std::floor(crossings[i + 1]), -1.0, image.width - 1.0));
            for (int column = from; column <= to; ++column) {
                if (image.at(row, column) != 0) continue;
                image.at(row, column) = label;
                any = true;
            }
        }
    }
}

void disc(const Detection& cell, double radius, io::LabelImage& image, io::FloatImage& distance) {
    const int top = static_cast<int>(std::clamp(cell.y - radius, 0.0, image.height * 1.0)), bottom = static_cast<int>(std::clamp(cell.y + radius, -1.0, image.height - 1.0));
    const int left = static_cast<int>(std::clamp(cell.x - radius, 0.0, image.width * 1.0)), right = static_cast<int>(std::clamp(cell.x + radius, -1.0, image.width - 1.0));
    for (int y = top; y <= bottom; ++y)
        for (int x = left; x <= right; ++x) {
            const auto away = static_cast<float>(std::hypot(y - cell.y, x - cell.x));
            if (away > radius || (image.at(y, x) != 0 && away >= distance.at(y, x))) continue;
            image.at(y, x) = static_cast<std::uint32_t>(cell.trackId);
            distance.at(y, x) = away;
        }
}

}  // namespace

Result<TrackMasks> TrackMasks::make(const TrackSet& set, std::int64_t frames, std::int64_t height, std::int64_t width, double radius) {
    TrackMasks masks(set);
    masks.radius_ = radius;
    masks.frames_ = frames > 0 ? frames : set.frames;
    masks.height_ = height > 0 ? height : set.height;
    masks.width_ = width > 0 ? width : set.width;
    if (!set.plate.empty() && masks.width_ == 0) {
        DS_ASSIGN(const auto plate, io::openTimeLapse(set.plate, set.tracks.fovName));
        masks.frames_ = plate->info().frames();
        masks.height_ = plate->info().height();
        masks.width_ = plate->info().width();
    }
    for (const Detection& cell : set.tracks.detections) {
        if (frames == 0 && set.frames == 0) masks.frames_ = std::max(masks.frames_, cell.t + 1);
        if (cell.t < masks.frames_) continue;
        return fail(ErrorCode::BadInput, fmt::format("A cell is in frame {}, but the movie has {} frames.", cell.t, masks.frames_), "Choose the images that these tracks were made from.");
    }
    if (masks.height_ <= 0 || masks.width_ <= 0)
        return fail(ErrorCode::BadInput, fmt::format("The {} does not say how large the images are.", set.format), "Give the images too (images=…).");
    if ((set.width > 0 && set.width != masks.width_) || (set.height > 0 && set.height != masks.height_))
        return fail(ErrorCode::BadInput, fmt::format("The tracks belong to images of {} x {} pixels, not {} x {}.", set.width, set.height, masks.width_, masks.height_), "Choose the images that these tracks were made from.");
    if (masks.height_ > (1 << 30) / masks.width_) return fail(ErrorCode::Unsupported, fmt::format("Masks of {} x {} pixels are too large.", masks.width_, masks.height_), "Check the size.");
    masks.rowsOf_.resize(static_cast<std::size_t>(masks.frames_));
    for (std::size_t i = 0; i < set.tracks.detections.size(); ++i) masks.rowsOf_[static_cast<std::size_t>(set.tracks.detections[i].t)].push_back(i);
    return masks;
}

io::LabelImage TrackMasks::draw(std::int64_t t) const {
    io::LabelImage image(static_cast<int>(width_), static_cast<int>(height_));
    io::FloatImage distance(image.width, image.height);
    for (const std::size_t row : rowsOf_[static_cast<std::size_t>(t)]) {
        const Detection& cell = set_->tracks.detections[row];
        bool any = false;
        if (!set_->contours.empty() && !set_->contours[row].empty()) {
            fill(set_->contours[row], static_cast<std::uint32_t>(cell.trackId), image, any);
        } else {
            const double radius = set_->radii.empty() || !(set_->radii[row] > 0) ? radius_ : set_->radii[row];
            disc(cell, std::min(radius, 4096.0), image, distance);
        }
    }
    // Cells that lie below others, or between pixels, still get the pixel at their centre.
    for (const std::size_t row : rowsOf_[static_cast<std::size_t>(t)]) {
        const Detection& cell = set_->tracks.detections[row];
        const auto label = static_cast<std::uint32_t>(cell.trackId);
        if (std::abs(cell.y) > 1e9 || std::abs(cell.x) > 1e9) continue;
        const int y = static_cast<int>(std::lround(cell.y)), x = static_cast<int>(std::lround(cell.x));
        if (image.contains(y, x) && std::ranges::find(image.pixels, label) == image.pixels.end()) image.at(y, x) = label;
    }
    return image;
}

Result<io::LabelImage> TrackMasks::frame(std::int64_t t) const {
    io::LabelImage image;
    if (!set_->plate.empty()) {
        DS_ASSIGN(const auto plate, io::openTimeLapse(set_->plate, set_->tracks.fovName));
        DS_ASSIGN(image, flattened(*plate, t, false));
    } else if (!set_->masks.empty()) {
        if (t >= std::ssize(set_->masks) || set_->masks[static_cast<std::size_t>(t)].empty()) return io::LabelImage(static_cast<int>(width_), static_cast<int>(height_));
        DS_ASSIGN(const auto file, io::openTimeLapse(set_->masks[static_cast<std::size_t>(t)]));
        DS_ASSIGN(image, flattened(*file, 0, true));
    } else {
        return draw(t);
    }
    if (image.height != height_ || image.width != width_)
        return fail(ErrorCode::BadInput, fmt::format("The mask of frame {} has {} x {} pixels, not {} x {}.", t, image.width, image.height, width_, height_), "All masks of a movie are of one size.");
    return image;
}

}  // namespace driftscope::cells
