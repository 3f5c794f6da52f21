#include "core/cells/analysis/response.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/analysis/table_files.h"

namespace driftscope::cells {
namespace {

TEST(PopulationCurve, BinsAroundZeroAndGivesIntervals) {
    std::vector<TimedValue> values;
    for (int i = 0; i < 10; ++i) values.push_back({-1.0, static_cast<double>(i), 0});
    for (int i = 0; i < 10; ++i) values.push_back({0.0, i < 4 ? 1.0 : 0.0, 0});
    values.push_back({31, 5, 0});  // alone in its bin
    values.push_back({std::nan(""), 5, 0});
    const auto mean = populationCurve(values, {CurveCentre::Mean, 30, 5});
    ASSERT_EQ(mean.size(), 2u);
    EXPECT_DOUBLE_EQ(mean[0].time, -15);
    EXPECT_DOUBLE_EQ(mean[0].centre, 4.5);
    EXPECT_NEAR(mean[0].high - 4.5, 1.959963984540054 * std::sqrt(82.5 / 9 / 10), 1e-12);
    const auto share = populationCurve(values, {CurveCentre::Share, 30, 5});
    EXPECT_DOUBLE_EQ(share[1].centre, 0.4);
    EXPECT_NEAR(share[1].low, 0.16818033, 1e-6);  // Wilson for 4 of 10
    EXPECT_NEAR(share[1].high, 0.68732623, 1e-6);
    const auto median = populationCurve(values, {CurveCentre::Median, 30, 1});
    EXPECT_DOUBLE_EQ(median[0].low, 2.25);
    EXPECT_EQ(median.size(), 3u);
}

TEST(ResponseOf, ReadsATriangleExactly) {
    std::vector<CurvePoint> curve;
    for (int t = -600; t <= 600; t += 30) {
        // Rest wobbles by 0.1 around 1; then up to 5 at 240 and down to 1 at 480.
        const double rest = 1 + (t / 30 % 2 == 0 ? 0.1 : -0.1);
        curve.push_back({static_cast<double>(t), t <= 0 ? rest : t <= 240 ? 1 + 4 * t / 240.0 : std::max(1.0, 5 - 4 * (t - 240) / 240.0), 0, 0, 50});
    }
    const Response found = responseOf(curve, {}).value();
    EXPECT_NEAR(found.baseline, 1, 0.01);
    EXPECT_NEAR(found.deviation, 0.1, 0.001);
    EXPECT_DOUBLE_EQ(found.onset.value(), 30);  // 1.5 is above 1 + 2 * 0.1
    EXPECT_DOUBLE_EQ(found.peak, 5);
    EXPECT_DOUBLE_EQ(found.peakTime, 240);
    EXPECT_NEAR(found.t50.value(), 120, 0.5);
    EXPECT_DOUBLE_EQ(found.returned.value(), 480);
    EXPECT_DOUBLE_EQ(found.duration.value(), 450);
    EXPECT_NEAR(found.area, 4 * 480 / 2.0, 4);  // the first bin begins at the wobble
    EXPECT_FALSE(responseOf(std::span(curve).subspan(18), {}));
    EXPECT_FALSE(responseOf(std::span(curve).first(10), {}));
}

TEST(ResponseJob, RanksGroupsByOnsetAndTestsThem) {
    const io::Scratch scratch;
    // Two groups of 12 cells leave their rest 5 and 15 frames after the event at frame 30; 30 minutes a frame.
    const auto angle = [](std::size_t i, std::size_t t) { return 0.08 * std::sin(static_cast<double>(7 * i + 3 * t)) + std::clamp((static_cast<double>(t) - (i < 12 ? 35 : 45)) / 6, 0.0, 1.0) * 1.5; };
    EmbeddingTable table = test::tableOf(24, 60, 3, [&](std::size_t i, std::size_t t, std::span<float> out) {
        out[0] = static_cast<float>(std::cos(angle(i, t)));
        out[1] = static_cast<float>(std::sin(angle(i, t)));
        out[2] = 0.1f;
    });
    std::vector<std::string> group, state;
    std::vector<double> hours;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        group.push_back(row < 12 * 60 ? "early" : "late");
        state.push_back(row % 60 >= 30 ? "infected" : "uninfected");
        hours.push_back((static_cast<double>(row % 60) - 30) / 2);
    }
    ASSERT_TRUE(table.setColumn("organelle", Categorical::fromTexts(group)));
    ASSERT_TRUE(table.setColumn("infection_state", Categorical::fromTexts(state)));
    ASSERT_TRUE(table.setColumn("hours_post_perturbation", hours));
    ASSERT_TRUE(io::writeH5ad(scratch / "table.h5ad", table));
    const nlohmann::json base{{"table", (scratch / "table.h5ad").string()}, {"group", "organelle"}, {"interval", 30.0}};
    nlohmann::json byEvent = base, byTime = base, control = base, share = base;
    byEvent.update({{"column", "infection_state"}, {"event", "infected"}});
    const auto result = test::runKind("cells.response", byEvent, scratch / "event");
    ASSERT_TRUE(result) << result.error().text();
    const double early = (*result)["groups"][0]["t50"].get<double>(), late = (*result)["groups"][1]["t50"].get<double>();
    EXPECT_NEAR(late - early, 300, 20);  // ten frames
    EXPECT_LT((*result)["groups"][0]["onset"].get<double>(), (*result)["groups"][1]["onset"].get<double>());
    EXPECT_LT((*result)["tests"][0]["mann_whitney_p"].get<double>(), 0.001);
    EXPECT_DOUBLE_EQ((*result)["tests"][0]["auroc"].get<double>(), 1);
    // The column of hours says the same as the labels.
    const auto timed = test::runKind("cells.response", byTime, scratch / "time");
    ASSERT_TRUE(timed) << timed.error().text();
    EXPECT_NEAR((*timed)["groups"][0]["t50"].get<double>(), early, 1e-6);
    control.update({{"signal", "control"}, {"control", "late"}});
    EXPECT_TRUE(test::runKind("cells.response", control, scratch / "control"));
    share = byEvent;
    share.update({{"signal", "state"}});
    const auto shares = test::runKind("cells.response", share, scratch / "share");
    ASSERT_TRUE(shares) << shares.error().text();
    EXPECT_DOUBLE_EQ((*shares)["groups"][0]["peak"].get<double>(), 1);
    control["control"] = "nobody";
    EXPECT_FALSE(test::runKind("cells.response", control, scratch / "bad"));
}

}  // namespace
}  // namespace driftscope::cells
