#include "core/cells/segment.h"

#include <algorithm>

namespace driftscope::cells {
namespace {

const std::vector<std::string> kBackgrounds = {"none", "global", "local"};
const std::vector<std::string> kThresholds = {"otsu_log", "otsu", "adaptive", "manual"};

template <class Enum>
Enum choice(const std::vector<std::string>& names, const std::string& text) {
    return static_cast<Enum>(std::ranges::find(names, text) - names.begin());
}

ParamSpec lengthSpec(std::string name, double fallback, double minimum, double maximum, std::string help,
                     bool advanced = false) {
    return {.name = std::move(name),
            .type = ParamType::Real,
            .fallback = fallback,
            .help = std::move(help),
            .unit = "px",
            .minimum = minimum,
            .maximum = maximum,
            .advanced = advanced};
}

ParamSpec flagSpec(std::string name, bool fallback, std::string help, bool advanced = false) {
    return {.name = std::move(name),
            .type = ParamType::Bool,
            .fallback = fallback,
            .help = std::move(help),
            .advanced = advanced};
}

}  // namespace

std::vector<ParamSpec> segmentParams() {
    const SegmentSettings d;
    return {
        {.name = "threshold",
         .type = ParamType::Choice,
         .fallback = "otsu_log",
         .help = "How foreground is told from background: Otsu on the logarithm of the intensity (dim and bright "
                 "objects together), "
                 "Otsu on the intensity, the mean of the surroundings, or a fixed level.",
         .choices = kThresholds,
         .source = "Otsu 1979"},
        {.name = "threshold_factor",
         .type = ParamType::Real,
         .fallback = d.thresholdFactor,
         .help = "Multiplies the automatic level: below 1 finds dimmer objects, above 1 only brighter ones.",
         .minimum = 0.01,
         .maximum = 100.0},
        {.name = "level",
         .type = ParamType::Real,
         .fallback = d.level,
         .help = "Intensity above background, for the fixed threshold.",
         .unit = "grey values",
         .advanced = true},
        lengthSpec("smoothing", d.smoothing, 0, 50, "Width (sigma) of the Gaussian that calms noise first; 0 is none."),
        {.name = "background",
         .type = ParamType::Choice,
         .fallback = "global",
         .help = "What is subtracted first: nothing, one level per frame, or the local level of uneven illumination.",
         .choices = kBackgrounds},
        lengthSpec("background_radius", d.backgroundRadius, 2, 2000,
                   "For the local background: larger than any object.", true),
        lengthSpec("adaptive_radius", d.adaptiveRadius, 2, 2000,
                   "For the adaptive threshold: half the side of the window that gives the local mean.", true),
        {.name = "edge",
         .type = ParamType::Real,
         .fallback = d.edge,
         .help = "An object ends where it falls below this part of its own brightness, so that bright ones do not "
                 "include their halo; 0 is off.",
         .minimum = 0.0,
         .maximum = 0.9},
        flagSpec("split", d.split, "Separate touching objects at their waist (watershed of the distance transform)."),
        {.name = "split_depth",
         .type = ParamType::Real,
         .fallback = d.splitDepth,
         .help = "By which part the waist must be narrower than both objects; larger splits less.",
         .minimum = 0.0,
         .maximum = 1.0},
        {.name = "split_intensity",
         .type = ParamType::Real,
         .fallback = d.splitIntensity,
         .help = "How much a dim waist counts beside a narrow one; 0 splits by shape alone.",
         .minimum = 0.0,
         .maximum = 4.0},
        flagSpec("fill_holes", d.fillHoles, "Fill holes inside objects."),
        {.name = "min_area",
         .type = ParamType::Int,
         .fallback = d.minArea,
         .help = "Smaller objects are removed.",
         .unit = "px",
         .minimum = 0},
        {.name = "max_area",
         .type = ParamType::Int,
         .fallback = d.maxArea,
         .help = "Larger objects are removed; 0 is no limit.",
         .unit = "px",
         .minimum = 0},
        flagSpec("drop_border", d.dropBorder, "Remove objects that the edge of the image cuts."),
        flagSpec("dark_objects", d.darkObjects, "Objects are darker than their surroundings.", true),
    };
}

SegmentSettings segmentSettings(const Params& params) {
    SegmentSettings s;
    s.darkObjects = params.flag("dark_objects");
    s.smoothing = params.real("smoothing");
    s.background = choice<Background>(kBackgrounds, params.text("background"));
    s.backgroundRadius = params.real("background_radius");
    s.threshold = choice<Threshold>(kThresholds, params.text("threshold"));
    s.thresholdFactor = params.real("threshold_factor");
    s.level = params.real("level");
    s.adaptiveRadius = params.real("adaptive_radius");
    s.edge = params.real("edge");
    s.fillHoles = params.flag("fill_holes");
    s.split = params.flag("split");
    s.splitDepth = params.real("split_depth");
    s.splitIntensity = params.real("split_intensity");
    s.minArea = static_cast<int>(params.integer("min_area"));
    s.maxArea = static_cast<int>(params.integer("max_area"));
    s.dropBorder = params.flag("drop_border");
    return s;
}

}  // namespace driftscope::cells
