#pragma once

#include <QWidget>
#include <map>

class QGridLayout;
class QLabel;

namespace driftscope::plot {
class LinePlot;
class MatrixPlot;
}  // namespace driftscope::plot

namespace driftscope::drift {

class CurveCache;
class RunCatalog;
struct DriftRun;

/// What a method records about itself in the chosen run and the alignment below it: Booster's harmful loss before and after the
/// simulated step, Vaccine's perturbation over layers, Lisa's phases and distance from its anchor.
class InsideView : public QWidget {
    Q_OBJECT
  public:
    InsideView(RunCatalog& catalog, CurveCache& cache, QWidget* parent = nullptr);
    void showRun(const QString& folder);

  private:
    void refresh();
    int showBooster(const QString& folder, int cell);
    int showVaccine(const QString& folder, int cell);
    int showLisa(const QString& folder, int cell);
    int showOthers(const QString& folder, int cell);
    plot::LinePlot* plot(int cell, const QString& title, const QString& y);
    QString alignment() const;  ///< folder of the run that made the adapter the shown run stands on

    RunCatalog& catalog_;
    CurveCache& cache_;
    QString shown_;
    QLabel* empty_;
    QGridLayout* grid_;
    std::map<int, plot::LinePlot*> lines_;
    plot::MatrixPlot* shares_;
};

}  // namespace driftscope::drift
