#include "widgets/image/compose.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/thread_team.h"

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

/// Rows begin … end - 1 of a picture whose pixels are its own.
struct Strip {
    QRgb* pixels;
    std::size_t width;
    std::size_t begin, end;
};

/// The common case, three times as fast: a table of finished pixels.
void composeOne(const Ramp& ramp, const std::array<QRgb, kLevels>& table, const Strip& strip) {
    for (std::size_t i = strip.begin * strip.width; i < strip.end * strip.width; ++i)
        strip.pixels[i] = table[level(ramp, i)];
}

void composeSeveral(const std::vector<Ramp>& ramps, const Strip& strip) {
    for (std::size_t i = strip.begin * strip.width; i < strip.end * strip.width; ++i) {
        std::uint64_t sum = 0;
        for (const Ramp& ramp : ramps) sum += ramp.lanes[level(ramp, i)];
        strip.pixels[i] = saturate(sum);
    }
}

constexpr std::size_t kStripPixels = 65536;

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
               const std::vector<ChannelDisplay>& displays, ThreadTeam* team) {
    if (planes.empty()) return {};
    const int width = planes.front()->width, height = planes.front()->height;
    QImage picture(width, height, QImage::Format_RGB32);  // four bytes a pixel: rows follow each other without gaps
    std::vector<Ramp> ramps;
    for (std::size_t c = 0; c < planes.size() && c < displays.size(); ++c)
        if (displays[c].visible) ramps.push_back(ramp(*planes[c], displays[c]));
    if (ramps.empty()) {
        picture.fill(Qt::black);
        return picture;
    }
    std::array<QRgb, kLevels> table;
    std::transform(ramps.front().lanes.begin(), ramps.front().lanes.end(), table.begin(), saturate);
    auto* pixels = reinterpret_cast<QRgb*>(picture.bits());
    const auto strip = [&](std::size_t begin, std::size_t end) {
        const Strip rows{pixels, static_cast<std::size_t>(width), begin, end};
        if (ramps.size() == 1)
            composeOne(ramps.front(), table, rows);
        else
            composeSeveral(ramps, rows);
    };
    const std::size_t rows = kStripPixels / static_cast<std::size_t>(std::max(1, width)) + 1;
    if (team != nullptr)
        team->runRanges(static_cast<std::size_t>(height), rows, strip);
    else
        strip(0, static_cast<std::size_t>(height));
    return picture;
}

}  // namespace driftscope::image
