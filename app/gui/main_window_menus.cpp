#include <QAction>
#include <QApplication>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenuBar>
#include <QToolButton>

#include "app/gui/about_dialog.h"
#include "app/gui/main_window.h"
#include "app/gui/panel_area.h"
#include "app/gui/plugin_host.h"
#include "app/gui/session.h"
#include "app/gui/settings.h"
#include "app/gui/settings_dialog.h"
#include "app/gui/start_page.h"
#include "plugins/api/panel_plugin.h"
#include "widgets/session/job_runner.h"

// The menus of MainWindow: what can be done, under which keys.

namespace driftscope {

QAction* MainWindow::addMenuAction(QMenu* menu, const char* name, const QString& text, const QKeySequence& keys, const QString& help, std::function<void()> act) {
    auto* action = new QAction(text, this);
    action->setObjectName(QLatin1String(name));
    action->setShortcut(keys);
    action->setToolTip(help);
    connect(action, &QAction::triggered, this, std::move(act));
    menu->addAction(action);
    return action;
}

void MainWindow::buildMenus() {
    buildFileMenu();
    editMenu_ = menuBar()->addMenu(tr("&Edit"));
    addMenuAction(editMenu_, "settings", tr("&Settings…"), QKeySequence(QStringLiteral("Ctrl+,")), tr("Colours, annotator, memory and threads"), [this] {
        auto* dialog = new SettingsDialog(settings_, this);
        connect(dialog, &SettingsDialog::changed, this, &MainWindow::applySettings);
        openDialog(dialog);
    });
    editMenu_->insertSeparator(editMenu_->actions().front());
    auto* search = new QToolButton(this);
    search->setText(tr("Ctrl+K  Search actions"));
    search->setAutoRaise(true);
    search->setToolTip(tr("Find and do anything by typing a part of its name"));
    connect(search, &QToolButton::clicked, this, [this] { palette_->popUp(); });
    menuBar()->setCornerWidget(search);
}

void MainWindow::buildFileMenu() {
    QMenu* file = menuBar()->addMenu(tr("&File"));
    demo_ = addMenuAction(file, "openDemo", tr("Open &demo"), {}, tr("Real dividing cells: segments, tracks, trains and shows them in a few minutes"), [this] {
        if (openDemo_) openDemo_();
    });
    demo_->setVisible(false);
    newProject_ = addMenuAction(file, "newProject", tr("&New project…"), QKeySequence::New, tr("A folder for labels and results; data stay where they are"), [this] { askNewProject(); });
    openFolder_ = addMenuAction(file, "openFolder", tr("&Open folder…"), QKeySequence::Open, tr("A project, an OME-Zarr plate, or a folder of frames"), [this] { askOpen(true); });
    openFile_ = addMenuAction(file, "openFile", tr("Open &file…"), QKeySequence(QStringLiteral("Ctrl+Shift+O")), tr("A TIFF stack, tracks (CSV) or a table (.h5ad)"), [this] { askOpen(false); });
    recentMenu_ = file->addMenu(tr("Open &recent"));
    file->addSeparator();
    closeProject_ = addMenuAction(file, "closeProject", tr("&Close project"), QKeySequence(QStringLiteral("Ctrl+Shift+W")), tr("Back to the start page; running jobs go on"), [this] { closeProject(); });
    addMenuAction(file, "quit", tr("&Quit"), QKeySequence::Quit, tr("Running jobs go on and are found again at the next start"), [this] { close(); });
}

void MainWindow::buildViewMenu() {
    QMenu* view = menuBar()->addMenu(tr("&View"));
    addMenuAction(view, "palette", tr("&Search actions…"), QKeySequence(QStringLiteral("Ctrl+K")), tr("Find and do anything by typing a part of its name"), [this] { palette_->popUp(); });
    view->addSeparator();
    const std::pair<QDockWidget*, const char*> docks[]{{projectDock_, "Ctrl+Shift+P"}, {jobsDock_, "Ctrl+Shift+J"}};
    for (const auto& [dock, keys] : docks) {
        QAction* toggle = dock->toggleViewAction();
        toggle->setShortcut(QKeySequence(QLatin1String(keys)));
        view->addAction(toggle);
    }
    addMenuAction(view, "resetLayout", tr("&Reset layout"), {}, tr("Docks back to where they were at first"), [this] { resetLayout(); });
    view->addSeparator();
    for (const auto& [name, text] : {std::pair{"system", tr("Colours as the &desktop")}, std::pair{"light", tr("&Light colours")}, std::pair{"dark", tr("&Dark colours")}})
        addMenuAction(view, name, text, {}, text, [this, theme = QLatin1String(name)] { setTheme(theme); });
    view->addSeparator();
    QAction* full = addMenuAction(view, "fullScreen", tr("&Full screen"), QKeySequence(Qt::Key_F11), tr("Use the whole screen"), [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    full->setShortcutContext(Qt::WindowShortcut);
    panelMenu_ = menuBar()->addMenu(tr("&Panels"));
}

void MainWindow::buildJobsAndHelp() {
    QMenu* menu = menuBar()->addMenu(tr("&Jobs"));
    addMenuAction(menu, "newJobAction", tr("&New job…"), QKeySequence(QStringLiteral("Ctrl+J")), tr("Start any computation with a form for its parameters"), [this] { newJob(); });
    addMenuAction(menu, "showJobs", tr("&Show jobs"), {}, tr("Runs with their curves, parameters and logs"), [this] { jobsDock_->show(); });
    addMenuAction(menu, "cancelJobs", tr("&Cancel all jobs"), {}, tr("Stop what runs, saving checkpoints, and what waits"), [this] {
        for (const JobView& job : session_.jobs().jobs()) session_.jobs().cancel(job.id);
    });
    QMenu* help = menuBar()->addMenu(tr("&Help"));
    addMenuAction(help, "about", tr("&About Driftscope"), {}, tr("Version, licence, panels and libraries"), [this] { openDialog(new AboutDialog(host_, this)); });
}

void MainWindow::refreshPanelMenu() {
    panelMenu_->clear();
    for (const QPointer<QMenu>& menu : panelActionMenus_) delete menu.data();
    panelActionMenus_.clear();
    for (const PluginInfo& info : host_.plugins()) {
        if (const Panel* open = panels_->find(info.id)) {
            QMenu* menu = panelMenu_->addMenu(info.title);
            panelActionMenus_.emplace_back(menu);
            connect(menu->addAction(tr("Bring to front")), &QAction::triggered, this, [this, id = info.id] { openPanel(id); });
            menu->addSeparator();
            for (QAction* action : open->actions()) menu->addAction(action);
            continue;
        }
        QAction* action = panelMenu_->addAction(info.problem.isEmpty() ? info.title : tr("%1 (refused)").arg(info.title));
        action->setToolTip(info.problem.isEmpty() ? tr("Open %1").arg(info.title) : info.problem);
        action->setEnabled(session_.isOpen() || !info.problem.isEmpty());
        connect(action, &QAction::triggered, this, [this, id = info.id] {
            if (const PluginInfo* found = host_.find(id); found && !found->problem.isEmpty())
                showError(tr("The panel '%1' is refused.").arg(found->title), found->problem);
            else
                openPanel(id);
        });
    }
    if (host_.plugins().empty()) panelMenu_->addAction(tr("No panels are installed"))->setEnabled(false);
    panelMenu_->setToolTipsVisible(true);
}

void MainWindow::refreshRecent() {
    const auto recent = settings_.recentProjects();
    start_->setRecent(recent);
    recentMenu_->clear();
    recentMenu_->setEnabled(!recent.empty());
    for (const RecentProject& project : recent) {
        QAction* action = recentMenu_->addAction(project.name);
        action->setToolTip(project.folder);
        connect(action, &QAction::triggered, this, [this, folder = project.folder] { openProject(folder); });
    }
    recentMenu_->setToolTipsVisible(true);
}

void MainWindow::askNewProject() {
    auto* dialog = new QFileDialog(this, tr("Name a folder for the new project"));
    dialog->setObjectName(QStringLiteral("newProjectDialog"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    dialog->setLabelText(QFileDialog::Accept, tr("Create"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& folder) { createProject(folder); });
    openDialog(dialog);
}

void MainWindow::askOpen(bool folder) {
    auto* dialog = new QFileDialog(this, folder ? tr("Open a project, a plate or a folder of frames") : tr("Open a stack, tracks or a table"));
    dialog->setObjectName(QStringLiteral("openDialog"));
    dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openPath);
    openDialog(dialog);
}

std::vector<Command> MainWindow::commands() const {
    std::vector<Command> list;
    const std::function<void(const QMenu*, const QString&)> collect = [&](const QMenu* menu, const QString& where) {
        for (QAction* action : menu->actions()) {
            const QString title = action->text().remove(QLatin1Char('&'));
            if (action->menu())
                collect(action->menu(), title);
            else if (!action->isSeparator() && action->isVisible() && !title.isEmpty())
                list.push_back({where, action});
        }
    };
    for (const QAction* top : menuBar()->actions())
        if (top->menu()) collect(top->menu(), top->text().remove(QLatin1Char('&')));
    return list;
}

}  // namespace driftscope
