#include "core/label/label_store.h"

#include "core/base/clock.h"
#include "core/label/sqlite_label_store.h"
#include "core/label/store_format.h"

namespace driftscope {

Result<std::unique_ptr<LabelStore>> LabelStore::open(const std::filesystem::path& file) {
    std::filesystem::path lockFile = file;
    lockFile += ".lock";
    DS_ASSIGN(ProcessLock lock, ProcessLock::take(lockFile, fmt::format("The label file {}", file.string())));
    DS_ASSIGN(auto database, label::openForWriting(file));
    return std::make_unique<label::SqliteLabelStore>(std::move(lock), std::move(database));
}

Result<std::unique_ptr<LabelStore>> LabelStore::openForReading(const std::filesystem::path& file) {
    DS_ASSIGN(auto database, label::openForReading(file));
    return std::make_unique<label::SqliteLabelStore>(ProcessLock(), std::move(database));
}

namespace label {
namespace {

constexpr const char* kTool = "driftscope " DRIFTSCOPE_VERSION;

enum BatchState { kDone = 0, kUndone = 1, kGone = 2, kMove = 3 };

constexpr const char* kNewestDone =
    "SELECT b.id, b.schema, s.name FROM batches b JOIN schemas s ON s.id = b.schema"
    " WHERE b.state = 0 AND s.removed = 0 ORDER BY b.id DESC LIMIT 1";
// Undoing walks from new to old, so the batch to redo first is the oldest of the undone ones.
constexpr const char* kOldestUndone =
    "SELECT b.id, b.schema, s.name FROM batches b JOIN schemas s ON s.id = b.schema"
    " WHERE b.state = 1 AND s.removed = 0 ORDER BY b.id LIMIT 1";

}  // namespace

SqliteLabelStore::SqliteLabelStore(ProcessLock lock, std::unique_ptr<sqlite::Database> database)
    : lock_(std::move(lock)), database_(std::move(database)) {}

Result<void> SqliteLabelStore::checkEdit(const std::string& annotator) const {
    if (!lock_.held())
        return fail(ErrorCode::Usage, fmt::format("{} is open for reading only.", database_->file().string()),
                    "Open it for writing to change labels.");
    if (annotator.empty())
        return fail(ErrorCode::Usage, "A label needs the name of the person who gives it.",
                    "Set the annotator's name.");
    return {};
}

Result<std::int64_t> SqliteLabelStore::apply(const std::string& schema, const std::vector<LabelChange>& changes,
                                             const std::string& annotator, const std::string& origin) {
    DS_TRY(checkEdit(annotator));
    DS_ASSIGN(auto transaction, sqlite::Transaction::begin(*database_));
    DS_ASSIGN(const std::int64_t id, schemaId(schema));
    DS_ASSIGN(const auto classIds, resolve(id, schema, changes));
    DS_ASSIGN(const std::int64_t batch, storeChanges(id, classIds, changes, annotator, origin));
    if (batch != 0) DS_TRY(transaction.commit());
    return batch;
}

Result<std::map<std::string, SqliteLabelStore::Value>> SqliteLabelStore::resolve(
    std::int64_t schema, const std::string& name, const std::vector<LabelChange>& changes) const {
    LabelSchema known{name, "", {}};
    DS_ASSIGN(known.classes, classes(schema));
    std::map<std::string, Value> ids = {{"", std::nullopt}};
    for (const LabelChange& change : changes) {
        if (ids.contains(change.label)) continue;
        const auto index = known.find(change.label);
        if (!index) {
            std::string names;
            for (const LabelClass& item : known.classes) names += (names.empty() ? "" : ", ") + item.name;
            return fail(ErrorCode::BadInput, fmt::format("\"{}\" has no class \"{}\".", name, change.label),
                        fmt::format("Its classes are: {}. Add the class or an alias to the schema first.", names));
        }
        DS_ASSIGN(ids[change.label], classId(schema, known.classes[*index].name, false));
    }
    return ids;
}

Result<std::int64_t> SqliteLabelStore::storeChanges(std::int64_t schema, const std::map<std::string, Value>& classIds,
                                                    const std::vector<LabelChange>& changes,
                                                    const std::string& annotator, const std::string& origin) {
    std::int64_t batch = 0;
    for (const LabelChange& item : changes) {
        DS_ASSIGN(const std::int64_t target, targetId(item.target));
        Change change{target, {}, {}, classIds.at(item.label), {}};
        {
            DS_ASSIGN(auto rows, database_->query("SELECT l.class, l.source, b.annotator, b.origin FROM labels l"
                                                  " JOIN events e ON e.id = l.source JOIN batches b ON b.id = e.batch"
                                                  " WHERE l.schema = ? AND l.target = ?"));
            DS_ASSIGN(const bool labelled, rows.bind(schema).bind(target).step());
            if (!labelled && !change.after) continue;
            if (labelled) {
                change.before = rows.integer(0);
                change.beforeSource = rows.integer(1);
                // A second person's equal label, or a person's confirmation of a prediction, is news; a repetition is
                // not.
                if (change.before == change.after && rows.text(2) == annotator && rows.text(3) == origin) continue;
            }
        }
        if (batch == 0) {
            DS_ASSIGN(auto forget, database_->query("UPDATE batches SET state = 2 WHERE state = 1"));
            DS_TRY(forget.run());
            DS_ASSIGN(batch, addBatch(schema, annotator, origin, kDone, std::nullopt));
        }
        DS_TRY(record(schema, batch, change));
    }
    return batch;
}

Result<std::int64_t> SqliteLabelStore::targetId(const LabelTarget& target) {
    {
        DS_ASSIGN(auto rows, database_->query("SELECT id FROM targets WHERE dataset = ? AND entity = ? AND step = ?"));
        DS_ASSIGN(const bool known, rows.bind(target.dataset).bind(target.entity).bind(target.step).step());
        if (known) return rows.integer(0);
    }
    DS_ASSIGN(auto insert, database_->query("INSERT INTO targets(dataset, entity, step) VALUES(?, ?, ?)"));
    DS_TRY(insert.bind(target.dataset).bind(target.entity).bind(target.step).run());
    return database_->lastRow();
}

Result<std::int64_t> SqliteLabelStore::addBatch(std::int64_t schema, const std::string& annotator,
                                                const std::string& origin, int state, Value subject) {
    DS_ASSIGN(auto insert, database_->query("INSERT INTO batches(schema, annotator, time, tool, origin, state, subject)"
                                            " VALUES(?, ?, ?, ?, ?, ?, ?)"));
    insert.bind(schema).bind(annotator).bind(now()).bind(kTool).bind(origin);
    DS_TRY(insert.bind(static_cast<std::int64_t>(state)).bind(subject).run());
    return database_->lastRow();
}

Result<void> SqliteLabelStore::record(std::int64_t schema, std::int64_t batch, const Change& change) {
    DS_ASSIGN(
        auto insert,
        database_->query("INSERT INTO events(batch, target, before_class, before_source, after_class, after_source)"
                         " VALUES(?, ?, ?, ?, ?, ?)"));
    insert.bind(batch).bind(change.target).bind(change.before).bind(change.beforeSource);
    DS_TRY(insert.bind(change.after).bind(change.afterSource).run());
    const std::int64_t event = database_->lastRow();
    if (!change.after) {
        DS_ASSIGN(auto remove, database_->query("DELETE FROM labels WHERE schema = ? AND target = ?"));
        return remove.bind(schema).bind(change.target).run();
    }
    if (!change.afterSource) {  // a label given now is its own source
        DS_ASSIGN(auto own, database_->query("UPDATE events SET after_source = id WHERE id = ?"));
        DS_TRY(own.bind(event).run());
    }
    DS_ASSIGN(auto upsert,
              database_->query("INSERT OR REPLACE INTO labels(schema, target, class, source) VALUES(?, ?, ?, ?)"));
    upsert.bind(schema).bind(change.target).bind(change.after);
    return upsert.bind(change.afterSource ? *change.afterSource : event).run();
}

Result<std::optional<std::vector<LabelEvent>>> SqliteLabelStore::undo(const std::string& annotator) {
    return move({kNewestDone, "undo", true, kUndone}, annotator);
}

Result<std::optional<std::vector<LabelEvent>>> SqliteLabelStore::redo(const std::string& annotator) {
    return move({kOldestUndone, "redo", false, kDone}, annotator);
}

Result<std::optional<std::vector<LabelEvent>>> SqliteLabelStore::move(const Move& move, const std::string& annotator) {
    DS_TRY(checkEdit(annotator));
    DS_ASSIGN(auto transaction, sqlite::Transaction::begin(*database_));
    std::int64_t subject = 0, schema = 0;
    {
        DS_ASSIGN(auto rows, database_->query(move.pick));
        DS_ASSIGN(const bool found, rows.step());
        if (!found) return std::nullopt;
        subject = rows.integer(0);
        schema = rows.integer(1);
    }
    DS_ASSIGN(const auto changes, mirrored(subject, move.back));
    DS_ASSIGN(const std::int64_t batchNumber, addBatch(schema, annotator, move.origin, kMove, subject));
    for (const Change& change : changes) DS_TRY(record(schema, batchNumber, change));
    {
        DS_ASSIGN(auto mark, database_->query("UPDATE batches SET state = ? WHERE id = ?"));
        DS_TRY(mark.bind(static_cast<std::int64_t>(move.stateAfter)).bind(subject).run());
    }
    DS_ASSIGN(auto done, batch(batchNumber));
    DS_TRY(transaction.commit());
    return done;
}

Result<std::vector<SqliteLabelStore::Change>> SqliteLabelStore::mirrored(std::int64_t batch, bool back) const {
    constexpr const char* kColumns =
        "SELECT e.target, e.before_class, e.before_source, e.after_class, e.after_source,"
        " c.name, c.removed FROM events e";
    static const std::string kBack =
        fmt::format("{} LEFT JOIN classes c ON c.id = e.before_class WHERE e.batch = ? ORDER BY e.id DESC", kColumns);
    static const std::string kForth =
        fmt::format("{} LEFT JOIN classes c ON c.id = e.after_class WHERE e.batch = ? ORDER BY e.id", kColumns);
    DS_ASSIGN(auto rows, database_->query(back ? kBack.c_str() : kForth.c_str()));
    rows.bind(batch);
    std::vector<Change> changes;
    while (true) {
        DS_ASSIGN(const bool more, rows.step());
        if (!more) return changes;
        if (rows.integer(6) != 0)
            return fail(ErrorCode::BadInput,
                        fmt::format("The class \"{}\" that would come back was removed from its schema.", rows.text(5)),
                        "Add a class of that name again, then repeat.");
        Change change{rows.integer(0), rows.optionalInteger(1), rows.optionalInteger(2), rows.optionalInteger(3),
                      rows.optionalInteger(4)};
        if (back) {
            std::swap(change.before, change.after);
            std::swap(change.beforeSource, change.afterSource);
        }
        changes.push_back(change);
    }
}

}  // namespace label
}  // namespace driftscope
