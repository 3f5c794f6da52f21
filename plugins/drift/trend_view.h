#pragma once

#include <map>
#include <string>
#include <vector>

#include "plugins/drift/drift_metrics.h"
#include "plugins/drift/latest.h"
#include "plugins/drift/view_frame.h"

class QComboBox;
class QSplitter;

namespace driftscope::plot {
class LinePlot;
class ScatterPlot;
}  // namespace driftscope::plot

namespace driftscope::drift {

class InspectModel;

/// What one run measured of itself, with what tells it apart.
struct RunDrift {
    QString folder, method;
    double ratio = 0;
    LayerDriftTable table;
};

/// Least, mean and greatest over seeds.
struct Spread {
    double low = 0, mean = 0, high = 0;
};
Spread spreadOf(const std::vector<double>& values);

/// Drift of the chosen layer against the step (at the run's poison ratio) and against the poison ratio (after the last step),
/// by method, for all runs of the study; bands and bars reach from the least to the greatest seed.
class TrendView : public ViewFrame {
    Q_OBJECT
  public:
    explicit TrendView(InspectModel& model, QWidget* parent = nullptr);

    plot::LinePlot& bySteps() { return *steps_; }
    plot::ScatterPlot& byRatio() { return *ratios_; }
    void setMetric(MetricId metric);
    bool busy() const { return worker_.busy(); }
    Result<void> exportTo(const QString& path) override;

  protected:
    void showEvent(QShowEvent* event) override;

  private:
    MetricId metric() const;
    void reload();
    void show();
    void showSteps();
    void showRatios();

    InspectModel& model_;
    QComboBox *metric_, *which_;
    plot::LinePlot* steps_;
    plot::ScatterPlot* ratios_;
    std::vector<RunDrift> runs_;
    QString study_;
    bool stale_ = true;
    Latest<std::vector<RunDrift>> worker_;
};

}  // namespace driftscope::drift
