#pragma once

#include <QPointF>
#include <QRectF>
#include <QSizeF>
#include <QTransform>

namespace driftscope::image {

/// From image pixels to widget points and back: a scale and an offset.
class ViewTransform {
  public:
    double scale() const { return scale_; }
    QPointF toWidget(QPointF image) const { return image * scale_ + offset_; }
    QPointF toImage(QPointF widget) const { return (widget - offset_) / scale_; }
    /// The pixel under a widget point.
    QPoint pixelAt(QPointF widget) const;
    QTransform matrix() const { return QTransform(scale_, 0, 0, scale_, offset_.x(), offset_.y()); }

    void fit(QSizeF image, QSizeF widget);
    /// The image point under `anchor` stays there. The scale is kept within 1/50 and 100 widget points per pixel.
    void zoomAbout(QPointF anchor, double factor);
    void setScaleAbout(QPointF anchor, double scale) { zoomAbout(anchor, scale / scale_); }
    void pan(QPointF by) { offset_ += by; }
    void centre(QPointF image, QSizeF widget);
    /// Keeps at least a part of the image in sight.
    void keepInSight(QSizeF image, QSizeF widget);

  private:
    double scale_ = 1;
    QPointF offset_;
};

}  // namespace driftscope::image
