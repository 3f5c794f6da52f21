#include "plugins/topics/dot.h"

#include <QColor>
#include <QPainter>

namespace driftscope::topics {

QIcon dot(const QColor& colour) {
    QPixmap pixmap(12, 12);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(QColor(255, 255, 255, 190), 1));
    painter.setBrush(colour);
    painter.drawEllipse(QRectF(0.5, 0.5, 11, 11));
    painter.end();
    QIcon icon;
    icon.addPixmap(pixmap, QIcon::Normal);
    icon.addPixmap(pixmap, QIcon::Selected);
    return icon;
}

}  // namespace driftscope::topics
