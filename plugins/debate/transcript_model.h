#pragma once

#include <QAbstractTableModel>
#include <functional>
#include <vector>

#include "core/debate/play.h"

namespace driftscope::debate {

class PlayModel;

/// The rounds of a game as rows; which columns there are depends on the protocol. Rounds after the position looked at are
/// pale. The oracle's true probabilities stay hidden while a person plays.
class TranscriptModel : public QAbstractTableModel {
    Q_OBJECT
  public:
    explicit TranscriptModel(PlayModel& game, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  private:
    struct Column {
        QString title;
        QString help;
        std::function<QString(const Round&)> text;
    };
    void chooseColumns();
    void addStochastic();
    void addBisection();
    void addTrace();
    void refresh();
    bool hidesTruth() const;
    QVariant colour(const Round& round, int row) const;

    PlayModel& game_;
    std::vector<Column> columns_;
    int rows_ = 0;
};

}  // namespace driftscope::debate
