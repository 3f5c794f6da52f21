#pragma once

#include <QWidget>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSlider;
class QSpinBox;
class QToolButton;

namespace driftscope::drift {

class InspectModel;

/// One row over the views: the run, what it is compared with, which measurement is shown, capture point, layer and step.
class InspectBar : public QWidget {
    Q_OBJECT
  public:
    explicit InspectBar(InspectModel& model, QWidget* parent = nullptr);
    void stepBy(int by);
    void layerBy(int by);

  Q_SIGNALS:
    void measureRequested();
    void runPicked(const QString& folder);

  private:
    void build();
    void link();
    void refresh();
    void refreshRuns();
    void refreshMeasurements();
    void refreshPlace();
    void refreshStep();
    void refreshProgress();

    InspectModel& model_;
    QComboBox *run_, *other_, *measurement_, *point_, *layer_;
    QPushButton* measure_;
    QProgressBar* progress_;
    QToolButton* cancel_;
    QSlider* step_;
    QLabel* stepText_;
};

}  // namespace driftscope::drift
