#include "widgets/jobs/jobs_view.h"

#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "widgets/jobs/job_delegate.h"
#include "widgets/jobs/job_details.h"
#include "widgets/jobs/job_list_model.h"

namespace driftscope::jobs {

JobsView::JobsView(JobRunner& jobs, QWidget* parent)
    : QWidget(parent), model_(new JobListModel(jobs, this)), list_(new QListView), details_(new JobDetails(jobs)), stack_(new QStackedWidget(this)) {
    auto* splitter = new QSplitter(this);
    splitter->addWidget(buildList());
    splitter->addWidget(details_);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({280, 700});
    splitter->setChildrenCollapsible(false);
    stack_->addWidget(buildEmpty());
    stack_->addWidget(splitter);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(stack_);
    connect(details_, &JobDetails::againRequested, this, &JobsView::againRequested);
    for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved}) connect(model_, signal, this, &JobsView::refresh);
    connect(model_, &QAbstractItemModel::modelReset, this, &JobsView::refresh);
    refresh();
}

QWidget* JobsView::buildList() {
    auto* page = new QWidget(this);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    list_->setObjectName(QStringLiteral("jobList"));
    list_->setAccessibleName(tr("Runs"));
    list_->setModel(model_);
    list_->setItemDelegate(new JobDelegate(list_));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& current) {
        if (current.isValid()) details_->setJob(current.data(JobListModel::Id).toString());
    });
    auto* start = new QPushButton(tr("New job…"), page);
    start->setObjectName(QStringLiteral("newJob"));
    start->setToolTip(tr("Start any computation with a form for its parameters"));
    connect(start, &QPushButton::clicked, this, &JobsView::newRequested);
    layout->addWidget(list_, 1);
    layout->addWidget(start);
    return page;
}

QWidget* JobsView::buildEmpty() {
    auto* page = new QWidget(this);
    auto* layout = new QVBoxLayout(page);
    auto* text = new QLabel(tr("No runs yet. Training, embedding and every other long computation appears here, with its curves and its log."), page);
    text->setWordWrap(true);
    text->setAlignment(Qt::AlignCenter);
    auto* start = new QPushButton(tr("New job…"), page);
    connect(start, &QPushButton::clicked, this, &JobsView::newRequested);
    layout->addStretch();
    layout->addWidget(text);
    layout->addWidget(start, 0, Qt::AlignHCenter);
    layout->addStretch();
    return page;
}

void JobsView::refresh() {
    stack_->setCurrentIndex(model_->rowCount() > 0 ? 1 : 0);
    if (model_->rowCount() > 0 && !list_->currentIndex().isValid()) list_->setCurrentIndex(model_->index(0));
}

void JobsView::select(const QString& id) {
    const QModelIndex index = model_->find(id);
    if (index.isValid()) list_->setCurrentIndex(index);
}

QString JobsView::selected() const { return list_->currentIndex().data(JobListModel::Id).toString(); }

void JobsView::showCurves(const QString& id) {
    select(id);
    details_->showCurves();
}

}  // namespace driftscope::jobs
