#pragma once

#include <QWidget>
#include <cstdint>
#include <vector>

#include "plugins/drift/drift_run.h"

class QComboBox;

namespace driftscope::drift {

/// Chooses a run and one of its measured steps.
class SidePicker : public QWidget {
    Q_OBJECT
  public:
    SidePicker(const QString& name, const QColor& colour, QWidget* parent = nullptr);

    void setRuns(const std::vector<DriftRun>& runs);
    /// Steps of the chosen run; the last one is chosen unless the present one is among them.
    void setSteps(const std::vector<std::int64_t>& steps);
    QString run() const;
    void setRun(const QString& folder);
    std::int64_t step() const;  ///< -1 when nothing was measured
    QString title() const;      ///< "Lisa, p = 0.1, seed 1, step 40"

  Q_SIGNALS:
    void runChosen();
    void stepChosen();

  private:
    QComboBox *runs_, *steps_;
};

}  // namespace driftscope::drift
