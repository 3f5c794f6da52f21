#include "core/debate/play.h"

#include <gtest/gtest.h>



namespace driftscope::debate {
namespace {

using nlohmann::json;

std::shared_ptr<const Arena> arena(const json& computation, const json& values) {
    json given{{"computation", "given"}};
    if (values.is_object()) given.update(values);
    auto params = Params::make(setupParams(), given);
    EXPECT_TRUE(params) << (params ? "" : params.error().text());
    auto made = Arena::make(computation, *params);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    return *made;
}

const json kPanel{{"type", "majority"}, {"votes", 3}, {"vote_probability", 0.8}};

json smallPlan() {
    return {{"alice.samples", 400}, {"bob.samples", 400}, {"vera.samples", 400}, {"bob.threshold", 0.15}, {"vera.threshold", 0.1}};
}

std::vector<Round> finish(Play& play) {
    play.replay({});
    EXPECT_TRUE(play.over());
    return play.rounds();
}

TEST(Play, ProgramsPlayTheSameGameAsTheJob) {
    json values = smallPlan();
    values["alice"] = "bias";
    values["lie"] = 0.12;
    const auto place = arena(kPanel, values);
    for (std::uint64_t game = 0; game < 20; ++game) {
        Referee referee(*place->graph, place->setup.plan, place->setup.sampling, 7, game);
        place->players->play(referee);
        auto play = makePlay(place, {.seed = 7, .game = game}).value();
        finish(*play);
        EXPECT_EQ(play->toJson(), transcriptJson(*place->setup.machine, referee)) << game;
    }
}

TEST(Play, StepsOneRoundAtATime) {
    const auto place = arena(kPanel, smallPlan());
    auto play = makePlay(place, {}).value();
    for (std::size_t i = 1; !play->over(); ++i) {
        play->advance();
        EXPECT_EQ(play->rounds().size(), i);
        EXPECT_EQ(play->meters().steps, static_cast<std::int64_t>(i));
    }
}

TEST(Play, APersonAsBobCatchesALyingAlice) {
    json values = smallPlan();
    values["alice"] = "overclaim";
    const auto place = arena(kPanel, values);
    auto play = makePlay(place, {.seats = {.bob = true}}).value();
    play->advance();
    ASSERT_TRUE(play->prompt());
    EXPECT_EQ(play->prompt()->party, Party::Bob);
    EXPECT_EQ(play->prompt()->claim, 1);
    EXPECT_NEAR(play->prompt()->estimate, 0.8, 0.1);
    EXPECT_TRUE(play->prompt()->suggestion);
    EXPECT_FALSE(play->move({Party::Alice, 0.5, false, {}}));  // not her turn
    ASSERT_TRUE(play->move({Party::Bob, 0, true, {}}));
    while (!play->over()) play->advance();
    EXPECT_FALSE(play->aliceWins());
    EXPECT_EQ(play->rounds().size(), 1u);
    EXPECT_EQ(play->meters().vera, 400);
    EXPECT_EQ(play->meters().bob, 400);
}

TEST(Play, EveryPartyCanBeAPersonAndTheMovesReplayTheGame) {
    const auto place = arena(kPanel, smallPlan());
    const PlayOptions everyone{.seats = {true, true, true}, .seed = 3};
    auto play = makePlay(place, everyone).value();
    int asked = 0;
    while (!play->over()) {
        play->advance();
        if (!play->prompt()) continue;
        ++asked;
        const Party party = play->prompt()->party;
        const double claim = play->rounds().size() == 2 ? 0.2 : 0.8;
        ASSERT_TRUE(play->move({party, party == Party::Alice ? claim : 0, party == Party::Bob && play->rounds().size() == 2, {}}));
    }
    EXPECT_EQ(asked, 7);  // two rounds of two moves, then claim, challenge, ruling
    EXPECT_FALSE(play->aliceWins());
    auto again = makePlay(place, everyone).value();
    again->replay(play->moves());
    EXPECT_EQ(again->toJson(), play->toJson());
    auto back = makePlay(place, everyone).value();
    back->replay(play->moves(), 1);
    EXPECT_EQ(back->rounds().size(), 1u);
    EXPECT_EQ(back->moves().size(), 2u);
}

TEST(Play, VeraAsAPersonMayRuleAgainstHerOwnEstimate) {
    json values = smallPlan();
    values["alice"] = "overclaim";
    values["bob"] = "first";
    const auto place = arena(kPanel, values);
    auto play = makePlay(place, {.seats = {.vera = true}}).value();
    play->advance();
    ASSERT_TRUE(play->prompt());
    EXPECT_EQ(play->prompt()->party, Party::Vera);
    EXPECT_FALSE(play->prompt()->suggestion);
    ASSERT_TRUE(play->move({Party::Vera, 0, true, {}}));
    EXPECT_TRUE(play->over());
    EXPECT_TRUE(play->aliceWins());
}

TEST(Play, RejectsAClaimThatIsNotANumber) {
    const auto place = arena(kPanel, smallPlan());
    auto play = makePlay(place, {.seats = {.alice = true}}).value();
    play->advance();
    const auto bad = play->move({Party::Alice, kNothing, false, {}});
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, ErrorCode::BadInput);
    EXPECT_TRUE(play->prompt());  // asked again
    ASSERT_TRUE(play->move({Party::Alice, 7, false, {}}));
    play->advance();
    EXPECT_EQ(play->rounds().front().claim, 1);  // clamped
}

TEST(Play, EndsCleanlyWhenTheBudgetIsSpent) {
    json values = smallPlan();
    values["budget"] = 1000;
    const auto place = arena(kPanel, values);
    auto play = makePlay(place, {}).value();
    finish(*play);
    EXPECT_TRUE(play->outOfBudget());
    EXPECT_EQ(play->rounds().size(), 1u);
    EXPECT_LE(play->meters().alice + play->meters().bob + play->meters().vera, 1000);
}

TEST(BisectionPlay, HonestBobPinpointsTheLie) {
    const json checklist{{"type", "list"}, {"steps", 100}, {"probability", 0.99}, {"combine", "and"}};
    const auto place = arena(checklist, {});
    for (std::int64_t lie : {0, 1, 49, 63, 98}) {
        auto play = makePlay(place, {.protocol = "bisection", .lies = {lie}}).value();
        const auto rounds = finish(*play);
        EXPECT_FALSE(play->aliceWins()) << lie;
        EXPECT_EQ(play->toJson()["disputed_step"], lie);
        EXPECT_LE(rounds.size(), 8u);  // at most ceil(log2 101) halvings and the check
        EXPECT_LE(play->meters().vera, 1);
    }
}

TEST(BisectionPlay, APersonAsBobHalvesTheDispute) {
    const json checklist{{"type", "list"}, {"steps", 31}, {"probability", 0.99}, {"combine", "and"}};
    const auto place = arena(checklist, {});
    auto play = makePlay(place, {.protocol = "bisection", .seats = {.bob = true}, .lies = {20}}).value();
    std::size_t moves = 0;
    while (!play->over()) {
        play->advance();
        if (!play->prompt()) continue;
        EXPECT_EQ(play->rounds().size(), moves);
        const Prompt asked = *play->prompt();
        EXPECT_EQ(asked.step, (asked.from + asked.to) / 2);
        ASSERT_TRUE(play->move({Party::Bob, 0, asked.suggestion, {}}));
        ++moves;
    }
    EXPECT_EQ(moves, 5u);
    EXPECT_FALSE(play->aliceWins());
    auto again = makePlay(place, {.protocol = "bisection", .seats = {.bob = true}, .lies = {20}}).value();
    again->replay(play->moves());
    EXPECT_EQ(again->toJson(), play->toJson());
}

TEST(BisectionPlay, APersonAsAliceWinsByStatingTheTruth) {
    const auto place = arena(kPanel, {});
    auto play = makePlay(place, {.protocol = "bisection", .seats = {.alice = true, .vera = true}}).value();
    while (!play->over()) {
        play->advance();
        if (!play->prompt()) continue;
        const Prompt asked = *play->prompt();
        ASSERT_TRUE(play->move({asked.party, 0, asked.suggestion, asked.stated}));
    }
    EXPECT_TRUE(play->aliceWins());
}

TEST(CrossExaminationPlay, FindsTheWrongStepAndTheInconsistentCopy) {
    const json checklist{{"type", "list"}, {"steps", 12}, {"probability", 0.99}, {"combine", "and"}};
    const auto place = arena(checklist, {});
    auto lying = makePlay(place, {.protocol = "cross_examined", .lies = {5}}).value();
    finish(*lying);
    EXPECT_FALSE(lying->aliceWins());
    EXPECT_EQ(lying->toJson()["named_step"], 5);
    auto differing = makePlay(place, {.protocol = "cross_examined", .secondLies = {8}}).value();
    finish(*differing);
    EXPECT_FALSE(differing->aliceWins());
    EXPECT_EQ(differing->toJson()["copies_differ"], true);
    auto honest = makePlay(place, {.protocol = "cross_examined", .seats = {.bob = true}}).value();
    honest->advance();
    honest->advance();
    ASSERT_TRUE(honest->prompt());
    EXPECT_FALSE(honest->move({Party::Bob, 99, true, {}}));
    ASSERT_TRUE(honest->move({Party::Bob, 3, true, {}}));
    while (!honest->over()) honest->advance();
    EXPECT_TRUE(honest->aliceWins());
    EXPECT_FALSE(makePlay(place, {.protocol = "bisection", .lies = {13}}));
}

TEST(Arena, SaysWhereItsNumbersComeFrom) {
    const auto small = arena(kPanel, {});
    EXPECT_EQ(small->acceptance.runs, 0);
    EXPECT_NEAR(small->acceptance.value, 0.896, 1e-12);
    EXPECT_LE(small->kSampled, small->constants.certified + 1e-9);
    EXPECT_GT(small->kSampled, 0.5 * small->constants.firstOrder);
    EXPECT_TRUE(small->outside.empty());

    const auto large = arena({{"type", "majority"}, {"votes", 4001}, {"vote_probability", 0.6}}, {});
    EXPECT_FALSE(large->graph);
    EXPECT_TRUE(large->kTrivial);
    EXPECT_EQ(large->setup.k, 4002);
    EXPECT_GT(large->acceptance.runs, 100);
    EXPECT_GT(large->acceptance.value, 0.99);
    EXPECT_FALSE(large->outside.empty());
    EXPECT_TRUE(makePlay(large, {}));
    const auto knowing = makePlay(arena({{"type", "majority"}, {"votes", 4001}, {"vote_probability", 0.6}}, {{"alice", "best"}}), {});
    ASSERT_FALSE(knowing);
    EXPECT_EQ(knowing.error().code, ErrorCode::Unsupported);
    auto bisection = makePlay(large, {.protocol = "bisection", .lies = {1234}}).value();
    finish(*bisection);
    EXPECT_EQ(bisection->toJson()["disputed_step"], 1234);
}

}  // namespace
}  // namespace driftscope::debate
