#pragma once

#include <QAbstractScrollArea>
#include <optional>
#include <set>
#include <vector>

#include "widgets/image/crop_item.h"
#include "widgets/image/lazy_images.h"

namespace driftscope::image {

/// A grid of crops with captions and coloured borders: what to label next, predictions by confidence. Only rows in
/// sight are made. Click selects, Ctrl adds, Shift extends, Ctrl+A all, arrows move, Enter accepts, double click opens,
/// Ctrl+wheel changes the size. Other keys (label keys) go to the parent.
class CropGallery : public QAbstractScrollArea {
    Q_OBJECT
  public:
    explicit CropGallery(QWidget* parent = nullptr);

    /// `source` gives the crop of item i on a worker thread.
    void setItems(std::vector<CropItem> items, LazyImages::Source source);
    /// New captions and colours for the same crops; as many as before.
    void updateItems(std::vector<CropItem> items);
    void clear() { setItems({}, {}); }
    void setEmptyText(const QString& text);
    void setCropSize(int points);
    int cropSize() const { return cropSize_; }

    std::vector<int> selected() const { return {selected_.begin(), selected_.end()}; }
    void setSelected(const std::vector<int>& indices);
    std::optional<int> currentIndex() const { return current_ >= 0 ? std::optional(current_) : std::nullopt; }
    int madeCrops() const { return images_->made(); }
    /// Where item i is drawn, in viewport coordinates.
    QRect itemRect(int index) const;
    QSize sizeHint() const override { return {360, 260}; }

  Q_SIGNALS:
    void selectionChanged();
    void accepted(const std::vector<int>& indices);  ///< Enter on the selection
    void opened(int index);
    void hovered(std::optional<int> index);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

  private:
    int count() const { return static_cast<int>(items_.size()); }
    int columns() const;
    QSize cell() const;
    int indexAt(QPoint viewport) const;  ///< -1 outside
    void choose(int index, Qt::KeyboardModifiers modifiers);
    void setHovered(int index);
    void layoutScroll();
    void paintItem(QPainter& painter, int index);

    LazyImages* images_;
    std::vector<CropItem> items_;
    std::set<int> selected_;
    int current_ = -1, anchor_ = -1, hovered_ = -1;
    int cropSize_ = 84;
    QString emptyText_;
};

}  // namespace driftscope::image
