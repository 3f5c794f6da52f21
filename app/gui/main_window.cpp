#include "app/gui/main_window.h"

#include <QCloseEvent>
#include <QDir>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMenu>
#include <QMimeData>
#include <QScreen>
#include <QStackedWidget>
#include <QToolBar>
#include <QUrl>
#include <QVBoxLayout>

#include "app/gui/message_strip.h"
#include "app/gui/panel_area.h"
#include "app/gui/plugin_host.h"
#include "app/gui/project_tree.h"
#include "app/gui/session.h"
#include "app/gui/settings.h"
#include "app/gui/start_page.h"
#include "widgets/jobs/jobs_strip.h"
#include "widgets/jobs/jobs_view.h"
#include "widgets/jobs/new_job_window.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"

namespace driftscope {
namespace {

constexpr int kLayoutVersion = 1;

QString homeForProjects() { return QDir::homePath() + QStringLiteral("/Driftscope"); }

/// A folder that does not exist yet, named after the data.
QString freshFolder(const QString& parent, const QString& name) {
    QString folder = parent + QLatin1Char('/') + name;
    for (int number = 2; QFileInfo::exists(folder); ++number) folder = QStringLiteral("%1/%2 %3").arg(parent, name).arg(number);
    return folder;
}

}  // namespace

MainWindow::MainWindow(Settings& settings, PluginHost& host, Session& session) : settings_(settings), host_(host), session_(session) {
    setWindowIcon(applicationIcon());
    setAcceptDrops(true);
    buildMenus();
    buildContent();
    buildDocks();
    buildViewMenu();
    buildJobsAndHelp();
    palette_ = new CommandPalette([this] { return commands(); }, this);
    connectSession();
    applySettings();
    firstLayout_ = saveState(kLayoutVersion);
    resize(QSize(1480, 900).boundedTo(screen()->availableSize()));
    if (!settings_.windowGeometry().isEmpty()) restoreGeometry(settings_.windowGeometry());
    if (!settings_.windowState().isEmpty()) restoreState(settings_.windowState(), kLayoutVersion);
    projectClosed();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildContent() {
    messages_ = new MessageStrip(this);
    panels_ = new PanelArea(host_, session_, this);
    start_ = new StartPage({demo_, newProject_, openFolder_, openFile_}, this);
    stack_ = new QStackedWidget(this);
    stack_->addWidget(start_);
    stack_->addWidget(panels_);
    auto* middle = new QWidget(this);
    auto* layout = new QVBoxLayout(middle);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(messages_);
    layout->addWidget(stack_, 1);
    setCentralWidget(middle);
    connect(start_, &StartPage::openRequested, this, &MainWindow::openProject);
    connect(start_, &StartPage::forgetRequested, this, [this](const QString& folder) {
        settings_.removeRecentProject(folder);
        refreshRecent();
    });
    connect(panels_, &PanelArea::panelsChanged, this, &MainWindow::refreshPanelMenu);
    connect(panels_, &PanelArea::openRequested, this, [this](const QString& id) { openPanel(id); });
    connect(panels_, &PanelArea::warned, this, [this](const QString& message) { messages_->show(MessageStrip::Kind::Warning, message); });
}

void MainWindow::buildDocks() {
    const auto dock = [this](const char* name, const QString& title, QWidget* content, Qt::DockWidgetArea area) {
        auto* made = new QDockWidget(title, this);
        made->setObjectName(QLatin1String(name));
        made->setWidget(content);
        addDockWidget(area, made);
        return made;
    };
    auto* tree = new ProjectTree(session_, this);
    jobsView_ = new jobs::JobsView(session_.jobs(), this);
    projectDock_ = dock("projectDock", tr("Project"), tree, Qt::LeftDockWidgetArea);
    jobsDock_ = dock("jobsDock", tr("Jobs"), jobsView_, Qt::BottomDockWidgetArea);
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    resizeDocks({projectDock_}, {210}, Qt::Horizontal);
    resizeDocks({jobsDock_}, {300}, Qt::Vertical);
    jobsDock_->hide();
    jobsBar_ = new QToolBar(tr("Current job"), this);
    jobsBar_->setObjectName(QStringLiteral("jobsBar"));
    jobsBar_->setMovable(false);
    jobsBar_->setContextMenuPolicy(Qt::PreventContextMenu);
    auto* strip = new jobs::JobsStrip(session_.jobs(), this);
    strip->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    jobsBar_->addWidget(strip);
    addToolBar(Qt::BottomToolBarArea, jobsBar_);
    connect(strip, &jobs::JobsStrip::openRequested, this, &MainWindow::showJob);
    connect(strip, &jobs::JobsStrip::curvesRequested, this, [this](const QString& id) {
        showJob(id);
        jobsView_->showCurves(id);
    });
    connect(jobsView_, &jobs::JobsView::newRequested, this, [this] { newJob(); });
    connect(jobsView_, &jobs::JobsView::againRequested, this, &MainWindow::newJob);
    connect(tree, &ProjectTree::runActivated, this, &MainWindow::showJob);
    connect(tree, &ProjectTree::dataActivated, this, &MainWindow::openPath);
    connect(tree, &ProjectTree::addRequested, this, [this] { askOpen(true); });
    connect(tree, &ProjectTree::warned, this, [this](const QString& message) { showError(message); });
}

void MainWindow::connectSession() {
    connect(&session_, &Session::opened, this, &MainWindow::projectOpened);
    connect(&session_, &Session::closed, this, &MainWindow::projectClosed);
    connect(&session_, &Session::warned, this, [this](const QString& message) { messages_->show(MessageStrip::Kind::Warning, message); });
    connect(&session_.jobs(), &JobRunner::jobFinished, this, [this](const QString& id) {
        const JobView* job = session_.jobs().find(id);
        if (!job || job->state != JobView::State::Failed) return;
        messages_->show(MessageStrip::Kind::Error, tr("%1 failed.").arg(job->title), job->error, {{tr("Show"), [this, id] { showJob(id); }}});
    });
}

void MainWindow::setDemo(std::function<void()> openDemo) {
    openDemo_ = std::move(openDemo);
    demo_->setVisible(openDemo_ != nullptr);
    start_->refreshWaysIn();
}

bool MainWindow::openProject(const QString& folder) {
    const auto opened = session_.open(folder);
    if (opened) return true;
    showError(opened.error());
    return false;
}

bool MainWindow::createProject(const QString& folder, const QString& name) {
    const auto made = session_.create(folder, name);
    if (made) return true;
    showError(made.error());
    return false;
}

void MainWindow::closeProject() { session_.close(); }

void MainWindow::projectOpened() {
    settings_.addRecentProject(session_.project()->folder(), session_.project()->name());
    refreshRecent();
    connect(session_.project(), &Project::nameChanged, this, [this] { setWindowTitle(tr("%1 – Driftscope").arg(session_.project()->name())); });
    setWindowTitle(tr("%1 – Driftscope").arg(session_.project()->name()));
    editMenu_->insertActions(editMenu_->actions().front(), {session_.edits()->undoAction(), session_.edits()->redoAction()});
    closeProject_->setEnabled(true);
    projectDock_->show();
    jobsBar_->show();
    stack_->setCurrentWidget(panels_);
    panels_->restore();
}

void MainWindow::projectClosed() {
    setWindowTitle(tr("Driftscope"));
    closeProject_->setEnabled(false);
    stack_->setCurrentWidget(start_);
    projectDock_->hide();
    jobsDock_->hide();
    jobsBar_->hide();
    refreshRecent();
    refreshPanelMenu();
}

void MainWindow::openPath(const QString& path) {
    if (Project::isProject(path)) {
        openProject(path);
        return;
    }
    if (!QFileInfo::exists(path)) {
        showError(tr("There is no %1.").arg(path), tr("Check the path, or that the disk it is on is connected."));
        return;
    }
    if (!session_.isOpen()) {
        offerProject(path);
        return;
    }
    QStringList order{panels_->currentId()};
    order += panels_->openIds();
    for (const PluginInfo& info : host_.plugins())
        if (info.problem.isEmpty()) order.append(info.id);
    order.removeDuplicates();
    for (const QString& id : order) {
        if (id.isEmpty()) continue;
        const bool wasOpen = panels_->find(id) != nullptr;
        Panel* candidate = openPanel(id);
        if (candidate && candidate->openPath(path)) return;
        if (candidate && !wasOpen) panels_->close(id);
    }
    showError(tr("No panel knows what to do with %1.").arg(path), tr("Cells takes OME-Zarr plates, TIFF stacks and folders of frames, tracks (CSV) and tables (.h5ad)."));
}

void MainWindow::offerProject(const QString& path) {
    const QFileInfo info(path);
    const QString name = info.completeBaseName().isEmpty() ? info.fileName() : info.completeBaseName();
    const QString home = freshFolder(homeForProjects(), name), beside = freshFolder(info.absolutePath(), name + QStringLiteral(" project"));
    const auto make = [this, path, name](const QString& folder) {
        if (createProject(folder, name)) openPath(path);
    };
    messages_->show(MessageStrip::Kind::Note, tr("Labels and results for '%1' need a project folder.").arg(info.fileName()), tr("Your data stay where they are and are never changed."),
                    {{tr("Create in %1").arg(home), [make, home] { make(home); }}, {tr("Create beside the data"), [make, beside] { make(beside); }}});
}

Panel* MainWindow::openPanel(const QString& id) {
    const auto opened = panels_->open(id);
    if (!opened) {
        showError(opened.error());
        refreshPanelMenu();
        return nullptr;
    }
    return *opened;
}

Panel* MainWindow::panel(const QString& id) const { return panels_->find(id); }
Project* MainWindow::project() const { return session_.project(); }
EditStack* MainWindow::edits() const { return session_.edits(); }
JobRunner* MainWindow::jobs() const { return &session_.jobs(); }

void MainWindow::showJob(const QString& id) {
    jobsDock_->show();
    jobsDock_->raise();
    jobsView_->select(id);
}

void MainWindow::newJob(const QString& likeRun) {
    auto* window = new jobs::NewJobWindow(session_.jobs(), this);
    if (const JobView* run = session_.jobs().find(likeRun)) window->setKind(run->kind, run->params);
    connect(window, &jobs::NewJobWindow::started, this, &MainWindow::showJob);
    openDialog(window);
}

void MainWindow::showError(const QString& message, const QString& remedy) { messages_->show(MessageStrip::Kind::Error, message, remedy); }

void MainWindow::showError(const Error& error) {
    Error short_ = error;
    short_.remedy.clear();
    showError(QString::fromStdString(short_.text()), QString::fromStdString(error.remedy));
}

void MainWindow::openDialog(QWidget* dialog) {
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
    dialog->raise();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    event->acceptProposedAction();
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile()) openPath(QDir::cleanPath(url.toLocalFile()));
}

void MainWindow::closeEvent(QCloseEvent* event) {
    settings_.setWindow(saveGeometry(), saveState(kLayoutVersion));
    session_.close();
    event->accept();
}

void MainWindow::setTheme(const QString& name) {
    settings_.setTheme(name == QLatin1String("dark") ? Theme::Dark : name == QLatin1String("light") ? Theme::Light : Theme::System);
    applySettings();
}

void MainWindow::applySettings() {
    applyTheme(settings_.theme());
    session_.setAnnotator(settings_.annotator());
    session_.setCacheBytes(settings_.cacheBytes());
    session_.jobs().setThreads(settings_.threads());
    session_.jobs().setLanes(settings_.lanes());
}

void MainWindow::resetLayout() {
    restoreState(firstLayout_, kLayoutVersion);
    projectDock_->setVisible(session_.isOpen());
    jobsBar_->setVisible(session_.isOpen());
}

}  // namespace driftscope
