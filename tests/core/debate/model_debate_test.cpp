// A probe trained on hand-made features of real crops decides debates about real cells, through driftscope-run.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "core/base/atomic_file.h"
#include "core/cells/crops.h"
#include "core/cells/movie.h"
#include "core/cells/regions.h"
#include "core/cells/track_table.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "tests/core/debate/command_line.h"
#include "tests/core/io/scratch.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::filesystem::path kCells = std::filesystem::path(DRIFTSCOPE_TEST_DATA) / "cells";
const std::filesystem::path kLabels = std::filesystem::path(DRIFTSCOPE_SOURCE_DIR) / "resources/demo/cells/labels.csv";
constexpr int kCrop = 24;            // px
constexpr double kSameCell = 6;      // px between a labelled centre and a detection

/// Brightness, size and texture of one nucleus, from its region and the crop around it.
std::vector<float> featuresOf(const cells::Region& region, const io::FloatImage& crop) {
    std::vector<float> sorted = crop.pixels;
    std::ranges::sort(sorted);
    double sum = 0, squares = 0;
    for (float v : crop.pixels) {
        sum += v;
        squares += static_cast<double>(v) * v;
    }
    const auto n = static_cast<double>(crop.pixels.size());
    const double mean = sum / n;
    const double aspect = static_cast<double>(region.bottom - region.top + 1) / (region.right - region.left + 1);
    return {static_cast<float>(std::log(region.area)), static_cast<float>(region.mean()), static_cast<float>(std::sqrt(std::max(0.0, squares / n - mean * mean))),
            sorted[sorted.size() * 95 / 100], sorted[sorted.size() / 2], sorted.back(), static_cast<float>(std::abs(std::log(aspect))), static_cast<float>(std::log(1 + region.total))};
}

/// All tracked nuclei of the movie as an embedding table, with the labels of the demo where one lies on a nucleus.
EmbeddingTable embeddings() {
    std::vector<std::string> warnings;
    const auto movie = cells::openMovies(kCells / "mitocheck.zarr", {}, warnings).value().front();
    const auto masks = io::openTimeLapse(kCells / "mitocheck_tracks.zarr", "A/1/0").value();
    const auto tracks = cells::readTracks(cells::findTracksCsv(kCells / "mitocheck_tracks.zarr", "A/1/0").value(), "A/1/0").value();
    const io::CsvTable labels = io::readCsv(kLabels).value();
    const auto column = [&](const char* name) { return *labels.find(name); };
    EmbeddingTable table = cells::toObs({tracks});
    std::vector<std::string> states(table.rows());
    std::vector<std::vector<float>> rows(table.rows());
    for (std::int64_t t = 0; t < masks->info().frames(); ++t) {
        const io::FloatImage frame = cells::readFrame(*movie.lapse, t, 0, 0).value();
        const auto regions = cells::measureRegions(masks->labels(t, 0, 0).value(), &frame).value();
        for (std::size_t row = 0; row < tracks.detections.size(); ++row) {
            const cells::Detection& d = tracks.detections[row];
            if (d.t != t) continue;
            const auto region = std::ranges::find(regions, static_cast<std::uint32_t>(d.trackId), &cells::Region::label);
            rows[row] = featuresOf(*region, cells::cropAround(frame, d.y, d.x, kCrop, kCrop, cells::CropBorder::Replicate)->image);
            for (const auto& label : labels.rows)
                if (std::stoll(label[column("t")]) == t && std::hypot(std::stod(label[column("y")]) - d.y, std::stod(label[column("x")]) - d.x) < kSameCell) states[row] = label[column("cell_division_state")];
        }
    }
    table.x = Matrix(table.rows(), rows.front().size());
    for (std::size_t row = 0; row < rows.size(); ++row) std::ranges::copy(rows[row], table.x.row(row).begin());
    EXPECT_TRUE(table.setColumn("cell_division_state", Categorical::fromTexts(states)));
    return table;
}

class ModelDebate : public testing::Test {
  protected:
    void SetUp() override {
        table_ = embeddings();
        file_ = scratch_ / "embeddings.h5ad";
        ASSERT_TRUE(io::writeH5ad(file_, table_));
        const Seen probe = runCommand("label.probe", {"table=" + file_.string(), "column=cell_division_state"}, scratch_ / "probe");
        ASSERT_EQ(probe.exit, 0) << probe.errors;
        ASSERT_GT(probe.result["balanced_accuracy"].get<double>(), 0.8) << "the probe must be better than a coin to be worth a debate";
        states_ = table_.texts("cell_division_state").value();
    }

    /// `mitotic` labelled mitoses and 9 - `mitotic` labelled interphases, asked about as cells of the table.
    std::filesystem::path nineCells(int mitotic) const {
        json rows = json::array();
        int yes = 0, no = 0;
        const auto tracks = table_.integers("track_id").value(), frames = table_.integers("t").value();
        for (std::size_t row = 0; row < states_.size(); ++row) {
            const bool mitosis = states_[row] == "mitosis";
            if (states_[row].empty() || (mitosis ? yes >= mitotic : no >= 9 - mitotic)) continue;
            ++(mitosis ? yes : no);
            rows.push_back({{"fov_name", "A/1/0"}, {"track_id", tracks[row]}, {"t", frames[row]}});
        }
        EXPECT_EQ(rows.size(), 9u);
        const json computation{{"type", "majority"}, {"title", "Are most of these cells in mitosis?"}, {"rows", rows}, {"question", "Is cell {row} in mitosis?"}, {"yes", "mitosis"}};
        return scratch_.file(fmt::format("nine{}.json", mitotic), computation.dump());
    }

    std::vector<std::string> settings(int mitotic, std::vector<std::string> more = {}) const {
        more.insert(more.end(), {"computation=" + nineCells(mitotic).string(), "oracle=model", "table=" + file_.string(), "probe=" + (scratch_ / "probe/probe.json").string()});
        return more;
    }
    json transcript(const std::string& run) const { return json::parse(readFile(scratch_ / run / "transcript.json").value()); }

    io::Scratch scratch_;
    std::filesystem::path file_;
    EmbeddingTable table_;
    std::vector<std::string> states_;
    int tried_ = 0;
};

TEST_F(ModelDebate, DecidesAMajorityOfNineRealCells) {
    const Seen most = runCommand("debate.play", settings(7), scratch_ / "most");
    ASSERT_EQ(most.exit, 0) << most.errors;
    EXPECT_EQ(most.result["winner"], "alice");
    const Seen few = runCommand("debate.play", settings(1), scratch_ / "few");
    ASSERT_EQ(few.exit, 0) << few.errors;
    EXPECT_EQ(few.result["winner"], "bob");
    const json played = transcript("most");
    const json& oracle = played["oracle"];
    EXPECT_EQ(oracle["kind"], "model");
    EXPECT_EQ(oracle["asks"], "cell_division_state is mitosis");
    EXPECT_TRUE(oracle["judge"]["calibrated"]);
    EXPECT_EQ(oracle["model_evaluations"], 9);
    // Every answer of the game was a call; the result bit cost nothing.
    EXPECT_EQ(most.result["oracle"]["calls_of_this_game"], most.result["meters"]["alice_queries"].get<std::int64_t>() + most.result["meters"]["bob_queries"].get<std::int64_t>());
    EXPECT_EQ(most.result["meters"]["alice_queries"], 9 * played["plan"]["alice_samples"].get<std::int64_t>());
    const json& repeat = oracle["repeatability"];
    EXPECT_EQ(repeat["pairs"], 1000);
    double expected = 0;
    for (const json& question : oracle["questions"]) {
        const double p = question["probability_of_yes"].get<double>();
        expected += (p * p + (1 - p) * (1 - p)) / 9;
    }
    EXPECT_LE(repeat["interval"][0].get<double>(), expected + 0.01);
    EXPECT_GE(repeat["interval"][1].get<double>(), expected - 0.01);
    const Seen again = runCommand("debate.play", {"replay=" + (scratch_ / "most/transcript.json").string()}, scratch_ / "again");
    EXPECT_EQ(again.exit, 0) << again.errors;
}

TEST_F(ModelDebate, NeighbouringFramesGiveARepeatabilityThatIsMeasured) {
    const Seen seen = runCommand("debate.play", settings(7, {"repeat=neighbours", "radius=2"}), scratch_ / "run");
    ASSERT_EQ(seen.exit, 0) << seen.errors;
    const json oracle = transcript("run")["oracle"];
    EXPECT_GT(oracle["model_evaluations"], 9);
    const json& repeat = oracle["repeatability"];
    EXPECT_GE(repeat["pairs"], 9);
    EXPECT_THAT(repeat["what"].get<std::string>(), HasSubstr("two different steps of the same entity"));
    EXPECT_GT(repeat["value"], 0.4);
    EXPECT_GT(repeat["interval"][1].get<double>() - repeat["interval"][0].get<double>(), 0.1) << "few pairs must give a wide interval";
    EXPECT_THAT(readFile(scratch_ / "run/transcript.md").value(), HasSubstr("Repeatability: two answers agree with probability"));
}

TEST_F(ModelDebate, ABudgetStopsItAndKeepsThePartialTranscript) {
    const Seen seen = runCommand("debate.play", settings(7, {"budget=2000", "alice.samples=300", "bob.samples=200", "vera.samples=200", "bob.threshold=0.3", "vera.threshold=0.2"}), scratch_ / "run");
    ASSERT_EQ(seen.exit, 0) << seen.errors;
    EXPECT_EQ(seen.result["winner"], "none (out of budget)");
    EXPECT_THAT(seen.errors, HasSubstr("The budget of 2000 answers is spent: Alice needs 300 at step 5, and 0 are left."));
    const json played = transcript("run");
    EXPECT_EQ(played["turns"].size(), 4u);
    EXPECT_EQ(played["oracle"]["calls_of_this_game"], 2000);
    EXPECT_EQ(io::readCsv(scratch_ / "run/transcript.csv").value().rows.size(), 4u);
    const Seen again = runCommand("debate.play", {"replay=" + (scratch_ / "run/transcript.json").string()}, scratch_ / "again");
    EXPECT_EQ(again.exit, 0) << again.errors;
}

TEST_F(ModelDebate, IsMeasuredInBulkAndCallByCall) {
    const std::vector<std::string> plan{"games=150", "alice.samples=200", "bob.samples=200", "vera.samples=200", "bob.threshold=0.2", "vera.threshold=0.15"};
    std::vector<std::string> calls = plan;
    calls.push_back("sampling=calls");
    const Seen bulk = runCommand("debate.measure", settings(7, plan), scratch_ / "bulk");
    const Seen single = runCommand("debate.measure", settings(7, calls), scratch_ / "single");
    ASSERT_EQ(bulk.exit, 0) << bulk.errors;
    ASSERT_EQ(single.exit, 0) << single.errors;
    EXPECT_THAT(bulk.result["oracle"]["answers_were"].get<std::string>(), HasSubstr("in bulk"));
    EXPECT_EQ(bulk.result["oracle"]["calls"], 0);
    const json& meters = single.result["meters_total"];
    const std::int64_t queries = meters["alice_queries"].get<std::int64_t>() + meters["bob_queries"].get<std::int64_t>() + meters["vera_queries"].get<std::int64_t>();
    EXPECT_EQ(single.result["oracle"]["calls"], queries + single.result["oracle_check"]["answers_drawn"].get<std::int64_t>());
    EXPECT_EQ(bulk.result["exact"], single.result["exact"]);
    EXPECT_EQ(single.result["oracle_check"]["independent"], true) << single.result["oracle_check"];
    for (const Seen* seen : {&bulk, &single}) {
        EXPECT_LE(seen->result["interval"][0].get<double>() - 0.02, seen->result["exact"].get<double>());
        EXPECT_GE(seen->result["interval"][1].get<double>() + 0.02, seen->result["exact"].get<double>());
    }
}

TEST_F(ModelDebate, DeterministicProtocolsTakeTheLikelierVerdict) {
    const Seen honest = runCommand("debate.play", settings(7, {"protocol=bisection"}), scratch_ / "honest");
    EXPECT_EQ(honest.result["winner"], "alice") << honest.errors;
    const Seen lying = runCommand("debate.play", settings(1, {"protocol=cross_examined"}), scratch_ / "lying");
    EXPECT_EQ(lying.result["winner"], "bob") << lying.errors;
    EXPECT_LE(honest.result["meters"]["vera_queries"], 1);
}

TEST_F(ModelDebate, ScoresInTheTableServeInsteadOfAProbe) {
    const Seen seen = runCommand("debate.play", {"computation=" + nineCells(7).string(), "oracle=model", "table=" + (scratch_ / "probe/table.h5ad").string(), "scores=predicted_cell_division_state_proba"}, scratch_ / "scores");
    ASSERT_EQ(seen.exit, 0) << seen.errors;
    EXPECT_EQ(seen.result["winner"], "alice");
}

TEST_F(ModelDebate, NamesWhatDoesNotFit) {
    const auto problem = [&](std::vector<std::string> words) { return runCommand("debate.play", words, scratch_ / fmt::format("bad{}", ++tried_)).errors; };
    const std::string table = "table=" + file_.string(), probe = "probe=" + (scratch_ / "probe/probe.json").string();
    EXPECT_THAT(problem({"computation=majority", "rows=1,2,99999", "oracle=model", table, probe, "yes=mitosis"}), testing::AllOf(HasSubstr("no row \"99999\""), HasSubstr("vote 3")));
    EXPECT_THAT(problem({"computation=majority", "rows=1,2,3", "oracle=model", table, probe, "yes=apoptosis"}), testing::AllOf(HasSubstr("no class 'apoptosis'"), HasSubstr("interphase, mitosis")));
    EXPECT_THAT(problem({"computation=panel", "oracle=model", table, probe, "yes=mitosis"}), HasSubstr("names no row of the table"));
    EXPECT_THAT(problem({"computation=majority", "rows=1,2,3", "oracle=model", table, "probe=" + (scratch_ / "probe/job.json").string()}), HasSubstr("job.json is not a probe"));
    EXPECT_THAT(problem({"computation=majority", "rows=1,2,3", "oracle=model", table}), HasSubstr("needs a probe, or scores"));
    EXPECT_THAT(problem({"computation=majority", "rows=1,2,3", "oracle=model", table, "scores=y"}), HasSubstr("in 'y', which is not a probability"));
}

}  // namespace
}  // namespace driftscope::debate
