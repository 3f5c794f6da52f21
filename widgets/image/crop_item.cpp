#include "widgets/image/crop_item.h"

#include <QPainter>
#include <QPalette>

#include "widgets/style/palette.h"

namespace driftscope::image {

void paintCrop(QPainter& painter, const QRectF& box, const QImage& image, bool pending, const QPalette& palette) {
    painter.fillRect(box, QColor(0x16, 0x17, 0x19));
    if (!image.isNull()) {
        const QSizeF size = QSizeF(image.size()).scaled(box.size(), Qt::KeepAspectRatio);
        painter.setRenderHint(QPainter::SmoothPixmapTransform, size.width() < image.width() * 2.0);
        QRectF target(QPointF(0, 0), size);
        target.moveCenter(box.center());
        painter.drawImage(target, image);
        return;
    }
    painter.setPen(QPen(style::subtleText(palette), 1, pending ? Qt::DotLine : Qt::SolidLine));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(box.adjusted(1, 1, -1, -1));
    if (!pending)
        painter.drawLines({QLineF(box.topLeft(), box.bottomRight()), QLineF(box.topRight(), box.bottomLeft())});
}

void paintState(QPainter& painter, const QRectF& box, const CropItem& item, const QPalette& palette) {
    if (!item.color.isValid()) {
        painter.fillRect(QRectF(box.left(), box.center().y() - 0.5, box.width(), 1), style::missingColour(palette));
        return;
    }
    if (!item.predicted) return painter.fillRect(box, item.color);
    QColor pale = item.color;
    pale.setAlphaF(0.3F);
    painter.fillRect(box, pale);
    painter.fillRect(box, QBrush(item.color, Qt::BDiagPattern));
}

}  // namespace driftscope::image
