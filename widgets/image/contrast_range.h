#pragma once

#include <QColor>
#include <QWidget>
#include <vector>

namespace driftscope::image {

/// A histogram with two handles for the contrast limits. Drag a handle, or the middle to move both; Left/Right move the
/// active handle (Shift ten times as far), Up/Down change which one is active.
class ContrastRange : public QWidget {
    Q_OBJECT
  public:
    explicit ContrastRange(QWidget* parent = nullptr);

    /// Counts over [low, high]; the axis covers that and the limits.
    void setHistogram(std::vector<int> counts, double low, double high);
    void setLimits(double low, double high);  ///< does not emit
    void setColor(const QColor& color);
    double low() const { return low_; }
    double high() const { return high_; }
    /// Where a value is drawn.
    double position(double value) const;
    QSize sizeHint() const override { return {180, 44}; }
    QSize minimumSizeHint() const override { return {90, 34}; }

  Q_SIGNALS:
    void limitsChanged(double low, double high);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    enum class Handle { Low, High, Both };
    double value(double position) const;
    void move(double low, double high);
    double axisLow() const;
    double axisHigh() const;

    std::vector<int> counts_;
    double dataLow_ = 0, dataHigh_ = 1, low_ = 0, high_ = 1;
    double grabbed_ = 0, grabbedLow_ = 0, grabbedHigh_ = 0;
    double axisLowHeld_ = 0, axisHighHeld_ = 1;
    bool dragging_ = false;
    Handle active_ = Handle::High;
    QColor color_ = Qt::white;
};

}  // namespace driftscope::image
