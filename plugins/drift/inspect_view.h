#pragma once

#include <QJsonObject>
#include <QWidget>
#include <functional>
#include <vector>

#include "plugins/drift/drift_run.h"

class QAction;
class QSplitter;
class QTabWidget;

namespace driftscope {
struct HostContext;
}

namespace driftscope::drift {

class AnswerView;
class CkaView;
class DriftLabels;
class DriftSelection;
class HarmView;
class HeatMapView;
class InspectBar;
class InspectModel;
class MapView;
class ProbeJudge;
class SamplesView;
class TokenView;
class TrendView;
class ViewFrame;

/// The page "Inspect": what moved inside one run. The panel gives it the runs and the chosen one; everything it shows comes
/// from their folders (drift/step-N.csv, answers/step-N.jsonl, snapshots/, and what llm.drift writes), and what has to be
/// computed first is started as a job of kind llm.drift through the host.
class InspectView : public QWidget {
    Q_OBJECT
  public:
    explicit InspectView(HostContext& host, QWidget* parent = nullptr);
    ~InspectView() override;

    /// Every run of the panel, studies and inner runs; called whenever one came, went or changed its state. Keeps what is
    /// shown when its run is still there.
    void setRuns(const std::vector<DriftRun>& runs);
    /// The run that the list at the left or another page chose, by its folder; a study's folder chooses none of its runs.
    /// Must not answer with runChosen().
    void showRun(const QString& folder);
    /// What all views look at; for pages that want to show or choose layer, step or samples too.
    DriftSelection& selection() { return *selection_; }

    void chooseStepNear(double step);  ///< of the shown run's measured steps

    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);
    /// What a person can do here, with shortcuts; listed by the panel in menus and the command palette. Owned by this.
    std::vector<QAction*> actions() const { return actions_; }

  Q_SIGNALS:
    /// Another run was chosen here: the panel shows it everywhere.
    void runChosen(const QString& folder);
    void said(const QString& text);    ///< one line for the panel's status
    void failed(const QString& text);  ///< sentence and remedy

  private:
    void build();
    void link();
    void buildActions();
    void add(const char* name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act);
    void measure();
    std::vector<ViewFrame*> views() const;

    HostContext& host_;
    DriftSelection* selection_;
    InspectModel* model_;
    DriftLabels* labels_;
    ProbeJudge* probe_;
    InspectBar* bar_;
    QSplitter *rows_, *upper_, *lower_;
    QTabWidget *tabs_, *sample_;
    HeatMapView* heat_;
    CkaView* cka_;
    TrendView* trend_;
    HarmView* harm_;
    MapView* map_;
    SamplesView* samples_;
    TokenView* tokens_;
    AnswerView* answers_;
    std::vector<QAction*> actions_;
};

}  // namespace driftscope::drift
