#include "core/cells/crops.h"

#include <algorithm>
#include <cmath>

namespace driftscope::cells {
namespace {

constexpr int kLargest = 1 << 20;  // px; beyond this a centre or size is not meant seriously

/// Moves a window of `size` starting at `begin` into 0 … `length`; a window larger than the image is centred.
int shiftedInside(int begin, int size, int length) {
    if (size > length) return -(size - length) / 2;
    return std::clamp(begin, 0, length - size);
}

}  // namespace

std::optional<Crop> cropAround(const io::FloatImage& frame, double y, double x, int height, int width,
                               CropBorder border, float fill) {
    if (!(std::abs(y) < kLargest) || !(std::abs(x) < kLargest) || height < 1 || width < 1 || height > kLargest ||
        width > kLargest)
        return std::nullopt;
    Crop crop;
    crop.top = static_cast<int>(y) - height / 2;
    crop.left = static_cast<int>(x) - width / 2;
    crop.atBorder =
        crop.top < 0 || crop.left < 0 || crop.top + height > frame.height || crop.left + width > frame.width;
    if (crop.atBorder && border == CropBorder::Drop) return std::nullopt;
    if (crop.atBorder && border == CropBorder::Shift) {
        crop.top = shiftedInside(crop.top, height, frame.height);
        crop.left = shiftedInside(crop.left, width, frame.width);
    }
    crop.image = io::FloatImage(width, height, fill);
    if (frame.pixels.empty()) return crop;
    for (int row = 0; row < height; ++row)
        for (int column = 0; column < width; ++column) {
            int fy = crop.top + row, fx = crop.left + column;
            if (border == CropBorder::Replicate)
                fy = std::clamp(fy, 0, frame.height - 1), fx = std::clamp(fx, 0, frame.width - 1);
            if (frame.contains(fy, fx)) crop.image.at(row, column) = frame.at(fy, fx);
        }
    return crop;
}

}  // namespace driftscope::cells
