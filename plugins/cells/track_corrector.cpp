#include "plugins/cells/track_corrector.h"

#include <QMetaObject>
#include <algorithm>
#include <utility>

namespace driftscope::cells {

using Kind = TrackEdit::Kind;

TrackCorrector::TrackCorrector(QObject* parent) : QObject(parent) {
    pool_.setMaxThreadCount(1);
}

TrackCorrector::~TrackCorrector() {
    pool_.waitForDone();
}

void TrackCorrector::setSource(std::shared_ptr<const CellsData> source, const QString& dataset, const QString& file) {
    source_ = std::move(source);
    data_ = source_;
    dataset_ = dataset.toStdString();
    log_.reset();
    pendingMessage_.clear();
    auto opened = TrackEditLog::open(file.toStdString());
    if (opened)
        log_ = std::move(*opened);
    else
        Q_EMIT failed(QString::fromStdString(opened.error().text()));
    rebuild();
}

const EditedTracks* TrackCorrector::field(const std::string& name) const {
    const auto found = std::ranges::find_if(tracks_, [&](const EditedTracks& one) { return one.tracks().fovName == name; });
    return found == tracks_.end() ? nullptr : &*found;
}

TrackEdit TrackCorrector::edit(Kind kind, std::uint32_t track) const {
    const std::uint32_t row = data_->tracks()[track].rows.front();
    return {kind, data_->fields()[data_->fieldOf(row)].name, data_->detection(row).trackId, -1, 0, {}};
}

void TrackCorrector::cut(std::uint32_t row) {
    TrackEdit one = edit(Kind::Split, data_->trackOf(row));
    one.t = data_->detection(row).t;
    if (const EditedTracks* tracks = field(one.fov)) one.other = tracks->freeTrackId();
    apply({one});
}

void TrackCorrector::join(std::uint32_t track, std::uint32_t other) {
    TrackEdit one = edit(Kind::Merge, track);
    const TrackEdit second = edit(Kind::Merge, other);
    if (one.fov != second.fov) {
        Q_EMIT failed(tr("Tracks of two fields of view cannot be joined."));
        return;
    }
    one.other = second.track;
    apply({one});
}

void TrackCorrector::setMother(std::uint32_t track, std::optional<std::uint32_t> mother) {
    TrackEdit one = edit(Kind::Reparent, track);
    if (mother) {
        const TrackEdit second = edit(Kind::Reparent, *mother);
        if (one.fov != second.fov) {
            Q_EMIT failed(tr("A mother lives in the same field of view."));
            return;
        }
        one.other = second.track;
    }
    apply({one});
}

void TrackCorrector::deleteCell(std::uint32_t row) {
    TrackEdit one = edit(Kind::DeleteCell, data_->trackOf(row));
    one.t = data_->detection(row).t;
    apply({one});
}

void TrackCorrector::deleteTrack(std::uint32_t track) {
    apply({edit(Kind::DeleteTrack, track)});
}

void TrackCorrector::repaint(std::uint32_t fieldIndex, std::int64_t trackId, std::int64_t t, CellPatch patch) {
    apply({{Kind::Repaint, data_->fields()[fieldIndex].name, trackId, -1, t, std::move(patch)}});
}

std::int64_t TrackCorrector::freeTrackId(std::uint32_t fieldIndex) const {
    const EditedTracks* tracks = data_ ? field(data_->fields()[fieldIndex].name) : nullptr;
    return tracks ? tracks->freeTrackId() : 1;
}

void TrackCorrector::relink(std::uint32_t fieldIndex) {
    if (!data_) return;
    const EditedTracks* tracks = field(data_->fields()[fieldIndex].name);
    const auto links = tracks ? suggestLinks(*tracks, {}) : std::vector<TrackEdit>{};
    if (links.empty()) {
        Q_EMIT message(tr("No end of a track lies near the start of another one."));
        return;
    }
    apply(links);
}

void TrackCorrector::apply(const std::vector<TrackEdit>& edits) {
    if (busy_) {
        Q_EMIT message(tr("The last correction is still being shown."));
        return;
    }
    if (!log_ || !data_) {
        Q_EMIT failed(tr("Corrections cannot be recorded: open or make a project first."));
        return;
    }
    // Tried on a copy first: what does not fit is refused as a whole and never recorded.
    std::vector<EditedTracks> after = tracks_;
    for (const TrackEdit& one : edits) {
        const auto place = std::ranges::find_if(after, [&](const EditedTracks& tracks) { return tracks.tracks().fovName == one.fov; });
        if (place == after.end()) return;
        if (const auto done = place->apply(one); !done) {
            Q_EMIT failed(QString::fromStdString(done.error().text()));
            return;
        }
    }
    if (const auto stored = log_->add(dataset_, edits, annotator_ ? annotator_().toStdString() : std::string("unknown")); !stored) {
        Q_EMIT failed(QString::fromStdString(stored.error().text()));
        return;
    }
    pendingMessage_ = edits.size() == 1 ? QString::fromStdString(edits.front().describe()) : tr("%n corrections", nullptr, static_cast<int>(edits.size()));
    rebuild();
}

void TrackCorrector::moved(Result<std::vector<TrackEditLog::Entry>> entries, const QString& verb) {
    if (!entries) {
        Q_EMIT failed(QString::fromStdString(entries.error().text()));
        return;
    }
    if (entries->empty()) return;
    pendingMessage_ = verb.arg(QString::fromStdString(entries->front().edit.describe()));
    rebuild();
}

void TrackCorrector::undo() {
    if (log_ && !busy_) moved(log_->undo(dataset_, annotator_().toStdString()), tr("Taken back: %1"));
}

void TrackCorrector::redo() {
    if (log_ && !busy_) moved(log_->redo(dataset_, annotator_().toStdString()), tr("Again: %1"));
}

bool TrackCorrector::canUndo() const {
    return log_ && log_->canUndo(dataset_);
}

bool TrackCorrector::canRedo() const {
    return log_ && log_->canRedo(dataset_);
}

void TrackCorrector::rebuild() {
    const auto entries = log_ ? log_->standing(dataset_) : std::vector<TrackEditLog::Entry>{};
    standing_ = entries.size();
    auto tracks = applyEdits(source_->trackTables(), entries);
    if (!tracks) {
        // Another tracks file than the one that was corrected: it is shown as it is.
        Q_EMIT failed(QString::fromStdString(tracks.error().text()));
        tracks_.clear();
        log_.reset();
        deliver(++generation_, source_);
        return;
    }
    tracks_ = std::move(*tracks);
    const std::uint64_t generation = ++generation_;
    if (entries.empty()) {
        deliver(generation, source_);
        return;
    }
    busy_ = true;
    Q_EMIT stateChanged();
    pool_.start([this, source = source_, entries, generation] {
        auto data = CellsData::edited(source, entries);
        QMetaObject::invokeMethod(this, [this, generation, data = std::move(data)] { deliver(generation, data); }, Qt::QueuedConnection);
    });
}

void TrackCorrector::deliver(std::uint64_t generation, Result<std::shared_ptr<const CellsData>> data) {
    if (generation != generation_) return;
    busy_ = false;
    if (data) {
        data_ = *data;
        Q_EMIT dataReady(data_);
        if (const QString text = std::exchange(pendingMessage_, QString()); !text.isEmpty()) Q_EMIT message(text);
    } else {
        Q_EMIT failed(QString::fromStdString(data.error().text()));
    }
    Q_EMIT stateChanged();
}

}  // namespace driftscope::cells
