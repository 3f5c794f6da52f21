#include "widgets/image/compose.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace driftscope::image {

namespace {

constexpr int kLevels = 1024;
constexpr std::size_t kSamples = 65536;

/// Every n-th value so that at most kSamples are looked at; a prime-ish stride would beat patterns, rows are long
/// enough.
template <class Use>
void sample(const io::FloatImage& plane, Use use) {
    const std::size_t step = plane.pixels.size() / kSamples + 1;
    for (std::size_t i = 0; i < plane.pixels.size(); i += step)
        if (std::isfinite(plane.pixels[i])) use(plane.pixels[i]);
}

/// One channel ready for the loop: red, green and blue in 16-bit lanes, so that channels add without carry.
struct Ramp {
    const float* pixels;
    float low, factor;
    std::array<std::uint64_t, kLevels> lanes;
};

Ramp ramp(const io::FloatImage& plane, const ChannelDisplay& display) {
    Contrast limits{display.low, display.high};
    if (display.low >= display.high) limits = autoContrast(plane);
    Ramp result{plane.pixels.data(),
                static_cast<float>(limits.low),
                static_cast<float>((kLevels - 1) / (limits.high - limits.low)),
                {}};
    for (int i = 0; i < kLevels; ++i) {
        const double value = std::pow(static_cast<double>(i) / (kLevels - 1), display.gamma);
        const auto lane = [&](int channel) { return static_cast<std::uint64_t>(std::lround(value * channel)); };
        result.lanes[static_cast<std::size_t>(i)] =
            lane(display.color.blue()) | lane(display.color.green()) << 16 | lane(display.color.red()) << 32;
    }
    return result;
}

std::size_t level(const Ramp& ramp, std::size_t i) {
    const float value = (ramp.pixels[i] - ramp.low) * ramp.factor;
    const float clamped = value > 0 ? std::min(value, static_cast<float>(kLevels - 1)) : 0;  // NaN is not > 0
    return static_cast<std::size_t>(static_cast<int>(clamped + 0.5F));
}

QRgb saturate(std::uint64_t lanes) {
    const auto lane = [lanes](int shift) {
        return std::min<std::uint32_t>(static_cast<std::uint32_t>(lanes >> shift) & 0xFFFF, 255);
    };
    return 0xFF000000U | lane(32) << 16 | lane(16) << 8 | lane(0);
}

/// The common case, three times as fast: a table of finished pixels.
void composeOne(const Ramp& ramp, QImage& picture) {
    std::array<QRgb, kLevels> pixels;
    std::transform(ramp.lanes.begin(), ramp.lanes.end(), pixels.begin(), saturate);
    for (int y = 0; y < picture.height(); ++y) {
        auto* out = reinterpret_cast<QRgb*>(picture.scanLine(y));
        const std::size_t row = static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width());
        for (int x = 0; x < picture.width(); ++x) out[x] = pixels[level(ramp, row + static_cast<std::size_t>(x))];
    }
}

void composeSeveral(const std::vector<Ramp>& ramps, QImage& picture) {
    for (int y = 0; y < picture.height(); ++y) {
        auto* out = reinterpret_cast<QRgb*>(picture.scanLine(y));
        const std::size_t row = static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width());
        for (int x = 0; x < picture.width(); ++x) {
            std::uint64_t sum = 0;
            for (const Ramp& ramp : ramps) sum += ramp.lanes[level(ramp, row + static_cast<std::size_t>(x))];
            out[x] = saturate(sum);
        }
    }
}

}  // namespace

Contrast autoContrast(const io::FloatImage& plane) {
    std::vector<float> values;
    values.reserve(kSamples);
    sample(plane, [&](float value) { values.push_back(value); });
    if (values.empty()) return {};
    const auto at = [&](double share) {
        const auto nth = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
        std::nth_element(values.begin(), nth, values.end());
        return static_cast<double>(*nth);
    };
    const Contrast found{at(0.005), at(0.998)};
    return found.low < found.high ? found : Contrast{found.low, found.low + 1};
}

std::vector<int> histogram(const io::FloatImage& plane, double low, double high, int bins) {
    std::vector<int> counts(static_cast<std::size_t>(bins));
    const double factor = bins / std::max(high - low, 1e-30);
    sample(plane, [&](float value) {
        ++counts[static_cast<std::size_t>(std::clamp((value - low) * factor, 0.0, bins - 1.0))];
    });
    return counts;
}

QImage compose(const std::vector<std::shared_ptr<const io::FloatImage>>& planes,
               const std::vector<ChannelDisplay>& displays) {
    if (planes.empty()) return {};
    const int width = planes.front()->width, height = planes.front()->height;
    QImage picture(width, height, QImage::Format_RGB32);
    std::vector<Ramp> ramps;
    for (std::size_t c = 0; c < planes.size() && c < displays.size(); ++c)
        if (displays[c].visible) ramps.push_back(ramp(*planes[c], displays[c]));
    if (ramps.empty())
        picture.fill(Qt::black);
    else if (ramps.size() == 1)
        composeOne(ramps.front(), picture);
    else
        composeSeveral(ramps, picture);
    return picture;
}

}  // namespace driftscope::image
