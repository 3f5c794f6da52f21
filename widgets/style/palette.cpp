#include "widgets/style/palette.h"

#include <QPalette>
#include <algorithm>
#include <cmath>
#include <limits>

namespace driftscope::style {

namespace {

struct Lab {
    float l, a, b;
};

float linear(int channel) {
    const float c = static_cast<float>(channel) / 255.0F;
    return c <= 0.04045F ? c / 12.92F : std::pow((c + 0.055F) / 1.055F, 2.4F);
}

/// CIELAB of an sRGB colour under D65.
Lab lab(QRgb rgb) {
    const float r = linear(qRed(rgb)), g = linear(qGreen(rgb)), b = linear(qBlue(rgb));
    const auto f = [](float t) { return t > 0.008856F ? std::cbrt(t) : 7.787F * t + 16.0F / 116.0F; };
    const float x = f((0.4124F * r + 0.3576F * g + 0.1805F * b) / 0.9505F);
    const float y = f(0.2126F * r + 0.7152F * g + 0.0722F * b);
    const float z = f((0.0193F * r + 0.1192F * g + 0.9505F * b) / 1.089F);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

float distance(const Lab& p, const Lab& q) {
    return (p.l - q.l) * (p.l - q.l) + (p.a - q.a) * (p.a - q.a) + (p.b - q.b) * (p.b - q.b);
}

struct Candidate {
    QRgb rgb;
    Lab lab;
    float nearest;  // squared distance to the closest colour already chosen
};

/// A 24^3 grid of sRGB without what would drown on a light or a dark window, and without shrill and grey colours.
std::vector<Candidate> candidates() {
    std::vector<Candidate> all;
    for (int r = 0; r < 24; ++r)
        for (int g = 0; g < 24; ++g)
            for (int b = 0; b < 24; ++b) {
                const QRgb rgb = qRgb(r * 255 / 23, g * 255 / 23, b * 255 / 23);
                const Lab at = lab(rgb);
                const float chroma = std::hypot(at.a, at.b);
                if (at.l > 34 && at.l < 82 && chroma > 18 && chroma < 68) all.push_back({rgb, at, std::numeric_limits<float>::max()});
            }
    return all;
}

double luminance(const QColor& colour) {
    const QRgb rgb = colour.rgb();
    return 0.2126 * linear(qRed(rgb)) + 0.7152 * linear(qGreen(rgb)) + 0.0722 * linear(qBlue(rgb));
}

}  // namespace

const std::array<QColor, 8>& okabeIto() {
    static const std::array<QColor, 8> colours{
        QColor(0x00, 0x72, 0xB2), QColor(0xE6, 0x9F, 0x00), QColor(0x00, 0x9E, 0x73), QColor(0xD5, 0x5E, 0x00),
        QColor(0xCC, 0x79, 0xA7), QColor(0x56, 0xB4, 0xE9), QColor(0xF0, 0xE4, 0x42), QColor(0x8C, 0x8C, 0x8C)};
    return colours;
}

std::vector<QColor> categorical(std::size_t count) {
    const auto& first = okabeIto();
    std::vector<QColor> chosen(first.begin(),
                               first.begin() + static_cast<std::ptrdiff_t>(std::min(count, first.size())));
    if (count <= first.size()) return chosen;
    std::vector<Candidate> pool = candidates();
    const auto keepAway = [&pool](QRgb rgb) {
        const Lab from = lab(rgb);
        for (Candidate& c : pool) c.nearest = std::min(c.nearest, distance(c.lab, from));
    };
    keepAway(qRgb(255, 255, 255));
    keepAway(qRgb(0, 0, 0));
    for (const QColor& colour : chosen) keepAway(colour.rgb());
    while (chosen.size() < count) {
        const auto best = std::max_element(
            pool.begin(), pool.end(), [](const Candidate& p, const Candidate& q) { return p.nearest < q.nearest; });
        chosen.push_back(QColor::fromRgb(best->rgb));
        keepAway(best->rgb);
    }
    return chosen;
}

bool isDark(const QPalette& palette) {
    return luminance(palette.color(QPalette::Window)) < luminance(palette.color(QPalette::WindowText));
}

QColor mix(const QColor& a, const QColor& b, double t) {
    const auto blend = [t](int p, int q) { return static_cast<int>(std::lround(p + (q - p) * t)); };
    return {blend(a.red(), b.red()), blend(a.green(), b.green()), blend(a.blue(), b.blue())};
}

QColor missingColour(const QPalette& palette) {
    return mix(palette.color(QPalette::Base), palette.color(QPalette::Text), isDark(palette) ? 0.3 : 0.22);
}

QColor subtleText(const QPalette& palette) {
    return mix(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.64);
}

}  // namespace driftscope::style
