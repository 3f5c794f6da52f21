#include "widgets/space/arrow_overlay.h"

#include <QPainter>
#include <QPainterPath>
#include <cmath>

#include "widgets/space/embedding_scene.h"
#include "widgets/style/palette.h"

namespace driftscope::space {
namespace {

constexpr double kHead = 5.5;
constexpr double kLine = 1.3, kStrongLine = 2.2;

bool isShown(const EmbeddingScene& scene, std::uint32_t id) {
    if (id >= scene.cloud()->size() || !scene.cloud()->isDrawable(id)) return false;
    const ColourScheme& colours = scene.colours();
    if (id < colours.points() && colours.code(id) < colours.hidden.size() && colours.hidden[colours.code(id)]) return false;
    return true;
}

}  // namespace

QPainterPath arrowHead(const QPointF& from, const QPointF& tip) {
    const QPointF along = tip - from;
    const double length = std::hypot(along.x(), along.y());
    if (length < 1e-3) return {};
    const QPointF unit = along / length, across(-unit.y(), unit.x());
    QPainterPath head(tip + unit * 2.5);
    head.lineTo(tip - unit * kHead + across * kHead * 0.62);
    head.lineTo(tip - unit * kHead * 0.55);
    head.lineTo(tip - unit * kHead - across * kHead * 0.62);
    head.closeSubpath();
    return head;
}

void drawArrows(QPainter& painter, const EmbeddingScene& scene, const std::vector<Arrow>& arrows, const ViewTransform& view) {
    if (arrows.empty() || scene.empty()) return;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor ink = scene.palette().color(QPalette::Text);
    const IdSet& chosen = scene.selection();
    for (const bool strong : {false, true})
        for (const Arrow& arrow : arrows) {
            if (!isShown(scene, arrow.from) || !isShown(scene, arrow.to)) continue;
            const bool picked = chosen.contains(arrow.to) || chosen.contains(arrow.from);
            if (picked != strong) continue;
            const QPointF from = view.toPixels(scene.cloud()->x(arrow.from), scene.cloud()->y(arrow.from));
            const QPointF to = view.toPixels(scene.cloud()->x(arrow.to), scene.cloud()->y(arrow.to));
            QColor colour = style::mix(scene.colours().colourOf(arrow.to, scene.palette()), ink, strong ? 0.3 : 0.1);
            colour.setAlpha(strong || chosen.empty() ? 220 : 90);
            painter.setPen(QPen(colour, strong ? kStrongLine : kLine, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(from, to);
            painter.fillPath(arrowHead(from, to), colour);
        }
    painter.restore();
}

}  // namespace driftscope::space
