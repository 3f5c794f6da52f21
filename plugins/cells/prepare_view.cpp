#include "plugins/cells/prepare_view.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>
#include <numbers>

#include "core/cells/segment.h"
#include "plugins/cells/preview_masks.h"
#include "plugins/cells/steps_view.h"
#include "plugins/cells/workflow.h"
#include "widgets/form/param_form.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/image/time_lapse_view.h"
#include "widgets/plot/line_plot.h"
#include "widgets/session/job_runner.h"

namespace driftscope::cells {
namespace {

constexpr int kDebounceMs = 150;
constexpr int kDefaultDiameter = 16;
constexpr double kSmallestShare = 0.12;  // of the area of a typical cell: smaller things are debris

}  // namespace

PrepareView::PrepareView(Workflow& workflow, JobRunner& jobs, std::uint64_t cacheBytes, QWidget* parent)
    : QWidget(parent), workflow_(workflow), jobs_(jobs), view_(new image::TimeLapseView), title_(new QLabel) {
    auto* layout = new QHBoxLayout(this);
    view_->canvas()->setCacheBudget(cacheBytes);
    layout->addWidget(view_, 3);
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    title_->setWordWrap(true);
    column->addWidget(title_);
    questions_ = buildQuestions();
    column->addWidget(questions_, 1);
    steps_ = new StepsView(workflow_, jobs_);
    column->addWidget(steps_);
    buildCurve(side);
    layout->addWidget(side, 2);
    debounce_.setSingleShot(true);
    debounce_.setInterval(kDebounceMs);
    connect(&debounce_, &QTimer::timeout, this, &PrepareView::preview);
    connect(&workflow_, &Workflow::stepsChanged, this, &PrepareView::followSteps);
    followSteps();
}

PrepareView::~PrepareView() = default;

QWidget* PrepareView::buildQuestions() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    auto* form = new QFormLayout;
    channel_ = new QComboBox;
    channel_->setToolTip(tr("The channel in which the cells, or their nuclei, are bright"));
    diameter_ = new QSpinBox;
    diameter_->setRange(3, 2000);
    diameter_->setSuffix(tr(" px"));
    diameter_->setValue(kDefaultDiameter);
    diameter_->setToolTip(tr("Smaller things are taken for debris"));
    form->addRow(tr("Which channel shows the cells?"), channel_);
    form->addRow(tr("How wide is a typical cell?"), diameter_);
    column->addLayout(form);
    auto* hint = new QLabel(tr("The outlines on the left are what will be found. Change the answers, or the details below, until they fit."));
    hint->setWordWrap(true);
    column->addWidget(hint);
    form_ = new form::ParamForm(segmentParams());
    auto* scroll = new QScrollArea;
    scroll->setWidget(form_);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    column->addWidget(scroll, 1);
    start_ = new QPushButton(tr("Find, follow and embed the cells"));
    start_->setDefault(true);
    start_->setToolTip(tr("Runs five jobs one after the other; each can be cancelled and resumed. About two minutes for a small movie on two cores."));
    auto* onlyTrack = new QPushButton(tr("Only find and follow"));
    onlyTrack->setToolTip(tr("No encoder is trained: you can label and export, without a map."));
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(start_, 1);
    buttons->addWidget(onlyTrack);
    column->addLayout(buttons);
    connect(start_, &QPushButton::clicked, this, [this] { Q_EMIT startRequested(segmentParameters(), false); });
    connect(onlyTrack, &QPushButton::clicked, this, [this] { Q_EMIT startRequested(segmentParameters(), true); });
    connect(channel_, &QComboBox::activated, &debounce_, qOverload<>(&QTimer::start));
    connect(diameter_, &QSpinBox::valueChanged, this, &PrepareView::sizeAnswered);
    connect(form_, &form::ParamForm::edited, &debounce_, qOverload<>(&QTimer::start));
    return box;
}

void PrepareView::buildCurve(QWidget* side) {
    curve_ = new plot::LinePlot;
    curve_->setXAxis(tr("step"));
    curve_->setYAxis(tr("loss"));
    curve_->setEmptyText(tr("The loss appears here while the encoder trains."));
    curve_->setMinimumHeight(180);
    side->layout()->addWidget(curve_);
    connect(&jobs_, &JobRunner::metricAdded, this, [this](const QString& id, const MetricPoint& point) {
        if (id == trainJob_ && point.name.startsWith(QLatin1String("loss/"))) curve_->append(point.name, point.step, point.value);
    });
}

void PrepareView::setImages(std::shared_ptr<const io::TimeLapse> images, const QString& title) {
    images_ = std::move(images);
    const io::TimeLapseInfo& info = images_->info();
    title_->setText(tr("<h3>%1</h3>%2 frames of %3 × %4 pixels, %5").arg(title.toHtmlEscaped()).arg(info.frames()).arg(info.width()).arg(info.height())
                        .arg(tr("%n channel(s)", nullptr, static_cast<int>(info.channels.size()))));
    channel_->clear();
    for (const io::ChannelInfo& channel : info.channels) channel_->addItem(QString::fromStdString(channel.name));
    view_->canvas()->setSource(images_);
    preview();
}

void PrepareView::clear() {
    images_.reset();
    view_->canvas()->setSource(nullptr);
}

void PrepareView::sizeAnswered() {
    const double radius = diameter_->value() / 2.0;
    form_->setValues({{QStringLiteral("min_area"), static_cast<int>(kSmallestShare * std::numbers::pi * radius * radius)}});
    debounce_.start();
}

QJsonObject PrepareView::segmentParameters() const {
    QJsonObject values = form_->values();
    values[QStringLiteral("channel")] = channel_->currentIndex();
    return values;
}

void PrepareView::preview() {
    if (!images_ || !form_->isValid()) return;
    nlohmann::json given = nlohmann::json::parse(QJsonDocument(form_->values()).toJson().toStdString());
    const auto params = Params::make(segmentParams(), given);
    if (!params) return;  // the form says what is wrong
    const int channel = std::max(0, channel_->currentIndex());
    (void)view_->canvas()->setLabels(std::make_shared<PreviewMasks>(images_, segmentSettings(*params), channel));
}

void PrepareView::followSteps() {
    const bool started = !workflow_.steps().empty();
    questions_->setVisible(!started);
    steps_->setVisible(started);
    curve_->setVisible(started);
    for (const Workflow::Step& step : workflow_.steps()) {
        if (step.kind != QLatin1String("cells.train") || step.job == trainJob_) continue;
        trainJob_ = step.job;
        curve_->clear();
        for (const MetricPoint& point : jobs_.metrics(trainJob_))
            if (point.name.startsWith(QLatin1String("loss/"))) curve_->append(point.name, point.step, point.value);
    }
}

}  // namespace driftscope::cells
