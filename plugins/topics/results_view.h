#pragma once

#include <QWidget>

class QComboBox;
class QLabel;

namespace driftscope::topics {

class FiguresTable;
class Judgements;
class ScoresPlot;
class Workspace;

/// What raters of this run said beside coherence, next to the published judgements of 300 topics, under a plain warning that
/// coherence is a weak proxy of either.
class ResultsView : public QWidget {
    Q_OBJECT
  public:
    ResultsView(Workspace& workspace, Judgements& judgements, QWidget* parent = nullptr);
    /// Opens judgements in the layout of Hoyle et al. 2021.
    void openPublished(const QString& file);
    void askPublished();
    ScoresPlot& own() const { return *own_; }
    ScoresPlot& published() const { return *published_; }
    FiguresTable& raters() const { return *raters_; }

  Q_SIGNALS:
    void failed(const QString& text);

  private:
    QWidget* buildBar();
    void score();
    void refreshOwn();
    void refreshRaters();
    void refreshShown();

    Workspace& workspace_;
    Judgements& judgements_;
    QComboBox *task_, *metric_;
    FiguresTable* raters_;
    ScoresPlot *own_, *published_;
    std::vector<std::pair<std::string, std::vector<double>>> metrics_;  ///< key -> value per topic of the open run
};

}  // namespace driftscope::topics
