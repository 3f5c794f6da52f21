#pragma once

#include <QColor>
#include <QImage>
#include <memory>
#include <vector>

#include "core/io/image.h"

namespace driftscope {
class ThreadTeam;
}

namespace driftscope::image {

/// How one channel is shown.
struct ChannelDisplay {
    bool visible = true;
    QColor color = Qt::white;
    double low = 0, high = 0;  ///< pixel values shown black and full; low >= high: 0.5 % and 99.8 % of the plane
    double gamma = 1;          ///< below 1 brightens the middle

    bool operator==(const ChannelDisplay&) const = default;
};

struct Contrast {
    double low = 0, high = 1;
};

/// Limits that leave 0.5 % below and 0.2 % above, from at most 65,536 evenly spaced pixels. Not finite values are left
/// out.
Contrast autoContrast(const io::FloatImage& plane);

/// Counts of the plane's values in `bins` equal bins from low to high, from at most 65,536 evenly spaced pixels; values
/// outside fall into the end bins.
std::vector<int> histogram(const io::FloatImage& plane, double low, double high, int bins);

/// Adds the visible channels' colours, saturating at white. Planes share one size; NaN is black. A team composes
/// strips of rows side by side; the picture is the same.
QImage compose(const std::vector<std::shared_ptr<const io::FloatImage>>& planes,
               const std::vector<ChannelDisplay>& displays, ThreadTeam* team = nullptr);

}  // namespace driftscope::image
