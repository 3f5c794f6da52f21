#include "plugins/drift/inspect_view.h"

#include <QAction>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

#include "plugins/api/panel_plugin.h"
#include "plugins/drift/answer_view.h"
#include "plugins/drift/cka_view.h"
#include "plugins/drift/drift_labels.h"
#include "plugins/drift/harm_view.h"
#include "plugins/drift/heat_map_view.h"
#include "plugins/drift/inspect_bar.h"
#include "plugins/drift/inspect_model.h"
#include "plugins/drift/map_view.h"
#include "plugins/drift/measure_dialog.h"
#include "plugins/drift/probe_judge.h"
#include "plugins/drift/samples_view.h"
#include "plugins/drift/token_view.h"
#include "plugins/drift/trend_view.h"
#include "widgets/label/schema_bar.h"
#include "widgets/session/project.h"

namespace driftscope::drift {

InspectView::InspectView(HostContext& host, QWidget* parent)
    : QWidget(parent), host_(host), selection_(new DriftSelection(host.selection, this)), model_(new InspectModel(host.jobs, *selection_, this)), labels_(new DriftLabels(host.edits, this)),
      probe_(new ProbeJudge(*model_, *labels_, host.jobs, host.project.folder() + QStringLiteral("/drift"), this)), bar_(new InspectBar(*model_)), rows_(new QSplitter(Qt::Vertical)), upper_(new QSplitter(Qt::Horizontal)),
      lower_(new QSplitter(Qt::Horizontal)), tabs_(new QTabWidget), sample_(new QTabWidget), heat_(new HeatMapView(*model_)), cka_(new CkaView(*model_)), trend_(new TrendView(*model_)), harm_(new HarmView(*model_)), map_(new MapView(*model_, *labels_)),
      samples_(new SamplesView(*model_, *labels_, *probe_)), tokens_(new TokenView(*model_)), answers_(new AnswerView(*model_, *labels_)) {
    build();
    link();
    buildActions();
}

InspectView::~InspectView() = default;

void InspectView::build() {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(bar_);
    tabs_->setDocumentMode(true);
    tabs_->setObjectName(QStringLiteral("driftInspectTabs"));
    tabs_->addTab(heat_, tr("Layers"));
    tabs_->addTab(cka_, tr("CKA"));
    tabs_->addTab(trend_, tr("Steps, poison"));
    tabs_->addTab(harm_, tr("Harm"));
    upper_->addWidget(tabs_);
    upper_->addWidget(map_);
    lower_->addWidget(samples_);
    sample_->setDocumentMode(true);
    sample_->setObjectName(QStringLiteral("driftSampleTabs"));
    sample_->addTab(tokens_, tr("Tokens of the sample"));
    sample_->addTab(answers_, tr("Answers and labels"));
    lower_->addWidget(sample_);
    for (QSplitter* split : {upper_, lower_, rows_}) split->setChildrenCollapsible(false);
    upper_->setSizes({460, 460});
    lower_->setSizes({500, 420});
    rows_->addWidget(upper_);
    rows_->addWidget(lower_);
    rows_->setSizes({340, 300});
    column->addWidget(rows_, 1);
    label::SchemaBar& labelling = samples_->schemaBar();
    labelling.setKeyScope(this);
    labelling.hide();
    column->addWidget(&labelling);
}

std::vector<ViewFrame*> InspectView::views() const {
    return {heat_, cka_, trend_, harm_, map_, samples_, tokens_};
}

void InspectView::link() {
    for (ViewFrame* view : views()) {
        connect(view, &ViewFrame::actionRequested, this, &InspectView::measure);
        connect(view, &ViewFrame::said, this, &InspectView::said);
        connect(view, &ViewFrame::failed, this, &InspectView::failed);
    }
    connect(model_, &InspectModel::changed, this, [this] { samples_->schemaBar().setVisible(!samples_->isBlank()); });
    connect(model_, &InspectModel::failed, this, &InspectView::failed);
    connect(bar_, &InspectBar::measureRequested, this, &InspectView::measure);
    connect(bar_, &InspectBar::runPicked, this, [this](const QString& folder) {
        showRun(folder);
        Q_EMIT runChosen(folder);
    });
}

void InspectView::add(const char* name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act) {
    auto* action = new QAction(text, this);
    action->setObjectName(QLatin1String(name));
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(tip);
    connect(action, &QAction::triggered, this, std::move(act));
    addAction(action);
    actions_.push_back(action);
}

void InspectView::buildActions() {
    add("drift.measure", tr("Measure drift of the run…"), QKeySequence(Qt::Key_M), tr("Compares its snapshots with the start, sample by sample and token by token"), [this] { measure(); });
    add("drift.step.next", tr("Next step"), QKeySequence(Qt::Key_D), tr("The next measured training step"), [this] { bar_->stepBy(1); });
    add("drift.step.previous", tr("Step before"), QKeySequence(Qt::Key_A), tr("The measured training step before"), [this] { bar_->stepBy(-1); });
    add("drift.layer.up", tr("Layer above"), QKeySequence(Qt::Key_W), tr("One layer nearer to the output"), [this] { bar_->layerBy(1); });
    add("drift.layer.down", tr("Layer below"), QKeySequence(Qt::Key_S), tr("One layer nearer to the input"), [this] { bar_->layerBy(-1); });
    add("drift.unlabelled", tr("Next sample without label"), QKeySequence(Qt::Key_U), tr("In the order of the table"), [this] { samples_->nextUnlabelled(); });
    add("drift.search", tr("Search samples"), QKeySequence(Qt::Key_Slash), tr("In prompts and answers"), [this] { samples_->focusSearch(); });
}

void InspectView::measure() {
    const DriftRun* found = model_->find(selection_->run());
    if (!found) {
        Q_EMIT failed(tr("No run is chosen: choose a fine-tuning first."));
        return;
    }
    const DriftRun run = *found;  // the list may be another one when the dialog closes
    if (!InspectModel::isMeasurable(run)) {
        Q_EMIT failed(tr("%1 kept no snapshots of its adapter. Train it with snapshots=true and eval_every.").arg(run.title));
        return;
    }
    MeasureDialog dialog(run, this);
    if (dialog.exec() != QDialog::Accepted) return;
    model_->measure(run, dialog.params());
    Q_EMIT said(tr("The drift of %1 is being measured.").arg(run.title));
}

void InspectView::setRuns(const std::vector<DriftRun>& runs) {
    model_->setRuns(runs);
}

void InspectView::showRun(const QString& folder) {
    const DriftRun* run = model_->find(folder);
    // A measurement stands for the run it is of; a study and a model for none.
    if (run && run->stage == DriftRun::Stage::Drift) {
        const QString of = run->params[QStringLiteral("run")].toString();
        model_->chooseMeasurement(0, folder);
        selection_->setRun(of);
        return;
    }
    const bool shows = run && run->trains() && run->stage != DriftRun::Stage::Pretrain;
    if (selection_->other() == folder) selection_->setOther({});
    selection_->setRun(shows ? folder : QString());
}

void InspectView::chooseStepNear(double step) {
    model_->chooseStepNear(step);
}

QJsonObject InspectView::saveState() const {
    return {{QStringLiteral("run"), selection_->run()},
            {QStringLiteral("other"), selection_->other()},
            {QStringLiteral("measurement"), model_->measurement(0)},
            {QStringLiteral("point"), QString::fromStdString(selection_->point())},
            {QStringLiteral("layer"), static_cast<qint64>(selection_->layer())},
            {QStringLiteral("step"), static_cast<qint64>(selection_->step())},
            {QStringLiteral("metric"), QLatin1String(metricOf(heat_->metric()).column)},
            {QStringLiteral("tab"), tabs_->currentIndex()},
            {QStringLiteral("sample_tab"), sample_->currentIndex()},
            {QStringLiteral("labelled"), model_->run() ? static_cast<qint64>(labels_->labelledCount(model_->run()->dataset())) : 0},
            {QStringLiteral("rows"), QString::fromLatin1(rows_->saveState().toBase64())},
            {QStringLiteral("upper"), QString::fromLatin1(upper_->saveState().toBase64())},
            {QStringLiteral("lower"), QString::fromLatin1(lower_->saveState().toBase64())}};
}

void InspectView::restoreState(const QJsonObject& state) {
    if (state.isEmpty()) return;
    heat_->setMetric(metricNamed(state[QStringLiteral("metric")].toString().toStdString()));
    tabs_->setCurrentIndex(state[QStringLiteral("tab")].toInt());
    sample_->setCurrentIndex(state[QStringLiteral("sample_tab")].toInt());
    selection_->setPoint(state[QStringLiteral("point")].toString().toStdString());
    selection_->setLayer(state[QStringLiteral("layer")].toInteger());
    selection_->setStep(state[QStringLiteral("step")].toInteger());
    model_->chooseMeasurement(0, state[QStringLiteral("measurement")].toString());
    if (const QString run = state[QStringLiteral("run")].toString(); !run.isEmpty()) selection_->setRun(run);
    selection_->setOther(state[QStringLiteral("other")].toString());
    for (const auto& [name, split] : {std::pair{"rows", rows_}, {"upper", upper_}, {"lower", lower_}})
        if (const QString saved = state[QLatin1String(name)].toString(); !saved.isEmpty()) split->restoreState(QByteArray::fromBase64(saved.toLatin1()));
}

}  // namespace driftscope::drift
