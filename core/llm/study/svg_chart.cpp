#include "core/llm/study/svg_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace driftscope::llm {
namespace {

constexpr int kLeft = 52, kRight = 12, kTop = 28, kBottom = 40, kLegendLine = 16;
constexpr const char* kText = "#333";

struct Range {
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
    void take(double value) {
        if (!std::isfinite(value)) return;
        low = std::min(low, value);
        high = std::max(high, value);
    }
    bool empty() const { return !(low <= high); }
    void widen() {
        if (low == high) low -= 0.5, high += 0.5;
    }
};

/// 1, 2 or 5 times a power of ten, so that about `count` ticks fit.
double tickStep(double span, int count) {
    const double rough = span / count, power = std::pow(10, std::floor(std::log10(rough))), rest = rough / power;
    return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

class Drawing {
  public:
    Drawing(const Chart& chart, int width, int height) : chart_(chart), width_(width), height_(height) {
        for (const ChartLine& line : chart.lines) {
            for (const double x : line.x) x_.take(x);
            for (const auto* values : {&line.y, &line.low, &line.high})
                for (const double y : *values) y_.take(y);
        }
        if (chart.bottom && !y_.empty()) y_.low = std::min(y_.low, *chart.bottom);
        if (chart.top && !y_.empty()) y_.high = std::max(y_.high, *chart.top);
        x_.widen();
        y_.widen();
    }
    std::string draw() {
        out_ = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"11\" fill=\"{2}\">\n", width_, height_ + legendHeight(), kText);
        out_ += fmt::format("<title>{0}</title><text x=\"{1}\" y=\"16\" font-weight=\"bold\">{0}</text>\n", escapedHtml(chart_.title), kLeft);
        if (x_.empty() || y_.empty())
            out_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">no values yet</text>\n", width_ / 2, height_ / 2);
        else
            content();
        return out_ + "</svg>\n";
    }

  private:
    int legendHeight() const { return kLegendLine * ((static_cast<int>(chart_.lines.size()) + 2) / 3); }
    double px(double x) const { return kLeft + (x - x_.low) / (x_.high - x_.low) * (width_ - kLeft - kRight); }
    double py(double y) const { return height_ - kBottom - (y - y_.low) / (y_.high - y_.low) * (height_ - kTop - kBottom); }

    void content() {
        axes();
        for (const ChartLine& line : chart_.lines) band(line);
        for (const ChartLine& line : chart_.lines) curve(line);
        legend();
    }
    void axes() {
        const double stepX = tickStep(x_.high - x_.low, 6), stepY = tickStep(y_.high - y_.low, 5);
        for (double y = std::ceil(y_.low / stepY) * stepY; y <= y_.high + stepY * 1e-9; y += stepY)
            out_ += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.6g}</text>\n", kLeft, width_ - kRight, py(y), py(y), kLeft - 5, py(y) + 4,
                                std::abs(y) < stepY * 1e-9 ? 0 : y);
        for (double x = std::ceil(x_.low / stepX) * stepX; x <= x_.high + stepX * 1e-9; x += stepX)
            out_ += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.6g}</text>\n", px(x), height_ - kBottom + 14, std::abs(x) < stepX * 1e-9 ? 0 : x);
        out_ += fmt::format("<path d=\"M{0} {1}V{2}H{3}\" fill=\"none\" stroke=\"#888\"/>\n", kLeft, kTop, height_ - kBottom, width_ - kRight);
        out_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", (kLeft + width_ - kRight) / 2, height_ - 8, escapedHtml(chart_.xLabel));
        out_ += fmt::format("<text transform=\"translate(12,{}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n", (kTop + height_ - kBottom) / 2, escapedHtml(chart_.yLabel));
    }
    void band(const ChartLine& line) {
        if (line.low.size() != line.x.size() || line.high.size() != line.x.size() || line.x.size() < 2) return;
        std::string path;
        for (std::size_t i = 0; i < line.x.size(); ++i) path += fmt::format("{}{:.1f} {:.1f}", i ? "L" : "M", px(line.x[i]), py(line.high[i]));
        for (std::size_t i = line.x.size(); i-- > 0;) path += fmt::format("L{:.1f} {:.1f}", px(line.x[i]), py(line.low[i]));
        out_ += fmt::format("<path d=\"{}Z\" fill=\"{}\" fill-opacity=\"0.15\"/>\n", path, line.colour);
    }
    void curve(const ChartLine& line) {
        std::string path;
        bool pen = false;
        for (std::size_t i = 0; i < line.x.size(); ++i) {
            if (!std::isfinite(line.y[i])) {
                pen = false;
                continue;
            }
            path += fmt::format("{}{:.1f} {:.1f}", std::exchange(pen, true) ? "L" : "M", px(line.x[i]), py(line.y[i]));
            if (line.marks) out_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", px(line.x[i]), py(line.y[i]), line.colour);
        }
        out_ += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\"{}/>\n", path, line.colour, line.dashed ? " stroke-dasharray=\"5 3\"" : "");
    }
    void legend() {
        const int column = (width_ - kLeft) / 3;
        for (std::size_t i = 0; i < chart_.lines.size(); ++i) {
            const int x = kLeft + static_cast<int>(i % 3) * column, y = height_ + 6 + kLegendLine * static_cast<int>(i / 3);
            out_ += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\" stroke=\"{}\" stroke-width=\"2.5\"/><text x=\"{}\" y=\"{}\">{}</text>\n", x, x + 16, y, y, chart_.lines[i].colour, x + 20, y + 4, escapedHtml(chart_.lines[i].name));
        }
    }

    const Chart& chart_;
    int width_, height_;
    Range x_, y_;
    std::string out_;
};

}  // namespace

std::string escapedHtml(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '&') out += "&amp;";
        else if (c == '<') out += "&lt;";
        else if (c == '>') out += "&gt;";
        else if (c == '"') out += "&quot;";
        else out += c;
    }
    return out;
}

std::string svgChart(const Chart& chart, int width, int height) {
    return Drawing(chart, width, height).draw();
}

}  // namespace driftscope::llm
