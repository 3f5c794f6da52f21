#include "widgets/image/cell_painter.h"

#include <QPaintEngine>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/image/canvas_painter.h"

namespace driftscope::image {

namespace {

const QColor kPlainOutline(0xC4, 0xC6, 0xCA);
const QColor kHalo(0xFF, 0xFF, 0xFF);
constexpr double kThickFrom = 2;  // points per pixel from which outlines are two points wide
constexpr double kHoverFill = 0.18;

struct InSight {
    const Outline* cell;
    QColor color;
};

struct Groups {
    std::vector<InSight> plain, selected, hovered;
};

Groups cellsInSight(const CanvasScene& scene) {
    Groups groups;
    const QRectF sight = imageInSight(scene);
    for (const Outline& cell : scene.frame->outlines->cells) {
        if (!sight.intersects(QRectF(cell.bounds))) continue;
        const QColor color = cellColor(*scene.look, cell.id);
        if (color.alpha() == 0) continue;
        auto& group = scene.look->hovered == cell.id           ? groups.hovered
                      : scene.look->selected.contains(cell.id) ? groups.selected
                                                               : groups.plain;
        group.push_back({&cell, color});
    }
    return groups;
}

/// Outlines run along the pixel grid, so on a raster they are rows of rectangles on whole device pixels: crisp at any
/// zoom and many times as fast as stroking the path. Whole coordinates take the raster engine's shortest way.
void strokeAsRectangles(QPainter& painter, const ViewTransform& view, const QPainterPath& path, double width,
                        const QColor& color) {
    const double ratio = painter.device()->devicePixelRatioF();
    const auto snap = [ratio](double value) { return std::round(value * ratio) / ratio; };
    QList<QRectF> exact;
    QList<QRect> whole;
    QPointF from;
    for (int i = 0; i < path.elementCount(); ++i) {
        const QPainterPath::Element element = path.elementAt(i);
        const QPointF to = view.toWidget({element.x, element.y});
        if (element.isLineTo()) {
            const QPointF start(snap(std::min(from.x(), to.x()) - width / 2),
                                snap(std::min(from.y(), to.y()) - width / 2));
            const QPointF end(snap(std::max(from.x(), to.x()) - width / 2) + width,
                              snap(std::max(from.y(), to.y()) - width / 2) + width);
            if (ratio == 1)
                whole.append(QRectF(start, end).toRect());
            else
                exact.append(QRectF(start, end));
        }
        from = to;
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawRects(whole);
    painter.drawRects(exact);
}

void strokeAsPath(QPainter& painter, const ViewTransform& view, const QPainterPath& path, double width,
                  const QColor& color) {
    painter.setPen(QPen(color, width, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(view.matrix().map(path));
}

void fill(QPainter& painter, const CanvasScene& scene, const std::vector<InSight>& cells, double opacity) {
    if (opacity <= 0 || cells.empty()) return;
    painter.save();
    painter.setTransform(scene.view.matrix(), true);
    painter.setPen(Qt::NoPen);
    for (const InSight& cell : cells) {
        QColor color = cell.color;
        color.setAlphaF(static_cast<float>(std::min(1.0, opacity)));
        painter.setBrush(color);
        painter.drawPath(cell.cell->path);
    }
    painter.restore();
}

}  // namespace

QRectF imageInSight(const CanvasScene& scene) {
    return {scene.view.toImage({0, 0}), scene.view.toImage({scene.size.width(), scene.size.height()})};
}

QColor cellColor(const CellLook& look, std::uint32_t id) {
    const QColor color = look.color ? look.color(id) : QColor();
    return color.isValid() ? color : kPlainOutline;
}

void paintCells(QPainter& painter, const CanvasScene& scene) {
    if (!scene.frame->outlines) return;
    const Groups groups = cellsInSight(scene);
    const bool raster = painter.paintEngine()->type() == QPaintEngine::Raster;
    const double width = scene.view.scale() < kThickFrom ? 1 : 2;
    const auto stroke = [&](const InSight& cell, double extra, const QColor& color) {
        (raster ? strokeAsRectangles : strokeAsPath)(painter, scene.view, cell.cell->path, width + extra, color);
    };
    fill(painter, scene, groups.plain, scene.look->fill);
    for (const InSight& cell : groups.plain)
        if (scene.look->outlines) stroke(cell, 0, cell.color);
    fill(painter, scene, groups.selected, scene.look->fill);
    for (const InSight& cell : groups.selected) {
        stroke(cell, 3, kHalo);
        stroke(cell, 0, cell.color);
    }
    fill(painter, scene, groups.hovered, scene.look->fill + kHoverFill);
    for (const InSight& cell : groups.hovered) {
        if (scene.look->selected.contains(cell.cell->id)) stroke(cell, 3, kHalo);
        stroke(cell, 1, cell.color);
    }
}

}  // namespace driftscope::image
