#include "app/gui/panel_area.h"

#include <QAction>
#include <QApplication>
#include <QDockWidget>
#include <QEvent>
#include <QJsonArray>
#include <QTimer>

#include "app/gui/panel_chooser.h"
#include "app/gui/plugin_host.h"
#include "app/gui/session.h"
#include "widgets/session/project.h"

namespace driftscope {
namespace {

const QString kArea = QStringLiteral("_panels");  // where the project keeps the arrangement
const QString kOpen = QStringLiteral("open");
const QString kLayout = QStringLiteral("layout");

}  // namespace

PanelArea::PanelArea(PluginHost& host, Session& session, QWidget* parent) : QMainWindow(parent, Qt::Widget), host_(host), session_(session), chooser_(new PanelChooser(this)) {
    setCentralWidget(chooser_);
    connect(chooser_, &PanelChooser::chosen, this, &PanelArea::openRequested);
    connect(this, &PanelArea::panelsChanged, this, &PanelArea::showChooser);
    setDockNestingEnabled(true);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    setDocumentMode(true);
    setContextMenuPolicy(Qt::NoContextMenu);
    connect(&session_, &Session::aboutToClose, this, &PanelArea::closeAll);
}

PanelArea::~PanelArea() = default;

Result<Panel*> PanelArea::open(const QString& id) {
    if (const auto found = open_.find(id); found != open_.end()) {
        found->second.dock->show();
        found->second.dock->raise();
        found->second.panel->widget()->setFocus();
        return found->second.panel.get();
    }
    if (!session_.isOpen()) return fail(ErrorCode::BadInput, "A panel works on a project, and none is open.", "Open or create a project first.");
    DS_ASSIGN(std::unique_ptr<Panel> panel, host_.open(id, *session_.context()));
    Panel* opened = panel.get();
    QDockWidget* dock = makeDock(id, *opened);
    open_.emplace(id, Open{std::move(panel), dock});
    restoreState(id, *opened);
    dock->show();
    dock->raise();
    opened->widget()->setFocus();
    Q_EMIT panelsChanged();
    return opened;
}

QDockWidget* PanelArea::makeDock(const QString& id, Panel& panel) {
    auto* dock = new QDockWidget(host_.find(id)->title, this);
    dock->setObjectName(id);
    dock->setWidget(panel.widget());
    dock->installEventFilter(this);
    // Letters are shortcuts in panels: they act where the focus is, so that two panels may use the same.
    for (QAction* action : panel.actions()) {
        if (action->shortcutContext() == Qt::WindowShortcut) action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        panel.widget()->addAction(action);
    }
    QDockWidget* neighbour = open_.empty() ? nullptr : open_.begin()->second.dock;
    addDockWidget(Qt::TopDockWidgetArea, dock);
    if (neighbour) tabifyDockWidget(neighbour, dock);
    return dock;
}

void PanelArea::restoreState(const QString& id, Panel& panel) {
    const QJsonObject state = session_.project()->panelState(id);
    if (state.isEmpty()) return;
    if (const auto restored = panel.restoreState(state); !restored)
        Q_EMIT warned(tr("%1 opens as new, because its last state cannot be restored: %2").arg(host_.find(id)->title, QString::fromStdString(restored.error().text())));
}

bool PanelArea::eventFilter(QObject* watched, QEvent* event) {
    // After the dock's own handling: its panel must not die inside one of its events.
    if (event->type() == QEvent::Close) QTimer::singleShot(0, this, [this, id = watched->objectName()] { close(id); });
    return QMainWindow::eventFilter(watched, event);
}

Panel* PanelArea::find(const QString& id) const {
    const auto found = open_.find(id);
    return found == open_.end() ? nullptr : found->second.panel.get();
}

QStringList PanelArea::openIds() const {
    QStringList ids;
    for (const auto& entry : open_) ids.append(entry.first);
    return ids;
}

QString PanelArea::currentId() const {
    QString visible;
    for (const auto& [id, open] : open_) {
        if (open.dock->isAncestorOf(QApplication::focusWidget())) return id;
        if (!open.dock->visibleRegion().isEmpty()) visible = id;
    }
    return visible;
}

void PanelArea::close(const QString& id) {
    const auto found = open_.find(id);
    if (found == open_.end()) return;
    if (session_.isOpen()) session_.project()->setPanelState(id, found->second.panel->saveState());
    Open closing = std::move(found->second);
    open_.erase(found);
    Q_EMIT panelsChanged();  // actions leave the menus before they die
    closing.dock->removeEventFilter(this);
    closing.panel->widget()->setParent(nullptr);  // the panel owns it, not the dock
    delete closing.dock;
}

void PanelArea::saveStates() {
    if (!session_.isOpen()) return;
    for (const auto& [id, open] : open_) session_.project()->setPanelState(id, open.panel->saveState());
    session_.project()->setPanelState(kArea, {{kOpen, QJsonArray::fromStringList(openIds())}, {kLayout, QString::fromLatin1(saveState().toBase64())}});
}

void PanelArea::closeAll() {
    saveStates();
    for (const QString& id : openIds()) close(id);
}

void PanelArea::showChooser() {
    if (open_.empty()) chooser_->setPanels(host_.plugins());
    chooser_->setVisible(open_.empty());
}

void PanelArea::restore() {
    const QJsonObject state = session_.project()->panelState(kArea);
    for (const auto& value : state.value(kOpen).toArray()) {
        const QString id = value.toString();
        if (const auto opened = open(id); !opened) Q_EMIT warned(QString::fromStdString(opened.error().text()));
    }
    showChooser();
    if (!open_.empty()) QMainWindow::restoreState(QByteArray::fromBase64(state.value(kLayout).toString().toLatin1()));
}

}  // namespace driftscope
