#pragma once

#include <QWidget>

#include "core/llm/study/study_estimate.h"

class QLabel;
class QPushButton;

namespace driftscope::drift {

class InputCheck;
class RunCatalog;
class StudySetup;

/// What a study will take, before it starts: runs, steps, time and memory, and where the time comes from.
class EstimateBox : public QWidget {
    Q_OBJECT
  public:
    EstimateBox(StudySetup& setup, InputCheck& check, RunCatalog& catalog, QWidget* parent = nullptr);
    /// `problem` keeps the study from starting and is shown instead.
    void setProblem(const QString& problem);
    QString text() const;
    bool canStart() const;

  Q_SIGNALS:
    void startRequested();
    /// A short run that measures the time of a step.
    void measureRequested();
    void commandRequested();

  private:
    void refresh();
    QString estimate();
    QString timeOf(const std::vector<llm::PlannedRun>& runs);
    /// Learns from finished runs of models of this size.
    llm::Pace pace() const;
    double pretraining() const;

    StudySetup& setup_;
    InputCheck& check_;
    RunCatalog& catalog_;
    QLabel* text_;
    QPushButton *measure_, *command_, *start_;
    QString problem_;
};

}  // namespace driftscope::drift
