#pragma once

#include <QJsonObject>
#include <QString>
#include <QWidget>
#include <functional>

#include "core/base/error.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QProgressBar;
class QPushButton;

namespace driftscope {
class JobRunner;
struct JobView;
}  // namespace driftscope

namespace driftscope::debate {

/// Starts one kind of job, shows how far it is, cancels it, and reopens the results of earlier runs.
class RunBar : public QWidget {
    Q_OBJECT
  public:
    /// `start` queues a job and returns its id.
    RunBar(JobRunner& jobs, const QString& kind, const QString& text, std::function<Result<QString>()> start, QWidget* parent = nullptr);

    void setStartEnabled(bool enabled, const QString& why = {});
    /// Puts a control between button and progress.
    void addControl(QWidget* widget);
    /// A button that brings back the setup of the shown run.
    void offerAdoption();
    QString chosen() const { return chosen_; }
    /// Shows a run again, as after a restart; nothing when it is gone.
    void choose(const QString& id);
    void start();

  Q_SIGNALS:
    /// A finished run to be shown; called again when another is chosen.
    void resultChosen(const driftscope::JobView& job);
    void failed(const QString& text);
    /// The setup of the shown run is wanted back.
    void adoptRequested(const QJsonObject& runParams);

  private:
    void refreshRuns();
    void refreshProgress();
    void jobFinished(const QString& id);

    JobRunner& jobs_;
    QString kind_;
    std::function<Result<QString>()> start_;
    QHBoxLayout* row_;
    QPushButton *startButton_, *cancel_;
    QProgressBar* progress_;
    QLabel* stage_;
    QComboBox* runs_;
    QPushButton* adopt_ = nullptr;
    QString running_;  ///< started here and not finished
    QString chosen_;
};

}  // namespace driftscope::debate
