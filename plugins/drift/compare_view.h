#pragma once

#include <QJsonObject>
#include <QWidget>

class QStackedWidget;
class QTabBar;

namespace driftscope::drift {

class CurveCache;
class PairView;
class ResultsView;
class RunCatalog;

/// The page "Compare": the results table of a study, and two runs side by side.
class CompareView : public QWidget {
    Q_OBJECT
  public:
    CompareView(RunCatalog& catalog, CurveCache& cache, QWidget* parent = nullptr);

    void showRun(const QString& folder);
    /// Shows the pair of runs, or the table.
    void showPair(bool pair);
    bool pairShown() const;
    PairView& pair() { return *pair_; }
    ResultsView& results() { return *results_; }
    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);

  Q_SIGNALS:
    void runChosen(const QString& folder);
    void exportRequested();
    void failed(const QString& text);

  private:
    QTabBar* views_;
    QStackedWidget* pages_;
    ResultsView* results_;
    PairView* pair_;
};

}  // namespace driftscope::drift
