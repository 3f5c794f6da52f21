#include "plugins/topics/training_view.h"

#include <QFile>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonDocument>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "plugins/api/panel_plugin.h"
#include "plugins/topics/workspace.h"
#include "widgets/jobs/job_text.h"
#include "widgets/plot/line_plot.h"
#include "widgets/session/job_runner.h"

namespace driftscope::topics {
namespace {

const QString kKind = QStringLiteral("topics.train");
constexpr int kWatchMs = 700;
constexpr int kListedTopicWords = 10;

enum Column { Run, State, Value };

/// What a model's curve is called, most telling first.
QString headMetric(const std::vector<MetricPoint>& points) {
    for (const char* wanted : {"log_likelihood_per_token", "loss", "train_loss", "error", "npmi"})
        if (std::ranges::any_of(points, [&](const MetricPoint& point) { return point.name == QLatin1String(wanted); })) return QLatin1String(wanted);
    return points.empty() ? QString() : points.front().name;
}

int reachedIteration(const JobView& job) {
    QFile file(job.folder + QStringLiteral("/checkpoint/lda.json"));
    if (!file.open(QIODevice::ReadOnly)) return -1;
    return QJsonDocument::fromJson(file.readAll()).object()[QStringLiteral("iteration")].toInt(-1);
}

}  // namespace

TrainingView::TrainingView(Workspace& workspace, QWidget* parent)
    : QWidget(parent), workspace_(workspace), list_(new QTreeWidget), stop_(new QPushButton(tr("Stop"))), inspect_(new QPushButton(tr("Look at it"))), more_(new QPushButton(tr("Go on…"))),
      plot_(new plot::LinePlot), topicsHead_(new QLabel), topics_(new QListWidget) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 4);
    list_->setObjectName(QStringLiteral("topicTrainings"));
    list_->setAccessibleName(tr("Runs on this corpus"));
    list_->setHeaderLabels({tr("Run"), tr("State"), tr("Value")});
    list_->setRootIsDecorated(false);
    list_->setUniformRowHeights(true);
    list_->setSelectionMode(QAbstractItemView::ExtendedSelection);
    list_->header()->setStretchLastSection(false);
    list_->header()->setSectionResizeMode(Run, QHeaderView::Stretch);
    list_->setColumnWidth(State, 140);
    list_->setColumnWidth(Value, 70);
    plot_->setXAxis(tr("iteration"));
    plot_->setEmptyText(tr("Curves of the chosen runs appear here while they train."));
    auto* split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    auto* upper = new QWidget;
    auto* upperColumn = new QVBoxLayout(upper);
    upperColumn->setContentsMargins(0, 0, 0, 0);
    upperColumn->addWidget(buildButtons());
    upperColumn->addWidget(list_, 1);
    split->addWidget(upper);
    split->addWidget(plot_);
    split->addWidget(buildTopics());
    split->setSizes({190, 200, 210});
    column->addWidget(split, 1);
    JobRunner& jobs = workspace_.host().jobs;
    connect(&jobs, &JobRunner::jobAdded, this, &TrainingView::refreshList);
    connect(&jobs, &JobRunner::jobRemoved, this, &TrainingView::refreshList);
    connect(&jobs, &JobRunner::listReset, this, &TrainingView::refreshList);
    connect(&jobs, &JobRunner::jobChanged, this, &TrainingView::refreshJob);
    connect(&jobs, &JobRunner::jobFinished, this, [this](const QString& id) {
        refreshJob(id);
        refreshTopics();
        const JobView* job = workspace_.host().jobs.find(id);
        if (job && job->kind == kKind && job->state == JobView::State::Failed) Q_EMIT failed(job->error);
        if (id != openWhenDone_ || !job || job->state != JobView::State::Done) return;
        openWhenDone_.clear();
        Q_EMIT openRequested(job->folder);
    });
    connect(&jobs, &JobRunner::metricAdded, this, &TrainingView::takeMetric);
    connect(&workspace_, &Workspace::corpusChanged, this, &TrainingView::refreshList);
    connect(list_, &QTreeWidget::itemSelectionChanged, this, [this] {
        refreshButtons();
        showMetrics();
        refreshTopics();
    });
    connect(list_, &QTreeWidget::itemActivated, this, &TrainingView::inspect);
    watch_.setInterval(kWatchMs);
    connect(&watch_, &QTimer::timeout, this, &TrainingView::refreshTopics);
    watch_.start();
    refreshList();
}

QWidget* TrainingView::buildButtons() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(new QLabel(tr("<b>Runs</b>")));
    layout->addStretch(1);
    stop_->setObjectName(QStringLiteral("topicStop"));
    inspect_->setObjectName(QStringLiteral("topicInspect"));
    more_->setObjectName(QStringLiteral("topicMore"));
    stop_->setToolTip(tr("Stops after saving, or goes on with a stopped run: the result is the same as without the stop"));
    inspect_->setToolTip(tr("Opens the run; of a stopped LDA run, a model is made of what it has so far"));
    more_->setToolTip(tr("Goes on from this LDA run with as many iterations again, as a new run"));
    for (QPushButton* button : {stop_, inspect_, more_}) layout->addWidget(button);
    connect(stop_, &QPushButton::clicked, this, &TrainingView::stopOrResume);
    connect(inspect_, &QPushButton::clicked, this, &TrainingView::inspect);
    connect(more_, &QPushButton::clicked, this, &TrainingView::continueRun);
    return row;
}

QWidget* TrainingView::buildTopics() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    topicsHead_->setTextFormat(Qt::RichText);
    column->addWidget(topicsHead_);
    topics_->setObjectName(QStringLiteral("topicLive"));
    topics_->setAccessibleName(tr("Topics of the run as they form"));
    topics_->setUniformItemSizes(true);
    topics_->setSelectionMode(QAbstractItemView::NoSelection);
    topics_->setFocusPolicy(Qt::NoFocus);
    column->addWidget(topics_, 1);
    return box;
}

bool TrainingView::ours(const JobView& job) const {
    return job.kind == kKind && (!workspace_.corpus() || job.params[QStringLiteral("corpus")].toString() == workspace_.corpus()->folder);
}

QTreeWidgetItem* TrainingView::itemOf(const QString& id) const {
    for (int row = 0; row < list_->topLevelItemCount(); ++row)
        if (list_->topLevelItem(row)->data(0, Qt::UserRole).toString() == id) return list_->topLevelItem(row);
    return nullptr;
}

void TrainingView::refreshList() {
    QStringList chosen;
    for (const QTreeWidgetItem* item : list_->selectedItems()) chosen << item->data(0, Qt::UserRole).toString();
    {
        const QSignalBlocker quiet(list_);
        list_->clear();
        for (const JobView& job : workspace_.host().jobs.jobs()) {
            if (!ours(job)) continue;
            auto* item = new QTreeWidgetItem(list_);
            item->setData(0, Qt::UserRole, job.id);
            fillItem(*item, job);
            item->setSelected(chosen.contains(job.id));
        }
        if (list_->selectedItems().isEmpty() && list_->topLevelItemCount() > 0) list_->setCurrentItem(list_->topLevelItem(0));
    }
    refreshButtons();
    showMetrics();
    refreshTopics();
}

void TrainingView::choose(const QStringList& ids) {
    list_->clearSelection();
    for (const QString& id : ids)
        if (auto* item = itemOf(id)) item->setSelected(true);
}

void TrainingView::fillItem(QTreeWidgetItem& item, const JobView& job) const {
    item.setText(Run, job.title);
    item.setToolTip(Run, job.folder);
    item.setIcon(Run, jobs::stateIcon(job.state, palette()));
    const QString progress = jobs::progressText(job);
    item.setText(State, job.state == JobView::State::Running && !progress.isEmpty() ? progress : jobs::stateText(job));
    const auto points = workspace_.host().jobs.metrics(job.id);
    const QString metric = headMetric(points);
    for (auto point = points.rbegin(); point != points.rend(); ++point)
        if (point->name == metric) {
            item.setText(Value, QString::number(point->value, 'g', 5));
            item.setToolTip(Value, metric);
            break;
        }
}

void TrainingView::refreshJob(const QString& id) {
    const JobView* job = workspace_.host().jobs.find(id);
    QTreeWidgetItem* item = itemOf(id);
    if (!job || !item) return;
    fillItem(*item, *job);
    refreshButtons();
}

const JobView* TrainingView::current() const {
    const auto chosen = list_->selectedItems();
    return chosen.isEmpty() ? nullptr : workspace_.host().jobs.find(chosen.first()->data(0, Qt::UserRole).toString());
}

void TrainingView::refreshButtons() {
    const JobView* job = current();
    const bool active = job && (job->state == JobView::State::Running || job->state == JobView::State::Queued);
    const bool halted = job && (job->state == JobView::State::Cancelled || job->state == JobView::State::Failed);
    stop_->setText(halted ? tr("Go on") : tr("Stop"));
    stop_->setEnabled((active && !job->cancelling) || halted);
    const bool done = job && job->state == JobView::State::Done;
    inspect_->setEnabled(done || (halted && reachedIteration(*job) > 0));
    more_->setEnabled(done && reachedIteration(*job) > 0);
}

void TrainingView::stopOrResume() {
    JobRunner& jobs = workspace_.host().jobs;
    for (const QTreeWidgetItem* item : list_->selectedItems()) {
        const JobView* job = jobs.find(item->data(0, Qt::UserRole).toString());
        if (!job) continue;
        if (job->state == JobView::State::Running || job->state == JobView::State::Queued)
            jobs.cancel(job->id);
        else if (job->state != JobView::State::Done)
            jobs.resume(job->id);
    }
    refreshButtons();
}

QString TrainingView::startFrom(const JobView& job, int iterations, const QString& title) {
    QJsonObject params = job.params;
    params[QStringLiteral("continue_from")] = job.folder;
    params[QStringLiteral("iterations")] = iterations;
    return workspace_.host().jobs.start(kKind, params, title);
}

void TrainingView::inspect() {
    const JobView* job = current();
    if (!job) return;
    if (job->state == JobView::State::Done) {
        Q_EMIT openRequested(job->folder);
        return;
    }
    const int reached = reachedIteration(*job);
    if (reached <= 0) {
        Q_EMIT failed(tr("This run has saved nothing to look at yet."));
        return;
    }
    openWhenDone_ = startFrom(*job, reached, tr("%1, at iteration %2").arg(job->title).arg(reached));
    Q_EMIT said(tr("Making a model of iteration %1…").arg(reached));
}

void TrainingView::continueRun() {
    const JobView* job = current();
    if (!job || job->state != JobView::State::Done) return;
    const int reached = reachedIteration(*job);
    if (reached <= 0) return;
    choose({startFrom(*job, 2 * reached, tr("%1, on to %2").arg(job->title).arg(2 * reached))});
}

void TrainingView::showMetrics() {
    plot_->clear();
    metric_.clear();
    for (const QTreeWidgetItem* item : list_->selectedItems()) {
        const QString id = item->data(0, Qt::UserRole).toString();
        const auto points = workspace_.host().jobs.metrics(id);
        if (metric_.isEmpty()) metric_ = headMetric(points);
        std::vector<double> x, y;
        for (const MetricPoint& point : points)
            if (point.name == metric_ && point.value == point.value) {
                x.push_back(point.step);
                y.push_back(point.value);
            }
        if (!x.empty()) plot_->setCurve(item->text(Run), x, y);
    }
    const bool likelihood = metric_ == QLatin1String("log_likelihood_per_token");
    plot_->setYAxis(likelihood ? tr("nats per token") : QString(metric_).replace(QLatin1Char('_'), QLatin1Char(' ')));
    plot_->setTitle(likelihood ? tr("Log-likelihood") : QString());
}

void TrainingView::takeMetric(const QString& id, const MetricPoint& point) {
    const QTreeWidgetItem* item = itemOf(id);
    if (!item || !item->isSelected()) return;
    if (metric_.isEmpty()) {
        showMetrics();
        return;
    }
    if (point.name == metric_ && point.value == point.value) plot_->append(item->text(Run), point.step, point.value);
}

void TrainingView::refreshTopics() {
    const JobView* job = current();
    const QString file = job ? job->folder + QStringLiteral("/topics.txt") : QString();
    const QFileInfo info(file);
    const qint64 stamp = info.exists() ? info.lastModified().toMSecsSinceEpoch() : 0;
    const QString id = job ? job->id : QString();
    topicsHead_->setText(job ? tr("<b>Topics</b> of %1").arg(job->title.toHtmlEscaped()) + (job->state == JobView::State::Running ? tr(", as they form") : QString()) : QString());
    if (id == shownTopics_ && stamp == shownStamp_) return;
    shownTopics_ = id;
    shownStamp_ = stamp;
    QStringList lines;
    QFile source(file);
    if (stamp && source.open(QIODevice::ReadOnly)) lines = QString::fromUtf8(source.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    while (topics_->count() > lines.size()) delete topics_->takeItem(topics_->count() - 1);
    for (int k = 0; k < lines.size(); ++k) {
        const QString words = QStringLiteral("%1   %2").arg(k, 3).arg(lines[k].split(QLatin1Char(' ')).mid(0, kListedTopicWords).join(QLatin1Char(' ')));
        if (k >= topics_->count())
            topics_->addItem(words);
        else if (topics_->item(k)->text() != words)
            topics_->item(k)->setText(words);
    }
}

}  // namespace driftscope::topics
