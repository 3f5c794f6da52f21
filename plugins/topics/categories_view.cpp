#include "plugins/topics/categories_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "plugins/topics/figures_table.h"
#include "plugins/topics/run_cache.h"
#include "plugins/topics/topic_labels.h"
#include "plugins/topics/workspace.h"
#include "widgets/plot/matrix_plot.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/style/palette.h"

namespace driftscope::topics {
namespace {

constexpr std::size_t kNamedRows = 36;

struct Score {
    const char* name;
    double PartitionScores::*value;
    Spread ScoreSpreads::*spread;
};
constexpr Score kScores[] = {{"ARI", &PartitionScores::ari, &ScoreSpreads::ari},
                             {"NMI", &PartitionScores::nmi, &ScoreSpreads::nmi},
                             {"purity", &PartitionScores::purity, &ScoreSpreads::purity},
                             {"inverse purity", &PartitionScores::inversePurity, &ScoreSpreads::inversePurity},
                             {"P1", &PartitionScores::p1, &ScoreSpreads::p1}};

QString number(double value) {
    const QString text = QString::number(value, 'f', 3);
    return text == QLatin1String("-0.000") ? text.mid(1) : text;
}

}  // namespace

CategoriesView::CategoriesView(Workspace& workspace, TopicLabels& labels, QWidget* parent)
    : QWidget(parent), workspace_(workspace), labels_(labels), level_(new QComboBox), cells_(new QComboBox), score_(new QComboBox), head_(new QLabel), warning_(new QLabel), heat_(new plot::MatrixPlot), perK_(new plot::ScatterPlot), table_(new FiguresTable) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 4);
    auto* bar = new QHBoxLayout;
    level_->setObjectName(QStringLiteral("topicLevel"));
    level_->setAccessibleName(tr("Level of human categories"));
    cells_->addItem(tr("share of the topic's documents"));
    cells_->addItem(tr("share of the category's documents"));
    cells_->addItem(tr("documents"));
    cells_->setAccessibleName(tr("What cells show"));
    bar->addWidget(new QLabel(tr("Categories")));
    bar->addWidget(level_);
    bar->addWidget(new QLabel(tr("cells:")));
    bar->addWidget(cells_);
    head_->setForegroundRole(QPalette::PlaceholderText);
    bar->addWidget(head_, 1);
    column->addLayout(bar);
    warning_->setWordWrap(true);
    warning_->setObjectName(QStringLiteral("topicCategoryWarning"));
    column->addWidget(warning_);
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    heat_->setObjectName(QStringLiteral("topicHeat"));
    heat_->setEmptyText(tr("Human categories appear here: make the corpus with label_keys, or from a file that has them."));
    split->addWidget(heat_);
    auto* right = new QWidget;
    auto* rightColumn = new QVBoxLayout(right);
    rightColumn->setContentsMargins(4, 0, 0, 0);
    table_->setObjectName(QStringLiteral("topicScores"));
    table_->setAccessibleName(tr("Agreement with human categories"));
    table_->setFixedHeight(5 * (fontMetrics().height() + 6) + 32);
    table_->setToolTip(tr("Largest topic of each document against its category. Chance: the same with shuffled categories. One cluster: all documents in one topic. Purity alone rises with K; read it with inverse purity."));
    rightColumn->addWidget(table_);
    auto* row = new QHBoxLayout;
    row->addWidget(new QLabel(tr("All runs of this corpus:")));
    for (const Score& score : kScores) score_->addItem(QLatin1String(score.name));
    score_->setAccessibleName(tr("Score of runs"));
    row->addWidget(score_);
    row->addStretch(1);
    rightColumn->addLayout(row);
    perK_->setXAxis(tr("number of topics K"));
    perK_->setEmptyText(tr("Scores of all runs against K appear here."));
    rightColumn->addWidget(perK_, 1);
    split->addWidget(right);
    split->setSizes({600, 520});
    column->addWidget(split, 1);
    connect(level_, &QComboBox::currentIndexChanged, this, &CategoriesView::showLevel);
    connect(cells_, &QComboBox::currentIndexChanged, this, &CategoriesView::showLevel);
    connect(score_, &QComboBox::currentIndexChanged, this, &CategoriesView::showPerK);
    connect(&workspace_, &Workspace::runChanged, this, &CategoriesView::measure);
    connect(&workspace_, &Workspace::listChanged, this, &CategoriesView::measureRuns);
    connect(&labels_, &TopicLabels::changed, this, &CategoriesView::measure);
    connect(heat_, &plot::MatrixPlot::cellClicked, this, [this](int at, int) {
        if (at >= 0 && at < static_cast<int>(rows_.size())) workspace_.selectTopic(rows_[static_cast<std::size_t>(at)]);
    });
    connect(perK_, &plot::ScatterPlot::pointClicked, this, [this](int series, int point) {
        if (series < 0 || series >= static_cast<int>(plotted_.size()) || point < 0 || point >= static_cast<int>(plotted_[static_cast<std::size_t>(series)].size())) return;
        workspace_.openRun(runs_[plotted_[static_cast<std::size_t>(series)][static_cast<std::size_t>(point)]].folder);
    });
    showLevel();
}

void CategoriesView::measure() {
    const auto run = workspace_.run();
    const std::uint64_t generation = ++generation_;
    if (!run || run->run.documents.levels.empty()) {
        levels_.clear();
        const QSignalBlocker quiet(level_);
        level_->clear();
        showLevel();
        return;
    }
    workspace_.compute([this, run, generation, groups = labels_.groups()]() -> std::function<void()> {
        // What a person merged counts as one topic here.
        const auto hard = hardAssignments(groups.mergedTheta(run->run.theta));
        std::vector<LevelAlignment> levels;
        for (const LabelLevel& level : run->run.documents.levels) levels.push_back(driftscope::topics::align(hard, run->topics(), level, {}));
        return [this, generation, levels = std::move(levels)] {
            if (generation != generation_) return;
            levels_ = levels;
            const QString before = level_->currentText();
            {
                const QSignalBlocker quiet(level_);
                level_->clear();
                for (const LevelAlignment& level : levels_) level_->addItem(QString::fromStdString(level.level));
                level_->setCurrentIndex(std::max(0, level_->findText(before)));
            }
            showLevel();
        };
    });
}

void CategoriesView::measureRuns() {
    workspace_.computeSlowly([this, entries = workspace_.runs(), cache = workspace_.cache(), known = runs_]() -> std::function<void()> {
        std::vector<RunScores> runs;
        AlignmentSettings plain;
        plain.bootstrap = 0;
        plain.shuffles = 0;
        for (const RunEntry& entry : entries) {
            if (const auto old = std::ranges::find(known, entry.folder, &RunScores::folder); old != known.end()) {
                runs.push_back(*old);
                continue;
            }
            const auto run = cache->read(entry.folder);
            if (!run) continue;  // it says so when it is opened
            RunScores scores{entry.folder, entry.title, entry.model(), static_cast<int>((*run)->topics()), {}};
            for (const LabelLevel& level : (*run)->documents.levels) scores.levels[level.name] = driftscope::topics::align(hardAssignments((*run)->theta), (*run)->topics(), level, plain).scores;
            runs.push_back(std::move(scores));
        }
        return [this, runs = std::move(runs)] {
            runs_ = runs;
            showPerK();
        };
    });
}

const LevelAlignment* CategoriesView::current() const {
    const int index = level_->currentIndex();
    return index >= 0 && index < static_cast<int>(levels_.size()) ? &levels_[static_cast<std::size_t>(index)] : nullptr;
}

void CategoriesView::showLevel() {
    const LevelAlignment* level = current();
    level_->setEnabled(level_->count() > 1);
    if (!level) {
        heat_->clear();
        head_->clear();
        warning_->hide();
        table_->setRows({tr("score")}, {});
        rows_.clear();
        showPerK();
        return;
    }
    head_->setText(tr("%1 documents, %2 categories, %3 topics in use%4").arg(level->documents).arg(level->categories).arg(level->topicsUsed).arg(level->missing ? tr(", %1 without category left out").arg(level->missing) : QString()));
    QStringList warnings;
    if (level->documents > 1 && level->topicsUsed == level->documents) warnings << tr("Every document has a topic of its own: purity is 1 by construction and means nothing.");
    if (level->documents > 1 && level->topicsUsed == 1) warnings << tr("All documents have the same largest topic: there is nothing to align.");
    if (level->categories == 1) warnings << tr("All documents have the same category: every topic model is pure.");
    warning_->setText(QStringLiteral("⚠ ") + warnings.join(QLatin1Char(' ')));
    warning_->setVisible(!warnings.isEmpty());
    showHeat(*level);
    showTable(*level);
    showPerK();
}

/// Topics stand by the category they belong to most, so that agreement shows as a staircase; their numbers stay native.
void CategoriesView::showHeat(const LevelAlignment& level) {
    const LabelLevel* source = workspace_.run()->run.documents.level(level.level);
    const std::size_t categories = source->categories.categories.size(), topics = workspace_.run()->topics();
    std::vector<std::uint64_t> ofTopic(topics, 0), ofCategory(categories, 0);
    std::vector<std::size_t> best(topics, 0);
    for (std::size_t k = 0; k < topics; ++k)
        for (std::size_t c = 0; c < categories; ++c) {
            const std::uint64_t count = level.counts[k * categories + c];
            ofTopic[k] += count;
            ofCategory[c] += count;
            if (count > level.counts[k * categories + best[k]]) best[k] = c;
        }
    rows_.clear();
    for (std::uint32_t k = 0; k < topics; ++k)
        if (ofTopic[k] > 0) rows_.push_back(k);
    std::ranges::stable_sort(rows_, [&](std::uint32_t a, std::uint32_t b) { return best[a] != best[b] ? best[a] < best[b] : level.counts[a * categories + best[a]] > level.counts[b * categories + best[b]]; });
    const int what = cells_->currentIndex();
    plot::MatrixPlot::Matrix matrix{static_cast<int>(rows_.size()), static_cast<int>(categories), {}, {}, {}};
    for (const std::uint32_t k : rows_) {
        // Lower rows than a line of text hold a number at most.
        matrix.rowNames << (rows_.size() > kNamedRows ? QString::number(k) : labels_.name(k).isEmpty() ? QStringLiteral("%1  %2").arg(k).arg(workspace_.run()->gist(k, 2)) : labels_.title(k));
        for (std::size_t c = 0; c < categories; ++c) {
            const auto count = static_cast<double>(level.counts[k * categories + c]);
            const double whole = what == 0 ? static_cast<double>(ofTopic[k]) : what == 1 ? static_cast<double>(ofCategory[c]) : 1.0;
            // Whole percents: more digits than the data hold would only be in the way.
            matrix.values.push_back(what == 2 ? count : whole > 0 ? std::round(100 * count / whole) : 0);
        }
    }
    for (const std::string& category : source->categories.categories) matrix.columnNames << QString::fromStdString(category);
    heat_->setValueLabel(cells_->currentText(), what < 2 ? QStringLiteral("%") : QString());
    if (what < 2)
        heat_->setValueRange(0, 100);
    else
        heat_->setValueRange(0, 0);
    heat_->setXAxis(QString::fromStdString(level.level));
    heat_->setYAxis(tr("topic"));
    heat_->setMatrix(std::move(matrix));
}

void CategoriesView::showTable(const LevelAlignment& level) {
    std::vector<QStringList> rows;
    for (const Score& score : kScores) {
        const Spread& spread = level.bootstrap.*score.spread;
        const bool purity = score.value == &PartitionScores::purity;
        const bool inverse = score.value == &PartitionScores::inversePurity;
        const QString single = purity ? number(level.majority) : inverse ? number(1) : score.value == &PartitionScores::p1 ? number(2 * level.majority / (1 + level.majority)) : number(0);
        rows.push_back({QLatin1String(score.name), number(level.scores.*score.value), QStringLiteral("%1 … %2").arg(number(spread.low), number(spread.high)), number(level.shuffled.*score.value), single});
    }
    table_->setRows({tr("score"), tr("value"), tr("95 % bootstrap"), tr("chance"), tr("one cluster")}, rows);
}

void CategoriesView::showPerK() {
    plotted_.clear();
    const LevelAlignment* level = current();
    if (!level) {
        perK_->clear();
        return;
    }
    const auto value = kScores[static_cast<std::size_t>(std::max(0, score_->currentIndex()))].value;
    std::map<QString, std::vector<std::size_t>> byModel;
    for (std::size_t r = 0; r < runs_.size(); ++r)
        if (runs_[r].levels.contains(level->level)) byModel[runs_[r].model].push_back(r);
    std::vector<plot::ScatterPlot::Series> series;
    double low = std::numeric_limits<double>::max(), high = 0;
    for (auto& [model, members] : byModel) {
        std::ranges::stable_sort(members, {}, [&](std::size_t r) { return runs_[r].k; });
        plot::ScatterPlot::Series one;
        one.name = model.isEmpty() ? tr("imported") : model;
        for (const std::size_t r : members) {
            one.x.push_back(runs_[r].k);
            one.y.push_back(runs_[r].levels[level->level].*value);
            one.pointNames << runs_[r].title;
            low = std::min(low, one.x.back());
            high = std::max(high, one.x.back());
        }
        plotted_.push_back(members);
        series.push_back(std::move(one));
    }
    if (!series.empty()) series.push_back({tr("chance, open run"), {low - 1, high + 1}, {level->shuffled.*value, level->shuffled.*value}, {}, {}, {}, style::missingColour(palette()), true, false});
    perK_->setYAxis(score_->currentText());
    perK_->setSeries(std::move(series));
}

}  // namespace driftscope::topics
