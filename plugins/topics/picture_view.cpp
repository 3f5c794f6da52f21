#include "plugins/topics/picture_view.h"

#include <QBuffer>
#include <QFileInfo>
#include <QImage>
#include <QPainter>
#include <QSvgGenerator>

#include "core/base/atomic_file.h"
#include "widgets/style/palette.h"

namespace driftscope::topics {
namespace {

constexpr double kScale = 2;  // of PNG pictures

}  // namespace

QPalette paperColours() {
    QPalette palette;
    for (const auto role : {QPalette::Window, QPalette::Base, QPalette::AlternateBase}) palette.setColor(role, Qt::white);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) palette.setColor(role, QColor(0x20, 0x20, 0x20));
    palette.setColor(QPalette::Highlight, QColor(0x30, 0x70, 0xb0));
    return palette;
}

QString csvField(const QString& text) {
    const bool plain = !text.contains(QLatin1Char(',')) && !text.contains(QLatin1Char('"')) && !text.contains(QLatin1Char('\n')) && !text.contains(QLatin1Char('\r'));
    return plain ? text : QLatin1Char('"') + QString(text).replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
}

QImage PictureView::picture(double scale) const {
    QImage image(pictureSize() * scale, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(scale, scale);
    painter.setFont(font());
    draw(painter, pictureSize(), paperColours());
    return image;
}

Result<void> PictureView::exportTo(const QString& path, const QString& provenance) const {
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (isEmpty()) return fail(ErrorCode::Usage, "There is nothing to export yet.", "Open a run first.");
    if (suffix == QLatin1String("csv")) return writeFileAtomically(path.toStdString(), csv().toStdString());
    QByteArray bytes;
    QBuffer buffer(&bytes);
    if (suffix == QLatin1String("png")) {
        buffer.open(QIODevice::WriteOnly);
        QImage image = picture(kScale);
        image.setText(QStringLiteral("Description"), provenance);
        image.save(&buffer, "PNG");
    } else if (suffix == QLatin1String("svg")) {
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        const QRect page(QPoint(0, 0), pictureSize());
        generator.setSize(page.size());
        generator.setViewBox(page);
        generator.setTitle(accessibleName());
        generator.setDescription(provenance);
        QPainter painter(&generator);
        painter.fillRect(page, Qt::white);
        painter.setFont(font());
        draw(painter, page.size(), paperColours());
    } else {
        return fail(ErrorCode::Usage, fmt::format("{} does not end in .png, .svg or .csv.", path.toStdString()), "Choose one of these.");
    }
    return writeFileAtomically(path.toStdString(), std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
}

void PictureView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    draw(painter, size(), palette());
}

void PictureView::drawMessage(QPainter& painter, const QSizeF& size, const QPalette& palette, const QString& text) const {
    painter.setPen(style::subtleText(palette));
    painter.drawText(QRectF(QPointF(0, 0), size).adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap, text);
}

}  // namespace driftscope::topics
