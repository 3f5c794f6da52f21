#pragma once

#include <QColor>
#include <QStringList>
#include <optional>
#include <vector>

#include "plugins/cells/painted_plot.h"

namespace driftscope::cells {

/// States of many tracks over time, one line per track, brought together at an event (time 0).
class StateHeatMap : public PaintedPlot {
    Q_OBJECT
  public:
    struct Content {
        QStringList tracks;          ///< entity of each line
        std::vector<double> times;   ///< of each column
        std::vector<int> states;     ///< lines x columns; index into names, -1 where there is no cell
        QStringList names;
        std::vector<QColor> colours;  ///< one per name
        QString unit;                 ///< of the times
    };
    explicit StateHeatMap(QWidget* parent = nullptr);

    void setContent(Content content);
    /// The line of this track is marked; empty marks none.
    void setCurrentTrack(const QString& entity);
    /// Where column `column` of line `line` is drawn.
    QRectF cellRect(int line, int column) const { return cellRect(rect(), line, column); }

    bool isEmpty() const override { return content_.tracks.isEmpty(); }
    QString csv() const override;

  Q_SIGNALS:
    /// A cell was clicked: its track and time.
    void cellClicked(const QString& entity, double time);

  protected:
    void paintPlot(QPainter& painter, const QRect& area, const QPalette& colours) const override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

  private:
    struct Place {
        int line, column;
    };
    QRect plotRect(const QRect& area) const;
    QRectF cellRect(const QRect& area, int line, int column) const;
    std::optional<Place> placeAt(const QPoint& at) const;
    void paintCells(QPainter& painter, const QRect& area) const;
    void paintAxes(QPainter& painter, const QRect& area, const QPalette& colours) const;
    void paintLegend(QPainter& painter, const QRect& area, const QPalette& colours) const;

    Content content_;
    int current_ = -1;
};

}  // namespace driftscope::cells
