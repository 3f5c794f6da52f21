#include "plugins/topics/scores_plot.h"

#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "plugins/topics/figures_table.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/style/palette.h"

namespace driftscope::topics {
namespace {

constexpr std::size_t kBootstrap = 200;
constexpr std::uint64_t kSeed = 42;
constexpr int kMeansRows = 6;

double human(const JudgedTopic& topic, bool ratings) {
    return ratings ? topic.meanRating() : topic.intrusionAccuracy();
}

QString mean(const std::vector<const JudgedTopic*>& topics, const std::function<double(const JudgedTopic&)>& value, int digits) {
    double sum = 0, count = 0;
    for (const JudgedTopic* topic : topics)
        if (const double one = value(*topic); std::isfinite(one)) sum += one, ++count;
    return count > 0 ? QString::number(sum / count, 'f', digits) : QStringLiteral("–");
}

}  // namespace

QString correlationText(const std::vector<JudgedTopic>& topics, const QString& task, const QString& metric) {
    // Only what is asked for: a bootstrap of all metrics takes seconds.
    std::vector<JudgedTopic> few;
    for (const JudgedTopic& topic : topics) {
        const auto found = topic.metrics.find(metric.toStdString());
        const bool ratings = task == QLatin1String("ratings");
        const double said = human(topic, ratings);
        if (found == topic.metrics.end() || !std::isfinite(said)) continue;
        few.push_back({.metrics = {*found}});
        (ratings ? few.back().ratings : few.back().intrusions) = {said};
    }
    for (const MetricCorrelation& one : correlate(few, kBootstrap, kSeed))
        if (one.task == task.toStdString() && one.metric == metric.toStdString() && one.corpus == "all")
            return ScoresPlot::tr("Spearman <b>%1</b> (95 %: %2 to %3) over %4 topics").arg(one.spearman, 0, 'f', 2).arg(one.low, 0, 'f', 2).arg(one.high, 0, 'f', 2).arg(one.topics);
    return {};
}

ScoresPlot::ScoresPlot(const QString& title, const QString& emptyText, QWidget* parent) : QWidget(parent), title_(new QLabel(QStringLiteral("<b>%1</b>").arg(title))), summary_(new QLabel), plot_(new plot::ScatterPlot), means_(new FiguresTable) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(4, 0, 4, 0);
    column->addWidget(title_);
    summary_->setTextFormat(Qt::RichText);
    summary_->setWordWrap(true);
    summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(summary_);
    plot_->setEmptyText(emptyText);
    column->addWidget(plot_, 1);
    means_->setFixedHeight(kMeansRows * (fontMetrics().height() + 6) + 32);
    column->addWidget(means_);
    connect(plot_, &plot::ScatterPlot::pointClicked, this, [this](int series, int point) {
        if (series >= 0 && series < static_cast<int>(plotted_.size()) && point >= 0 && point < static_cast<int>(plotted_[static_cast<std::size_t>(series)].size()))
            Q_EMIT topicClicked(plotted_[static_cast<std::size_t>(series)][static_cast<std::size_t>(point)]);
    });
}

void ScoresPlot::setTopics(std::vector<JudgedTopic> topics) {
    topics_ = std::move(topics);
    refresh();
}

void ScoresPlot::show(const QString& task, const QString& metric, const QString& metricTitle) {
    task_ = task;
    metric_ = metric;
    metricTitle_ = metricTitle;
    refresh();
}

QString ScoresPlot::summary() const {
    return summary_->text();
}

void ScoresPlot::refresh() {
    const bool ratings = task_ == QLatin1String("ratings");
    std::map<std::string, plot::ScatterPlot::Series> byModel;
    std::map<std::string, std::vector<std::size_t>> indices;
    for (std::size_t i = 0; i < topics_.size(); ++i) {
        const JudgedTopic& topic = topics_[i];
        const auto metric = topic.metrics.find(metric_.toStdString());
        if (metric == topic.metrics.end() || !std::isfinite(human(topic, ratings))) continue;
        plot::ScatterPlot::Series& series = byModel[topic.model];
        series.name = QString::fromStdString(topic.model);
        series.x.push_back(metric->second);
        series.y.push_back(human(topic, ratings));
        QStringList words;
        for (std::size_t w = 0; w < std::min<std::size_t>(8, topic.words.size()); ++w) words << QString::fromStdString(topic.words[w]);
        series.pointNames << QStringLiteral("%1 %2 %3: %4").arg(QString::fromStdString(topic.corpus), QString::fromStdString(topic.model)).arg(topic.index).arg(words.join(QLatin1Char(' ')));
        indices[topic.model].push_back(i);
    }
    std::vector<plot::ScatterPlot::Series> series;
    plotted_.clear();
    double low = 1e300, high = -1e300;
    for (auto& [model, one] : byModel) {
        const auto [least, most] = std::ranges::minmax(one.x);
        low = std::min(low, least);
        high = std::max(high, most);
        plotted_.push_back(indices[model]);
        series.push_back(std::move(one));
    }
    if (!series.empty() && !ratings) series.push_back({tr("chance 1/6"), {low, high}, {kIntrusionChance, kIntrusionChance}, {}, {}, {}, style::missingColour(palette()), true, false});
    plot_->setXAxis(metricTitle_);
    plot_->setYAxis(ratings ? tr("mean rating, 1 … 3") : tr("intruders found"));
    plot_->setSeries(std::move(series));
    QStringList said{correlationText(topics_, task_, metric_)};
    std::vector<std::vector<double>> units;
    for (const JudgedTopic& topic : topics_) units.push_back(ratings ? topic.ratings : topic.intrusions);
    if (const auto alpha = krippendorffAlpha(units, ratings ? AlphaScale::Ordinal : AlphaScale::Nominal)) said << tr("raters agree: Krippendorff's α <b>%1</b>").arg(*alpha, 0, 'f', 2);
    said.removeAll(QString());
    summary_->setText(said.join(QStringLiteral(" · ")));
    showMeans();
}

void ScoresPlot::showMeans() {
    std::map<std::pair<std::string, std::string>, std::vector<const JudgedTopic*>> groups;
    for (const JudgedTopic& topic : topics_) groups[{topic.corpus, topic.model}].push_back(&topic);
    std::vector<QStringList> rows;
    for (const auto& [key, topics] : groups) {
        const auto metricOf = [&](const JudgedTopic& topic) {
            const auto found = topic.metrics.find(metric_.toStdString());
            return found == topic.metrics.end() ? std::nan("") : found->second;
        };
        rows.push_back({QStringLiteral("%1, %2").arg(QString::fromStdString(key.first), QString::fromStdString(key.second)), mean(topics, &JudgedTopic::meanRating, 2), mean(topics, &JudgedTopic::intrusionAccuracy, 3), mean(topics, metricOf, 3)});
    }
    means_->setRows({tr("mean over topics"), tr("rating"), tr("intruders found"), metricTitle_}, rows);
}

}  // namespace driftscope::topics
