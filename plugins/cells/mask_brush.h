#pragma once

#include <QPointF>
#include <QWidget>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/cells/track_edits.h"

namespace driftscope::image {
class TimeLapseCanvas;
}

namespace driftscope::cells {

/// Paints the mask of one cell on the canvas: drag to add pixels, drag with Ctrl or the right button to take them away. Pixels
/// of other cells are left to them. A sheet of glass over the canvas, which keeps wheel, keys and middle button to itself.
class MaskBrush : public QWidget {
    Q_OBJECT
  public:
    explicit MaskBrush(image::TimeLapseCanvas* canvas);

    /// Starts painting the cell with this id in the frame on screen; nothing stops.
    void setTarget(std::optional<std::uint32_t> id);
    std::optional<std::uint32_t> target() const { return target_; }
    void setRadius(int pixels);
    int radius() const { return radius_; }

  Q_SIGNALS:
    void painted(std::uint32_t id, int frame, const driftscope::cells::CellPatch& patch);
    void erased(std::uint32_t id, int frame);  ///< no pixel is left

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

  private:
    void begin(QPointF at, bool erase);
    void strokeTo(QPointF at);
    void dab(QPointF image);
    void finish();
    CellPatch patch() const;

    image::TimeLapseCanvas* canvas_;
    std::optional<std::uint32_t> target_;
    int radius_ = 4;
    bool drawing_ = false, erase_ = false, touched_ = false;
    int frame_ = 0, width_ = 0, height_ = 0;
    std::vector<std::uint8_t> inside_;  ///< height x width while a stroke lasts
    std::optional<QPointF> cursor_, last_;
};

}  // namespace driftscope::cells
