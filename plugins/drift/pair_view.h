#pragma once

#include <QJsonObject>
#include <QWidget>

#include "plugins/drift/latest.h"
#include "plugins/drift/pair_data.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QTableWidget;

namespace driftscope::plot {
class LinePlot;
class MatrixPlot;
}  // namespace driftscope::plot

namespace driftscope::drift {

class CurveCache;
class MetricPlot;
class RunCatalog;
class SidePicker;

/// Two runs, or two checkpoints of one, over the same axes: drift by layer and step, a curve, scores and answers; each with the
/// difference.
class PairView : public QWidget {
    Q_OBJECT
  public:
    PairView(RunCatalog& catalog, CurveCache& cache, QWidget* parent = nullptr);

    /// The run chosen at the left becomes the second; the first is filled when it is empty.
    void showRun(const QString& folder);
    void swap();
    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);
    /// Scores and answers as CSV.
    QString csv() const;

  Q_SIGNALS:
    void failed(const QString& text);

  private:
    void build();
    QWidget* buildBar();
    void runsChanged();
    void load();
    void refresh();
    void showMaps();
    void showCurves();
    void showScores();
    void showAnswers();

    RunCatalog& catalog_;
    CurveCache& cache_;
    SidePicker *first_, *second_;
    QComboBox* drift_;
    plot::MatrixPlot *mapFirst_, *mapSecond_, *mapDifference_;
    MetricPlot* curves_;
    plot::LinePlot* curveDifference_;
    QTableWidget *scores_, *answers_;
    QCheckBox* changedOnly_;
    QLabel* summary_;
    PairSide sideFirst_, sideSecond_;
    std::vector<PairAnswer> pairs_;
    Latest<std::pair<PairSide, PairSide>> loader_;
};

}  // namespace driftscope::drift
