#pragma once

#include <QAbstractTableModel>
#include <QTableView>
#include <memory>
#include <optional>
#include <vector>

class QSortFilterProxyModel;

namespace driftscope::topics {

class TopicLabels;
class Workspace;
struct Coherence;

/// A row per topic in native order; the row is the topic's number, whatever a view sorts by.
class TopicTableModel : public QAbstractTableModel {
    Q_OBJECT
  public:
    enum Column { Number, Name, Share, Coherence, Code, ColumnCount };
    static constexpr int kSortRole = Qt::UserRole;

    TopicTableModel(Workspace& workspace, TopicLabels& labels, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    /// NPMI per topic; NaN where unknown. Empty until computed.
    const std::vector<double>& coherence() const { return coherence_; }

  Q_SIGNALS:
    void failed(const QString& text);

  private:
    void takeRun();
    QVariant shown(std::uint32_t topic, int column) const;
    double share(std::uint32_t topic) const;
    QVariant sortKey(std::uint32_t topic, int column) const;

    Workspace& workspace_;
    TopicLabels& labels_;
    std::vector<double> coherence_;
};

/// The list of topics: sorts without renumbering, names by F2, several for merging by Ctrl.
class TopicTable : public QTableView {
    Q_OBJECT
  public:
    TopicTable(Workspace& workspace, TopicLabels& labels, QWidget* parent = nullptr);

    TopicTableModel& topicModel() const { return *model_; }
    std::vector<std::uint32_t> chosen() const;  ///< all selected topics, rising
    void setHiddenShown(bool shown);
    bool hiddenShown() const { return hiddenShown_; }
    void editName();                            ///< of the current topic
    QString csv() const;

  private:
    void follow();
    void link();

    Workspace& workspace_;
    TopicLabels& labels_;
    TopicTableModel* model_;
    QSortFilterProxyModel* sorted_;
    bool hiddenShown_ = false;
    bool following_ = false;
};

}  // namespace driftscope::topics
