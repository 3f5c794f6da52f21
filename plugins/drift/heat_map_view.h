#pragma once

#include "plugins/drift/drift_metrics.h"
#include "plugins/drift/view_frame.h"

class QCheckBox;
class QComboBox;

namespace driftscope::plot {
class MatrixPlot;
}

namespace driftscope::drift {

class InspectModel;
class InspectedRun;

/// Layer x step: one metric of drift as a heat map, of the run, of the one it is compared with on the same colours, and of
/// their difference. A click chooses layer and step.
class HeatMapView : public ViewFrame {
    Q_OBJECT
  public:
    explicit HeatMapView(InspectModel& model, QWidget* parent = nullptr);

    MetricId metric() const;
    void setMetric(MetricId metric);
    plot::MatrixPlot& map(int side) { return *maps_[side]; }
    Result<void> exportTo(const QString& path) override;

  private:
    void refresh();
    void fill(plot::MatrixPlot& map, const InspectedRun& run, const InspectedRun* minus);
    void mark();
    bool isDifference() const;

    InspectModel& model_;
    QComboBox* metric_;
    QCheckBox* difference_;
    plot::MatrixPlot* maps_[2];
};

}  // namespace driftscope::drift
