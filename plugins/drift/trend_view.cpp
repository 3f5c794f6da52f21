#include "plugins/drift/trend_view.h"

#include <QComboBox>
#include <QStackedWidget>
#include <algorithm>
#include <cmath>
#include <set>

#include "plugins/drift/inspect_model.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/style/palette.h"

namespace driftscope::drift {

Spread spreadOf(const std::vector<double>& values) {
    Spread out{values.front(), 0, values.front()};
    for (const double value : values) {
        out.low = std::min(out.low, value);
        out.high = std::max(out.high, value);
        out.mean += value / static_cast<double>(values.size());
    }
    return out;
}

TrendView::TrendView(InspectModel& model, QWidget* parent)
    : ViewFrame(tr("Drift by step and poison"), QStringLiteral("png svg pdf csv"), parent), model_(model), metric_(new QComboBox), which_(new QComboBox), steps_(new plot::LinePlot), ratios_(new plot::ScatterPlot), worker_(this) {
    for (std::size_t i = 0; i < kMetrics; ++i) metric_->addItem(QString::fromUtf8(metricOf(static_cast<MetricId>(i)).title), QLatin1String(metricOf(static_cast<MetricId>(i)).column));
    metric_->setObjectName(QStringLiteral("driftTrendMetric"));
    metric_->setAccessibleName(tr("Metric of drift"));
    which_->addItem(tr("against step"));
    which_->addItem(tr("against poison ratio"));
    which_->setObjectName(QStringLiteral("driftTrendAxis"));
    which_->setAccessibleName(tr("What drift is plotted against"));
    addControl(metric_);
    addControl(which_);
    steps_->setObjectName(QStringLiteral("driftBySteps"));
    ratios_->setObjectName(QStringLiteral("driftByRatio"));
    steps_->setXAxis(tr("step"));
    ratios_->setXAxis(tr("poison ratio"));
    auto* pages = new QStackedWidget;
    pages->addWidget(steps_);
    pages->addWidget(ratios_);
    hideTitle();
    setContent(pages);
    connect(which_, &QComboBox::currentIndexChanged, pages, &QStackedWidget::setCurrentIndex);
    connect(metric_, &QComboBox::currentIndexChanged, this, &TrendView::show);
    connect(&model_.selection(), &DriftSelection::layerChanged, this, &TrendView::show);
    connect(&model_.selection(), &DriftSelection::stepChanged, this, [this] { steps_->setMarker(static_cast<double>(model_.selection().step())); });
    connect(&model_, &InspectModel::changed, this, [this] {
        stale_ = true;
        if (isVisible()) reload();
    });
    connect(steps_, &plot::LinePlot::xClicked, &model_, &InspectModel::chooseStepNear);
    showBlank(tr("Choose a run to see how drift grows with steps and poison."));
}

MetricId TrendView::metric() const {
    return metricNamed(metric_->currentData().toString().toStdString());
}

void TrendView::setMetric(MetricId metric) {
    metric_->setCurrentIndex(static_cast<int>(metric));
}

void TrendView::showEvent(QShowEvent* event) {
    ViewFrame::showEvent(event);
    if (stale_) reload();
}

void TrendView::reload() {
    stale_ = false;
    if (!model_.run()) return showBlank(tr("Choose a run to see how drift grows with steps and poison."));
    const DriftRun& own = model_.run()->run();
    std::vector<DriftRun> wanted;
    for (const DriftRun& run : model_.runs())
        if (run.stage == own.stage && run.study == own.study) wanted.push_back(run);
    worker_.run(
        [wanted](const std::stop_token& stop) -> Result<std::vector<RunDrift>> {
            std::vector<RunDrift> out;
            for (const DriftRun& run : wanted) {
                if (stop.stop_requested()) return fail(ErrorCode::Cancelled, "Reading was stopped.");
                DS_ASSIGN(LayerDriftTable table, LayerDriftTable::readSteps(run.folder.toStdString()));
                if (!table.empty()) out.push_back({run.folder, run.method, run.ratio.value_or(0), std::move(table)});
            }
            return out;
        },
        [this](Result<std::vector<RunDrift>> runs) {
            if (!runs) return showBlank(QString::fromStdString(runs.error().text()));
            runs_ = std::move(*runs);
            show();
        });
}

void TrendView::show() {
    if (!model_.run() || worker_.busy()) return;
    const bool some = std::any_of(runs_.begin(), runs_.end(), [&](const RunDrift& run) { return !run.table.layers(model_.selection().point()).empty(); });
    if (!some) return showBlank(runs_.empty() ? tr("These runs measured no drift while they trained (parameter drift).") : tr("While training, drift is measured at attention_out only: choose that capture point."));
    const QString label = tr("%1, layer %2").arg(metric_->currentText()).arg(model_.selection().layer());
    steps_->setYAxis(label);
    ratios_->setYAxis(label);
    showSteps();
    showRatios();
    showContent();
}

void TrendView::showSteps() {
    const auto& selection = model_.selection();
    const double ratio = model_.run()->run().ratio.value_or(0);
    std::map<QString, std::map<std::int64_t, std::vector<double>>> curves;
    for (const RunDrift& run : runs_)
        for (const std::int64_t step : run.table.steps())
            if (const double value = run.table.value(metric(), selection.point(), selection.layer(), step); run.ratio == ratio && std::isfinite(value)) curves[run.method][step].push_back(value);
    steps_->clear();
    for (const auto& [method, points] : curves) {
        std::vector<double> x, y, low, high;
        for (const auto& [step, values] : points) {
            const Spread spread = spreadOf(values);
            x.push_back(static_cast<double>(step));
            y.push_back(spread.mean);
            low.push_back(spread.low);
            high.push_back(spread.high);
        }
        steps_->setCurve(method, x, y, low, high);
    }
    steps_->setTitle(model_.run()->run().ratio ? tr("poison ratio %1").arg(ratio) : QString());
    steps_->setMarker(static_cast<double>(selection.step()));
}

void TrendView::showRatios() {
    const auto& selection = model_.selection();
    std::map<QString, std::map<double, std::vector<double>>> series;
    for (const RunDrift& run : runs_)
        if (const double value = run.table.value(metric(), selection.point(), selection.layer(), run.table.steps().back()); std::isfinite(value)) series[run.method][run.ratio].push_back(value);
    std::vector<plot::ScatterPlot::Series> out;
    for (const auto& [method, points] : series) {
        plot::ScatterPlot::Series one;
        one.name = method;
        one.joined = true;
        for (const auto& [ratio, values] : points) {
            const Spread spread = spreadOf(values);
            one.x.push_back(ratio);
            one.y.push_back(spread.mean);
            one.errorLow.push_back(spread.mean - spread.low);
            one.errorHigh.push_back(spread.high - spread.mean);
            one.pointNames << tr("%1, %n seed(s)", nullptr, static_cast<int>(values.size())).arg(method);
        }
        out.push_back(std::move(one));
    }
    ratios_->setTitle(tr("after the last step"));
    ratios_->setSeries(std::move(out));
}

Result<void> TrendView::exportTo(const QString& path) {
    if (isBlank()) return fail(ErrorCode::NotFound, "There are no curves to export.", "Choose a run whose drift was measured.");
    return which_->currentIndex() == 0 ? steps_->exportTo(path) : ratios_->exportTo(path);
}

}  // namespace driftscope::drift
