#pragma once

#include <optional>

#include "core/io/image.h"

namespace driftscope::cells {

/// What to do with a crop that reaches over the edge of the image.
enum class CropBorder {
    Fill,       ///< pixels outside get a given value
    Replicate,  ///< pixels outside repeat the nearest one inside
    Shift,      ///< the crop moves inward; images smaller than the crop are filled
    Drop,       ///< no crop, as the reference does for cells at the border
};

struct Crop {
    io::FloatImage image;
    int top = 0, left = 0;  ///< where pixel (0, 0) of the crop lies in the frame; may be negative
    bool atBorder = false;  ///< the wanted crop reached over the edge
};

/// The window of `height` x `width` px around a detection: rows int(y) - height/2 … + height, as the reference cuts
/// them. Nothing when the policy is Drop and the crop reaches over the edge, or when centre or size make no window.
std::optional<Crop> cropAround(const io::FloatImage& frame, double y, double x, int height, int width,
                               CropBorder border = CropBorder::Fill, float fill = 0);

}  // namespace driftscope::cells
