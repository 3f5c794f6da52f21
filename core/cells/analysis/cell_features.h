#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/image.h"
#include "core/table/trajectories.h"

namespace driftscope::cells {

/// Names and values of one object, in one order for all.
using FeatureRow = std::vector<double>;

/// Of the mask alone (px): area, bounding box, perimeter (as scikit-image), equivalent diameter, axes, eccentricity and orientation
/// of the ellipse with the same second moments, extent, solidity (convex hull of the pixels' corners, which differs from
/// scikit-image by the pixels on its edge), circularity.
const std::vector<std::string>& shapeNames();
/// Of one channel under the mask: mean, standard deviation, smallest, largest, median, 5 and 95 % quantiles, sum, entropy of 64 bins,
/// and the distance of the intensity's centre from the mask's over the equivalent radius.
const std::vector<std::string>& intensityNames();
/// Haralick's texture (1973) at distance 1, mean over four directions, on `kGreyLevels` levels between the object's smallest and
/// largest value: contrast, dissimilarity, homogeneity, energy, correlation, asm, entropy, sum average, sum variance, difference
/// entropy. Radial profile: mean in three shells from the centre outwards over the mean.
const std::vector<std::string>& textureNames();
constexpr int kGreyLevels = 32;

/// The pixels of one object.
struct ObjectPixels {
    std::vector<int> y, x;
};
/// By label. Errors: none.
std::map<std::uint32_t, ObjectPixels> objectsOf(const io::LabelImage& labels);

FeatureRow shapeFeatures(const ObjectPixels& object);
/// Pixels that are not finite do not count; NaN where none is left.
FeatureRow intensityFeatures(const ObjectPixels& object, const io::FloatImage& image);
FeatureRow textureFeatures(const ObjectPixels& object, const io::FloatImage& image);

/// Grey-level co-occurrence of an object at offset (dy, dx), symmetric and normalised; pairs outside the object do not count.
std::vector<double> coOccurrence(const ObjectPixels& object, const std::vector<int>& levels, int dy, int dx);

/// Motion of every row of a track (units of `positions` and frames): speed from the previous frame, displacement from the start,
/// path length so far, straightness (displacement over path), turning angle (radians, 0 straight on), persistence (mean cosine of
/// turning so far). NaN where there is none yet; gaps are bridged by their length.
const std::vector<std::string>& motionNames();
std::vector<FeatureRow> motionFeatures(const Trajectory& track, const Matrix& positions);

}  // namespace driftscope::cells
