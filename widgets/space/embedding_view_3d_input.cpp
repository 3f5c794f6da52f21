#include <QKeyEvent>
#include <QMouseEvent>
#include <cmath>

#include "widgets/space/embedding_view_3d.h"
#include "widgets/space/hover_card.h"
#include "widgets/space/stage_3d.h"
#include "widgets/space/vtk_surface.h"

namespace driftscope {

namespace {
constexpr double kDegreesPerPixel = 0.4;
constexpr double kZoomStep = 1.2;
constexpr double kPickReach = 6;  // logical pixels
constexpr int kDragStart = 3;
}  // namespace

bool EmbeddingView3D::eventFilter(QObject* object, QEvent* event) {
    if (object != surface_) return QWidget::eventFilter(object, event);
    switch (event->type()) {
        case QEvent::MouseButtonPress:
            press(static_cast<QMouseEvent*>(event));
            return true;
        case QEvent::MouseMove:
            move(static_cast<QMouseEvent*>(event));
            return true;
        case QEvent::MouseButtonRelease:
            release(static_cast<QMouseEvent*>(event));
            return true;
        case QEvent::MouseButtonDblClick:
            if (const auto id = pickAt(static_cast<QMouseEvent*>(event)->position()))
                Q_EMIT pointActivated(*id);
            else
                fit();
            return true;
        case QEvent::Wheel:
            stage_->zoom(std::pow(kZoomStep, static_cast<QWheelEvent*>(event)->angleDelta().y() / 120.0));
            moved();
            return true;
        case QEvent::Leave:
            card_->hide();
            if (hover_) {
                setHover({});
                Q_EMIT hovered({});
            }
            return false;
        default:
            return false;
    }
}

void EmbeddingView3D::moved() {
    card_->hide();
    setMoving(true);
    restTimer_.start();
}

void EmbeddingView3D::press(QMouseEvent* event) {
    setFocus(Qt::MouseFocusReason);
    if (drag_ != Drag::None) return;
    pressAt_ = dragAt_ = event->position();
    pressButton_ = event->button();
    drag_ = Drag::Pending;
}

void EmbeddingView3D::move(QMouseEvent* event) {
    const QPointF at = event->position();
    if (drag_ == Drag::None) {
        hoverAt(at, event->globalPosition().toPoint());
        return;
    }
    if (drag_ == Drag::Pending) {
        if ((at - pressAt_).manhattanLength() < kDragStart) return;
        const bool lasso = pressButton_ == Qt::LeftButton && (event->modifiers() & Qt::ShiftModifier);
        drag_ = lasso ? Drag::Lasso : pressButton_ == Qt::LeftButton ? Drag::Orbit : Drag::Pan;
        lasso_ = {pressAt_};
        lassoLine_->setVisible(lasso);
    }
    const QPointF step = at - dragAt_;
    dragAt_ = at;
    if (drag_ == Drag::Lasso) {
        lasso_ << at;
        lassoLine_->update();
        return;
    }
    if (drag_ == Drag::Orbit)
        stage_->orbit(step.x() * kDegreesPerPixel, step.y() * kDegreesPerPixel);
    else
        stage_->pan(step * devicePixelRatioF(), deviceSize());
    moved();
}

void EmbeddingView3D::release(QMouseEvent* event) {
    if (event->button() != pressButton_ || drag_ == Drag::None) return;
    const Drag finished = drag_;
    drag_ = Drag::None;
    lassoLine_->hide();
    if (finished == Drag::Pending && pressButton_ == Qt::LeftButton) {
        const auto id = pickAt(pressAt_);
        if (id || event->modifiers() == Qt::NoModifier)
            Q_EMIT selectionRequested(id ? IdSet({*id}) : IdSet(), event->modifiers());
    }
    if (finished == Drag::Lasso) {
        QPolygonF outline = lasso_;
        for (QPointF& corner : outline) corner *= devicePixelRatioF();
        Q_EMIT selectionRequested(stage_->inside(outline, deviceSize()), event->modifiers() & ~Qt::ShiftModifier);
    }
}

std::optional<std::uint32_t> EmbeddingView3D::pickAt(const QPointF& position) const {
    return stage_->pick(position * devicePixelRatioF(), kPickReach * devicePixelRatioF(), deviceSize());
}

void EmbeddingView3D::setHoverContent(std::function<QPixmap(std::uint32_t)> picture,
                                      std::function<QString(std::uint32_t)> text) {
    hoverPicture_ = std::move(picture);
    hoverText_ = std::move(text);
}

void EmbeddingView3D::setHover(std::optional<std::uint32_t> id) {
    if (id == hover_) return;
    hover_ = id;
    stage_->setHover(id, palette().color(QPalette::Text));
    surface_->redraw();
}

void EmbeddingView3D::hoverAt(const QPointF& position, const QPoint& global) {
    const auto id = pickAt(position);
    if (id == hover_) {
        if (card_->isVisible()) card_->follow(global);
        return;
    }
    setHover(id);
    if (id && (hoverPicture_ || hoverText_))
        card_->present(hoverPicture_ ? hoverPicture_(*id) : QPixmap(), hoverText_ ? hoverText_(*id) : QString(),
                       global);
    else
        card_->hide();
    Q_EMIT hovered(id);
}

void EmbeddingView3D::keyPressEvent(QKeyEvent* event) {
    constexpr double kTurn = 8;
    switch (event->key()) {
        case Qt::Key_Home:
            fit();
            return;
        case Qt::Key_Escape:
            Q_EMIT selectionRequested(IdSet(), Qt::NoModifier);
            return;
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            stage_->zoom(kZoomStep);
            break;
        case Qt::Key_Minus:
            stage_->zoom(1 / kZoomStep);
            break;
        case Qt::Key_Left:
            stage_->orbit(-kTurn, 0);
            break;
        case Qt::Key_Right:
            stage_->orbit(kTurn, 0);
            break;
        case Qt::Key_Up:
            stage_->orbit(0, -kTurn);
            break;
        case Qt::Key_Down:
            stage_->orbit(0, kTurn);
            break;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (hover_) Q_EMIT pointActivated(*hover_);
            return;
        default:
            QWidget::keyPressEvent(event);
            return;
    }
    moved();
}

}  // namespace driftscope
