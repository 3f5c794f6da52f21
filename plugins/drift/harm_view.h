#pragma once

#include <vector>

#include "plugins/drift/view_frame.h"

class QComboBox;

namespace driftscope::plot {
class ScatterPlot;
}

namespace driftscope::drift {

class InspectModel;
class InspectedRun;

/// Drift against harmfulness, one point per sample: do the samples that moved most become harmful? A click chooses the sample.
class HarmView : public ViewFrame {
    Q_OBJECT
  public:
    explicit HarmView(InspectModel& model, QWidget* parent = nullptr);

    plot::ScatterPlot& plot() { return *plot_; }
    /// "loss_after", "loss_drop", "kl", "content".
    void setMeasure(const QString& measure);
    Result<void> exportTo(const QString& path) override;

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void refresh();
    double harm(const InspectedRun& run, std::uint32_t sample) const;

    InspectModel& model_;
    QComboBox* measure_;
    plot::ScatterPlot* plot_;
    std::vector<std::vector<std::uint32_t>> samplesOf_;  ///< by series
};

}  // namespace driftscope::drift
