#pragma once

#include "core/io/image.h"

namespace driftscope::cells {

/// Watershed of the positive pixels of `height`, flooded from the peaks down (8-neighbourhood). A peak whose dynamics
/// (its height above the highest saddle to a higher peak) is below the part `depth` of its own height joins that higher
/// peak: what counts as a waist grows with the object, so large uneven nuclei stay whole where small ones part. Labels are 1, 2, … in order of falling peak height; equal heights in reading
/// order. See Grimaud, "New measure of contrast: the dynamics" (1992).
io::LabelImage watershedPeaks(const io::FloatImage& height, float depth);

}  // namespace driftscope::cells
