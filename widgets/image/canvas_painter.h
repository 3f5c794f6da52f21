#pragma once

#include <QColor>
#include <QPolygonF>
#include <QSet>
#include <QSizeF>
#include <QString>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/io/time_lapse.h"
#include "widgets/image/compose.h"
#include "widgets/image/frame.h"
#include "widgets/image/trajectory.h"
#include "widgets/image/view_transform.h"

class QFont;
class QPainter;

namespace driftscope::image {

/// How cells look. Colours and texts are asked for while painting, so they must be quick.
struct CellLook {
    std::function<QColor(std::uint32_t)> color;  ///< invalid: the plain outline colour; alpha 0: not drawn
    std::function<QString(std::uint32_t)> text;  ///< shown in the tag after the id, for example the state
    QSet<std::uint32_t> selected;
    std::optional<std::uint32_t> hovered;
    bool outlines = true;
    double fill = 0;      ///< opacity of filled masks, 0 to 1
    int tailLength = 10;  ///< frames; 0 hides tails
};

/// Everything one painting of the canvas needs.
struct CanvasScene {
    FramePtr frame;
    ViewTransform view;
    QSizeF size;
    const CellLook* look = nullptr;
    const std::vector<Trajectory>* tails = nullptr;
    const io::TimeLapseInfo* info = nullptr;
    const std::vector<ChannelDisplay>* channels = nullptr;
    QString status;  ///< a line at the lower left: what is being waited for, or what is missing
    QString tag;     ///< beside the cursor
    QColor tagColor;
    QPointF tagAt;
    QPolygonF region;     ///< lasso or box being drawn, widget points
    bool legends = true;  ///< time, scale bar, channel names
};

QColor canvasColor();
void paintScene(QPainter& painter, const CanvasScene& scene);

/// A round length of about `target` units (1, 2 or 5 times a power of ten), never above it.
double roundLength(double target);
/// "µm" for "micrometer", "min" for "minute"; unknown names stay.
QString unitSymbol(const std::string& name);
/// "t = 12 of 29 (12 min)".
QString timeText(const io::TimeLapseInfo& info, int frame);

}  // namespace driftscope::image
