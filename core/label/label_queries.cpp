#include "core/label/sqlite_label_store.h"

namespace driftscope::label {
namespace {

// What a LabelEvent is made of; readEvent() reads these columns.
#define DS_SELECT_EVENTS                                                                                          \
    "SELECT e.id, e.batch, s.name, t.dataset, t.entity, t.step, old.name, new.name, b.annotator, b.time, b.tool," \
    " b.origin FROM events e JOIN batches b ON b.id = e.batch JOIN schemas s ON s.id = b.schema"                  \
    " JOIN targets t ON t.id = e.target LEFT JOIN classes old ON old.id = e.before_class"                         \
    " LEFT JOIN classes new ON new.id = e.after_class "

LabelTarget readTarget(const sqlite::Query& row, int column) {
    return {row.text(column), row.text(column + 1), row.integer(column + 2)};
}

LabelEvent readEvent(const sqlite::Query& row) {
    return {row.integer(0), row.integer(1), row.text(2), readTarget(row, 3), row.text(6),
            row.text(7),    row.text(8),    row.real(9), row.text(10),       row.text(11)};
}

Label readLabel(const sqlite::Query& row) {
    return {readTarget(row, 0), row.text(3), row.text(4), row.real(5), row.text(6)};
}

/// All rows, each made by `read`.
template <class Read>
auto collect(sqlite::Query& rows, Read read) -> Result<std::vector<decltype(read(rows))>> {
    std::vector<decltype(read(rows))> result;
    while (true) {
        DS_ASSIGN(const bool more, rows.step());
        if (!more) return result;
        result.push_back(read(rows));
    }
}

}  // namespace

Result<bool> SqliteLabelStore::canUndo() const {
    DS_ASSIGN(const std::int64_t any,
              database_->value("SELECT EXISTS(SELECT 1 FROM batches b JOIN schemas s ON s.id = b.schema"
                               " WHERE b.state = 0 AND s.removed = 0)"));
    return any != 0;
}

Result<bool> SqliteLabelStore::canRedo() const {
    DS_ASSIGN(const std::int64_t any,
              database_->value("SELECT EXISTS(SELECT 1 FROM batches b JOIN schemas s ON s.id = b.schema"
                               " WHERE b.state = 1 AND s.removed = 0)"));
    return any != 0;
}

// The same batches that undo() and redo() pick.
Result<std::int64_t> SqliteLabelStore::undoSize() const {
    return database_->value(
        "SELECT count(*) FROM events WHERE batch = (SELECT max(b.id) FROM batches b JOIN schemas s ON s.id = b.schema"
        " WHERE b.state = 0 AND s.removed = 0)");
}

Result<std::int64_t> SqliteLabelStore::redoSize() const {
    return database_->value(
        "SELECT count(*) FROM events WHERE batch = (SELECT min(b.id) FROM batches b JOIN schemas s ON s.id = b.schema"
        " WHERE b.state = 1 AND s.removed = 0)");
}

Result<std::vector<Label>> SqliteLabelStore::labels(const std::string& schema) const {
    DS_ASSIGN(const std::int64_t id, schemaId(schema));
    DS_ASSIGN(auto rows,
              database_->query("SELECT t.dataset, t.entity, t.step, c.name, b.annotator, b.time, b.origin FROM labels l"
                               " JOIN targets t ON t.id = l.target JOIN classes c ON c.id = l.class"
                               " JOIN events e ON e.id = l.source JOIN batches b ON b.id = e.batch"
                               " WHERE l.schema = ? ORDER BY l.target"));
    rows.bind(id);
    return collect(rows, readLabel);
}

Result<std::string> SqliteLabelStore::label(const std::string& schema, const LabelTarget& target) const {
    DS_ASSIGN(const std::int64_t id, schemaId(schema));
    DS_ASSIGN(auto rows, database_->query(
                             "SELECT c.name FROM targets t JOIN labels l ON l.target = t.id AND l.schema = ?"
                             " JOIN classes c ON c.id = l.class WHERE t.dataset = ? AND t.entity = ? AND t.step = ?"));
    rows.bind(id).bind(target.dataset).bind(target.entity).bind(target.step);
    DS_ASSIGN(const bool labelled, rows.step());
    return labelled ? rows.text(0) : std::string();
}

Result<std::map<std::string, std::int64_t>> SqliteLabelStore::counts(const std::string& schema) const {
    DS_ASSIGN(const std::int64_t id, schemaId(schema));
    DS_ASSIGN(auto rows,
              database_->query("SELECT c.name, count(l.target) FROM classes c LEFT JOIN labels l ON l.schema = c.schema"
                               " AND l.class = c.id WHERE c.schema = ? AND c.removed = 0 GROUP BY c.id"));
    rows.bind(id);
    std::map<std::string, std::int64_t> result;
    while (true) {
        DS_ASSIGN(const bool more, rows.step());
        if (!more) return result;
        result[rows.text(0)] = rows.integer(1);
    }
}

Result<std::vector<LabelEvent>> SqliteLabelStore::history(const std::string& schema, const LabelTarget& target) const {
    DS_ASSIGN(const std::int64_t id, schemaId(schema));
    DS_ASSIGN(auto rows,
              database_->query(DS_SELECT_EVENTS
                               "WHERE e.target = (SELECT id FROM targets WHERE dataset = ? AND entity = ? AND step = ?)"
                               " AND b.schema = ? ORDER BY e.id"));
    rows.bind(target.dataset).bind(target.entity).bind(target.step).bind(id);
    return collect(rows, readEvent);
}

Result<std::vector<LabelEvent>> SqliteLabelStore::batch(std::int64_t number) const {
    DS_ASSIGN(auto rows, database_->query(DS_SELECT_EVENTS "WHERE e.batch = ? ORDER BY e.id"));
    rows.bind(number);
    return collect(rows, readEvent);
}

Result<std::vector<LabelEvent>> SqliteLabelStore::events(std::int64_t after) const {
    DS_ASSIGN(auto rows, database_->query(DS_SELECT_EVENTS "WHERE e.id > ? ORDER BY e.id"));
    rows.bind(after);
    return collect(rows, readEvent);
}

Result<std::int64_t> SqliteLabelStore::eventCount() const {
    return database_->value("SELECT count(*) FROM events");
}

Result<std::vector<std::string>> SqliteLabelStore::annotators(const std::string& schema) const {
    DS_ASSIGN(const std::int64_t id, schemaId(schema));
    DS_ASSIGN(auto rows, database_->query("SELECT DISTINCT annotator FROM batches WHERE schema = ? AND state = 0"
                                          " AND origin <> 'predicted' ORDER BY annotator"));
    rows.bind(id);
    return collect(rows, [](const sqlite::Query& row) { return row.text(0); });
}

Result<std::vector<Label>> SqliteLabelStore::labelsBy(const std::string& schema, const std::string& annotator) const {
    DS_ASSIGN(const std::int64_t id, schemaId(schema));
    // With a single max(), SQLite takes the other columns from the row that holds the maximum.
    DS_ASSIGN(auto rows,
              database_->query("SELECT t.dataset, t.entity, t.step, c.name, last.annotator, last.time, last.origin FROM"
                               " (SELECT max(e.id), e.target, e.after_class, b.annotator, b.time, b.origin"
                               "  FROM events e JOIN batches b ON b.id = e.batch WHERE b.schema = ? AND b.annotator = ?"
                               "  AND b.state = 0 AND b.origin <> 'predicted' GROUP BY e.target) last"
                               " JOIN targets t ON t.id = last.target JOIN classes c ON c.id = last.after_class"
                               " ORDER BY last.target"));
    rows.bind(id).bind(annotator);
    return collect(rows, readLabel);
}

}  // namespace driftscope::label
