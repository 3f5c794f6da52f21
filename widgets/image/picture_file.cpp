#include "widgets/image/picture_file.h"

#include <QBuffer>
#include <QFileInfo>
#include <QImage>
#include <QPainter>
#include <QSaveFile>
#include <QSvgGenerator>

namespace driftscope::image {
namespace {

Result<void> save(const QString& path, const QByteArray& bytes) {
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit()) return {};
    return fail(ErrorCode::Io, fmt::format("Cannot write '{}': {}.", path.toStdString(), file.errorString().toStdString()),
                "Choose another folder or free some space.");
}

}  // namespace

Result<void> writePicture(const QString& path, QSize size, const QString& source, const std::function<void(QPainter&)>& paint) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (suffix == QLatin1String("svg")) {
        QSvgGenerator svg;
        svg.setOutputDevice(&buffer);
        svg.setSize(size);
        svg.setViewBox(QRect(QPoint(0, 0), size));
        svg.setTitle(source);
        QPainter painter(&svg);
        paint(painter);
    } else if (suffix == QLatin1String("png")) {
        QImage image(size * 2, QImage::Format_RGB32);
        image.setDevicePixelRatio(2);
        QPainter painter(&image);
        paint(painter);
        painter.end();
        image.setText(QStringLiteral("Source"), source);
        image.save(&buffer, "PNG");
    } else {
        return fail(ErrorCode::Usage, fmt::format("'{}' has no suffix an image can be written as.", path.toStdString()), "Use .png or .svg.");
    }
    return save(path, bytes);
}

}  // namespace driftscope::image
