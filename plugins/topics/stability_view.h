#pragma once

#include <QWidget>

class QComboBox;
class QLabel;

namespace driftscope::plot {
class MatrixPlot;
class ScatterPlot;
}  // namespace driftscope::plot

namespace driftscope::topics {

class Comparison;
class FiguresTable;
class TopicLabels;
class Workspace;

/// How stable the compared runs are: the paper's measures with intervals, every pair of runs, and every topic of the open run.
class StabilityView : public QWidget {
    Q_OBJECT
  public:
    StabilityView(Workspace& workspace, TopicLabels& labels, Comparison& comparison, QWidget* parent = nullptr);
    FiguresTable& table() const { return *table_; }
    plot::MatrixPlot& pairs() const { return *pairs_; }
    plot::ScatterPlot& topics() const { return *topics_; }

  private:
    void refresh();
    void showPairs();
    void showTopics();

    Workspace& workspace_;
    TopicLabels& labels_;
    Comparison& comparison_;
    FiguresTable* table_;
    QComboBox* what_;
    plot::MatrixPlot* pairs_;
    plot::ScatterPlot* topics_;
    QLabel* note_;
    std::vector<std::uint32_t> order_;  ///< topics as plotted
};

}  // namespace driftscope::topics
