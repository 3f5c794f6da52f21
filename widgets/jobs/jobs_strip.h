#pragma once

#include <QWidget>
#include <deque>

#include "widgets/session/run_follower.h"

class QLabel;
class QProgressBar;
class QToolButton;

namespace driftscope {
class JobRunner;
}

namespace driftscope::jobs {

/// One line at the bottom of the window: what runs now, how far it is, how long it still takes, and its headline metric.
class JobsStrip : public QWidget {
    Q_OBJECT
  public:
    explicit JobsStrip(JobRunner& jobs, QWidget* parent = nullptr);
    /// The job shown: the running one that started last, else the one that ended last while we watched.
    QString current() const { return id_; }

  Q_SIGNALS:
    void curvesRequested(const QString& id);
    void openRequested(const QString& id);

  private:
    void buildLayout();
    void choose();
    void refresh();
    void finished(const QString& id);
    void takeMetric(const QString& id, const MetricPoint& point);

    JobRunner& jobs_;
    QString id_;
    std::deque<MetricPoint> recent_;  ///< of the current job
    QToolButton* title_;
    QLabel* stage_;
    QProgressBar* progress_;
    QLabel* eta_;
    QLabel* metric_;
    QLabel* waiting_;
    QToolButton* curve_;
    QToolButton* cancel_;
};

}  // namespace driftscope::jobs
