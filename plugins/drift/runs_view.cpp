#include "plugins/drift/runs_view.h"

#include <QDesktopServices>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTreeWidget>
#include <QUrl>
#include <QVBoxLayout>
#include <set>

#include "plugins/drift/run_catalog.h"
#include "widgets/jobs/job_text.h"
#include "widgets/session/job_runner.h"

namespace driftscope::drift {
namespace {

constexpr int kFolder = Qt::UserRole;

QString stateWord(const DriftRun& run) {
    switch (run.state) {
        case JobView::State::Queued: return RunsView::tr("waits");
        case JobView::State::Running: return run.total > 0 ? RunsView::tr("%1 %").arg(static_cast<int>(100 * run.done / run.total)) : RunsView::tr("runs");
        case JobView::State::Done: return RunsView::tr("done");
        case JobView::State::Failed: return RunsView::tr("failed");
        case JobView::State::Cancelled: return RunsView::tr("stopped");
    }
    return {};
}

QString detailOf(const DriftRun& run) {
    QString text = QStringLiteral("<b>%1</b> %2").arg(run.title.toHtmlEscaped(), stateWord(run).toHtmlEscaped());
    if (run.isActive() && run.total > 0) text += RunsView::tr(", %1 %2 of %3").arg(run.unit.toHtmlEscaped()).arg(run.done).arg(run.total);
    if (run.isActive() && run.etaSeconds >= 0) text += RunsView::tr(", %1 left").arg(jobs::durationText(run.etaSeconds));
    if (run.state == JobView::State::Done && run.finished > run.started) text += RunsView::tr(" in %1").arg(jobs::durationText(run.finished - run.started));
    if (!run.error.isEmpty() && run.state != JobView::State::Done) text += QStringLiteral("<br>") + run.error.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
    return text;
}

QString groupName(const DriftRun& run) {
    return run.stage == DriftRun::Stage::Finetune ? RunsView::tr("Fine-tuning") : run.stage == DriftRun::Stage::Align ? RunsView::tr("Alignment") : RunsView::tr("Model");
}

}  // namespace

RunsView::RunsView(JobRunner& jobs, RunCatalog& catalog, QWidget* parent)
    : QWidget(parent), jobs_(jobs), catalog_(catalog), tree_(new QTreeWidget), stop_(new QPushButton(tr("Stop"))), resume_(new QPushButton(tr("Go on"))), detail_(new QLabel) {
    tree_->setObjectName(QStringLiteral("driftRuns"));
    tree_->setAccessibleName(tr("Studies and runs"));
    tree_->setColumnCount(2);
    tree_->setHeaderHidden(true);
    tree_->setIndentation(13);
    tree_->setUniformRowHeights(true);
    tree_->setFrameShape(QFrame::NoFrame);
    tree_->header()->setStretchLastSection(false);
    tree_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    tree_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    tree_->setContextMenuPolicy(Qt::CustomContextMenu);
    detail_->setWordWrap(true);
    detail_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    detail_->setContentsMargins(6, 2, 6, 4);
    detail_->setObjectName(QStringLiteral("driftRunDetail"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    buildButtons();
    column->addWidget(tree_, 1);
    column->addWidget(detail_);
    connect(tree_, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
        if (!rebuilding_ && item && !item->data(0, kFolder).toString().isEmpty()) choose(item->data(0, kFolder).toString());
    });
    connect(tree_, &QWidget::customContextMenuRequested, this, &RunsView::openMenu);
    connect(&catalog_, &RunCatalog::listChanged, this, &RunsView::rebuild);
    connect(&catalog_, &RunCatalog::progressed, this, &RunsView::refresh);
    rebuild();
}

void RunsView::buildButtons() {
    auto* row = new QHBoxLayout;
    row->setContentsMargins(6, 6, 6, 2);
    row->setSpacing(4);
    auto* fresh = new QPushButton(tr("New"));
    fresh->setToolTip(tr("Set up a study"));
    fresh->setObjectName(QStringLiteral("driftNew"));
    auto* open = new QPushButton(tr("Open…"));
    open->setToolTip(tr("The folder of a study or run from elsewhere"));
    stop_->setObjectName(QStringLiteral("driftStop"));
    stop_->setToolTip(tr("Saves a checkpoint and stops; Go on continues to the same bits"));
    resume_->setObjectName(QStringLiteral("driftResume"));
    resume_->setToolTip(tr("Goes on where the study or run was stopped; finished runs are kept"));
    for (QPushButton* button : {fresh, open, stop_, resume_}) {
        button->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
        row->addWidget(button);
    }
    static_cast<QVBoxLayout*>(layout())->addLayout(row);
    connect(fresh, &QPushButton::clicked, this, &RunsView::newRequested);
    connect(open, &QPushButton::clicked, this, &RunsView::openRequested);
    connect(stop_, &QPushButton::clicked, this, &RunsView::stop);
    connect(resume_, &QPushButton::clicked, this, &RunsView::resume);
}

QTreeWidgetItem* RunsView::group(QTreeWidgetItem* study, const DriftRun& run) {
    const QString name = groupName(run);
    for (int i = 0; i < study->childCount(); ++i)
        if (study->child(i)->text(0) == name && study->child(i)->data(0, kFolder).toString().isEmpty()) return study->child(i);
    auto* made = new QTreeWidgetItem(study, {name});
    made->setFlags(Qt::ItemIsEnabled);
    return made;
}

QTreeWidgetItem* RunsView::add(QTreeWidgetItem* parent, const DriftRun& run) {
    auto* item = parent ? new QTreeWidgetItem(parent) : new QTreeWidgetItem(tree_);
    item->setData(0, kFolder, run.folder);
    items_[run.folder] = item;
    show(*item, run);
    return item;
}

void RunsView::show(QTreeWidgetItem& item, const DriftRun& run) {
    item.setText(0, run.title);
    // The mark says that a run is done; its title needs the room.
    item.setText(1, run.state == JobView::State::Done ? QString() : stateWord(run));
    QPalette chosen = palette();
    for (const auto role : {QPalette::Highlight, QPalette::WindowText, QPalette::Text}) chosen.setColor(role, palette().color(QPalette::HighlightedText));
    QIcon icon = jobs::stateIcon(run.state, palette());
    icon.addPixmap(jobs::stateIcon(run.state, chosen).pixmap(16, 16), QIcon::Selected);
    item.setIcon(0, icon);
    item.setToolTip(0, QStringLiteral("%1\n%2").arg(run.title, run.folder));
    item.setToolTip(1, run.error);
}

void RunsView::rebuild() {
    rebuilding_ = true;
    std::set<QString> folded;
    for (const auto& [folder, item] : items_)
        if (item->childCount() > 0 && !item->isExpanded()) folded.insert(folder);
    tree_->clear();
    items_.clear();
    for (const DriftRun& run : catalog_.runs()) {
        const auto study = items_.find(run.study);
        add(study == items_.end() ? nullptr : group(study->second, run), run);
    }
    tree_->expandAll();
    for (const QString& folder : folded)
        if (const auto found = items_.find(folder); found != items_.end()) found->second->setExpanded(false);
    rebuilding_ = false;
    if (!items_.count(chosen_)) chosen_.clear();
    if (chosen_.isEmpty() && !catalog_.runs().empty()) choose(catalog_.runs().front().folder);
    else if (!chosen_.isEmpty()) tree_->setCurrentItem(items_[chosen_]);
    refreshButtons();
}

void RunsView::refresh() {
    for (const DriftRun& run : catalog_.runs())
        if (const auto found = items_.find(run.folder); found != items_.end() && run.isActive()) show(*found->second, run);
    refreshButtons();
}

QString RunsView::jobOf(const QString& folder) const {
    const DriftRun* run = catalog_.find(folder);
    if (run && !run->study.isEmpty()) run = catalog_.find(run->study);
    return run ? run->jobId : QString();
}

void RunsView::refreshButtons() {
    const DriftRun* run = catalog_.find(chosen_);
    const JobView* job = jobs_.find(jobOf(chosen_));
    const bool active = job && (job->state == JobView::State::Running || job->state == JobView::State::Queued);
    stop_->setEnabled(active && !job->cancelling);
    stop_->setText(job && job->killOffered ? tr("Kill") : job && job->cancelling ? tr("Stopping") : tr("Stop"));
    if (job && job->killOffered) stop_->setEnabled(true);
    resume_->setEnabled(job && !active && job->state != JobView::State::Done);
    detail_->setText(run ? detailOf(*run) : tr("Nothing has run yet. What you start or open stands here, and can be stopped and gone on with."));
}

void RunsView::choose(const QString& folder) {
    const auto found = items_.find(folder);
    if (found == items_.end()) return;
    const bool fresh = std::exchange(chosen_, folder) != folder;
    if (tree_->currentItem() != found->second) tree_->setCurrentItem(found->second);
    refreshButtons();
    if (fresh) Q_EMIT chosenChanged(folder);
}

void RunsView::stop() {
    const QString id = jobOf(chosen_);
    const JobView* job = jobs_.find(id);
    if (!job) return Q_EMIT said(tr("There is nothing to stop: choose a study or run that is running."));
    job->killOffered ? jobs_.kill(id) : jobs_.cancel(id);
}

void RunsView::resume() {
    const QString id = jobOf(chosen_);
    if (id.isEmpty()) return Q_EMIT said(tr("Only jobs of this project can go on from here. In a shell, run the same command again."));
    jobs_.resume(id);
}

void RunsView::openMenu(const QPoint& at) {
    const QTreeWidgetItem* item = tree_->itemAt(at);
    const DriftRun* run = item ? catalog_.find(item->data(0, kFolder).toString()) : nullptr;
    if (!run) return;
    const QString folder = run->folder, id = run->jobId;
    QMenu menu;
    menu.addAction(tr("Show the folder"), this, [folder] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder)); });
    if (catalog_.opened().contains(folder)) menu.addAction(tr("Close it here"), this, [this, folder] { catalog_.close(folder); });
    if (!id.isEmpty() && !run->isActive()) menu.addAction(tr("Move to the trash"), this, [this, id] { jobs_.remove(id); });
    menu.exec(tree_->viewport()->mapToGlobal(at));
}

}  // namespace driftscope::drift
