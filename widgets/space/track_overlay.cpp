#include "widgets/space/track_overlay.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <vector>

#include "widgets/space/arrow_overlay.h"
#include "widgets/space/embedding_scene.h"
#include "widgets/style/palette.h"

namespace driftscope::space {

namespace {

constexpr double kLine = 2.0;
constexpr double kHalo = 4.5;
/// Arrow heads along the path, in pixels.
constexpr double kArrowSpacing = 90;

struct Vertex {
    QPointF at;
    QColor colour;
    std::int64_t step;
    bool afterGap;  ///< no line leads here
};

std::vector<Vertex> visibleVertices(const EmbeddingScene& scene, std::uint32_t track, const ViewTransform& view) {
    std::vector<Vertex> vertices;
    const auto& rows = scene.trajectories()[track];
    bool gap = true;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::int64_t step = scene.stepOf(rows[i], i);
        const auto& window = scene.timeWindow();
        if (window && (step < window->first || step > window->second)) continue;
        if (!scene.cloud()->isDrawable(rows[i])) {
            gap = true;
            continue;
        }
        const QPointF at = view.toPixels(scene.cloud()->x(rows[i]), scene.cloud()->y(rows[i]));
        vertices.push_back({at, scene.colours().colourOf(rows[i], scene.palette()), step, gap});
        gap = false;
    }
    return vertices;
}

void drawHeads(QPainter& painter, const std::vector<Vertex>& vertices, const QColor& ink) {
    double walked = kArrowSpacing / 2;
    for (std::size_t i = 1; i < vertices.size(); ++i) {
        if (vertices[i].afterGap) continue;
        const QPointF along = vertices[i].at - vertices[i - 1].at;
        walked += std::hypot(along.x(), along.y());
        const bool last = i + 1 == vertices.size();
        if (walked < kArrowSpacing && !last) continue;
        walked = 0;
        painter.fillPath(arrowHead(vertices[i - 1].at, last ? vertices[i].at : vertices[i - 1].at + along * 0.5), ink);
    }
}

void drawMarker(QPainter& painter, const Vertex& vertex, const QPalette& palette) {
    painter.setPen(QPen(palette.color(QPalette::Base), 4));
    painter.setBrush(vertex.colour);
    painter.drawEllipse(vertex.at, 6.5, 6.5);
    painter.setPen(QPen(palette.color(QPalette::Text), 1.6));
    painter.drawEllipse(vertex.at, 6.5, 6.5);
}

}  // namespace

void drawTrackOverlay(QPainter& painter, const EmbeddingScene& scene, std::uint32_t track, const ViewTransform& view,
                      std::optional<std::int64_t> currentStep) {
    const std::vector<Vertex> vertices = visibleVertices(scene, track, view);
    if (vertices.empty()) return;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor ground = scene.palette().color(QPalette::Base), ink = scene.palette().color(QPalette::Text);
    QPainterPath path;
    for (const Vertex& v : vertices) v.afterGap ? path.moveTo(v.at) : path.lineTo(v.at);
    QColor halo = ground;
    halo.setAlpha(190);
    painter.strokePath(path, QPen(halo, kHalo, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    for (std::size_t i = 1; i < vertices.size(); ++i) {
        if (vertices[i].afterGap) continue;
        const double age = static_cast<double>(i) / static_cast<double>(vertices.size() - 1);
        const QColor colour = style::mix(ground, style::mix(vertices[i].colour, ink, 0.25), 0.3 + 0.7 * age);
        painter.setPen(QPen(colour, kLine, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(vertices[i - 1].at, vertices[i].at);
    }
    drawHeads(painter, vertices, style::mix(ground, ink, 0.85));
    if (currentStep) {
        // The last observation at or before the step: a cell missing for a frame keeps its place.
        const auto after = std::upper_bound(vertices.begin(), vertices.end(), *currentStep,
                                            [](std::int64_t step, const Vertex& v) { return step < v.step; });
        if (after != vertices.begin()) drawMarker(painter, *(after - 1), scene.palette());
    }
    painter.restore();
}

}  // namespace driftscope::space
