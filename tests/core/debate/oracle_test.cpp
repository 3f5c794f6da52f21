#include <gmock/gmock.h>

#include <fstream>

#include "core/debate/model_oracle.h"
#include "core/debate/oracle_check.h"
#include "core/debate/transcript.h"
#include "tests/core/io/scratch.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const json kPanel{{"type", "majority"}, {"votes", 5}, {"vote_probability", 0.8}};

Result<std::shared_ptr<const Arena>> tryArena(const json& computation, json values) {
    values["computation"] = "given";
    auto params = Params::make(setupParams(), values);
    if (!params) return tl::unexpected(params.error());
    return Arena::make(computation, *params);
}

std::shared_ptr<const Arena> arena(const json& computation, const json& values) {
    auto made = tryArena(computation, values);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    return *made;
}

json with(json values, const json& more) {
    values.update(more);
    return values;
}

const json kSmall{{"alice.samples", 40}, {"bob.samples", 40}, {"vera.samples", 40}, {"bob.threshold", 0.4}, {"vera.threshold", 0.3}};

std::string write(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file) << text;
    return file.string();
}

double firstProbability(const Arena& made) {
    return made.graph->level(0)[0].probability;
}

TEST(Oracles, ConstantNoiseAndDriftChangeTheProbabilities) {
    EXPECT_DOUBLE_EQ(firstProbability(*arena(kPanel, {})), 0.8);
    EXPECT_DOUBLE_EQ(firstProbability(*arena(kPanel, {{"oracle", "constant"}, {"probability", 0.3}})), 0.3);
    EXPECT_NEAR(firstProbability(*arena(kPanel, {{"noise", 0.1}})), 0.8 * 0.8 + 0.1, 1e-12);
    EXPECT_NEAR(arena(kPanel, {{"drift", -0.05}})->graph->level(3)[0].probability, 0.65, 1e-12);
    EXPECT_THAT(tryArena(kPanel, {{"oracle", "constant"}}).error().text(), HasSubstr("needs probability"));
}

TEST(Oracles, TableGivesEveryQuestionItsOwnProbability) {
    const io::Scratch scratch;
    const std::string file = write(scratch / "p.csv", "question,probability\nvote1,0.9\nvote2,0.1\nvote 3,0.5\nvote4,0.25\nvote5,1\n");
    const auto made = arena(kPanel, {{"oracle", "table"}, {"answers", file}});
    const double expected[] = {0.9, 0.1, 0.5, 0.25, 1};
    for (std::int64_t step = 0; step < 5; ++step) EXPECT_DOUBLE_EQ(made->graph->level(step)[0].probability, expected[step]);
    const std::string few = write(scratch / "few.csv", "question,probability\nvote1,0.9\n");
    EXPECT_THAT(tryArena(kPanel, {{"oracle", "table"}, {"answers", few}}).error().text(), HasSubstr("no row for 4 of 5 questions: 'vote 2'"));
    const std::string wrong = write(scratch / "wrong.csv", "question,probability\nvote1,1.9\n");
    EXPECT_THAT(tryArena(kPanel, {{"oracle", "table"}, {"answers", wrong}}).error().text(), HasSubstr("row 2: '1.9' is not a probability"));
    const std::string other = write(scratch / "other.csv", "question,p\nvote1,1\n");
    EXPECT_THAT(tryArena(kPanel, {{"oracle", "table"}, {"answers", other}}).error().text(), HasSubstr("no column 'probability'"));
}

TEST(Oracles, CorrelatedAnswersAreFoundOutAndIndependentOnesAreNot) {
    const auto check = [](double correlation) {
        const auto made = arena(kPanel, {{"correlation", correlation}});
        return checkOracle(*made->setup.machine, made->setup.sampling, 3);
    };
    const OracleCheck independent = check(0);
    EXPECT_TRUE(independent.looksIndependent()) << independent.text();
    EXPECT_TRUE(independent.looksSteady());
    EXPECT_NEAR(independent.agreement, independent.independent, 0.01);
    EXPECT_NEAR(independent.independent, 0.8 * 0.8 + 0.2 * 0.2, 0.01);
    const OracleCheck dependent = check(0.1);
    EXPECT_FALSE(dependent.looksIndependent()) << dependent.text();
    EXPECT_NEAR(dependent.correlation, 0.1, 0.04);
    EXPECT_TRUE(dependent.looksSteady()) << dependent.trendP;
    EXPECT_EQ(independent.answers, 5 * 40 * 100);
}

TEST(Oracles, PersonsAnswersComeFromAFile) {
    const io::Scratch scratch;
    const std::string file = write(scratch / "answers.csv", "question,answer,who\nvote 1,yes,ann\nvote 2,Yes,ann\nvote 3,no,ann\nvote 3,yes,bo\nvote 3,no,ann\nvote 4,no,ann\nvote 5,1,ann\nvote 5,true,bo\n");
    const auto made = arena(kPanel, with(kSmall, {{"oracle", "person"}, {"answers", file}}));
    EXPECT_DOUBLE_EQ(made->graph->level(0)[0].probability, 1);
    EXPECT_DOUBLE_EQ(made->graph->level(2)[0].probability, 1.0 / 3);
    auto play = makePlay(made, {.seed = 4}).value();
    play->replay({});
    // The referee asks for every single answer, and only for questions: the result bit is computed.
    EXPECT_EQ(made->setup.sampling.live->calls(), play->meters().queries());
    EXPECT_EQ(play->meters().alice % 40, 0);
    EXPECT_LE(play->meters().alice, 5 * 40);
    RandomStream random(1, 1, 1, 1);
    const Repeatability repeat = made->setup.oracle->repeatability(1000, random);
    EXPECT_EQ(repeat.pairs, 2);  // (no, yes) of vote 3 and (1, true) of vote 5
    EXPECT_EQ(repeat.agreeing, 1);
    const std::string open = write(scratch / "open.csv", "question,answer\nvote 1,yes\nvote 2,\n");
    EXPECT_THAT(tryArena(kPanel, {{"oracle", "person"}, {"answers", open}}).error().text(), testing::AllOf(HasSubstr("4 of 5 questions: 'vote 2'"), HasSubstr("questions.csv")));
    const std::string odd = write(scratch / "odd.csv", "question,answer\nvote 1,perhaps\n");
    EXPECT_THAT(tryArena(kPanel, {{"oracle", "person"}, {"answers", odd}}).error().text(), HasSubstr("row 2: 'perhaps' is neither yes nor no"));
    const std::string once = write(scratch / "once.csv", "question,answer\nvote 1,yes\nvote 2,yes\nvote 3,no\nvote 4,no\nvote 5,yes\n");
    const auto single = arena(kPanel, {{"oracle", "person"}, {"answers", once}});
    EXPECT_EQ(single->setup.oracle->repeatability(10, random).toJson()["value"], nullptr);
}

/// Three entities over five steps, with scores that cross 1/2 along one of them.
std::shared_ptr<EmbeddingTable> scoredTable() {
    auto table = std::make_shared<EmbeddingTable>(15);
    std::vector<std::int64_t> track, t;
    std::vector<double> score;
    for (std::int64_t entity = 0; entity < 3; ++entity)
        for (std::int64_t step = 0; step < 5; ++step) {
            track.push_back(entity);
            t.push_back(step);
            score.push_back(entity == 0 ? 0.9 : entity == 1 ? 0.2 : step < 3 ? 0.3 : 0.8);
        }
    EXPECT_TRUE(table->setColumn("track_id", track));
    EXPECT_TRUE(table->setColumn("t", t));
    EXPECT_TRUE(table->setColumn("score", score));
    return table;
}

std::shared_ptr<Oracle> scoreOracle(Repeat repeat) {
    const auto table = scoredTable();
    return modelOracle(table, scoreJudge(table, "score", "").value(), {repeat, 2, {"track_id"}, "t"}).value();
}

TEST(ModelOracle, NeighboursAreTheSameEntityAtOtherSteps) {
    const auto oracle = scoreOracle(Repeat::Neighbours);
    EXPECT_DOUBLE_EQ(oracle->bind({0, "a", "a", json(2)}).value(), 1);                                  // entity 0
    EXPECT_DOUBLE_EQ(oracle->bind({1, "b", "b", json{{"track_id", 1}, {"t", 2}}}).value(), 0);
    EXPECT_DOUBLE_EQ(oracle->bind({2, "c", "c", json(12)}).value(), 0.4);                               // steps 0 … 4: two of five say yes
    EXPECT_DOUBLE_EQ(oracle->bind({3, "d", "d", json(14)}).value(), 2.0 / 3);                           // steps 2 … 4
    int yes = 0;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        RandomStream random(5, i, 0, 0);
        yes += oracle->answer(2, random);
    }
    EXPECT_NEAR(yes / 3000.0, 0.4, 0.03);
    RandomStream random(1, 0, 0, 0);
    const Repeatability repeat = oracle->repeatability(1000, random);
    EXPECT_EQ(repeat.pairs, 2 + 2 + 2 + 1) << "every look is used once";
    EXPECT_EQ(oracle->describe()["model_evaluations"], 5 + 5 + 5 + 3);
}

TEST(ModelOracle, ProbabilityAndVerdictSayWhatTheirRepetitionMeans) {
    const auto drawn = scoreOracle(Repeat::Probability);
    EXPECT_DOUBLE_EQ(drawn->bind({0, "a", "a", json(0)}).value(), 0.9);
    RandomStream random(1, 0, 0, 0);
    const Repeatability repeat = drawn->repeatability(4000, random);
    EXPECT_EQ(repeat.calls, 8000);
    EXPECT_LE(repeat.interval().low, 0.82);
    EXPECT_GE(repeat.interval().high, 0.82);  // 0.9^2 + 0.1^2
    const auto fixed = scoreOracle(Repeat::Verdict);
    EXPECT_DOUBLE_EQ(fixed->bind({0, "a", "a", json("12")}).value(), 0);
    EXPECT_EQ(fixed->repeatability(4000, random).pairs, 0);
    EXPECT_THAT(fixed->repeatability(4000, random).text(), HasSubstr("tells nothing"));
}

TEST(ModelOracle, NamesWhatItCannotAnswer) {
    const auto oracle = scoreOracle(Repeat::Probability);
    EXPECT_THAT(oracle->bind({0, "a", "Is it?", json()}).error().text(), HasSubstr("names no row"));
    EXPECT_THAT(oracle->bind({0, "a", "Is it?", json(15)}).error().text(), testing::AllOf(HasSubstr("no row 15"), HasSubstr("Is it?")));
    EXPECT_THAT(oracle->bind({0, "a", "Is it?", json{{"track_id", 7}}}).error().text(), HasSubstr("No rows of the table have"));
    EXPECT_THAT(oracle->bind({0, "a", "Is it?", json{{"track_id", 1}}}).error().text(), HasSubstr("5 rows of the table have"));
    EXPECT_THAT(oracle->bind({0, "a", "Is it?", json{{"cell", 1}}}).error().text(), HasSubstr("no column 'cell'"));
    const auto table = scoredTable();
    EXPECT_THAT(scoreJudge(table, "guess", "").error().text(), testing::AllOf(HasSubstr("no scores 'guess'"), HasSubstr("score")));
    EXPECT_THAT(modelOracle(table, scoreJudge(table, "score", "").value(), {Repeat::Neighbours, 2, {"fov_name", "track_id"}, "t"}).error().text(), HasSubstr("fov_name"));
}

TEST(Budget, EndsAPlayWithItsReasonAndKeepsWhatWasPlayed) {
    const io::Scratch scratch;
    const std::string file = write(scratch / "answers.csv", "question,answer\nvote 1,yes\nvote 2,yes\nvote 3,no\nvote 4,yes\nvote 5,yes\n");
    const auto made = arena(kPanel, with(kSmall, {{"oracle", "person"}, {"answers", file}, {"budget", 190}}));
    auto play = makePlay(made, {}).value();
    play->replay({});
    ASSERT_TRUE(play->shortage());
    EXPECT_EQ(play->rounds().size(), 2u);           // 4 estimates of 40
    EXPECT_EQ(play->meters().queries(), 160);
    EXPECT_EQ(made->setup.sampling.live->calls(), 160);
    const json document = play->toJson();
    EXPECT_EQ(document["winner"], "none (out of budget)");
    EXPECT_EQ(document["turns"].size(), 2u);
    EXPECT_THAT(document["unfinished"]["reason"].get<std::string>(), HasSubstr("Alice needs 40 at step 3, and 30 are left"));
    // A budget that ends between claim and response keeps the claim.
    const auto later = arena(kPanel, with(kSmall, {{"oracle", "person"}, {"answers", file}, {"budget", 200}}));
    auto cut = makePlay(later, {}).value();
    cut->replay({});
    EXPECT_THAT(cut->toJson()["unfinished"]["reason"].get<std::string>(), HasSubstr("Bob needs 40 at step 3"));
    EXPECT_TRUE(cut->toJson()["unfinished"].contains("claim"));
    for (const char* protocol : {"bisection", "cross_examined"}) {
        auto poor = makePlay(arena(kPanel, {{"budget", 7}}), {.protocol = protocol}).value();
        poor->replay({});
        EXPECT_THAT(poor->toJson()["unfinished"]["reason"].get<std::string>(), HasSubstr("Bob needs 5")) << protocol;
        auto rich = makePlay(arena(kPanel, {{"budget", 11}}), {.protocol = protocol}).value();
        rich->replay({});
        EXPECT_FALSE(rich->outOfBudget()) << protocol;
        EXPECT_LE(rich->meters().queries(), 11);
    }
}

TEST(LiveOracle, CannotDriftOrCorrelateButCanBeNoisy) {
    const io::Scratch scratch;
    const std::string file = write(scratch / "answers.csv", "question,answer\nvote 1,yes\nvote 2,yes\nvote 3,no\nvote 4,yes\nvote 5,yes\n");
    const json person{{"oracle", "person"}, {"answers", file}};
    EXPECT_THAT(tryArena(kPanel, with(person, {{"drift", 0.1}})).error().text(), HasSubstr("drift cannot be added"));
    EXPECT_THAT(tryArena(kPanel, with(person, {{"correlation", 0.1}})).error().text(), HasSubstr("correlation cannot be added"));
    const auto noisy = arena(kPanel, with(person, {{"noise", 0.2}}));
    EXPECT_DOUBLE_EQ(firstProbability(*noisy), 0.8);
    int yes = 0;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        RandomStream random(5, i, 0, 0);
        yes += noisy->setup.sampling.live->answer(0, random);
    }
    EXPECT_NEAR(yes / 3000.0, 0.8, 0.03);
}

TEST(LongEstimates, StopOnRequest) {
    const auto made = arena(kPanel, {{"sampling", "calls"}, {"alice.samples", 2'000'000'000}});
    std::stop_source source;
    source.request_stop();
    auto play = makePlay(made, {.stop = source.get_token()}).value();
    play->replay({});
    EXPECT_TRUE(play->stopped());
    EXPECT_EQ(play->toJson()["winner"], "none (not finished)");
}

}  // namespace
}  // namespace driftscope::debate
