#pragma once

#include <optional>
#include <string>
#include <vector>

namespace driftscope::topics {

/// One value with an interval, in a group of the x axis.
struct Dot {
    std::size_t series = 0;
    double value = 0;
    std::optional<double> low, high;
    std::string tip;  ///< shown on hover
};
struct DotGroup {
    std::string label;
    std::vector<Dot> dots;
};
/// Values with intervals side by side: a group per corpus and K, a colour per model.
struct DotPlot {
    std::string title, axis;
    std::vector<std::string> series;
    std::vector<DotGroup> groups;
};

/// The plot as an SVG file of its own, text as text, colours of Okabe and Ito.
std::string toSvg(const DotPlot& plot);

/// Text for the content of an HTML or SVG element or a quoted attribute.
std::string escapedText(const std::string& text);

}  // namespace driftscope::topics
