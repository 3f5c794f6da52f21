#pragma once

#include <QMainWindow>
#include <QPointer>
#include <functional>
#include <vector>

#include "app/gui/command_palette.h"
#include "core/base/error.h"

class QDockWidget;
class QStackedWidget;
class QToolBar;

namespace driftscope {

class EditStack;
class JobRunner;
class MessageStrip;
class Panel;
class PanelArea;
class PluginHost;
class Project;
class Session;
class Settings;
class StartPage;

namespace jobs {
class JobsView;
class NewJobWindow;
}  // namespace jobs

/// The window: it arranges start page, panels, docks, menus and messages, and routes what is opened to who can take it.
class MainWindow : public QMainWindow {
    Q_OBJECT
  public:
    /// `host` has scanned its plugins. All must outlive the window.
    MainWindow(Settings& settings, PluginHost& host, Session& session);
    ~MainWindow() override;

    /// Offers the demo on the start page and in the File menu; absent unless set.
    void setDemo(std::function<void()> openDemo);

    /// False when it failed; the reason is shown in the message strip.
    bool openProject(const QString& folder);
    bool createProject(const QString& folder, const QString& name = {});
    void closeProject();
    /// Opens a project, or hands data to the first panel that takes them. Without a project, one is offered for the data.
    void openPath(const QString& path);
    /// Opens the panel or brings it to front; null when it is refused (the reason is shown).
    Panel* openPanel(const QString& id);
    Panel* panel(const QString& id) const;  ///< null when not open

    Project* project() const;
    EditStack* edits() const;
    JobRunner* jobs() const;
    Session& session() const { return session_; }
    MessageStrip& messages() const { return *messages_; }
    StartPage& startPage() const { return *start_; }
    CommandPalette& commandPalette() const { return *palette_; }
    jobs::JobsView& jobsView() const { return *jobsView_; }

    void setTheme(const QString& name);  ///< "system", "light", "dark"
    void showJob(const QString& id);
    void showError(const QString& message, const QString& remedy = {});
    void showError(const Error& error);
    /// Every action of the window and of the open panels, with where it is found.
    std::vector<Command> commands() const;

  protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

  private:
    void buildContent();
    void buildDocks();
    void buildMenus();
    void buildFileMenu();
    void buildViewMenu();
    void buildJobsAndHelp();
    QAction* addMenuAction(QMenu* menu, const char* name, const QString& text, const QKeySequence& keys, const QString& help, std::function<void()> act);
    void connectSession();

    void projectOpened();
    void projectClosed();
    void refreshPanelMenu();
    void refreshRecent();
    void offerProject(const QString& path);
    void askNewProject();
    void askOpen(bool folder);
    void newJob(const QString& likeRun = {});
    void applySettings();
    void resetLayout();
    void openDialog(QWidget* dialog);

    Settings& settings_;
    PluginHost& host_;
    Session& session_;
    std::function<void()> openDemo_;
    MessageStrip* messages_;
    QStackedWidget* stack_;
    StartPage* start_;
    PanelArea* panels_;
    CommandPalette* palette_;
    jobs::JobsView* jobsView_;
    QDockWidget* projectDock_;
    QDockWidget* jobsDock_;
    QToolBar* jobsBar_;
    QMenu *editMenu_, *recentMenu_, *panelMenu_;
    QAction *demo_, *newProject_, *openFolder_, *openFile_, *closeProject_;
    QByteArray firstLayout_;
    std::vector<QPointer<QMenu>> panelActionMenus_;
};

}  // namespace driftscope
