#pragma once

#include <QPointF>
#include <QRectF>

namespace driftscope::space {

/// Data to pixels: px = x * scaleX + offsetX, py = offsetY - y * scaleY (data y points up).
struct ViewTransform {
    double scaleX = 1;
    double scaleY = 1;
    double offsetX = 0;
    double offsetY = 0;

    QPointF toPixels(double x, double y) const { return {x * scaleX + offsetX, offsetY - y * scaleY}; }
    QPointF toData(const QPointF& pixel) const {
        return {(pixel.x() - offsetX) / scaleX, (offsetY - pixel.y()) / scaleY};
    }
    /// The same view on a grid `factor` times finer (device pixels from logical ones).
    ViewTransform scaled(double factor) const {
        return {scaleX * factor, scaleY * factor, offsetX * factor, offsetY * factor};
    }
    /// Zooms by `factor` so that the data under `pixel` stays there.
    ViewTransform zoomed(const QPointF& pixel, double factor) const;
    ViewTransform panned(const QPointF& pixels) const {
        return {scaleX, scaleY, offsetX + pixels.x(), offsetY + pixels.y()};
    }
    /// Shows `data` (x, y, width, height in data units, y up) centred in `pixels`. Empty extents get a unit width.
    static ViewTransform fit(const QRectF& data, const QRectF& pixels, bool keepAspect);

    bool operator==(const ViewTransform&) const = default;
};

}  // namespace driftscope::space
