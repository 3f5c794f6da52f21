#include "core/label/store_format.h"

#include <array>

namespace driftscope::label {
namespace {

namespace fs = std::filesystem;
using sqlite::Database;

/// "DrLb": tells our files from other SQLite files.
constexpr std::int64_t kApplicationId = 0x44724c62;

/// Step i brings a file from format i to format i + 1. A step that was released is never edited.
/// Events only grow. `state` of a batch and the table `labels` follow from them and change in the same transaction:
/// state 0 done, 1 undone (can be redone), 2 undone for good, 3 an undo or redo itself.
/// A source is the event in which a person gave the value; undo and redo hand it on, so that a label keeps its author.
constexpr std::array kMigrations = {R"sql(
CREATE TABLE schemas(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, position INTEGER NOT NULL, title TEXT NOT NULL,
  expansion TEXT NOT NULL, unknown TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE classes(
  id INTEGER PRIMARY KEY, schema INTEGER NOT NULL REFERENCES schemas(id), name TEXT NOT NULL, position INTEGER NOT NULL,
  color TEXT NOT NULL, key TEXT NOT NULL, aliases TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX classes_by_schema ON classes(schema);
CREATE TABLE targets(
  id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, entity TEXT NOT NULL, step INTEGER NOT NULL,
  UNIQUE(dataset, entity, step));
CREATE TABLE batches(
  id INTEGER PRIMARY KEY, schema INTEGER NOT NULL REFERENCES schemas(id), annotator TEXT NOT NULL, time REAL NOT NULL,
  tool TEXT NOT NULL, origin TEXT NOT NULL, state INTEGER NOT NULL, subject INTEGER REFERENCES batches(id));
CREATE INDEX batches_by_state ON batches(state);
CREATE TABLE events(
  id INTEGER PRIMARY KEY, batch INTEGER NOT NULL REFERENCES batches(id), target INTEGER NOT NULL REFERENCES targets(id),
  before_class INTEGER REFERENCES classes(id), before_source INTEGER REFERENCES events(id),
  after_class INTEGER REFERENCES classes(id), after_source INTEGER REFERENCES events(id));
CREATE INDEX events_by_batch ON events(batch);
CREATE INDEX events_by_target ON events(target);
CREATE TABLE labels(
  schema INTEGER NOT NULL REFERENCES schemas(id), target INTEGER NOT NULL REFERENCES targets(id),
  class INTEGER NOT NULL REFERENCES classes(id), source INTEGER NOT NULL REFERENCES events(id),
  PRIMARY KEY(schema, target)) WITHOUT ROWID;
)sql"};
constexpr auto kFormat = static_cast<std::int64_t>(kMigrations.size());

Result<void> checkIdentity(Database& database, std::int64_t format) {
    DS_ASSIGN(const std::int64_t id, database.value("PRAGMA application_id"));
    if (id != kApplicationId)
        return fail(ErrorCode::BadInput,
                    fmt::format("{} is an SQLite file of another program.", database.file().string()),
                    "Choose the labels.sqlite of a Driftscope project.");
    if (format > kFormat)
        return fail(ErrorCode::Unsupported,
                    fmt::format("{} was written by a newer Driftscope (format {}, this version reads up to {}).",
                                database.file().string(), format, kFormat),
                    "Update Driftscope.");
    return {};
}

Result<void> checkPages(Database& database) {
    DS_ASSIGN(sqlite::Query rows, database.query("PRAGMA quick_check(1)"));
    DS_ASSIGN(const bool found, rows.step());
    const std::string verdict = found ? rows.text(0) : std::string("no answer");
    if (verdict == "ok") return {};
    return fail(ErrorCode::BadInput, fmt::format("{} is damaged ({}).", database.file().string(), verdict),
                fmt::format("Restore it from a copy, or rescue its rows with: sqlite3 \"{}\" .recover",
                            database.file().string()));
}

Result<void> migrate(Database& database) {
    DS_ASSIGN(auto transaction, sqlite::Transaction::begin(database));
    DS_ASSIGN(const std::int64_t format, database.value("PRAGMA user_version"));
    DS_ASSIGN(const std::int64_t tables, database.value("SELECT count(*) FROM sqlite_master"));
    if (format > 0 || tables > 0) DS_TRY(checkIdentity(database, format));
    for (auto step = static_cast<std::size_t>(format); step < kMigrations.size(); ++step)
        DS_TRY(database.execute(kMigrations[step]));
    if (format < kFormat) {
        DS_TRY(database.execute(
            fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kApplicationId, kFormat).c_str()));
    }
    return transaction.commit();
}

/// On read-only media SQLite cannot make its shared-memory file; without a journal left over the file itself is
/// complete.
Result<std::unique_ptr<Database>> openUnshared(const fs::path& file) {
    fs::path journal = file;
    journal += "-wal";
    std::error_code code;
    if (fs::exists(journal, code) && fs::file_size(journal, code) > 0)
        return fail(ErrorCode::Io,
                    fmt::format("{} cannot be read: labels are waiting in {}.", file.string(), journal.string()),
                    "Copy both files to a writable folder and open them there.");
    return Database::open(file, Database::Mode::ReadOnlyMedium);
}

}  // namespace

Result<std::unique_ptr<Database>> openForWriting(const fs::path& file) {
    DS_ASSIGN(auto database, Database::open(file, Database::Mode::ReadWrite));
    // FULL flushes the journal at every commit: labels survive a power cut, not only a killed process.
    DS_TRY(database->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY"));
    DS_TRY(migrate(*database));
    DS_TRY(checkPages(*database));
    return database;
}

Result<std::unique_ptr<Database>> openForReading(const fs::path& file) {
    std::error_code code;
    if (!fs::exists(file, code))
        return fail(ErrorCode::NotFound, fmt::format("The label file {} does not exist.", file.string()),
                    "Check the path.");
    DS_ASSIGN(auto database, Database::open(file, Database::Mode::ReadOnly));
    auto format = database->value("PRAGMA user_version");
    if (!format && format.error().code == ErrorCode::Io) {
        DS_ASSIGN(database, openUnshared(file));
        format = database->value("PRAGMA user_version");
    }
    if (!format) return tl::unexpected<Error>(format.error());
    DS_TRY(checkIdentity(*database, *format));
    if (*format < kFormat)
        return fail(ErrorCode::Unsupported, fmt::format("{} has the older format {}.", file.string(), *format),
                    "Open its project once, which brings it up to date.");
    return database;
}

}  // namespace driftscope::label
