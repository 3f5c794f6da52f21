#pragma once

#include <QWidget>
#include <map>
#include <optional>
#include <vector>

#include "core/topics/measure/alignment.h"

class QComboBox;
class QLabel;

namespace driftscope::plot {
class MatrixPlot;
class ScatterPlot;
}  // namespace driftscope::plot

namespace driftscope::topics {

class FiguresTable;
class TopicLabels;
class Workspace;

/// How far topics agree with human categories: topics by categories as a heat map, the scores with intervals beside what chance
/// and a single cluster give, and the scores of every run of the corpus against its number of topics.
class CategoriesView : public QWidget {
    Q_OBJECT
  public:
    CategoriesView(Workspace& workspace, TopicLabels& labels, QWidget* parent = nullptr);
    plot::MatrixPlot& heat() const { return *heat_; }
    plot::ScatterPlot& perK() const { return *perK_; }
    FiguresTable& table() const { return *table_; }
    const std::vector<LevelAlignment>& alignments() const { return levels_; }

  private:
    struct RunScores {
        QString folder, title, model;
        int k = 0;
        std::map<std::string, PartitionScores> levels;
    };
    void measure();
    void measureRuns();
    void showLevel();
    void showHeat(const LevelAlignment& level);
    void showTable(const LevelAlignment& level);
    void showPerK();
    const LevelAlignment* current() const;

    Workspace& workspace_;
    TopicLabels& labels_;
    QComboBox *level_, *cells_, *score_;
    QLabel *head_, *warning_;
    plot::MatrixPlot* heat_;
    plot::ScatterPlot* perK_;
    FiguresTable* table_;
    std::vector<LevelAlignment> levels_;
    std::vector<RunScores> runs_;
    std::vector<std::uint32_t> rows_;  ///< topics of the heat map's rows
    std::vector<std::vector<std::size_t>> plotted_;  ///< runs_ index per series and point
    std::uint64_t generation_ = 0;
};

}  // namespace driftscope::topics
