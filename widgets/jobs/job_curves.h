#pragma once

#include <QWidget>
#include <map>

class QStackedLayout;

namespace driftscope {
class JobRunner;
struct MetricPoint;
namespace plot {
class LinePlot;
}
}  // namespace driftscope

namespace driftscope::jobs {

/// The live curves of one job. Metrics whose names share a group ("val loss", "train loss") stand in one plot.
class JobCurves : public QWidget {
    Q_OBJECT
  public:
    explicit JobCurves(JobRunner& jobs, QWidget* parent = nullptr);
    /// Empty: nothing.
    void setJob(const QString& id);
    plot::LinePlot* plotFor(const QString& metric) const;

  private:
    void add(const MetricPoint& point);
    plot::LinePlot* plot(const QString& metric);
    void clear();

    JobRunner& jobs_;
    QString id_;
    std::map<QString, plot::LinePlot*> plots_;  ///< by group
    QWidget* page_;
    QStackedLayout* stack_;
};

/// What a metric's plot shares: its last word ("val loss" and "train/loss": "loss").
QString metricGroup(const QString& metric);

}  // namespace driftscope::jobs
