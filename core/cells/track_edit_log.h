#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/cells/track_edits.h"

namespace driftscope::cells {

/// What somebody did to the tracks of a project, and when: one line of JSON for each edit, undo and redo, only ever appended
/// and on disk when add() returns. The tracks themselves are never touched; a torn last line (a killed process) is left out.
/// Every line names its data set, so several plates may share a project.
class TrackEditLog {
  public:
    struct Entry {
        TrackEdit edit;
        std::string dataset;
        std::string annotator;
        double time = 0;
        std::string tool;     ///< "driftscope 0.1.0"
        std::int64_t batch = 0;  ///< edits made by one action are undone together
    };

    /// Opens or makes the file. Errors: unreadable, malformed line (numbered), an undo without an edit.
    static Result<TrackEditLog> open(const std::filesystem::path& file);

    /// Appends edits as one step. Errors: file not writable, disk full; nothing is recorded then.
    Result<void> add(const std::string& dataset, const std::vector<TrackEdit>& edits, const std::string& annotator);
    bool canUndo(const std::string& dataset) const;
    bool canRedo(const std::string& dataset) const;
    /// Takes back, or brings back, the newest step of a data set; its entries. Nothing without one.
    Result<std::vector<Entry>> undo(const std::string& dataset, const std::string& annotator);
    Result<std::vector<Entry>> redo(const std::string& dataset, const std::string& annotator);

    /// The edits of a data set that hold, in order.
    std::vector<Entry> standing(const std::string& dataset) const;
    std::vector<std::string> datasets() const;  ///< that have standing edits
    const std::filesystem::path& file() const { return file_; }

  private:
    struct Step {
        std::vector<Entry> entries;
        std::string dataset;
    };
    Result<void> append(const std::vector<nlohmann::json>& lines);
    Result<void> take(const nlohmann::json& line);
    Result<std::vector<Entry>> move(const std::string& dataset, const std::string& annotator, bool back);

    std::filesystem::path file_;
    std::map<std::string, std::vector<Step>> done_, undone_;  ///< by data set
    std::int64_t lastBatch_ = 0;
};

/// The tracks with the standing edits of one data set. Errors: an edit that does not fit the tracks (numbered): they are
/// not the tracks that were edited.
Result<std::vector<EditedTracks>> applyEdits(const std::vector<TrackTable>& fields, const std::vector<TrackEditLog::Entry>& entries);

}  // namespace driftscope::cells
