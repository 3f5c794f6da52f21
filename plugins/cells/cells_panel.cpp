#include "plugins/cells/cells_panel.h"

#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QThreadPool>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "core/label/label_store.h"
#include "plugins/cells/actions.h"
#include "plugins/cells/analysis_view.h"
#include "plugins/cells/annotator.h"
#include "plugins/cells/cursor.h"
#include "plugins/cells/label_model.h"
#include "plugins/cells/predictor.h"
#include "plugins/cells/prepare_view.h"
#include "plugins/cells/ready_page.h"
#include "plugins/cells/track_corrector.h"
#include "plugins/cells/track_tools.h"
#include "plugins/cells/workflow.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/label/schema_bar.h"
#include "widgets/label/schema_editor.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"
#include "widgets/session/selection_hub.h"

namespace driftscope::cells {
namespace {

constexpr const char* kImagesRole = "cells.images";
constexpr const char* kTracksRole = "cells.tracks";
constexpr const char* kTableRole = "table";

QString text(const QJsonObject& object, const char* key) {
    return object[QLatin1String(key)].toString();
}

QWidget* page(const QString& heading, const QString& body) {
    auto* widget = new QWidget;
    auto* layout = new QVBoxLayout(widget);
    auto* label = new QLabel(QStringLiteral("<h2>%1</h2><p>%2</p>").arg(heading, body));
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addStretch();
    layout->addWidget(label);
    layout->addStretch();
    return widget;
}

}  // namespace

CellsPanel::CellsPanel(HostContext& host)
    : host_(host),
      root_(std::make_unique<QWidget>()),
      cursor_(new Cursor(this)),
      labels_(new LabelModel(host.edits, this)),
      predictor_(new Predictor(*labels_, this)),
      annotator_(new Annotator(*cursor_, *labels_, *predictor_, host.selection, this)),
      corrector_(new TrackCorrector(this)),
      workflow_(new Workflow(host.jobs, this)),
      pages_(new QStackedWidget),
      prepare_(new PrepareView(*workflow_, host.jobs, host.cacheBytes / 4)),
      loading_(page(tr("Opening…"), tr("Reading images, tracks and embeddings."))),
      workspace_(new Workspace({host.selection, host.edits, *cursor_, *labels_, *predictor_, *annotator_}, host.cacheBytes)),
      tools_(new TrackTools(*corrector_, *cursor_, workspace_->canvas())),
      analysis_(new AnalysisView({host.selection, host.edits, *cursor_, *labels_, *predictor_, *annotator_}, host.jobs, host.project)),
      ready_(new ReadyPage(workspace_, analysis_)),
      status_(new QLabel),
      pool_(new QThreadPool(this)) {
    pool_->setMaxThreadCount(1);
    buildEmpty();
    auto* layout = new QVBoxLayout(root_.get());
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    for (QWidget* one : std::initializer_list<QWidget*>{empty_, prepare_, loading_, ready_}) pages_->addWidget(one);
    layout->addWidget(tools_);
    layout->addWidget(pages_, 1);
    status_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    status_->setContentsMargins(8, 2, 8, 4);
    layout->addWidget(status_);
    buildActions();
    linkWorkflow();
    linkAnalysis();
    show(Stage::Empty);
}

CellsPanel::~CellsPanel() {
    ++generation_;
    pool_->waitForDone();
}

void CellsPanel::buildEmpty() {
    empty_ = page(tr("No cells here yet"), tr("Drop an OME-Zarr plate, a TIFF stack or a folder of TIFF frames on this window,<br>or choose File ▸ Open. The demo on the start page shows what happens then."));
}

void CellsPanel::linkWorkflow() {
    connect(prepare_, &PrepareView::startRequested, this, [this](const QJsonObject& segment, bool onlyTrack) {
        QJsonObject parameters{{QStringLiteral("segment"), segment}};
        if (onlyTrack) parameters[QStringLiteral("only_track")] = true;
        prepare(parameters);
    });
    connect(workflow_, &Workflow::tracksReady, this, [this](const QString& path) {
        paths_.tracks = path.toStdString();
        host_.project.addData(QLatin1String(kTracksRole), path);
        if (!workflow_->active()) load(paths_);
    });
    connect(workflow_, &Workflow::tableReady, this, [this](const QString& path) {
        paths_.table = path.toStdString();
        host_.project.addData(QLatin1String(kTableRole), path);
        load(paths_);
    });
    connect(workflow_, &Workflow::failed, this, &CellsPanel::complain);
    connect(annotator_, &Annotator::message, this, &CellsPanel::say);
    connect(annotator_, &Annotator::failed, this, &CellsPanel::complain);
    connect(predictor_, &Predictor::failed, this, &CellsPanel::say);
    corrector_->setAnnotator([this] { return host_.edits.annotator(); });
    connect(corrector_, &TrackCorrector::dataReady, this, &CellsPanel::adopt);
    connect(corrector_, &TrackCorrector::message, this, &CellsPanel::say);
    connect(corrector_, &TrackCorrector::failed, this, &CellsPanel::complain);
    connect(tools_, &TrackTools::message, this, &CellsPanel::say);
    // Undo and redo show where they happened.
    connect(labels_, &LabelModel::edited, this, [this](const std::vector<std::uint32_t>& rows, bool undoOrRedo) {
        if (undoOrRedo && rows.size() == 1) cursor_->goToRow(rows.front());
    });
    connect(&host_.jobs, &JobRunner::jobFinished, this, [this](const QString& id) {
        if (id == evaluationJob_) evaluated(id);
    });
    connect(&workspace_->schemaBar(), &label::SchemaBar::editRequested, this, [this](const std::string& schema) { label::SchemaEditor::open(host_.edits, schema, root_.get()); });
}

void CellsPanel::linkAnalysis() {
    connect(analysis_, &AnalysisView::message, this, &CellsPanel::say);
    connect(analysis_, &AnalysisView::failed, this, &CellsPanel::complain);
    connect(analysis_, &AnalysisView::mapRequested, this, [this](const QString& path, const QString& colour, const QString& map) {
        pendingView_ = workspace_->saveState();
        if (!colour.isEmpty()) pendingView_[QStringLiteral("colour")] = colour;
        if (!map.isEmpty()) pendingView_[QStringLiteral("map")] = map;
        paths_.table = path.toStdString();
        host_.project.addData(QLatin1String(kTableRole), path);
        ready_->showAnalysis(false);
        load(paths_);
    });
}

void CellsPanel::show(Stage stage) {
    stage_ = stage;
    QWidget* const pageOf[] = {empty_, prepare_, loading_, ready_};
    pages_->setCurrentWidget(pageOf[static_cast<int>(stage)]);
    if (stage == Stage::Ready) workspace_->canvas().setFocus();
}

void CellsPanel::say(const QString& text) {
    status_->setText(text);
}

void CellsPanel::complain(const QString& text) {
    failure_ = text;
    status_->setText(QStringLiteral("⚠ ") + text);
}

QString CellsPanel::dataset() const {
    return name_;
}

bool CellsPanel::openPath(const QString& path) {
    const auto listing = io::listTimeLapses(path.toStdString());
    if (!listing) {
        complain(QString::fromStdString(listing.error().text()));
        return false;
    }
    name_ = QFileInfo(path).completeBaseName();
    paths_ = {path.toStdString(), {}, {}};
    openImages(path);
    return true;
}

void CellsPanel::openImages(const QString& path) {
    const auto images = io::openTimeLapse(path.toStdString());
    if (!images) {
        complain(QString::fromStdString(images.error().text()));
        show(Stage::Empty);
        return;
    }
    failure_.clear();
    host_.project.addData(QLatin1String(kImagesRole), path, name_);
    prepare_->setImages(*images, name_);
    show(Stage::Preparing);
    say(tr("%1 is open. Check the outlines, then press the button.").arg(name_));
}

void CellsPanel::prepare(const QJsonObject& parameters) {
    WorkflowInput input;
    input.images = QString::fromStdString(paths_.images);
    input.tracks = QString::fromStdString(paths_.tracks);
    input.segment = parameters[QStringLiteral("segment")].toObject();
    input.track = parameters[QStringLiteral("track")].toObject();
    input.train = parameters[QStringLiteral("train")].toObject();
    input.embed = parameters[QStringLiteral("embed")].toObject();
    input.project = parameters[QStringLiteral("project")].toObject();
    input.onlyTracks = parameters[QStringLiteral("only_track")].toBool();
    failure_.clear();
    workflow_->start(input);
    show(Stage::Preparing);
    say(tr("Preparing. You can leave this window: the jobs go on, and Driftscope finds them again."));
}

void CellsPanel::load(const CellsPaths& paths) {
    show(Stage::Loading);
    const std::uint64_t generation = ++generation_;
    pool_->start([this, paths, generation] {
        auto data = CellsData::load(paths);
        QMetaObject::invokeMethod(this, [this, generation, data = std::move(data)] { loaded(generation, data); }, Qt::QueuedConnection);
    });
}

Result<void> CellsPanel::ensureSchemas() {
    DS_ASSIGN(const std::vector<LabelSchema> present, host_.edits.store().schemas());
    const std::vector<LabelSchema> ours = referenceSchemas();
    // Other panels have schemas of their own; and one that a person took away is not brought back.
    if (std::ranges::any_of(present, [&](const LabelSchema& one) { return std::ranges::find(ours, one.name, &LabelSchema::name) != ours.end(); })) return {};
    for (const LabelSchema& schema : ours) DS_TRY(host_.edits.putSchema(schema));
    return {};
}

void CellsPanel::loaded(std::uint64_t generation, Result<std::shared_ptr<const CellsData>> data) {
    if (generation != generation_) return;
    if (!data) {
        complain(QString::fromStdString(data.error().text()));
        show(Stage::Empty);
        return;
    }
    if (const auto ensured = ensureSchemas(); !ensured) complain(QString::fromStdString(ensured.error().text()));
    data_.reset();
    corrector_->setSource(*data, dataset(), host_.project.folder() + QStringLiteral("/track-edits.jsonl"));
}

void CellsPanel::adopt(const std::shared_ptr<const CellsData>& data) {
    const bool again = data_ != nullptr;  // the same data, corrected: stay where the person is
    const auto field = cursor_->field();
    const auto frame = cursor_->frame();
    const auto here = again ? cursor_->row() : std::nullopt;
    const std::string entity = here ? data_->storedEntity(*here) : std::string();
    if (again) pendingView_ = workspace_->saveState();
    workspace_->release();
    data_ = data;
    host_.selection.reset();
    std::vector<std::uint32_t> trackOfRow;
    for (std::uint32_t row = 0; row < data_->rows(); ++row) trackOfRow.push_back(data_->trackOf(row));
    host_.selection.addRelation(Relation::fromIndex(ElementKind::Cell, ElementKind::Track, trackOfRow));
    cursor_->setData(data_);
    labels_->setData(data_, dataset());
    predictor_->setData(data_);
    annotator_->setData(data_);
    analysis_->setData(data_, dataset());
    workspace_->setData(data_);
    workspace_->restoreState(pendingView_);
    pendingView_ = {};
    if (again) {
        cursor_->goTo(field, frame);
        cursor_->setTrack(std::nullopt);
        if (const auto same = data_->rowOfStored(entity, frame)) cursor_->goToRow(*same);
        return;
    }
    if (!cursor_->track()) cursor_->stepTrack(1);  // something to look at
    show(Stage::Ready);
    QString summary = tr("%1 cells in %2 tracks over %3 frames; %4 on the map").arg(data_->rows()).arg(data_->tracks().size()).arg(cursor_->frames()).arg(data_->embeddedCount());
    if (!data_->warnings().empty()) summary += tr(". Note: %1").arg(QString::fromStdString(data_->warnings().front()));
    say(summary);
}

QJsonObject CellsPanel::saveState() const {
    static const char* const kStages[] = {"empty", "preparing", "loading", "ready"};
    QJsonObject state{{QStringLiteral("stage"), QLatin1String(kStages[static_cast<int>(stage_)])},
                      {QStringLiteral("images"), QString::fromStdString(paths_.images)},
                      {QStringLiteral("tracks"), QString::fromStdString(paths_.tracks)},
                      {QStringLiteral("table"), QString::fromStdString(paths_.table)},
                      {QStringLiteral("name"), name_},
                      {QStringLiteral("labels"), pendingLabels_},
                      {QStringLiteral("workflow"), workflow_->save()},
                      {QStringLiteral("view"), stage_ == Stage::Ready ? workspace_->saveState() : pendingView_},
                      {QStringLiteral("analysis"), analysis_->saveState()},
                      {QStringLiteral("evaluation"), evaluation_},
                      {QStringLiteral("choosing"), annotator_->choosing()},
                      {QStringLiteral("corrections"), static_cast<int>(corrector_->edits())},
                      {QStringLiteral("labelled"), static_cast<int>(labels_->labelledCount())},
                      {QStringLiteral("trained_on"), predictor_->predictions() ? static_cast<int>(predictor_->predictions()->trainedOn) : 0},
                      {QStringLiteral("idle"), stage_ == Stage::Ready && !predictor_->busy()},
                      {QStringLiteral("failure"), failure_}};
    for (const Workflow::Step& step : workflow_->steps()) {
        const JobView* job = host_.jobs.find(step.job);
        if (job && job->state == JobView::State::Running) state[QStringLiteral("step")] = step.kind;
    }
    return state;
}

Result<void> CellsPanel::restoreState(const QJsonObject& state) {
    name_ = text(state, "name");
    pendingLabels_ = text(state, "labels");
    pendingView_ = state[QStringLiteral("view")].toObject();
    evaluation_ = state[QStringLiteral("evaluation")].toObject();
    analysis_->restoreState(state[QStringLiteral("analysis")].toObject());
    paths_ = {text(state, "images").toStdString(), text(state, "tracks").toStdString(), text(state, "table").toStdString()};
    if (paths_.images.empty()) return {};
    if (!QFileInfo::exists(QString::fromStdString(paths_.images)))
        return fail(ErrorCode::NotFound, fmt::format("{} is not there any more.", paths_.images), "Find it again in the project's data list, or drop it on this window.");
    // Results may have been removed with their runs: what is gone is made again instead of failing.
    for (std::string* path : {&paths_.tracks, &paths_.table})
        if (!path->empty() && !QFileInfo::exists(QString::fromStdString(*path))) path->clear();
    openImages(QString::fromStdString(paths_.images));
    if (!paths_.table.empty()) {
        load(paths_);
        return {};
    }
    workflow_->follow(state[QStringLiteral("workflow")].toObject());
    if (state[QStringLiteral("prepare")].toBool() && workflow_->steps().empty()) prepare(state);
    else if (!paths_.tracks.empty() && workflow_->steps().empty()) load(paths_);
    return {};
}

std::vector<QAction*> CellsPanel::actions() const {
    return actions_->all();
}

}  // namespace driftscope::cells
