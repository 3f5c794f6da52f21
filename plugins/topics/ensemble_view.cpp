#include "plugins/topics/ensemble_view.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QJsonArray>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

#include "plugins/api/panel_plugin.h"
#include "plugins/topics/comparison.h"
#include "plugins/topics/figures_table.h"
#include "plugins/topics/workspace.h"
#include "widgets/session/job_runner.h"

namespace driftscope::topics {
namespace {

const QString kKind = QStringLiteral("topics.ensemble");

QComboBox* choice(const QString& name, const QString& tip, const std::vector<std::pair<QString, QString>>& entries) {
    auto* box = new QComboBox;
    box->setAccessibleName(name);
    box->setToolTip(tip);
    for (const auto& [text, data] : entries) box->addItem(text, data);
    return box;
}

QString range(const std::vector<PartitionScores>& members, double PartitionScores::*score) {
    const auto [low, high] = std::ranges::minmax_element(members, {}, score);
    double sum = 0;
    for (const PartitionScores& member : members) sum += member.*score;
    return QStringLiteral("%1 (%2–%3)").arg(sum / static_cast<double>(members.size()), 0, 'f', 3).arg((*low).*score, 0, 'f', 3).arg((*high).*score, 0, 'f', 3);
}

}  // namespace

EnsembleView::EnsembleView(Workspace& workspace, Comparison& comparison, QWidget* parent)
    : QWidget(parent), workspace_(workspace), comparison_(comparison),
      distance_(choice(tr("Distance"), tr("Distance between topics by their words"), {{tr("Jensen–Shannon"), QStringLiteral("js")}, {tr("rank overlap"), QStringLiteral("rbo")}, {tr("correlation"), QStringLiteral("correlation")}})),
      linkage_(choice(tr("Linkage"), tr("How the distance of clusters follows from that of their members"), {{tr("average"), QStringLiteral("average")}, {tr("complete"), QStringLiteral("complete")}})),
      aggregate_(choice(tr("Documents"), tr("A document's share of a joined topic: the sum of its members' shares, or their mean. On BBC News the sum agrees better with human categories than the mean."), {{tr("sum of shares"), QStringLiteral("sum")}, {tr("mean of shares"), QStringLiteral("mean")}})),
      clusters_(new QSpinBox), support_(new QSpinBox), threshold_(new QDoubleSpinBox), join_(new QPushButton(tr("Join"))), keep_(new QPushButton(tr("Keep as a run"))), summary_(new QLabel), scores_(new FiguresTable), table_(new FiguresTable) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(6, 6, 6, 4);
    column->addWidget(buildSettings());
    summary_->setWordWrap(true);
    summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    summary_->setObjectName(QStringLiteral("topicEnsembleSummary"));
    column->addWidget(summary_);
    scores_->setObjectName(QStringLiteral("topicEnsembleScores"));
    scores_->setAccessibleName(tr("Agreement of members and ensemble with human categories"));
    scores_->setFixedHeight(5 * (fontMetrics().height() + 6) + 12);
    column->addWidget(scores_);
    table_->setObjectName(QStringLiteral("topicEnsemble"));
    table_->setAccessibleName(tr("Topics of the ensemble"));
    column->addWidget(table_, 1);
    column->addStretch(0);
    summary_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    connect(join_, &QPushButton::clicked, this, &EnsembleView::join);
    connect(keep_, &QPushButton::clicked, this, &EnsembleView::keep);
    connect(table_, &QTableWidget::cellClicked, this, [this](int row, int) { chooseMember(static_cast<std::size_t>(row)); });
    connect(&comparison_, &Comparison::changed, this, &EnsembleView::refresh);
    connect(&comparison_, &Comparison::joinedChanged, this, &EnsembleView::refresh);
    connect(&workspace_.host().jobs, &JobRunner::jobFinished, this, [this](const QString& id) {
        if (id != kept_) return;
        kept_.clear();
        const JobView* job = workspace_.host().jobs.find(id);
        if (job && job->state == JobView::State::Done) Q_EMIT openRequested(job->folder);
        if (job && job->state == JobView::State::Failed) Q_EMIT said(QStringLiteral("⚠ ") + job->error);
    });
    refresh();
}

QWidget* EnsembleView::buildSettings() {
    auto* box = new QWidget;
    box->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    auto* grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    clusters_->setRange(0, 10000);
    clusters_->setSpecialValueText(tr("K of the first run"));
    clusters_->setToolTip(tr("How many topics the ensemble has"));
    clusters_->setAccessibleName(tr("Topics"));
    threshold_->setRange(0, 2);
    threshold_->setSingleStep(0.05);
    threshold_->setSpecialValueText(tr("off"));
    threshold_->setToolTip(tr("Above 0: stop joining at this distance instead of a number of topics"));
    threshold_->setAccessibleName(tr("Threshold"));
    support_->setRange(1, 1000);
    support_->setToolTip(tr("Topics with members from fewer runs are dropped"));
    support_->setAccessibleName(tr("Least support"));
    join_->setObjectName(QStringLiteral("topicJoin"));
    keep_->setObjectName(QStringLiteral("topicKeep"));
    keep_->setToolTip(tr("Makes the ensemble a run of the project, to be read like any other"));
    const std::pair<QString, QWidget*> fields[] = {{tr("Distance"), distance_}, {tr("Linkage"), linkage_}, {tr("Documents"), aggregate_}, {tr("Topics"), clusters_}, {tr("Threshold"), threshold_}, {tr("Least runs"), support_}};
    int index = 0;
    for (const auto& [name, widget] : fields) {
        auto* label = new QLabel(name);
        label->setBuddy(widget);
        grid->addWidget(label, index / 2, 2 * (index % 2));
        grid->addWidget(widget, index / 2, 2 * (index % 2) + 1);
        ++index;
    }
    grid->setColumnStretch(1, 1);
    grid->setColumnStretch(3, 1);
    grid->addWidget(join_, 3, 0, 1, 2);
    grid->addWidget(keep_, 3, 2, 1, 2);
    return box;
}

EnsembleSettings EnsembleView::settings() const {
    EnsembleSettings settings;
    settings.wordDistance = distanceFromName(distance_->currentData().toString().toStdString()).value_or(DistanceKind::JensenShannon);
    settings.linkage = linkage_->currentData().toString() == QLatin1String("complete") ? Linkage::Complete : Linkage::Average;
    settings.sum = aggregate_->currentData().toString() == QLatin1String("sum");
    settings.clusters = static_cast<std::size_t>(clusters_->value());
    settings.threshold = threshold_->value();
    settings.minimumRuns = static_cast<std::size_t>(support_->value());
    return settings;
}

void EnsembleView::join() {
    comparison_.join(settings());
}

/// The member from the run that is open is chosen everywhere.
void EnsembleView::chooseMember(std::size_t row) {
    const auto& joined = comparison_.joined();
    if (!joined || !comparison_.result() || !workspace_.run() || row >= joined->ensemble.topics.size()) return;
    for (const auto& member : joined->ensemble.topics[row].members)
        if (comparison_.result()->runs[member.run].folder == workspace_.run()->folder) workspace_.selectTopic(member.topic);
}

void EnsembleView::keep() {
    if (!comparison_.result()) {
        Q_EMIT said(tr("There is nothing to join: choose two runs or more."));
        return;
    }
    const QJsonObject params{{QStringLiteral("runs"), QJsonArray::fromStringList(comparison_.chosen())}, {QStringLiteral("distance"), distance_->currentData().toString()}, {QStringLiteral("linkage"), linkage_->currentData().toString()},
                             {QStringLiteral("aggregate"), aggregate_->currentData().toString()}, {QStringLiteral("clusters"), clusters_->value()}, {QStringLiteral("threshold"), threshold_->value()}, {QStringLiteral("min_support"), support_->value()}};
    kept_ = workspace_.host().jobs.start(kKind, params, tr("Ensemble of %1 runs").arg(comparison_.chosen().size()));
}

void EnsembleView::refresh() {
    const bool can = comparison_.result() != nullptr;
    join_->setEnabled(can);
    keep_->setEnabled(can);
    const auto& joined = comparison_.joined();
    scores_->setVisible(joined && !joined->levels.empty());
    table_->setVisible(joined != nullptr);
    if (!joined) {
        summary_->setText(can ? tr("Join clusters the topics of the compared runs; each cluster becomes a topic.") : tr("Tick two runs or more at the left, then join them."));
        return;
    }
    const Ensemble& made = joined->ensemble;
    summary_->setText(tr("<b>%1</b> topics: <b>%2</b> hold members of all %3 runs, <b>%4</b> exactly one of each%5.").arg(made.topics.size()).arg(made.supportedByAll).arg(comparison_.result()->runs.size()).arg(made.onePerRun)
                          .arg(made.dropped ? tr("; %1 with too little support were dropped").arg(made.dropped) : QString()));
    std::vector<QStringList> scores;
    for (const Comparison::Joined::Level& level : joined->levels)
        for (const auto& [name, score] : {std::pair{tr("ARI"), &PartitionScores::ari}, {tr("NMI"), &PartitionScores::nmi}, {tr("purity"), &PartitionScores::purity}, {tr("inverse purity"), &PartitionScores::inversePurity}})
            scores.push_back({QStringLiteral("%1, %2").arg(name, QString::fromStdString(level.name)), range(level.members, score), QString::number(level.ensemble.*score, 'f', 3)});
    scores_->setRows({tr("agreement"), tr("members (range)"), tr("ensemble")}, scores);
    std::vector<QStringList> rows;
    const auto words = topWords(made.run.beta, 6);
    for (std::size_t k = 0; k < made.topics.size(); ++k) {
        QStringList members, first;
        for (const auto& member : made.topics[k].members) members << QStringLiteral("%1:%2").arg(member.run + 1).arg(member.topic);
        for (const std::uint32_t word : words[k]) first << QString::fromStdString(made.run.vocabulary[word]);
        rows.push_back({QString::number(k), QStringLiteral("%1%2").arg(made.topics[k].runs).arg(made.topics[k].onePerRun ? QStringLiteral(" ✓") : QString()), QString::number(made.topics[k].spread, 'f', 2), first.join(QLatin1Char(' ')), members.join(QStringLiteral(", "))});
    }
    table_->setRows({tr("#"), tr("runs"), tr("spread"), tr("first words"), tr("members (run:topic)")}, rows, {3, 4});
    table_->setColumnWidth(3, std::min(table_->columnWidth(3), 220));
}

}  // namespace driftscope::topics
