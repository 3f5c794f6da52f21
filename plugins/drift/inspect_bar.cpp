#include "plugins/drift/inspect_bar.h"

#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "plugins/drift/inspect_model.h"
#include "widgets/session/job_runner.h"

namespace driftscope::drift {
namespace {

void fit(QComboBox* box, int characters) {
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(characters);
}

QString measurementText(const DriftRun& run) {
    const QString data = run.params[QStringLiteral("data")].toString().section(QLatin1Char('/'), -1);
    return QObject::tr("%1, %2 tokens, %3").arg(data, run.params[QStringLiteral("tokens")].toString(QStringLiteral("response")), QDateTime::fromSecsSinceEpoch(static_cast<qint64>(run.finished)).toString(QStringLiteral("d MMM HH:mm")));
}

}  // namespace

InspectBar::InspectBar(InspectModel& model, QWidget* parent)
    : QWidget(parent), model_(model), run_(new QComboBox), other_(new QComboBox), measurement_(new QComboBox), point_(new QComboBox), layer_(new QComboBox), measure_(new QPushButton(tr("Measure drift…"))),
      progress_(new QProgressBar), cancel_(new QToolButton), step_(new QSlider(Qt::Horizontal)), stepText_(new QLabel) {
    build();
    link();
    refresh();
}

void InspectBar::build() {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(6, 4, 6, 2);
    column->setSpacing(3);
    auto* upper = new QHBoxLayout;
    auto* lower = new QHBoxLayout;
    const auto put = [](QHBoxLayout* row, const QString& text, QWidget* widget, int stretch, const char* name) {
        if (!text.isEmpty()) {
            auto* label = new QLabel(text);
            label->setBuddy(widget);
            row->addWidget(label);
        }
        row->addWidget(widget, stretch);
        widget->setObjectName(QLatin1String(name));
        widget->setAccessibleName(text);
    };
    put(upper, tr("Run"), run_, 2, "driftRun");
    put(upper, tr("beside"), other_, 2, "driftOther");
    put(upper, tr("measured on"), measurement_, 3, "driftMeasurement");
    upper->addWidget(progress_);
    upper->addWidget(cancel_);
    upper->addWidget(measure_);
    put(lower, tr("at"), point_, 0, "driftPoint");
    put(lower, tr("layer"), layer_, 0, "driftLayer");
    put(lower, tr("step"), step_, 1, "driftStep");
    lower->addWidget(stepText_);
    column->addLayout(upper);
    column->addLayout(lower);
    fit(run_, 10), fit(other_, 8), fit(measurement_, 10), fit(point_, 12), fit(layer_, 3);
    measure_->setObjectName(QStringLiteral("driftMeasureButton"));
    measure_->setToolTip(tr("Compares the model before training with every snapshot of the run, sample by sample and token by token (llm.drift)"));
    progress_->setTextVisible(false);
    progress_->setMaximumSize(90, 10);
    cancel_->setText(tr("Stop"));
    cancel_->setAutoRaise(true);
    step_->setTickPosition(QSlider::TicksBelow);
    step_->setPageStep(1);
    stepText_->setObjectName(QStringLiteral("driftStepText"));
    stepText_->setMinimumWidth(stepText_->fontMetrics().horizontalAdvance(QStringLiteral("0000000")));
}

void InspectBar::link() {
    connect(&model_, &InspectModel::changed, this, &InspectBar::refresh);
    connect(&model_, &InspectModel::measurementsChanged, this, [this] {
        refreshRuns();
        refreshMeasurements();
        refreshProgress();
    });
    connect(&model_.selection(), &DriftSelection::layerChanged, this, &InspectBar::refreshPlace);
    connect(&model_.selection(), &DriftSelection::stepChanged, this, &InspectBar::refreshStep);
    connect(run_, &QComboBox::activated, this, [this] { Q_EMIT runPicked(run_->currentData().toString()); });
    connect(other_, &QComboBox::activated, this, [this] { model_.selection().setOther(other_->currentData().toString()); });
    connect(measurement_, &QComboBox::activated, this, [this] { model_.chooseMeasurement(0, measurement_->currentData().toString()); });
    connect(point_, &QComboBox::activated, this, [this] { model_.selection().setPoint(point_->currentText().toStdString()); });
    connect(layer_, &QComboBox::activated, this, [this] { model_.selection().setLayer(layer_->currentData().toLongLong()); });
    connect(step_, &QSlider::valueChanged, this, [this](int at) {
        const std::vector<std::int64_t> steps = model_.run() ? model_.run()->steps() : std::vector<std::int64_t>{};
        if (at >= 0 && at < static_cast<int>(steps.size())) model_.selection().setStep(steps[static_cast<std::size_t>(at)]);
    });
    connect(measure_, &QPushButton::clicked, this, &InspectBar::measureRequested);
    connect(cancel_, &QToolButton::clicked, this, [this] {
        if (const JobView* job = model_.measuring()) model_.jobs().cancel(job->id);
    });
}

void InspectBar::refresh() {
    refreshRuns();
    refreshMeasurements();
    refreshPlace();
    refreshStep();
    refreshProgress();
}

void InspectBar::refreshRuns() {
    const DriftRun* chosen = model_.find(model_.selection().run());
    for (QComboBox* box : {run_, other_}) {
        const QSignalBlocker quiet(box);
        box->clear();
        if (box == other_) box->addItem(tr("nothing"), QString());
        for (const bool near : {true, false})  // runs of the same study first
            for (const DriftRun& run : model_.runs()) {
                const bool same = !chosen || run.study == chosen->study;
                if (!run.trains() || run.stage == DriftRun::Stage::Pretrain || same != near) continue;
                if (box == other_ && run.folder == model_.selection().run()) continue;
                const QString from = same || run.study.isEmpty() ? QString() : tr(" of %1").arg(run.study.section(QLatin1Char('/'), -1));
                box->addItem((run.stage == DriftRun::Stage::Align ? tr("alignment %1").arg(run.title) : run.title) + from, run.folder);
                box->setItemData(box->count() - 1, run.folder, Qt::ToolTipRole);
            }
        box->setCurrentIndex(box->findData(box == run_ ? model_.selection().run() : model_.selection().other()));
        box->setPlaceholderText(box->count() == 0 ? tr("no runs yet") : tr("choose a run"));
    }
}

void InspectBar::refreshMeasurements() {
    const QSignalBlocker quiet(measurement_);
    measurement_->clear();
    for (const DriftRun& run : model_.measurements(model_.selection().run())) {
        measurement_->addItem(measurementText(run), run.folder);
        measurement_->setItemData(measurement_->count() - 1, run.folder, Qt::ToolTipRole);
    }
    measurement_->setCurrentIndex(measurement_->findData(model_.measurement(0)));
    measurement_->setPlaceholderText(tr("itself while training"));
    measurement_->setEnabled(measurement_->count() > 0);
}

void InspectBar::refreshProgress() {
    const JobView* job = model_.measuring();
    progress_->setVisible(job != nullptr);
    cancel_->setVisible(job != nullptr);
    const DriftRun* run = model_.find(model_.selection().run());
    const bool can = run && InspectModel::isMeasurable(*run);
    measure_->setEnabled(can && !job);
    if (run && !can) measure_->setToolTip(tr("This run kept no snapshots of its adapter (parameters snapshots and eval_every)."));
    if (!job) return;
    progress_->setRange(0, job->total > 0 ? 1000 : 0);
    if (job->total > 0) progress_->setValue(static_cast<int>(1000 * job->done / job->total));
    progress_->setToolTip(job->state == JobView::State::Queued ? tr("waits for its turn") : tr("%1 of %2 states measured").arg(job->done).arg(job->total));
}

void InspectBar::refreshPlace() {
    const QSignalBlocker quietPoint(point_), quietLayer(layer_);
    point_->clear();
    layer_->clear();
    if (!model_.run()) return;
    for (const std::string& point : model_.run()->table().points()) point_->addItem(QString::fromStdString(point));
    point_->setCurrentText(QString::fromStdString(model_.selection().point()));
    for (const std::int64_t layer : model_.run()->table().layers(model_.selection().point())) layer_->addItem(QString::number(layer), QVariant::fromValue<qlonglong>(layer));
    layer_->setCurrentIndex(layer_->findData(QVariant::fromValue<qlonglong>(model_.selection().layer())));
}

void InspectBar::refreshStep() {
    const QSignalBlocker quiet(step_);
    const std::vector<std::int64_t> steps = model_.run() ? model_.run()->steps() : std::vector<std::int64_t>{};
    step_->setEnabled(steps.size() > 1);
    step_->setRange(0, std::max(0, static_cast<int>(steps.size()) - 1));
    const auto at = std::find(steps.begin(), steps.end(), model_.selection().step()) - steps.begin();
    step_->setValue(static_cast<int>(at));
    stepText_->setText(steps.empty() ? QString() : QString::number(model_.selection().step()));
}

void InspectBar::stepBy(int by) {
    step_->setValue(step_->value() + by);
}

void InspectBar::layerBy(int by) {
    const int at = layer_->currentIndex() + by;
    if (at >= 0 && at < layer_->count()) model_.selection().setLayer(layer_->itemData(at).toLongLong());
}

}  // namespace driftscope::drift
