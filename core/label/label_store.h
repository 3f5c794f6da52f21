#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/label/label_schema.h"

namespace driftscope {

/// What is labelled: one observation of one entity. For cells: dataset = plate, entity = "A/1/0#17", step = frame.
struct LabelTarget {
    std::string dataset;
    std::string entity;
    std::int64_t step = 0;

    auto operator<=>(const LabelTarget&) const = default;
};

/// One entry of a batch: the new class of one target; an empty class removes the label.
struct LabelChange {
    LabelTarget target;
    std::string label;
};

/// One stored event. Events are never deleted; undo and redo are events too.
struct LabelEvent {
    std::int64_t id = 0;
    std::int64_t batch = 0;  ///< changes made by one key press or lasso share a batch
    std::string schema;
    LabelTarget target;
    std::string before;  ///< empty: unlabelled
    std::string after;
    std::string annotator;
    double time = 0;     ///< seconds since the epoch
    std::string tool;    ///< "driftscope 0.1.0"
    std::string origin;  ///< "manual", "predicted", "import", "undo", "redo"
};

/// The current label of a target.
struct Label {
    LabelTarget target;
    std::string label;
    std::string annotator;
    double time = 0;
    std::string origin;
};

/// Event-sourced annotation store in SQLite (WAL). When apply() returns, the labels are on disk: neither a killed
/// process nor a power cut loses them. One writer per project file; a second one gets an error naming the other
/// process; readers may be many, while a writer works. Not thread-safe: each thread opens its own store.
class LabelStore {
  public:
    virtual ~LabelStore() = default;
    /// Opens for writing; makes the file when absent.
    /// Errors: another writer, damaged or foreign file, a newer format, folder not writable.
    static Result<std::unique_ptr<LabelStore>> open(const std::filesystem::path& file);
    /// Opens an existing file for reading, also beside a writer. Functions that change anything then fail.
    static Result<std::unique_ptr<LabelStore>> openForReading(const std::filesystem::path& file);

    /// Adds a schema or replaces the one of the same name. `renamed` maps old class names to new ones; labels and
    /// history follow. A class that is left out goes away. Errors: LabelSchema::check(), a class that goes away while
    /// labels use it (with their number), unknown old name.
    virtual Result<void> putSchema(const LabelSchema& schema,
                                   const std::map<std::string, std::string>& renamed = {}) = 0;
    virtual Result<std::vector<LabelSchema>> schemas() const = 0;
    /// Hides the schema and its labels. Nothing is lost: putSchema() with the same name and classes brings them back.
    virtual Result<void> removeSchema(const std::string& name) = 0;

    /// Stores one batch durably and returns its number; 0 when every target already has that label from that annotator.
    /// A class may be given by an alias; its name is stored. Forgets what could be redone.
    /// Errors: unknown schema or class (named), no annotator, disk full, file busy; nothing is stored then.
    virtual Result<std::int64_t> apply(const std::string& schema, const std::vector<LabelChange>& changes,
                                       const std::string& annotator, const std::string& origin = "manual") = 0;
    /// Takes back the newest batch that is not undone; nothing when there is none. Works across restarts. The labels
    /// that come back keep their annotator, time and origin. Errors: the class that would come back was removed.
    virtual Result<std::optional<std::vector<LabelEvent>>> undo(const std::string& annotator) = 0;
    virtual Result<std::optional<std::vector<LabelEvent>>> redo(const std::string& annotator) = 0;
    virtual Result<bool> canUndo() const = 0;
    virtual Result<bool> canRedo() const = 0;
    /// How many labels the next undo or redo changes; 0 without one.
    virtual Result<std::int64_t> undoSize() const = 0;
    virtual Result<std::int64_t> redoSize() const = 0;

    /// Current labels, in the order in which their targets were first labelled.
    virtual Result<std::vector<Label>> labels(const std::string& schema) const = 0;
    /// The current label of one target; empty when unlabelled.
    virtual Result<std::string> label(const std::string& schema, const LabelTarget& target) const = 0;
    /// Number of current labels per class; classes without labels are there with 0.
    virtual Result<std::map<std::string, std::int64_t>> counts(const std::string& schema) const = 0;
    /// Everything that happened to one target, oldest first.
    virtual Result<std::vector<LabelEvent>> history(const std::string& schema, const LabelTarget& target) const = 0;
    /// The events of one batch, in order.
    virtual Result<std::vector<LabelEvent>> batch(std::int64_t number) const = 0;
    /// The events with a larger id than `after`, of all schemas, oldest first; replaying them gives the current labels.
    virtual Result<std::vector<LabelEvent>> events(std::int64_t after = 0) const = 0;
    virtual Result<std::int64_t> eventCount() const = 0;

    /// Everyone whose labels are in the schema, by name.
    virtual Result<std::vector<std::string>> annotators(const std::string& schema) const = 0;
    /// The last label that this annotator gave each target, also where another one has relabelled it since. Left out:
    /// what was undone or removed, and predictions.
    virtual Result<std::vector<Label>> labelsBy(const std::string& schema, const std::string& annotator) const = 0;
};

}  // namespace driftscope
