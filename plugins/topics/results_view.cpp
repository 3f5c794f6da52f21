#include "plugins/topics/results_view.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>
#include <cmath>

#include "core/topics/measure/coherence.h"
#include "plugins/topics/figures_table.h"
#include "plugins/topics/judgements.h"
#include "plugins/topics/scores_plot.h"
#include "plugins/topics/workspace.h"

namespace driftscope::topics {
namespace {

const QString kPublished = QStringLiteral(DRIFTSCOPE_RESOURCES "/demo/topics/human/all_data.json");
constexpr std::size_t kScoredWords = 10;

struct Metric {
    const char* key;  ///< as in the published file
    const char* title;
    CoherenceMeasure measure;
};
constexpr Metric kMetrics[] = {{"c_npmi_10_full", "NPMI", CoherenceMeasure::Npmi}, {"c_v_full", "C_v", CoherenceMeasure::Cv}, {"c_uci_full", "UCI", CoherenceMeasure::Uci}, {"u_mass_full", "UMass", CoherenceMeasure::UMass}};

using Scores = std::vector<std::pair<std::string, std::vector<double>>>;

Scores scoresOf(const TopicData& run) {
    Scores scores;
    if (!run.corpus) return scores;
    std::vector<std::vector<std::string>> topics;
    for (const auto& ids : run.words) {
        topics.emplace_back();
        for (std::size_t i = 0; i < std::min(kScoredWords, ids.size()); ++i) topics.back().push_back(run.run.vocabulary[ids[i]]);
    }
    for (const Metric& metric : kMetrics) {
        CoherenceSettings settings;
        settings.measure = metric.measure;
        settings.window = defaultWindow(metric.measure);
        if (const auto scored = coherence(topics, run.corpus->corpus, settings)) scores.emplace_back(metric.key, scored->perTopic);
    }
    return scores;
}

}  // namespace

ResultsView::ResultsView(Workspace& workspace, Judgements& judgements, QWidget* parent)
    : QWidget(parent), workspace_(workspace), judgements_(judgements), task_(new QComboBox), metric_(new QComboBox), raters_(new FiguresTable),
      own_(new ScoresPlot(tr("This run"), tr("Rate topics, or find intruders, in the tabs beside: each topic that was judged becomes a point."))), published_(new ScoresPlot(tr("Published: 300 topics, 12,300 judgements"), tr("Open the published judgements."))) {
    own_->setObjectName(QStringLiteral("topicOwnScores"));
    own_->means().setFixedHeight(2 * (fontMetrics().height() + 6) + 18);
    published_->setObjectName(QStringLiteral("topicPublishedScores"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 6, 8, 4);
    auto* warning = new QLabel(tr("⚠ <b>Coherence is a weak proxy of what people think.</b> Over the published topics NPMI and C_v go with human scores at a Spearman of only .28 to .43, UMass at .04 to .11, "
                                  "and the model with the highest NPMI (D-VAE) is not the one rated best (Hoyle et al. 2021)."));
    warning->setWordWrap(true);
    warning->setObjectName(QStringLiteral("topicProxyWarning"));
    warning->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(warning);
    column->addWidget(buildBar());
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    auto* left = new QWidget;
    auto* leftColumn = new QVBoxLayout(left);
    leftColumn->setContentsMargins(0, 0, 0, 0);
    leftColumn->addWidget(own_, 1);
    raters_->setObjectName(QStringLiteral("topicRaters"));
    raters_->setAccessibleName(tr("Raters"));
    raters_->setFixedHeight(4 * (fontMetrics().height() + 6) + 30);
    leftColumn->addWidget(raters_);
    split->addWidget(left);
    split->addWidget(published_);
    split->setSizes({500, 500});
    column->addWidget(split, 1);
    connect(task_, &QComboBox::currentIndexChanged, this, &ResultsView::refreshShown);
    connect(metric_, &QComboBox::currentIndexChanged, this, &ResultsView::refreshShown);
    connect(&judgements_, &Judgements::changed, this, &ResultsView::refreshOwn);
    connect(&workspace_, &Workspace::runChanged, this, &ResultsView::score);
    connect(own_, &ScoresPlot::topicClicked, this, [this](std::size_t index) { workspace_.selectTopic(static_cast<std::uint32_t>(own_->topics()[index].index)); });
    refreshShown();
    refreshOwn();
    if (QFileInfo::exists(kPublished)) openPublished(kPublished);
}

QWidget* ResultsView::buildBar() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    task_->addItem(tr("ratings"), QStringLiteral("ratings"));
    task_->addItem(tr("word intrusion"), QStringLiteral("intrusions"));
    task_->setObjectName(QStringLiteral("topicScoreTask"));
    task_->setAccessibleName(tr("Human scores"));
    for (const Metric& metric : kMetrics) metric_->addItem(QLatin1String(metric.title), QLatin1String(metric.key));
    metric_->setObjectName(QStringLiteral("topicScoreMetric"));
    metric_->setAccessibleName(tr("Metric"));
    metric_->setToolTip(tr("Of the first 10 words. For this run: exact counts in its own corpus. Published: in the whole English Wikipedia or the New York Times."));
    auto* open = new QPushButton(tr("Open judgements…"));
    open->setToolTip(tr("A file in the layout of all_data.json of Hoyle et al. 2021"));
    connect(open, &QPushButton::clicked, this, &ResultsView::askPublished);
    row->addWidget(new QLabel(tr("People:")));
    row->addWidget(task_);
    row->addWidget(new QLabel(tr("metric:")));
    row->addWidget(metric_);
    row->addStretch(1);
    row->addWidget(open);
    return bar;
}

void ResultsView::askPublished() {
    const QString file = QFileDialog::getOpenFileName(this, tr("Open human judgements"), QString(), tr("Judgements (*.json)"));
    if (!file.isEmpty()) openPublished(file);
}

void ResultsView::openPublished(const QString& file) {
    workspace_.compute([this, file]() -> std::function<void()> {
        auto read = readJudgedTopics(file.toStdString());
        return [this, read = std::move(read)] {
            if (read)
                published_->setTopics(*read);
            else
                Q_EMIT failed(QString::fromStdString(read.error().text()));
        };
    });
}

void ResultsView::score() {
    metrics_.clear();
    const auto run = workspace_.run();
    if (!run) {
        refreshOwn();
        return;
    }
    workspace_.computeSlowly([this, run]() -> std::function<void()> {
        auto scores = scoresOf(*run);
        return [this, run, scores = std::move(scores)] {
            if (run != workspace_.run()) return;
            metrics_ = scores;
            refreshOwn();
        };
    });
}

void ResultsView::refreshOwn() {
    std::vector<JudgedTopic> topics;
    if (const auto& run = judgements_.run()) {
        const auto ratings = judgements_.ratings(), found = judgements_.found();
        for (std::uint32_t k = 0; k < run->topics(); ++k) {
            if (ratings[k].empty() && found[k].empty()) continue;
            JudgedTopic topic{.corpus = run->corpus ? run->corpus->name().toStdString() : std::string(), .model = run->title.toStdString(), .index = k};
            for (std::size_t i = 0; i < std::min(kScoredWords, run->words[k].size()); ++i) topic.words.push_back(run->run.vocabulary[run->words[k][i]]);
            topic.ratings = ratings[k];
            topic.intrusions = found[k];
            for (const auto& [key, values] : metrics_)
                if (k < values.size() && std::isfinite(values[k])) topic.metrics[key] = values[k];
            topics.push_back(std::move(topic));
        }
    }
    own_->setTopics(std::move(topics));
    refreshRaters();
}

void ResultsView::refreshRaters() {
    std::vector<QStringList> rows;
    const std::size_t topics = judgements_.run() ? judgements_.run()->topics() : 0;
    for (const std::string& rater : judgements_.raters()) {
        int rated = 0, asked = 0, right = 0;
        double sum = 0;
        for (std::uint32_t k = 0; k < topics; ++k) {
            if (const int points = judgements_.rating(k, rater); points != Judgements::kNone) ++rated, sum += points + 1;
            if (const int word = judgements_.answer(k, rater); word != Judgements::kNone) ++asked, right += word == static_cast<int>(Judgements::kIntruder);
        }
        rows.push_back({QString::fromStdString(rater), QString::number(rated), rated ? QString::number(sum / rated, 'f', 2) : QStringLiteral("–"), QString::number(asked),
                        asked ? QString::number(static_cast<double>(right) / asked, 'f', 3) : QStringLiteral("–"),
                        asked ? QString::number(chanceOfGuessing(static_cast<std::size_t>(right), static_cast<std::size_t>(asked)), 'g', 2) : QStringLiteral("–")});
    }
    raters_->setRows({tr("rater"), tr("rated"), tr("mean"), tr("tested"), tr("found (chance .167)"), tr("p if guessed")}, rows);
}

void ResultsView::refreshShown() {
    for (ScoresPlot* plot : {own_, published_}) plot->show(task_->currentData().toString(), metric_->currentData().toString(), metric_->currentText());
}

}  // namespace driftscope::topics
