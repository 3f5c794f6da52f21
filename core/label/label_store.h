#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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
    std::int64_t batch = 0;        ///< changes made by one key press or lasso share a batch
    std::string schema;
    LabelTarget target;
    std::string before;            ///< empty: unlabelled
    std::string after;
    std::string annotator;
    double time = 0;               ///< seconds since the epoch
    std::string tool;              ///< "driftscope 0.1.0"
    std::string origin;            ///< "manual", "predicted", "import", "undo", "redo"
};

/// The current label of a target.
struct Label {
    LabelTarget target;
    std::string label;
    std::string annotator;
    double time = 0;
    std::string origin;
};

/// Event-sourced annotation store in SQLite (WAL). When apply() returns, the labels are on disk: a killed process loses
/// none of them. One writer per project file; a second one gets an error naming the other process. Not thread-safe: each
/// thread opens its own store (readers may be many).
class LabelStore {
  public:
    virtual ~LabelStore() = default;
    static Result<std::unique_ptr<LabelStore>> open(const std::filesystem::path& file);

    virtual Result<void> putSchema(const LabelSchema& schema) = 0;
    virtual Result<std::vector<LabelSchema>> schemas() const = 0;
    virtual Result<void> removeSchema(const std::string& name) = 0;

    /// Stores one batch durably and returns its number. Errors: unknown schema or class (named), disk full (nothing stored).
    virtual Result<std::int64_t> apply(const std::string& schema, const std::vector<LabelChange>& changes,
                                       const std::string& annotator, const std::string& origin = "manual") = 0;
    /// Takes back the newest batch that is not undone; nothing when there is none. Works across restarts.
    virtual Result<std::optional<std::vector<LabelEvent>>> undo(const std::string& annotator) = 0;
    virtual Result<std::optional<std::vector<LabelEvent>>> redo(const std::string& annotator) = 0;
    virtual Result<bool> canUndo() const = 0;
    virtual Result<bool> canRedo() const = 0;

    virtual Result<std::vector<Label>> labels(const std::string& schema) const = 0;
    virtual Result<std::string> label(const std::string& schema, const LabelTarget& target) const = 0;
    virtual Result<std::vector<LabelEvent>> history(const std::string& schema, const LabelTarget& target) const = 0;
    virtual Result<std::int64_t> eventCount() const = 0;
};

}  // namespace driftscope
