#pragma once

#include <QColor>
#include <QImage>
#include <QRectF>
#include <QString>

class QPainter;
class QPalette;

namespace driftscope::image {

/// What is said about one crop beside its pixels.
struct CropItem {
    QString caption;         ///< "t 12" or "mitosis .93"
    QColor color = {};       ///< of its state; invalid: none
    bool predicted = false;  ///< drawn hatched; a person's label is solid
    QString toolTip = {};
    int frame = 0;  ///< film strip: the frame shown
};

/// Draws pixels without smoothing when enlarged, a dotted frame while they are on their way, a cross when there are
/// none.
void paintCrop(QPainter& painter, const QRectF& box, const QImage& image, bool pending, const QPalette& palette);
/// Solid for a person's label, hatched for a prediction, a thin line for none.
void paintState(QPainter& painter, const QRectF& box, const CropItem& item, const QPalette& palette);

}  // namespace driftscope::image
