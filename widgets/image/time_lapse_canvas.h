#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "widgets/image/canvas_painter.h"

class QTimer;

namespace driftscope::image {

class FrameLoader;

/// One frame of a time-lapse: channels, mask outlines, track tails; scrubbing, playing, zooming, following and picking.
/// Decoding happens elsewhere, so the frame on screen (shownFrame) may trail the frame asked for (frame). What the
/// cursor reports is always the mask on screen; a click on a trailing frame first makes that frame the current one.
///
/// Keys: A/D or Left/Right one frame, PageUp/PageDown ten, Home/End, Space play, F follow, Up/Down slice, +/- zoom,
/// Ctrl+0 fit, Ctrl+1 one screen pixel per pixel. Other keys go to the parent. Mouse: wheel zooms about the cursor,
/// drag pans, click picks, Shift+drag draws a lasso (with Alt a box), with Ctrl as well adds to the selection.
class TimeLapseCanvas : public QWidget {
    Q_OBJECT
  public:
    explicit TimeLapseCanvas(QWidget* parent = nullptr);
    ~TimeLapseCanvas() override;

    /// Shows frame 0, fitted; null shows the empty state. Masks and tails are forgotten, channel settings come from the
    /// file.
    void setSource(std::shared_ptr<const io::TimeLapse> images);
    /// Masks of the same frames and size; null removes them. Errors: another size or number of frames (both named).
    Result<void> setLabels(std::shared_ptr<const io::TimeLapse> labels);
    void setEmptyText(const QString& text);
    const io::TimeLapse* source() const { return images_.get(); }
    int frameCount() const;
    int sliceCount() const;

    int frame() const { return frame_; }
    int shownFrame() const { return shown_ ? shown_->t : -1; }
    FramePtr shown() const { return shown_; }
    /// A slice, or -1 for the maximum over all slices.
    int slice() const { return slice_; }

    const std::vector<ChannelDisplay>& channels() const { return channels_; }
    void setChannel(int channel, const ChannelDisplay& display);
    /// Contrast limits from the frame on screen.
    void autoContrast(int channel);
    /// Colour and limits as the file gives them.
    void resetChannel(int channel);

    void setCellColors(std::function<QColor(std::uint32_t)> color);
    void setCellTexts(std::function<QString(std::uint32_t)> text);
    void setSelected(const std::vector<std::uint32_t>& ids);
    void setHovered(std::optional<std::uint32_t> id);
    void setOutlinesVisible(bool visible);
    void setFill(double opacity);
    void setTails(std::vector<Trajectory> tails);
    void setTailLength(int frames);
    void setLegendsVisible(bool visible);
    const CellLook& look() const { return look_; }

    std::optional<std::uint32_t> followed() const { return followed_; }
    double zoom() const { return view_.scale(); }
    const ViewTransform& view() const { return view_; }
    void zoomAbout(QPointF anchor, double factor);
    void centreOn(QPointF image);
    std::uint32_t idAt(QPointF widget) const;

    bool isPlaying() const;
    double framesPerSecond() const { return fps_; }
    bool loops() const { return loop_; }
    void setCacheBudget(std::size_t bytes);

    /// Writes what is on screen as .png (twice the size) or .svg. Errors name the file.
    Result<void> exportTo(const QString& path) const;
    QSize sizeHint() const override { return {640, 480}; }
    QSize minimumSizeHint() const override { return {160, 120}; }

  public Q_SLOTS:
    void setFrame(int frame);
    void setSlice(int slice);
    void setPlaying(bool playing);
    void setFramesPerSecond(double fps);
    void setLooping(bool loop);
    /// Keeps a cell in the middle; nothing stops following.
    void setFollowed(std::optional<std::uint32_t> id);
    void fit();
    void actualPixels();

  Q_SIGNALS:
    void sourceChanged();
    void frameChanged(int frame);  ///< asked for
    void frameShown(int frame);    ///< decoded; painted in this event-loop turn
    void framePainted(int frame);  ///< from inside the paint event: measure, do not repaint
    void sliceChanged(int slice);
    void channelsChanged();
    void playingChanged(bool playing);
    void followedChanged(std::optional<std::uint32_t> id);
    void cellHovered(std::optional<std::uint32_t> id);
    void cellClicked(std::uint32_t id, Qt::KeyboardModifiers modifiers);
    void backgroundClicked(Qt::KeyboardModifiers modifiers);
    void cellsSelected(const std::vector<std::uint32_t>& ids);
    void viewChanged();

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    enum class Drag { None, Undecided, Pan, Lasso, Box };

    void request(int direction);
    void present(std::uint64_t sequence, FramePtr frame);
    void adoptContrast();
    void followShown();
    void advance();
    void hoverAt(QPointF widget);
    void moved();  ///< the view changed
    void stepBy(int frames);
    void toggleFollow();
    void finishRegion(Qt::KeyboardModifiers modifiers);
    void click(QPointF at, Qt::KeyboardModifiers modifiers);
    CanvasScene scene(QSizeF size) const;
    QString status() const;
    ChannelDisplay fileDisplay(int channel) const;

    std::shared_ptr<const io::TimeLapse> images_, labels_;
    FrameLoader* loader_;
    QTimer *player_, *late_;
    std::vector<ChannelDisplay> channels_;
    std::vector<Trajectory> tails_;
    CellLook look_;
    FramePtr shown_;
    std::uint64_t shownSequence_ = 0;
    ViewTransform view_;
    bool fitted_ = true;  ///< follow the widget's size until a person zooms or pans
    bool legends_ = true, loop_ = false, isLate_ = false;
    double fps_ = 10;
    int frame_ = 0, slice_ = 0;
    std::optional<std::uint32_t> followed_;
    std::optional<QPointF> cursor_;
    QPointF pressed_, last_;
    Drag drag_ = Drag::None;
    QPolygonF region_;
    QString emptyText_;
};

}  // namespace driftscope::image
