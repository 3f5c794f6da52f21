#pragma once

#include <QWidget>

#include "core/llm/study/study_results.h"

class QComboBox;
class QLabel;
class QTableWidget;

namespace driftscope::drift {

class CurveCache;
class RunCatalog;

/// The results of a study as the papers print them: methods against poison ratios, mean and deviation over seeds; and every
/// measure beside its cost.
class ResultsView : public QWidget {
    Q_OBJECT
  public:
    ResultsView(RunCatalog& catalog, CurveCache& cache, QWidget* parent = nullptr);
    void showRun(const QString& folder);
    /// Folder of the study shown; empty for runs of their own.
    QString study() const { return study_; }
    QString measure() const;
    void setMeasure(const QString& metric);

  Q_SIGNALS:
    void exportRequested();
    /// A cell stands for runs: one of them was chosen.
    void runChosen(const QString& folder);

  private:
    void refresh();
    void fillPivot();
    void fillLong();
    void choose(const QString& method, double ratio);

    RunCatalog& catalog_;
    CurveCache& cache_;
    QString shown_, study_;
    llm::StudyResults results_;
    QComboBox* measure_;
    QLabel* note_;
    QTableWidget *pivot_, *long_;
};

/// Finished fine-tunings of a study as results, from what the panel has read already.
llm::StudyResults resultsOf(RunCatalog& catalog, const QString& chosen);

}  // namespace driftscope::drift
