#include "plugins/topics/stability_view.h"

#include <QComboBox>
#include <QLabel>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "plugins/topics/comparison.h"
#include "plugins/topics/figures_table.h"
#include "plugins/topics/topic_labels.h"
#include "plugins/topics/workspace.h"
#include "widgets/plot/matrix_plot.h"
#include "widgets/plot/scatter_plot.h"

namespace driftscope::topics {
namespace {

enum What { Words, Documents, Ari };

QString value(double number) {
    return std::isfinite(number) ? QString::number(number, 'f', 3) : QStringLiteral("–");
}

QStringList summaryRow(const QString& name, const PairSummary& summary) {
    const QString interval = summary.low && summary.high ? QStringLiteral("%1 … %2").arg(value(*summary.low), value(*summary.high)) : StabilityView::tr("needs 3 runs");
    return {name, value(summary.mean), interval};
}

double meanCost(const std::vector<double>& costs) {
    double sum = 0, count = 0;
    for (const double cost : costs)
        if (std::isfinite(cost)) sum += cost, ++count;
    return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

StabilityView::StabilityView(Workspace& workspace, TopicLabels& labels, Comparison& comparison, QWidget* parent)
    : QWidget(parent), workspace_(workspace), labels_(labels), comparison_(comparison), table_(new FiguresTable), what_(new QComboBox), pairs_(new plot::MatrixPlot), topics_(new plot::ScatterPlot), note_(new QLabel) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(6, 6, 6, 4);
    table_->setObjectName(QStringLiteral("topicStability"));
    table_->setAccessibleName(tr("Measures of stability"));
    table_->setFixedHeight(6 * (fontMetrics().height() + 6) + 30);
    table_->setToolTip(tr("Hoyle et al. 2022. Distances of optimally matched topics: 0 the same, 1 (rank overlap) nothing in common. Intervals: jackknife over runs, since pairs share runs."));
    column->addWidget(table_);
    note_->setWordWrap(true);
    note_->setForegroundRole(QPalette::PlaceholderText);
    column->addWidget(note_);
    what_->addItem(tr("Pairs of runs: distance by words"), Words);
    what_->addItem(tr("Pairs of runs: distance by documents"), Documents);
    what_->addItem(tr("Pairs of runs: adjusted Rand index"), Ari);
    what_->setAccessibleName(tr("What is shown of pairs"));
    column->addWidget(what_);
    auto* split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    pairs_->setEmptyText(tr("Pairs of runs appear here."));
    pairs_->setNumbersVisible(true);
    topics_->setEmptyText(tr("Topics of the open run, most stable first, when it is among the compared ones."));
    topics_->setXAxis(tr("topic, most stable first"));
    split->addWidget(pairs_);
    split->addWidget(topics_);
    column->addWidget(split, 1);
    connect(what_, &QComboBox::currentIndexChanged, this, &StabilityView::showPairs);
    connect(&comparison_, &Comparison::changed, this, &StabilityView::refresh);
    connect(&workspace_, &Workspace::runChanged, this, &StabilityView::showTopics);
    connect(topics_, &plot::ScatterPlot::pointClicked, this, [this](int, int point) {
        if (point >= 0 && point < static_cast<int>(order_.size())) workspace_.selectTopic(order_[static_cast<std::size_t>(point)]);
    });
    refresh();
}

void StabilityView::refresh() {
    const auto& result = comparison_.result();
    const bool any = result && result->stability;
    note_->setText(result ? result->note : QString());
    note_->setVisible(!note_->text().isEmpty());
    std::vector<QStringList> rows;
    if (any) {
        const Stability& s = *result->stability;
        rows = {summaryRow(tr("distance of topics by words"), s.wordMean), summaryRow(tr("… by documents"), s.documentMean), summaryRow(tr("adjusted Rand index"), s.ari),
                {tr("unique words per document"), value(s.uniqueDocumentWords), tr("0 same … 1 never")}, {tr("unique words of topics"), value(s.uniqueTopicWords), tr("0 same … 1 never")}};
        if (comparison_.paper() && comparison_.kind() == DistanceKind::Rbo) {
            note_->setText(tr("As in the paper, equal document lists have the distance %1 instead of 0 (truncated rank overlap).").arg(s.identicalDocuments, 0, 'g', 2));
            note_->show();
        }
    }
    table_->setRows({any && result->stability->pairs.size() == 1 ? tr("over one pair") : tr("mean over %1 pairs").arg(any ? result->stability->pairs.size() : 0), tr("value"), tr("95 % interval")}, rows, {2});
    showPairs();
    showTopics();
}

void StabilityView::showPairs() {
    const auto& result = comparison_.result();
    if (!result || !result->stability) {
        pairs_->clear();
        return;
    }
    const int what = what_->currentData().toInt();
    const std::size_t runs = result->runs.size();
    plot::MatrixPlot::Matrix matrix{static_cast<int>(runs), static_cast<int>(runs), std::vector<double>(runs * runs, std::numeric_limits<double>::quiet_NaN()), {}, {}};
    for (std::size_t r = 0; r < runs; ++r) {
        const auto& record = result->runs[r].run->record;
        const QString name = record.contains("seed") && record["seed"].is_number() ? tr("seed %1").arg(record["seed"].get<qint64>()) : tr("run %1").arg(r + 1);
        matrix.rowNames << name;
        matrix.columnNames << name;
    }
    for (const PairStability& pair : result->stability->pairs) {
        const double shown = what == Words ? meanCost(pair.wordCosts) : what == Documents ? meanCost(pair.documentCosts) : pair.ari;
        matrix.values[pair.a * runs + pair.b] = matrix.values[pair.b * runs + pair.a] = shown;
    }
    const double most = what == Words && comparison_.kind() == DistanceKind::JensenShannon ? 0.8326 : 1;
    pairs_->setValueRange(0, most);
    pairs_->setValueLabel(what == Ari ? tr("adjusted Rand index") : tr("distance"));
    pairs_->setMatrix(std::move(matrix));
}

void StabilityView::showTopics() {
    const auto& result = comparison_.result();
    order_.clear();
    topics_->clear();
    if (!result || !result->stability || !workspace_.run()) return;
    const auto found = std::ranges::find(result->runs, workspace_.run()->folder, &ComparedRun::folder);
    if (found == result->runs.end()) return;
    const std::vector<double>& distance = result->stability->topicStability[static_cast<std::size_t>(found - result->runs.begin())];
    order_.resize(distance.size());
    std::iota(order_.begin(), order_.end(), 0);
    std::erase_if(order_, [&](std::uint32_t topic) { return !std::isfinite(distance[topic]); });
    std::ranges::stable_sort(order_, [&](std::uint32_t a, std::uint32_t b) { return distance[a] < distance[b]; });
    plot::ScatterPlot::Series series;
    QStringList names;
    for (std::size_t i = 0; i < order_.size(); ++i) {
        series.x.push_back(static_cast<double>(i));
        series.y.push_back(distance[order_[i]]);
        series.pointNames << labels_.title(order_[i]);
        names << QString::number(order_[i]);
    }
    series.joined = true;
    topics_->setXNames(names.size() <= 30 ? names : QStringList());
    topics_->setYAxis(tr("distance to its match"));
    topics_->setSeries({std::move(series)});
}

}  // namespace driftscope::topics
