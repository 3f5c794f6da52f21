#pragma once

#include <QWidget>
#include <vector>

#include "core/topics/measure/human_answers.h"

class QLabel;

namespace driftscope::plot {
class ScatterPlot;
}

namespace driftscope::topics {

class FiguresTable;

/// Topics by a metric and by what people said of them, with how far both go together, and means per model.
class ScoresPlot : public QWidget {
    Q_OBJECT
  public:
    ScoresPlot(const QString& title, const QString& emptyText, QWidget* parent = nullptr);
    void setTopics(std::vector<JudgedTopic> topics);
    /// task "ratings" or "intrusions"; a metric's key as in the published file.
    void show(const QString& task, const QString& metric, const QString& metricTitle);
    const std::vector<JudgedTopic>& topics() const { return topics_; }
    plot::ScatterPlot& plot() const { return *plot_; }
    FiguresTable& means() const { return *means_; }
    QString summary() const;

  Q_SIGNALS:
    void topicClicked(std::size_t index);  ///< of topics()

  private:
    void refresh();
    void showMeans();

    QString task_, metric_, metricTitle_;
    std::vector<JudgedTopic> topics_;
    QLabel *title_, *summary_;
    plot::ScatterPlot* plot_;
    FiguresTable* means_;
    std::vector<std::vector<std::size_t>> plotted_;  ///< topics_ index per series and point
};

/// Spearman's rho of human means and a metric over topics that have both, as a sentence.
QString correlationText(const std::vector<JudgedTopic>& topics, const QString& task, const QString& metric);

}  // namespace driftscope::topics
