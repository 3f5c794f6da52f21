#pragma once

#include <QString>
#include <QStringList>
#include <vector>

#include "widgets/plot/plot_widget.h"

class QCPColorMap;
class QCPColorScale;
class QCPItemRect;

namespace driftscope::plot {

/// A matrix as coloured cells with a colour bar: confusion matrix, layer x step heat map. Row 0 is on top.
class MatrixPlot : public PlotWidget {
    Q_OBJECT
  public:
    explicit MatrixPlot(QWidget* parent = nullptr);

    struct Matrix {
        int rows = 0, columns = 0;
        std::vector<double> values;  ///< row-major; NaN is drawn as missing
        QStringList rowNames;        ///< empty: 0, 1, 2 ...
        QStringList columnNames;
    };
    void setMatrix(Matrix matrix);
    void clear() { setMatrix({}); }
    /// Name of what the colours mean, with unit.
    void setValueLabel(const QString& label, const QString& unit = {});
    /// Numbers in the cells; drawn while they fit.
    void setNumbersVisible(bool visible);
    /// Fixed colour range; low >= high returns to the data's range.
    void setValueRange(double low, double high);
    /// Values around zero: blue, white, orange, symmetric about 0.
    void setDiverging(bool on);
    /// Draws a frame around one cell, the one that other views show; nothing when it lies outside.
    void setMarkedCell(int row, int column);
    void clearMarkedCell() { setMarkedCell(-1, -1); }
    /// Shares of the row's sum in the read-out: the meaning of a confusion matrix.
    void setRowShares(bool on) { rowShares_ = on; }

    bool isEmpty() const override { return matrix_.values.empty(); }
    QString csv() const override;

  Q_SIGNALS:
    void cellClicked(int row, int column);

  protected:
    void restyle(const QPalette& palette) override;
    void fitRanges() override;
    std::optional<ReadOut> readOut(const QPointF& pixel) const override;
    void fillMenu(QMenu& menu) override;
    void clicked(const QPointF& pixel) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    bool cellAt(const QPointF& pixel, int* row, int* column) const;
    double at(int row, int column) const {
        return matrix_.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(matrix_.columns) +
                              static_cast<std::size_t>(column)];
    }
    QString rowName(int row) const;
    QString columnName(int column) const;
    void rebuild();
    void placeNumbers();
    void placeMark();
    void applyRange();

    Matrix matrix_;
    QCPColorMap* map_;
    QCPColorScale* scale_;
    QCPItemRect* mark_;
    int markedRow_ = -1, markedColumn_ = -1;
    QString valueLabel_, valueUnit_;
    double low_ = 0, high_ = 0;
    bool numbers_ = true, diverging_ = false, rowShares_ = false;
};

}  // namespace driftscope::plot
