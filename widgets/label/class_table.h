#pragma once

#include <QAbstractTableModel>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/label/label_schema.h"

namespace driftscope::label {

/// The classes of a schema under edit, one per row, with what is wrong in which cell.
class ClassTable : public QAbstractTableModel {
    Q_OBJECT
  public:
    enum Column { Colour, Name, Key, Spellings, Labels, ColumnCount };
    struct Problem {
        int row;
        int column;
        QString text;
    };

    /// `counts` are the labels that each class has; a class with labels cannot be removed.
    ClassTable(const std::vector<LabelClass>& classes, std::map<std::string, std::int64_t> counts,
               QObject* parent = nullptr);

    /// Keys that mean something else in the program, with that meaning; they cannot be class keys.
    void setReservedKeys(std::map<QString, QString> keys);

    std::vector<LabelClass> classes() const;
    /// Old name -> new name of the classes that were there before and were renamed.
    std::map<std::string, std::string> renamed() const;
    std::vector<Problem> problems() const { return problems_; }

    int add();  ///< a class with a free key and colour; returns its row
    bool canRemove(int row) const;
    void remove(int row);
    bool move(int row, int by);
    void setColour(int row, const QColor& colour);
    QColor colour(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

  private:
    struct Row {
        LabelClass item;
        std::string original;  ///< its name in the store; empty when new
        std::int64_t labels = 0;
    };

    void check();
    void checkKey(int row);
    QString problemOf(const QModelIndex& index) const;
    QVariant textOf(const Row& row, int column) const;

    std::vector<Row> rows_;
    std::map<QString, QString> reserved_;
    std::vector<Problem> problems_;
};

}  // namespace driftscope::label
