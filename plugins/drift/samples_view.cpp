#include "plugins/drift/samples_view.h"

#include <QComboBox>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include "plugins/drift/drift_labels.h"
#include "plugins/drift/inspect_model.h"
#include "plugins/drift/probe_judge.h"
#include "plugins/drift/sample_table.h"
#include "widgets/label/schema_bar.h"
#include "widgets/label/schema_editor.h"
#include "widgets/session/edit_stack.h"

namespace driftscope::drift {

SamplesView::SamplesView(InspectModel& model, DriftLabels& labels, ProbeJudge& probe, QWidget* parent)
    : ViewFrame(tr("Samples"), QStringLiteral("csv png svg"), parent), model_(model), labels_(labels), probe_(probe), samples_(new SampleTable(model, labels, this)), filter_(new SampleFilter(this)), table_(new QTableView),
      bar_(new label::SchemaBar), which_(new QComboBox), search_(new QLineEdit), train_(new QPushButton(tr("Train probe"))) {
    buildTop();
    buildTable();
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(table_, 1);
    setContent(content);
    link();
    linkLabels();
    refresh();
}

void SamplesView::buildTop() {
    for (const auto& [key, text] : {std::pair{"all", tr("All")}, {"harmful", tr("Harmful answers")}, {"turned", tr("Turned harmful")}, {"refused", tr("Refused")}, {"unlabelled", tr("Without label")}, {"disagree", tr("Label ≠ verdict")}})
        which_->addItem(text, QLatin1String(key));
    which_->setObjectName(QStringLiteral("driftFilter"));
    which_->setAccessibleName(tr("Which samples"));
    search_->setPlaceholderText(tr("Search prompts and answers"));
    search_->setClearButtonEnabled(true);
    search_->setObjectName(QStringLiteral("driftSearch"));
    search_->setMinimumWidth(80);
    search_->setMaximumWidth(220);
    train_->setObjectName(QStringLiteral("driftTrainProbe"));
    addControl(search_);
    addControl(which_);
    addControl(train_);
}

void SamplesView::buildTable() {
    filter_->setSourceModel(samples_);
    filter_->setSortRole(SampleTable::SortRole);
    filter_->setDynamicSortFilter(true);
    table_->setModel(filter_);
    table_->setObjectName(QStringLiteral("driftSamples"));
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
    table_->setSortingEnabled(true);
    table_->sortByColumn(SampleTable::Drift, Qt::DescendingOrder);
    table_->setWordWrap(false);
    table_->setAlternatingRowColors(true);
    table_->setShowGrid(false);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + 8);
    table_->horizontalHeader()->setHighlightSections(false);
    const int character = table_->fontMetrics().averageCharWidth();
    const int widths[] = {5, 9, 20, 14, 14, 34, 30, 40, 40, 18, 8};
    for (int column = 0; column < SampleTable::Columns; ++column) table_->setColumnWidth(column, widths[column] * character);
    bar_->follow(&labels_.edits());
}

void SamplesView::link() {
    connect(which_, &QComboBox::currentIndexChanged, this, [this] { filter_->setFilterName(which_->currentData().toString()); });
    connect(search_, &QLineEdit::textChanged, filter_, &SampleFilter::setSearch);
    connect(&model_, &InspectModel::changed, this, &SamplesView::refresh);
    connect(&model_.selection(), &DriftSelection::samplesChanged, this, &SamplesView::showSelection);
    for (const auto signal : {&DriftSelection::layerChanged, &DriftSelection::stepChanged}) connect(&model_.selection(), signal, this, &SamplesView::showProbe);
    connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, &SamplesView::takeSelection);
    connect(&probe_, &ProbeJudge::changed, this, &SamplesView::showProbe);
    connect(train_, &QPushButton::clicked, this, &SamplesView::trainProbe);
}

void SamplesView::linkLabels() {
    connect(&labels_, &DriftLabels::changed, this, &SamplesView::showProbe);
    connect(&labels_, &DriftLabels::moved, this, [this](const LabelTarget& target) {
        if (!model_.run() || target.dataset != model_.run()->dataset()) return;
        if (const auto sample = model_.run()->sampleOf(target.entity)) model_.selection().setSample(*sample);
        model_.selection().setStep(target.step);
    });
    connect(bar_, &label::SchemaBar::schemaChosen, this, [this](const std::string& name) { labels_.setSchema(name); });
    connect(bar_, &label::SchemaBar::classChosen, this, [this](const std::string& name) {
        const auto found = labels_.schema() ? labels_.schema()->find(name) : std::nullopt;
        if (found) labelChosen(static_cast<int>(*found));
    });
    connect(bar_, &label::SchemaBar::removalChosen, this, [this] { labelChosen(DriftLabels::kUnlabelled); });
    connect(bar_, &label::SchemaBar::editRequested, this, [this](const std::string& schema) { label::SchemaEditor::open(labels_.edits(), schema, this); });
}

std::uint32_t SamplesView::sampleOf(int viewRow) const {
    return static_cast<std::uint32_t>(filter_->mapToSource(filter_->index(viewRow, 0)).row());
}

void SamplesView::refresh() {
    const InspectedRun* run = model_.run();
    if (!run) return showBlank(model_.busy() ? tr("Reading the run…") : tr("Choose a run to read its samples and answers."));
    if (run->samples().empty()) return showBlank(tr("This run was not evaluated while it trained: no prompts, no answers."), tr("Measure drift…"));
    if (const auto ensured = labels_.ensureSchemas(); !ensured) Q_EMIT failed(QString::fromStdString(ensured.error().text()));
    if (labels_.schema()) bar_->setCurrentSchema(labels_.schema()->name);
    table_->setColumnHidden(SampleTable::Other, model_.other() == nullptr);
    for (const int column : {SampleTable::Drift, SampleTable::Loss, SampleTable::Kl}) table_->setColumnHidden(column, run->data() == nullptr);
    bar_->setTotal(static_cast<std::int64_t>(run->samples().size()));
    showContent();
    showProbe();
    showSelection();
}

void SamplesView::showProbe() {
    const QString problem = probe_.problem();
    train_->setEnabled(problem.isEmpty());
    train_->setToolTip(problem.isEmpty() ? tr("Fits a linear probe on the hidden states of the chosen layer to the labels (label.probe), with whole prompts held out, and shows what it says of every sample") : problem);
    const auto predictions = probe_.predictions();
    table_->setColumnHidden(SampleTable::Probe, predictions.empty());
    samples_->setPredictions(predictions);
}

void SamplesView::showSelection() {
    const IdSet chosen = model_.selection().samples();
    QItemSelection rows;
    int first = -1;
    for (int row = 0; row < filter_->rowCount(); ++row)
        if (chosen.contains(sampleOf(row))) {
            rows.select(filter_->index(row, 0), filter_->index(row, SampleTable::Columns - 1));
            if (first < 0) first = row;
        }
    following_ = true;
    table_->selectionModel()->select(rows, QItemSelectionModel::ClearAndSelect);
    if (first >= 0 && !table_->selectionModel()->isRowSelected(table_->currentIndex().row(), {})) table_->selectionModel()->setCurrentIndex(filter_->index(first, SampleTable::Prompt), QItemSelectionModel::NoUpdate);
    following_ = false;
    if (first >= 0) table_->scrollTo(filter_->index(first, SampleTable::Prompt));
    const InspectedRun* run = model_.run();
    const auto sample = model_.selection().sample();
    if (!run || !sample || *sample >= run->samples().size() || !labels_.schema()) return bar_->setActiveClass({});
    const int label = labels_.labelOf(run->dataset(), run->samples()[*sample].key(), model_.selection().step());
    bar_->setActiveClass(label < 0 ? std::string() : labels_.schema()->classes[static_cast<std::size_t>(label)].name);
}

void SamplesView::takeSelection() {
    if (following_) return;
    std::vector<std::uint32_t> chosen;
    for (const QModelIndex& index : table_->selectionModel()->selectedRows()) chosen.push_back(sampleOf(index.row()));
    model_.selection().setSamples(IdSet(std::move(chosen)));
}

void SamplesView::labelChosen(int classIndex) {
    const InspectedRun* run = model_.run();
    if (!run) return;
    const IdSet chosen = model_.selection().samples();
    std::vector<LabelTarget> targets;
    for (const std::uint32_t sample : chosen.ids())
        if (sample < run->samples().size()) targets.push_back(DriftLabels::target(run->dataset(), run->samples()[sample].key(), model_.selection().step()));
    if (targets.empty()) {
        Q_EMIT said(tr("No sample is chosen: click one in the table or the map."));
        return;
    }
    // Where the table goes on is fixed before the label may move or hide the row.
    const int row = table_->currentIndex().row();
    const bool goesOn = targets.size() == 1 && classIndex != DriftLabels::kUnlabelled && row >= 0 && row + 1 < filter_->rowCount();
    const std::uint32_t next = goesOn ? sampleOf(row + 1) : 0;
    if (const auto stored = labels_.assign(targets, classIndex); !stored) {
        Q_EMIT failed(QString::fromStdString(stored.error().text()));
        return;
    }
    const QString what = classIndex == DriftLabels::kUnlabelled ? tr("without label") : QString::fromStdString(labels_.schema()->classes[static_cast<std::size_t>(classIndex)].name);
    Q_EMIT said(tr("%n answer(s) at step %1: %2", nullptr, static_cast<int>(targets.size())).arg(model_.selection().step()).arg(what));
    if (goesOn) model_.selection().setSample(next);
}

void SamplesView::nextUnlabelled() {
    const InspectedRun* run = model_.run();
    if (!run) return;
    const int count = filter_->rowCount(), from = table_->currentIndex().row();
    for (int k = 1; k <= count; ++k) {
        const std::uint32_t sample = sampleOf((from + k + count) % count);
        if (labels_.labelOf(run->dataset(), run->samples()[sample].key(), model_.selection().step()) != DriftLabels::kUnlabelled) continue;
        model_.selection().setSample(sample);
        return;
    }
    Q_EMIT said(tr("Every sample has a label at this step."));
}

void SamplesView::focusSearch() {
    search_->setFocus(Qt::ShortcutFocusReason);
    search_->selectAll();
}

void SamplesView::trainProbe() {
    const auto id = probe_.train();
    id ? Q_EMIT said(tr("The probe is being trained.")) : Q_EMIT failed(QString::fromStdString(id.error().text()));
}

Result<void> SamplesView::exportTo(const QString& path) {
    if (isBlank()) return fail(ErrorCode::NotFound, "There are no samples to export.", "Choose a run.");
    return exportWidget(*table_, path, [this] { return samples_->csv(); });
}

}  // namespace driftscope::drift
