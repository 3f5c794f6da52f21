#include <QBuffer>
#include <QFileInfo>
#include <QImageWriter>
#include <QPainter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <chrono>

#include "widgets/space/axis_painter.h"
#include "widgets/space/embedding_view_2d.h"
#include "widgets/space/legend.h"
#include "widgets/space/point_cloud.h"
#include "widgets/space/track_overlay.h"
#include "widgets/style/palette.h"

namespace driftscope {

using space::PixelGrid;

namespace {

constexpr double kExportRatio = 2;
constexpr std::size_t kMostVectorPoints = 50000;

tl::unexpected<Error> writeFailure(const QString& path, const QString& why) {
    return fail(ErrorCode::Io,
                fmt::format("The picture could not be written to '{}': {}.", path.toStdString(), why.toStdString()),
                "Choose a folder you may write to, with free space.");
}

}  // namespace

Result<void> EmbeddingView2D::exportImage(const QString& path, const QString& provenance) const {
    if (!hasPicture())
        return fail(ErrorCode::NotFound, "There are no points to export.", "Compute or load a projection first.");
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix != QStringLiteral("png") && suffix != QStringLiteral("svg"))
        return fail(ErrorCode::Usage, fmt::format("'{}' ends neither in .png nor in .svg.", path.toStdString()),
                    "Name the picture .png (pixels) or .svg (vector).");
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) return writeFailure(path, file.errorString());
    if (suffix == QStringLiteral("svg")) {
        QBuffer svg;
        svg.open(QIODevice::ReadWrite);
        QSvgGenerator generator;
        generator.setOutputDevice(&svg);
        generator.setSize(size());
        generator.setViewBox(rect());
        generator.setTitle(tr("Embedding: %1, %2").arg(titleX_, titleY_));
        generator.setDescription(provenance);
        QPainter painter(&generator);
        exportScene(painter, kExportRatio, true);
        painter.end();
        file.write(svg.data());
    } else {
        QImage image((QSizeF(size()) * kExportRatio).toSize(), QImage::Format_RGB32);
        image.setDevicePixelRatio(kExportRatio);
        image.fill(palette().color(QPalette::Base));
        image.setText(QStringLiteral("Description"), provenance);
        image.setText(QStringLiteral("Software"), QStringLiteral("Driftscope " DRIFTSCOPE_VERSION));
        QPainter painter(&image);
        exportScene(painter, kExportRatio, false);
        painter.end();
        QImageWriter writer(&file, "png");
        if (!writer.write(image)) return writeFailure(path, writer.errorString());
    }
    if (!file.commit()) return writeFailure(path, file.errorString());
    return {};
}

void EmbeddingView2D::exportScene(QPainter& painter, double pixelRatio, bool vector) const {
    const QRect plot = plotRect();
    painter.setFont(font());
    painter.fillRect(rect(), palette().color(QPalette::Base));
    // A copy draws at its own size and quality and leaves the visible picture alone.
    space::EmbeddingScene scene = scene_;
    const QSize size = (QSizeF(plot.size()) * pixelRatio).toSize();
    scene.beginFull(size, view_.panned(QPointF(-plot.x(), -plot.y())).scaled(pixelRatio), pixelRatio);
    scene.refine(space::EmbeddingScene::Clock::time_point::max());
    const bool tracksBelow = trackScope() == TrackScope::All;
    if (vector && !tracksBelow && scene.raster().drawn() <= kMostVectorPoints && scene.raster().frame().discs) {
        painter.setClipRect(plot);
        paintVectorPoints(painter);
    } else {
        QImage picture = scene.raster().image().copy(QRect(QPoint(PixelGrid::kMargin, PixelGrid::kMargin), size));
        painter.drawImage(QRectF(plot), picture);
    }
    painter.setClipRect(plot);
    space::drawArrows(painter, scene_, arrows_, view_);
    if (trackScope() != TrackScope::None && scene_.selectedTracks().size() <= space::EmbeddingScene::kOverlayTracks)
        for (std::uint32_t track : scene_.selectedTracks())
            space::drawTrackOverlay(painter, scene_, track, view_, currentStep_);
    painter.setClipping(false);
    space::drawAxes(painter, plot, view_, titleX_, titleY_, palette());
    space::drawLegend(painter, QRectF(plot.right() - 170, plot.top() + 6, 164, plot.height() - 12), scene_.colours(),
                      palette());
}

void EmbeddingView2D::paintVectorPoints(QPainter& painter) const {
    painter.setRenderHint(QPainter::Antialiasing);
    const double radius = scene_.raster().frame().radius / devicePixelRatioF();
    const auto& raster = scene_.raster();
    const auto words = raster.style().words();
    const space::ColourTable colours = scene_.colours().table(palette());
    const bool fades = scene_.fades();
    const QRectF area = QRectF(plotRect()).adjusted(-radius, -radius, radius, radius);
    for (const bool selectedPass : {false, true})
        for (space::Rank rank = 0; rank < scene_.cloud()->drawable(); ++rank) {
            const space::StyleWord word = words[rank];
            const bool selected = (word & (space::kSelected | space::kEmphasised)) != 0;
            if ((word & space::kHidden) || selected != selectedPass) continue;
            const std::uint32_t id = scene_.cloud()->id(rank);
            const QPointF at = view_.toPixels(scene_.cloud()->x(id), scene_.cloud()->y(id));
            if (!area.contains(at)) continue;
            const auto& list = (word & space::kDimmed) ? colours.dimmed
                               : fades && !selected    ? colours.faded
                                                       : colours.normal;
            const QColor fill = QColor::fromRgb(list[word & space::kCodeMask]);
            painter.setPen(QPen(selected ? QColor::fromRgb(colours.selectedLine) : fill.darker(135), radius * 0.2));
            painter.setBrush(fill);
            painter.drawEllipse(at, radius * 0.9, radius * 0.9);
        }
}

}  // namespace driftscope
