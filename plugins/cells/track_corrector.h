#pragma once

#include <QObject>
#include <QString>
#include <QThreadPool>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "plugins/cells/cells_data.h"

namespace driftscope::cells {

/// Corrects tracks and masks: every edit is checked, recorded in the project's track-edits.jsonl, and shown as new data.
/// The files that were opened stay as they are.
class TrackCorrector : public QObject {
    Q_OBJECT
  public:
    explicit TrackCorrector(QObject* parent = nullptr);
    ~TrackCorrector() override;

    /// What was loaded, and under which name its edits are kept; edits of earlier sessions are applied. dataReady() follows.
    void setSource(std::shared_ptr<const CellsData> source, const QString& dataset, const QString& file);
    void setAnnotator(std::function<QString()> annotator) { annotator_ = std::move(annotator); }
    const std::shared_ptr<const CellsData>& data() const { return data_; }
    bool busy() const { return busy_; }
    std::size_t edits() const { return standing_; }

    void cut(std::uint32_t row);                           ///< the track of `row` begins anew there
    void join(std::uint32_t track, std::uint32_t other);   ///< indices into CellsData::tracks()
    void setMother(std::uint32_t track, std::optional<std::uint32_t> mother);
    void deleteCell(std::uint32_t row);
    void deleteTrack(std::uint32_t track);
    /// The cell of track `trackId` in frame t of a field is exactly these pixels.
    void repaint(std::uint32_t field, std::int64_t trackId, std::int64_t t, CellPatch patch);
    /// A track id for a cell that is painted anew.
    std::int64_t freeTrackId(std::uint32_t field) const;
    /// Joins ends and starts of tracks that lie near, except where a person has cut.
    void relink(std::uint32_t field);
    void undo();
    void redo();
    bool canUndo() const;
    bool canRedo() const;

  Q_SIGNALS:
    void dataReady(const std::shared_ptr<const driftscope::cells::CellsData>& data);
    void stateChanged();
    void message(const QString& text);
    void failed(const QString& text);

  private:
    const EditedTracks* field(const std::string& name) const;
    TrackEdit edit(TrackEdit::Kind kind, std::uint32_t track) const;
    void apply(const std::vector<TrackEdit>& edits);
    void moved(Result<std::vector<TrackEditLog::Entry>> entries, const QString& verb);
    void rebuild();
    void deliver(std::uint64_t generation, Result<std::shared_ptr<const CellsData>> data);

    std::shared_ptr<const CellsData> source_, data_;
    std::string dataset_;
    std::optional<TrackEditLog> log_;
    std::vector<EditedTracks> tracks_;  ///< as the log leaves them, one per field
    std::function<QString()> annotator_;
    QString pendingMessage_;
    QThreadPool pool_;
    std::uint64_t generation_ = 0;
    std::size_t standing_ = 0;
    bool busy_ = false;
};

}  // namespace driftscope::cells
