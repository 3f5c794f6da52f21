// Debates as a user of driftscope-run meets them: what goes wrong, in the words that are shown, and what is written.
#include <gmock/gmock.h>

#include "core/base/atomic_file.h"
#include "core/debate/computation.h"
#include "core/io/csv.h"
#include "tests/core/debate/command_line.h"
#include "tests/core/io/scratch.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class DebateCommand : public testing::Test {
  protected:
    Seen run(const std::string& kind, const std::vector<std::string>& settings) { return runCommand(kind, settings, out()); }
    /// A computation from this text.
    Seen play(const std::string& text, std::vector<std::string> more = {}) {
        more.push_back("computation=" + scratch_.file("computation.json", text).string());
        return run("debate.play", more);
    }
    std::filesystem::path out() { return scratch_ / fmt::format("run{}", ++runs_); }
    std::filesystem::path lastOut() const { return scratch_ / fmt::format("run{}", runs_); }
    std::string read(const std::string& file) const { return readFile(lastOut() / file).value(); }

    io::Scratch scratch_;
    int runs_ = 0;
};

TEST_F(DebateCommand, BadInputEndsWithASentenceAndARemedy) {
    struct Case {
        std::string text;
        std::vector<std::string> settings;
        int exit;
        std::string said;
        std::string remedy = {};
    };
    const std::string questions = R"("questions": [{"id": "a", "probability": 0.5}])";
    std::string wide = R"({"questions": [)", inputs;
    for (int i = 0; i < 64; ++i) {
        wide += fmt::format(R"({}{{"id": "q{}", "probability": 0.5}})", i ? "," : "", i);
        inputs += fmt::format(R"({}"q{}")", i ? "," : "", i);
    }
    wide += R"(], "gates": [{"id": "g", "op": "not", "inputs": [)" + inputs + "]}]}";
    const std::vector<Case> cases{
        {R"({"type": "majority", "votes": 3, "vote_probability": 1.2})", {}, 3, "majority: vote_probability is 1.2, not a probability.", "Give a number from 0 to 1."},
        {R"({"type": "majority", "votes": 3, "vote_probability": -0.1})", {}, 3, "vote_probability is -0.1, not a probability"},
        {R"({"type": "majority", "votes": 3, "vote_probability": NaN})", {}, 3, "is not JSON: at line 1, column"},
        {R"({"type": "majority", "votes": 3, "vote_probability": "often"})", {}, 3, "majority has no number 'vote_probability'"},
        {R"({"type": "list", "steps": 0, "probability": 0.5})", {}, 3, "list: steps is 0."},
        {R"({"type": "list", "steps": 100001, "probability": 0.5})", {}, 3, "list: steps is 100001.", "It must be from 1 to 100000."},
        {R"({"type": "list", "steps": 5, "probability": 0.5})", {"k=0"}, 3, "K is 0. The theorem needs a Lipschitz constant above 0."},
        {R"({"type": "list", "steps": 5, "probability": 0.5})", {"k=nan"}, 2, "it must be a finite number"},
        {R"({"type": "dag"})", {}, 3, "The computation asks no questions."},
        {R"({"type": "dag", "questions": [], "gates": []})", {}, 3, "The computation asks no questions."},
        {"{" + questions + R"(, "gates": [{"id": "x", "op": "and", "inputs": ["y"]}, {"id": "y", "op": "or", "inputs": ["x", "a"]}]})", {}, 3, "Gate 'x' depends on itself.", "Remove the cycle."},
        {"{" + questions + R"(, "gates": [{"id": "x", "op": "and", "inputs": []}]})", {}, 3, "Gate 'x' has no inputs."},
        {"{" + questions + R"(, "gates": [{"id": "x", "op": "nand", "inputs": ["a"]}]})", {}, 3, "unknown op 'nand'"},
        {wide, {}, 3, "Gate 'g' (not) must have one input."},
        {R"({"type": "majority", "votes": 3)", {}, 3, "computation.json is not JSON: at line 1, column 32"},
        {"[1, 2]", {}, 3, "The computation must be a JSON object."},
        {R"({"type": "majority", "votes": 3, "vote_probability": 0.7})", {"alice=cunning"}, 2, "Parameter 'alice' cannot be 'cunning': it must be one of honest, bias"},
        {R"({"type": "majority", "votes": 3, "vote_probability": 0.7})", {"bob=cunning"}, 2, "Parameter 'bob' cannot be 'cunning'"},
        {R"({"type": "majority", "votes": 3, "vote_probability": 0.7})", {"noise=0.6"}, 2, "the maximum is 0.5"},
        {R"({"type": "majority", "votes": 3, "vote_probability": 0.7})", {"w=0.5"}, 3, "The promise w is 0.5."},
        {R"({"type": "majority", "votes": 3, "vote_probability": 0.7})", {"d=0.9"}, 3, "The goal d is 0.9. It must lie between 0 and w."},
        {R"({"type": "majority", "votes": 3, "vote_probability": 0.7})", {"parameters=custom"}, 2, "parameters=custom needs c. Add --set c="},
        {R"({"type": "majority", "votes": 3, "vote_probability": 0.7})", {"protocol=bisection", "lie_step=9"}, 3, "There is no step 9. The computation has 4 steps"},
        {R"({"type": "majority", "votes": 3, "vote_probability": 0.7})", {"oracle=model"}, 2, "oracle=model needs table. Add --set table="},
        {R"({"type": "majority", "votes": 3, "vote_probability": 0.7})", {"oracle=person"}, 2, "oracle=person needs answers."},
        {R"({"type": "majority", "votes": 3, "vote_probability": 0.7})", {"oracle=person", "answers=/no/such.csv"}, 3, "/no/such.csv"},
        {R"({"type": "majority", "rows": [1, 2]})", {}, 3, "which only a model can answer.", "Add --set oracle=model"},
    };
    for (const Case& one : cases) {
        const Seen seen = play(one.text, one.settings);
        EXPECT_EQ(seen.exit, one.exit) << one.text.substr(0, 100) << "\n" << seen.errors;
        EXPECT_THAT(seen.errors, AllOf(HasSubstr(one.said), HasSubstr(one.remedy)));
    }
}

TEST_F(DebateCommand, MissingThingsAreNamed) {
    EXPECT_THAT(run("debate.play", {}).errors, HasSubstr("Parameter 'computation' is required."));
    EXPECT_THAT(run("debate.play", {"computation=/no/such/file.json"}).errors, AllOf(HasSubstr("There is no file '/no/such/file.json'"), HasSubstr("panel")));
    EXPECT_THAT(run("debate.play", {"replay=/no/such/transcript.json"}).errors, HasSubstr("/no/such/transcript.json"));
    EXPECT_THAT(run("debate.play", {"computaton=panel"}).errors, HasSubstr("Did you mean 'computation'?"));
    EXPECT_THAT(run("debate.scale", {"steps=1"}).errors, HasSubstr("the minimum is 2"));
}

TEST_F(DebateCommand, GateWithSixtyFourInputsPlays) {
    std::string list, inputs;
    for (int i = 0; i < 64; ++i) {
        list += fmt::format(R"({}{{"id": "q{}", "probability": 0.7}})", i ? "," : "", i);
        inputs += fmt::format(R"({}"q{}")", i ? "," : "", i);
    }
    const Seen seen = play(R"({"questions": [)" + list + R"(], "gates": [{"id": "g", "op": "majority", "inputs": [)" + inputs + "]}]}", {"protocol=bisection", "lie_step=17"});
    EXPECT_EQ(seen.exit, 0) << seen.errors;
    EXPECT_EQ(seen.result["winner"], "bob");
    EXPECT_EQ(seen.result["disputed_step"], 17);
}

TEST_F(DebateCommand, PlayWritesAndReplays) {
    for (const std::vector<std::string>& settings : {std::vector<std::string>{"alice=adaptive", "lie=0.02", "seed=5"}, {"parameters=tuned", "w=0.8"}, {"protocol=bisection", "lie_step=3"}, {"protocol=cross_examined", "lie_step=3"}}) {
        std::vector<std::string> all = settings;
        all.push_back("computation=survey");
        ASSERT_EQ(run("debate.play", all).exit, 0);
        EXPECT_FALSE(io::readCsv(lastOut() / "transcript.csv").value().rows.empty());
        EXPECT_THAT(read("transcript.md"), HasSubstr("# Debate: Meta-analysis"));
        const std::string transcript = read("transcript.json");
        const std::filesystem::path recorded = lastOut() / "transcript.json";
        const Seen again = run("debate.play", {"replay=" + recorded.string()});
        EXPECT_EQ(again.exit, 0) << again.errors;
        EXPECT_EQ(again.result["identical"], true);
        json changed = json::parse(transcript);
        const std::string list = changed.contains("turns") ? "turns" : changed.contains("rounds") ? "rounds" : "meters";
        if (list == "meters")
            changed["meters"]["vera_queries"] = 7;
        else
            changed[list][0][list == "turns" ? "claim" : "from"] = 0.0625;
        const Seen refused = run("debate.play", {"replay=" + scratch_.file("changed.json", changed.dump()).string()});
        EXPECT_EQ(refused.exit, 3);
        EXPECT_THAT(refused.errors, AllOf(HasSubstr("changed.json does not replay. First difference at /" + list), HasSubstr("in the replay")));
    }
}

TEST_F(DebateCommand, MeasureGivesTheSameBytesForAnyNumberOfThreads) {
    const auto measured = [&](const std::string& threads) {
        EXPECT_EQ(run("debate.measure", {"computation=panel", "games=3000", "transcripts=600", "alice.samples=50", "bob.samples=50", "vera.samples=50", "bob.threshold=0.15", "vera.threshold=0.1", "threads=" + threads}).exit, 0);
        return std::pair{read("result.json"), read("transcripts.jsonl")};
    };
    const auto one = measured("1");
    const auto two = measured("2");
    EXPECT_EQ(one.first, two.first);
    EXPECT_EQ(one.second, two.second);
    EXPECT_EQ(std::ranges::count(one.second, '\n'), 600);
}

TEST_F(DebateCommand, MeasureSaysWhetherThePromiseHolds) {
    const Seen inside = run("debate.measure", {"computation=panel", "games=200"});
    EXPECT_THAT(inside.result["statement"].get<std::string>(), HasSubstr("Inside the promise: the honest side wins with probability at least 0.6."));
    EXPECT_EQ(inside.result["outside_promise"], json::array());
    EXPECT_EQ(inside.result["machine"]["k_source"], "certified");
    EXPECT_EQ(inside.result["oracle_check"]["independent"], true);
    const Seen half = run("debate.measure", {"computation=panel", "noise=0.45", "games=200"});
    EXPECT_THAT(half.result["statement"].get<std::string>(), HasSubstr("Outside the promise"));
    EXPECT_THAT(half.errors, HasSubstr("between 1/3 and 2/3 the theorem says nothing"));
    EXPECT_THAT(half.result["notes"][0].get<std::string>(), HasSubstr("Noise and drift move the machine's acceptance from 0.8283"));
    const Seen correlated = run("debate.measure", {"computation=panel", "correlation=0.2", "games=200"});
    EXPECT_EQ(correlated.result["oracle_check"]["independent"], false);
    EXPECT_THAT(correlated.errors, HasSubstr("not independent"));
    const Seen understated = run("debate.measure", {"computation=panel", "k=1", "games=200"});
    EXPECT_THAT(understated.errors, HasSubstr("K is understated"));
    const Seen broke = run("debate.measure", {"computation=panel", "budget=10", "games=50"});
    EXPECT_EQ(broke.result["win_probability"], nullptr);
    EXPECT_EQ(broke.result["out_of_budget"], 50);
    const Seen large = run("debate.measure", {"computation=majority", "votes=4001", "vote_probability=0.6", "games=3", "alice.samples=100", "bob.samples=100", "vera.samples=100", "bob.threshold=0.4", "vera.threshold=0.3"});
    EXPECT_EQ(large.exit, 0) << large.errors;
    EXPECT_EQ(large.result["win_probability"], 1.0);
    EXPECT_EQ(large.result["exact"], nullptr);
}

TEST_F(DebateCommand, MeasureStudiesSensitivity) {
    const Seen seen = run("debate.measure", {"computation=review", "games=300", "sensitivity=true", "k_factors=0.5,1", "noises=0,0.45", "correlations=0,0.2"});
    ASSERT_EQ(seen.exit, 0) << seen.errors;
    const json& study = seen.result["sensitivity"];
    EXPECT_EQ(study["k"].size(), 2u);
    EXPECT_EQ(study["w"].size(), 2u);
    EXPECT_EQ(study["correlation"].size(), 2u);
    for (const char* part : {"k", "w", "correlation"})
        for (const json& row : study[part]) EXPECT_FALSE(row["statement"].get<std::string>().empty());
}

TEST_F(DebateCommand, CompileWritesBothFormsWhichAgree) {
    for (const std::string id : {"review", "score", "opinion", "colony"}) {
        const Seen seen = run("debate.compile", {"computation=" + id});
        ASSERT_EQ(seen.exit, 0) << seen.errors;
        EXPECT_EQ(seen.result["k_source"], "certified");
        const auto again = readComputation(json::parse(read("computation.json"))).value();
        EXPECT_NEAR(StateGraph::build(*again).value().acceptance()[0][0], seen.result["accept_probability"].get<double>(), 1e-12) << id;
        // The Bernoulli form alone gives the same probability, folded back from the last step.
        const io::CsvTable csv = io::readCsv(lastOut() / "bernoulli.csv").value();
        std::map<std::pair<std::int64_t, std::int64_t>, double> value;
        for (std::size_t row = csv.rows.size(); row-- > 0;) {
            const auto number = [&](std::size_t column) { return std::stod(csv.rows[row][column]); };
            const auto step = static_cast<std::int64_t>(number(0));
            const bool last = step + 1 == seen.result["T"].get<std::int64_t>();
            const auto after = [&](std::size_t column) { return last ? number(column) : value.at({step + 1, static_cast<std::int64_t>(number(column))}); };
            value[{step, static_cast<std::int64_t>(number(1))}] = number(4) * after(6) + (1 - number(4)) * after(5);
        }
        EXPECT_NEAR((value[{0, 0}]), seen.result["accept_probability"].get<double>(), 1e-12) << id;
        EXPECT_EQ(io::readCsv(lastOut() / "configurations.csv").value().rows.size(), seen.result["T"].get<std::size_t>() + 1);
    }
}

TEST_F(DebateCommand, APersonAnswersTheQuestionsThatCompileWrites) {
    ASSERT_EQ(run("debate.compile", {"computation=review"}).exit, 0);
    io::CsvTable csv = io::readCsv(lastOut() / "questions.csv").value();
    ASSERT_EQ(csv.rows.size(), 4u);
    for (auto& row : csv.rows) row[1] = row[0] == "Was it blinded?" ? "no" : "yes";
    const std::filesystem::path answers = scratch_ / "answers.csv";
    ASSERT_TRUE(io::writeCsv(answers, csv));
    const Seen seen = run("debate.play", {"computation=review", "oracle=person", "answers=" + answers.string()});
    ASSERT_EQ(seen.exit, 0) << seen.errors;
    EXPECT_EQ(seen.result["winner"], "alice");
    EXPECT_EQ(seen.result["oracle"]["repeatability"]["value"], nullptr);
    EXPECT_THAT(seen.result["oracle"]["repeatability"]["what"].get<std::string>(), HasSubstr("no question was answered twice"));
}

}  // namespace
}  // namespace driftscope::debate
