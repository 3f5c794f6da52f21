#pragma once

#include <QElapsedTimer>
#include <QJsonObject>
#include <QObject>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "plugins/api/panel_plugin.h"
#include "plugins/debate/play_model.h"
#include "plugins/debate/setup_model.h"

class QLabel;
class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace driftscope::plot {
class PlotWidget;
}

namespace driftscope::debate {

class ArenaLoader;
class AttacksView;
class ClaimsView;
class EditorView;
class GalleryView;
class MeasureView;
class OracleDialog;
class PlayView;
class PromiseBanner;
class ScaleView;
class SetupView;
class TradeoffView;

/// The Debate panel: choose a computation, set players and parameters, play, measure, and look at the claims.
class DebatePanel : public QObject, public Panel {
    Q_OBJECT
  public:
    explicit DebatePanel(HostContext& host);
    ~DebatePanel() override;

    QWidget* widget() override { return root_.get(); }
    QJsonObject saveState() const override;
    Result<void> restoreState(const QJsonObject& state) override;
    std::vector<QAction*> actions() const override { return actions_; }
    bool openPath(const QString& path) override;

  private:
    void build();
    void addTabs();
    void link();
    void linkStudies();
    void buildActions();
    void addPlayActions();
    void addTabActions();
    void addFileActions();
    QAction* add(const QString& name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act);
    void setupChanged();
    void arenaLoaded();
    void compareWithFile();
    void askOracle(const QString& question);
    void takeAnswer(const QString& question, double probability, double seconds);
    void playClaim(const QJsonObject& values, int position, bool adopt);
    bool openTranscript(const QJsonObject& document);
    void openFile();
    void exportTranscript();
    void exportPlot();
    plot::PlotWidget* shownPlot() const;
    nlohmann::json document() const;  ///< the game as a transcript
    QString suggestPath(const QString& suffix) const;
    void say(const QString& text);
    void complain(const QString& text);

    HostContext& host_;
    std::unique_ptr<QWidget> root_;
    SetupModel setup_;
    PlayModel game_;
    ArenaLoader* loader_;
    QStackedWidget* pages_;
    GalleryView* gallery_;
    QSplitter* work_;
    SetupView* setupView_;
    PromiseBanner* banner_;
    QTabWidget* tabs_;
    PlayView* playView_;
    EditorView* editor_;
    MeasureView* measure_;
    AttacksView* attacks_;
    ScaleView* scale_;
    TradeoffView* tradeoff_;
    ClaimsView* claims_;
    OracleDialog* oracle_;
    QLabel* status_;
    std::vector<QAction*> actions_;
    QJsonObject pendingPlay_;  ///< a saved or opened game that waits for its arena
    QJsonObject expected_;     ///< the transcript that the game is a replay of
};

}  // namespace driftscope::debate
