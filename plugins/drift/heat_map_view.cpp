#include "plugins/drift/heat_map_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QSplitter>
#include <algorithm>
#include <cmath>

#include "core/base/atomic_file.h"
#include "plugins/drift/inspect_model.h"
#include "widgets/plot/matrix_plot.h"

namespace driftscope::drift {
namespace {

using plot::MatrixPlot;

/// What a matrix of the run shows: its layers downwards, its steps to the right.
struct Axes {
    std::vector<std::int64_t> layers, steps;
};

Axes axesOf(const InspectedRun& run, const std::string& point) {
    return {run.table().layers(point), run.table().steps()};
}

QStringList names(const std::vector<std::int64_t>& numbers) {
    QStringList out;
    for (const std::int64_t number : numbers) out << QString::number(number);
    return out;
}

}  // namespace

HeatMapView::HeatMapView(InspectModel& model, QWidget* parent)
    : ViewFrame(tr("Layer × step"), QStringLiteral("png svg pdf csv"), parent), model_(model), metric_(new QComboBox), difference_(new QCheckBox(tr("Difference"))), maps_{new MatrixPlot, new MatrixPlot} {
    for (std::size_t i = 0; i < kMetrics; ++i) {
        const Metric& one = metricOf(static_cast<MetricId>(i));
        metric_->addItem(QString::fromUtf8(one.title), QLatin1String(one.column));
        metric_->setItemData(static_cast<int>(i), QString::fromUtf8(one.definition), Qt::ToolTipRole);
    }
    metric_->setObjectName(QStringLiteral("driftMetric"));
    metric_->setAccessibleName(tr("Metric of drift"));
    difference_->setObjectName(QStringLiteral("driftDifference"));
    difference_->setToolTip(tr("The run minus the one it is compared with"));
    addControl(metric_);
    addControl(difference_);
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    for (MatrixPlot* map : maps_) {
        map->setXAxis(tr("step"));
        map->setYAxis(tr("layer"));
        split->addWidget(map);
        connect(map, &MatrixPlot::cellClicked, this, [this, map](int row, int column) {
            const InspectedRun* run = map == maps_[1] && !isDifference() ? model_.other() : model_.run();
            if (!run) return;
            const Axes axes = axesOf(*run, model_.selection().point());
            if (row < static_cast<int>(axes.layers.size())) model_.selection().setLayer(axes.layers[static_cast<std::size_t>(row)]);
            if (column < static_cast<int>(axes.steps.size())) model_.selection().setStep(axes.steps[static_cast<std::size_t>(column)]);
        });
    }
    maps_[0]->setObjectName(QStringLiteral("driftHeatMap"));
    maps_[1]->setObjectName(QStringLiteral("driftHeatMapOther"));
    hideTitle();
    setContent(split);
    connect(metric_, &QComboBox::currentIndexChanged, this, &HeatMapView::refresh);
    connect(difference_, &QCheckBox::toggled, this, &HeatMapView::refresh);
    connect(&model_, &InspectModel::changed, this, &HeatMapView::refresh);
    connect(&model_.selection(), &DriftSelection::layerChanged, this, &HeatMapView::refresh);
    connect(&model_.selection(), &DriftSelection::stepChanged, this, &HeatMapView::mark);
    refresh();
}

MetricId HeatMapView::metric() const {
    return metricNamed(metric_->currentData().toString().toStdString());
}

void HeatMapView::setMetric(MetricId metric) {
    metric_->setCurrentIndex(static_cast<int>(metric));
}

bool HeatMapView::isDifference() const {
    return difference_->isChecked() && model_.other();
}

void HeatMapView::fill(MatrixPlot& map, const InspectedRun& run, const InspectedRun* minus) {
    const std::string point = model_.selection().point();
    const Axes axes = axesOf(run, point);
    MatrixPlot::Matrix matrix{static_cast<int>(axes.layers.size()), static_cast<int>(axes.steps.size()), {}, names(axes.layers), names(axes.steps)};
    for (const std::int64_t layer : axes.layers)
        for (const std::int64_t step : axes.steps) {
            double value = run.table().value(metric(), point, layer, step);
            if (minus) value -= minus->table().value(metric(), point, layer, step);
            matrix.values.push_back(value);
        }
    map.setTitle(minus ? tr("%1 − %2").arg(run.title(), minus->title()) : run.title());
    map.setValueLabel(QString::fromUtf8(metricOf(metric()).title));
    map.setDiverging(minus != nullptr || metricOf(metric()).diverging);
    map.setMatrix(std::move(matrix));
}

void HeatMapView::refresh() {
    const InspectedRun* run = model_.run();
    const InspectedRun* other = model_.other();
    metric_->setToolTip(QString::fromUtf8(metricOf(metric()).definition));
    difference_->setEnabled(other != nullptr);
    if (!run) return showBlank(model_.busy() ? tr("Reading the run…") : tr("Choose a run above, or in the list of runs, to see how its layers moved."));
    if (run->table().empty()) return showBlank(tr("This run measured no drift while it trained, and llm.drift has not run on it."), tr("Measure drift…"));
    double low = INFINITY, high = -INFINITY;
    for (const InspectedRun* one : {run, other})
        if (one)
            for (const std::int64_t layer : one->table().layers(model_.selection().point()))
                for (const std::int64_t step : one->table().steps())
                    if (const double value = one->table().value(metric(), model_.selection().point(), layer, step); std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
    if (low > high) {
        const bool direction = metric() == MetricId::Along || metric() == MetricId::Across;
        return showBlank(direction ? tr("The refusal direction was not measured: it needs harmful and harmless prompts.") : tr("This metric was not measured at %1.").arg(QString::fromStdString(model_.selection().point())), tr("Measure drift…"));
    }
    fill(*maps_[0], *run, isDifference() ? other : nullptr);
    if (metricOf(metric()).diverging) high = std::max(std::abs(low), std::abs(high)), low = -high;
    maps_[0]->setValueRange(isDifference() ? 0 : low, isDifference() ? 0 : high);
    maps_[1]->setVisible(other != nullptr && !isDifference());
    if (other && !isDifference()) {
        fill(*maps_[1], *other, nullptr);
        maps_[1]->setValueRange(low, high);
    }
    mark();
    showContent();
}

void HeatMapView::mark() {
    for (int side = 0; side < 2; ++side) {
        const InspectedRun* run = side == 0 ? model_.run() : model_.other();
        if (!run) continue;
        const Axes axes = axesOf(*run, model_.selection().point());
        const auto row = std::find(axes.layers.begin(), axes.layers.end(), model_.selection().layer()) - axes.layers.begin();
        const auto column = std::find(axes.steps.begin(), axes.steps.end(), model_.selection().step()) - axes.steps.begin();
        maps_[side]->setMarkedCell(static_cast<int>(row), static_cast<int>(column));
    }
}

Result<void> HeatMapView::exportTo(const QString& path) {
    if (isBlank()) return fail(ErrorCode::NotFound, "There is no heat map to export.", "Choose a run whose drift was measured.");
    if (!path.endsWith(QLatin1String(".csv")) || maps_[1]->isHidden()) {
        DS_TRY(maps_[0]->exportTo(path));
        if (maps_[1]->isHidden()) return {};
        const qsizetype dot = path.lastIndexOf(QLatin1Char('.'));
        return maps_[1]->exportTo(path.left(dot) + QStringLiteral("-compared") + path.mid(dot));
    }
    std::string csv = "run,point,layer,step,metric,value\n";
    for (const InspectedRun* run : {model_.run(), model_.other()})
        for (const std::int64_t layer : run->table().layers(model_.selection().point()))
            for (const std::int64_t step : run->table().steps())
                csv += fmt::format("\"{}\",{},{},{},{},{:.9g}\n", run->title().toStdString(), model_.selection().point(), layer, step, metricOf(metric()).column,
                                   run->table().value(metric(), model_.selection().point(), layer, step));
    return writeFileAtomically(path.toStdString(), csv);
}

}  // namespace driftscope::drift
