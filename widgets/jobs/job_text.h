#pragma once

#include <QIcon>
#include <QPalette>
#include <QString>
#include <vector>

#include "widgets/session/job_runner.h"

namespace driftscope::jobs {

/// "12 s", "1:05 min", "2 h 10 min".
QString durationText(double seconds);
/// "Waiting", "Running", "Done in 1:05 min", "Failed", "Cancelled".
QString stateText(const JobView& job);
/// "epoch 12/40, 1:10 min left"; empty when nothing is known yet.
QString progressText(const JobView& job);
/// Done part in [0, 1]; -1 when unknown.
double fraction(const JobView& job);
/// A small shape per state: told apart by form as well as by colour.
QIcon stateIcon(JobView::State state, const QPalette& palette);

/// The number a person watches: the newest value of the metric that says most (a loss when there is one).
struct Headline {
    QString name;
    double value = 0;
    int trend = 0;  ///< -1 falling, 0 level, 1 rising, over the last tenth of the points
    bool valid = false;
};
Headline headline(const std::vector<MetricPoint>& points);
/// "loss 3.41 ↘"
QString headlineText(const Headline& headline);

}  // namespace driftscope::jobs
