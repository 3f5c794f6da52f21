#pragma once

#include <QString>
#include <QWidget>
#include <optional>

#include "core/base/error.h"

class QCustomPlot;
class QCPItemTracer;
class QCPLayoutGrid;
class QCPTextElement;
class QLabel;
class QMenu;
class QPalette;
class QVBoxLayout;

namespace driftscope::plot {

/// What the cursor is over: where to put the mark, in plot coordinates, and what to say.
struct ReadOut {
    double x = 0, y = 0;
    QString text;
    bool marked = true;  ///< draw a ring at (x, y)
};

/// What all plots share: axes with units, the palette's colours, an empty state, wheel and drag, a read-out under the
/// cursor, and export of picture and data through the context menu or exportTo().
class PlotWidget : public QWidget {
    Q_OBJECT
  public:
    ~PlotWidget() override;

    void setTitle(const QString& title);
    /// `unit` is appended in brackets: "time [min]".
    void setXAxis(const QString& label, const QString& unit = {});
    void setYAxis(const QString& label, const QString& unit = {});
    /// Shown while there is no data; say what to do next.
    void setEmptyText(const QString& text);

    virtual bool isEmpty() const = 0;
    /// The plotted numbers as CSV text, one header line.
    virtual QString csv() const = 0;
    /// Writes .png (twice the size in pixels), .svg, .pdf (vectors; all on white) or .csv, by the suffix. `size` in
    /// points; empty takes the widget's. Errors name the file: unknown suffix, nothing to show, cannot write.
    Result<void> exportTo(const QString& path, QSize size = {});

    /// Shows all data again, and keeps showing all as data arrive.
    void fit();
    QSize sizeHint() const override { return {420, 280}; }
    QSize minimumSizeHint() const override { return {160, 110}; }

  protected:
    explicit PlotWidget(QWidget* parent);

    QCustomPlot* plot() const { return plot_; }
    QVBoxLayout* column() const { return column_; }
    QString xLabel() const { return xLabel_; }
    QString yLabel() const { return yLabel_; }
    QString xUnit() const { return xUnit_; }
    QString yUnit() const { return yUnit_; }
    /// Something a person should know about what is not drawn; empty hides it.
    void setNote(const QString& note);
    /// A row of names between title and axes, so that it never covers data.
    void showLegend(bool visible);
    /// To be called after data changed: empty state, ranges, redraw.
    void dataChanged();

    /// Colours of the palette onto the data's items.
    virtual void restyle(const QPalette& palette) = 0;
    virtual void fitRanges() = 0;  ///< axis ranges that show everything
    virtual std::optional<ReadOut> readOut(const QPointF& pixel) const = 0;
    virtual void fillMenu(QMenu&) {}
    virtual void clicked(const QPointF& /*pixel*/) {}

    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    void buildInteraction();
    void applyPalette(const QPalette& palette);
    void wear(const QPalette& palette);  ///< applyPalette, restyle and redraw
    void showReadOut(const QPointF& pixel);
    void hideReadOut();
    void openMenu(const QPoint& at);
    void askAndExport();
    void setAxisLabels();
    int axisRow() const { return titleElement_ ? 1 : 0; }

    QVBoxLayout* column_;
    QCustomPlot* plot_;
    QCPItemTracer* ring_;
    QCPTextElement* titleElement_ = nullptr;
    QCPLayoutGrid* legendRow_;
    QLabel* readOut_;
    QLabel* empty_;
    QLabel* note_;
    QString title_, xLabel_, yLabel_, xUnit_, yUnit_;
    QPoint pressed_;
    bool zoomed_ = false;  ///< a person chose the range
};

}  // namespace driftscope::plot
