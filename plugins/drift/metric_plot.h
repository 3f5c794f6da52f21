#pragma once

#include <QWidget>
#include <string>

class QComboBox;

namespace driftscope::plot {
class LinePlot;
}

namespace driftscope::drift {

/// A line plot of one metric, which is chosen in its head.
class MetricPlot : public QWidget {
    Q_OBJECT
  public:
    explicit MetricPlot(const std::string& metric, const QString& xLabel, QWidget* parent = nullptr);

    std::string metric() const;
    void setMetric(const std::string& metric);
    plot::LinePlot& plot() { return *plot_; }
    /// What values are multiplied by before they are drawn: shares are drawn in percent.
    double scale() const;

  Q_SIGNALS:
    void metricChosen();

  private:
    void label();

    QComboBox* choice_;
    plot::LinePlot* plot_;
    QString xLabel_;
};

}  // namespace driftscope::drift
