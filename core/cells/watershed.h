#pragma once

#include "core/io/image.h"

namespace driftscope::cells {

/// Watershed of the positive pixels of `height`, flooded from the peaks down (8-neighbourhood). A peak whose dynamics
/// (its height above the highest saddle to a higher peak) is below `minDynamics` joins that higher peak, so the seeds
/// are the h-maxima for h = minDynamics. Labels are 1, 2, … in order of falling peak height; equal heights in reading
/// order. See Grimaud, "New measure of contrast: the dynamics" (1992).
io::LabelImage watershedPeaks(const io::FloatImage& height, float minDynamics);

}  // namespace driftscope::cells
