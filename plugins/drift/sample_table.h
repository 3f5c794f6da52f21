#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <map>
#include <string>

#include "plugins/drift/answers.h"

namespace driftscope::drift {

class DriftLabels;
class InspectModel;

/// One row per sample of the run: what it is, what the model answered before and after, how far it moved, what people and
/// the probe say.
class SampleTable : public QAbstractTableModel {
    Q_OBJECT
  public:
    enum Column { Number, Drift, Verdict, Label, Probe, Prompt, Before, After, Other, Loss, Kl, Columns };
    static constexpr int SortRole = Qt::UserRole + 1;

    SampleTable(InspectModel& model, DriftLabels& labels, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// Predictions of a probe by prompt, for the shown step; empty for none.
    void setPredictions(std::map<std::string, std::string> predictions);
    /// Whether a row passes one of the filters "all", "harmful", "turned", "refused", "unlabelled", "disagree".
    bool passes(int row, const QString& filter) const;
    QString csv() const;

  private:
    void reset();
    void restyle();  ///< same rows, other content
    QString text(int row, int column) const;
    QVariant sortKey(int row, int column) const;
    const Answer* answer(int row, std::int64_t step) const;
    QString labelText(int row) const;

    InspectModel& model_;
    DriftLabels& labels_;
    std::map<std::string, std::string> predictions_;
    int rows_ = 0;
};

/// The table under a filter and a search.
class SampleFilter : public QSortFilterProxyModel {
    Q_OBJECT
  public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setFilterName(const QString& name);
    void setSearch(const QString& text);

  protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

  private:
    QString name_ = QStringLiteral("all"), search_;
};

/// "harmful", "refused" or "harmless", with "incoherent" where it is.
QString verdictText(const Answer* answer);

}  // namespace driftscope::drift
