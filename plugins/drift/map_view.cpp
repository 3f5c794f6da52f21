#include "plugins/drift/map_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <cmath>
#include <limits>

#include "core/base/atomic_file.h"
#include "plugins/drift/drift_labels.h"
#include "plugins/drift/inspect_model.h"
#include "widgets/space/embedding_view_2d.h"
#include "widgets/style/palette.h"

namespace driftscope::drift {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// Classes of points with a colour each.
struct Classes {
    std::vector<int> codes;
    std::vector<QColor> colours;
    QStringList names;
};

bool same(const MapRequest& a, const MapRequest& b) {
    return a.sides == b.sides && a.point == b.point && a.layers == b.layers && a.projection == b.projection;
}

}  // namespace

MapView::MapView(InspectModel& model, DriftLabels& labels, QWidget* parent)
    : ViewFrame(tr("Embedding map"), QStringLiteral("png svg csv"), parent), model_(model), labels_(labels), view_(new EmbeddingView2D), projection_(new QComboBox), colour_(new QComboBox),
      allLayers_(new QCheckBox(tr("All layers"))), tracks_(new QCheckBox(tr("Paths"))), worker_(this) {
    view_->setObjectName(QStringLiteral("driftMap"));
    view_->setTrackScope(EmbeddingView2D::TrackScope::Selected);
    buildControls();
    setContent(view_);
    link();
    request();
}

void MapView::buildControls() {
    projection_->addItem(tr("Joint PCA"), static_cast<int>(Projection::JointPca));
    projection_->addItem(tr("PCA of before"), static_cast<int>(Projection::BeforePca));
    projection_->addItem(tr("Joint UMAP"), static_cast<int>(Projection::Umap));
    projection_->setItemData(0, tr("Principal components of all states together"), Qt::ToolTipRole);
    projection_->setItemData(1, tr("Principal components of the state before; later states are projected on them"), Qt::ToolTipRole);
    projection_->setObjectName(QStringLiteral("driftProjection"));
    projection_->setAccessibleName(tr("Projection"));
    for (const auto& [key, text] : {std::pair{"state", tr("Before, after")}, {"verdict", tr("Refused, complied")}, {"drift", tr("Drift")}, {"label", tr("Label")}, {"run", tr("Method")}, {"layer", tr("Layer")}, {"step", tr("Step")}})
        colour_->addItem(text, QLatin1String(key));
    colour_->setObjectName(QStringLiteral("driftMapColour"));
    colour_->setAccessibleName(tr("Colour of the map's points"));
    tracks_->setToolTip(tr("The way of every sample through the steps up to the chosen one"));
    tracks_->setObjectName(QStringLiteral("driftPaths"));
    allLayers_->setToolTip(tr("The vectors of all layers in one map"));
    allLayers_->setObjectName(QStringLiteral("driftAllLayers"));
    for (QWidget* control : {static_cast<QWidget*>(projection_), static_cast<QWidget*>(colour_), static_cast<QWidget*>(allLayers_), static_cast<QWidget*>(tracks_)}) addControl(control);
}

void MapView::link() {
    connect(projection_, &QComboBox::currentIndexChanged, this, &MapView::request);
    connect(allLayers_, &QCheckBox::toggled, this, &MapView::request);
    connect(colour_, &QComboBox::currentIndexChanged, this, &MapView::showColours);
    connect(tracks_, &QCheckBox::toggled, this, [this](bool on) {
        view_->setTrackScope(on ? EmbeddingView2D::TrackScope::All : EmbeddingView2D::TrackScope::Selected);
        showStep();
    });
    connect(&model_, &InspectModel::changed, this, &MapView::request);
    connect(&model_.selection(), &DriftSelection::layerChanged, this, &MapView::request);
    connect(&model_.selection(), &DriftSelection::stepChanged, this, &MapView::showStep);
    connect(&model_.selection(), &DriftSelection::samplesChanged, this, &MapView::showSelection);
    connect(&labels_, &DriftLabels::changed, this, [this] {
        if (colour_->currentData().toString() == QLatin1String("label")) showColours();
    });
    connect(view_, &EmbeddingView2D::selectionRequested, this, &MapView::choose);
    view_->setHoverContent({}, [this](std::uint32_t point) { return describe(point); });
}

void MapView::request() {
    const InspectedRun* run = model_.run();
    if (!run || !run->data()) {
        worker_.stop();
        map_.reset();
        requested_ = {};
        return run ? showBlank(tr("The map needs the samples' vectors before and after, which llm.drift collects."), tr("Measure drift…")) : showBlank(tr("Choose a run to see where its samples went."));
    }
    MapRequest wanted;
    for (const InspectedRun* one : {run, model_.other()})
        if (one && one->data()) wanted.sides.push_back(one->sharedData());
    wanted.point = model_.selection().point();
    wanted.layers = allLayers_->isChecked() ? run->table().layers(wanted.point) : std::vector<std::int64_t>{model_.selection().layer()};
    wanted.projection = static_cast<Projection>(projection_->currentData().toInt());
    if (same(wanted, requested_)) return;
    requested_ = wanted;
    if (isBlank()) showBlank(tr("Projecting…"));
    worker_.run([wanted](const std::stop_token& stop) { return jointMap(wanted, stop); },
                [this](Result<JointMap> map) { map ? adopt(std::move(*map)) : showBlank(QString::fromStdString(map.error().text())); });
}

void MapView::adopt(JointMap map) {
    map_ = std::move(map);
    view_->setPoints(map_->x, map_->y);
    view_->setTrajectories(map_->trajectories, map_->steps);
    const auto title = [&](int axis) { return map_->variance[axis] > 0 ? tr("component %1 (%2 %)").arg(axis + 1).arg(100 * map_->variance[axis], 0, 'f', 1) : tr("UMAP %1").arg(axis + 1); };
    view_->setAxisTitles(title(0), title(1));
    showContent();
    showStep();
}

void MapView::showStep() {
    if (!map_) return;
    const std::int64_t step = model_.selection().step();
    std::vector<std::uint32_t> seen;
    std::vector<EmbeddingView2D::Arrow> arrows;
    for (std::uint32_t i = 0; i < map_->points.size(); ++i) {
        const MapPoint& point = map_->points[i];
        if (point.step == kBefore || point.step == step) seen.push_back(i);
        if (point.step != step) continue;
        if (const auto before = map_->find(point.side, point.sample, point.layer, kBefore)) arrows.push_back({*before, i});
    }
    view_->setFilter(IdSet::ofSorted(std::move(seen)));
    view_->setArrows(tracks_->isChecked() ? std::vector<EmbeddingView2D::Arrow>() : std::move(arrows));
    view_->setCurrentStep(step, std::pair<std::int64_t, std::int64_t>(step - kBefore, 0));
    showColours();
    showSelection();
}

void MapView::showColours() {
    if (!map_) return;
    const QString by = colour_->currentData().toString();
    const InspectedRun* runs[2] = {model_.run(), model_.other()};
    std::vector<float> values(map_->points.size(), kMissing);
    Classes classes;
    classes.codes.assign(map_->points.size(), -1);
    const auto name = [&](const QString& text, const QColor& colour) { classes.names << text, classes.colours.push_back(colour); };
    if (by == QLatin1String("state")) {
        name(tr("before"), style::okabeIto()[7]);
        for (int side = 0; side < 2; ++side)
            if (runs[side]) name(model_.other() ? tr("%1 after").arg(runs[side]->title()) : tr("after"), style::okabeIto()[side == 0 ? 3 : 0]);
    } else if (by == QLatin1String("verdict")) {
        name(tr("harmful"), style::okabeIto()[3]), name(tr("complied, harmless"), style::okabeIto()[2]), name(tr("refused"), style::okabeIto()[0]);
    } else if (by == QLatin1String("run")) {
        for (int side = 0; side < 2; ++side)
            if (runs[side]) name(runs[side]->title(), style::okabeIto()[side == 0 ? 3 : 0]);
    } else if (by == QLatin1String("label") && labels_.schema()) {
        for (const LabelClass& one : labels_.schema()->classes) name(QString::fromStdString(one.name), QColor(QString::fromStdString(one.color)));
    }
    for (std::uint32_t i = 0; i < map_->points.size(); ++i) {
        const MapPoint& point = map_->points[i];
        const InspectedRun* run = runs[point.side];
        if (!run || !run->data()) continue;
        if (by == QLatin1String("state")) classes.codes[i] = point.step == kBefore ? 0 : 1 + point.side;
        if (by == QLatin1String("run")) classes.codes[i] = point.side;
        if (by == QLatin1String("verdict"))
            if (const Answer* answer = run->answer(point.sample, point.step)) classes.codes[i] = answer->harmful.value_or(false) ? 0 : answer->refused.value_or(false) ? 2 : 1;
        if (by == QLatin1String("label")) classes.codes[i] = labels_.labelOf(run->dataset(), run->samples()[point.sample].key(), point.step);
        if (by == QLatin1String("layer")) values[i] = static_cast<float>(point.layer);
        if (by == QLatin1String("step")) values[i] = static_cast<float>(std::max<std::int64_t>(0, point.step));
        if (by == QLatin1String("drift")) values[i] = point.step == kBefore ? 0.0F : static_cast<float>(run->data()->drift(point.sample, requested_.point, point.layer, point.step));
    }
    if (classes.names.isEmpty() && by != QLatin1String("label")) view_->setContinuous(std::move(values), by == QLatin1String("drift") ? tr("relative drift") : colour_->currentText());
    else view_->setCategories(std::move(classes.codes), std::move(classes.colours), classes.names, colour_->currentText());
}

std::optional<std::uint32_t> MapView::sampleOf(std::uint32_t point) const {
    const MapPoint& one = map_->points[point];
    if (one.side == 0) return one.sample;
    return model_.run() && model_.other() ? model_.run()->sampleOf(model_.other()->samples()[one.sample].key()) : std::nullopt;
}

void MapView::showSelection() {
    if (!map_ || !model_.run()) return;
    const IdSet samples = model_.selection().samples();
    std::vector<std::uint32_t> points;
    for (std::uint32_t i = 0; i < map_->points.size(); ++i) {
        const std::int64_t step = map_->points[i].step;
        if (step != kBefore && step != model_.selection().step()) continue;
        if (const auto sample = sampleOf(i); sample && samples.contains(*sample)) points.push_back(i);
    }
    view_->setSelection(IdSet::ofSorted(std::move(points)));
}

void MapView::choose(const IdSet& picked, Qt::KeyboardModifiers modifiers) {
    if (!map_) return;
    std::vector<std::uint32_t> samples;
    for (const std::uint32_t point : picked.ids())
        if (const auto sample = sampleOf(point)) samples.push_back(*sample);
    model_.selection().setSamples(EmbeddingView2D::combined(model_.selection().samples(), IdSet(std::move(samples)), modifiers));
    if (picked.size() == 1 && allLayers_->isChecked()) model_.selection().setLayer(map_->points[picked.ids().front()].layer);
}

QString MapView::describe(std::uint32_t i) const {
    if (!map_ || i >= map_->points.size()) return {};
    const MapPoint& point = map_->points[i];
    const InspectedRun* run = point.side == 0 ? model_.run() : model_.other();
    if (!run || !run->data() || point.sample >= run->samples().size()) return {};
    QString text = QString::fromStdString(run->samples()[point.sample].key()).left(160);
    text += QLatin1Char('\n') + (point.step == kBefore ? tr("%1, layer %2, before").arg(run->title()).arg(point.layer)
                                                        : tr("%1, layer %2, step %3, relative drift %4").arg(run->title()).arg(point.layer).arg(point.step).arg(run->data()->drift(point.sample, requested_.point, point.layer, point.step), 0, 'g', 3));
    if (const Answer* answer = run->answer(point.sample, point.step)) text += QLatin1Char('\n') + QString::fromStdString(answer->text).trimmed().left(160);
    return text;
}

QString MapView::csv() const {
    QString out = QStringLiteral("run,sample,layer,step,x,y\n");
    for (std::size_t i = 0; i < map_->points.size(); ++i) {
        const MapPoint& point = map_->points[i];
        const InspectedRun* run = point.side == 0 ? model_.run() : model_.other();
        out += QStringLiteral("\"%1\",%2,%3,%4,%5,%6\n").arg(run ? run->title() : QString()).arg(point.sample).arg(point.layer).arg(point.step == kBefore ? QStringLiteral("before") : QString::number(point.step)).arg(map_->x[i]).arg(map_->y[i]);
    }
    return out;
}

Result<void> MapView::exportTo(const QString& path) {
    if (!map_) return fail(ErrorCode::NotFound, "There is no map to export.", "Measure drift first.");
    if (path.endsWith(QLatin1String(".csv"))) return writeFileAtomically(path.toStdString(), csv().toStdString());
    return view_->exportImage(path, tr("%1 of %2, step %3, %4").arg(projection_->currentText(), model_.run() ? model_.run()->title() : QString()).arg(model_.selection().step()).arg(QString::fromStdString(requested_.point)));
}

}  // namespace driftscope::drift
