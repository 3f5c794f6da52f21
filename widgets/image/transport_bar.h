#pragma once

#include <QWidget>

class QDoubleSpinBox;
class QLabel;
class QSlider;
class QToolButton;

namespace driftscope::image {

class TimeLapseCanvas;

/// Play, frame slider, time, speed, loop, and a slice slider when there is depth. Follows and drives one canvas.
class TransportBar : public QWidget {
    Q_OBJECT
  public:
    /// `canvas` must outlive this widget.
    explicit TransportBar(TimeLapseCanvas* canvas, QWidget* parent = nullptr);

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void build();
    void drawPlay();
    void connectCanvas();
    void refresh();
    void showFrame();
    void showSlice();
    QToolButton* tool(const QString& text, const QString& help, bool checkable);

    TimeLapseCanvas* canvas_;
    QToolButton *play_, *loop_, *projection_;
    QSlider *frames_, *slices_;
    QLabel *time_, *sliceText_;
    QDoubleSpinBox* speed_;
};

}  // namespace driftscope::image
