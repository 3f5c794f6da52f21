#pragma once

#include <QJsonObject>
#include <QObject>
#include <functional>
#include <memory>

#include "plugins/api/panel_plugin.h"
#include "plugins/debate/play_model.h"
#include "plugins/debate/setup_model.h"

class QLabel;
class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace driftscope::debate {

class ArenaLoader;
class GalleryView;
class PlayView;
class PromiseBanner;
class SetupView;

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
    void link();
    void buildActions();
    void addPlayActions();
    QAction* add(const QString& name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act);
    void setupChanged();
    void arenaLoaded();
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
    QLabel* status_;
    std::vector<QAction*> actions_;
    QJsonObject pendingPlay_;  ///< a saved game that waits for its arena
    QJsonObject lastSetup_;
};

}  // namespace driftscope::debate
