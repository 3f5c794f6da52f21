#include "plugins/cells/analysis_view.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <algorithm>

#include "plugins/cells/analysis_result.h"
#include "plugins/cells/cursor.h"
#include "plugins/cells/family.h"
#include "plugins/cells/label_model.h"
#include "plugins/cells/lineage_tree.h"
#include "plugins/cells/predictor.h"
#include "plugins/cells/state_heat_map.h"
#include "widgets/form/param_form.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"
#include "widgets/session/selection_hub.h"

namespace driftscope::cells {
namespace {

constexpr int kLeftWidth = 330;

QLabel* wrapped() {
    auto* label = new QLabel;
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

}  // namespace

AnalysisView::AnalysisView(CellsContext context, JobRunner& jobs, Project& project, QWidget* parent) : QWidget(parent), context_(context), jobs_(jobs), project_(project) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 4, 6, 4);
    auto* halves = new QSplitter(Qt::Horizontal);
    halves->setChildrenCollapsible(false);
    halves->addWidget(buildLeft());
    halves->addWidget(buildRight());
    halves->setStretchFactor(1, 1);
    halves->setSizes({kLeftWidth, 800});
    layout->addWidget(halves);
    for (const Analysis& one : analyses()) {
        auto* item = new QListWidgetItem(one.title, list_);
        item->setData(Qt::UserRole, one.kind);
        item->setToolTip(one.question);
    }
    list_->setFixedHeight(list_->sizeHintForRow(0) * list_->count() + 2 * list_->frameWidth() + 2);
    connect(list_, &QListWidget::currentRowChanged, this, [this] { showForm(); });
    connect(&jobs_, &JobRunner::kindsLoaded, this, [this] { showForm(); });
    connect(&jobs_, &JobRunner::jobChanged, this, [this](const QString& id) {
        if (id == running_) refreshProgress();
    });
    connect(&jobs_, &JobRunner::jobFinished, this, &AnalysisView::jobFinished);
    connect(&context_.cursor, &Cursor::moved, this, &AnalysisView::fillTree);
    connect(&context_.labels, &LabelModel::labelsChanged, this, &AnalysisView::fillTree);
    list_->setCurrentRow(0);
}

QWidget* AnalysisView::buildLeft() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    list_ = new QListWidget;
    list_->setObjectName(QStringLiteral("cells.analyses"));
    list_->setAccessibleName(tr("Analyses"));
    help_ = wrapped();
    formArea_ = new QScrollArea;
    formArea_->setWidgetResizable(true);
    formArea_->setFrameShape(QFrame::NoFrame);
    formArea_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    run_ = new QPushButton(tr("Run"));
    run_->setObjectName(QStringLiteral("cells.analysis-run"));
    cancel_ = new QPushButton(tr("Cancel"));
    cancel_->hide();
    progress_ = new QProgressBar;
    progress_->hide();
    stage_ = wrapped();
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(run_);
    buttons->addWidget(cancel_);
    buttons->addWidget(progress_, 1);
    column->addWidget(list_);
    column->addWidget(help_);
    column->addWidget(formArea_, 1);
    column->addLayout(buttons);
    column->addWidget(stage_);
    connect(run_, &QPushButton::clicked, this, &AnalysisView::run);
    connect(cancel_, &QPushButton::clicked, this, [this] { jobs_.cancel(running_); });
    return box;
}

QWidget* AnalysisView::buildRight() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(8, 0, 0, 0);
    auto* line = new QHBoxLayout;
    summary_ = wrapped();
    runs_ = new QComboBox;
    runs_->setAccessibleName(tr("Runs of this analysis"));
    runs_->setToolTip(tr("Results of earlier runs"));
    runs_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    onMap_ = new QPushButton(tr("Show on the map"));
    onMap_->setObjectName(QStringLiteral("cells.analysis-map"));
    onMap_->setToolTip(tr("Opens the table with this result and colours the map by it"));
    save_ = new QPushButton(tr("Save…"));
    save_->setObjectName(QStringLiteral("cells.analysis-save"));
    save_->setToolTip(tr("What is seen here as PNG, SVG or CSV"));
    line->addWidget(summary_, 1);
    for (QWidget* one : std::initializer_list<QWidget*>{runs_, onMap_, save_}) line->addWidget(one);
    result_ = new AnalysisResult;
    empty_ = wrapped();
    empty_->setAlignment(Qt::AlignCenter);
    column->addLayout(line);
    column->addWidget(result_, 1);
    column->addWidget(empty_, 1);
    connect(runs_, &QComboBox::activated, this, [this] { showRun(runs_->currentData().toString()); });
    connect(onMap_, &QPushButton::clicked, this, &AnalysisView::showOnMap);
    connect(save_, &QPushButton::clicked, this, &AnalysisView::askAndExport);
    connect(result_, &AnalysisResult::trackChosen, this, &AnalysisView::goTo);
    return box;
}

void AnalysisView::setData(std::shared_ptr<const CellsData> shown, const QString& dataset) {
    data_ = std::move(shown);
    dataset_ = dataset;
    if (!jobs_.kindsReady()) jobs_.loadKinds();
    showForm();
}

QString AnalysisView::kind() const {
    const QListWidgetItem* item = list_->currentItem();
    return item ? item->data(Qt::UserRole).toString() : QString();
}

void AnalysisView::choose(const QString& kind) {
    for (int row = 0; row < list_->count(); ++row)
        if (list_->item(row)->data(Qt::UserRole).toString() == kind) list_->setCurrentRow(row);
}

/// The form of the chosen analysis, with what was in it before; its newest result beside it.
void AnalysisView::showForm() {
    if (form_) values_[form_->property("kind").toString()] = form_->values();
    form_ = nullptr;
    delete formArea_->takeWidget();
    const QString chosen = kind();
    const bool isJob = !chosen.isEmpty();
    const bool ready = isJob && data_ && jobs_.kindsReady() && !jobs_.params(chosen).empty();
    if (ready) {
        const AnalysisInput input{*data_, context_.labels, project_.labelsFile(), dataset_};
        const std::vector<ParamSpec> specs = fittedSpecs(jobs_.params(chosen), input);
        form_ = new form::ParamForm(specs);
        form_->setProperty("kind", chosen);
        if (values_.contains(chosen)) form_->setValues(values_[chosen]);
        form_->setValues(fixedValues(input));
        formArea_->setWidget(form_);
    }
    help_->setText(isJob ? jobs_.kindHelp(chosen) : tr("The family of the cell that the cursor follows. Click a bar to go to that cell."));
    run_->setVisible(isJob);
    const bool hasTable = data_ && data_->embeddedCount() > 0;
    run_->setEnabled(ready && (hasTable || chosen == QLatin1String("cells.features")));
    run_->setToolTip(hasTable ? QString() : tr("Embed the cells first"));
    refreshRuns();
    showLatest();
}

void AnalysisView::refreshRuns() {
    runs_->clear();
    for (const JobView& job : jobs_.jobs())
        if (job.kind == kind() && !kind().isEmpty() && job.state == JobView::State::Done) runs_->addItem(job.id, job.id);
    runs_->setVisible(runs_->count() > 1);
}

void AnalysisView::showLatest() {
    result_->clearAll();
    tree_ = nullptr;
    shown_.clear();
    summary_->clear();
    if (kind().isEmpty()) showTree();
    else if (runs_->count() > 0) showRun(runs_->itemData(0).toString());
    empty_->setText(tr("No result yet. Set the parameters and press Run."));
    empty_->setVisible(result_->isEmpty());
    result_->setVisible(!result_->isEmpty());
    save_->setEnabled(!result_->isEmpty());
    const JobView* job = jobs_.find(shown_);
    onMap_->setVisible(job && job->result.contains(QStringLiteral("table")) && kind() != QLatin1String("cells.features"));
}

void AnalysisView::showRun(const QString& id) {
    const JobView* job = jobs_.find(id);
    if (!job) return;
    const auto shown = result_->show(*job, context_.labels);
    if (!shown) {
        result_->clearAll();
        Q_EMIT failed(QString::fromStdString(shown.error().text()));
        return;
    }
    shown_ = id;
    runs_->setCurrentIndex(runs_->findData(id));
    summary_->setText(result_->summary());
    if (job->warnings > 0) summary_->setText(summary_->text() + tr(" (warnings: %1, see the job)").arg(job->warnings));
}

void AnalysisView::run() {
    if (!form_) return;
    if (!form_->isValid()) {
        Q_EMIT failed(form_->problem());
        stage_->setText(form_->problem());
        return;
    }
    running_ = jobs_.start(kind(), form_->values(), list_->currentItem()->text());
    refreshProgress();
}

void AnalysisView::refreshProgress() {
    const JobView* job = jobs_.find(running_);
    const bool active = job && (job->state == JobView::State::Queued || job->state == JobView::State::Running);
    progress_->setVisible(active);
    cancel_->setVisible(active);
    run_->setDisabled(active);
    if (!active) return;
    progress_->setRange(0, job->total > 0 ? 1000 : 0);
    if (job->total > 0) progress_->setValue(static_cast<int>(1000 * job->done / job->total));
    stage_->setText(job->state == JobView::State::Queued ? tr("Waiting for another job") : job->stage);
}

void AnalysisView::jobFinished(const QString& id) {
    const JobView* job = jobs_.find(id);
    if (id == running_) {
        refreshProgress();
        running_.clear();
        run_->setEnabled(true);
        stage_->setText(job ? job->error : QString());
    }
    if (!job || job->kind != kind() || job->state != JobView::State::Done) return;
    refreshRuns();
    showLatest();
    Q_EMIT message(tr("%1: %2").arg(job->title, result_->summary()));
}

void AnalysisView::showTree() {
    tree_ = new LineageTree;
    tree_->setEmptyText(tr("Click a cell in the image or the map to see its family."));
    connect(tree_, &LineageTree::rowClicked, this, [this](std::uint32_t row) { context_.cursor.goToRow(row); });
    result_->showPicture(tree_, tr("Lineage"), [tree = tree_](const QString& path) { return tree->exportTo(path); });
    fillTree();
}

void AnalysisView::fillTree() {
    const auto track = context_.cursor.track();
    if (data_ && result_->heatMap()) result_->heatMap()->setCurrentTrack(track ? QString::fromStdString(data_->tracks()[*track].entity) : QString());
    if (!tree_ || !data_) return;
    tree_->setBranches(track ? familyOf(*data_, *track, context_.labels, context_.predictor.predictions().get()) : std::vector<LineageTree::Branch>{});
    tree_->setCurrent(track, context_.cursor.frame());
    const auto count = tree_->branches().size();
    summary_->setText(!track ? QString() : count == 1 ? tr("This track has no known relatives.") : tr("%1 tracks in this family").arg(count));
}

void AnalysisView::goTo(const QString& entity, std::optional<qint64> frame) {
    const auto track = data_ ? data_->findEntity(entity.toStdString()) : std::nullopt;
    if (!track) return;
    const Trajectory& rows = data_->tracks()[*track];
    const auto at = frame ? std::ranges::lower_bound(rows.steps, *frame) : rows.steps.begin();
    context_.cursor.goToRow(rows.rows[static_cast<std::size_t>(std::min(at, rows.steps.end() - 1) - rows.steps.begin())]);
    context_.selection.set(SelectionLayer::Select, ElementKind::Track, IdSet(std::vector<std::uint32_t>{*track}), this);
}

void AnalysisView::showOnMap() {
    const JobView* job = jobs_.find(shown_);
    if (!job) return;
    static const std::map<QString, QString> kColumns{{QStringLiteral("cells.align"), QStringLiteral("time_from_event")}, {QStringLiteral("cells.response"), QStringLiteral("response")}, {QStringLiteral("cells.stitch"), QStringLiteral("stitched_track")}};
    QString column = job->result[QStringLiteral("column")].toString(), map;
    if (const auto found = kColumns.find(job->kind); found != kColumns.end()) column = found->second;
    if (job->kind == QLatin1String("embed.project")) map = QStringLiteral("X_") + job->params[QStringLiteral("method")].toString();
    Q_EMIT mapRequested(job->folder + QLatin1Char('/') + job->result[QStringLiteral("table")].toString(), column.isEmpty() ? QString() : QStringLiteral("column:") + column, map);
}

Result<void> AnalysisView::exportTo(const QString& path) {
    return result_->exportTo(path);
}

void AnalysisView::askAndExport() {
    const QString name = (list_->currentItem()->text() + QLatin1Char(' ') + result_->currentTitle()).toLower().replace(QLatin1Char(' '), QLatin1Char('-'));
    const QString file = QFileDialog::getSaveFileName(this, tr("Save %1").arg(result_->currentTitle()), project_.folder() + QLatin1Char('/') + name + QStringLiteral(".png"), tr("Pictures and tables (*.png *.svg *.csv)"));
    if (file.isEmpty()) return;
    if (const auto written = exportTo(file); !written) Q_EMIT failed(QString::fromStdString(written.error().text()));
    else Q_EMIT message(tr("%1 written").arg(QFileInfo(file).fileName()));
}

QJsonObject AnalysisView::saveState() const {
    QJsonObject values;
    for (const auto& [kind, one] : values_) values[kind] = one;
    if (form_) values[kind()] = form_->values();
    return {{QStringLiteral("kind"), kind()}, {QStringLiteral("values"), values}, {QStringLiteral("summary"), summary_->text()}, {QStringLiteral("shown"), shown_}};
}

void AnalysisView::restoreState(const QJsonObject& state) {
    const QJsonObject values = state[QStringLiteral("values")].toObject();
    for (auto it = values.begin(); it != values.end(); ++it) values_[it.key()] = it->toObject();
    if (state.contains(QStringLiteral("kind"))) choose(state[QStringLiteral("kind")].toString());
}

}  // namespace driftscope::cells
