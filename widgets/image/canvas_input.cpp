#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <set>

#include "widgets/image/region.h"
#include "widgets/image/time_lapse_canvas.h"

namespace driftscope::image {

namespace {
constexpr double kDragStart = 4;  // points; a shorter way is a click
constexpr double kZoomPerNotch = 1.25;
}  // namespace

void TimeLapseCanvas::resizeEvent(QResizeEvent*) {
    if (fitted_)
        fit();
    else
        followShown();
}

void TimeLapseCanvas::wheelEvent(QWheelEvent* event) {
    if (!shown_) return event->ignore();
    const double notches = event->angleDelta().y() / 120.0;
    if (notches != 0) zoomAbout(event->position(), std::pow(kZoomPerNotch, notches));
    followShown();
    hoverAt(event->position());
    event->accept();
}

void TimeLapseCanvas::mousePressEvent(QMouseEvent* event) {
    if (!shown_ || drag_ != Drag::None) return;
    pressed_ = last_ = event->position();
    if (event->button() == Qt::MiddleButton) {
        drag_ = Drag::Pan;
        setCursor(Qt::ClosedHandCursor);
    } else if (event->button() == Qt::LeftButton) {
        drag_ = Drag::Undecided;
    }
}

void TimeLapseCanvas::mouseMoveEvent(QMouseEvent* event) {
    cursor_ = event->position();
    if (drag_ == Drag::Undecided && (event->position() - pressed_).manhattanLength() >= kDragStart) {
        const bool region = event->modifiers() & Qt::ShiftModifier;
        drag_ = !region ? Drag::Pan : event->modifiers() & Qt::AltModifier ? Drag::Box : Drag::Lasso;
        setCursor(region ? Qt::CrossCursor : Qt::ClosedHandCursor);
        region_.clear();
        if (region) region_ << pressed_;
    }
    if (drag_ == Drag::Pan) {
        fitted_ = false;
        if (event->position() != last_) setFollowed(std::nullopt);
        view_.pan(event->position() - last_);
        view_.keepInSight(QSizeF(images_->info().width(), images_->info().height()), size());
        moved();
    } else if (drag_ == Drag::Lasso) {
        region_ << event->position();
        update();
    } else if (drag_ == Drag::Box) {
        region_ = QPolygonF(QRectF(pressed_, event->position()).normalized());
        update();
    } else if (drag_ == Drag::None) {
        hoverAt(event->position());
    }
    last_ = event->position();
}

void TimeLapseCanvas::mouseReleaseEvent(QMouseEvent* event) {
    const Drag was = std::exchange(drag_, Drag::None);
    unsetCursor();
    if (was == Drag::Undecided) click(event->position(), event->modifiers());
    if (was == Drag::Lasso || was == Drag::Box) finishRegion(event->modifiers());
    region_.clear();
    hoverAt(event->position());
    update();
}

void TimeLapseCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && idAt(event->position()) == 0) fit();
}

void TimeLapseCanvas::click(QPointF at, Qt::KeyboardModifiers modifiers) {
    const std::uint32_t id = idAt(at);
    setFrame(shownFrame());  // the click means what the person saw
    if (id != 0)
        Q_EMIT cellClicked(id, modifiers);
    else
        Q_EMIT backgroundClicked(modifiers);
}

void TimeLapseCanvas::finishRegion(Qt::KeyboardModifiers modifiers) {
    if (!shown_ || !shown_->labels || region_.size() < 3) return;
    QPolygonF region;
    for (const QPointF& point : region_) region << view_.toImage(point);
    setFrame(shownFrame());
    std::vector<std::uint32_t> inside = objectsInside(*shown_->labels, region);
    std::erase_if(inside, [this](std::uint32_t id) {
        return look_.color && look_.color(id).isValid() && look_.color(id).alpha() == 0;
    });
    std::set<std::uint32_t> ids(inside.begin(), inside.end());
    if (modifiers & Qt::ControlModifier) ids.insert(look_.selected.begin(), look_.selected.end());
    Q_EMIT cellsSelected({ids.begin(), ids.end()});
}

void TimeLapseCanvas::hoverAt(QPointF widget) {
    const std::uint32_t id = idAt(widget);
    const std::optional<std::uint32_t> under = id != 0 ? std::optional(id) : std::nullopt;
    if (under || look_.hovered) update();
    if (look_.hovered == under) return;
    look_.hovered = under;
    Q_EMIT cellHovered(under);
}

void TimeLapseCanvas::leaveEvent(QEvent*) {
    cursor_.reset();
    if (!look_.hovered) return;
    look_.hovered.reset();
    update();
    Q_EMIT cellHovered(std::nullopt);
}

void TimeLapseCanvas::stepBy(int frames) {
    setPlaying(false);
    setFrame(frame_ + frames);
}

void TimeLapseCanvas::toggleFollow() {
    if (followed_) return setFollowed(std::nullopt);
    if (look_.hovered) return setFollowed(look_.hovered);
    if (!look_.selected.isEmpty()) setFollowed(*std::min_element(look_.selected.begin(), look_.selected.end()));
}

void TimeLapseCanvas::keyPressEvent(QKeyEvent* event) {
    const QPointF middle = QRectF(rect()).center();
    const bool control = event->modifiers() & Qt::ControlModifier;
    const bool plain =
        !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::ShiftModifier | Qt::MetaModifier));
    switch (event->key()) {
        case Qt::Key_A:
        case Qt::Key_Left:
            if (plain) return stepBy(-1);
            break;
        case Qt::Key_D:
        case Qt::Key_Right:
            if (plain) return stepBy(1);
            break;
        case Qt::Key_PageUp:
            return stepBy(-10);
        case Qt::Key_PageDown:
            return stepBy(10);
        case Qt::Key_Home:
            return stepBy(-frameCount());
        case Qt::Key_End:
            return stepBy(frameCount());
        case Qt::Key_Space:
            if (!event->isAutoRepeat()) setPlaying(!isPlaying());
            return;
        case Qt::Key_F:
            if (plain && !event->isAutoRepeat()) return toggleFollow();
            break;
        case Qt::Key_Up:
            if (plain && sliceCount() > 1) return setSlice(slice_ + 1);
            break;
        case Qt::Key_Down:
            if (plain && sliceCount() > 1) return setSlice(slice_ - 1);
            break;
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            return zoomAbout(middle, kZoomPerNotch);
        case Qt::Key_Minus:
            return zoomAbout(middle, 1 / kZoomPerNotch);
        case Qt::Key_0:
            if (control) return fit();
            break;
        case Qt::Key_1:
            if (control) return actualPixels();
            break;
        default:
            break;
    }
    QWidget::keyPressEvent(event);
}

}  // namespace driftscope::image
