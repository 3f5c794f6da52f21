#include "widgets/jobs/job_list_model.h"

#include <QDateTime>
#include <algorithm>

#include "widgets/jobs/job_text.h"

namespace driftscope::jobs {
namespace {

QString detail(const JobView& job) {
    const QString progress = progressText(job);
    if (!progress.isEmpty() && !job.cancelling) return progress;
    QString text = stateText(job);
    if (job.state == JobView::State::Failed) text += QStringLiteral(": ") + job.error.section(QLatin1Char('\n'), 0, 0);
    return text;
}

QString when(const JobView& job) {
    if (job.started <= 0) return {};
    return QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(job.started * 1000)).toString(QStringLiteral("d MMM yyyy, HH:mm"));
}

}  // namespace

JobListModel::JobListModel(JobRunner& jobs, QObject* parent) : QAbstractListModel(parent), jobs_(jobs) {
    connect(&jobs_, &JobRunner::jobAdded, this, &JobListModel::insert);
    connect(&jobs_, &JobRunner::jobChanged, this, &JobListModel::change);
    connect(&jobs_, &JobRunner::jobRemoved, this, &JobListModel::remove);
    connect(&jobs_, &JobRunner::listReset, this, &JobListModel::reset);
    reset();
}

int JobListModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(ids_.size()); }

QVariant JobListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const JobView* job = jobs_.find(ids_[static_cast<std::size_t>(index.row())]);
    if (!job) return {};
    switch (role) {
        case Qt::DisplayRole: return job->title;
        case Qt::AccessibleTextRole: return QStringLiteral("%1, %2").arg(job->title, detail(*job));
        case Qt::ToolTipRole: return QStringLiteral("%1\n%2\n%3").arg(job->kind, when(*job), job->folder).replace(QStringLiteral("\n\n"), QStringLiteral("\n"));
        case Id: return job->id;
        case State: return static_cast<int>(job->state);
        case Fraction: return job->state == JobView::State::Running ? fraction(*job) : -1.0;
        case Detail: return detail(*job);
        default: return {};
    }
}

QModelIndex JobListModel::find(const QString& id) const {
    const auto found = std::find(ids_.begin(), ids_.end(), id);
    return found == ids_.end() ? QModelIndex() : index(static_cast<int>(found - ids_.begin()));
}

void JobListModel::insert(const QString& id) {
    const auto all = jobs_.jobs();
    // Its place among those known here: jobs that the runner has but whose signal is still to come do not count.
    int row = 0;
    for (const JobView& job : all) {
        if (job.id == id) break;
        if (row < static_cast<int>(ids_.size()) && ids_[static_cast<std::size_t>(row)] == job.id) ++row;
    }
    beginInsertRows({}, row, row);
    ids_.insert(ids_.begin() + row, id);
    endInsertRows();
}

void JobListModel::change(const QString& id) {
    const QModelIndex index = find(id);
    if (index.isValid()) Q_EMIT dataChanged(index, index);
}

void JobListModel::remove(const QString& id) {
    const QModelIndex index = find(id);
    if (!index.isValid()) return;
    beginRemoveRows({}, index.row(), index.row());
    ids_.erase(ids_.begin() + index.row());
    endRemoveRows();
}

void JobListModel::reset() {
    beginResetModel();
    ids_.clear();
    for (const JobView& job : jobs_.jobs()) ids_.push_back(job.id);
    endResetModel();
}

}  // namespace driftscope::jobs
