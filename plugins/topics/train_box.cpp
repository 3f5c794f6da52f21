#include "plugins/topics/train_box.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

#include "plugins/api/panel_plugin.h"
#include "plugins/topics/model_params.h"
#include "plugins/topics/workspace.h"
#include "widgets/form/param_form.h"
#include "widgets/session/job_runner.h"

namespace driftscope::topics {
namespace {

const QString kKind = QStringLiteral("topics.train");
// Given otherwise than in the form.
constexpr const char* kElsewhere[] = {"corpus", "model", "seed", "continue_from"};

std::vector<std::string> modelsOf(const std::vector<ParamSpec>& specs) {
    const auto found = std::ranges::find(specs, "model", &ParamSpec::name);
    return found == specs.end() ? std::vector<std::string>() : found->choices;
}

}  // namespace

TrainBox::TrainBox(Workspace& workspace, QWidget* parent)
    : QWidget(parent), workspace_(workspace), model_(new QComboBox), about_(new QLabel), problem_(new QLabel), runs_(new QSpinBox), seed_(new QSpinBox), start_(new QPushButton(tr("Train"))), formColumn_(new QVBoxLayout) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 4);
    column->addWidget(new QLabel(tr("<b>Train</b>")));
    auto* rows = new QFormLayout;
    rows->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    model_->setObjectName(QStringLiteral("topicModel"));
    model_->setAccessibleName(tr("Model"));
    rows->addRow(tr("Model"), model_);
    runs_->setRange(1, 100);
    runs_->setValue(2);
    runs_->setObjectName(QStringLiteral("topicRunCount"));
    runs_->setAccessibleName(tr("Number of runs"));
    runs_->setToolTip(tr("Runs with seeds one after the other: two or more show how stable the topics are, the paper takes ten"));
    rows->addRow(tr("Runs"), runs_);
    seed_->setRange(0, 1'000'000'000);
    seed_->setValue(1);
    seed_->setObjectName(QStringLiteral("topicFirstSeed"));
    seed_->setAccessibleName(tr("First seed"));
    rows->addRow(tr("First seed"), seed_);
    column->addLayout(rows);
    about_->setWordWrap(true);
    about_->setForegroundRole(QPalette::PlaceholderText);
    column->addWidget(about_);
    auto* content = new QWidget;
    content->setLayout(formColumn_);
    formColumn_->setContentsMargins(0, 0, 6, 0);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    column->addWidget(scroll, 1);
    problem_->setWordWrap(true);
    column->addWidget(problem_);
    start_->setObjectName(QStringLiteral("topicTrain"));
    column->addWidget(start_);
    connect(start_, &QPushButton::clicked, this, &TrainBox::start);
    connect(model_, &QComboBox::currentIndexChanged, this, &TrainBox::showModel);
    connect(runs_, &QSpinBox::valueChanged, this, &TrainBox::refresh);
    connect(&workspace_, &Workspace::corpusChanged, this, &TrainBox::refresh);
    connect(&workspace_.host().jobs, &JobRunner::kindsLoaded, this, &TrainBox::fill);
    fill();
    refresh();
}

void TrainBox::fill() {
    if (model_->count() > 0 || !workspace_.host().jobs.kindsReady()) return;
    const QSignalBlocker quiet(model_);
    for (const std::string& model : modelsOf(workspace_.host().jobs.params(kKind))) model_->addItem(QString::fromStdString(model), QString::fromStdString(model));
    if (!shown_.isEmpty()) model_->setCurrentIndex(std::max(0, model_->findData(shown_)));
    shown_.clear();
    showModel();
}

void TrainBox::showModel() {
    const QString model = model_->currentData().toString();
    if (model == shown_ || model.isEmpty()) return;
    if (form_ && !shown_.isEmpty()) values_[shown_] = form_->values();
    delete form_;
    shown_ = model;
    const std::vector<ParamSpec> all = workspace_.host().jobs.params(kKind);
    const std::vector<std::string> models = modelsOf(all);
    std::vector<ParamSpec> specs;
    for (const ParamSpec& spec : all)
        if (std::ranges::find(kElsewhere, spec.name) == std::end(kElsewhere) && usedBy(spec, model.toStdString(), models)) specs.push_back(spec);
    form_ = new form::ParamForm(specs);
    form_->setObjectName(QStringLiteral("topicTrainForm"));
    if (values_.contains(model)) form_->setValues(values_[model]);
    formColumn_->addWidget(form_);
    about_->setText(QString::fromStdString(modelAbout(model.toStdString())));
    connect(form_, &form::ParamForm::edited, this, &TrainBox::refresh);
    refresh();
}

void TrainBox::refresh() {
    start_->setEnabled(workspace_.corpus() && form_);
    start_->setText(runs_->value() == 1 ? tr("Train") : tr("Train %1 runs").arg(runs_->value()));
    start_->setToolTip(workspace_.corpus() ? tr("Starts jobs; the window stays free") : tr("Open a corpus first"));
    problem_->setText(form_ && !form_->isValid() ? QStringLiteral("⚠ ") + form_->problem() : QString());
}

void TrainBox::start() {
    if (!workspace_.corpus() || !form_) {
        Q_EMIT failed(tr("There is no corpus to train on: make one, or open one, at the left."));
        return;
    }
    if (!form_->isValid()) {
        Q_EMIT failed(form_->problem());
        return;
    }
    QStringList ids;
    for (int run = 0; run < runs_->value(); ++run) {
        QJsonObject params = form_->values();
        const int seed = seed_->value() + run;
        params[QStringLiteral("corpus")] = workspace_.corpus()->folder;
        params[QStringLiteral("model")] = shown_;
        params[QStringLiteral("seed")] = seed;
        const QString title = tr("%1, K %2, seed %3").arg(shown_).arg(params[QStringLiteral("k")].toInt()).arg(seed);
        ids << workspace_.host().jobs.start(kKind, params, title);
    }
    Q_EMIT started(ids);
}

QJsonObject TrainBox::saveState() const {
    QJsonObject values;
    for (const auto& [model, one] : values_) values[model] = one;
    if (form_) values[shown_] = form_->values();
    return {{QStringLiteral("model"), shown_}, {QStringLiteral("runs"), runs_->value()}, {QStringLiteral("seed"), seed_->value()}, {QStringLiteral("values"), values}};
}

void TrainBox::restoreState(const QJsonObject& state) {
    const QJsonObject values = state[QStringLiteral("values")].toObject();
    for (auto it = values.begin(); it != values.end(); ++it) values_[it.key()] = it.value().toObject();
    runs_->setValue(state[QStringLiteral("runs")].toInt(runs_->value()));
    seed_->setValue(state[QStringLiteral("seed")].toInt(seed_->value()));
    const QString model = state[QStringLiteral("model")].toString();
    if (model.isEmpty()) return;
    delete form_;
    shown_ = model;
    if (model_->count() == 0) return;  // the kinds come later
    shown_.clear();
    {
        const QSignalBlocker quiet(model_);
        model_->setCurrentIndex(std::max(0, model_->findData(model)));
    }
    showModel();
}

}  // namespace driftscope::topics
