#include "core/debate/claims.h"

#include <cmath>
#include <map>

#include "core/embed/pca.h"

namespace driftscope::debate {
namespace {

constexpr std::int64_t kMostClaims = 10'000'000;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// Columns that grow claim by claim.
struct Rows {
    std::vector<std::string> entity, question, verdict, winner, alice, bob, party;
    std::vector<std::int64_t> game, round;
    std::vector<double> claimed, estimated, truth, influence;
    std::vector<std::uint8_t> challenged, answer;
};

std::vector<Strategies> turns(const Arena& arena, bool everyAttack) {
    const Strategies own = arena.setup.strategies;
    if (!everyAttack) return {own};
    std::vector<Strategies> out;
    for (const std::string& alice : aliceStrategies()) out.push_back({alice, "honest", own.amount});
    for (const std::string& bob : bobStrategies())
        if (bob != "honest") out.push_back({"honest", bob, own.amount});
    return out;
}

void append(Rows& rows, const Arena& arena, const std::vector<std::vector<double>>& acceptance, const Strategies& strategies, std::int64_t game, const Referee& referee) {
    const std::string winner = referee.outOfBudget() ? "nobody" : referee.aliceWins() ? "alice" : "bob";
    const bool liar = strategies.alice != "honest", spoiler = strategies.bob != "honest";
    for (const Turn& turn : referee.turns()) {
        const StateGraph::Node& node = arena.graph->level(turn.step)[turn.node];
        const auto& following = acceptance[static_cast<std::size_t>(turn.step) + 1];
        rows.entity.push_back(claimEntity(game));
        rows.question.push_back(arena.setup.machine->question(turn.step));
        rows.verdict.emplace_back(!turn.challenged ? "accepted" : turn.veraAccepts ? "upheld" : "rejected");
        rows.winner.push_back(winner);
        rows.alice.push_back(strategies.alice);
        rows.bob.push_back(strategies.bob);
        rows.party.emplace_back(liar && spoiler ? "both" : liar ? "alice" : spoiler ? "bob" : "none");
        rows.game.push_back(game);
        rows.round.push_back(turn.step);
        rows.claimed.push_back(turn.claim);
        rows.estimated.push_back(turn.bobEstimate);
        rows.truth.push_back(turn.truth);
        rows.influence.push_back(std::abs(following[node.yes] - following[node.no]));
        rows.challenged.push_back(turn.challenged);
        rows.answer.push_back(turn.answer);
    }
}

Matrix features(const Rows& rows, std::int64_t steps) {
    Matrix x(rows.game.size(), 8);
    for (std::size_t i = 0; i < x.rows; ++i) {
        const double estimate = std::isfinite(rows.estimated[i]) ? rows.estimated[i] : rows.truth[i];  // who did not look leaves no mark
        const double values[] = {rows.claimed[i], estimate, rows.truth[i], rows.claimed[i] - estimate, rows.claimed[i] - rows.truth[i], rows.influence[i],
                                 static_cast<double>(rows.round[i]) / static_cast<double>(steps), static_cast<double>(rows.challenged[i])};
        for (std::size_t c = 0; c < x.columns; ++c) x(i, c) = static_cast<float>(values[c]);
    }
    return x;
}

Matrix pairsOf(const std::vector<double>& a, const std::function<double(std::size_t)>& b) {
    Matrix out(a.size(), 2);
    for (std::size_t i = 0; i < a.size(); ++i) {
        out(i, 0) = static_cast<float>(a[i]);
        out(i, 1) = static_cast<float>(b(i));
    }
    return out;
}

Result<void> addMaps(EmbeddingTable& table, const Rows& rows) {
    DS_TRY(table.setMatrix("X_claim", pairsOf(rows.truth, [&](std::size_t i) { return rows.claimed[i]; })));
    const std::vector<double> rounds(rows.round.begin(), rows.round.end());
    DS_TRY(table.setMatrix("X_gap", pairsOf(rounds, [&](std::size_t i) { return rows.claimed[i] - rows.truth[i]; })));
    if (table.rows() < 3) return {};
    DS_ASSIGN(const embed::Pca pca, embed::Pca::fit(table.x, {.components = 2, .standardize = true}));
    return table.setMatrix("X_pca", pca.transform(table.x));
}

Result<EmbeddingTable> assemble(const Arena& arena, Rows rows) {
    EmbeddingTable table(rows.game.size());
    table.x = features(rows, arena.setup.machine->steps());
    table.varNames = {"claimed", "estimated", "true", "claimed_minus_estimated", "claimed_minus_true", "influence", "progress", "challenged"};
    for (std::size_t i = 0; i < rows.game.size(); ++i) table.obsNames.push_back(fmt::format("{}/{}", rows.game[i], rows.round[i]));
    DS_TRY(addMaps(table, rows));
    const std::pair<const char*, std::vector<std::string>*> names[] = {{"entity", &rows.entity}, {"question", &rows.question}, {"verdict", &rows.verdict}, {"winner", &rows.winner},
                                                                       {"alice", &rows.alice}, {"bob", &rows.bob}, {"party", &rows.party}};
    DS_TRY(table.setColumn("game", std::move(rows.game)));
    DS_TRY(table.setColumn("round", std::move(rows.round)));
    for (const auto& [name, texts] : names) DS_TRY(table.setColumn(name, Categorical::fromTexts(*texts)));
    DS_TRY(table.setColumn("claimed", std::move(rows.claimed)));
    DS_TRY(table.setColumn("estimated", std::move(rows.estimated)));
    DS_TRY(table.setColumn("true", std::move(rows.truth)));
    DS_TRY(table.setColumn("influence", std::move(rows.influence)));
    DS_TRY(table.setColumn("challenged", std::move(rows.challenged)));
    DS_TRY(table.setColumn("answer", std::move(rows.answer)));
    return table;
}

}  // namespace

std::string claimEntity(std::int64_t game) {
    return fmt::format("game {}", game);
}

Result<EmbeddingTable> claimTable(const Arena& arena, const ClaimOptions& options, std::stop_token stop, const std::function<void(std::int64_t)>& done) {
    if (!arena.graph) return fail(ErrorCode::Unsupported, arena.graphProblem, "Make the computation shorter.");
    if (options.games * arena.setup.machine->steps() > kMostClaims)
        return fail(ErrorCode::BadInput, fmt::format("{} games of {} steps are more than {} claims.", options.games, arena.setup.machine->steps(), kMostClaims), "Play fewer games.");
    const auto acceptance = arena.graph->acceptance();
    const std::vector<Strategies> strategies = turns(arena, options.everyAttack);
    std::vector<Players> players;
    for (const Strategies& one : strategies) players.emplace_back(*arena.graph, arena.setup.plan, one);
    Rows rows;
    for (std::int64_t game = 0; game < options.games; ++game) {
        if (stop.stop_requested()) return fail(ErrorCode::Cancelled, "Cancelled.");
        const auto which = static_cast<std::size_t>(game) % players.size();
        Referee referee(*arena.graph, arena.setup.plan, arena.setup.sampling, options.seed, static_cast<std::uint64_t>(game));
        players[which].play(referee);
        append(rows, arena, acceptance, strategies[which], game, referee);
        if (done) done(game + 1);
    }
    return assemble(arena, std::move(rows));
}

}  // namespace driftscope::debate
