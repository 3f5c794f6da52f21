#include "widgets/image/film_strip.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>

#include "widgets/image/picture_file.h"
#include "widgets/style/palette.h"

namespace driftscope::image {

namespace {
constexpr int kStateHeight = 9;
constexpr int kTop = 4;
}  // namespace

FilmStrip::FilmStrip(QWidget* parent)
    : QAbstractScrollArea(parent),
      images_(new LazyImages(this)),
      emptyText_(tr("Select a cell to see it through time.")) {
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Film strip"));
    setAccessibleDescription(tr("The selected cell in each frame; arrow keys change the frame"));
    connect(images_, &LazyImages::ready, this,
            [this](int index) { viewport()->update(itemRect(index).toAlignedRect()); });
}

void FilmStrip::setItems(std::vector<CropItem> items, LazyImages::Source source) {
    const std::optional<int> frame =
        current_ >= 0 ? std::optional(items_[static_cast<std::size_t>(current_)].frame) : std::nullopt;
    items_ = std::move(items);
    source_ = source;
    images_->setSource(std::move(source));
    current_ = items_.empty() ? -1 : 0;
    layoutScroll();
    if (frame) setFrame(*frame);
    viewport()->update();
}

void FilmStrip::updateItems(std::vector<CropItem> items) {
    Q_ASSERT(items.size() == items_.size());
    items_ = std::move(items);
    viewport()->update();
}

void FilmStrip::setFrame(int frame) {
    if (items_.empty()) return;
    const auto after = std::upper_bound(items_.begin(), items_.end(), frame,
                                        [](int f, const CropItem& item) { return f < item.frame; });
    current_ = std::max(0, static_cast<int>(after - items_.begin()) - 1);
    centre();
    viewport()->update();
}

std::optional<int> FilmStrip::currentIndex() const {
    return current_ >= 0 ? std::optional(current_) : std::nullopt;
}

void FilmStrip::setCropSize(int points) {
    cropSize_ = std::clamp(points, 24, 256);
    updateGeometry();
    layoutScroll();
    viewport()->update();
}

void FilmStrip::setEmptyText(const QString& text) {
    emptyText_ = text;
    viewport()->update();
}

QSize FilmStrip::sizeHint() const {
    return {600,
            kTop + cropSize_ + kStateHeight + fontMetrics().height() + 8 + horizontalScrollBar()->sizeHint().height()};
}
QSize FilmStrip::minimumSizeHint() const {
    return {120, sizeHint().height()};
}

void FilmStrip::layoutScroll() {
    horizontalScrollBar()->setRange(0, std::max(0, count() * pitch() - viewport()->width()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(pitch());
    centre();
}

/// The current crop stands in the middle, except near both ends, where the strip shows as many crops as it can.
void FilmStrip::centre() {
    if (current_ >= 0) horizontalScrollBar()->setValue(current_ * pitch() + pitch() / 2 - viewport()->width() / 2);
}

QRectF FilmStrip::itemRect(int index) const {
    const double left = index * pitch() - horizontalScrollBar()->value();
    return {left, 0, static_cast<double>(pitch()), static_cast<double>(viewport()->height())};
}

int FilmStrip::indexAt(QPointF viewportPoint) const {
    const double offset = viewportPoint.x() - itemRect(0).left();
    return count() == 0 ? -1 : std::clamp(static_cast<int>(std::floor(offset / pitch())), 0, count() - 1);
}

void FilmStrip::go(int index) {
    const int target = std::clamp(index, 0, count() - 1);
    if (count() == 0 || target == current_) return;
    current_ = target;
    centre();
    viewport()->update();
    Q_EMIT frameChosen(items_[static_cast<std::size_t>(current_)].frame);
}

void FilmStrip::paintItem(QPainter& painter, int index) {
    QImage image;
    const auto status = images_->request(index, &image);
    paintItemAt(painter, index, itemRect(index), image, status == LazyImages::Status::Pending);
}

void FilmStrip::paintItemAt(QPainter& painter, int index, const QRectF& rect, const QImage& image, bool pending) const {
    const CropItem& item = items_[static_cast<std::size_t>(index)];
    const QRectF crop(rect.left() + 2, kTop, cropSize_, cropSize_);
    paintCrop(painter, crop, image, pending, palette());
    paintState(painter, {crop.left(), crop.bottom() + 2, crop.width(), kStateHeight - 2}, item, palette());
    const bool gap = index > 0 && item.frame - items_[static_cast<std::size_t>(index) - 1].frame > 1;
    if (gap) painter.fillRect(QRectF(rect.left() - 1, kTop, 2, cropSize_ + kStateHeight), style::subtleText(palette()));
    QFont font = this->font();
    font.setBold(index == current_);
    painter.setFont(font);
    painter.setPen(index == current_ ? palette().color(QPalette::Text) : style::subtleText(palette()));
    const QRectF label(rect.left() - 4, crop.bottom() + kStateHeight + 2, rect.width() + 8, fontMetrics().height() + 2);
    painter.drawText(label, Qt::AlignHCenter | Qt::AlignTop,
                     item.caption.isEmpty() ? QString::number(item.frame) : item.caption);
    if (index != current_) return;
    painter.setPen(QPen(palette().color(QPalette::Highlight), 3));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(crop.adjusted(-1, -1, 1, 1));
}

void FilmStrip::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), palette().color(QPalette::Base));
    if (items_.empty()) {
        painter.setPen(style::subtleText(palette()));
        painter.drawText(viewport()->rect(), Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
        return;
    }
    images_->forgetRequests();
    const int first = indexAt({0, 0}), last = indexAt({static_cast<double>(viewport()->width()), 0});
    for (int index = first; index <= last; ++index)
        if (index != current_) paintItem(painter, index);
    if (current_ >= first && current_ <= last) paintItem(painter, current_);  // on top, and its crop is made first
}

Result<void> FilmStrip::exportTo(const QString& path, const QString& source) const {
    if (items_.empty()) return fail(ErrorCode::BadInput, fmt::format("There is nothing to write to '{}': no cell is chosen.", path.toStdString()), "Choose a cell first.");
    const QSize size(count() * pitch(), viewport()->height());
    return writePicture(path, size, source, [&](QPainter& painter) {
        painter.fillRect(QRect(QPoint(0, 0), size), palette().color(QPalette::Base));
        for (int index = 0; index < count(); ++index)
            paintItemAt(painter, index, {static_cast<double>(index * pitch()), 0, static_cast<double>(pitch()), static_cast<double>(size.height())},
                        source_ ? source_(index) : QImage(), false);
    });
}

void FilmStrip::resizeEvent(QResizeEvent*) {
    layoutScroll();
}
void FilmStrip::scrollContentsBy(int, int) {
    viewport()->update();
}

void FilmStrip::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) go(indexAt(event->position()));
}

/// Dragging scrubs: a crop's width of movement is a frame, from wherever the drag is.
void FilmStrip::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons() & Qt::LeftButton) go(indexAt(event->position()));
}

void FilmStrip::wheelEvent(QWheelEvent* event) {
    const int delta = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    if (delta != 0) go(current_ - (delta > 0 ? 1 : -1));
    event->accept();
}

void FilmStrip::keyPressEvent(QKeyEvent* event) {
    const int page = std::max(1, viewport()->width() / pitch() - 1);
    if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::ShiftModifier)) return event->ignore();
    switch (event->key()) {
        case Qt::Key_A:
        case Qt::Key_Left:
            return go(current_ - 1);
        case Qt::Key_D:
        case Qt::Key_Right:
            return go(current_ + 1);
        case Qt::Key_PageUp:
            return go(current_ - page);
        case Qt::Key_PageDown:
            return go(current_ + page);
        case Qt::Key_Home:
            return go(0);
        case Qt::Key_End:
            return go(count() - 1);
        default:
            event->ignore();
    }
}

bool FilmStrip::viewportEvent(QEvent* event) {
    if (event->type() != QEvent::ToolTip || items_.empty()) return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), items_[static_cast<std::size_t>(indexAt(help->pos()))].toolTip, viewport());
    return true;
}

}  // namespace driftscope::image
