#pragma once

#include <vector>

#include "core/base/error.h"
#include "core/base/params.h"
#include "core/io/image.h"

namespace driftscope::cells {

enum class Background { None, Global, Local };
enum class Threshold { OtsuLog, Otsu, Adaptive, Manual };

/// How one frame becomes objects. Lengths are pixels. segmentParams() declares the same values as job parameters.
struct SegmentSettings {
    bool darkObjects = false;  ///< objects are darker than their surroundings
    double smoothing = 1.0;    ///< sigma of the Gaussian before anything else; 0 is none
    Background background = Background::Global;
    double backgroundRadius = 40;  ///< Local: larger than any object
    Threshold threshold = Threshold::OtsuLog;
    double thresholdFactor = 1.0;  ///< multiplies the automatic level; below 1 finds dimmer objects
    double level = 0;              ///< Manual: intensity above background
    double adaptiveRadius = 25;    ///< Adaptive: half the side of the window whose mean is the local level
    double edge = 0.25;            ///< an object ends where it falls below this part of its own brightness; 0 is off
    bool fillHoles = true;
    bool split = true;            ///< separate touching objects
    double splitDepth = 0.22;     ///< by which part of the smaller object's half-width the waist must narrow
    double splitIntensity = 1.0;  ///< how much a dim waist counts beside a narrow one; 0: shape alone
    int minArea = 25;             ///< px
    int maxArea = 0;              ///< px; 0 is no limit
    bool dropBorder = false;      ///< remove objects cut by the edge of the image
};

/// Finds bright (or dark) objects: smoothing, background, threshold, hole filling, watershed of the distance transform
/// (seeds rise at least the part `splitDepth` of their height above the waist), trimming to each object's own edge, watershed of distance times
/// relative brightness, size filter. Labels are 1, 2, … in reading order of each object's first pixel. Non-finite
/// pixels count as background. A frame without contrast has no objects. Errors: an empty image, settings out of range.
/// A pure function: same input, same labels.
Result<io::LabelImage> segmentFrame(const io::FloatImage& image, const SegmentSettings& settings);

/// The settings as parameters of a job or a form.
std::vector<ParamSpec> segmentParams();
/// Reads the values of segmentParams() from a job's parameters.
SegmentSettings segmentSettings(const Params& params);

}  // namespace driftscope::cells
