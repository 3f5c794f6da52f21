#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "core/base/atomic_file.h"
#include "core/debate/answers.h"
#include "core/debate/claims.h"
#include "core/debate/compare.h"
#include "core/debate/debate_jobs.h"
#include "core/debate/promise.h"
#include "core/debate/transcript.h"
#include "core/io/h5ad.h"
#include "core/job/run_job.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

Params paramsOf(const json& values = json::object()) {
    json given{{"computation", "given"}};
    given.update(values);
    return Params::make(setupParams(), given).value();
}

std::shared_ptr<const Arena> arenaOf(const json& computation, const json& values = json::object()) {
    return Arena::make(computation, paramsOf(values)).value();
}

const json kSmallPlan{{"alice.samples", 50}, {"bob.samples", 50}, {"vera.samples", 50}, {"bob.threshold", 0.15}, {"vera.threshold", 0.1}};
const json kFive{{"type", "majority"}, {"votes", 5}, {"vote_probability", 0.65}};

TEST(Answers, ReplaceProbabilitiesByQuestion) {
    json computation = exampleComputations()["review"];
    computation["answers"] = json::array({{{"question", "Was it blinded?"}, {"probability", 1}}, {{"question", "Is the study relevant?"}, {"probability", 0}}});
    const auto machine = readComputation(computation).value();
    const auto graph = StateGraph::build(*machine).value();
    EXPECT_EQ(graph.acceptance()[0][0], 0);  // an irrelevant study never counts
    computation["answer_all"] = 1;
    computation["answers"].erase(1);
    EXPECT_EQ(StateGraph::build(*readComputation(computation).value()).value().acceptance()[0][0], 1);
    // Noise flips what a person said, too.
    EXPECT_NEAR(readComputation(computation, {.noise = 0.1}).value()->probability(0, machine->start()), 0.9, 1e-12);
}

TEST(Answers, ErrorsNameTheQuestion) {
    json computation = exampleComputations()["review"];
    computation["answers"] = json::array({{{"question", "Was it blindd?"}, {"probability", 1}}});
    auto made = readComputation(computation);
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().text().find("Was it blinded?"), std::string::npos);
    computation["answers"] = json::array({{{"question", "Was it blinded?"}, {"probability", 1.5}}});
    EXPECT_FALSE(readComputation(computation));
    computation["answers"] = "yes";
    EXPECT_FALSE(readComputation(computation));
    EXPECT_EQ(questionsAsked(*readComputation(exampleComputations()["review"]).value()).size(), 4u);
}

TEST(Answers, APersonIsAskedForWhatIsMissing) {
    json computation = exampleComputations()["review"];
    const auto machine = readComputation(computation).value();
    EXPECT_TRUE(unansweredQuestions(computation, *machine).empty());
    computation["oracle"] = "person";
    EXPECT_EQ(unansweredQuestions(computation, *machine).size(), 4u);
    computation["answers"] = json::array({{{"question", "Was it blinded?"}, {"probability", 1}}});
    EXPECT_EQ(unansweredQuestions(computation, *machine).size(), 3u);
    const auto waiting = arenaOf(computation);
    EXPECT_EQ(waiting->unanswered.size(), 3u);
    EXPECT_FALSE(promise(*waiting, {}).holds);
}

TEST(Transcript, ReplaysToTheLastDigit) {
    json values = kSmallPlan;
    values["alice"] = "bias";
    values["seed"] = 9;
    const auto place = arenaOf(kFive, values);
    for (const Seats& seats : {Seats{}, Seats{.bob = true}}) {
        const PlayOptions options{.seats = seats, .seed = 9, .game = 4};
        json params = values;
        params["game"] = 4;
        auto play = makePlay(place, options).value();
        while (!play->over()) {
            play->advance();
            if (!play->prompt()) continue;
            ASSERT_TRUE(play->move({Party::Bob, 0, play->rounds().size() == 2, {}}));
        }
        const json document = transcriptDocument(*place, options, *play, kFive, params);
        const json fromDisk = json::parse(document.dump());
        auto again = replayTranscript(fromDisk);
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_TRUE(again->differences.empty()) << again->differences.front();
        EXPECT_EQ(again->play->toJson(), play->toJson());
        json forged = document;
        forged["turns"][0]["claim"] = 0.123;
        EXPECT_EQ(replayTranscript(forged)->differences.size(), 1u);
        // Header and one line per round.
        const std::string csv = transcriptCsv(document), report = transcriptMarkdown(document);
        EXPECT_EQ(std::ranges::count(csv, '\n'), static_cast<std::ptrdiff_t>(play->rounds().size()) + 1);
        EXPECT_NE(report.find("| vote 1 |"), std::string::npos);
    }
}

TEST(Transcript, DeterministicGamesReplayToo) {
    const json checklist{{"type", "list"}, {"steps", 40}, {"probability", 1}, {"combine", "and"}};
    const auto place = arenaOf(checklist);
    for (const char* protocol : {"bisection", "cross_examined"}) {
        const PlayOptions options{.protocol = protocol, .lies = {17}};
        auto play = makePlay(place, options).value();
        play->replay({});
        const json document = transcriptDocument(*place, options, *play, checklist, {{"lie_step", 17}});
        const auto again = replayTranscript(document);
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_TRUE(again->differences.empty());
        EXPECT_FALSE(again->play->aliceWins());
    }
}

TEST(Transcript, RefusesWhatIsNone) {
    EXPECT_FALSE(replayTranscript(json::array()));
    EXPECT_FALSE(replayTranscript({{"winner", "bob"}}));
    EXPECT_FALSE(replayTranscript({{"winner", "bob"}, {"computation", {{"type", "majority"}}}}));
    EXPECT_FALSE(replayTranscript({{"winner", "bob"}, {"computation", kFive}, {"people", {{"moves", {{{"party", 3}}}}}}}));
    EXPECT_FALSE(replayTranscript({{"winner", "bob"}, {"computation", kFive}, {"params", {{"noise", 7}}}}));
    json witness{{"winner", "bob"}, {"protocol", "witness"}, {"computation", {{"candidates", json::array({kFive})}}}, {"params", json::object()}};
    EXPECT_FALSE(replayTranscript(witness));  // no witness chosen
    witness["params"]["witness"] = 1;
    EXPECT_FALSE(replayTranscript(witness));  // there is only candidate 0
    witness["params"]["witness"] = 0;
    EXPECT_TRUE(replayTranscript(witness));
}

TEST(Compare, EveryAttackAgainstAnHonestOpponent) {
    const auto place = arenaOf(kFive, kSmallPlan);
    const auto rows = compareStrategies(*place, 3000, 2, 5).value();
    EXPECT_EQ(rows.size(), aliceStrategies().size() + bobStrategies().size() - 1);
    std::map<std::pair<std::string, std::string>, const Comparison*> byName;
    for (const Comparison& row : rows) byName[{row.strategies.alice, row.strategies.bob}] = &row;
    EXPECT_NEAR(*byName.at({"honest", "honest"})->exact, 0.626313, 5e-7);  // the golden game of five votes
    EXPECT_NEAR(*byName.at({"honest", "best"})->exact, 0.419239, 5e-7);
    EXPECT_NEAR(*byName.at({"best", "honest"})->exact, 0.863256, 5e-7);
    EXPECT_FALSE(byName.at({"bias", "honest"})->exact);
    for (const Comparison& row : rows) {
        // No attack beats the best response; 99.99 % of room for chance.
        const Interval wide = clopperPearson(row.tally.aliceWins, row.tally.games, 0.9999);
        EXPECT_LE(wide.low, 0.863256) << row.strategies.alice;
        if (row.strategies.alice == "honest" && row.strategies.bob != "never") {
            EXPECT_GE(wide.high, 0.419239) << row.strategies.bob;
        }
    }
    const std::string csv = comparisonCsv(rows);
    EXPECT_EQ(std::ranges::count(csv, '\n'), static_cast<std::ptrdiff_t>(rows.size()) + 1);
}

TEST(Claims, OneRowPerClaimWithWhatWasSaidAndTrue) {
    const auto place = arenaOf(kFive, kSmallPlan);
    const EmbeddingTable table = claimTable(*place, {.games = 32}).value();
    const auto games = table.integers("game").value(), rounds = table.integers("round").value();
    EXPECT_EQ(std::set<std::int64_t>(games.begin(), games.end()).size(), 32u);
    EXPECT_GT(table.rows(), 60u);
    EXPECT_EQ(table.x.rows, table.rows());
    for (const char* map : {"X_claim", "X_gap", "X_pca"}) ASSERT_TRUE(table.matrix(map)) << map;
    for (const float value : table.matrix("X_pca")->values) EXPECT_TRUE(std::isfinite(value));
    const auto claimed = table.numbers("claimed").value(), truth = table.numbers("true").value();
    const auto party = table.texts("party").value(), winner = table.texts("winner").value(), verdict = table.texts("verdict").value();
    for (std::size_t i = 0; i < table.rows(); ++i) {
        EXPECT_FLOAT_EQ((*table.matrix("X_claim"))(i, 1), static_cast<float>(claimed[i]));
        EXPECT_TRUE(truth[i] == 0 || truth[i] == 1 || truth[i] == 0.65) << truth[i];
        if (verdict[i] == "rejected") {
            EXPECT_EQ(winner[i], "bob");
        }
    }
    EXPECT_EQ(std::set<std::string>(party.begin(), party.end()), (std::set<std::string>{"alice", "bob", "none"}));
    const EmbeddingTable asSet = claimTable(*place, {.games = 8, .everyAttack = false}).value();
    const auto nobody = asSet.texts("party").value();
    for (const std::string& who : nobody) EXPECT_EQ(who, "none");
    EXPECT_FALSE(claimTable(*place, {.games = 5'000'000}));
}

TEST(Promise, SpeaksOnlyForTheSideThatIsRightAndHonest) {
    const json panel = exampleComputations()["panel"];
    const Promise honest = promise(*arenaOf(panel), {});
    EXPECT_TRUE(honest.holds);
    EXPECT_EQ(honest.side, Party::Alice);
    EXPECT_NEAR(honest.probability, 0.6402, 5e-4);
    EXPECT_FALSE(promise(*arenaOf(panel, {{"alice", "bias"}}), {}).holds);
    EXPECT_TRUE(promise(*arenaOf(panel, {{"bob", "random"}}), {}).holds);
    EXPECT_FALSE(promise(*arenaOf(panel), {.seats = {.alice = true}}).holds);
    EXPECT_TRUE(promise(*arenaOf(panel), {.seats = {.bob = true}}).holds);
    EXPECT_FALSE(promise(*arenaOf(panel), {.seats = {.vera = true}}).holds);
    EXPECT_FALSE(promise(*arenaOf(panel, {{"k", 2}}), {}).holds);
    EXPECT_FALSE(promise(*arenaOf(panel, {{"correlation", 0.2}}), {}).holds);
    EXPECT_FALSE(promise(*arenaOf(panel, {{"budget", 5}}), {}).holds);
    const Promise unsure = promise(*arenaOf({{"type", "majority"}, {"votes", 3}, {"vote_probability", 0.5}}), {});
    EXPECT_FALSE(unsure.holds);
    const Promise no = promise(*arenaOf({{"type", "majority"}, {"votes", 9}, {"vote_probability", 0.35}}, {{"alice", "best"}}), {});
    EXPECT_TRUE(no.holds);
    EXPECT_EQ(no.side, Party::Bob);
    EXPECT_NEAR(no.probability, 0.6044, 5e-4);
}

TEST(Promise, DeterministicProtocolsNeedACertainOracle) {
    const json certain{{"type", "list"}, {"steps", 12}, {"probability", 1}, {"combine", "and"}};
    EXPECT_TRUE(promise(*arenaOf(certain), {.protocol = "bisection"}).holds);
    EXPECT_FALSE(promise(*arenaOf(certain), {.protocol = "bisection", .lies = {3}}).holds);  // the machine says yes, Alice does not state its trace
    EXPECT_FALSE(promise(*arenaOf(exampleComputations()["checklist"]), {.protocol = "bisection"}).holds);
    json failing = certain;
    failing["answers"] = json::array({{{"question", "item 5"}, {"probability", 0}}});
    const Promise no = promise(*arenaOf(failing), {.protocol = "cross_examined", .lies = {4}});
    EXPECT_TRUE(no.holds);
    EXPECT_EQ(no.side, Party::Bob);
}

TEST(StudyJobs, WriteWhatTheySay) {
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("debate_study_{}", ::getpid());
    JobRegistry registry;
    registerDebateJobs(registry);
    const auto run = [&](const char* kind, const json& params) { return runJob(registry, {.kind = kind, .params = params, .out = folder / kind}, {}); };
    const auto compared = run("debate.compare", {{"computation", "single"}, {"games", 100}});
    ASSERT_TRUE(compared) << compared.error().text();
    const json result = json::parse(readFile(folder / "debate.compare" / "result.json").value());
    EXPECT_EQ(result["rows"].size(), aliceStrategies().size() + bobStrategies().size() - 1);
    const auto collected = run("debate.claims", {{"computation", "single"}, {"games", 20}});
    ASSERT_TRUE(collected) << collected.error().text();
    const auto table = io::readH5ad(folder / "debate.claims" / "claims.h5ad");
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(table->rows(), 20u);
    EXPECT_EQ(table->uns["debate"]["computation"]["type"], "majority");
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace driftscope::debate
