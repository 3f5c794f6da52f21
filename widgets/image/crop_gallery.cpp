#include "widgets/image/crop_gallery.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>

#include "widgets/style/palette.h"

namespace driftscope::image {

namespace {
constexpr int kBorder = 6;
}

CropGallery::CropGallery(QWidget* parent)
    : QAbstractScrollArea(parent), images_(new LazyImages(this)), emptyText_(tr("Nothing to show here yet.")) {
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    setAccessibleName(tr("Crop gallery"));
    setAccessibleDescription(tr("Arrow keys move, Space selects, Enter accepts the selection"));
    connect(images_, &LazyImages::ready, this, [this](int index) { viewport()->update(itemRect(index)); });
}

void CropGallery::setItems(std::vector<CropItem> items, LazyImages::Source source) {
    items_ = std::move(items);
    images_->setSource(std::move(source));
    const bool had = !selected_.empty();
    selected_.clear();
    current_ = items_.empty() ? -1 : 0;
    anchor_ = current_;
    setHovered(-1);
    layoutScroll();
    verticalScrollBar()->setValue(0);
    viewport()->update();
    if (had) Q_EMIT selectionChanged();
}

void CropGallery::updateItems(std::vector<CropItem> items) {
    Q_ASSERT(items.size() == items_.size());
    items_ = std::move(items);
    viewport()->update();
}

void CropGallery::setEmptyText(const QString& text) {
    emptyText_ = text;
    viewport()->update();
}

void CropGallery::setCropSize(int points) {
    cropSize_ = std::clamp(points, 32, 320);
    layoutScroll();
    viewport()->update();
}

void CropGallery::setSelected(const std::vector<int>& indices) {
    std::set<int> chosen(indices.begin(), indices.end());
    std::erase_if(chosen, [this](int index) { return index < 0 || index >= count(); });
    if (chosen == selected_) return;
    selected_ = std::move(chosen);
    viewport()->update();
    Q_EMIT selectionChanged();
}

QSize CropGallery::cell() const {
    return {cropSize_ + 2 * kBorder, cropSize_ + 2 * kBorder + fontMetrics().height() + 2};
}
int CropGallery::columns() const {
    return std::max(1, viewport()->width() / cell().width());
}

QRect CropGallery::itemRect(int index) const {
    const int row = index / columns(), column = index % columns();
    return {column * cell().width(), row * cell().height() - verticalScrollBar()->value(), cell().width(),
            cell().height()};
}

int CropGallery::indexAt(QPoint at) const {
    const int column = at.x() / cell().width(), row = (at.y() + verticalScrollBar()->value()) / cell().height();
    const int index = row * columns() + column;
    return at.x() >= 0 && column < columns() && index >= 0 && index < count() ? index : -1;
}

void CropGallery::layoutScroll() {
    const int rows = (count() + columns() - 1) / columns();
    verticalScrollBar()->setRange(0, std::max(0, rows * cell().height() - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(cell().height() / 2);
}

void CropGallery::choose(int index, Qt::KeyboardModifiers modifiers) {
    if (index < 0) {
        if (!modifiers) setSelected({});
        return;
    }
    current_ = index;
    std::set<int> next = modifiers & Qt::ControlModifier ? selected_ : std::set<int>{};
    if (modifiers & Qt::ShiftModifier) {
        for (int i = std::min(anchor_, index); i <= std::max(anchor_, index); ++i) next.insert(i);
    } else {
        anchor_ = index;
        if (!next.erase(index)) next.insert(index);
    }
    const QRect rect = itemRect(index);
    QScrollBar* bar = verticalScrollBar();
    if (rect.top() < 0) bar->setValue(bar->value() + rect.top());
    if (rect.bottom() > viewport()->height()) bar->setValue(bar->value() + rect.bottom() - viewport()->height() + 1);
    setSelected({next.begin(), next.end()});
    viewport()->update();
}

void CropGallery::setHovered(int index) {
    if (index == hovered_) return;
    hovered_ = index;
    viewport()->update();
    Q_EMIT hovered(index >= 0 ? std::optional(index) : std::nullopt);
}

void CropGallery::paintItem(QPainter& painter, int index) {
    const CropItem& item = items_[static_cast<std::size_t>(index)];
    const QRect rect = itemRect(index);
    if (selected_.contains(index)) {
        QColor ground = palette().color(QPalette::Highlight);
        ground.setAlphaF(0.35F);
        painter.fillRect(rect.adjusted(1, 1, -1, -1), ground);
    } else if (index == hovered_) {
        painter.fillRect(rect.adjusted(1, 1, -1, -1),
                         style::mix(palette().color(QPalette::Base), palette().color(QPalette::Text), 0.08));
    }
    const QRectF crop(rect.left() + kBorder, rect.top() + kBorder, cropSize_, cropSize_);
    QImage image;
    const auto status = images_->request(index, &image);
    paintCrop(painter, crop, image, status == LazyImages::Status::Pending, palette());
    if (item.color.isValid()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(item.color, 2.5, item.predicted ? Qt::DashLine : Qt::SolidLine));
        painter.drawRect(crop.adjusted(-1, -1, 1, 1));
    }
    painter.setPen(palette().color(QPalette::Text));
    const QRectF caption(rect.left() + 2, crop.bottom() + 3, rect.width() - 4, fontMetrics().height());
    painter.drawText(caption, Qt::AlignHCenter,
                     fontMetrics().elidedText(item.caption, Qt::ElideMiddle, static_cast<int>(caption.width())));
    if (index == current_ && hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(palette().color(QPalette::Highlight), 1));
        painter.drawRect(rect.adjusted(1, 1, -2, -2));
    }
}

void CropGallery::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), palette().color(QPalette::Base));
    if (items_.empty()) {
        painter.setPen(style::subtleText(palette()));
        painter.drawText(viewport()->rect().adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
        return;
    }
    images_->forgetRequests();
    const int first = verticalScrollBar()->value() / cell().height() * columns();
    const int last =
        std::min(count(), ((verticalScrollBar()->value() + viewport()->height()) / cell().height() + 1) * columns());
    for (int index = last - 1; index >= first; --index)
        paintItem(painter, index);  // the last asked, the first, is made first
}

void CropGallery::resizeEvent(QResizeEvent*) {
    layoutScroll();
}
void CropGallery::scrollContentsBy(int, int) {
    viewport()->update();
}

void CropGallery::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) choose(indexAt(event->pos()), event->modifiers());
}

void CropGallery::mouseMoveEvent(QMouseEvent* event) {
    setHovered(indexAt(event->pos()));
}

void CropGallery::mouseDoubleClickEvent(QMouseEvent* event) {
    if (const int index = indexAt(event->pos()); index >= 0) Q_EMIT opened(index);
}

void CropGallery::wheelEvent(QWheelEvent* event) {
    if (!(event->modifiers() & Qt::ControlModifier)) return QAbstractScrollArea::wheelEvent(event);
    setCropSize(cropSize_ + (event->angleDelta().y() > 0 ? 12 : -12));
    event->accept();
}

void CropGallery::keyPressEvent(QKeyEvent* event) {
    const bool control = event->modifiers() & Qt::ControlModifier;
    const auto move = [&](int by) {
        choose(std::clamp(current_ + by, 0, count() - 1), event->modifiers() & Qt::ShiftModifier);
    };
    const int page = std::max(1, viewport()->height() / cell().height()) * columns();
    if (items_.empty()) return event->ignore();
    switch (event->key()) {
        case Qt::Key_Left:
            return move(-1);
        case Qt::Key_Right:
            return move(1);
        case Qt::Key_Up:
            return move(-columns());
        case Qt::Key_Down:
            return move(columns());
        case Qt::Key_PageUp:
            return move(-page);
        case Qt::Key_PageDown:
            return move(page);
        case Qt::Key_Home:
            return move(-count());
        case Qt::Key_End:
            return move(count());
        case Qt::Key_Space:
            return choose(current_, Qt::ControlModifier);
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (!selected_.empty()) Q_EMIT accepted(selected());
            return;
        case Qt::Key_A:
            if (control) {
                std::vector<int> all(items_.size());
                for (int i = 0; i < count(); ++i) all[static_cast<std::size_t>(i)] = i;
                return setSelected(all);
            }
            break;
        default:
            break;
    }
    event->ignore();
}

bool CropGallery::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::Leave) setHovered(-1);
    if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int index = indexAt(help->pos());
    QToolTip::showText(help->globalPos(), index < 0 ? QString() : items_[static_cast<std::size_t>(index)].toolTip,
                       viewport());
    return true;
}

}  // namespace driftscope::image
