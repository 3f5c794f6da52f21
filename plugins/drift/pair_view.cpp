#include "plugins/drift/pair_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

#include "plugins/drift/curve_cache.h"
#include "plugins/drift/metric_plot.h"
#include "plugins/drift/run_catalog.h"
#include "plugins/drift/side_picker.h"
#include "widgets/plot/line_plot.h"
#include "widgets/style/palette.h"

namespace driftscope::drift {
namespace {

const QString kPoint = QStringLiteral("attention_out");  // what training runs measure

QColor firstColour() { return style::okabeIto()[0]; }
QColor secondColour() { return style::okabeIto()[1]; }

QTableWidget* makeTable(const char* name, const QStringList& heads) {
    auto* table = new QTableWidget;
    table->setObjectName(QLatin1String(name));
    table->setColumnCount(static_cast<int>(heads.size()));
    table->setHorizontalHeaderLabels(heads);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setAlternatingRowColors(true);
    table->setTabKeyNavigation(false);
    table->setWordWrap(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 7);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    return table;
}

void addRow(QTableWidget& table, const QStringList& texts, const QString& tip = {}) {
    const int row = table.rowCount();
    table.insertRow(row);
    for (int column = 0; column < texts.size(); ++column) {
        auto* item = new QTableWidgetItem(texts[column]);
        item->setToolTip(tip.isEmpty() ? QStringLiteral("<p>%1</p>").arg(texts[column].toHtmlEscaped()) : tip);
        table.setItem(row, column, item);
    }
}

void put(plot::LinePlot& plot, const QString& name, const llm::Course& course, const QColor& colour, double scale) {
    std::vector<double> x, y;
    for (const auto& [step, value] : course) x.push_back(step), y.push_back(value * scale);
    plot.setCurveColor(name, colour);
    plot.setCurve(name, x, y);
}

std::vector<std::int64_t> stepsOf(const PairSide& side) {
    std::vector<std::int64_t> steps = side.answers.steps();
    if (steps.empty()) steps = side.drift.steps();
    std::erase_if(steps, [](std::int64_t step) { return step < 0; });
    return steps;
}

plot::MatrixPlot* makeMap() {
    auto* map = new plot::MatrixPlot;
    map->setXAxis(PairView::tr("step"));
    map->setYAxis(PairView::tr("layer"));
    map->setNumbersVisible(false);
    map->setEmptyText(PairView::tr("This run measured no drift: train with drift=true."));
    return map;
}

}  // namespace

PairView::PairView(RunCatalog& catalog, CurveCache& cache, QWidget* parent)
    : QWidget(parent), catalog_(catalog), cache_(cache), first_(new SidePicker(QStringLiteral("A"), firstColour())), second_(new SidePicker(QStringLiteral("B"), secondColour())), drift_(new QComboBox), mapFirst_(makeMap()),
      mapSecond_(makeMap()), mapDifference_(makeMap()), curves_(new MetricPlot("harmful score", tr("step"))), curveDifference_(new plot::LinePlot), scores_(makeTable("driftScores", {tr("measure"), tr("A"), tr("B"), tr("B − A")})),
      answers_(makeTable("driftPairAnswers", {tr("prompt"), tr("verdicts"), tr("A answers"), tr("B answers")})), changedOnly_(new QCheckBox(tr("changed verdicts only"))), summary_(new QLabel), loader_(this) {
    build();
    connect(&catalog_, &RunCatalog::listChanged, this, &PairView::runsChanged);
    connect(&cache_, &CurveCache::changed, this, [this](const QStringList& folders) {
        if (folders.contains(first_->run()) || folders.contains(second_->run())) load();
    });
    for (SidePicker* side : {first_, second_}) {
        connect(side, &SidePicker::runChosen, this, &PairView::load);
        connect(side, &SidePicker::stepChosen, this, &PairView::refresh);
    }
    connect(drift_, &QComboBox::currentIndexChanged, this, &PairView::showMaps);
    connect(curves_, &MetricPlot::metricChosen, this, &PairView::showCurves);
    connect(changedOnly_, &QCheckBox::toggled, this, &PairView::showAnswers);
    runsChanged();
}

QWidget* PairView::buildBar() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    auto* swap = new QPushButton(QStringLiteral("⇄"));
    swap->setToolTip(tr("Swap A and B"));
    swap->setAccessibleName(tr("Swap A and B"));
    swap->setMaximumWidth(34);
    connect(swap, &QPushButton::clicked, this, &PairView::swap);
    for (std::size_t id = 0; id < kMetrics; ++id) {
        const Metric& metric = metricOf(static_cast<MetricId>(id));
        drift_->addItem(tr(metric.title), static_cast<int>(id));
        drift_->setItemData(drift_->count() - 1, QStringLiteral("<p>%1</p>").arg(tr(metric.definition).toHtmlEscaped()), Qt::ToolTipRole);
    }
    drift_->setAccessibleName(tr("Drift metric"));
    drift_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    drift_->setMinimumContentsLength(16);
    row->addWidget(first_, 3);
    row->addWidget(swap);
    row->addWidget(second_, 3);
    row->addWidget(drift_, 1);
    return bar;
}

void PairView::build() {
    auto* plots = new QWidget;
    auto* grid = new QGridLayout(plots);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(4);
    int column = 0;
    for (plot::MatrixPlot* map : {mapFirst_, mapSecond_, mapDifference_}) {
        grid->setColumnStretch(column, 1);
        grid->addWidget(map, 0, column++);
    }
    mapDifference_->setDiverging(true);
    curveDifference_->setXAxis(tr("step"));
    curveDifference_->setTitle(tr("B − A"));
    curveDifference_->setEmptyText(tr("A and B were not measured at the same steps."));
    curves_->plot().setLegendVisible(true);
    grid->addWidget(curves_, 1, 0, 1, 2);
    grid->addWidget(curveDifference_, 1, 2);
    auto* table = new QWidget;
    auto* right = new QVBoxLayout(table);
    right->setContentsMargins(0, 0, 0, 0);
    auto* head = new QHBoxLayout;
    head->addWidget(summary_, 1);
    head->addWidget(changedOnly_);
    right->addLayout(head);
    right->addWidget(answers_, 1);
    answers_->setColumnWidth(0, 190);
    answers_->setColumnWidth(1, 140);
    answers_->setColumnWidth(2, 220);
    answers_->horizontalHeader()->setStretchLastSection(true);
    auto* tables = new QSplitter;
    tables->addWidget(scores_);
    tables->addWidget(table);
    tables->setStretchFactor(1, 1);
    tables->setSizes({310, 600});
    auto* rows = new QSplitter(Qt::Vertical);
    rows->addWidget(plots);
    rows->addWidget(tables);
    rows->setStretchFactor(0, 3);
    rows->setStretchFactor(1, 2);
    rows->setChildrenCollapsible(false);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(6, 4, 6, 4);
    all->addWidget(buildBar());
    all->addWidget(rows, 1);
}

void PairView::runsChanged() {
    std::vector<DriftRun> runs;
    for (const DriftRun& run : catalog_.runs())
        if (run.stage == DriftRun::Stage::Finetune || run.stage == DriftRun::Stage::Align) runs.push_back(run);
    for (SidePicker* side : {first_, second_}) side->setRuns(runs);
    load();
}

void PairView::showRun(const QString& folder) {
    const DriftRun* run = catalog_.find(folder);
    if (!run || (run->stage != DriftRun::Stage::Finetune && run->stage != DriftRun::Stage::Align) || folder == second_->run()) return;
    if (!second_->run().isEmpty() && second_->run() != folder && first_->run().isEmpty()) first_->setRun(second_->run());
    second_->setRun(folder);
    if (!first_->run().isEmpty()) return;
    // The plain run at the same ratio and seed is what one wants to compare with first.
    QString plain;
    for (const DriftRun& other : companions(catalog_, folder))
        if (other.stage == run->stage && other.ratio == run->ratio && other.seed == run->seed && other.folder != folder && (plain.isEmpty() || other.method == QLatin1String("sft"))) plain = other.folder;
    first_->setRun(plain);
}

void PairView::swap() {
    const QString first = first_->run(), second = second_->run();
    const QSignalBlocker quietFirst(first_), quietSecond(second_);
    first_->setRun(second);
    second_->setRun(first);
    load();
}

void PairView::load() {
    const QString first = first_->run(), second = second_->run();
    loader_.run(
        [first, second](const std::stop_token&) -> Result<std::pair<PairSide, PairSide>> {
            std::pair<PairSide, PairSide> sides;
            if (!first.isEmpty()) {
                DS_ASSIGN(sides.first, PairSide::read(first));
            }
            if (!second.isEmpty()) {
                DS_ASSIGN(sides.second, PairSide::read(second));
            }
            return sides;
        },
        [this](Result<std::pair<PairSide, PairSide>> sides) {
            if (!sides) return Q_EMIT failed(QString::fromStdString(sides.error().text()));
            sideFirst_ = std::move(sides->first);
            sideSecond_ = std::move(sides->second);
            first_->setSteps(stepsOf(sideFirst_));
            second_->setSteps(stepsOf(sideSecond_));
            refresh();
        });
}

void PairView::refresh() {
    showMaps();
    showCurves();
    showScores();
    pairs_ = pairAnswers(sideFirst_.answers, first_->step(), sideSecond_.answers, second_->step());
    showAnswers();
}

void PairView::showMaps() {
    const auto metric = static_cast<MetricId>(drift_->currentData().toInt());
    PairMaps maps = pairMaps(sideFirst_.drift, sideSecond_.drift, metric, kPoint.toStdString());
    mapFirst_->setTitle(tr("A"));
    mapSecond_->setTitle(tr("B"));
    mapDifference_->setTitle(tr("B − A"));
    for (plot::MatrixPlot* map : {mapFirst_, mapSecond_}) {
        map->setValueLabel(tr(metricOf(metric).title));
        map->setValueRange(maps.low, maps.high);
    }
    mapFirst_->setMatrix(sideFirst_.drift.empty() ? plot::MatrixPlot::Matrix() : std::move(maps.first));
    mapSecond_->setMatrix(sideSecond_.drift.empty() ? plot::MatrixPlot::Matrix() : std::move(maps.second));
    mapDifference_->setMatrix(sideFirst_.drift.empty() || sideSecond_.drift.empty() ? plot::MatrixPlot::Matrix() : std::move(maps.difference));
}

void PairView::showCurves() {
    const std::string metric = curves_->metric();
    const double scale = curves_->scale();
    const llm::MetricName name = llm::metricName(metric);
    curves_->plot().clear();
    curveDifference_->clear();
    curveDifference_->setYAxis(tr("difference"), QString::fromStdString(name.unit));
    if (!first_->run().isEmpty()) put(curves_->plot(), tr("A"), cache_.course(first_->run(), metric), firstColour(), scale);
    if (!second_->run().isEmpty()) put(curves_->plot(), tr("B"), cache_.course(second_->run(), metric), secondColour(), scale);
    if (first_->run().isEmpty() || second_->run().isEmpty()) return;
    put(*curveDifference_, tr("B − A"), difference(cache_.course(first_->run(), metric), cache_.course(second_->run(), metric)), style::okabeIto()[2], scale);
}

void PairView::showScores() {
    scores_->setRowCount(0);
    for (const llm::MetricName& name : llm::studyMetrics()) {
        const auto at = [&](const SidePicker& side) {
            if (side.run().isEmpty() || side.step() < 0) return std::nan("");
            const llm::Course& course = cache_.course(side.run(), name.metric);
            const auto found = course.find(static_cast<double>(side.step()));
            return found == course.end() ? std::nan("") : found->second * name.scale();
        };
        const double a = at(*first_), b = at(*second_);
        const auto text = [&](double value, bool sign) { return !std::isfinite(value) ? QStringLiteral("–") : (sign && value > 0 ? QStringLiteral("+") : QString()) + QString::number(value, 'f', name.scale() > 1 ? 1 : 3); };
        if (std::isfinite(a) || std::isfinite(b))
            addRow(*scores_, {QString::fromStdString(name.brief + (name.unit.empty() ? "" : " [%]")), text(a, false), text(b, false), text(b - a, true)}, QStringLiteral("<p>%1</p>").arg(QString::fromStdString(name.definition).toHtmlEscaped()));
    }
    scores_->resizeColumnsToContents();
    scores_->horizontalHeader()->setStretchLastSection(true);
}

void PairView::showAnswers() {
    answers_->setRowCount(0);
    int changed = 0;
    for (const PairAnswer& pair : pairs_) {
        const QString change = pair.change();
        changed += !change.isEmpty();
        if (changedOnly_->isChecked() && change.isEmpty()) continue;
        const QString prompt = QString::fromStdString(pair.prompt.input.empty() ? pair.prompt.instruction : pair.prompt.instruction + " " + pair.prompt.input);
        addRow(*answers_, {prompt, change.isEmpty() ? verdictText(pair.prompt, pair.first) : change, QString::fromStdString(pair.first.text).trimmed(), QString::fromStdString(pair.second.text).trimmed()});
    }
    summary_->setText(first_->run().isEmpty() || second_->run().isEmpty() ? tr("Choose two runs above, or two steps of one run.")
                      : pairs_.empty()                                   ? tr("A and B have no measured answers to the same prompts.")
                                                                         : tr("%1 of %2 prompts are judged differently.").arg(changed).arg(pairs_.size()));
}

QString PairView::csv() const {
    const auto field = [](QString text) { return QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"'); };
    QString out = QStringLiteral("# A: %1 %2\n# B: %3 %4\nset,instruction,input,verdict A,verdict B,answer A,answer B\n").arg(first_->run(), first_->title(), second_->run(), second_->title());
    for (const PairAnswer& pair : pairs_) {
        QStringList fields;
        for (const std::string& text : {pair.prompt.set, pair.prompt.instruction, pair.prompt.input}) fields << field(QString::fromStdString(text));
        fields << field(verdictText(pair.prompt, pair.first)) << field(verdictText(pair.prompt, pair.second)) << field(QString::fromStdString(pair.first.text)) << field(QString::fromStdString(pair.second.text));
        out += fields.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return out;
}

QJsonObject PairView::saveState() const {
    return {{QStringLiteral("a"), first_->run()}, {QStringLiteral("b"), second_->run()}, {QStringLiteral("drift"), drift_->currentIndex()}, {QStringLiteral("metric"), QString::fromStdString(curves_->metric())},
            {QStringLiteral("changed_only"), changedOnly_->isChecked()}};
}

void PairView::restoreState(const QJsonObject& state) {
    if (state.isEmpty()) return;
    first_->setRun(state[QStringLiteral("a")].toString());
    second_->setRun(state[QStringLiteral("b")].toString());
    drift_->setCurrentIndex(state[QStringLiteral("drift")].toInt());
    curves_->setMetric(state[QStringLiteral("metric")].toString().toStdString());
    changedOnly_->setChecked(state[QStringLiteral("changed_only")].toBool());
}

}  // namespace driftscope::drift
