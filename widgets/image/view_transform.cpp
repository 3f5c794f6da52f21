#include "widgets/image/view_transform.h"

#include <algorithm>
#include <cmath>

namespace driftscope::image {

namespace {
constexpr double kSmallest = 0.02, kLargest = 100;
constexpr double kMargin = 8;    // points around a fitted image
constexpr double kInSight = 40;  // points of the image that cannot be pushed out
}  // namespace

QPoint ViewTransform::pixelAt(QPointF widget) const {
    const QPointF at = toImage(widget);
    return {static_cast<int>(std::floor(at.x())), static_cast<int>(std::floor(at.y()))};
}

void ViewTransform::fit(QSizeF image, QSizeF widget) {
    if (image.isEmpty() || widget.isEmpty()) return;
    const double x = std::max(1.0, widget.width() - 2 * kMargin) / image.width();
    const double y = std::max(1.0, widget.height() - 2 * kMargin) / image.height();
    scale_ = std::clamp(std::min(x, y), kSmallest, kLargest);
    centre({image.width() / 2, image.height() / 2}, widget);
}

void ViewTransform::zoomAbout(QPointF anchor, double factor) {
    const QPointF fixed = toImage(anchor);
    scale_ = std::clamp(scale_ * factor, kSmallest, kLargest);
    offset_ = anchor - fixed * scale_;
}

void ViewTransform::centre(QPointF image, QSizeF widget) {
    offset_ = QPointF(widget.width() / 2, widget.height() / 2) - image * scale_;
}

void ViewTransform::keepInSight(QSizeF image, QSizeF widget) {
    const auto keep = [](double offset, double extent, double room) {
        const double inside = std::min(kInSight, std::min(extent, room));
        return std::clamp(offset, inside - extent, room - inside);
    };
    offset_ = {keep(offset_.x(), image.width() * scale_, widget.width()),
               keep(offset_.y(), image.height() * scale_, widget.height())};
}

}  // namespace driftscope::image
