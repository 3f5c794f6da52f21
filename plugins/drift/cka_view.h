#pragma once

#include <vector>

#include "plugins/drift/latest.h"
#include "plugins/drift/view_frame.h"

class QCheckBox;

namespace driftscope::plot {
class MatrixPlot;
}

namespace driftscope::drift {

class DriftData;
class InspectModel;

/// Layers before (rows) x layers after (columns) by linear CKA of the samples' vectors.
struct CkaMatrix {
    std::vector<std::int64_t> layers;
    std::vector<double> values;  ///< row-major; NaN where a side does not vary
    std::size_t samples = 0;
    bool debiased = false;
};
Result<CkaMatrix> ckaMatrix(const DriftData& data, const std::string& point, std::int64_t step, const std::function<bool()>& cancelled);

/// Which layer after training looks like which before: the diagonal tells how far each layer kept its geometry.
class CkaView : public ViewFrame {
    Q_OBJECT
  public:
    explicit CkaView(InspectModel& model, QWidget* parent = nullptr);

    plot::MatrixPlot& map(int side) { return *maps_[side]; }
    bool busy() const { return worker_.busy(); }
    Result<void> exportTo(const QString& path) override;

  protected:
    void showEvent(QShowEvent* event) override;

  private:
    void refresh();
    void show(const std::vector<CkaMatrix>& matrices);

    InspectModel& model_;
    QCheckBox* fullRange_;
    plot::MatrixPlot* maps_[2];
    bool stale_ = true;  ///< computed when it is looked at
    Latest<std::vector<CkaMatrix>> worker_;
};

}  // namespace driftscope::drift
