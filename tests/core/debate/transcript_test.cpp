#include "core/debate/transcript.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/base/atomic_file.h"
#include "core/debate/sensitivity.h"
#include "core/io/csv.h"
#include "tests/core/io/scratch.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const json kPanel{{"type", "majority"}, {"votes", 3}, {"vote_probability", 0.8}, {"title", "Three | readers"}};

Params params(json values) {
    values["computation"] = "given";
    auto made = Params::make(playParams(), values);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    return *made;
}

PlayedGame played(const json& values, const json& computation = kPanel) {
    auto game = playGame(computation, params(values));
    if (!game) throw std::runtime_error(game.error().text());
    return std::move(*game);
}

const json kProtocols[] = {{{"protocol", "stochastic"}, {"alice", "bias"}, {"lie", 0.02}},
                           {{"protocol", "stochastic"}, {"parameters", "tuned"}, {"w", 0.85}, {"bob", "first"}},
                           {{"protocol", "bisection"}, {"lie_step", 1}},
                           {{"protocol", "cross_examined"}, {"second_lie_step", 2}}};

TEST(Transcript, PlaysAgainToTheLastByte) {
    for (const json& values : kProtocols) {
        const PlayedGame game = played(values);
        const auto again = replayTranscript(json::parse(game.document.dump()));
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_FALSE(firstMismatch(game.document, again->document)) << firstMismatch(game.document, again->document)->text();
        const auto text = [](json document) {
            document.erase("params");
            return document.dump(2);
        };
        EXPECT_EQ(text(again->document), text(game.document));
    }
}

TEST(Transcript, AChangeIsFoundAtItsPlace) {
    const PlayedGame game = played({});
    const auto place = [&](json changed) {
        const auto again = replayTranscript(changed);
        EXPECT_TRUE(again) << again.error().text();
        const auto mismatch = firstMismatch(changed, again->document);
        return mismatch ? mismatch->text() : std::string("identical");
    };
    json changed = game.document;
    changed["turns"][1]["claim"] = 0.123;
    EXPECT_THAT(place(changed), testing::StartsWith("/turns/1/claim: 0.123 in the file, 0."));
    changed = game.document;
    changed["turns"].erase(2);
    EXPECT_THAT(place(changed), testing::StartsWith("/turns/2"));
    changed = game.document;
    changed["meters"]["alice_queries"] = 5;
    EXPECT_THAT(place(changed), HasSubstr("/meters/alice_queries: 5 in the file"));
    changed = game.document;
    changed["verdict"] = "mine";
    EXPECT_THAT(place(changed), HasSubstr("/verdict"));
    changed = game.document;
    changed["params"]["seed"] = 77;  // another game altogether
    EXPECT_THAT(place(changed), HasSubstr("/turns/0"));
}

TEST(Transcript, PeoplesMovesAreReplayed) {
    const Params given = params({{"bob.samples", 50}});
    const std::vector<Move> moves{{Party::Bob, 0, false, {}}, {Party::Bob, 0, true, {}}};
    const PlayedGame game = std::move(*playGame(kPanel, given, {.bob = true}, moves));
    EXPECT_EQ(game.document["people"]["seats"], json({"bob"}));
    ASSERT_EQ(game.document["turns"].size(), 2u);
    EXPECT_TRUE(game.document["turns"][1]["challenged"]);
    const auto again = replayTranscript(game.document);
    ASSERT_TRUE(again);
    EXPECT_FALSE(firstMismatch(game.document, again->document));
}

TEST(Transcript, ForeignFilesAreNamed) {
    EXPECT_THAT(replayTranscript(json::array()).error().text(), HasSubstr("not a transcript of a debate"));
    json broken = played({}).document;
    broken["params"]["bob"] = "sleepy";
    EXPECT_THAT(replayTranscript(broken).error().text(), HasSubstr("sleepy"));
    broken = played({}).document;
    broken["people"]["moves"] = json::array({{{"value", 3}}});
    EXPECT_THAT(replayTranscript(broken).error().text(), HasSubstr("move"));
}

TEST(Transcript, CsvHasARowPerRoundAndMetersThatAddUp) {
    const io::Scratch scratch;
    for (const json& values : kProtocols) {
        const PlayedGame game = played(values);
        const io::CsvTable csv = io::readCsv(scratch.file("t.csv", transcriptCsv(game.document))).value();
        ASSERT_EQ(csv.rows.size(), game.document["spent"].size() - (game.document["protocol"] == "bisection" ? 1 : 0));  // Vera's check is no halving
        const auto cell = [&](std::size_t row, const char* column) { return csv.rows[row][*csv.find(column)]; };
        EXPECT_EQ(cell(csv.rows.size() - 1, "alice_queries"), fmt::to_string(game.play->meters().alice));
        for (std::size_t row = 0; row < csv.rows.size(); ++row)
            for (const std::string& text : csv.rows[row]) EXPECT_EQ(text.find("nan"), std::string::npos);
    }
}

TEST(Transcript, MarkdownSaysWhoWonWhatItCostAndWhatWasPromised) {
    const PlayedGame game = played({{"bob", "first"}});
    const std::string text = transcriptMarkdown(game.document);
    for (const char* part : {"# Debate: Three | readers", "**Alice wins.**", "| yes |", "| Vera |", "P(honest Alice wins) >= (1-v)(w - k c - (1 - (1-q)^T'))", "q <= v", "certified"})
        EXPECT_THAT(text, HasSubstr(part));
    const PlayedGame halved = played({{"protocol", "bisection"}, {"lie_step", 2}});
    EXPECT_THAT(transcriptMarkdown(halved.document), testing::AllOf(HasSubstr("Bob wins"), HasSubstr("bob_disputes"), testing::Not(HasSubstr("nan"))));
}

TEST(Witness, CandidatesAndBitsArePublishedOrSearchedFor) {
    const json good{{"type", "list"}, {"steps", 6}, {"probability", 0.99}};
    const json bad{{"type", "list"}, {"steps", 6}, {"probability", 0.01}};
    const json choice{{"candidates", {bad, bad, good}}};
    const auto winner = [](const json& values, const json& computation) { return played(values, computation).document["winner"].get<std::string>(); };
    EXPECT_EQ(winner({{"protocol", "witness"}, {"witness", 2}}, choice), "alice");
    EXPECT_EQ(winner({{"protocol", "witness"}, {"witness", 0}}, choice), "bob") << "a wrong witness must lose";
    EXPECT_EQ(winner({{"protocol", "cross_examined"}, {"witness", 0}}, choice), "bob");
    EXPECT_EQ(winner({{"protocol", "stochastic"}, {"witness", 2}}, choice), "alice");
    const auto problem = [](const json& values, const json& computation) { return playGame(computation, params(values)).error().text(); };
    EXPECT_THAT(problem({{"protocol", "witness"}}, choice), HasSubstr("Alice has no witness"));
    EXPECT_THAT(problem({{"protocol", "witness"}, {"witness", 3}}, choice), HasSubstr("There is no witness 3"));
    EXPECT_THAT(problem({{"protocol", "witness"}, {"witness", 0}}, good), HasSubstr("no \"candidates\""));

    const json puzzle{{"type", "expression"}, {"expression", "(w1 or w2) and (not w1 or w3) and w1 + w2 + w3 + w4 = 2 and trusted"}, {"witness", {"w1", "w2", "w3", "w4"}},
                      {"questions", {{{"id", "trusted"}, {"probability", 0.95}}}}};
    for (const char* protocol : {"witness", "cross_examined", "stochastic"}) {
        EXPECT_EQ(winner({{"protocol", protocol}, {"witness_bits", "1010"}}, puzzle), "alice") << protocol;
        EXPECT_EQ(winner({{"protocol", protocol}, {"witness_bits", "1100"}}, puzzle), "bob") << protocol;
    }
    const PlayedGame searched = played({{"protocol", "witness"}, {"witness_search", true}}, puzzle);
    EXPECT_EQ(searched.document["winner"], "alice");
    EXPECT_EQ(searched.document["witness"]["found"]["bits"], "0101");  // the first in order
    EXPECT_EQ(searched.document["witness"]["tried"], 6);
    EXPECT_GT(searched.document["witness"]["queries"].get<std::int64_t>(), searched.play->meters().vera);
    const auto again = replayTranscript(searched.document);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_FALSE(firstMismatch(searched.document, again->document)) << firstMismatch(searched.document, again->document)->text();
    json hopeless = puzzle;
    hopeless["expression"] = "w1 and not w1 and trusted and w2 and w3 and w4";
    EXPECT_THAT(problem({{"protocol", "witness"}, {"witness_search", true}}, hopeless), HasSubstr("16 were tried"));
}

TEST(LargeComputations, AreDebatedWithoutAGraph) {
    const json large{{"type", "majority"}, {"votes", 4001}, {"vote_probability", 0.6}};
    const PlayedGame game = played({{"alice.samples", 100}, {"bob.samples", 100}, {"vera.samples", 100}, {"bob.threshold", 0.4}, {"vera.threshold", 0.3}}, large);
    EXPECT_EQ(game.document["turns"].size(), 4002u);
    EXPECT_EQ(game.document["winner"], "alice");
    EXPECT_THAT(game.document["machine"]["accept_method"].get<std::string>(), HasSubstr("Monte Carlo"));
    EXPECT_EQ(game.document["machine"]["k_source"], "trivial (T')");
    EXPECT_THAT(playGame(large, params({{"alice", "best"}})).error().text(), HasSubstr("strategy needs exact values"));
}

TEST(Meters, CountQueriesStepsAndBitsOfEveryParty) {
    const json plan{{"alice.samples", 30}, {"bob.samples", 20}, {"vera.samples", 10}, {"bob.threshold", 2}, {"vera.threshold", 0.5}};
    const Meters silent = played(plan).play->meters();
    EXPECT_EQ(silent.alice, 4 * 30);
    EXPECT_EQ(silent.bob, 4 * 20);
    EXPECT_EQ(silent.vera, 0);
    EXPECT_EQ(silent.aliceSteps, 4);
    EXPECT_EQ(silent.veraSteps, 0);
    EXPECT_EQ(silent.aliceBits, 4 * 2);
    EXPECT_EQ(silent.bobBits, 4 * 65);
    EXPECT_EQ(silent.bitsRead, 1);
    json early = plan;
    early["bob"] = "first";
    const Meters challenged = played(early).play->meters();
    EXPECT_EQ(challenged.vera, 10);
    EXPECT_EQ(challenged.veraSteps, 1);
    EXPECT_EQ(challenged.bitsRead, 64);
    const Meters halved = played({{"protocol", "bisection"}}).play->meters();
    EXPECT_EQ(halved.alice, 3);
    EXPECT_EQ(halved.aliceSteps, 4);
    EXPECT_EQ(halved.veraSteps, 1);
    EXPECT_LE(halved.vera, 1);
    EXPECT_EQ(halved.bitsRead, (2 + 2) * 2 * 64);  // two rounds, and both ends; S = 2 numbers
}

// ---- sensitivity -----------------------------------------------------------------------------------------------------

json study(const json& computation, const json& values, const SensitivityOptions& options) {
    json given = values;
    given["computation"] = "given";
    const Params setup = Params::make(setupParams(), given).value();
    const auto arena = Arena::make(computation, setup).value();
    return sensitivity(*arena, setup, options).value();
}

TEST(Sensitivity, UnderstatedKBreaksTheBoundAndTheCertifiedOneDoesNot) {
    const json no{{"type", "majority"}, {"votes", 9}, {"vote_probability", 0.35}};
    const json out = study(no, {}, {.kFactors = {0.1, 1, 2}, .noises = {}, .correlations = {}, .games = 400});
    EXPECT_EQ(out["honest_side"], "bob");
    ASSERT_EQ(out["k"].size(), 3u);
    EXPECT_FALSE(out["k"][0]["certified"]);
    EXPECT_FALSE(out["k"][0]["bound_holds"]) << out["k"][0];
    EXPECT_THAT(out["k"][0]["statement"].get<std::string>(), HasSubstr("too small"));
    for (int i : {1, 2}) {
        EXPECT_TRUE(out["k"][i]["bound_holds"]) << out["k"][i];
        EXPECT_TRUE(out["k"][i]["certified"]);
    }
    for (const json& row : out["k"]) {
        EXPECT_LE(row["interval"][0].get<double>() - 0.03, row["exact"].get<double>());
        EXPECT_GE(row["interval"][1].get<double>() + 0.03, row["exact"].get<double>());
    }
    EXPECT_GT(out["k"][2]["vera_samples"], out["k"][1]["vera_samples"]);
}

TEST(Sensitivity, NearOneHalfNothingIsPromised) {
    const json yes{{"type", "majority"}, {"votes", 3}, {"vote_probability", 0.9}};
    const json out = study(yes, {}, {.kFactors = {}, .noises = {0, 0.45}, .correlations = {}, .games = 1000});
    EXPECT_TRUE(out["w"][0]["inside_promise"]);
    EXPECT_EQ(out["w"][0]["promised"], 0.6);
    EXPECT_FALSE(out["w"][1]["inside_promise"]);
    EXPECT_EQ(out["w"][1]["promised"], nullptr);
    EXPECT_THAT(out["w"][1]["statement"].get<std::string>(), HasSubstr("between 1/3 and 2/3 the theorem says nothing"));
    EXPECT_LT(out["w"][1]["honest_side_wins"], 0.6);
    EXPECT_GT(out["w"][0]["honest_side_wins"], 0.9);
}

TEST(Sensitivity, DependentAnswersBreakTheBound) {
    const json yes{{"type", "majority"}, {"votes", 3}, {"vote_probability", 0.8}};
    const json out = study(yes, {}, {.kFactors = {}, .noises = {}, .correlations = {0, 0.1}, .games = 1000});
    EXPECT_LT(out["correlation"][0]["challenged"], 0.05);
    EXPECT_FALSE(out["correlation"][0]["below_bound"]);
    EXPECT_GT(out["correlation"][1]["challenged"], 0.9);
    EXPECT_TRUE(out["correlation"][1]["below_bound"]) << out["correlation"][1];
    EXPECT_THAT(out["correlation"][1]["statement"].get<std::string>(), HasSubstr("Outside the promise"));
}

}  // namespace
}  // namespace driftscope::debate
