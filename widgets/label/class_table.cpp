#include "widgets/label/class_table.h"

#include <QApplication>
#include <QColor>
#include <QLocale>
#include <QStyle>
#include <algorithm>

#include "widgets/label/label_colours.h"
#include "widgets/style/palette.h"

namespace driftscope::label {
namespace {

QString text(const std::string& s) {
    return QString::fromStdString(s);
}

std::vector<std::string> split(const QString& list) {
    std::vector<std::string> result;
    for (const QString& part : list.split(QLatin1Char(','), Qt::SkipEmptyParts))
        if (const QString trimmed = part.trimmed(); !trimmed.isEmpty()) result.push_back(trimmed.toStdString());
    return result;
}

QString joined(const std::vector<std::string>& list) {
    QStringList parts;
    for (const std::string& part : list) parts << text(part);
    return parts.join(QStringLiteral(", "));
}

}  // namespace

ClassTable::ClassTable(const std::vector<LabelClass>& classes, std::map<std::string, std::int64_t> counts,
                       QObject* parent)
    : QAbstractTableModel(parent) {
    for (const LabelClass& item : classes) rows_.push_back({item, item.name, counts[item.name]});
    check();
}

void ClassTable::setReservedKeys(std::map<QString, QString> keys) {
    reserved_.clear();
    for (const auto& [key, use] : keys) reserved_[key.toUpper()] = use;
    check();
}

std::vector<LabelClass> ClassTable::classes() const {
    std::vector<LabelClass> result;
    for (const Row& row : rows_) result.push_back(row.item);
    return result;
}

std::map<std::string, std::string> ClassTable::renamed() const {
    std::map<std::string, std::string> result;
    for (const Row& row : rows_)
        if (!row.original.empty() && row.original != row.item.name) result[row.original] = row.item.name;
    return result;
}

int ClassTable::add() {
    LabelClass item;
    for (char key = '1'; key <= '9' && item.key.empty(); ++key) {
        const bool taken = std::any_of(rows_.begin(), rows_.end(),
                                       [&](const Row& row) { return row.item.key == std::string(1, key); });
        if (!taken) item.key = key;
    }
    for (const QColor& colour : style::categorical(rows_.size() + 1)) {
        item.color = colour.name().toUpper().toStdString();
        const bool taken = std::any_of(rows_.begin(), rows_.end(),
                                       [&](const Row& row) { return QColor(text(row.item.color)) == colour; });
        if (!taken) break;
    }
    const int row = rowCount();
    beginInsertRows({}, row, row);
    rows_.push_back({item, {}, 0});
    endInsertRows();
    check();
    return row;
}

bool ClassTable::canRemove(int row) const {
    return row >= 0 && row < rowCount() && rows_[static_cast<std::size_t>(row)].labels == 0;
}

void ClassTable::remove(int row) {
    if (!canRemove(row)) return;
    beginRemoveRows({}, row, row);
    rows_.erase(rows_.begin() + row);
    endRemoveRows();
    check();
}

bool ClassTable::move(int row, int by) {
    const int to = row + by;
    if (row < 0 || row >= rowCount() || to < 0 || to >= rowCount() || by == 0) return false;
    beginMoveRows({}, row, row, {}, by > 0 ? to + 1 : to);
    Row moved = std::move(rows_[static_cast<std::size_t>(row)]);
    rows_.erase(rows_.begin() + row);
    rows_.insert(rows_.begin() + to, std::move(moved));
    endMoveRows();
    check();
    return true;
}

void ClassTable::setColour(int row, const QColor& colour) {
    rows_[static_cast<std::size_t>(row)].item.color = colour.name().toUpper().toStdString();
    check();
}

QColor ClassTable::colour(int row) const {
    return QColor(text(rows_[static_cast<std::size_t>(row)].item.color));
}

int ClassTable::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}
int ClassTable::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ClassTable::textOf(const Row& row, int column) const {
    switch (column) {
        case Colour:
            return text(row.item.color);
        case Name:
            return text(row.item.name);
        case Key:
            return text(row.item.key).toUpper();
        case Spellings:
            return joined(row.item.aliases);
        default:
            return QLocale().toString(static_cast<qlonglong>(row.labels));
    }
}

QVariant ClassTable::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const Row& row = rows_[static_cast<std::size_t>(index.row())];
    const QString problem = problemOf(index);
    switch (role) {
        case Qt::DisplayRole:
            return index.column() == Colour ? QVariant() : textOf(row, index.column());
        case Qt::EditRole:
            return textOf(row, index.column());
        case Qt::DecorationRole:
            if (index.column() == Colour) return swatchIcon(colour(index.row()));
            // Also seen where the selection covers the background.
            return problem.isEmpty() ? QVariant()
                                     : QVariant(QApplication::style()->standardIcon(QStyle::SP_MessageBoxWarning));
        case Qt::BackgroundRole:
            return problem.isEmpty() ? QVariant() : QVariant(QColor(213, 94, 0, 70));
        case Qt::ToolTipRole:
            return problem.isEmpty() ? headerData(index.column(), Qt::Horizontal, role) : QVariant(problem);
        case Qt::AccessibleTextRole:
            return textOf(row, index.column());
        case Qt::TextAlignmentRole:
            if (index.column() == Labels) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
            return index.column() == Key ? QVariant(Qt::AlignCenter) : QVariant();
        default:
            return {};
    }
}

bool ClassTable::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (!index.isValid() || role != Qt::EditRole) return false;
    LabelClass& item = rows_[static_cast<std::size_t>(index.row())].item;
    const QString given = value.toString().trimmed();
    if (index.column() == Name) item.name = given.toStdString();
    if (index.column() == Key) item.key = given.toLower().toStdString();
    if (index.column() == Spellings) item.aliases = split(given);
    check();
    return true;
}

QVariant ClassTable::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    static const char* const titles[] = {QT_TR_NOOP("Colour"), QT_TR_NOOP("Class"), QT_TR_NOOP("Key"),
                                         QT_TR_NOOP("Other spellings"), QT_TR_NOOP("Labels")};
    static const char* const tips[] = {
        QT_TR_NOOP("How the class is drawn everywhere (Enter or double click to change)"),
        QT_TR_NOOP("What is written to files"), QT_TR_NOOP("The key that labels with this class: a digit or a letter"),
        QT_TR_NOOP("Accepted for this class on import, separated by commas: 2, metaphase"),
        QT_TR_NOOP("How many targets have this class now")};
    if (role == Qt::DisplayRole) return tr(titles[section]);
    if (role == Qt::ToolTipRole) return tr(tips[section]);
    return {};
}

Qt::ItemFlags ClassTable::flags(const QModelIndex& index) const {
    const Qt::ItemFlags base = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    return index.column() == Labels || index.column() == Colour ? base : base | Qt::ItemIsEditable;
}

QString ClassTable::problemOf(const QModelIndex& index) const {
    for (const Problem& problem : problems_)
        if (problem.row == index.row() && problem.column == index.column()) return problem.text;
    return {};
}

void ClassTable::checkKey(int row) {
    const QString key = text(rows_[static_cast<std::size_t>(row)].item.key).toUpper();
    if (key.isEmpty()) return;
    if (key.size() != 1 || !key[0].isLetterOrNumber()) {
        problems_.push_back({row, Key, tr("The key “%1” is not a single digit or letter.").arg(key)});
        return;
    }
    if (const auto use = reserved_.find(key); use != reserved_.end())
        problems_.push_back({row, Key, tr("The key %1 means “%2” here: choose another one.").arg(key, use->second)});
    for (int other = 0; other < row; ++other)
        if (text(rows_[static_cast<std::size_t>(other)].item.key).toUpper() == key)
            problems_.push_back({row, Key,
                                 tr("The key %1 belongs to “%2” already.")
                                     .arg(key, text(rows_[static_cast<std::size_t>(other)].item.name))});
}

void ClassTable::check() {
    problems_.clear();
    std::map<QString, int> owner;  // spelling -> row
    for (int row = 0; row < rowCount(); ++row) {
        const QString name = text(rows_[static_cast<std::size_t>(row)].item.name);
        if (name.isEmpty())
            problems_.push_back({row, Name, tr("Class %1 has no name.").arg(row + 1)});
        else if (const auto [place, fresh] = owner.emplace(name.toLower(), row); !fresh)
            problems_.push_back({row, Name, tr("Two classes are named “%1”.").arg(name)});
        checkKey(row);
    }
    for (int row = 0; row < rowCount(); ++row)
        for (const std::string& alias : rows_[static_cast<std::size_t>(row)].item.aliases)
            if (const auto [place, fresh] = owner.emplace(text(alias).toLower(), row); !fresh && place->second != row)
                problems_.push_back(
                    {row, Spellings,
                     tr("The spelling “%1” belongs to “%2” already.")
                         .arg(text(alias), text(rows_[static_cast<std::size_t>(place->second)].item.name))});
    if (rowCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

}  // namespace driftscope::label
