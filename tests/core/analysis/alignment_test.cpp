#include "core/cells/analysis/alignment.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/fingerprint.h"
#include "tests/core/analysis/table_files.h"

namespace driftscope::cells {
namespace {

/// A cell that rests, turns around in the plane over `length` frames from `event` on, and rests again; with noise.
void turningCell(std::size_t t, double event, double length, std::uint64_t seed, std::span<float> out) {
    const double share = std::clamp((static_cast<double>(t) - event) / length, 0.0, 1.0), angle = M_PI * share;
    out[0] = static_cast<float>(std::cos(angle) + 0.02 * randomUnit(seed, 1, t));
    out[1] = static_cast<float>(std::sin(angle) + 0.02 * randomUnit(seed, 2, t));
    for (std::size_t c = 2; c < out.size(); ++c) out[c] = static_cast<float>(0.05 * randomUnit(seed, 3 + c, t));
}

TEST(AlignmentSpace, StandardisesEachDataSetAndScalesRows) {
    Matrix features(40, 3);
    std::vector<std::int32_t> dataset;
    for (std::size_t i = 0; i < 40; ++i) {
        const bool second = i >= 20;
        dataset.push_back(second);
        for (std::size_t c = 0; c < 2; ++c) features(i, c) = static_cast<float>((second ? 100 : 0) + (second ? 7 : 1) * randomUnit(1, c, i % 20));
        features(i, 2) = 3;  // never varies: stays 0
    }
    const Matrix space = alignmentSpace(features, dataset, 0).value();
    for (std::size_t i = 0; i < 20; ++i)
        for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(space(i, c), space(i + 20, c), 1e-4);  // the same cells in other units
    for (std::size_t i = 0; i < 40; ++i) EXPECT_NEAR(space(i, 0) * space(i, 0) + space(i, 1) * space(i, 1) + space(i, 2) * space(i, 2), 1, 1e-5);
}

TEST(PathSkew, IsZeroOnTheStraightLineAndKnownOnACorner) {
    embed::WarpingPath straight, corner;
    for (std::size_t i = 0; i < 5; ++i) straight.emplace_back(i, i);
    EXPECT_DOUBLE_EQ(pathSkew(straight, 5, 5), 0);
    for (std::size_t i = 0; i < 5; ++i) corner.emplace_back(0, i);
    for (std::size_t i = 1; i < 5; ++i) corner.emplace_back(i, 4);
    // Deviation grows to 2 + 2 at the corner: sums 0, 1, 2, 3, 4, 3, 2, 1, 0 over nine steps.
    EXPECT_NEAR(pathSkew(corner, 5, 5), 16.0 / 9 / 5, 1e-12);
}

TEST(AlignTrack, GivesPseudotimeOfTheSegment) {
    EventTemplate pattern;
    pattern.steps = embed::Series(5, 1);
    pattern.steps.values = {0, 1, 2, 3, 4};
    pattern.fromEvent = {-2, -1, 0, 1, 2};
    embed::Series track(9, 1);
    track.values = {9, 9, 0, 1, 2, 3, 4, 9, 9};
    const TrackAlignment found = alignTrack(pattern, track).value();
    EXPECT_EQ(found.begin, 2u);
    EXPECT_EQ(found.end, 6u);
    EXPECT_NEAR(found.value, 0, 1e-12);
    EXPECT_EQ(found.pseudotime, (std::vector<double>{0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1}));
    EXPECT_DOUBLE_EQ(found.speed[4], 0.25);
    EXPECT_DOUBLE_EQ(found.templateTime[4], 0);
    EXPECT_EQ(found.region[1], AlignedRegion::Pre);
    EXPECT_EQ(found.region[2], AlignedRegion::Aligned);
    EXPECT_EQ(found.region[8], AlignedRegion::Post);
    // One frame, and a track shorter than the template.
    embed::Series one(1, 1);
    one.values = {2};
    EXPECT_EQ(alignTrack(pattern, one).value().pseudotime.size(), 1u);
    EXPECT_FALSE(alignTrack(pattern, embed::Series(3, 2)));
    const EventTemplate again = EventTemplate::fromJson(pattern.toJson()).value();
    EXPECT_EQ(again.steps.values, pattern.steps.values);
    EXPECT_FALSE(EventTemplate::fromJson({{"steps", 5}}));
}

TEST(WindowMatches, FindTheReferenceAndWeighByDistance) {
    embed::Series track(40, 2), reference(10, 2);
    for (std::size_t t = 0; t < 40; ++t) {
        const double angle = M_PI * std::clamp((static_cast<double>(t) - 20) / 9, 0.0, 1.0);
        track.at(t)[0] = std::cos(angle);
        track.at(t)[1] = std::sin(angle);
    }
    for (std::size_t t = 0; t < 10; ++t) std::ranges::copy(track.at(20 + t), reference.at(t).begin());
    const auto matches = windowMatches(reference, track, {0.1, 0.8, 3}).value();
    ASSERT_FALSE(matches.empty());
    EXPECT_EQ(matches.front().begin, 20u);
    EXPECT_NEAR(matches.front().distance, 0, 1e-12);
    for (std::size_t i = 1; i < matches.size(); ++i) EXPECT_GE(matches[i].distance, matches[i - 1].distance);
    const std::vector<double> time = consensusPseudotime(matches, 10, 40);
    EXPECT_NEAR(time[20], 0, 1e-6);  // the exact match outweighs the others
    EXPECT_NEAR(time[25], 5.0 / 9, 1e-6);
    EXPECT_DOUBLE_EQ(time[0], 0);
    EXPECT_DOUBLE_EQ(time[39], 1);
    EXPECT_TRUE(windowMatches(track, reference).value().empty());  // the track is shorter than the reference
}

/// Sixteen cells that turn at different frames and speeds; the first eight are labelled.
EmbeddingTable turningTable(std::vector<double>& events) {
    events.clear();
    for (std::size_t i = 0; i < 16; ++i) events.push_back(12 + static_cast<double>((7 * i) % 18));
    EmbeddingTable table = test::tableOf(16, 50, 6, [&](std::size_t i, std::size_t t, std::span<float> out) { turningCell(t, events[i] - 4, 8 + static_cast<double>(i % 3), i, out); });
    std::vector<std::string> states(table.rows());
    for (std::size_t i = 0; i < 8; ++i)
        for (std::size_t t = 0; t < 50; ++t) states[i * 50 + t] = static_cast<double>(t) >= events[i] ? "infected" : "uninfected";
    (void)table.setColumn("infection_state", Categorical::fromTexts(states));
    return table;
}

TEST(AlignJob, FindsTheEventOfTracksThatNobodyLabelled) {
    const io::Scratch scratch;
    std::vector<double> events;
    const EmbeddingTable table = turningTable(events);
    ASSERT_TRUE(io::writeH5ad(scratch / "table.h5ad", table));
    for (const std::string method : {"dba", "window"}) {
        const auto result = test::runKind("cells.align", {{"table", (scratch / "table.h5ad").string()}, {"column", "infection_state"}, {"event", "infected"}, {"method", method}, {"pca_components", 4}, {"interval", 30.0}, {"stride", 0.1}}, scratch / method);
        ASSERT_TRUE(result) << method << result.error().text();
        EXPECT_EQ((*result)["candidates"], 8);
        EXPECT_GE((*result)["accepted"].get<int>(), 14);
        const auto csv = io::readCsv(scratch / method / "alignments.csv").value();
        std::size_t near = 0, judged = 0;
        for (std::size_t i = 0; i < 16; ++i) {
            const std::string& found = csv.rows[i][csv.find("event_frame").value()];
            if (csv.rows[i][csv.find("accepted").value()] != "true") continue;
            ++judged;
            near += std::abs(std::stod(found) - events[i]) <= 2;
        }
        EXPECT_GE(near, judged - 2) << method;
        EXPECT_LT((*result)["onset"]["median_absolute_error"].get<double>(), 61);
        EXPECT_GT((*result)["onset"]["auroc"].get<double>(), 0.97);
        const EmbeddingTable aligned = io::readH5ad(scratch / method / "aligned.h5ad").value();
        const auto time = aligned.numbers("pseudotime").value();
        for (const double value : time) EXPECT_TRUE(std::isnan(value) || (value >= 0 && value <= 1));
    }
    // A template of one run aligns another table.
    const auto reused = test::runKind("cells.align", {{"table", (scratch / "table.h5ad").string()}, {"column", "infection_state"}, {"event", "infected"}, {"pca_components", 4}, {"template", (scratch / "dba" / "template.json").string()}}, scratch / "reused");
    ASSERT_TRUE(reused) << reused.error().text();
    EXPECT_FALSE((*reused)["onset_held_out"].is_null());
    EXPECT_FALSE(test::runKind("cells.align", {{"table", (scratch / "table.h5ad").string()}, {"column", "infection_state"}, {"event", "dead"}}, scratch / "bad"));
}

TEST(AlignJob, HeatMapShiftsEveryTrackToItsEvent) {
    const io::Scratch scratch;
    std::vector<double> events;
    ASSERT_TRUE(io::writeH5ad(scratch / "table.h5ad", turningTable(events)));
    const auto result = test::runKind("cells.align", {{"table", (scratch / "table.h5ad").string()}, {"column", "infection_state"}, {"event", "infected"}, {"method", "event"}}, scratch / "event");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ((*result)["accepted"], 8);
    const auto csv = io::readCsv(scratch / "event" / "heatmap.csv").value();
    ASSERT_EQ(csv.rows.size(), 8u);
    const std::size_t zero = csv.find("0").value();
    for (const auto& row : csv.rows) {
        EXPECT_EQ(row[zero], "infected");
        EXPECT_EQ(row[zero - 1], "uninfected");
    }
}

TEST(AlignJob, DaughtersShareTheEventOfTheirLineage) {
    const io::Scratch scratch;
    EmbeddingTable table = test::tableOf(3, 10, 3, [](std::size_t i, std::size_t t, std::span<float> out) { turningCell(t, 4, 3, i, out); });
    std::vector<std::int64_t> parent(30, -1);
    for (std::size_t row = 10; row < 20; ++row) parent[row] = 1;  // track 2 descends from track 1
    std::vector<std::string> states(30);
    states[6] = "infected";
    ASSERT_TRUE(table.setColumn("parent_track_id", parent));
    ASSERT_TRUE(table.setColumn("state", Categorical::fromTexts(states)));
    ASSERT_TRUE(io::writeH5ad(scratch / "table.h5ad", table));
    const auto result = test::runKind("cells.align", {{"table", (scratch / "table.h5ad").string()}, {"column", "state"}, {"event", "infected"}, {"method", "event"}}, scratch / "out");
    ASSERT_TRUE(result) << result.error().text();
    const auto time = io::readH5ad(scratch / "out" / "aligned.h5ad").value().numbers("time_from_event").value();
    EXPECT_DOUBLE_EQ(time[0], -6);
    EXPECT_DOUBLE_EQ(time[10], -6);  // the daughter too
    EXPECT_TRUE(std::isnan(time[20]));
}

}  // namespace
}  // namespace driftscope::cells
