#include "widgets/space/colour_scheme.h"

#include <QPalette>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>

#include "core/base/thread_team.h"
#include "widgets/style/palette.h"

namespace driftscope::space {

namespace {

constexpr std::size_t kLevels = 256;
constexpr std::size_t kValuesPerTask = std::size_t{1} << 18;

/// Finite minimum and maximum, or 0 and 1 without any.
std::pair<double, double> finiteRange(const std::vector<float>& values, ThreadTeam* team) {
    constexpr float kMost = std::numeric_limits<float>::max();
    float low = kMost, high = -kMost;
    std::mutex mutex;
    shareOutRanges(team, values.size(), kValuesPerTask, [&](std::size_t begin, std::size_t end) {
        float lowest = kMost, highest = -kMost;
        for (std::size_t i = begin; i < end; ++i) {
            const float value = values[i];
            const bool finite = std::abs(value) <= kMost;  // false for NaN
            lowest = finite && value < lowest ? value : lowest;
            highest = finite && value > highest ? value : highest;
        }
        const std::lock_guard lock(mutex);
        low = std::min(low, lowest);
        high = std::max(high, highest);
    });
    return low <= high ? std::pair<double, double>(low, high) : std::pair<double, double>(0, 1);
}

/// Levels of values[begin … end - 1]; returns how many have none. Written so that compilers use vectors.
std::size_t levels(const std::vector<float>& values, std::size_t begin, std::size_t end, double low, double perUnit,
                   std::uint16_t* codes) {
    constexpr float kMost = std::numeric_limits<float>::max();
    constexpr auto kTop = static_cast<float>(kLevels - 1);
    const auto from = static_cast<float>(low), scale = static_cast<float>(perUnit);
    std::uint32_t missing = 0;
    for (std::size_t i = begin; i < end; ++i) {
        const float value = values[i];
        const bool finite = std::abs(value) <= kMost;
        const float level = finite ? (value - from) * scale + 0.5F : 0.0F;
        const float above = level > 0.0F ? level : 0.0F;  // also for NaN, of overflowed differences
        const float inside = above < kTop ? above : kTop;
        const int code = static_cast<int>(inside);
        codes[i] = static_cast<std::uint16_t>(finite ? code : static_cast<int>(kLevels));
        missing += finite ? 0U : 1U;
    }
    return missing;
}

QColor plainColour(const QPalette& palette) {
    return style::mix(style::okabeIto()[0], palette.color(QPalette::Base), style::isDark(palette) ? 0.0 : 0.12);
}

}  // namespace

ColourScheme ColourScheme::plain(std::size_t points) {
    ColourScheme scheme;
    scheme.codes = std::make_shared<const std::vector<std::uint16_t>>(points, std::uint16_t{0});
    return scheme;
}

ColourScheme ColourScheme::categories(const std::vector<int>& classOfPoint, std::vector<QColor> colours,
                                      QStringList names, QString title) {
    ColourScheme scheme;
    scheme.kind = Kind::Categories;
    scheme.title = std::move(title);
    scheme.names = std::move(names);
    const auto classes = static_cast<std::size_t>(scheme.names.size());
    if (colours.size() < classes) {
        const std::vector<QColor> shared = style::categorical(std::min<std::size_t>(classes, 256));
        for (std::size_t c = colours.size(); c < classes; ++c) colours.push_back(shared[c % shared.size()]);
    }
    colours.resize(classes);
    scheme.colours = std::move(colours);
    scheme.counts.assign(classes, 0);
    scheme.hidden.assign(classes, false);
    const std::size_t distinct = std::min(classes, kMaxCodes - 1);
    std::vector<std::uint16_t> codes;
    codes.reserve(classOfPoint.size());
    for (int code : classOfPoint) {
        const bool known = code >= 0 && static_cast<std::size_t>(code) < classes;
        codes.push_back(
            static_cast<std::uint16_t>(known ? static_cast<std::size_t>(code) % distinct : distinct));
        if (known)
            ++scheme.counts[static_cast<std::size_t>(code)];
        else
            ++scheme.missing;
    }
    scheme.codes = std::make_shared<const std::vector<std::uint16_t>>(std::move(codes));
    return scheme;
}

ColourScheme ColourScheme::continuous(const std::vector<float>& values, QString title,
                                      std::optional<std::pair<double, double>> range, ThreadTeam* team) {
    ColourScheme scheme;
    scheme.kind = Kind::Continuous;
    scheme.title = std::move(title);
    if (!range) range = finiteRange(values, team);
    scheme.low = range->first;
    scheme.high = range->second;
    const double perUnit = scheme.high > scheme.low ? (kLevels - 1) / (scheme.high - scheme.low) : 0;
    std::vector<std::uint16_t> codes(values.size());
    std::atomic<std::size_t> missing{0};
    shareOutRanges(team, values.size(), kValuesPerTask, [&](std::size_t begin, std::size_t end) {
        missing += levels(values, begin, end, scheme.low, perUnit, codes.data());
    });
    scheme.missing = missing;
    scheme.codes = std::make_shared<const std::vector<std::uint16_t>>(std::move(codes));
    return scheme;
}

std::size_t ColourScheme::codeCount() const {
    if (kind == Kind::Plain) return 1;
    return kind == Kind::Continuous ? kLevels + 1 : std::min(colours.size(), kMaxCodes - 1) + 1;
}

ColourTable ColourScheme::table(const QPalette& palette) const {
    const QColor background = palette.color(QPalette::Base), text = palette.color(QPalette::Text);
    ColourTable table;
    table.background = background.rgb();
    table.selectedLine = text.rgb();
    const std::size_t count = codeCount();
    for (std::size_t code = 0; code < count; ++code) {
        QColor colour = plainColour(palette);
        if (kind != Kind::Plain && code + 1 == count)
            colour = style::missingColour(palette);
        else if (kind == Kind::Categories)
            colour = colours[code];
        else if (kind == Kind::Continuous)
            colour = QColor::fromRgb(style::viridis()[code]);
        table.normal.push_back(colour.rgb());
        table.faded.push_back(style::mix(colour, background, style::isDark(palette) ? 0.52 : 0.62).rgb());
        table.dimmed.push_back(style::mix(background, text, 0.09).rgb());
    }
    return table;
}

QColor ColourScheme::colourOf(std::uint32_t id, const QPalette& palette) const {
    const std::size_t code = id < points() ? this->code(id) : codeCount() - 1;
    if (kind == Kind::Plain) return plainColour(palette);
    if (code + 1 >= codeCount()) return style::missingColour(palette);
    return kind == Kind::Categories ? colours[code] : QColor::fromRgb(style::viridis()[code]);
}

}  // namespace driftscope::space
