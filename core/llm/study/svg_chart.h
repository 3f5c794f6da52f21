#pragma once

#include <optional>
#include <string>
#include <vector>

namespace driftscope::llm {

/// One line with an optional band around it.
struct ChartLine {
    std::string name, colour;  ///< "#rrggbb"
    std::vector<double> x, y;
    std::vector<double> low = {}, high = {};  ///< both empty or as long as x
    bool marks = false;                       ///< a dot at every point
    bool dashed = false;
};

/// A line chart for reports that stand alone.
struct Chart {
    std::string title, xLabel, yLabel;
    std::vector<ChartLine> lines;
    std::optional<double> bottom = {}, top = {};  ///< of the y axis; else what the data need
};

/// The chart as an <svg> element of this size in points, text as text. Nothing to draw: an empty frame that says so.
std::string svgChart(const Chart& chart, int width = 460, int height = 300);

/// Text for the content of an HTML or SVG element or a quoted attribute.
std::string escapedHtml(const std::string& text);

}  // namespace driftscope::llm
