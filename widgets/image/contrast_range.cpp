#include "widgets/image/contrast_range.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "widgets/style/palette.h"

namespace driftscope::image {

namespace {
constexpr double kEdge = 6;   // room for half a handle
constexpr double kReach = 8;  // points from a handle that grab it
}  // namespace

ContrastRange::ContrastRange(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Contrast limits"));
    setToolTip(tr("Pixel values shown as black and as full colour. Drag a handle, or between them to move both."));
}

void ContrastRange::setHistogram(std::vector<int> counts, double low, double high) {
    counts_ = std::move(counts);
    dataLow_ = low;
    dataHigh_ = std::max(high, low + 1e-9);
    update();
}

void ContrastRange::setLimits(double low, double high) {
    low_ = low;
    high_ = high;
    setAccessibleDescription(tr("from %1 to %2").arg(low).arg(high));
    update();
}

void ContrastRange::setColor(const QColor& color) {
    color_ = color;
    update();
}

double ContrastRange::axisLow() const {
    return dragging_ ? axisLowHeld_ : std::min(dataLow_, low_);
}
double ContrastRange::axisHigh() const {
    return dragging_ ? axisHighHeld_ : std::max(dataHigh_, high_);
}

double ContrastRange::position(double value) const {
    const double span = std::max(axisHigh() - axisLow(), 1e-12);
    return kEdge + (std::clamp(value, axisLow(), axisHigh()) - axisLow()) / span * (width() - 2 * kEdge);
}

double ContrastRange::value(double position) const {
    return axisLow() + (position - kEdge) / std::max(1.0, width() - 2 * kEdge) * (axisHigh() - axisLow());
}

void ContrastRange::move(double low, double high) {
    const double least = (axisHigh() - axisLow()) * 1e-3;
    if (active_ == Handle::Low) low = std::min(low, high - least);
    if (active_ == Handle::High) high = std::max(high, low + least);
    setLimits(low, high);
    Q_EMIT limitsChanged(low_, high_);
}

void ContrastRange::mousePressEvent(QMouseEvent* event) {
    const double x = event->position().x(), toLow = std::abs(x - position(low_)),
                 toHigh = std::abs(x - position(high_));
    if (std::min(toLow, toHigh) > kReach && x > position(low_) && x < position(high_))
        active_ = Handle::Both;
    else
        active_ = toLow < toHigh ? Handle::Low : Handle::High;
    axisLowHeld_ = axisLow();
    axisHighHeld_ = axisHigh();
    dragging_ = true;
    grabbed_ = value(x);
    grabbedLow_ = low_;
    grabbedHigh_ = high_;
    update();
}

void ContrastRange::mouseMoveEvent(QMouseEvent* event) {
    if (!(event->buttons() & Qt::LeftButton)) {
        dragging_ = false;
        return;
    }
    const double by = value(std::clamp(event->position().x(), kEdge, width() - kEdge)) - grabbed_;
    move(grabbedLow_ + (active_ == Handle::High ? 0 : by), grabbedHigh_ + (active_ == Handle::Low ? 0 : by));
}

void ContrastRange::keyPressEvent(QKeyEvent* event) {
    dragging_ = false;
    const double step = (axisHigh() - axisLow()) * (event->modifiers() & Qt::ShiftModifier ? 0.1 : 0.01);
    const double by = event->key() == Qt::Key_Left ? -step : event->key() == Qt::Key_Right ? step : 0;
    if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down) {
        active_ = active_ == Handle::Low ? Handle::High : Handle::Low;
        return update();
    }
    if (by == 0) return QWidget::keyPressEvent(event);
    move(low_ + (active_ == Handle::High ? 0 : by), high_ + (active_ == Handle::Low ? 0 : by));
}

void ContrastRange::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QRectF room(kEdge, 2, width() - 2 * kEdge, height() - 4);
    painter.fillRect(room, QColor(0x16, 0x17, 0x19));
    const int most = counts_.empty() ? 0 : *std::max_element(counts_.begin(), counts_.end());
    const QColor bar = style::mix(QColor(0x16, 0x17, 0x19), color_, 0.6);
    for (std::size_t i = 0; i < counts_.size() && most > 0; ++i) {
        const double share = (dataHigh_ - dataLow_) / static_cast<double>(counts_.size());
        const double left = position(dataLow_ + share * static_cast<double>(i)),
                     right = position(dataLow_ + share * static_cast<double>(i + 1));
        const double height =
            std::log1p(counts_[i]) / std::log1p(most) * (room.height() - 2);  // log: rare bright pixels count
        painter.fillRect(QRectF(left, room.bottom() - height, std::max(1.0, right - left), height), bar);
    }
    painter.fillRect(QRectF(room.left(), room.top(), position(low_) - room.left(), room.height()),
                     QColor(0, 0, 0, 130));
    painter.fillRect(QRectF(position(high_), room.top(), room.right() - position(high_), room.height()),
                     QColor(0, 0, 0, 130));
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Handle handle : {Handle::Low, Handle::High}) {
        const double x = position(handle == Handle::Low ? low_ : high_);
        const bool lit = hasFocus() && (active_ == handle || active_ == Handle::Both);
        const QColor color = lit ? palette().color(QPalette::Highlight) : QColor(0xD8, 0xD8, 0xDC);
        painter.setPen(QPen(color, 1.6));
        painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()));
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawRoundedRect(QRectF(x - 3.5, room.center().y() - 7, 7, 14), 2.5, 2.5);
    }
}

}  // namespace driftscope::image
