#pragma once

#include <QObject>
#include <QThreadPool>
#include <QTimer>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/table/embedding_table.h"
#include "plugins/cells/cells_data.h"

namespace driftscope::embed {
class FastProbe;
}

namespace driftscope::cells {

class LabelModel;

/// What the probe says about every row.
struct Predictions {
    Matrix probabilities;                ///< rows x classes; NaN rows without an embedding
    std::vector<int> best;               ///< class per row, -1 without an embedding
    std::size_t trainedOn = 0;           ///< labelled rows used
    std::size_t classes = 0;
};

/// Learns along: every label restarts a fast probe in the background, and its predictions colour the views. A result that a
/// newer label has overtaken is dropped.
class Predictor : public QObject {
    Q_OBJECT
  public:
    explicit Predictor(LabelModel& labels, QObject* parent = nullptr);
    ~Predictor() override;

    void setData(std::shared_ptr<const CellsData> data);
    /// Null until two classes have labels.
    std::shared_ptr<const Predictions> predictions() const { return predictions_; }
    bool busy() const { return busy_; }
    double lastMilliseconds() const { return lastMilliseconds_; }  ///< from label to scores

  Q_SIGNALS:
    void changed();
    void failed(const QString& message);

  private:
    struct Request;
    void refit();
    void launch();
    void deliver(std::uint64_t generation, Result<std::shared_ptr<const Predictions>> result, double milliseconds);

    LabelModel& labels_;
    std::shared_ptr<const CellsData> data_;
    std::shared_ptr<embed::FastProbe> probe_;  ///< caches the reduced features; used by one worker at a time
    std::vector<std::uint32_t> embeddedRows_;
    std::shared_ptr<const Predictions> predictions_;
    QThreadPool pool_;
    QTimer coalesce_;
    std::uint64_t generation_ = 0;
    bool busy_ = false;
    bool again_ = false;
    double lastMilliseconds_ = 0;
};

}  // namespace driftscope::cells
