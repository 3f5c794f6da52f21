#pragma once

#include <QAbstractButton>
#include <QWidget>
#include <cstddef>
#include <vector>

class QPainter;
class QScrollArea;

namespace driftscope::space {

struct ColourScheme;

/// Draws the whole legend (classes or colour bar) without widgets, for exported pictures. Returns the height used.
qreal drawLegend(QPainter& painter, const QRectF& area, const ColourScheme& scheme, const QPalette& palette);

/// One class of the legend: swatch, name and count; switched off it hides its points. A real button, so that keyboard
/// and screen readers reach it.
class LegendRow : public QAbstractButton {
    Q_OBJECT
  public:
    LegendRow(const QString& name, const QColor& colour, std::size_t count, QWidget* parent);
    QSize sizeHint() const override;

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    QColor colour_;
    QString count_;
};

/// Explains the colours in a corner of the view: a row per class (click hides or shows it, Alt+click shows only it) or
/// a colour bar with its range. Invisible when colours mean nothing.
class Legend : public QWidget {
    Q_OBJECT
  public:
    explicit Legend(QWidget* parent);
    void setScheme(const ColourScheme& scheme);
    /// Moves to the top right of `area`, no higher than it.
    void place(const QRect& area);

  Q_SIGNALS:
    void classHidden(std::size_t index, bool hidden);

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    void addRows(const ColourScheme& scheme);
    void showOnly(std::size_t index);

    QWidget* content_ = nullptr;
    QScrollArea* scroll_ = nullptr;
    std::vector<LegendRow*> rows_;
};

}  // namespace driftscope::space
