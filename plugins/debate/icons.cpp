#include "plugins/debate/icons.h"

#include <QPainter>
#include <QPalette>

namespace driftscope::debate {
namespace {

void paint(QPainter& painter, Glyph which) {
    const QPolygonF right({{4.5, 2.5}, {12.5, 8}, {4.5, 13.5}}), left({{11.5, 2.5}, {3.5, 8}, {11.5, 13.5}});
    switch (which) {
        case Glyph::First:
            painter.drawPolygon(left.translated(1.5, 0));
            painter.drawRect(QRectF(2, 2.5, 2, 11));
            break;
        case Glyph::Back: painter.drawPolygon(left); break;
        case Glyph::Play: painter.drawPolygon(QPolygonF({{3.5, 1.5}, {14, 8}, {3.5, 14.5}})); break;
        case Glyph::Pause:
            painter.drawRect(QRectF(3.5, 2, 3.2, 12));
            painter.drawRect(QRectF(9.3, 2, 3.2, 12));
            break;
        case Glyph::Forward:
            painter.drawPolygon(right.translated(-1.5, 0));
            painter.drawRect(QRectF(12, 2.5, 2, 11));
            break;
        case Glyph::Last:
            painter.drawPolygon(right.translated(-3, 0));
            painter.drawPolygon(right.translated(2, 0));
            painter.drawRect(QRectF(14, 2.5, 1.6, 11));
            break;
    }
}

}  // namespace

QIcon glyph(Glyph which, const QPalette& palette, double pixelRatio) {
    QIcon icon;
    for (const auto& [mode, group] : {std::pair{QIcon::Normal, QPalette::Active}, {QIcon::Disabled, QPalette::Disabled}}) {
        QPixmap pixmap(QSize(16, 16) * pixelRatio);
        pixmap.setDevicePixelRatio(pixelRatio);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(palette.color(group, QPalette::WindowText));
        paint(painter, which);
        icon.addPixmap(pixmap, mode);
    }
    return icon;
}

}  // namespace driftscope::debate
