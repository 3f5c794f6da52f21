#include "plugins/debate/claims_data.h"

#include <QCryptographicHash>
#include <QJsonDocument>

#include "core/io/h5ad.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::debate {

Result<std::shared_ptr<const ClaimsData>> ClaimsData::load(const QString& file) {
    auto data = std::make_shared<ClaimsData>();
    DS_ASSIGN(data->table_, io::readH5ad(file.toStdString(), {.x = false, .obsm = true}));
    const EmbeddingTable& table = data->table_;
    const nlohmann::json made = table.uns.value("debate", nlohmann::json::object());
    for (const char* column : {"game", "round", "entity", "question", "claimed", "estimated", "true", "challenged", "verdict", "winner", "alice", "bob", "party"})
        if (!table.column(column)) return fail(ErrorCode::BadInput, fmt::format("{} is no table of claims: it has no column {}.", file.toStdString(), column), "debate.claims writes such tables.");
    if (!made.is_object() || !made.contains("computation") || !made.contains("params"))
        return fail(ErrorCode::BadInput, fmt::format("{} does not say which debate its claims are from.", file.toStdString()), "debate.claims keeps computation and parameters in uns/debate.");
    data->computation_ = toQt(made["computation"]);
    data->params_ = toQt(made["params"]);
    DS_ASSIGN(data->games_, table.integers("game"));
    DS_ASSIGN(data->rounds_, table.integers("round"));
    for (std::uint32_t row = 0; row < data->rows(); ++row) data->rowOf_[{data->games_[row], data->rounds_[row]}] = row;
    DS_ASSIGN(data->trajectories_, driftscope::trajectories(table, {"entity"}, "round"));
    QJsonObject identity = data->params_;
    identity.remove(QStringLiteral("games"));  // the first games of a longer run are the same games
    identity[QStringLiteral("computation")] = data->computation_;
    const QByteArray hash = QCryptographicHash::hash(QJsonDocument(identity).toJson(QJsonDocument::Compact), QCryptographicHash::Sha256).toHex().left(12);
    data->dataset_ = "debate-" + hash.toStdString();
    data->file_ = file;
    return data;
}

std::optional<std::uint32_t> ClaimsData::rowOf(std::int64_t game, std::int64_t round) const {
    const auto found = rowOf_.find({game, round});
    return found == rowOf_.end() ? std::nullopt : std::optional(found->second);
}

Strategies ClaimsData::strategies(std::int64_t game) const {
    Strategies out;
    out.amount = params_[QStringLiteral("lie")].toDouble(out.amount);
    if (const auto row = rowOf(game, 0)) {
        out.alice = text("alice", *row);
        out.bob = text("bob", *row);
    }
    return out;
}

}  // namespace driftscope::debate
