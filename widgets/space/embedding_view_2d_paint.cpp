#include <QLocale>
#include <QPaintEvent>
#include <QPainter>
#include <algorithm>

#include "widgets/space/axis_painter.h"
#include "widgets/space/embedding_view_2d.h"
#include "widgets/space/point_cloud.h"
#include "widgets/space/track_overlay.h"
#include "widgets/style/palette.h"

namespace driftscope {

using space::PixelGrid;

void EmbeddingView2D::paintEvent(QPaintEvent* event) {
    if (hasPicture() && pictureDirty_) renderFrame();
    QPainter painter(this);
    const QColor ground = palette().color(QPalette::Base);
    if (!hasPicture()) {
        painter.fillRect(event->rect(), ground);
        const QString busy =
            tr("Arranging %1 points…").arg(QLocale().toString(static_cast<qulonglong>(arrangingCount_)));
        paintMessage(painter, arranging_ ? busy : emptyText_);
        return;
    }
    paintPicture(painter, event->rect());
    const QRect plot = plotRect();
    const QRegion frame = QRegion(rect()) - plot;
    if (event->region().intersects(frame)) {
        painter.setClipRegion(frame);
        painter.fillRect(rect(), ground);
        space::drawAxes(painter, plot, view_, titleX_, titleY_, palette());
    }
    painter.setClipRect(plot);
    paintOverlays(painter);
    painter.setClipping(false);
    paintNotes(painter);
    if (hasFocus()) {
        QColor ring = palette().color(QPalette::Highlight);
        painter.setPen(QPen(ring, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void EmbeddingView2D::paintPicture(QPainter& painter, const QRect& dirty) {
    const QRect plot = plotRect();
    const QRect target = dirty & plot;
    if (target.isEmpty()) return;
    const double ratio = devicePixelRatioF();
    const QRectF source(
        QPointF(target.topLeft() - plot.topLeft()) * ratio + QPointF(PixelGrid::kMargin, PixelGrid::kMargin),
        QSizeF(target.size()) * ratio);
    painter.setCompositionMode(QPainter::CompositionMode_Source);  // opaque: a copy, not a blend
    painter.drawImage(QRectF(target), scene_.raster().image(), source);
    painter.setCompositionMode(QPainter::CompositionMode_SourceOver);
}

void EmbeddingView2D::paintOverlays(QPainter& painter) {
    space::drawArrows(painter, scene_, arrows_, view_);
    if (scene_.trackScope() != TrackScope::None) {
        std::vector<std::uint32_t> tracks;
        if (scene_.selectedTracks().size() <= space::EmbeddingScene::kOverlayTracks) tracks = scene_.selectedTracks();
        if (hover_)
            if (const auto track = scene_.trackOf(*hover_);
                track && std::find(tracks.begin(), tracks.end(), *track) == tracks.end())
                tracks.push_back(*track);
        for (std::uint32_t track : tracks) space::drawTrackOverlay(painter, scene_, track, view_, currentStep_);
    }
    paintHover(painter);
    if (drag_ != Drag::Lasso && drag_ != Drag::Box) return;
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor accent = palette().color(QPalette::Highlight);
    QColor wash = accent;
    wash.setAlpha(38);
    painter.setPen(QPen(accent, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(wash);
    if (drag_ == Drag::Lasso)
        painter.drawPolygon(lasso_, Qt::WindingFill);
    else
        painter.drawRect(QRectF(pressAt_, dragAt_).normalized());
}

void EmbeddingView2D::paintHover(QPainter& painter) {
    if (!hover_ || !scene_.cloud()->isDrawable(*hover_)) return;
    painter.setRenderHint(QPainter::Antialiasing);
    const QPointF at = view_.toPixels(scene_.cloud()->x(*hover_), scene_.cloud()->y(*hover_));
    const double radius = std::max(5.0, scene_.raster().frame().radius / devicePixelRatioF() + 3.0);
    painter.setPen(QPen(palette().color(QPalette::Base), 4));
    painter.setBrush(scene_.colours().colourOf(*hover_, palette()));
    painter.drawEllipse(at, radius, radius);
    painter.setPen(QPen(palette().color(QPalette::Text), 1.8));
    painter.drawEllipse(at, radius, radius);
}

QRect EmbeddingView2D::hoverRect(std::optional<std::uint32_t> id) const {
    if (!id || !scene_.cloud() || !scene_.cloud()->isDrawable(*id)) return {};
    // A track lights up with its point, and may reach anywhere.
    if (scene_.trackScope() != TrackScope::None && scene_.trackOf(*id)) return plotRect();
    const QPointF at = view_.toPixels(scene_.cloud()->x(*id), scene_.cloud()->y(*id));
    return QRectF(at - QPointF(14, 14), QSizeF(28, 28)).toAlignedRect();
}

void EmbeddingView2D::paintMessage(QPainter& painter, const QString& text) {
    painter.setPen(style::subtleText(palette()));
    QRect area = rect().adjusted(24, 24, -24, -24);
    const int width = std::min(area.width(), 420);
    area = QRect(area.center().x() - width / 2, area.top(), width, area.height());
    painter.drawText(area, Qt::AlignCenter | Qt::TextWordWrap, text);
}

void EmbeddingView2D::paintNotes(QPainter& painter) {
    const std::size_t skipped = skippedCount();
    if (skipped == 0) return;
    painter.setPen(style::subtleText(palette()));
    painter.drawText(plotRect().adjusted(8, 4, -8, -4), Qt::AlignLeft | Qt::AlignTop,
                     tr("%1 of %2 points have no coordinates and are not shown")
                         .arg(QLocale().toString(static_cast<qulonglong>(skipped)),
                              QLocale().toString(static_cast<qulonglong>(pointCount()))));
}

}  // namespace driftscope
