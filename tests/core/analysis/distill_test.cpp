#include <gtest/gtest.h>

#include <cmath>

#include "core/base/fingerprint.h"
#include "core/embed/saved_probe.h"
#include "tests/core/analysis/table_files.h"

namespace driftscope::cells::test {
namespace {

constexpr std::size_t kTracks = 40, kFrames = 24;

/// Even tracks are infected from frame 8 on.
bool infected(std::size_t track, std::size_t frame) {
    return track % 2 == 0 && frame >= 8;
}
double noise(std::uint64_t stream, std::size_t track, std::size_t frame) {
    return 2 * randomUnit(5, stream, track * kFrames + frame) - 1;
}

/// What the sensor shows: clear, with a label for every third cell.
EmbeddingTable sensor() {
    EmbeddingTable table = tableOf(kTracks, kFrames, 2, [](std::size_t i, std::size_t k, std::span<float> row) {
        row[0] = static_cast<float>((infected(i, k) ? 1 : -1) + 0.5 * noise(1, i, k));
        row[1] = static_cast<float>(noise(2, i, k));
    });
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < kTracks; ++i)
        for (std::size_t k = 0; k < kFrames; ++k) labels.push_back((i * kFrames + k) % 3 != 0 ? "" : infected(i, k) ? "infected" : "uninfected");
    (void)table.setColumn("infection_state", Categorical::fromTexts(labels));
    return table;
}

/// What the label-free channel shows: blind before frame 12, then clear; or never anything.
EmbeddingTable phase(bool blind) {
    return tableOf(kTracks, kFrames, 2, [blind](std::size_t i, std::size_t k, std::span<float> row) {
        row[0] = static_cast<float>((blind || k < 12 ? 0.0 : infected(i, k) ? 2.0 : -2.0) + noise(3, i, k));
        row[1] = static_cast<float>(noise(4, i, k));
    });
}

Result<nlohmann::json> distill(const io::Scratch& scratch, const EmbeddingTable& student, const std::string& out, const nlohmann::json& more = nlohmann::json::object()) {
    DS_TRY(io::writeH5ad(scratch / "sensor.h5ad", sensor()));
    DS_TRY(io::writeH5ad(scratch / "phase.h5ad", student));
    nlohmann::json params{{"teacher", (scratch / "sensor.h5ad").string()}, {"student", (scratch / "phase.h5ad").string()}, {"column", "infection_state"}, {"interval", 30.0}, {"bin", 3.0}};
    params.update(more);
    return runKind("cells.distill", params, scratch / out);
}

TEST(Distill, TheStudentSeesWhatItsChannelShowsWhenItShowsIt) {
    const io::Scratch scratch;
    const auto result = distill(scratch, phase(false), "out");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_GT((*result)["teacher"]["accuracy"].get<double>(), 0.99);
    EXPECT_EQ((*result)["cells"], kTracks * kFrames);
    EXPECT_EQ((*result)["labelled"], kTracks * kFrames / 3);
    EXPECT_EQ((*result)["teacher"]["cells"], kTracks * kFrames / 3);
    EXPECT_EQ((*result)["student_against_teacher"]["cells"], kTracks * kFrames) << "the teacher judges cells that nobody labelled too";
    // Frames 0 to 23 at 30 min from hour 3: bins 3-6, 6-9, 9-12, 12-15 h of 6 frames each.
    const auto& bins = (*result)["bins"];
    ASSERT_EQ(bins.size(), 4u);
    EXPECT_EQ(bins[0]["hours"], (nlohmann::json{3.0, 6.0}));
    EXPECT_EQ(bins[0]["student_against_teacher"]["cells"], kTracks * 6);
    EXPECT_GT(bins[3]["student"]["accuracy"].get<double>(), 0.99);
    EXPECT_LT(bins[1]["student"]["macro_f1"].get<double>(), 0.8) << "infected from frame 8, seen from 12";
    const auto csv = io::readCsv(scratch / "out/predictions.csv").value();
    EXPECT_EQ(csv.rows.size(), kTracks * kFrames);
    const auto probe = embed::readProbe(scratch / "out/probe.json").value();
    EXPECT_EQ(probe.classes, (std::vector<std::string>{"infected", "uninfected"}));
}

TEST(Distill, ABlindStudentStaysAtChance) {
    const io::Scratch scratch;
    const auto result = distill(scratch, phase(true), "out");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_GT((*result)["teacher"]["accuracy"].get<double>(), 0.99);
    EXPECT_NEAR((*result)["student"]["macro_f1"].get<double>(), 0.5, 0.12) << "nothing leaks from training to test";
}

TEST(Distill, OtherCellsAreAnErrorWithARemedy) {
    const io::Scratch scratch;
    EmbeddingTable other = phase(false);
    (void)other.setColumn("fov_name", Categorical::fromTexts(std::vector<std::string>(other.rows(), "B/1/0")));
    const auto result = distill(scratch, other, "out");
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().text().find("no cell in common"), std::string::npos) << result.error().text();
    EXPECT_FALSE(distill(scratch, phase(false), "two", {{"column", "absent"}}));
}

}  // namespace
}  // namespace driftscope::cells::test
