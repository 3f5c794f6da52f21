#include "widgets/jobs/job_curves.h"

#include <QLabel>
#include <QScrollArea>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <vector>

#include "widgets/plot/line_plot.h"
#include "widgets/session/job_runner.h"

namespace driftscope::jobs {

QString metricGroup(const QString& metric) {
    static const QString separators = QStringLiteral(" /._-");
    for (qsizetype at = metric.size() - 1; at > 0; --at)
        if (separators.contains(metric[at])) return metric.mid(at + 1);
    return metric;
}

JobCurves::JobCurves(JobRunner& jobs, QWidget* parent) : QWidget(parent), jobs_(jobs), page_(new QWidget), stack_(new QStackedLayout(this)) {
    auto* empty = new QLabel(tr("This job has not reported a curve yet. Jobs that train or optimise show their loss here while they run."), this);
    empty->setAlignment(Qt::AlignCenter);
    empty->setWordWrap(true);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(page_);
    auto* column = new QVBoxLayout(page_);
    column->setContentsMargins(0, 0, 0, 0);
    stack_->addWidget(empty);
    stack_->addWidget(scroll);
    connect(&jobs_, &JobRunner::metricAdded, this, [this](const QString& id, const MetricPoint& point) {
        if (id == id_) add(point);
    });
}

void JobCurves::setJob(const QString& id) {
    clear();
    id_ = id;
    struct Series {
        std::vector<double> x, y;
    };
    std::map<QString, Series> series;
    for (const MetricPoint& point : jobs_.metrics(id)) {
        series[point.name].x.push_back(point.step);
        series[point.name].y.push_back(point.value);
    }
    for (const auto& [name, points] : series) plot(name)->setCurve(name, points.x, points.y);
}

void JobCurves::add(const MetricPoint& point) { plot(point.name)->append(point.name, point.step, point.value); }

plot::LinePlot* JobCurves::plotFor(const QString& metric) const {
    const auto found = plots_.find(metricGroup(metric));
    return found == plots_.end() ? nullptr : found->second;
}

plot::LinePlot* JobCurves::plot(const QString& metric) {
    const QString group = metricGroup(metric);
    if (plot::LinePlot* known = plotFor(metric)) return known;
    auto* made = new plot::LinePlot(page_);
    made->setXAxis(tr("step"));
    made->setYAxis(group);
    made->setControlsVisible(true);
    made->setMinimumHeight(200);
    page_->layout()->addWidget(made);
    plots_[group] = made;
    stack_->setCurrentIndex(1);
    return made;
}

void JobCurves::clear() {
    for (const auto& [group, plot] : plots_) {
        plot->hide();
        plot->deleteLater();
    }
    plots_.clear();
    stack_->setCurrentIndex(0);
}

}  // namespace driftscope::jobs
