#include "plugins/cells/painted_plot.h"

#include <QBuffer>
#include <QFileInfo>
#include <QPainter>
#include <QSvgGenerator>

#include "core/base/atomic_file.h"
#include "widgets/style/palette.h"

namespace driftscope::cells {
namespace {

constexpr qreal kPixelRatio = 2;

QPalette paper() {
    QPalette out;
    out.setColor(QPalette::Window, Qt::white);
    out.setColor(QPalette::Base, Qt::white);
    out.setColor(QPalette::WindowText, Qt::black);
    out.setColor(QPalette::Text, Qt::black);
    return out;
}

}  // namespace

PaintedPlot::PaintedPlot(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
}

void PaintedPlot::setEmptyText(const QString& text) {
    emptyText_ = text;
    update();
}

void PaintedPlot::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (!isEmpty()) {
        paintPlot(painter, rect(), palette());
        return;
    }
    painter.setPen(style::subtleText(palette()));
    painter.drawText(rect().adjusted(20, 20, -20, -20), Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
}

Result<void> PaintedPlot::exportTo(const QString& path) {
    if (isEmpty()) return fail(ErrorCode::BadInput, fmt::format("There is nothing to write to '{}': the picture is empty.", path.toStdString()));
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix == QLatin1String("csv")) return writeFileAtomically(path.toStdString(), csv().toStdString());
    const QRect area(QPoint(0, 0), size().expandedTo({480, 300}));
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (suffix == QLatin1String("svg")) {
        QSvgGenerator svg;
        svg.setOutputDevice(&buffer);
        svg.setSize(area.size());
        svg.setViewBox(area);
        QPainter painter(&svg);
        painter.fillRect(area, Qt::white);
        paintPlot(painter, area, paper());
    } else if (suffix == QLatin1String("png")) {
        QImage image(area.size() * kPixelRatio, QImage::Format_RGB32);
        image.setDevicePixelRatio(kPixelRatio);
        image.fill(Qt::white);
        QPainter painter(&image);
        paintPlot(painter, area, paper());
        painter.end();
        image.save(&buffer, "PNG");
    } else {
        return fail(ErrorCode::Usage, fmt::format("'{}' has no suffix this picture can be written as.", path.toStdString()), "Use .png, .svg or .csv.");
    }
    return writeFileAtomically(path.toStdString(), {bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

}  // namespace driftscope::cells
