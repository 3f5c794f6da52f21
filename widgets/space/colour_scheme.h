#pragma once

#include <QColor>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "widgets/space/point_raster.h"

class QPalette;

namespace driftscope::space {

/// What the colours of the points mean: nothing, classes, or a number from low (violet) to high (yellow).
struct ColourScheme {
    enum class Kind { Plain, Categories, Continuous };

    Kind kind = Kind::Plain;
    QString title;
    PointStyle::Codes codes;  ///< index into the colours, one per point; the last colour is "missing"; null for no points
    std::size_t missing = 0;  ///< points without a value

    QStringList names;                ///< classes
    std::vector<QColor> colours;      ///< of the classes
    std::vector<std::size_t> counts;  ///< points of each class
    std::vector<bool> hidden;         ///< classes switched off in the legend

    double low = 0, high = 1;  ///< range of the colour bar

    std::size_t points() const { return codes ? codes->size() : 0; }
    std::size_t code(std::uint32_t id) const { return (*codes)[id]; }

    static ColourScheme plain(std::size_t points);
    /// Codes below 0 or beyond the names are missing. Classes beyond the given colours get ones from the shared
    /// palette. Beyond kMaxCodes - 1 classes colours repeat.
    static ColourScheme categories(const std::vector<int>& classOfPoint, std::vector<QColor> colours, QStringList names,
                                   QString title);
    /// NaN and infinities are missing. Without `range` the finite minimum and maximum are used. A team shares the work.
    static ColourScheme continuous(const std::vector<float>& values, QString title,
                                   std::optional<std::pair<double, double>> range, ThreadTeam* team = nullptr);

    ColourTable table(const QPalette& palette) const;
    QColor colourOf(std::uint32_t id, const QPalette& palette) const;
    std::size_t codeCount() const;  ///< colours in use, with the one for missing
};

}  // namespace driftscope::space
