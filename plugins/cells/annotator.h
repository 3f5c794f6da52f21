#pragma once

#include <QObject>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "plugins/cells/cells_data.h"
#include "plugins/cells/audit_score.h"
#include "plugins/cells/queue_keeper.h"

namespace driftscope {
class SelectionHub;
}

namespace driftscope::cells {

class Cursor;
class LabelModel;
class Predictor;

/// What a label key does: to the selection if there is one, else to the cell under the cursor, and then on to the next.
class Annotator : public QObject {
    Q_OBJECT
  public:
    Annotator(Cursor& cursor, LabelModel& labels, Predictor& predictor, SelectionHub& selection, QObject* parent = nullptr);

    void setData(std::shared_ptr<const CellsData> data);

    /// Labels the selection, or the current cell and goes on: to the next of the queue in queue mode, else to the next frame
    /// of the track (the last frame stays).
    void labelAndGoOn(int classIndex);
    /// Labels the marked interval of the current track, or from just after its previous label to the current frame.
    void labelInterval(int classIndex);
    void removeLabel();
    void labelRows(const std::vector<std::uint32_t>& rows, int classIndex);

    /// Frames of the current track to be labelled together; from setMark() on it stretches to the current frame.
    void setMark();
    void setInterval(std::int64_t first, std::int64_t last);
    void clearInterval();
    std::optional<std::pair<std::int64_t, std::int64_t>> interval() const { return interval_; }

    /// The next cell without a label: later in this track, then the following tracks, wrapping around once.
    void nextUnlabelled();
    void setQueueMode(bool on);
    bool queueMode() const { return queueMode_; }
    const std::vector<embed::QueueItem>& queue() const { return keeper_->items(); }
    bool choosing() const { return keeper_->busy(); }  ///< a newer queue is on its way
    const AuditScore& audits() const { return audits_; }
    void refreshQueue();

  Q_SIGNALS:
    void queueChanged();
    void markChanged();
    void message(const QString& text);  ///< what was done, or why nothing was
    void failed(const QString& text);

  private:
    std::vector<std::uint32_t> targets() const;
    void goOn();
    /// Where a label comes from: "audit" for a cell that the queue drew at random, else "manual". Scores the audit.
    std::string originOf(const std::vector<std::uint32_t>& rows, int classIndex);
    std::pair<std::int64_t, std::int64_t> sinceLastLabel(const Trajectory& track) const;
    void report(const Result<void>& result);

    Cursor& cursor_;
    LabelModel& labels_;
    Predictor& predictor_;
    SelectionHub& selection_;
    std::shared_ptr<const CellsData> data_;
    QueueKeeper* keeper_;
    AuditScore audits_;
    std::optional<std::pair<std::int64_t, std::int64_t>> interval_;
    std::optional<std::int64_t> marking_;  ///< start of an interval that follows the cursor
    bool queueMode_ = false;
    QString storedMessage_;  ///< what to say when the labels under way are on disk
};

}  // namespace driftscope::cells
