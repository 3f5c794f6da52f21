#include "plugins/drift/drift_panel.h"

#include <QAction>
#include <QJsonArray>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include "plugins/drift/compare_view.h"
#include "plugins/drift/curve_cache.h"
#include "plugins/drift/curves_view.h"
#include "plugins/drift/drift_selection.h"
#include "plugins/drift/inspect_view.h"
#include "plugins/drift/run_catalog.h"
#include "plugins/drift/runs_view.h"
#include "plugins/drift/study_setup.h"
#include "plugins/drift/study_view.h"
#include "plugins/drift/welcome_view.h"
#include "widgets/plot/line_plot.h"
#include "widgets/session/job_runner.h"

namespace driftscope::drift {
namespace {

constexpr int kRunsWidth = 250;
constexpr int kLeastRunsWidth = 190;

}  // namespace

DriftPanel::DriftPanel(HostContext& host)
    : host_(host), root_(std::make_unique<QWidget>()), catalog_(new RunCatalog(host.jobs, this)), pages_(new QStackedWidget), welcome_(new WelcomeView), work_(new QSplitter),
      runs_(new RunsView(host.jobs, *catalog_)), tabs_(new QTabWidget), study_(new StudyView(host, *catalog_)), cache_(new CurveCache(*catalog_, this)), curves_(new CurvesView(*catalog_, *cache_)), inspect_(new InspectView(host)), compare_(new CompareView(*catalog_, *cache_)), status_(new QLabel) {
    build();
    link();
    buildActions();
    runsChanged();
    chosenChanged(runs_->chosen());
}

DriftPanel::~DriftPanel() = default;

void DriftPanel::build() {
    auto* layout = new QVBoxLayout(root_.get());
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    tabs_->setDocumentMode(true);
    tabs_->setObjectName(QStringLiteral("driftTabs"));
    tabs_->addTab(study_, tr("Study"));
    tabs_->addTab(curves_, tr("Curves"));
    tabs_->addTab(inspect_, tr("Inspect"));
    tabs_->addTab(compare_, tr("Compare"));
    work_->setChildrenCollapsible(false);
    runs_->setMinimumWidth(kLeastRunsWidth);
    work_->addWidget(runs_);
    work_->addWidget(tabs_);
    work_->setStretchFactor(1, 1);
    work_->setSizes({kRunsWidth, 1000});
    pages_->addWidget(welcome_);
    pages_->addWidget(work_);
    layout->addWidget(pages_, 1);
    status_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    status_->setContentsMargins(8, 2, 8, 4);
    status_->setWordWrap(true);
    status_->setObjectName(QStringLiteral("driftStatus"));
    status_->hide();
    layout->addWidget(status_);
}

void DriftPanel::link() {
    connect(welcome_, &WelcomeView::demoRequested, this, [this] { setUp(true); });
    connect(welcome_, &WelcomeView::studyRequested, this, [this] { setUp(false); });
    connect(welcome_, &WelcomeView::openRequested, this, &DriftPanel::openFolder);
    connect(catalog_, &RunCatalog::listChanged, this, &DriftPanel::runsChanged);
    connect(runs_, &RunsView::chosenChanged, this, &DriftPanel::chosenChanged);
    connect(runs_, &RunsView::newRequested, this, [this] { setUp(study_->setup().demo()); });
    connect(runs_, &RunsView::openRequested, this, &DriftPanel::openFolder);
    connect(runs_, &RunsView::said, this, &DriftPanel::say);
    connect(study_, &StudyView::said, this, &DriftPanel::say);
    connect(study_, &StudyView::failed, this, &DriftPanel::complain);
    connect(study_, &StudyView::started, this, [this](const QString& id) {
        const JobView* job = host_.jobs.find(id);
        if (!job) return;
        catalog_->refresh();
        runs_->choose(job->folder);
        tabs_->setCurrentWidget(curves_);
        say(tr("%1 was started. Its curves appear here as soon as something is measured.").arg(job->title));
    });
    for (plot::LinePlot* plot : curves_->stepPlots()) {
        connect(plot, &plot::LinePlot::xClicked, inspect_, &InspectView::chooseStepNear);
        connect(&inspect_->selection(), &DriftSelection::stepChanged, plot, [this, plot] { plot->setMarker(static_cast<double>(inspect_->selection().step())); });
    }
    connect(inspect_, &InspectView::runChosen, runs_, &RunsView::choose);
    connect(inspect_, &InspectView::said, this, &DriftPanel::say);
    connect(inspect_, &InspectView::failed, this, &DriftPanel::complain);
    connect(compare_, &CompareView::runChosen, runs_, &RunsView::choose);
    connect(compare_, &CompareView::exportRequested, this, &DriftPanel::exportStudy);
    connect(compare_, &CompareView::failed, this, &DriftPanel::complain);
    connect(&host_.jobs, &JobRunner::jobFinished, this, [this](const QString& id) {
        const JobView* job = host_.jobs.find(id);
        if (!job || !DriftRun::isOurs(job->kind)) return;
        if (job->state == JobView::State::Failed) complain(tr("%1: %2").arg(job->title, job->error));
        if (job->state == JobView::State::Cancelled) say(tr("%1 was stopped; Go on continues it.").arg(job->title));
        if (job->state == JobView::State::Done) say(tr("%1 is done.").arg(job->title));
    });
}

void DriftPanel::runsChanged() {
    inspect_->setRuns(catalog_->runs());
    QWidget* const wanted = catalog_->runs().empty() && !settingUp_ ? static_cast<QWidget*>(welcome_) : work_;
    if (pages_->currentWidget() != wanted) pages_->setCurrentWidget(wanted);
}

void DriftPanel::chosenChanged(const QString& folder) {
    inspect_->showRun(folder);
    curves_->showRun(folder);
    compare_->showRun(folder);
}

void DriftPanel::setUp(bool demo) {
    settingUp_ = true;
    study_->setup().setDemo(demo);
    runsChanged();
    tabs_->setCurrentWidget(study_);
}

QAction* DriftPanel::add(const QString& name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act) {
    auto* action = new QAction(text, this);
    action->setObjectName(name);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(tip);
    connect(action, &QAction::triggered, this, std::move(act));
    actions_.push_back(action);
    return action;
}

void DriftPanel::say(const QString& text) {
    status_->setText(text);
    status_->setVisible(!text.isEmpty());
}

void DriftPanel::complain(const QString& text) {
    say(QStringLiteral("⚠ ") + text);
}

QJsonObject DriftPanel::saveState() const {
    return {{QStringLiteral("tab"), tabs_->currentIndex()},
            {QStringLiteral("setting_up"), settingUp_},
            {QStringLiteral("opened"), QJsonArray::fromStringList(catalog_->opened())},
            {QStringLiteral("run"), runs_->chosen()},
            {QStringLiteral("setup"), study_->setup().save()},
            {QStringLiteral("curves"), curves_->saveState()},
            {QStringLiteral("compare"), compare_->saveState()},
            {QStringLiteral("inspect"), inspect_->saveState()},
            {QStringLiteral("split"), QString::fromLatin1(work_->saveState().toBase64())}};
}

Result<void> DriftPanel::restoreState(const QJsonObject& state) {
    settingUp_ = state[QStringLiteral("setting_up")].toBool();
    study_->setup().restore(state[QStringLiteral("setup")].toObject());
    QStringList lost;
    for (const auto& folder : state[QStringLiteral("opened")].toArray())
        if (!catalog_->open(folder.toString())) lost << folder.toString();
    if (!lost.isEmpty()) complain(tr("No run is any more at %1. Open it where it is now.").arg(lost.join(QStringLiteral(", "))));
    tabs_->setCurrentIndex(state[QStringLiteral("tab")].toInt());
    runs_->choose(state[QStringLiteral("run")].toString());
    curves_->restoreState(state[QStringLiteral("curves")].toObject());
    compare_->restoreState(state[QStringLiteral("compare")].toObject());
    inspect_->restoreState(state[QStringLiteral("inspect")].toObject());
    if (state.contains(QStringLiteral("split"))) work_->restoreState(QByteArray::fromBase64(state[QStringLiteral("split")].toString().toLatin1()));
    runsChanged();
    return {};
}

}  // namespace driftscope::drift
