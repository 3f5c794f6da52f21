#pragma once

#include <QJsonObject>
#include <QString>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/debate/attacks.h"
#include "core/table/embedding_table.h"
#include "core/table/trajectories.h"

namespace driftscope::debate {

/// The claims of many games, as debate.claims wrote them, with what is needed to play any of the games again. Immutable.
class ClaimsData {
  public:
    /// Errors: not a table, not one of claims (the missing column is named).
    static Result<std::shared_ptr<const ClaimsData>> load(const QString& file);

    const EmbeddingTable& table() const { return table_; }
    std::uint32_t rows() const { return static_cast<std::uint32_t>(table_.rows()); }
    std::int64_t game(std::uint32_t row) const { return games_[row]; }
    std::int64_t round(std::uint32_t row) const { return rounds_[row]; }
    std::optional<std::uint32_t> rowOf(std::int64_t game, std::int64_t round) const;
    const std::vector<Trajectory>& trajectories() const { return trajectories_; }
    Strategies strategies(std::int64_t game) const;
    double number(const char* column, std::uint32_t row) const { return columnNumber(*table_.column(column), row); }
    std::string text(const char* column, std::uint32_t row) const { return columnText(*table_.column(column), row); }

    QJsonObject computation() const { return computation_; }
    QJsonObject params() const { return params_; }
    std::uint64_t seed() const { return static_cast<std::uint64_t>(params_[QStringLiteral("seed")].toInteger(1)); }
    /// Names this set of games in the label store; the same games made again have the same name.
    std::string dataset() const { return dataset_; }
    QString file() const { return file_; }

  private:
    EmbeddingTable table_;
    std::vector<std::int64_t> games_, rounds_;
    std::map<std::pair<std::int64_t, std::int64_t>, std::uint32_t> rowOf_;
    std::vector<Trajectory> trajectories_;
    QJsonObject computation_, params_;
    std::string dataset_;
    QString file_;
};

}  // namespace driftscope::debate
