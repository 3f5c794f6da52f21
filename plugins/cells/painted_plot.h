#pragma once

#include <QWidget>

#include "core/base/error.h"

class QPainter;
class QPalette;

namespace driftscope::cells {

/// A picture that draws itself with a painter, on the screen and into files, and knows its numbers.
class PaintedPlot : public QWidget {
    Q_OBJECT
  public:
    explicit PaintedPlot(QWidget* parent = nullptr);

    void setEmptyText(const QString& text);
    virtual bool isEmpty() const = 0;
    virtual QString csv() const = 0;
    /// .png (twice the size in pixels), .svg (both on white) or .csv, by the suffix. Errors name the file.
    Result<void> exportTo(const QString& path);

    QSize sizeHint() const override { return {520, 320}; }
    QSize minimumSizeHint() const override { return {200, 120}; }

  protected:
    virtual void paintPlot(QPainter& painter, const QRect& area, const QPalette& colours) const = 0;
    void paintEvent(QPaintEvent* event) override;

  private:
    QString emptyText_;
};

}  // namespace driftscope::cells
