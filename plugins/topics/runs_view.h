#pragma once

#include <QJsonObject>
#include <QWidget>

class QComboBox;
class QLabel;
class QListWidget;
class QSlider;
class QTabWidget;

namespace driftscope::topics {

class Comparison;
class EnsembleView;
class MatchGrid;
class StabilityView;
class TopicLabels;
class Workspace;

/// Runs side by side: which ones, which topics match, how stable they are, and what joining them gives.
class RunsView : public QWidget {
    Q_OBJECT
  public:
    RunsView(Workspace& workspace, TopicLabels& labels, Comparison& comparison, QWidget* parent = nullptr);
    MatchGrid& grid() const { return *grid_; }
    StabilityView& stability() const { return *stability_; }
    EnsembleView& ensemble() const { return *ensemble_; }
    void compareAll();  ///< ticks every run of the corpus with the open run's number of topics
    void showEnsemble();
    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);

  Q_SIGNALS:
    void topicChosen(const QString& folder, std::uint32_t topic);

  protected:
    void showEvent(QShowEvent* event) override;

  private:
    QWidget* buildChoice();
    QWidget* buildGrid();
    void refreshList();
    void take();
    void refreshSummary();

    Workspace& workspace_;
    Comparison& comparison_;
    QListWidget* list_;
    QComboBox *distance_, *mode_;
    QSlider* threshold_;
    QLabel *thresholdText_, *summary_;
    MatchGrid* grid_;
    QTabWidget* side_;
    StabilityView* stability_;
    EnsembleView* ensemble_;
    bool offered_ = false;  ///< runs were ticked for the person once
    QStringList wanted_;  ///< ticked folders, also those not listed yet
};

}  // namespace driftscope::topics
