#pragma once

#include "core/base/process_lock.h"
#include "core/label/label_store.h"
#include "core/label/sqlite.h"

namespace driftscope::label {

/// The store on the tables of store_format.cpp.
class SqliteLabelStore final : public LabelStore {
  public:
    /// Without a lock the store only reads.
    SqliteLabelStore(ProcessLock lock, std::unique_ptr<sqlite::Database> database);

    Result<void> putSchema(const LabelSchema& schema, const std::map<std::string, std::string>& renamed) override;
    Result<std::vector<LabelSchema>> schemas() const override;
    Result<void> removeSchema(const std::string& name) override;

    Result<std::int64_t> apply(const std::string& schema, const std::vector<LabelChange>& changes,
                               const std::string& annotator, const std::string& origin) override;
    Result<std::optional<std::vector<LabelEvent>>> undo(const std::string& annotator) override;
    Result<std::optional<std::vector<LabelEvent>>> redo(const std::string& annotator) override;
    Result<bool> canUndo() const override;
    Result<bool> canRedo() const override;
    Result<std::int64_t> undoSize() const override;
    Result<std::int64_t> redoSize() const override;

    Result<std::vector<Label>> labels(const std::string& schema) const override;
    Result<std::string> label(const std::string& schema, const LabelTarget& target) const override;
    Result<std::map<std::string, std::int64_t>> counts(const std::string& schema) const override;
    Result<std::vector<LabelEvent>> history(const std::string& schema, const LabelTarget& target) const override;
    Result<std::vector<LabelEvent>> batch(std::int64_t number) const override;
    Result<std::vector<LabelEvent>> events(std::int64_t after) const override;
    Result<std::int64_t> eventCount() const override;
    Result<std::vector<std::string>> annotators(const std::string& schema) const override;
    Result<std::vector<Label>> labelsBy(const std::string& schema, const std::string& annotator) const override;

  private:
    using Value = std::optional<std::int64_t>;  ///< the id of a class, or nothing
    struct Change {
        std::int64_t target;
        Value before, beforeSource;
        Value after, afterSource;
    };
    /// How a batch is walked back or forth.
    struct Move {
        const char* pick;    ///< the query that finds the batch
        const char* origin;  ///< "undo" or "redo"
        bool back;
        int stateAfter;  ///< of the batch that was moved
    };

    Result<void> checkEdit(const std::string& annotator) const;
    /// The id of a visible schema. Errors: unknown (with the known ones).
    Result<std::int64_t> schemaId(const std::string& name) const;
    Result<std::vector<LabelClass>> classes(std::int64_t schema) const;
    Result<std::optional<std::int64_t>> classId(std::int64_t schema, const std::string& name, bool removed) const;
    Result<std::int64_t> writeSchemaRow(const LabelSchema& schema);
    Result<void> renameClasses(std::int64_t schema, const std::string& name,
                               const std::map<std::string, std::string>& renamed);
    Result<void> retireClasses(std::int64_t id, const LabelSchema& schema);
    Result<void> writeClasses(std::int64_t id, const LabelSchema& schema);

    Result<std::map<std::string, Value>> resolve(std::int64_t schema, const std::string& name,
                                                 const std::vector<LabelChange>& changes) const;
    Result<std::int64_t> targetId(const LabelTarget& target);
    Result<std::int64_t> addBatch(std::int64_t schema, const std::string& annotator, const std::string& origin,
                                  int state, Value subject);
    Result<void> record(std::int64_t schema, std::int64_t batch, const Change& change);
    Result<std::int64_t> storeChanges(std::int64_t schema, const std::map<std::string, Value>& classIds,
                                      const std::vector<LabelChange>& changes, const std::string& annotator,
                                      const std::string& origin);
    Result<std::optional<std::vector<LabelEvent>>> move(const Move& move, const std::string& annotator);
    Result<std::vector<Change>> mirrored(std::int64_t batch, bool back) const;

    ProcessLock lock_;
    std::unique_ptr<sqlite::Database> database_;
};

}  // namespace driftscope::label
