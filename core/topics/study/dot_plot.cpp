#include "core/topics/study/dot_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace driftscope::topics {
namespace {

constexpr const char* kColours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"};
constexpr double kLeft = 64, kTop = 34, kHeight = 210, kBottom = 58, kDotGap = 16, kGroupGap = 26, kLetter = 6.4;

struct Scale {
    double low = 0, high = 1, step = 0.2;
    double y(double value) const { return kTop + kHeight * (1 - (value - low) / (high - low)); }
};

Scale scaleOf(const DotPlot& plot) {
    double low = INFINITY, high = -INFINITY;
    for (const DotGroup& group : plot.groups)
        for (const Dot& dot : group.dots) {
            low = std::min({low, dot.value, dot.low.value_or(dot.value)});
            high = std::max({high, dot.value, dot.high.value_or(dot.value)});
        }
    if (!(low <= high)) return {};
    const double range = std::max(high - low, 1e-6), rough = range / 4, power = std::pow(10, std::floor(std::log10(rough)));
    const double step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
    return {std::floor(low / step) * step, std::ceil(high / step + 1e-9) * step, step};
}

const char* colour(std::size_t series) {
    return kColours[series % std::size(kColours)];
}

}  // namespace

std::string escapedText(const std::string& text) {
    std::string out;
    for (const char c : text) switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    return out;
}

std::string toSvg(const DotPlot& plot) {
    std::size_t letters = 0;
    for (const DotGroup& group : plot.groups) letters = std::max(letters, group.label.size());
    const double groupWidth = std::max(kDotGap * static_cast<double>(plot.series.size()), kLetter * static_cast<double>(letters)) + kGroupGap;
    const double dotsWidth = kDotGap * static_cast<double>(plot.series.size());
    const double width = std::max(360.0, kLeft + groupWidth * static_cast<double>(plot.groups.size()) + 16), height = kTop + kHeight + kBottom;
    const Scale scale = scaleOf(plot);
    std::string svg = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"11\">\n"
                                  "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n<text x=\"{2}\" y=\"18\" font-size=\"13\" font-weight=\"bold\">{3}</text>\n",
                                  width, height, kLeft, escapedText(plot.title));
    for (double tick = scale.low; tick <= scale.high + scale.step / 2; tick += scale.step)
        svg += fmt::format("<line x1=\"{0}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#dddddd\"/><text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\" fill=\"#444444\">{5:.4g}</text>\n", kLeft, width - 10, scale.y(tick), kLeft - 6, scale.y(tick) + 4,
                           std::abs(tick) < 1e-12 ? 0 : tick);
    svg += fmt::format("<text transform=\"translate(14,{:.1f}) rotate(-90)\" text-anchor=\"middle\" fill=\"#444444\">{}</text>\n", kTop + kHeight / 2, escapedText(plot.axis));
    for (std::size_t g = 0; g < plot.groups.size(); ++g) {
        const double begin = kLeft + groupWidth * static_cast<double>(g) + kGroupGap / 2;
        for (const Dot& dot : plot.groups[g].dots) {
            const double x = begin + (groupWidth - kGroupGap - dotsWidth) / 2 + kDotGap * (static_cast<double>(dot.series) + 0.5);
            svg += fmt::format("<g stroke=\"{0}\" fill=\"{0}\"><title>{1}</title>", colour(dot.series), escapedText(dot.tip));
            if (dot.low && dot.high) svg += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\" stroke-width=\"2\"/>", x, scale.y(*dot.low), scale.y(*dot.high));
            svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/></g>\n", x, scale.y(dot.value));
        }
        svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" fill=\"#222222\">{}</text>\n", begin + (groupWidth - kGroupGap) / 2, kTop + kHeight + 18, escapedText(plot.groups[g].label));
    }
    double x = kLeft;
    for (std::size_t s = 0; s < plot.series.size(); ++s) {
        svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"/><text x=\"{:.1f}\" y=\"{:.1f}\" fill=\"#222222\">{}</text>\n", x + 5, height - 16, colour(s), x + 13, height - 12, escapedText(plot.series[s]));
        x += 28 + 7 * static_cast<double>(plot.series[s].size());
    }
    return svg + "</svg>\n";
}

}  // namespace driftscope::topics
