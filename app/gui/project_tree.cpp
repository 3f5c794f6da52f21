#include "app/gui/project_tree.h"

#include <QDesktopServices>
#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QMenu>
#include <QUrl>

#include "app/gui/session.h"
#include "widgets/jobs/job_text.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"
#include "widgets/style/palette.h"

namespace driftscope {
namespace {

enum Role { kId = Qt::UserRole, kPath, kWhat, kState };
enum What { kHeading, kData, kRun, kHint };

QTreeWidgetItem* heading(QTreeWidget* tree, const QString& text) {
    auto* item = new QTreeWidgetItem(tree, {text});
    item->setFlags(Qt::ItemIsEnabled);
    item->setData(0, kWhat, kHeading);
    item->setExpanded(true);
    return item;
}

QTreeWidgetItem* row(QTreeWidgetItem* parent, const QString& text, What what, const QString& id, const QString& path) {
    auto* item = new QTreeWidgetItem(parent, {text});
    item->setData(0, kWhat, what);
    item->setData(0, kId, id);
    item->setData(0, kPath, path);
    item->setToolTip(0, path);
    return item;
}

}  // namespace

ProjectTree::ProjectTree(Session& session, QWidget* parent) : QTreeWidget(parent), session_(session), data_(heading(this, tr("Data"))), runs_(heading(this, tr("Runs"))) {
    setObjectName(QStringLiteral("projectTree"));
    setAccessibleName(tr("Project"));
    setColumnCount(1);
    header()->hide();
    setIndentation(12);
    setFrameShape(QFrame::NoFrame);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setTextElideMode(Qt::ElideMiddle);
    connect(this, &QTreeWidget::itemActivated, this, &ProjectTree::activate);
    connect(this, &QTreeWidget::customContextMenuRequested, this, &ProjectTree::showMenu);
    connect(&session_, &Session::opened, this, [this] {
        connect(session_.project(), &Project::dataChanged, this, &ProjectTree::refreshData);
        refresh();
    });
    connect(&session_, &Session::closed, this, &ProjectTree::refresh);
    const JobRunner* jobs = &session_.jobs();
    for (auto signal : {&JobRunner::jobAdded, &JobRunner::jobFinished, &JobRunner::jobRemoved}) connect(jobs, signal, this, &ProjectTree::refreshRuns);
    connect(jobs, &JobRunner::listReset, this, &ProjectTree::refreshRuns);
    connect(jobs, &JobRunner::jobChanged, this, &ProjectTree::refreshRun);
    refresh();
}

void ProjectTree::refresh() {
    refreshData();
    refreshRuns();
}

void ProjectTree::refreshData() {
    qDeleteAll(data_->takeChildren());
    if (!session_.isOpen()) return;
    for (const DataEntry& entry : session_.project()->data()) {
        QTreeWidgetItem* item = row(data_, entry.missing ? tr("%1 (not found)").arg(entry.name) : entry.name, kData, entry.id, entry.path);
        if (!entry.missing) continue;
        item->setForeground(0, style::subtleText(palette()));
        item->setToolTip(0, tr("%1 is not there. Double-click to say where it is now.").arg(entry.path));
    }
    if (data_->childCount() == 0) row(data_, tr("Add data… or drop files here"), kHint, {}, {});
}

void ProjectTree::refreshRuns() {
    qDeleteAll(runs_->takeChildren());
    for (const JobView& job : session_.jobs().jobs()) {
        row(runs_, job.title, kRun, job.id, job.folder);
        refreshRun(job.id);
    }
}

/// Called at every step of progress: the icon is drawn again only when the state is another.
void ProjectTree::refreshRun(const QString& id) {
    const JobView* job = session_.jobs().find(id);
    for (int i = 0; job && i < runs_->childCount(); ++i) {
        QTreeWidgetItem* item = runs_->child(i);
        if (item->data(0, kId).toString() != id) continue;
        item->setToolTip(0, QStringLiteral("%1\n%2\n%3").arg(job->kind, jobs::stateText(*job), job->folder));
        const int state = static_cast<int>(job->state);
        if (item->data(0, kState).isValid() && item->data(0, kState).toInt() == state) return;
        item->setData(0, kState, state);
        item->setIcon(0, jobs::stateIcon(job->state, palette()));
    }
}

void ProjectTree::activate(QTreeWidgetItem* item) {
    const QString path = item->data(0, kPath).toString(), id = item->data(0, kId).toString();
    switch (item->data(0, kWhat).toInt()) {
        case kHint: Q_EMIT addRequested(); break;
        case kRun: Q_EMIT runActivated(id); break;
        case kData:
            if (QFileInfo::exists(path))
                Q_EMIT dataActivated(path);
            else
                locate(id);
            break;
        default: break;
    }
}

void ProjectTree::showMenu(const QPoint& at) {
    const QTreeWidgetItem* item = itemAt(at);
    const int what = item ? item->data(0, kWhat).toInt() : kHeading;
    if (what != kData && what != kRun) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QString path = item->data(0, kPath).toString(), id = item->data(0, kId).toString();
    if (what == kData) fillDataMenu(*menu, id, path);
    if (what == kRun) connect(menu->addAction(tr("Show run")), &QAction::triggered, this, [this, id] { Q_EMIT runActivated(id); });
    connect(menu->addAction(tr("Open folder")), &QAction::triggered, this, [path] {
        QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(path).isDir() ? path : QFileInfo(path).path()));
    });
    menu->popup(viewport()->mapToGlobal(at));
}

void ProjectTree::fillDataMenu(QMenu& menu, const QString& id, const QString& path) {
    connect(menu.addAction(tr("Open")), &QAction::triggered, this, [this, path] { Q_EMIT dataActivated(path); });
    connect(menu.addAction(tr("Locate…")), &QAction::triggered, this, [this, id] { locate(id); });
    connect(menu.addAction(tr("Remove from project")), &QAction::triggered, this, [this, id] { session_.project()->removeData(id); });
}

void ProjectTree::locate(const QString& id) {
    auto* dialog = new QFileDialog(this, tr("Where is it now?"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::fileSelected, this, [this, id](const QString& path) {
        if (!session_.isOpen()) return;
        if (const auto moved = session_.project()->relocate(id, path); !moved) Q_EMIT warned(QString::fromStdString(moved.error().text()));
    });
    dialog->open();
}

}  // namespace driftscope
