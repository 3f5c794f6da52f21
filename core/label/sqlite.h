#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace driftscope::sqlite {

class Database;

/// A prepared statement at work: bind, step, read, in that order. It is reset when it goes out of scope, so that it
/// never keeps a read transaction open.
class Query {
  public:
    Query(Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}
    Query(Query&& other) noexcept;
    Query& operator=(Query&&) = delete;
    ~Query();

    Query& bind(std::int64_t value);
    Query& bind(double value);
    Query& bind(std::string_view value);
    Query& bind(std::optional<std::int64_t> value);

    /// True while there is a row.
    Result<bool> step();
    /// For statements without rows: runs them and makes them ready for the next binding.
    Result<void> run();
    /// Ready for the next binding.
    void reset();

    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;
    std::optional<std::int64_t> optionalInteger(int column) const;

  private:
    Database* database_;
    sqlite3_stmt* statement_;
    int bound_ = 0;
};

/// One connection. Every failure is an Error that names the file and says what to do.
class Database {
  public:
    enum class Mode { ReadWrite, ReadOnly, ReadOnlyMedium };
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file, Mode mode);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Runs one or more statements without parameters.
    Result<void> execute(const char* sql);
    /// The statement for `sql`, compiled at first use. One Query per text may live at a time.
    Result<Query> query(const char* sql);
    /// The single integer that `sql` yields.
    Result<std::int64_t> value(const char* sql);

    std::int64_t lastRow() const;
    Error error() const;  ///< of the last failed call
    const std::filesystem::path& file() const { return file_; }

  private:
    Database() = default;

    sqlite3* handle_ = nullptr;
    std::filesystem::path file_;
    std::map<std::string, sqlite3_stmt*, std::less<>> statements_;  ///< by text
};

/// Rolls back unless committed.
class Transaction {
  public:
    static Result<Transaction> begin(Database& database);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Result<void> commit();

  private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

}  // namespace driftscope::sqlite
