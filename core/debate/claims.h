#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/debate/arena.h"
#include "core/table/embedding_table.h"

namespace driftscope::debate {

/// The claims of many games as a table: one row per claim, entity = game, step = round (from 0).
///
/// obs: entity, game, round, question, claimed, estimated (Bob's, NaN when he did not look), true, influence (|dV| of the
/// answer), challenged, answer, verdict (accepted, upheld, rejected), winner, alice, bob (strategies), party (who is not
/// honest: none, alice, bob). X: claimed, estimated, true, claimed - estimated, claimed - true, influence, round / T, challenged.
/// obsm: X_claim (true, claimed), X_gap (round, claimed - true), X_pca of the standardised X.
struct ClaimOptions {
    std::int64_t games = 60;
    bool everyAttack = true;  ///< games take turns with all strategies; else those of the setup
    std::uint64_t seed = 1;
};
/// Errors: too many states, cancelled, more than ten million claims.
Result<EmbeddingTable> claimTable(const Arena& arena, const ClaimOptions& options, std::stop_token stop = {}, const std::function<void(std::int64_t)>& done = {});

/// Name of a game among the claims: "game 12"; its strategies are those of the row.
std::string claimEntity(std::int64_t game);

}  // namespace driftscope::debate
