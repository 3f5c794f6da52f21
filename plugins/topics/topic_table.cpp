#include "plugins/topics/topic_table.h"

#include <QHeaderView>
#include <QIcon>
#include <QSortFilterProxyModel>
#include <cmath>

#include "core/topics/measure/coherence.h"
#include "plugins/topics/dot.h"
#include "plugins/topics/picture_view.h"
#include "plugins/topics/topic_labels.h"
#include "plugins/topics/workspace.h"
#include "widgets/style/palette.h"

namespace driftscope::topics {
namespace {

constexpr std::size_t kGist = 6;
constexpr std::size_t kMergedGist = 2;  // leaves room to say what was merged
constexpr std::size_t kScoredWords = 10;

/// Leaves hidden topics and those merged into others out.
class ShownTopics : public QSortFilterProxyModel {
  public:
    ShownTopics(const TopicLabels& labels, const bool& hiddenShown, QObject* parent) : QSortFilterProxyModel(parent), labels_(labels), hiddenShown_(hiddenShown) {}
    bool filterAcceptsRow(int row, const QModelIndex&) const override {
        const auto topic = static_cast<std::uint32_t>(row);
        if (topic >= labels_.groups().topics() || hiddenShown_) return true;
        return !labels_.groups().isMerged(topic) && !labels_.groups().isHidden(topic);
    }

  private:
    const TopicLabels& labels_;
    const bool& hiddenShown_;
};

QString words(const TopicData& run, std::uint32_t topic, std::size_t count) {
    QStringList all;
    for (std::size_t i = 0; i < std::min(count, run.words[topic].size()); ++i) all << run.word(run.words[topic][i]);
    return all.join(QLatin1Char(' '));
}

}  // namespace

TopicTableModel::TopicTableModel(Workspace& workspace, TopicLabels& labels, QObject* parent) : QAbstractTableModel(parent), workspace_(workspace), labels_(labels) {
    connect(&workspace_, &Workspace::runChanged, this, &TopicTableModel::takeRun);
    connect(&labels_, &TopicLabels::changed, this, [this] {
        if (rowCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    });
}

void TopicTableModel::takeRun() {
    beginResetModel();
    coherence_.clear();
    endResetModel();
    const auto run = workspace_.run();
    if (!run || !run->corpus) return;
    workspace_.computeSlowly([this, run]() -> std::function<void()> {
        std::vector<std::vector<std::string>> topics;
        for (const auto& ids : run->words) {
            topics.emplace_back();
            for (std::size_t i = 0; i < std::min(kScoredWords, ids.size()); ++i) topics.back().push_back(run->run.vocabulary[ids[i]]);
        }
        CoherenceSettings settings;
        if (!run->corpus->corpus.ordered) settings.measure = CoherenceMeasure::NpmiInternal, settings.window = 0;
        auto scored = driftscope::topics::coherence(topics, run->corpus->corpus, settings);
        return [this, run, scored = std::move(scored)] {
            if (run != workspace_.run() || !scored) return;
            coherence_ = scored->perTopic;
            if (rowCount() > 0) Q_EMIT dataChanged(index(0, Coherence), index(rowCount() - 1, Coherence));
        };
    });
}

int TopicTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !workspace_.run() ? 0 : static_cast<int>(workspace_.run()->topics());
}

int TopicTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

/// With what is merged into it; a merged topic keeps its own.
double TopicTableModel::share(std::uint32_t topic) const {
    double sum = 0;
    for (const std::uint32_t member : labels_.groups().members(topic)) sum += workspace_.run()->shares[member];
    return labels_.groups().isMerged(topic) ? workspace_.run()->shares[topic] : sum;
}

QVariant TopicTableModel::shown(std::uint32_t topic, int column) const {
    const TopicData& run = *workspace_.run();
    switch (column) {
        case Number: return QString::number(topic);
        case Name: {
            const auto members = labels_.groups().members(topic);
            QString text = labels_.name(topic).isEmpty() ? words(run, topic, members.size() > 1 ? kMergedGist : kGist) : labels_.name(topic);
            if (members.size() > 1) {
                QStringList with;
                for (const std::uint32_t member : members)
                    if (member != topic) with << QString::number(member);
                text += tr("  (with %1)").arg(with.join(QStringLiteral(", ")));
            }
            if (labels_.groups().isMerged(topic)) text += tr("  (merged into %1)").arg(labels_.groups().root(topic));
            return text;
        }
        case Share: return QStringLiteral("%1 %").arg(100 * share(topic), 0, 'f', 1);
        case Coherence: return topic < coherence_.size() && std::isfinite(coherence_[topic]) ? QString::number(coherence_[topic], 'f', 3) : QString();
        case Code: return labels_.code(topic) < 0 ? QString() : QString::fromStdString(labels_.codeSchema()->classes[static_cast<std::size_t>(labels_.code(topic))].name);
        default: return {};
    }
}

QVariant TopicTableModel::sortKey(std::uint32_t topic, int column) const {
    switch (column) {
        case Number: return topic;
        case Share: return share(topic);
        case Coherence: return topic < coherence_.size() && std::isfinite(coherence_[topic]) ? coherence_[topic] : -2.0;
        default: return shown(topic, column);
    }
}

QVariant TopicTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || !workspace_.run()) return {};
    const auto topic = static_cast<std::uint32_t>(index.row());
    if (topic >= workspace_.run()->topics() || topic >= labels_.groups().topics()) return {};
    switch (role) {
        case Qt::DisplayRole: return shown(topic, index.column());
        case Qt::EditRole: return index.column() == Name ? labels_.name(topic) : shown(topic, index.column());
        case kSortRole: return sortKey(topic, index.column());
        case Qt::DecorationRole:
            if (index.column() == Number) return dot(labels_.colour(topic));
            if (index.column() == Code && labels_.code(topic) >= 0) return dot(QColor(QString::fromStdString(labels_.codeSchema()->classes[static_cast<std::size_t>(labels_.code(topic))].color)));
            return {};
        case Qt::ToolTipRole: return tr("Topic %1\n%2\nOver %3 words effectively").arg(labels_.title(topic), words(*workspace_.run(), topic, 20)).arg(workspace_.run()->spread[topic], 0, 'f', 0);
        case Qt::TextAlignmentRole: return index.column() == Share || index.column() == Coherence ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
        case Qt::FontRole: {
            QFont font;
            if (index.column() == Name && !labels_.name(topic).isEmpty()) font.setBold(true);
            if (labels_.groups().isHidden(topic) || labels_.groups().isMerged(topic)) font.setItalic(true);
            return font;
        }
        default: return {};
    }
}

QVariant TopicTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    static const QString kHeads[] = {tr("#"), tr("Topic"), tr("Tokens"), tr("NPMI"), tr("Code")};
    if (role == Qt::DisplayRole) return kHeads[section];
    if (role != Qt::ToolTipRole) return {};
    static const QString kTips[] = {tr("The number the model gave; sorting never changes it"), tr("Its name (F2), or its first words"), tr("Share of all tokens"),
                                    tr("Normalised pointwise mutual information of the first 10 words in this corpus, windows of 10, exact counts. A weak proxy of "
                                       "what people think: Spearman .28 to .43 with human scores (Hoyle et al. 2021)."),
                                    tr("A person's code (keys 1 … 9)")};
    return kTips[section];
}

bool TopicTableModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::EditRole || index.column() != Name) return false;
    const auto stored = labels_.rename(static_cast<std::uint32_t>(index.row()), value.toString());
    if (!stored) Q_EMIT failed(QString::fromStdString(stored.error().text()));
    return stored.has_value();
}

Qt::ItemFlags TopicTableModel::flags(const QModelIndex& index) const {
    const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    return index.column() == Name ? flags | Qt::ItemIsEditable : flags;
}

TopicTable::TopicTable(Workspace& workspace, TopicLabels& labels, QWidget* parent)
    : QTableView(parent), workspace_(workspace), labels_(labels), model_(new TopicTableModel(workspace, labels, this)), sorted_(new ShownTopics(labels, hiddenShown_, this)) {
    setObjectName(QStringLiteral("topicTable"));
    setAccessibleName(tr("Topics"));
    sorted_->setSourceModel(model_);
    sorted_->setSortRole(TopicTableModel::kSortRole);
    setModel(sorted_);
    setSortingEnabled(true);
    sortByColumn(TopicTableModel::Number, Qt::AscendingOrder);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::SelectedClicked);
    setShowGrid(false);
    setAlternatingRowColors(true);
    setWordWrap(false);
    setTabKeyNavigation(false);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 7);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setMinimumSectionSize(30);
    horizontalHeader()->setSectionResizeMode(TopicTableModel::Name, QHeaderView::Stretch);
    for (const auto& [column, sample] : {std::pair{TopicTableModel::Number, "000"}, {TopicTableModel::Share, "00.0 %"}, {TopicTableModel::Coherence, "-0.000"}, {TopicTableModel::Code, "background"}})
        setColumnWidth(column, fontMetrics().horizontalAdvance(QLatin1String(sample)) + 18);
    link();
}

void TopicTable::link() {
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
        if (following_ || !current.isValid()) return;
        workspace_.selectTopic(static_cast<std::uint32_t>(sorted_->mapToSource(current).row()));
    });
    connect(&workspace_, &Workspace::selectionChanged, this, &TopicTable::follow);
    const auto showCodes = [this] {
        bool any = false;
        for (std::uint32_t k = 0; k < labels_.groups().topics(); ++k) any = any || labels_.code(k) != TopicLabels::kNoCode;
        setColumnHidden(TopicTableModel::Code, !any);
    };
    connect(&labels_, &TopicLabels::changed, this, [this, showCodes] {
        sorted_->invalidate();
        showCodes();
    });
    showCodes();
    setMouseTracking(true);
    connect(this, &QTableView::entered, this, [this](const QModelIndex& index) { workspace_.hoverTopic(static_cast<std::uint32_t>(sorted_->mapToSource(index).row())); });
}

void TopicTable::follow() {
    const auto topic = workspace_.topic();
    following_ = true;
    if (!topic) {
        selectionModel()->clear();
    } else {
        const QModelIndex index = sorted_->mapFromSource(model_->index(static_cast<int>(labels_.groups().topics() > *topic && !hiddenShown_ ? labels_.groups().root(*topic) : *topic), TopicTableModel::Name));
        if (index.isValid() && index.row() != currentIndex().row()) {
            setCurrentIndex(index);
            scrollTo(index);
        }
    }
    following_ = false;
}

std::vector<std::uint32_t> TopicTable::chosen() const {
    std::vector<std::uint32_t> topics;
    for (const QModelIndex& index : selectionModel()->selectedRows()) topics.push_back(static_cast<std::uint32_t>(sorted_->mapToSource(index).row()));
    std::sort(topics.begin(), topics.end());
    return topics;
}

void TopicTable::setHiddenShown(bool shown) {
    hiddenShown_ = shown;
    sorted_->invalidate();
}

void TopicTable::editName() {
    if (!currentIndex().isValid()) return;
    setFocus();
    edit(currentIndex().siblingAtColumn(TopicTableModel::Name));
}

QString TopicTable::csv() const {
    QString out = QStringLiteral("topic,name,code,share_of_tokens,npmi,effective_words,merged_into,hidden,words\n");
    const auto& run = workspace_.run();
    if (!run) return out;
    for (std::uint32_t k = 0; k < run->topics(); ++k) {
        const auto& scores = model_->coherence();
        out += QStringLiteral("%1,%2,%3,%4,%5,%6,%7,%8,%9\n").arg(k).arg(csvField(labels_.name(k)), csvField(model_->data(model_->index(static_cast<int>(k), TopicTableModel::Code), Qt::DisplayRole).toString()))
                   .arg(run->shares[k], 0, 'g', 9).arg(k < scores.size() && std::isfinite(scores[k]) ? QString::number(scores[k], 'g', 9) : QString()).arg(run->spread[k], 0, 'g', 6)
                   .arg(labels_.groups().isMerged(k) ? QString::number(labels_.groups().root(k)) : QString()).arg(labels_.groups().isHidden(k) ? 1 : 0).arg(csvField(words(*run, k, kListedWords)));
    }
    return out;
}

}  // namespace driftscope::topics
