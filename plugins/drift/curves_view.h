#pragma once

#include <QJsonObject>
#include <QWidget>
#include <vector>

#include "plugins/drift/drift_run.h"

class QComboBox;
class QLabel;
class QStackedWidget;
class QTabBar;

namespace driftscope::plot {
class LinePlot;
class PlotWidget;
}

namespace driftscope::drift {

class CurveCache;
class InsideView;
class MethodChips;
class MetricPlot;
class RunCatalog;

/// Curves of a study while it runs and afterwards: what was measured against the step, at the end against the poison ratio, a
/// line and a band over seeds for every method; and what the methods record about themselves.
class CurvesView : public QWidget {
    Q_OBJECT
  public:
    CurvesView(RunCatalog& catalog, CurveCache& cache, QWidget* parent = nullptr);

    /// The run or study that was chosen at the left.
    void showRun(const QString& folder);
    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);
    /// The plot that has the focus, or the first one that is shown; null when none is.
    plot::PlotWidget* currentPlot() const;
    /// Those against the step, for a marker that moves with the step of other pages.
    std::vector<plot::LinePlot*> stepPlots() const;

  private:
    void build();
    QWidget* buildBar();
    QWidget* buildPlots(std::vector<MetricPlot*>& plots, const std::vector<std::string>& metrics, const QString& xLabel, int columns);
    void runsChanged();
    void fillRatios();
    void refresh();
    void drawSteps(MetricPlot& plot);
    void drawRatios(MetricPlot& plot);
    DriftRun::Stage stage() const;
    std::vector<const DriftRun*> runsOf(const QString& method, std::optional<double> ratio) const;

    RunCatalog& catalog_;
    CurveCache& cache_;
    QString shown_;
    std::vector<DriftRun> runs_;  ///< shown together
    QTabBar* views_;
    QComboBox *stage_, *ratio_, *band_;
    MethodChips* chips_;
    QLabel* note_;
    QStackedWidget* pages_;
    std::vector<MetricPlot*> steps_, ratios_;
    InsideView* inside_;
    double wantedRatio_ = -1;  ///< chosen by a person; -1: none yet
};

}  // namespace driftscope::drift
