#pragma once

#include <QAbstractScrollArea>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "widgets/image/crop_item.h"
#include "widgets/image/lazy_images.h"

namespace driftscope::image {

/// One object through time: a crop for each of its frames, its state under each. The current frame is marked and kept
/// in the middle. Only what is in sight is made, so thousands of frames cost nothing. Click, drag or wheel go to a
/// frame; A/D or Left/Right one crop, PageUp/PageDown a page, Home/End. Other keys go to the parent.
class FilmStrip : public QAbstractScrollArea {
    Q_OBJECT
  public:
    explicit FilmStrip(QWidget* parent = nullptr);

    /// `items` ascend in CropItem::frame (gaps are allowed and drawn); `source` gives the crop of item i on a worker
    /// thread.
    void setItems(std::vector<CropItem> items, LazyImages::Source source);
    /// New captions and states for the same crops; as many as before.
    void updateItems(std::vector<CropItem> items);
    void clear() { setItems({}, {}); }
    /// Marks the item of this frame, or the last one before it; does not emit.
    void setFrame(int frame);
    std::optional<int> currentIndex() const;
    void setCropSize(int points);
    void setEmptyText(const QString& text);
    int madeCrops() const { return images_->made(); }
    /// The whole strip, every frame of it, as .png or .svg; makes the crops that were not needed yet. Errors: no items, and
    /// those of writePicture().
    Result<void> exportTo(const QString& path, const QString& source) const;
    /// Where item i is drawn, in viewport coordinates.
    QRectF itemRect(int index) const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

  Q_SIGNALS:
    void frameChosen(int frame);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

  private:
    int indexAt(QPointF viewport) const;
    int count() const { return static_cast<int>(items_.size()); }
    int pitch() const { return cropSize_ + 4; }
    void go(int index);
    void centre();
    void layoutScroll();
    void paintItem(QPainter& painter, int index);
    void paintItemAt(QPainter& painter, int index, const QRectF& rect, const QImage& image, bool pending) const;

    LazyImages* images_;
    LazyImages::Source source_;
    std::vector<CropItem> items_;
    int current_ = -1;
    int cropSize_ = 72;
    QString emptyText_;
};

}  // namespace driftscope::image
