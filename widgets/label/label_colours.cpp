#include "widgets/label/label_colours.h"

#include <QPainter>
#include <QPixmap>
#include <cmath>

namespace driftscope::label {

QColor classColour(const LabelSchema& schema, const std::string& name) {
    const auto index = schema.find(name);
    return index ? QColor(QString::fromStdString(schema.classes[*index].color)) : QColor();
}

void paintSwatch(QPainter& painter, const QRectF& rect, const QColor& colour) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(QColor(128, 128, 128, 160), 1));
    painter.setBrush(colour);
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    painter.restore();
}

QIcon swatchIcon(const QColor& colour) {
    QIcon icon;
    for (const int scale : {1, 2}) {
        QPixmap pixmap(16 * scale, 16 * scale);
        pixmap.setDevicePixelRatio(scale);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paintSwatch(painter, QRectF(1, 1, 14, 14), colour);
        painter.end();
        icon.addPixmap(pixmap);
    }
    return icon;
}

QColor textOn(const QColor& background) {
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    const double luminance =
        0.2126 * linear(background.redF()) + 0.7152 * linear(background.greenF()) + 0.0722 * linear(background.blueF());
    // Equal WCAG contrast with black and white lies at luminance 0.179.
    return luminance > 0.179 ? QColor(Qt::black) : QColor(Qt::white);
}

}  // namespace driftscope::label
