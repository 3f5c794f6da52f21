#include "core/label/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace driftscope::sqlite {
namespace {

namespace fs = std::filesystem;

/// Longer than any transaction of ours, short enough for a person waiting at the screen.
constexpr int kBusyMilliseconds = 1500;

Error describe(int code, int systemError, const std::string& detail, const fs::path& path) {
    const std::string file = path.string();
    const bool diskFull = code == SQLITE_FULL || systemError == ENOSPC || systemError == EFBIG || systemError == EDQUOT;
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {ErrorCode::Io,
                    fmt::format("The label file {} is being written by another program.", file),
                    "Wait until it is done and try again; nothing was stored.",
                    {}};
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return {ErrorCode::Io,
                    fmt::format("The label file {} is write-protected.", file),
                    "Allow writing to the file and its folder, or copy the project; nothing was stored.",
                    {}};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {ErrorCode::BadInput,
                    fmt::format("{} is damaged or not a label file ({}).", file, detail),
                    fmt::format("Restore it from a copy, or rescue its rows with: sqlite3 \"{}\" .recover", file),
                    {}};
        case SQLITE_CANTOPEN:
            return {ErrorCode::Io,
                    fmt::format("Cannot open the label file {} ({}).", file,
                                systemError ? std::strerror(systemError) : detail.c_str()),
                    "Check the path, the permissions and that its folder exists.",
                    {}};
        case SQLITE_FULL:
        case SQLITE_IOERR:
            return {ErrorCode::Io,
                    fmt::format("Cannot write the label file {}: {}.", file, diskFull ? "the disk is full" : detail),
                    diskFull ? "Free some space and try again; nothing of this step was stored."
                             : "Check the disk and try again; nothing of this step was stored.",
                    {}};
        default:
            return {ErrorCode::Internal, fmt::format("The label file {}: {}.", file, detail), "", {}};
    }
}

std::string uriPath(const fs::path& file) {
    std::string result;
    for (const char c : fs::absolute(file).string())
        result += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02X}", static_cast<unsigned char>(c))
                                                   : std::string(1, c);
    return result;
}

}  // namespace

Query::Query(Query&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)), bound_(other.bound_) {}

Query::~Query() {
    if (statement_) reset();
}

void Query::reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    bound_ = 0;
}

Query& Query::bind(std::int64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
}

Query& Query::bind(double value) {
    sqlite3_bind_double(statement_, ++bound_, value);
    return *this;
}

Query& Query::bind(std::string_view value) {
    // A null pointer would bind NULL instead of the empty text.
    sqlite3_bind_text64(statement_, ++bound_, value.empty() ? "" : value.data(), value.size(), SQLITE_TRANSIENT,
                        SQLITE_UTF8);
    return *this;
}

Query& Query::bind(std::optional<std::int64_t> value) {
    if (value) return bind(*value);
    sqlite3_bind_null(statement_, ++bound_);
    return *this;
}

Result<bool> Query::step() {
    const int status = sqlite3_step(statement_);
    if (status == SQLITE_ROW) return true;
    if (status == SQLITE_DONE) return false;
    return tl::unexpected<Error>(database_->error());
}

Result<void> Query::run() {
    DS_ASSIGN([[maybe_unused]] const bool row, step());
    reset();
    return {};
}

std::int64_t Query::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}
double Query::real(int column) const {
    return sqlite3_column_double(statement_, column);
}

std::string Query::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
                 : std::string();
}

std::optional<std::int64_t> Query::optionalInteger(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
    return integer(column);
}

Result<std::unique_ptr<Database>> Database::open(const fs::path& file, Mode mode) {
    std::unique_ptr<Database> database(new Database);
    database->file_ = file;
    const int flags = mode == Mode::ReadWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    const std::string name = mode == Mode::ReadOnlyMedium ? "file:" + uriPath(file) + "?immutable=1" : file.string();
    const int status =
        sqlite3_open_v2(name.c_str(), &database->handle_,
                        flags | SQLITE_OPEN_NOMUTEX | (mode == Mode::ReadOnlyMedium ? SQLITE_OPEN_URI : 0), nullptr);
    if (status != SQLITE_OK) return tl::unexpected<Error>(database->error());
    sqlite3_extended_result_codes(database->handle_, 1);
    sqlite3_busy_timeout(database->handle_, kBusyMilliseconds);
    return database;
}

Database::~Database() {
    for (auto& [text, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
}

Result<void> Database::execute(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return tl::unexpected<Error>(error());
    return {};
}

Result<Query> Database::query(const char* sql) {
    sqlite3_stmt*& statement = statements_[sql];
    if (!statement && sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
        return tl::unexpected<Error>(error());
    return Query(*this, statement);
}

Result<std::int64_t> Database::value(const char* sql) {
    DS_ASSIGN(Query rows, query(sql));
    DS_ASSIGN(const bool found, rows.step());
    if (!found) return fail(ErrorCode::Internal, fmt::format("\"{}\" gave no row in {}.", sql, file_.string()));
    return rows.integer(0);
}

std::int64_t Database::lastRow() const {
    return sqlite3_last_insert_rowid(handle_);
}

Error Database::error() const {
    if (!handle_) return {ErrorCode::Internal, fmt::format("No memory to open {}.", file_.string()), "", {}};
    return describe(sqlite3_extended_errcode(handle_), sqlite3_system_errno(handle_), sqlite3_errmsg(handle_), file_);
}

Result<Transaction> Transaction::begin(Database& database) {
    DS_TRY(database.execute("BEGIN IMMEDIATE"));
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    // SQLite may have rolled back by itself already (full disk); the second ROLLBACK then fails harmlessly.
    if (database_) (void)database_->execute("ROLLBACK");
}

Result<void> Transaction::commit() {
    DS_TRY(database_->execute("COMMIT"));
    database_ = nullptr;
    return {};
}

}  // namespace driftscope::sqlite
