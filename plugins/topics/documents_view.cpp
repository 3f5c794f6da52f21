#include "plugins/topics/documents_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "plugins/topics/document_reader.h"
#include "plugins/topics/dot.h"
#include "plugins/topics/picture_view.h"
#include "plugins/topics/topic_labels.h"
#include "plugins/topics/workspace.h"
#include "widgets/style/palette.h"

namespace driftscope::topics {
namespace {

constexpr int kTypingMs = 150;
constexpr int kExcerpt = 160;  // characters of text in the list

}  // namespace

DocumentModel::DocumentModel(Workspace& workspace, TopicLabels& labels, QObject* parent) : QAbstractTableModel(parent), workspace_(workspace), labels_(labels) {}

void DocumentModel::setRows(std::vector<std::uint32_t> rows) {
    beginResetModel();
    rows_ = std::move(rows);
    endResetModel();
}

double DocumentModel::share(std::uint32_t document) const {
    const TopicData& run = *workspace_.run();
    const auto topic = workspace_.topic();
    if (!topic) return run.run.theta(document, run.hard[document]);
    double sum = 0;
    for (const std::uint32_t member : labels_.groups().members(labels_.groups().root(*topic))) sum += run.run.theta(document, member);
    return sum;
}

QString DocumentModel::category(std::uint32_t document, int level) const {
    const auto& levels = workspace_.run()->run.documents.levels;
    if (level < 0 || level >= static_cast<int>(levels.size())) return {};
    return QString::fromStdString(levels[static_cast<std::size_t>(level)].categories.at(document));
}

int DocumentModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int DocumentModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant DocumentModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || !workspace_.run() || index.row() >= rowCount()) return {};
    const std::uint32_t document = rows_[static_cast<std::size_t>(index.row())];
    if (document >= workspace_.run()->documents()) return {};
    const std::uint32_t largest = workspace_.run()->hard[document];
    if (role == Qt::TextAlignmentRole && index.column() == Share) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::DecorationRole && index.column() == Topic) return dot(labels_.colour(largest));
    if (role == Qt::ToolTipRole && index.column() == Topic) return labels_.title(largest);
    if (role != Qt::DisplayRole) return {};
    switch (index.column()) {
        case Share: return QStringLiteral("%1 %").arg(100 * share(document), 0, 'f', 0);
        case Topic: return QString::number(largest);
        case Name: return workspace_.run()->documentName(document);
        case Category: return category(document, level_);
        case Text: return QString::fromStdString(workspace_.run()->text(document)).left(kExcerpt).simplified();
        default: return {};
    }
}

QVariant DocumentModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    static const QString kHeads[] = {tr("Share"), tr("Topic"), tr("Document"), tr("Category"), tr("Text")};
    return kHeads[section];
}

DocumentsView::DocumentsView(Workspace& workspace, TopicLabels& labels, QWidget* parent)
    : QWidget(parent), workspace_(workspace), labels_(labels), list_(new DocumentModel(workspace, labels, this)), search_(new QLineEdit), level_(new QComboBox), category_(new QComboBox),
      count_(new QLabel), table_(new QTableView), reader_(new DocumentReader(workspace, labels)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(4, 4, 4, 0);
    column->setSpacing(4);
    column->addWidget(buildFilters());
    table_->setObjectName(QStringLiteral("topicDocuments"));
    table_->setAccessibleName(tr("Documents"));
    table_->setModel(list_);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setShowGrid(false);
    table_->setWordWrap(false);
    table_->setTabKeyNavigation(false);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    table_->horizontalHeader()->setStretchLastSection(true);
    table_->horizontalHeader()->setHighlightSections(false);
    table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    for (const auto& [which, width] : {std::pair{DocumentModel::Share, 52}, {DocumentModel::Topic, 54}, {DocumentModel::Name, 66}, {DocumentModel::Category, 92}}) table_->setColumnWidth(which, width);
    auto* split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    split->addWidget(table_);
    split->addWidget(reader_);
    split->setSizes({200, 320});
    column->addWidget(split, 1);
    typing_.setSingleShot(true);
    typing_.setInterval(kTypingMs);
    connect(&typing_, &QTimer::timeout, this, &DocumentsView::filter);
    connect(search_, &QLineEdit::textChanged, &typing_, qOverload<>(&QTimer::start));
    connect(level_, &QComboBox::currentIndexChanged, this, &DocumentsView::refreshCategories);
    connect(category_, &QComboBox::currentIndexChanged, this, &DocumentsView::filter);
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
        if (current.isValid()) workspace_.selectDocument(list_->rows()[static_cast<std::size_t>(current.row())]);
    });
    connect(&workspace_, &Workspace::runChanged, this, &DocumentsView::takeRun);
    connect(&workspace_, &Workspace::selectionChanged, this, &DocumentsView::follow);
    connect(&labels_, &TopicLabels::changed, this, &DocumentsView::filter);
    takeRun();
}

QWidget* DocumentsView::buildFilters() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    search_->setPlaceholderText(tr("Search in documents"));
    search_->setClearButtonEnabled(true);
    search_->setObjectName(QStringLiteral("topicSearch"));
    search_->setAccessibleName(tr("Search in documents"));
    level_->setAccessibleName(tr("Level of categories"));
    category_->setAccessibleName(tr("Category"));
    category_->setObjectName(QStringLiteral("topicCategory"));
    for (QComboBox* box : {level_, category_}) box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    count_->setForegroundRole(QPalette::PlaceholderText);
    layout->addWidget(search_, 1);
    layout->addWidget(level_);
    layout->addWidget(category_);
    layout->addWidget(count_);
    return row;
}

void DocumentsView::focusSearch() {
    search_->setFocus();
    search_->selectAll();
}

void DocumentsView::takeRun() {
    lower_.clear();
    const QSignalBlocker quiet(level_);
    level_->clear();
    if (workspace_.run())
        for (const LabelLevel& level : workspace_.run()->run.documents.levels) level_->addItem(QString::fromStdString(level.name));
    level_->setVisible(level_->count() > 1);
    refreshCategories();
}

void DocumentsView::refreshCategories() {
    list_->setLevel(level_->currentIndex());
    {
        const QSignalBlocker quiet(category_);
        category_->clear();
        category_->addItem(tr("All categories"), -2);
        if (workspace_.run() && level_->currentIndex() >= 0) {
            const Categorical& categories = workspace_.run()->run.documents.levels[static_cast<std::size_t>(level_->currentIndex())].categories;
            for (std::size_t c = 0; c < categories.categories.size(); ++c) category_->addItem(QString::fromStdString(categories.categories[c]), static_cast<int>(c));
            if (std::ranges::find(categories.codes, -1) != categories.codes.end()) category_->addItem(tr("without category"), -1);
        }
        category_->setVisible(category_->count() > 1);
    }
    table_->setColumnHidden(DocumentModel::Category, category_->count() <= 1);
    filter();
}

bool DocumentsView::passes(std::uint32_t document, const QString& wanted) const {
    const int category = category_->currentData().toInt();
    const auto& levels = workspace_.run()->run.documents.levels;
    if (category > -2 && level_->currentIndex() >= 0 && levels[static_cast<std::size_t>(level_->currentIndex())].categories.codes[document] != category) return false;
    if (!workspace_.manyDocuments().empty() && !workspace_.manyDocuments().contains(document)) return false;
    return wanted.isEmpty() || lower_[document].contains(wanted);
}

void DocumentsView::filter() {
    const auto& run = workspace_.run();
    std::vector<std::uint32_t> rows;
    if (run) {
        const QString wanted = search_->text().trimmed().toLower();
        if (!wanted.isEmpty() && lower_.empty())
            for (std::uint32_t d = 0; d < run->documents(); ++d) lower_.push_back(QString::fromStdString(run->text(d)).toLower());
        for (std::uint32_t d = 0; d < run->documents(); ++d)
            if (passes(d, wanted)) rows.push_back(d);
        if (workspace_.topic()) {
            std::vector<double> shares(run->documents(), 0);
            for (const std::uint32_t d : rows) shares[d] = list_->share(d);
            std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) { return shares[a] > shares[b]; });
        }
    }
    count_->setText(run ? tr("%1 of %2").arg(rows.size()).arg(run->documents()) : QString());
    const QSignalBlocker quiet(table_->selectionModel());
    list_->setRows(std::move(rows));
    follow();
}

void DocumentsView::follow() {
    if (!workspace_.run()) return;
    const auto document = workspace_.document();
    if (shownTopic_ != workspace_.topic() || shownMany_ != workspace_.manyDocuments()) {
        shownTopic_ = workspace_.topic();
        shownMany_ = workspace_.manyDocuments();
        filter();
        return;
    }
    const QSignalBlocker quiet(table_->selectionModel());
    const auto found = document ? std::ranges::find(list_->rows(), *document) : list_->rows().end();
    if (found == list_->rows().end()) {
        table_->clearSelection();
        return;
    }
    const int row = static_cast<int>(found - list_->rows().begin());
    if (table_->currentIndex().row() == row && table_->selectionModel()->isRowSelected(row)) return;
    table_->selectRow(row);
    table_->scrollTo(list_->index(row, 0));
    table_->viewport()->update();
}

QString DocumentsView::csv() const {
    QString out = QStringLiteral("document,share,largest_topic,category,text\n");
    if (!workspace_.run()) return out;
    for (const std::uint32_t d : list_->rows())
        out += QStringLiteral("%1,%2,%3,%4,%5\n").arg(csvField(workspace_.run()->documentName(d))).arg(list_->share(d), 0, 'g', 9).arg(workspace_.run()->hard[d])
                   .arg(csvField(list_->category(d, list_->level())), csvField(QString::fromStdString(workspace_.run()->text(d))));
    return out;
}

}  // namespace driftscope::topics
