#include <QAction>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <algorithm>
#include <cmath>

#include "widgets/space/embedding_view_2d.h"
#include "widgets/space/hover_card.h"
#include "widgets/space/point_cloud.h"
#include "widgets/space/polygon_mask.h"

namespace driftscope {

using space::ViewTransform;

namespace {

constexpr double kZoomStep = 1.25;
/// Data pixels per unit may grow this far beyond the fitted view before floats run out.
constexpr double kMostZoom = 1e6;
constexpr int kPickReach = 5;  // logical pixels
constexpr int kDragStart = 3;
constexpr double kLassoSpacing = 2;

}  // namespace

QAction* EmbeddingView2D::addTool(const QString& text, const QKeySequence& shortcut, const QString& tip) {
    auto* action = new QAction(text, this);
    action->setShortcut(shortcut);
    action->setShortcutContext(Qt::WidgetShortcut);
    action->setToolTip(QStringLiteral("%1 (%2)").arg(tip, shortcut.toString(QKeySequence::NativeText)));
    addAction(action);
    return action;
}

void EmbeddingView2D::createActions() {
    const auto tool = [this](const QString& text, int key, const QString& tip, Tool value) {
        QAction* action = addTool(text, QKeySequence(key), tip);
        action->setCheckable(true);
        action->setChecked(value == tool_);
        connect(action, &QAction::triggered, this, [this, value] { setTool(value); });
        connect(this, &EmbeddingView2D::toolChanged, action,
                [action, value](Tool now) { action->setChecked(now == value); });
    };
    tool(tr("Pan the embedding"), Qt::Key_V, tr("Drag to move the view"), Tool::Pan);
    tool(tr("Lasso points"), Qt::Key_L, tr("Draw around points to select them; Ctrl adds"), Tool::Lasso);
    tool(tr("Box-select points"), Qt::Key_B, tr("Drag a rectangle around points to select them; Ctrl adds"), Tool::Box);
    connect(addTool(tr("Fit the embedding"), QKeySequence(Qt::Key_Home), tr("Show all points")), &QAction::triggered,
            this, &EmbeddingView2D::fit);
    connect(
        addTool(tr("Cycle trajectories"), QKeySequence(Qt::Key_T), tr("Show no, the selected, or all trajectories")),
        &QAction::triggered, this,
        [this] { setTrackScope(static_cast<TrackScope>((static_cast<int>(trackScope()) + 1) % 3)); });
    connect(
        addTool(tr("Zoom to the selection"), QKeySequence(Qt::SHIFT | Qt::Key_Home), tr("Show the selected points")),
        &QAction::triggered, this, [this] { zoomTo(selection()); });
}

void EmbeddingView2D::setTool(Tool tool) {
    if (tool == tool_) {
        Q_EMIT toolChanged(tool);  // keeps the checked action checked
        return;
    }
    tool_ = tool;
    updateCursor();
    Q_EMIT toolChanged(tool);
}

void EmbeddingView2D::updateCursor() {
    if (drag_ == Drag::Pan)
        setCursor(Qt::ClosedHandCursor);
    else if (spaceDown_)
        setCursor(Qt::OpenHandCursor);
    else
        setCursor(tool_ == Tool::Pan ? Qt::ArrowCursor : Qt::CrossCursor);
}

IdSet EmbeddingView2D::combined(const IdSet& current, const IdSet& picked, Qt::KeyboardModifiers modifiers) {
    if (modifiers & Qt::AltModifier) return current.without(picked);
    if (!(modifiers & Qt::ControlModifier)) return picked;
    const bool allSelected = !picked.empty() && current.intersected(picked) == picked;
    return allSelected ? current.without(picked) : current.united(picked);
}

std::optional<std::uint32_t> EmbeddingView2D::pickAt(const QPointF& position) const {
    if (!hasPicture() || !plotRect().contains(position.toPoint())) return {};
    const double ratio = devicePixelRatioF();
    const QPointF device = (position - QPointF(plotRect().topLeft())) * ratio;
    return scene_.raster().pick(
        QPoint(static_cast<int>(std::floor(device.x())), static_cast<int>(std::floor(device.y()))),
        static_cast<int>(kPickReach * ratio));
}

void EmbeddingView2D::setHoverContent(std::function<QPixmap(std::uint32_t)> picture,
                                      std::function<QString(std::uint32_t)> text) {
    hoverPicture_ = std::move(picture);
    hoverText_ = std::move(text);
}

void EmbeddingView2D::setHover(std::optional<std::uint32_t> id) {
    if (id == hover_) return;
    update(hoverRect(hover_));
    hover_ = id;
    update(hoverRect(hover_));
}

void EmbeddingView2D::hoverAt(const QPointF& position, const QPoint& global) {
    const auto id = pickAt(position);
    if (id == hover_) {
        if (id && card_->isVisible()) card_->follow(global);
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

void EmbeddingView2D::leaveHover() {
    card_->hide();
    if (!hover_) return;
    setHover({});
    Q_EMIT hovered({});
}

void EmbeddingView2D::leaveEvent(QEvent* event) {
    leaveHover();
    QWidget::leaveEvent(event);
}

void EmbeddingView2D::mousePressEvent(QMouseEvent* event) {
    setFocus(Qt::MouseFocusReason);
    if (!hasPicture() || drag_ != Drag::None) return;
    card_->hide();
    pressAt_ = dragAt_ = event->position();
    pressButton_ = event->button();
    drag_ = Drag::Pending;
}

void EmbeddingView2D::startDrag(QMouseEvent* event) {
    const bool left = pressButton_ == Qt::LeftButton;
    const bool lasso = tool_ == Tool::Lasso || (tool_ == Tool::Pan && (event->modifiers() & Qt::ShiftModifier));
    if (!left || spaceDown_ || (tool_ == Tool::Pan && !lasso))
        drag_ = Drag::Pan;
    else
        drag_ = lasso ? Drag::Lasso : Drag::Box;
    lasso_ = {pressAt_};
    updateCursor();
}

void EmbeddingView2D::mouseMoveEvent(QMouseEvent* event) {
    const QPointF at = event->position();
    if (drag_ == Drag::None) {
        hoverAt(at, event->globalPosition().toPoint());
        return;
    }
    if (drag_ == Drag::Pending) {
        if ((at - pressAt_).manhattanLength() < kDragStart) return;
        startDrag(event);
    }
    if (drag_ == Drag::Pan) {
        userView_ = true;
        changeView(view_.panned(at - dragAt_));
    }
    const QRectF plot = plotRect();
    const QPointF inside(std::clamp(at.x(), plot.left(), plot.right()), std::clamp(at.y(), plot.top(), plot.bottom()));
    if (drag_ == Drag::Lasso && (inside - lasso_.last()).manhattanLength() >= kLassoSpacing) lasso_ << inside;
    dragAt_ = drag_ == Drag::Box ? inside : at;
    if (drag_ != Drag::Pan) update(plotRect());
}

void EmbeddingView2D::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != pressButton_ || drag_ == Drag::None) return;
    if (drag_ == Drag::Pending && pressButton_ == Qt::LeftButton) {
        const auto id = pickAt(pressAt_);
        // A click on nothing clears, unless the person is adding.
        if (id || event->modifiers() == Qt::NoModifier)
            Q_EMIT selectionRequested(id ? IdSet({*id}) : IdSet(), event->modifiers());
    }
    if (drag_ == Drag::Lasso || drag_ == Drag::Box) finishSelection(event->modifiers() & ~Qt::ShiftModifier);
    drag_ = Drag::None;
    updateCursor();
    update(plotRect());
}

void EmbeddingView2D::finishSelection(Qt::KeyboardModifiers modifiers) {
    QPolygonF outline = drag_ == Drag::Lasso ? lasso_ : QPolygonF(QRectF(pressAt_, dragAt_).normalized());
    const double ratio = devicePixelRatioF();
    for (QPointF& corner : outline) corner = (corner - QPointF(plotRect().topLeft())) * ratio;
    // What cannot be seen as a point (hidden class, filtered out) cannot be selected either.
    Q_EMIT selectionRequested(space::idsInside(*scene_.cloud(), scene_.raster().style().words(),
                                               space::kHidden | space::kDimmed, rasterView(), rasterSize(), outline,
                                               &scene_.team()),
                              modifiers);
}

void EmbeddingView2D::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !hasPicture()) return;
    if (const auto id = pickAt(event->position()))
        Q_EMIT pointActivated(*id);
    else
        fit();
}

void EmbeddingView2D::wheelEvent(QWheelEvent* event) {
    if (!hasPicture()) return;
    const double notches = event->angleDelta().y() / 120.0;
    const double fitted = ViewTransform::fit(scene_.cloud()->bounds(), fitRect(), keepAspect_).scaleX;
    double factor = std::pow(kZoomStep, notches);
    factor = std::clamp(view_.scaleX * factor, fitted * 0.1, fitted * kMostZoom) / view_.scaleX;
    userView_ = true;
    card_->hide();
    changeView(view_.zoomed(event->position(), factor));
    event->accept();
}

void EmbeddingView2D::keyPressEvent(QKeyEvent* event) {
    const double step = 0.1 * plotRect().width();
    const auto zoom = [this](double factor) { setView(view_.zoomed(QRectF(plotRect()).center(), factor)); };
    switch (event->key()) {
        case Qt::Key_Space:
            if (!event->isAutoRepeat()) spaceDown_ = true;
            updateCursor();
            break;
        case Qt::Key_Escape:
            if (drag_ == Drag::Lasso || drag_ == Drag::Box)
                drag_ = Drag::None;
            else
                Q_EMIT selectionRequested(IdSet(), Qt::NoModifier);
            update();
            break;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (hover_) Q_EMIT pointActivated(*hover_);
            break;
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            zoom(kZoomStep);
            break;
        case Qt::Key_Minus:
            zoom(1 / kZoomStep);
            break;
        case Qt::Key_Left:
            setView(view_.panned({step, 0}));
            break;
        case Qt::Key_Right:
            setView(view_.panned({-step, 0}));
            break;
        case Qt::Key_Up:
            setView(view_.panned({0, step}));
            break;
        case Qt::Key_Down:
            setView(view_.panned({0, -step}));
            break;
        default:
            QWidget::keyPressEvent(event);
    }
}

void EmbeddingView2D::keyReleaseEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
        spaceDown_ = false;
        updateCursor();
    } else {
        QWidget::keyReleaseEvent(event);
    }
}

void EmbeddingView2D::focusInEvent(QFocusEvent* event) {
    update();
    QWidget::focusInEvent(event);
}

void EmbeddingView2D::focusOutEvent(QFocusEvent* event) {
    spaceDown_ = false;
    updateCursor();
    update();
    QWidget::focusOutEvent(event);
}

}  // namespace driftscope
