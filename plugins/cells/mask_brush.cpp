#include "plugins/cells/mask_brush.h"

#include <QEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/image/time_lapse_canvas.h"

namespace driftscope::cells {

MaskBrush::MaskBrush(image::TimeLapseCanvas* canvas) : QWidget(canvas), canvas_(canvas) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_NoSystemBackground);
    setGeometry(canvas->rect());
    canvas->installEventFilter(this);
    hide();
}

void MaskBrush::setTarget(std::optional<std::uint32_t> id) {
    target_ = id;
    drawing_ = false;
    setVisible(id.has_value());
    update();
}

void MaskBrush::setRadius(int pixels) {
    radius_ = std::clamp(pixels, 0, 64);
    update();
}

bool MaskBrush::eventFilter(QObject* watched, QEvent* event) {
    if (watched != canvas_) return false;
    if (event->type() == QEvent::Resize) setGeometry(canvas_->rect());
    if (!target_) return false;
    if (event->type() == QEvent::Leave) {
        cursor_.reset();
        update();
        return false;
    }
    if (event->type() != QEvent::MouseButtonPress && event->type() != QEvent::MouseMove && event->type() != QEvent::MouseButtonRelease &&
        event->type() != QEvent::MouseButtonDblClick)
        return false;
    const auto* mouse = static_cast<QMouseEvent*>(event);
    if (mouse->button() == Qt::MiddleButton || mouse->buttons() & Qt::MiddleButton) return false;  // pans
    cursor_ = mouse->position();
    if (event->type() == QEvent::MouseButtonPress || event->type() == QEvent::MouseButtonDblClick)
        begin(mouse->position(), mouse->button() == Qt::RightButton || mouse->modifiers() & Qt::ControlModifier);
    else if (event->type() == QEvent::MouseMove && drawing_)
        strokeTo(mouse->position());
    else if (event->type() == QEvent::MouseButtonRelease && drawing_)
        finish();
    update();
    return true;
}

void MaskBrush::begin(QPointF at, bool erase) {
    const image::FramePtr frame = canvas_->shown();
    if (!frame || !frame->labels) return;
    frame_ = frame->t;
    width_ = frame->labels->width;
    height_ = frame->labels->height;
    inside_.assign(frame->labels->pixels.size(), 0);
    for (std::size_t i = 0; i < inside_.size(); ++i) inside_[i] = frame->labels->pixels[i] == *target_;
    drawing_ = true;
    erase_ = erase;
    touched_ = false;
    last_.reset();
    strokeTo(at);
}

void MaskBrush::strokeTo(QPointF at) {
    const QPointF to = canvas_->view().toImage(at);
    const QPointF from = last_.value_or(to);
    const double length = std::hypot(to.x() - from.x(), to.y() - from.y());
    const int steps = std::max(1, static_cast<int>(std::ceil(2 * length)));
    for (int i = 0; i <= steps; ++i) dab(from + (to - from) * i / steps);
    last_ = to;
}

void MaskBrush::dab(QPointF image) {
    const image::FramePtr frame = canvas_->shown();
    if (!frame || !frame->labels || frame->t != frame_) return;
    const int centreX = static_cast<int>(std::floor(image.x())), centreY = static_cast<int>(std::floor(image.y()));
    for (int y = std::max(0, centreY - radius_); y <= std::min(height_ - 1, centreY + radius_); ++y)
        for (int x = std::max(0, centreX - radius_); x <= std::min(width_ - 1, centreX + radius_); ++x) {
            if ((y - centreY) * (y - centreY) + (x - centreX) * (x - centreX) > radius_ * radius_) continue;
            const std::uint32_t owner = frame->labels->at(y, x);
            if (owner != 0 && owner != *target_) continue;
            std::uint8_t& pixel = inside_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)];
            touched_ = touched_ || pixel == static_cast<std::uint8_t>(erase_);
            pixel = !erase_;
        }
}

CellPatch MaskBrush::patch() const {
    int top = height_, left = width_, bottom = -1, right = -1;
    const auto at = [&](int y, int x) { return inside_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)] != 0; };
    for (int y = 0; y < height_; ++y)
        for (int x = 0; x < width_; ++x)
            if (at(y, x)) {
                top = std::min(top, y);
                bottom = std::max(bottom, y);
                left = std::min(left, x);
                right = std::max(right, x);
            }
    CellPatch out;
    if (bottom < 0) return out;
    out = {top, left, bottom - top + 1, right - left + 1, {}};
    for (int y = top; y <= bottom; ++y)
        for (int x = left; x <= right; ++x) out.inside.push_back(at(y, x));
    return out;
}

void MaskBrush::finish() {
    drawing_ = false;
    if (!touched_ || !target_) return;
    const CellPatch made = patch();
    if (made.area() == 0)
        Q_EMIT erased(*target_, frame_);
    else
        Q_EMIT painted(*target_, frame_, made);
}

void MaskBrush::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor accent = palette().highlight().color();
    if (drawing_) {
        accent.setAlpha(110);
        const auto& view = canvas_->view();
        for (int y = 0; y < height_; ++y)
            for (int x = 0; x < width_;) {
                const auto first = inside_.begin() + static_cast<std::ptrdiff_t>(y) * width_;
                if (!first[x]) {
                    ++x;
                    continue;
                }
                int end = x;
                while (end < width_ && first[end]) ++end;
                painter.fillRect(QRectF(view.toWidget(QPointF(x, y)), view.toWidget(QPointF(end, y + 1))), accent);
                x = end;
            }
    }
    if (!cursor_) return;
    const double radius = (radius_ + 0.5) * canvas_->zoom();
    painter.setPen(QPen(Qt::black, 3));
    painter.drawEllipse(*cursor_, radius, radius);
    painter.setPen(QPen(Qt::white, 1.2));
    painter.drawEllipse(*cursor_, radius, radius);
}

}  // namespace driftscope::cells
