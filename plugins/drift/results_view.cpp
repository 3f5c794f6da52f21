#include "plugins/drift/results_view.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QHeaderView>
#include <QJsonArray>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QShortcut>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

#include "plugins/drift/curve_cache.h"
#include "plugins/drift/methods.h"
#include "plugins/drift/run_catalog.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::drift {
namespace {

constexpr int kMethod = Qt::UserRole, kRatio = Qt::UserRole + 1;
const QString kPapers = QStringLiteral("HS (FA)");

QString number(double value, double scale) {
    return QString::number(value * scale, 'f', scale > 1 ? 1 : 2);
}

QString spreadText(const llm::Spread& spread, double scale) {
    if (spread.count == 0) return QStringLiteral("–");
    return spread.count == 1 ? number(spread.mean, scale) : QStringLiteral("%1 ± %2").arg(number(spread.mean, scale), number(spread.deviation, scale));
}

QString spreadTip(const llm::Spread& spread, double scale) {
    if (spread.count == 0) return ResultsView::tr("Nothing has finished here yet.");
    QString tip = ResultsView::tr("%n seed(s)", nullptr, spread.count);
    if (spread.count > 1)
        tip += ResultsView::tr("\nleast %1, greatest %2\n95 % interval of the mean %3 to %4 (Student)").arg(number(spread.least, scale), number(spread.greatest, scale), number(spread.low, scale), number(spread.high, scale));
    return tip;
}

QIcon dot(const QString& method) {
    QPixmap pixmap(12, 12);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(methodColour(method));
    painter.drawEllipse(1, 1, 10, 10);
    return pixmap;
}

void copySelection(const QTableWidget& table) {
    QStringList lines;
    for (int row = 0; row < table.rowCount(); ++row) {
        QStringList cells;
        bool any = false;
        for (int column = 0; column < table.columnCount(); ++column) {
            const QTableWidgetItem* item = table.item(row, column);
            any |= item && item->isSelected();
            cells << (item ? item->text() : QString());
        }
        if (any) lines << cells.join(QLatin1Char('\t'));
    }
    QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

QTableWidget* makeTable(const char* name) {
    auto* table = new QTableWidget;
    table->setObjectName(QLatin1String(name));
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setAlternatingRowColors(true);
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 8);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    auto* copy = new QShortcut(QKeySequence::Copy, table);
    copy->setContext(Qt::WidgetShortcut);
    QObject::connect(copy, &QShortcut::activated, table, [table] { copySelection(*table); });
    return table;
}

QTableWidgetItem* put(QTableWidget& table, int row, int column, const QString& text, const QString& method, double ratio, const QString& tip = {}) {
    auto* item = new QTableWidgetItem(text);
    item->setToolTip(tip);
    item->setData(kMethod, method);
    item->setData(kRatio, ratio);
    table.setItem(row, column, item);
    return item;
}

}  // namespace

llm::StudyResults resultsOf(RunCatalog& catalog, const QString& chosen) {
    llm::StudyResults results;
    for (const DriftRun& run : companions(catalog, chosen)) {
        if (run.stage != DriftRun::Stage::Finetune) continue;
        llm::MeasuredRun out;
        out.method = run.method.toStdString();
        out.ratio = run.ratio.value_or(0);
        out.seed = run.seed;
        out.folder = run.folder.toStdString();
        out.finished = run.state == JobView::State::Done;
        out.result = fromQt(run.result);
        const QJsonArray adapters = run.params[QStringLiteral("adapters")].toArray();
        const DriftRun* aligned = adapters.isEmpty() ? nullptr : catalog.find(QDir::cleanPath(adapters.last().toString() + QStringLiteral("/..")));
        if (aligned) out.alignSeconds = aligned->result[QStringLiteral("median_seconds_per_step")].toDouble(aligned->result[QStringLiteral("seconds_per_step")].toDouble());
        results.runs.push_back(std::move(out));
    }
    nlohmann::json order = nlohmann::json::array();
    for (const MethodWord& word : methodWords()) order.push_back(word.id.toStdString());
    results.job = {{"params", {{"methods", order}}}};
    return results;
}

ResultsView::ResultsView(RunCatalog& catalog, CurveCache& cache, QWidget* parent)
    : QWidget(parent), catalog_(catalog), cache_(cache), measure_(new QComboBox), note_(new QLabel), pivot_(makeTable("driftPivot")), long_(makeTable("driftTable")) {
    measure_->addItem(tr("harmful score (fine-tuning accuracy), as in the papers"), kPapers);
    for (const llm::MetricName& name : llm::studyMetrics()) measure_->addItem(QString::fromStdString(name.title), QString::fromStdString(name.metric));
    measure_->setAccessibleName(tr("Measure"));
    auto* save = new QPushButton(tr("Export…"));
    save->setObjectName(QStringLiteral("driftExport"));
    save->setToolTip(tr("The tables as CSV or LaTeX, or a report as one HTML page with curves, definitions and provenance (Ctrl+E)"));
    auto* bar = new QHBoxLayout;
    bar->addWidget(measure_);
    bar->addStretch(1);
    bar->addWidget(save);
    note_->setWordWrap(true);
    note_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(6, 4, 6, 4);
    column->addLayout(bar);
    column->addWidget(pivot_, 2);
    column->addWidget(long_, 3);
    column->addWidget(note_);
    connect(save, &QPushButton::clicked, this, &ResultsView::exportRequested);
    connect(measure_, &QComboBox::currentIndexChanged, this, &ResultsView::fillPivot);
    connect(&catalog_, &RunCatalog::listChanged, this, &ResultsView::refresh);
    for (QTableWidget* table : {pivot_, long_})
        connect(table, &QTableWidget::itemActivated, this, [this](QTableWidgetItem* item) { choose(item->data(kMethod).toString(), item->data(kRatio).toDouble()); });
    refresh();
}

QString ResultsView::measure() const { return measure_->currentData().toString(); }
void ResultsView::setMeasure(const QString& metric) { measure_->setCurrentIndex(std::max(0, measure_->findData(metric))); }

void ResultsView::showRun(const QString& folder) {
    shown_ = folder;
    refresh();
}

void ResultsView::choose(const QString& method, double ratio) {
    for (const DriftRun& run : companions(catalog_, shown_))
        if (run.stage == DriftRun::Stage::Finetune && run.method == method && run.ratio == ratio) return Q_EMIT runChosen(run.folder);
}

void ResultsView::refresh() {
    const DriftRun* run = catalog_.find(shown_);
    study_ = !run ? QString() : run->isStudy() ? run->folder : run->study;
    results_ = resultsOf(catalog_, shown_);
    fillPivot();
    fillLong();
    const auto finished = std::count_if(results_.runs.begin(), results_.runs.end(), [](const llm::MeasuredRun& one) { return one.finished; });
    note_->setText(results_.runs.empty() ? tr("Choose a study at the left: its results stand here, methods against poison ratios, as soon as a fine-tuning has finished.")
                                         : tr("%1 of %2 fine-tunings have finished. ± is the deviation over seeds. Lower drift is not the same as safer; Booster is to be compared with SFT, single LoRA. Enter on a cell shows its run.")
                                               .arg(finished)
                                               .arg(results_.runs.size()));
}

void ResultsView::fillPivot() {
    const std::vector<std::string> methods = results_.methods();
    const std::vector<double> ratios = results_.ratios();
    const bool papers = measure() == kPapers;
    const llm::MetricName metric = llm::metricName(measure().toStdString());
    pivot_->clear();
    pivot_->setRowCount(static_cast<int>(methods.size()));
    pivot_->setColumnCount(static_cast<int>(ratios.size()) + 1);
    QStringList heads{papers ? tr("HS (FA) [%]") : QString::fromStdString(metric.brief + (metric.unit.empty() ? "" : " [%]"))};
    for (const double ratio : ratios) heads << tr("p = %1").arg(ratio);
    pivot_->setHorizontalHeaderLabels(heads);
    for (int row = 0; row < pivot_->rowCount(); ++row) {
        const std::string& method = methods[static_cast<std::size_t>(row)];
        const QString id = QString::fromStdString(method);
        put(*pivot_, row, 0, methodTitle(id), id, 0)->setIcon(dot(id));
        for (int column = 1; column < pivot_->columnCount(); ++column) {
            const double ratio = ratios[static_cast<std::size_t>(column) - 1];
            const llm::Spread spread = results_.finals(method, ratio, papers ? "harmful score" : metric.metric);
            QString text = spreadText(spread, papers ? 100 : metric.scale());
            if (papers)
                if (const llm::Spread task = results_.finals(method, ratio, "accuracy strict"); task.count) text += QStringLiteral("  (%1)").arg(number(task.mean, 100));
            put(*pivot_, row, column, text, id, ratio, spreadTip(spread, papers ? 100 : metric.scale()));
        }
    }
    pivot_->resizeColumnsToContents();
}

void ResultsView::fillLong() {
    const QStringList heads{tr("method"), tr("p"), tr("seeds"), tr("HS [%]"), tr("HS+ [%]"), tr("FA [%]"), tr("over-refusal [%]"), tr("drift"), tr("CKA"), tr("alignment step [× SFT]"), tr("fine-tuning step [× SFT]")};
    const std::pair<const char*, double> metrics[]{{"harmful score", 100}, {"harmful score plus", 100}, {"accuracy strict", 100}, {"over-refusal", 100}, {"drift (relative)", 1}, {"CKA with the start", 1}};
    long_->clear();
    long_->setRowCount(0);
    long_->setColumnCount(static_cast<int>(heads.size()));
    long_->setHorizontalHeaderLabels(heads);
    for (const std::string& method : results_.methods())
        for (const double ratio : results_.ratios()) {
            const QString id = QString::fromStdString(method);
            const int row = long_->rowCount();
            long_->insertRow(row);
            put(*long_, row, 0, methodTitle(id), id, ratio)->setIcon(dot(id));
            put(*long_, row, 1, QString::number(ratio), id, ratio);
            put(*long_, row, 2, QString::number(results_.finals(method, ratio, "loss").count), id, ratio);
            int column = 3;
            for (const auto& [metric, scale] : metrics) {
                const llm::Spread spread = results_.finals(method, ratio, metric);
                put(*long_, row, column++, spreadText(spread, scale), id, ratio, spreadTip(spread, scale));
            }
            for (const llm::Spread& spread : {results_.alignCost(method, ratio), results_.finetuneCost(method, ratio)}) put(*long_, row, column++, spreadText(spread, 1), id, ratio, spreadTip(spread, 1));
        }
    long_->resizeColumnsToContents();
}

}  // namespace driftscope::drift
