#include "widgets/space/view_transform.h"

#include <algorithm>

namespace driftscope::space {

ViewTransform ViewTransform::zoomed(const QPointF& pixel, double factor) const {
    return {scaleX * factor, scaleY * factor, pixel.x() + (offsetX - pixel.x()) * factor,
            pixel.y() + (offsetY - pixel.y()) * factor};
}

ViewTransform ViewTransform::fit(const QRectF& data, const QRectF& pixels, bool keepAspect) {
    const double width = data.width() > 0 ? data.width() : 1;
    const double height = data.height() > 0 ? data.height() : 1;
    ViewTransform view;
    view.scaleX = std::max(1.0, pixels.width()) / width;
    view.scaleY = std::max(1.0, pixels.height()) / height;
    if (keepAspect) view.scaleX = view.scaleY = std::min(view.scaleX, view.scaleY);
    view.offsetX = pixels.center().x() - data.center().x() * view.scaleX;
    view.offsetY = pixels.center().y() + data.center().y() * view.scaleY;
    return view;
}

}  // namespace driftscope::space
