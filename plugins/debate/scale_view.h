#pragma once

#include <QWidget>
#include <map>
#include <vector>

#include "core/base/error.h"

class QLabel;

namespace driftscope {
struct HostContext;
struct JobView;
namespace form {
class ParamForm;
}
namespace plot {
class ScatterPlot;
}
}  // namespace driftscope

namespace driftscope::debate {

class NumberTable;
class RunBar;

/// How judgements grow with T for several K, on log-log axes: Alice and Bob, Vera's flat line, direct judging, and where the
/// two meet.
class ScaleView : public QWidget {
    Q_OBJECT
  public:
    explicit ScaleView(HostContext& host, QWidget* parent = nullptr);

    RunBar& runs() { return *runs_; }
    form::ParamForm& form() { return *form_; }
    plot::ScatterPlot& plot() { return *plot_; }

  Q_SIGNALS:
    void failed(const QString& text);

  private:
    /// One row of scale.csv.
    struct Point {
        double k, steps, alice, bob, vera, aliceBound, bobBound, veraBound;
    };
    void build();
    void show(const JobView& job);
    Result<std::vector<Point>> read(const QString& folder) const;
    void showPlot();
    void showTable();
    void showSummary(const JobView& job);

    HostContext& host_;
    RunBar* runs_;
    form::ParamForm* form_;
    QLabel* summary_;
    plot::ScatterPlot* plot_;
    NumberTable* table_;
    std::vector<Point> points_;
    std::map<double, double> breakEven_;  ///< by K
    bool lean_ = true;
};

}  // namespace driftscope::debate
