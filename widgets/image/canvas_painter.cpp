#include "widgets/image/canvas_painter.h"

#include <QFontMetricsF>
#include <QLocale>
#include <QPainter>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "widgets/image/cell_painter.h"

namespace driftscope::image {

namespace {

constexpr double kPad = 10;

void paintPicture(QPainter& painter, const CanvasScene& scene) {
    const QImage& picture = scene.frame->picture;
    if (picture.isNull()) return;
    const QRectF part = imageInSight(scene).intersected(QRectF(picture.rect()));
    if (part.isEmpty()) return;
    const QRectF whole(QRectF(std::floor(part.left()), std::floor(part.top()), 0, 0));
    QRectF source(whole.topLeft(), QPointF(std::ceil(part.right()), std::ceil(part.bottom())));
    const QRectF target(scene.view.toWidget(source.topLeft()), scene.view.toWidget(source.bottomRight()));
    const double scale = scene.view.scale() * painter.device()->devicePixelRatioF();
    painter.setRenderHint(QPainter::SmoothPixmapTransform, scale != 1 && scale < 2);
    painter.drawImage(target, picture, source);
}

QPointF onGrid(QPointF index) {
    return index + QPointF(0.5, 0.5);
}

/// Segments of equal age and colour are drawn in one call.
struct TailBatches {
    std::map<std::pair<int, QRgb>, QList<QLineF>> lines;
    QList<QLineF> divisions;
};

void collectTail(const CanvasScene& scene, const Trajectory& track, const Trajectory* parent, TailBatches& out) {
    const int now = scene.frame->t, first = now - scene.look->tailLength;
    if (track.frames.empty() || track.frames.front() > now || track.frames.back() < first) return;
    const QColor color = cellColor(*scene.look, track.id);
    if (color.alpha() == 0) return;
    const auto end = std::upper_bound(track.frames.begin(), track.frames.end(), now) - track.frames.begin();
    for (auto i = end - 1; i > 0; --i) {
        const auto at = static_cast<std::size_t>(i);
        if (track.frames[at] < first) return;
        const int age = (now - track.frames[at]) * 8 / std::max(1, scene.look->tailLength);
        out.lines[{std::min(age, 7), color.rgb()}].append(
            {scene.view.toWidget(onGrid(track.points[at - 1])), scene.view.toWidget(onGrid(track.points[at]))});
    }
    if (!parent || parent->frames.empty() || track.frames.front() < first ||
        parent->frames.back() >= track.frames.front())
        return;
    out.divisions.append(
        {scene.view.toWidget(onGrid(parent->points.back())), scene.view.toWidget(onGrid(track.points.front()))});
}

void paintTails(QPainter& painter, const CanvasScene& scene) {
    if (!scene.tails || scene.look->tailLength <= 0) return;
    std::map<std::uint32_t, const Trajectory*> byId;
    for (const Trajectory& track : *scene.tails) byId[track.id] = &track;
    TailBatches batches;
    for (const Trajectory& track : *scene.tails) {
        const auto parent = byId.find(track.parent);
        collectTail(scene, track, track.parent != 0 && parent != byId.end() ? parent->second : nullptr, batches);
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
    for (auto it = batches.lines.rbegin(); it != batches.lines.rend(); ++it) {
        QColor color = QColor::fromRgb(it->first.second);
        color.setAlphaF(0.95F - 0.11F * static_cast<float>(it->first.first));
        painter.setPen(QPen(color, 1.8, Qt::SolidLine, Qt::RoundCap));
        painter.drawLines(it->second);
    }
    painter.setPen(QPen(QColor(255, 255, 255, 220), 1.6, Qt::DotLine));
    painter.drawLines(batches.divisions);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

QRectF paintPill(QPainter& painter, QPointF corner, Qt::Corner which, const QString& text, const QColor& swatch = {}) {
    const QFontMetricsF metrics(painter.font());
    const double mark = swatch.isValid() ? 16 : 0;
    const QSizeF size(metrics.horizontalAdvance(text) + 14 + mark, metrics.height() + 6);
    const bool right = which == Qt::TopRightCorner || which == Qt::BottomRightCorner;
    const bool bottom = which == Qt::BottomLeftCorner || which == Qt::BottomRightCorner;
    const QRectF box(corner.x() - (right ? size.width() : 0), corner.y() - (bottom ? size.height() : 0), size.width(),
                     size.height());
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(12, 12, 14, 190));
    painter.drawRoundedRect(box, 5, 5);
    if (swatch.isValid()) {
        painter.setBrush(swatch);
        painter.drawEllipse(QPointF(box.left() + 13, box.center().y()), 4.5, 4.5);
    }
    painter.setPen(QColor(0xF2, 0xF2, 0xF2));
    painter.drawText(box.adjusted(7 + mark, 0, -7, 0), Qt::AlignVCenter | Qt::AlignLeft, text);
    painter.setRenderHint(QPainter::Antialiasing, false);
    return box;
}

void paintScaleBar(QPainter& painter, const CanvasScene& scene) {
    const QString unit = unitSymbol(scene.info->unit[4]);
    const double perPixel = unit.isEmpty() ? 1 : scene.info->scale[4];
    const double length = roundLength(scene.size.width() * 0.2 / scene.view.scale() * perPixel);
    const double points = length / perPixel * scene.view.scale();
    const QString text = QStringLiteral("%1 %2").arg(QLocale::c().toString(length, 'g', 4),
                                                     unit.isEmpty() ? QStringLiteral("px") : unit);
    const QPointF right(scene.size.width() - kPad - 8, scene.size.height() - kPad - 8);
    const QFontMetricsF metrics(painter.font());
    const double width = std::max(points, metrics.horizontalAdvance(text)) + 16;
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(12, 12, 14, 150));
    painter.drawRoundedRect(
        QRectF(right.x() - width + 8, right.y() - metrics.height() - 9, width, metrics.height() + 17), 5, 5);
    painter.fillRect(QRectF(right.x() - points, right.y() - 3, points, 4), QColor(0xF2, 0xF2, 0xF2));
    painter.setPen(QColor(0xF2, 0xF2, 0xF2));
    painter.drawText(QRectF(right.x() - width + 8, right.y() - metrics.height() - 6, width - 8, metrics.height()),
                     Qt::AlignRight, text);
}

void paintLegends(QPainter& painter, const CanvasScene& scene) {
    paintPill(painter, {kPad, kPad}, Qt::TopLeftCorner, timeText(*scene.info, scene.frame->t));
    double y = kPad;
    for (std::size_t c = 0; c < scene.channels->size() && c < scene.info->channels.size(); ++c) {
        if (!(*scene.channels)[c].visible) continue;
        const QRectF box = paintPill(painter, {scene.size.width() - kPad, y}, Qt::TopRightCorner,
                                     QString::fromStdString(scene.info->channels[c].name), (*scene.channels)[c].color);
        y = box.bottom() + 3;
    }
    paintScaleBar(painter, scene);
}

void paintRegion(QPainter& painter, const QPolygonF& region) {
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setBrush(QColor(255, 255, 255, 28));
    painter.setPen(QPen(QColor(0, 0, 0, 160), 3));
    painter.drawPolygon(region);
    painter.setPen(QPen(QColor(255, 255, 255, 230), 1.2, Qt::DashLine));
    painter.drawPolygon(region);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void paintError(QPainter& painter, const CanvasScene& scene) {
    painter.setPen(QColor(0xF0, 0xC0, 0x90));
    const QRectF room(24, 24, scene.size.width() - 48, scene.size.height() - 48);
    painter.drawText(room, Qt::AlignCenter | Qt::TextWordWrap, scene.frame->error);
}

}  // namespace

QColor canvasColor() {
    return {0x16, 0x17, 0x19};
}

void paintScene(QPainter& painter, const CanvasScene& scene) {
    painter.fillRect(QRectF({0, 0}, scene.size), canvasColor());
    if (!scene.frame) return;
    paintPicture(painter, scene);
    paintCells(painter, scene);
    paintTails(painter, scene);
    if (!scene.frame->error.isEmpty()) paintError(painter, scene);
    if (scene.legends) paintLegends(painter, scene);
    if (!scene.status.isEmpty())
        paintPill(painter, {kPad, scene.size.height() - kPad}, Qt::BottomLeftCorner, scene.status);
    if (!scene.region.isEmpty()) paintRegion(painter, scene.region);
    if (!scene.tag.isEmpty()) {
        const bool right = scene.tagAt.x() > scene.size.width() - 160, low = scene.tagAt.y() > scene.size.height() - 60;
        const QPointF corner = scene.tagAt + QPointF(right ? -12 : 16, low ? -12 : 16);
        paintPill(painter, corner,
                  right ? (low ? Qt::BottomRightCorner : Qt::TopRightCorner)
                        : (low ? Qt::BottomLeftCorner : Qt::TopLeftCorner),
                  scene.tag, scene.tagColor);
    }
}

double roundLength(double target) {
    if (!(target > 0)) return 1;
    const double decade = std::pow(10, std::floor(std::log10(target)));
    const double share = target / decade;
    return decade * (share >= 5 ? 5 : share >= 2 ? 2 : 1);
}

QString unitSymbol(const std::string& name) {
    static const std::map<std::string, QString> symbols{
        {"micrometer", QStringLiteral("µm")},  {"nanometer", QStringLiteral("nm")},
        {"millimeter", QStringLiteral("mm")},  {"meter", QStringLiteral("m")},
        {"minute", QStringLiteral("min")},     {"second", QStringLiteral("s")},
        {"millisecond", QStringLiteral("ms")}, {"hour", QStringLiteral("h")},
        {"day", QStringLiteral("d")}};
    const auto it = symbols.find(name);
    return it == symbols.end() ? QString::fromStdString(name) : it->second;
}

QString timeText(const io::TimeLapseInfo& info, int frame) {
    const QString text = QStringLiteral("t = %1 of %2").arg(frame).arg(info.frames() - 1);
    if (info.unit[0].empty()) return text;
    return QStringLiteral("%1  (%2 %3)")
        .arg(text, QLocale::c().toString(frame * info.scale[0], 'g', 6), unitSymbol(info.unit[0]));
}

}  // namespace driftscope::image
