// Plans, estimates, results and reports of studies, which need no model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/base/atomic_file.h"
#include "core/llm/study/demo_plan.h"
#include "core/llm/study/study_estimate.h"
#include "core/llm/study/study_report.h"
#include "core/llm/study/svg_chart.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

std::vector<Arm> armsOf(const std::vector<std::string>& names) {
    std::vector<Arm> arms;
    for (const std::string& name : names) arms.push_back(Arm::parse(name).value());
    return arms;
}

class StudyFolder : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("driftscope-study-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
        fs::remove_all(folder_);
        write("", {{"kind", "llm.study"}, {"params", {{"methods", {"sft", "booster"}}}}}, {{"state", "running"}});
    }
    void TearDown() override { fs::remove_all(folder_); }
    void write(const std::string& run, const json& job, const json& status) const {
        ASSERT_TRUE(makeFolder(folder_ / run));
        ASSERT_TRUE(writeFileAtomically(folder_ / run / "job.json", job.dump()));
        ASSERT_TRUE(writeFileAtomically(folder_ / run / "status.json", status.dump()));
    }
    /// A finished pair of alignment and fine-tuning.
    void addRun(const std::string& file, double ratio, int seed, double harm, double alignSeconds, bool done = true) const {
        const std::string align = fmt::format("align/{}-seed{}", file, seed);
        write(align, {{"kind", "llm.align"}, {"params", {{"seed", seed}}}}, {{"state", "done"}, {"result", {{"seconds_per_step", alignSeconds}}}});
        const std::string run = fmt::format("finetune/{}-p{:g}-seed{}", file, ratio, seed);
        write(run, {{"kind", "llm.finetune"}, {"params", {{"seed", seed}, {"poison_ratio", ratio}, {"adapters", {(folder_ / align / "adapter").string()}}}}, {"inputs", {{{"path", "user.jsonl"}, {"hash", "xxh3:1"}}}}},
              {{"state", done ? "done" : "cancelled"}, {"result", done ? json{{"harmful score", harm}, {"accuracy strict", 0.9}, {"seconds_per_step", 0.5}, {"loss/data", 1}} : json::object()}});
        const std::string point = R"({"type":"metric","name":"harmful score","step":)";
        ASSERT_TRUE(writeFileAtomically(folder_ / run / "events.jsonl", point + "0,\"value\":0.9}\n" + point + "0,\"value\":0}\n" + point + fmt::format("10,\"value\":{}}}\n", harm)));
    }
    fs::path folder_;
};

TEST(Spread, IsMeanDeviationAndStudentsInterval) {
    const Spread spread = Spread::of({1, 2, 3, std::nan("")});
    EXPECT_EQ(spread.count, 3);
    EXPECT_DOUBLE_EQ(spread.mean, 2);
    EXPECT_DOUBLE_EQ(spread.deviation, 1);
    EXPECT_NEAR(spread.high - spread.mean, 4.303 / std::sqrt(3.0), 1e-9);
    EXPECT_EQ(Spread::of({}).count, 0);
    EXPECT_EQ(Spread::of({5}).low, 5);
}

TEST(Band, TakesAtEveryStepTheSeedsThatAreThere) {
    const Course first{{0, 1}, {10, 3}}, second{{0, 3}};
    const Band band = bandOf({&first, &second});
    EXPECT_THAT(band.x, ElementsAre(0, 10));
    EXPECT_THAT(band.mean, ElementsAre(2, 3));
    EXPECT_THAT(band.least, ElementsAre(1, 3));
    EXPECT_THAT(band.seeds, ElementsAre(2, 1));
}

TEST_F(StudyFolder, GivesTablesOverSeedsWithCostsInUnitsOfSft) {
    addRun("sft", 0.1, 1, 0.8, 0.2);
    addRun("sft", 0.1, 2, 0.6, 0.2);
    addRun("booster", 0.1, 1, 0.2, 0.6);
    addRun("booster", 0.1, 2, 0, 0.6, false);
    const auto results = StudyResults::read(folder_);
    ASSERT_TRUE(results) << results.error().text();
    EXPECT_THAT(results->methods(), ElementsAre("sft", "booster"));
    EXPECT_NEAR(results->finals("sft", 0.1, "harmful score").mean, 0.7, 1e-12);
    EXPECT_EQ(results->finals("booster", 0.1, "harmful score").count, 1);  // one was stopped
    EXPECT_NEAR(results->alignCost("booster", 0.1).mean, 3, 1e-12);
    const Band band = results->band("sft", 0.1, "harmful score");
    EXPECT_THAT(band.x, ElementsAre(0, 10));
    EXPECT_EQ(band.mean[0], 0);  // the point that was written again counts
    EXPECT_THAT(resultsCsv(*results), HasSubstr("sft,0.1,\"harmful score\",,2,0.7,0.141421,0.6,0.8"));
    EXPECT_THAT(resultsLatex(*results), HasSubstr("sft & 70.0 (90.0) \\\\"));
    const std::string html = studyReportHtml(*results);
    EXPECT_THAT(html, HasSubstr("no sft:single"));
    EXPECT_THAT(html, HasSubstr("1 of 4 fine-tunings have not finished"));
    EXPECT_THAT(html, HasSubstr("xxh3:1"));
    EXPECT_THAT(html, HasSubstr("<svg"));
    EXPECT_THAT(html, Not(HasSubstr("nan")));
}

TEST_F(StudyFolder, TellsModesOfMethodsApart) {
    addRun("sft-single", 0, 1, 0, 1);
    addRun("booster+vaccine", 1e-05, 1, 0, 1);
    const auto results = StudyResults::read(folder_);
    ASSERT_TRUE(results);
    EXPECT_THAT(results->methods(), ElementsAre("booster+vaccine", "sft:single"));
    EXPECT_THAT(results->ratios(), ElementsAre(0, 1e-05));
}

TEST_F(StudyFolder, RefusesAReportWithoutResults) {
    const auto results = StudyResults::read(folder_);
    ASSERT_TRUE(results);
    const auto written = writeStudyReport(*results, folder_ / "report");
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message, HasSubstr("No fine-tuning"));
}

TEST(Plan, SharesAlignmentsAndCountsStepsAndMeasurements) {
    const auto arms = armsOf({"sft", "lisa", "booster"});
    const auto settings = StudySettings::parse({"align.epochs=2", "align.batch=10", "finetune.epochs=1", "finetune.batch=10", "finetune.samples=95", "finetune.eval_every=4", "finetune.eval_samples=5", "booster.align.lambda=1"}, arms);
    ASSERT_TRUE(settings);
    const auto runs = planRuns(arms, {0, 0.1}, {1, 2}, *settings, {.align = 101, .user = 200, .testHarmful = 50, .testBenign = 3});
    ASSERT_TRUE(runs) << runs.error().text();
    EXPECT_EQ(runs->size(), 2u * (2 + 3 * 2));  // sft and lisa align alike
    const PlannedRun& align = runs->front();
    EXPECT_EQ(align.folder, "align/sft-seed1");
    EXPECT_EQ(align.steps, 22);
    const PlannedRun& tune = (*runs)[1];
    EXPECT_EQ(tune.folder, "finetune/sft-p0-seed1");
    EXPECT_EQ(tune.steps, 10);
    EXPECT_EQ(tune.measurements, 4);  // steps 0, 4, 8, 10
    EXPECT_EQ(tune.answers, 8);
}

TEST(Plan, KnowsTheDemo) {
    const auto arms = armsOf({"sft", "lisa"});
    const auto settings = StudySettings::parse(demoSettings({"sft", "lisa"}), arms);
    ASSERT_TRUE(settings) << settings.error().text();
    ASSERT_TRUE(planRuns(arms, {0.1}, {1}, *settings, {.align = 600, .user = 1000, .testHarmful = 200}));
}

TEST(Pace, TakesWhatWasMeasuredAndSaysWhenItWasNot) {
    Pace pace;
    pace.learn({{"method", "sft"}, {"steps", 100}, {"seconds_per_step", 0.1}, {"settings", {{"batch", 10}, {"eval_harmful", "h"}, {"eval_samples", 10}, {"new_tokens", 5}}}}, 20);
    PlannedRun run{.method = "sft", .steps = 10, .batch = 10};
    bool measured = false;
    EXPECT_NEAR(pace.secondsOf(run, &measured), 1, 1e-12);
    EXPECT_TRUE(measured);
    run.measurements = 2, run.answers = 10, run.newTokens = 5;
    EXPECT_NEAR(pace.secondsOf(run), 1 + 10, 1e-9);  // the other ten seconds were two measurements
    run.method = "vaccine";
    EXPECT_NEAR(pace.secondsOf(run, &measured), 2 + 10, 1e-9);
    EXPECT_FALSE(measured);
}

TEST(Size, CountsTheParametersOfLlama2) {
    const auto config = ModelConfig::parse({{"model_type", "llama"}, {"hidden_size", 4096}, {"intermediate_size", 11008}, {"num_hidden_layers", 32}, {"num_attention_heads", 32}, {"vocab_size", 32000}}, "here");
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_NEAR(static_cast<double>(parameterCount(*config)), 6.738e9, 1e7);
    const double bytes = peakBytes(*config, parameterCount(*config), {{"batch", 5}, {"max_length", 200}, {"precision", "bf16"}, {"lora.r", 8}});
    EXPECT_GT(bytes, 13e9);
    EXPECT_LT(bytes, 40e9);  // the papers' 38 GB hold more
}

TEST(SvgChart, DrawsBandsAndSaysWhenThereIsNothing) {
    EXPECT_THAT(svgChart({"a < b", "x", "y", {}}), HasSubstr("a &lt; b"));
    EXPECT_THAT(svgChart({"t", "x", "y", {}}), HasSubstr("no values yet"));
    const std::string svg = svgChart({"t", "x", "y", {{"one", "#0072b2", {0, 1}, {0, std::nan("")}, {0, 0}, {1, 1}}}});
    EXPECT_THAT(svg, HasSubstr("fill-opacity"));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace driftscope::llm
