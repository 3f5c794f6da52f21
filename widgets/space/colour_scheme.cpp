#include "widgets/space/colour_scheme.h"

#include <QPalette>
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/style/palette.h"

namespace driftscope::space {

namespace {

constexpr std::size_t kLevels = 256;

QColor plainColour(const QPalette& palette) {
    return style::mix(style::okabeIto()[0], palette.color(QPalette::Base), style::isDark(palette) ? 0.0 : 0.12);
}

}  // namespace

ColourScheme ColourScheme::plain(std::size_t points) {
    ColourScheme scheme;
    scheme.codes.assign(points, 0);
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
    scheme.codes.reserve(classOfPoint.size());
    for (int code : classOfPoint) {
        const bool known = code >= 0 && static_cast<std::size_t>(code) < classes;
        scheme.codes.push_back(
            static_cast<std::uint16_t>(known ? static_cast<std::size_t>(code) % distinct : distinct));
        if (known)
            ++scheme.counts[static_cast<std::size_t>(code)];
        else
            ++scheme.missing;
    }
    return scheme;
}

ColourScheme ColourScheme::continuous(const std::vector<float>& values, QString title,
                                      std::optional<std::pair<double, double>> range) {
    ColourScheme scheme;
    scheme.kind = Kind::Continuous;
    scheme.title = std::move(title);
    if (!range) {
        float low = std::numeric_limits<float>::max(), high = std::numeric_limits<float>::lowest();
        for (float value : values) {
            if (!std::isfinite(value)) continue;
            low = std::min(low, value);
            high = std::max(high, value);
        }
        range = low <= high ? std::pair<double, double>(low, high) : std::pair<double, double>(0, 1);
    }
    scheme.low = range->first;
    scheme.high = range->second;
    const double perUnit = scheme.high > scheme.low ? (kLevels - 1) / (scheme.high - scheme.low) : 0;
    scheme.codes.reserve(values.size());
    for (float value : values) {
        const bool finite = std::isfinite(value);
        scheme.missing += finite ? 0 : 1;
        const double level = finite ? std::clamp((value - scheme.low) * perUnit + 0.5, 0.0, kLevels - 1.0) : kLevels;
        scheme.codes.push_back(static_cast<std::uint16_t>(level));
    }
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
    const std::size_t code = id < codes.size() ? codes[id] : codeCount() - 1;
    if (kind == Kind::Plain) return plainColour(palette);
    if (code + 1 >= codeCount()) return style::missingColour(palette);
    return kind == Kind::Categories ? colours[code] : QColor::fromRgb(style::viridis()[code]);
}

}  // namespace driftscope::space
