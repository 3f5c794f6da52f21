#include "plugins/drift/curves_view.h"

#include <QComboBox>
#include <QGridLayout>
#include <QJsonArray>
#include <QLabel>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "plugins/drift/curve_cache.h"
#include "plugins/drift/inside_view.h"
#include "plugins/drift/method_chips.h"
#include "plugins/drift/methods.h"
#include "plugins/drift/metric_plot.h"
#include "plugins/drift/run_catalog.h"
#include "widgets/plot/line_plot.h"

namespace driftscope::drift {
namespace {

enum BandKind { LeastToGreatest, Interval, EverySeed };

QJsonArray metricsOf(const std::vector<MetricPlot*>& plots) {
    QJsonArray names;
    for (const MetricPlot* plot : plots) names.append(QString::fromStdString(plot->metric()));
    return names;
}

}  // namespace

CurvesView::CurvesView(RunCatalog& catalog, CurveCache& cache, QWidget* parent)
    : QWidget(parent), catalog_(catalog), cache_(cache), views_(new QTabBar), stage_(new QComboBox), ratio_(new QComboBox), band_(new QComboBox), chips_(new MethodChips), note_(new QLabel), pages_(new QStackedWidget),
      inside_(new InsideView(catalog, cache)) {
    build();
    connect(&catalog_, &RunCatalog::listChanged, this, &CurvesView::runsChanged);
    connect(&cache_, &CurveCache::changed, this, [this](const QStringList& folders) {
        if (std::any_of(runs_.begin(), runs_.end(), [&](const DriftRun& run) { return folders.contains(run.folder); })) refresh();
    });
    connect(views_, &QTabBar::currentChanged, this, &CurvesView::refresh);
    for (QComboBox* box : {stage_, band_}) connect(box, &QComboBox::currentIndexChanged, this, &CurvesView::runsChanged);
    connect(ratio_, &QComboBox::currentIndexChanged, this, [this] {
        wantedRatio_ = ratio_->currentData().toDouble();
        refresh();
    });
    connect(chips_, &MethodChips::changed, this, &CurvesView::refresh);
    runsChanged();
}

void CurvesView::build() {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(6, 4, 6, 4);
    column->setSpacing(4);
    column->addWidget(buildBar());
    column->addWidget(chips_);
    pages_->addWidget(buildPlots(steps_, {"harmful score", "accuracy strict", "over-refusal", "drift (relative)", "loss/alignment", "loss"}, tr("step"), 3));
    pages_->addWidget(buildPlots(ratios_, {"harmful score", "accuracy strict", "over-refusal", "drift (relative)"}, tr("poison ratio p"), 2));
    pages_->addWidget(inside_);
    column->addWidget(pages_, 1);
    note_->setWordWrap(true);
    note_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(note_);
}

QWidget* CurvesView::buildBar() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    for (const QString& name : {tr("Against the step"), tr("Against the poison ratio"), tr("Inside the method")}) views_->addTab(name);
    views_->setObjectName(QStringLiteral("driftCurveViews"));
    views_->setDrawBase(false);
    stage_->addItem(tr("fine-tuning"), static_cast<int>(DriftRun::Stage::Finetune));
    stage_->addItem(tr("alignment"), static_cast<int>(DriftRun::Stage::Align));
    stage_->setAccessibleName(tr("Stage"));
    stage_->setToolTip(tr("Which stage's curves are shown"));
    ratio_->setAccessibleName(tr("Poison ratio"));
    ratio_->setToolTip(tr("Share of harmful samples in the user's data"));
    ratio_->setObjectName(QStringLiteral("driftRatio"));
    band_->addItem(tr("band: least to greatest seed"), LeastToGreatest);
    band_->addItem(tr("band: 95 % interval of the mean"), Interval);
    band_->addItem(tr("every seed"), EverySeed);
    band_->setToolTip(tr("What surrounds the mean over seeds. The interval is Student's, which is wide for few seeds."));
    band_->setAccessibleName(tr("Band"));
    row->addWidget(views_);
    row->addStretch(1);
    for (QComboBox* box : {stage_, ratio_, band_}) row->addWidget(box);
    return bar;
}

QWidget* CurvesView::buildPlots(std::vector<MetricPlot*>& plots, const std::vector<std::string>& metrics, const QString& xLabel, int columns) {
    auto* page = new QWidget;
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(6);
    for (const std::string& metric : metrics) {
        const int place = static_cast<int>(plots.size());
        auto* plot = new MetricPlot(metric, xLabel);
        plot->plot().setEmptyText(tr("Nothing measured yet."));
        if (columns == 3) plot->plot().setObjectName(QStringLiteral("driftPlot.%1").arg(place));
        grid->addWidget(plot, place / columns, place % columns);
        grid->setColumnStretch(place % columns, 1);
        grid->setRowStretch(place / columns, 1);
        plots.push_back(plot);
        connect(plot, &MetricPlot::metricChosen, this, &CurvesView::refresh);
    }
    return page;
}

void CurvesView::showRun(const QString& folder) {
    shown_ = folder;
    const DriftRun* run = catalog_.find(folder);
    if (run && run->ratio) wantedRatio_ = *run->ratio;
    if (run && (run->stage == DriftRun::Stage::Align || run->stage == DriftRun::Stage::Finetune)) {
        const QSignalBlocker quiet(stage_);
        stage_->setCurrentIndex(run->stage == DriftRun::Stage::Align ? 1 : 0);
    }
    inside_->showRun(folder);
    runsChanged();
}

DriftRun::Stage CurvesView::stage() const {
    return static_cast<DriftRun::Stage>(stage_->currentData().toInt());
}

void CurvesView::runsChanged() {
    runs_ = companions(catalog_, shown_);
    fillRatios();
    chips_->setMethods(methodsOf(runs_, stage()));
    refresh();
}

void CurvesView::fillRatios() {
    const std::vector<double> ratios = ratiosOf(runs_);
    const QSignalBlocker quiet(ratio_);
    ratio_->clear();
    for (const double ratio : ratios) ratio_->addItem(tr("p = %1").arg(ratio), ratio);
    int index = ratio_->findData(wantedRatio_);
    // The largest ratio shows most until somebody chooses.
    if (index < 0) index = ratio_->count() - 1;
    ratio_->setCurrentIndex(index);
}

std::vector<const DriftRun*> CurvesView::runsOf(const QString& method, std::optional<double> ratio) const {
    std::vector<const DriftRun*> found;
    for (const DriftRun& run : runs_)
        if (run.stage == stage() && run.method == method && (!ratio || run.ratio == ratio)) found.push_back(&run);
    return found;
}

void CurvesView::drawSteps(MetricPlot& shown) {
    plot::LinePlot& plot = shown.plot();
    plot.clear();
    const auto ratio = stage() == DriftRun::Stage::Finetune && ratio_->count() ? std::optional(ratio_->currentData().toDouble()) : std::nullopt;
    const double scale = shown.scale();
    for (const QString& method : methodsOf(runs_, stage())) {
        if (!chips_->isShown(method)) continue;
        std::vector<const llm::Course*> courses;
        for (const DriftRun* run : runsOf(method, ratio)) {
            const llm::Course& course = cache_.course(run->folder, shown.metric());
            if (course.empty()) continue;
            courses.push_back(&course);
            if (band_->currentData().toInt() != EverySeed) continue;
            std::vector<double> x, y;
            for (const auto& [step, value] : course) x.push_back(step), y.push_back(value * scale);
            const QString name = tr("%1, seed %2").arg(methodTitle(method)).arg(run->seed);
            plot.setCurveColor(name, methodColour(method));
            plot.setCurve(name, x, y);
        }
        if (courses.empty() || band_->currentData().toInt() == EverySeed) continue;
        llm::Band band = llm::bandOf(courses);
        for (auto* values : {&band.mean, &band.least, &band.greatest, &band.low, &band.high})
            for (double& value : *values) value *= scale;
        const bool interval = band_->currentData().toInt() == Interval;
        plot.setCurveColor(methodTitle(method), methodColour(method));
        if (courses.size() > 1)
            plot.setCurve(methodTitle(method), band.x, band.mean, interval ? band.low : band.least, interval ? band.high : band.greatest);
        else
            plot.setCurve(methodTitle(method), band.x, band.mean);
    }
}

void CurvesView::drawRatios(MetricPlot& shown) {
    plot::LinePlot& plot = shown.plot();
    plot.clear();
    plot.setMarksVisible(true);
    const bool interval = band_->currentData().toInt() == Interval;
    for (const QString& method : methodsOf(runs_, DriftRun::Stage::Finetune)) {
        if (!chips_->isShown(method)) continue;
        std::vector<double> x, mean, low, high;
        int most = 0;
        for (const double ratio : ratiosOf(runs_)) {
            std::vector<double> values;
            for (const DriftRun& run : runs_)
                if (run.stage == DriftRun::Stage::Finetune && run.method == method && run.ratio == ratio && run.state == JobView::State::Done)
                    if (const llm::Course& course = cache_.course(run.folder, shown.metric()); !course.empty()) values.push_back(shown.scale() * course.rbegin()->second);
            const llm::Spread spread = llm::Spread::of(values);
            if (spread.count == 0) continue;
            most = std::max(most, spread.count);
            x.push_back(ratio), mean.push_back(spread.mean), low.push_back(interval ? spread.low : spread.least), high.push_back(interval ? spread.high : spread.greatest);
        }
        if (x.empty()) continue;
        plot.setCurveColor(methodTitle(method), methodColour(method));
        most > 1 ? plot.setCurve(methodTitle(method), x, mean, low, high) : plot.setCurve(methodTitle(method), x, mean);
    }
}

void CurvesView::refresh() {
    const int view = views_->currentIndex();
    pages_->setCurrentIndex(view);
    stage_->setVisible(view == 0);
    ratio_->setVisible(view == 0 && stage() == DriftRun::Stage::Finetune);
    band_->setVisible(view < 2);
    chips_->setVisible(view < 2 && !runs_.empty());
    if (view == 0)
        for (MetricPlot* plot : steps_) drawSteps(*plot);
    if (view == 1)
        for (MetricPlot* plot : ratios_) drawRatios(*plot);
    const auto finished = std::count_if(runs_.begin(), runs_.end(), [](const DriftRun& run) { return run.stage == DriftRun::Stage::Finetune && run.state == JobView::State::Done; });
    note_->setText(runs_.empty()     ? tr("Choose a study or run at the left, or set one up: its curves appear here while it runs.")
                   : view == 1 && finished == 0 ? tr("No fine-tuning has finished yet.")
                   : view == 2       ? QString()
                                     : tr("Lower drift is not the same as safer: read the harmful score beside over-refusal and accuracy. Booster goes on with the alignment's adapter; compare it with SFT, single LoRA."));
    note_->setVisible(!note_->text().isEmpty());
}

plot::PlotWidget* CurvesView::currentPlot() const {
    for (const auto* plots : {&steps_, &ratios_})
        for (MetricPlot* plot : *plots)
            if (plot->isVisible() && plot->plot().hasFocus()) return &plot->plot();
    for (auto* plot : findChildren<plot::PlotWidget*>())
        if (plot->isVisible() && !plot->isEmpty()) return plot;
    return nullptr;
}

QJsonObject CurvesView::saveState() const {
    return {{QStringLiteral("view"), views_->currentIndex()},          {QStringLiteral("stage"), stage_->currentIndex()}, {QStringLiteral("ratio"), wantedRatio_},
            {QStringLiteral("band"), band_->currentIndex()},           {QStringLiteral("steps"), metricsOf(steps_)},      {QStringLiteral("ratios"), metricsOf(ratios_)},
            {QStringLiteral("hidden"), QJsonArray::fromStringList(chips_->hidden())}};
}

void CurvesView::restoreState(const QJsonObject& state) {
    if (state.isEmpty()) return;
    views_->setCurrentIndex(state[QStringLiteral("view")].toInt());
    stage_->setCurrentIndex(state[QStringLiteral("stage")].toInt());
    band_->setCurrentIndex(state[QStringLiteral("band")].toInt());
    wantedRatio_ = state[QStringLiteral("ratio")].toDouble(-1);
    const auto put = [&](std::vector<MetricPlot*>& plots, const char* name) {
        const QJsonArray metrics = state[QLatin1String(name)].toArray();
        for (std::size_t i = 0; i < plots.size() && static_cast<qsizetype>(i) < metrics.size(); ++i) plots[i]->setMetric(metrics[static_cast<qsizetype>(i)].toString().toStdString());
    };
    put(steps_, "steps");
    put(ratios_, "ratios");
    chips_->setHidden(state[QStringLiteral("hidden")].toVariant().toStringList());
    runsChanged();
}

std::vector<plot::LinePlot*> CurvesView::stepPlots() const {
    std::vector<plot::LinePlot*> plots;
    for (MetricPlot* plot : steps_) plots.push_back(&plot->plot());
    return plots;
}

}  // namespace driftscope::drift
