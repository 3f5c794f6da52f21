#pragma once

#include <QColor>
#include <QString>
#include <QStringList>
#include <vector>

#include "widgets/plot/plot_widget.h"

namespace driftscope::plot {

/// Some points with error bars, in named series: scaling laws, methods compared. For embeddings use widgets/space.
class ScatterPlot : public PlotWidget {
    Q_OBJECT
  public:
    explicit ScatterPlot(QWidget* parent = nullptr);

    struct Series {
        QString name;
        std::vector<double> x, y;
        std::vector<double> errorLow = {}, errorHigh = {};  ///< distances below and above y; both empty for none
        QStringList pointNames = {};                        ///< for the read-out; may be empty
        QColor color = {};                                  ///< invalid: next of the categorical palette
        bool joined = false;                                ///< draw a line through the points
        bool marks = true;                                  ///< off: a dashed line alone, for bounds and theory
    };
    void setSeries(std::vector<Series> series);
    void clear() { setSeries({}); }
    /// Names at x = 0, 1, 2, … instead of numbers; empty: numbers again.
    void setXNames(const QStringList& names);
    void setLogX(bool on);
    void setLogY(bool on);
    /// The line y = x, dashed.
    void setDiagonal(bool on);

    bool isEmpty() const override;
    QString csv() const override;

  Q_SIGNALS:
    void pointClicked(int series, int point);

  protected:
    void restyle(const QPalette& palette) override;
    void fitRanges() override;
    std::optional<ReadOut> readOut(const QPointF& pixel) const override;
    void fillMenu(QMenu& menu) override;
    void clicked(const QPointF& pixel) override;

  private:
    struct Hit {
        std::size_t series, point;
    };
    std::optional<Hit> nearest(const QPointF& pixel) const;
    void rebuild();

    std::vector<Series> series_;
    QStringList xNames_;
    bool diagonal_ = false;
};

}  // namespace driftscope::plot
