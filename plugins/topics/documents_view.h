#pragma once

#include <QAbstractTableModel>
#include <QTimer>
#include <QWidget>
#include <optional>
#include <vector>

#include "core/table/selection.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QTableView;

namespace driftscope::topics {

class DocumentReader;
class TopicLabels;
class Workspace;

/// The documents that pass the filters, those of the chosen topic first, in order of their share of it.
class DocumentModel : public QAbstractTableModel {
    Q_OBJECT
  public:
    enum Column { Share, Topic, Name, Category, Text, ColumnCount };

    DocumentModel(Workspace& workspace, TopicLabels& labels, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    const std::vector<std::uint32_t>& rows() const { return rows_; }
    double share(std::uint32_t document) const;  ///< of the chosen topic with what is merged into it, or of its largest one
    void setRows(std::vector<std::uint32_t> rows);
    QString category(std::uint32_t document, int level) const;
    void setLevel(int level) { level_ = level; }
    int level() const { return level_; }

  private:
    Workspace& workspace_;
    TopicLabels& labels_;
    std::vector<std::uint32_t> rows_;
    int level_ = 0;
};

/// Documents to search, filter and read, each token in the colour of its topic, with the nearest documents beside it.
class DocumentsView : public QWidget {
    Q_OBJECT
  public:
    DocumentsView(Workspace& workspace, TopicLabels& labels, QWidget* parent = nullptr);

    void focusSearch();
    DocumentReader& reader() const { return *reader_; }
    QString csv() const;  ///< the list as shown

  private:
    QWidget* buildFilters();
    void takeRun();
    void refreshCategories();
    void filter();
    void follow();
    bool passes(std::uint32_t document, const QString& wanted) const;

    Workspace& workspace_;
    TopicLabels& labels_;
    DocumentModel* list_;
    QLineEdit* search_;
    QComboBox *level_, *category_;
    QLabel* count_;
    QTableView* table_;
    DocumentReader* reader_;
    QTimer typing_;
    std::optional<std::uint32_t> shownTopic_;
    IdSet shownMany_;
    std::vector<QString> lower_;  ///< texts in lower case, made at the first search
};

}  // namespace driftscope::topics
