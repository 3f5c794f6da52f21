#include "plugins/cells/steps_view.h"

#include <QGridLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <algorithm>

#include "plugins/cells/workflow.h"
#include "widgets/session/job_runner.h"

namespace driftscope::cells {
namespace {

QString duration(double seconds) {
    const int whole = static_cast<int>(seconds + 0.5);
    return whole >= 60 ? QStringLiteral("%1:%2 min").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0')) : QStringLiteral("%1 s").arg(whole);
}

QString mark(JobView::State state) {
    switch (state) {
        case JobView::State::Queued: return QStringLiteral("○");
        case JobView::State::Running: return QStringLiteral("◐");
        case JobView::State::Done: return QStringLiteral("●");
        case JobView::State::Failed: return QStringLiteral("✕");
        case JobView::State::Cancelled: return QStringLiteral("–");
    }
    return {};
}

}  // namespace

StepsView::StepsView(Workflow& workflow, JobRunner& jobs, QWidget* parent)
    : QWidget(parent), workflow_(workflow), jobs_(jobs), grid_(new QGridLayout), stop_(new QPushButton(tr("Cancel"))), goOn_(new QPushButton(tr("Resume"))) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addLayout(grid_);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch();
    buttons->addWidget(goOn_);
    buttons->addWidget(stop_);
    outer->addLayout(buttons);
    grid_->setColumnStretch(2, 1);
    stop_->setToolTip(tr("Stop after saving what is done; Resume goes on from there."));
    goOn_->setToolTip(tr("Go on from the last checkpoint."));
    connect(stop_, &QPushButton::clicked, &workflow_, &Workflow::cancel);
    connect(goOn_, &QPushButton::clicked, &workflow_, &Workflow::resume);
    connect(&workflow_, &Workflow::stepsChanged, this, &StepsView::refresh);
    refresh();
}

void StepsView::rebuild(std::size_t count) {
    for (Row& row : rows_)
        for (QWidget* widget : std::initializer_list<QWidget*>{row.mark, row.title, row.bar, row.note}) widget->deleteLater();
    rows_.clear();
    for (int i = 0; i < static_cast<int>(count); ++i) {
        Row row{new QLabel, new QLabel, new QProgressBar, new QLabel};
        row.bar->setTextVisible(false);
        row.bar->setMaximumHeight(8);
        row.note->setMinimumWidth(fontMetrics().horizontalAdvance(QStringLiteral("epoch 100 of 100, 10:00 min left")));
        grid_->addWidget(row.mark, i, 0);
        grid_->addWidget(row.title, i, 1);
        grid_->addWidget(row.bar, i, 2);
        grid_->addWidget(row.note, i, 3);
        rows_.push_back(row);
    }
}

void StepsView::show(Row& row, const QString& title, const JobView* job) {
    const JobView::State state = job ? job->state : JobView::State::Failed;
    row.mark->setText(mark(state));
    row.title->setText(title);
    row.bar->setAccessibleName(title);
    const bool done = state == JobView::State::Done;
    row.bar->setRange(0, 1000);
    row.bar->setValue(done ? 1000 : job && job->total > 0 ? static_cast<int>(1000 * job->done / job->total) : 0);
    QString note;
    if (done) note = tr("%1").arg(duration(job->finished - job->started));
    if (state == JobView::State::Queued) note = tr("waits");
    if (state == JobView::State::Cancelled) note = tr("cancelled");
    if (state == JobView::State::Failed) note = tr("failed");
    if (state == JobView::State::Running) {
        note = job->total > 0 ? tr("%1 %2 of %3").arg(job->stage).arg(job->done, 0, 'f', 0).arg(job->total, 0, 'f', 0) : tr("starting");
        if (job->etaSeconds >= 0) note += tr(", %1 left").arg(duration(job->etaSeconds));
    }
    row.note->setText(note);
    row.note->setToolTip(job ? job->error : tr("This run's folder is gone."));
}

void StepsView::refresh() {
    const auto& steps = workflow_.steps();
    if (steps.size() != rows_.size()) rebuild(steps.size());
    bool stopped = false;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const JobView* job = jobs_.find(steps[i].job);
        show(rows_[i], steps[i].title, job);
        stopped |= job && (job->state == JobView::State::Cancelled || job->state == JobView::State::Failed);
    }
    stop_->setVisible(workflow_.active());
    goOn_->setVisible(stopped && !workflow_.active());
}

}  // namespace driftscope::cells
