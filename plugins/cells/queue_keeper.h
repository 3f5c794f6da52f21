#pragma once

#include <QObject>
#include <QThreadPool>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/embed/label_queue.h"
#include "plugins/cells/cells_data.h"

namespace driftscope::cells {

struct Predictions;

/// What to label next, kept current on a thread of its own: choosing looks at thousands of cells, and a key press must not
/// wait for it. A result that a newer label has overtaken is dropped.
class QueueKeeper : public QObject {
    Q_OBJECT
  public:
    explicit QueueKeeper(QObject* parent = nullptr);
    ~QueueKeeper() override;

    void setData(std::shared_ptr<const CellsData> data);
    /// Chooses again from these labels (class per row, -1 unlabelled) and predictions (may be null). changed() follows.
    void refresh(std::vector<int> labels, std::shared_ptr<const Predictions> predictions);
    const std::vector<embed::QueueItem>& items() const { return items_; }
    bool busy() const { return busy_; }

  Q_SIGNALS:
    void changed();

  private:
    struct Request {
        std::shared_ptr<const CellsData> data;
        std::shared_ptr<const std::vector<std::uint32_t>> tracks;
        std::vector<int> labels;
        std::shared_ptr<const Predictions> predictions;
    };
    void launch(std::shared_ptr<const Request> request);
    void deliver(std::uint64_t generation, std::vector<embed::QueueItem> items);

    std::shared_ptr<const CellsData> data_;
    std::shared_ptr<const std::vector<std::uint32_t>> tracks_;  ///< track of each row
    std::shared_ptr<const Request> next_;                       ///< waits until the one under way is done
    std::vector<embed::QueueItem> items_;
    QThreadPool pool_;
    std::uint64_t generation_ = 0;
    bool busy_ = false;
};

}  // namespace driftscope::cells
