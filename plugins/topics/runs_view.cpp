#include "plugins/topics/runs_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>
#include <cmath>

#include "plugins/topics/comparison.h"
#include "plugins/topics/ensemble_view.h"
#include "plugins/topics/match_grid.h"
#include "plugins/topics/stability_view.h"
#include "plugins/topics/workspace.h"

namespace driftscope::topics {
namespace {

constexpr int kSteps = 100;

}  // namespace

RunsView::RunsView(Workspace& workspace, TopicLabels& labels, Comparison& comparison, QWidget* parent)
    : QWidget(parent), workspace_(workspace), comparison_(comparison), list_(new QListWidget), distance_(new QComboBox), mode_(new QComboBox), threshold_(new QSlider(Qt::Horizontal)), thresholdText_(new QLabel),
      summary_(new QLabel), grid_(new MatchGrid(workspace, comparison)), side_(new QTabWidget), stability_(new StabilityView(workspace, labels, comparison)), ensemble_(new EnsembleView(workspace, comparison)) {
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    split->addWidget(buildChoice());
    split->addWidget(buildGrid());
    side_->setDocumentMode(true);
    side_->setObjectName(QStringLiteral("topicRunsSide"));
    side_->addTab(stability_, tr("Stability"));
    side_->addTab(ensemble_, tr("Ensemble"));
    split->addWidget(side_);
    split->setSizes({210, 560, 390});
    split->setStretchFactor(1, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split);
    connect(&workspace_, &Workspace::listChanged, this, &RunsView::refreshList);
    connect(list_, &QListWidget::itemChanged, this, &RunsView::take);
    connect(&comparison_, &Comparison::changed, this, &RunsView::refreshSummary);
    connect(&comparison_, &Comparison::busyChanged, this, &RunsView::refreshSummary);
    connect(grid_, &MatchGrid::topicChosen, this, &RunsView::topicChosen);
    refreshList();
    refreshSummary();
}

QWidget* RunsView::buildChoice() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(8, 8, 4, 4);
    column->addWidget(new QLabel(tr("<b>Compare</b>")));
    list_->setObjectName(QStringLiteral("topicCompareList"));
    list_->setAccessibleName(tr("Runs to compare"));
    list_->setUniformItemSizes(true);
    list_->setSpacing(2);
    column->addWidget(list_, 1);
    auto* all = new QPushButton(tr("Tick all with equal K"));
    all->setObjectName(QStringLiteral("topicCompareAll"));
    all->setToolTip(tr("Runs of the same model and number of topics as the open run, or as the newest one"));
    connect(all, &QPushButton::clicked, this, &RunsView::compareAll);
    column->addWidget(all);
    distance_->addItem(tr("Rank overlap of 50 words"), QStringLiteral("rbo"));
    distance_->addItem(tr("Jensen–Shannon"), QStringLiteral("js"));
    distance_->addItem(tr("Correlation"), QStringLiteral("correlation"));
    distance_->setAccessibleName(tr("Distance of topics"));
    distance_->setToolTip(tr("How far topics of different runs are apart. Similarity is 1 − distance / its largest value."));
    connect(distance_, &QComboBox::currentIndexChanged, this, [this] { comparison_.setKind(distanceFromName(distance_->currentData().toString().toStdString()).value_or(DistanceKind::Rbo)); });
    column->addWidget(distance_);
    mode_->addItem(tr("Documents as in the paper"), true);
    mode_->addItem(tr("Documents corrected"), false);
    mode_->setAccessibleName(tr("Mode of document distances"));
    mode_->setToolTip(tr("Paper: truncated rank overlap, under which equal lists are not quite at distance 0. Corrected: extrapolated, equal lists at 0."));
    connect(mode_, &QComboBox::currentIndexChanged, this, [this] { comparison_.setPaper(mode_->currentData().toBool()); });
    column->addWidget(mode_);
    return box;
}

QWidget* RunsView::buildGrid() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(4, 8, 4, 4);
    auto* row = new QHBoxLayout;
    row->addWidget(new QLabel(tr("Least similarity")));
    threshold_->setRange(0, kSteps);
    threshold_->setObjectName(QStringLiteral("topicThreshold"));
    threshold_->setAccessibleName(tr("Least similarity of matched topics"));
    threshold_->setToolTip(tr("Topics less similar than this do not stand in one row: raise it until rows mean one thing, lower it until blanks mean real losses"));
    connect(threshold_, &QSlider::valueChanged, this, [this](int value) {
        grid_->setThreshold(static_cast<double>(value) / kSteps);
        refreshSummary();
    });
    row->addWidget(threshold_, 1);
    row->addWidget(thresholdText_);
    column->addLayout(row);
    summary_->setTextFormat(Qt::RichText);
    summary_->setWordWrap(true);
    summary_->setObjectName(QStringLiteral("topicMatchSummary"));
    column->addWidget(summary_);
    column->addWidget(grid_, 1);
    threshold_->setValue(static_cast<int>(std::lround(grid_->threshold() * kSteps)));
    return box;
}

void RunsView::refreshList() {
    const QSignalBlocker quiet(list_);
    list_->clear();
    for (const RunEntry& run : workspace_.runs()) {
        if (run.isEnsemble()) continue;  // its topics are those of its members
        auto* item = new QListWidgetItem(run.title, list_);
        item->setData(Qt::UserRole, run.folder);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
        item->setCheckState(wanted_.contains(run.folder) ? Qt::Checked : Qt::Unchecked);
        item->setToolTip(run.folder);
    }
    take();
}

void RunsView::take() {
    QStringList ticked;
    for (int row = 0; row < list_->count(); ++row)
        if (list_->item(row)->checkState() == Qt::Checked) ticked << list_->item(row)->data(Qt::UserRole).toString();
    if (list_->count() > 0) wanted_ = ticked;
    // Oldest first, so that columns stand in the order of training.
    std::reverse(ticked.begin(), ticked.end());
    comparison_.setChosen(ticked);
}

void RunsView::compareAll() {
    const RunEntry* like = workspace_.run() ? workspace_.entry(workspace_.run()->folder) : nullptr;
    const auto runs = workspace_.runs();
    if (!like || like->isEnsemble()) {
        const auto first = std::find_if(runs.begin(), runs.end(), [](const RunEntry& run) { return !run.isEnsemble(); });
        if (first == runs.end()) return;
        like = &*first;
    }
    {
        const QSignalBlocker quiet(list_);
        for (int row = 0; row < list_->count(); ++row) {
            const RunEntry* run = workspace_.entry(list_->item(row)->data(Qt::UserRole).toString());
            list_->item(row)->setCheckState(run && run->k() == like->k() && run->model() == like->model() ? Qt::Checked : Qt::Unchecked);
        }
    }
    take();
}

/// Whoever looks here for the first time wants to see something.
void RunsView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (offered_ || !wanted_.isEmpty() || list_->count() < 2) return;
    offered_ = true;
    compareAll();
}

void RunsView::showEnsemble() {
    side_->setCurrentWidget(ensemble_);
}

void RunsView::refreshSummary() {
    thresholdText_->setText(QString::number(grid_->threshold(), 'f', 2));
    if (!comparison_.result()) {
        summary_->setText(comparison_.busy() ? tr("Matching topics of %1 runs…").arg(comparison_.chosen().size()) : QString());
        return;
    }
    const auto& rows = grid_->rows();
    std::size_t single = 0;
    for (const MatchedTopic& row : rows) single += row.runs() == 1;
    summary_->setText(tr("<b>%1</b> topics come back in all %2 runs, <b>%3</b> in one run only; %4 rows in all.").arg(grid_->recoveredByAll()).arg(comparison_.result()->runs.size()).arg(single).arg(rows.size()));
}

QJsonObject RunsView::saveState() const {
    return {{QStringLiteral("ticked"), QJsonArray::fromStringList(wanted_)}, {QStringLiteral("threshold"), grid_->threshold()}, {QStringLiteral("distance"), distance_->currentData().toString()}, {QStringLiteral("paper"), mode_->currentData().toBool()}, {QStringLiteral("side"), side_->currentIndex()}};
}

void RunsView::restoreState(const QJsonObject& state) {
    if (state.isEmpty()) return;
    wanted_.clear();
    for (const QJsonValue& folder : state[QStringLiteral("ticked")].toArray()) wanted_ << folder.toString();
    threshold_->setValue(static_cast<int>(std::lround(state[QStringLiteral("threshold")].toDouble(grid_->threshold()) * kSteps)));
    if (const int index = distance_->findData(state[QStringLiteral("distance")].toString()); index >= 0) distance_->setCurrentIndex(index);
    if (const int index = mode_->findData(state[QStringLiteral("paper")].toBool(true)); index >= 0) mode_->setCurrentIndex(index);
    side_->setCurrentIndex(state[QStringLiteral("side")].toInt());
    refreshList();
}

}  // namespace driftscope::topics
