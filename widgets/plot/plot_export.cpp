#include <qcustomplot.h>

#include <QFileInfo>
#include <QSaveFile>
#include <QSvgGenerator>

#include "widgets/plot/plot_style.h"
#include "widgets/plot/plot_widget.h"

namespace driftscope::plot {

namespace {

Result<void> cannotWrite(const QString& path, const QString& why) {
    return fail(ErrorCode::Io, fmt::format("Cannot write '{}': {}.", path.toStdString(), why.toStdString()),
                "Choose another folder or free some space.");
}

Result<void> save(const QString& path, const QByteArray& bytes) {
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return cannotWrite(path, file.errorString());
    return {};
}

QByteArray svg(QCustomPlot& plot, QSize size, const QString& title) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(size);
    generator.setViewBox(QRect(QPoint(0, 0), size));
    generator.setTitle(title);
    QCPPainter painter;
    painter.begin(&generator);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot.toPainter(&painter, size.width(), size.height());
    painter.end();
    return bytes;
}

Result<void> savePicture(QCustomPlot& plot, const QString& path, const QString& suffix, QSize size,
                         const QString& title) {
    if (suffix == QLatin1String("svg")) return save(path, svg(plot, size, title));
    if (suffix == QLatin1String("pdf")) {
        if (plot.savePdf(path, size.width(), size.height(), QCP::epNoCosmetic,
                         QStringLiteral("Driftscope " DRIFTSCOPE_VERSION), title))
            return {};
        return cannotWrite(path, QStringLiteral("the PDF writer refused"));
    }
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QImage image = plot.toPixmap(size.width(), size.height(), 2.0).toImage();
    image.setText(QStringLiteral("Title"), title);
    image.setText(QStringLiteral("Software"), QStringLiteral("Driftscope " DRIFTSCOPE_VERSION));
    image.save(&buffer, "PNG");
    return save(path, bytes);
}

}  // namespace

Result<void> PlotWidget::exportTo(const QString& path, QSize size) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    static const QStringList known{QStringLiteral("png"), QStringLiteral("svg"), QStringLiteral("pdf"),
                                   QStringLiteral("csv")};
    if (!known.contains(suffix))
        return fail(ErrorCode::Usage, fmt::format("'{}' has no suffix a plot can be written as.", path.toStdString()),
                    "Use .png, .svg, .pdf or .csv.");
    if (isEmpty())
        return fail(ErrorCode::BadInput,
                    fmt::format("There is nothing to write to '{}': the plot is empty.", path.toStdString()));
    if (suffix == QLatin1String("csv")) return save(path, csv().toUtf8());
    if (size.isEmpty()) size = plot()->size().expandedTo({320, 220});
    hideReadOut();
    wear(paperPalette());
    auto written = savePicture(*plot(), path, suffix, size, title_);
    wear(palette());
    return written;
}

}  // namespace driftscope::plot
