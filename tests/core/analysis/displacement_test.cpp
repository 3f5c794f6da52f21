#include "core/cells/analysis/displacement.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/fingerprint.h"
#include "tests/core/analysis/table_files.h"

namespace driftscope::cells {
namespace {

/// Tracks of random lengths with holes, through random points.
struct Walks {
    Matrix points;
    std::vector<Trajectory> tracks;
};

Walks randomWalks(std::size_t count, std::uint64_t seed) {
    Walks out;
    out.points = Matrix(count * 40, 3);
    std::uint32_t row = 0;
    for (std::size_t i = 0; i < count; ++i) {
        Trajectory track{fmt::format("A/1/0#{}", i), {}, {}};
        double at[3] = {0, 0, 0};
        for (std::int64_t t = 0; t < 40; ++t) {
            for (int c = 0; c < 3; ++c) at[c] += randomUnit(seed, i, static_cast<std::uint64_t>(3 * t + c)) - 0.5;
            if (randomUnit(seed, 1000 + i, static_cast<std::uint64_t>(t)) < 0.2) continue;
            for (std::size_t c = 0; c < 3; ++c) out.points(row, c) = static_cast<float>(at[c] + 5);
            track.rows.push_back(row++);
            track.steps.push_back(t);
        }
        out.tracks.push_back(std::move(track));
    }
    return out;
}

TEST(DisplacementByLag, EqualsTheSumOverAllPairs) {
    const Walks walks = randomWalks(12, 3);
    for (const Displacement measure : {Displacement::MeanSquared, Displacement::Euclidean, Displacement::Cosine}) {
        const auto curve = displacementByLag(walks.points, walks.tracks, measure, 15).value();
        ASSERT_EQ(curve.size(), 15u);
        for (const LagPoint& point : curve) {
            double sum = 0;
            std::size_t pairs = 0;
            for (const Trajectory& track : walks.tracks)
                for (std::size_t i = 0; i < track.rows.size(); ++i)
                    for (std::size_t j = 0; j < track.rows.size(); ++j) {
                        if (track.steps[j] - track.steps[i] != point.lag) continue;
                        double square = 0, ab = 0, aa = 0, bb = 0;
                        for (std::size_t c = 0; c < 3; ++c) {
                            const double a = walks.points(track.rows[i], c), b = walks.points(track.rows[j], c);
                            square += (a - b) * (a - b);
                            ab += a * b;
                            aa += a * a;
                            bb += b * b;
                        }
                        sum += measure == Displacement::MeanSquared ? square : measure == Displacement::Euclidean ? std::sqrt(square) : 1 - ab / std::sqrt(aa) / std::sqrt(bb);
                        ++pairs;
                    }
            EXPECT_EQ(point.pairs, pairs);
            EXPECT_NEAR(point.mean, sum / static_cast<double>(pairs), 1e-10);
            EXPECT_LT(point.low, point.mean);
            EXPECT_GT(point.high, point.mean);
        }
    }
}

TEST(DisplacementByLag, StraightMotionHasExponentTwoAndDiffusionOne) {
    Matrix line(50, 2);
    Trajectory track{"A/1/0#1", {}, {}};
    for (std::uint32_t t = 0; t < 50; ++t) {
        line(t, 0) = 3 * static_cast<float>(t);
        line(t, 1) = 4 * static_cast<float>(t);
        track.rows.push_back(t);
        track.steps.push_back(t);
    }
    const std::vector<Trajectory> one{track};
    const auto curve = displacementByLag(line, one, Displacement::MeanSquared, 0).value();
    ASSERT_EQ(curve.size(), 24u);
    for (const LagPoint& point : curve) EXPECT_NEAR(point.mean, 25.0 * static_cast<double>(point.lag * point.lag), 1e-6);
    EXPECT_TRUE(std::isnan(curve[0].low));  // one track has no spread
    const PowerLaw law = fitPowerLaw(curve, 1, 20).value();
    EXPECT_NEAR(law.exponent, 2, 1e-9);
    EXPECT_NEAR(law.prefactor, 25, 1e-6);
    EXPECT_NEAR(law.r2, 1, 1e-12);
    EXPECT_NEAR(stepVariation(line, one).value(), 0, 1e-6);
    const Walks walks = randomWalks(300, 8);
    const auto diffusion = displacementByLag(walks.points, walks.tracks, Displacement::MeanSquared, 10).value();
    EXPECT_NEAR(fitPowerLaw(diffusion, 1, 10)->exponent, 1, 0.03);
    EXPECT_NEAR(diffusion[0].mean, 3.0 / 12, 0.01);  // three uniform steps of variance 1/12
}

TEST(DisplacementByLag, IntervalsCoverTheTruth) {
    std::size_t covered = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const Walks walks = randomWalks(30, 100 + seed);
        const LagPoint point = displacementByLag(walks.points, walks.tracks, Displacement::MeanSquared, 4).value()[3];
        covered += point.low <= 1 && point.high >= 1;  // four steps of 0.25
    }
    EXPECT_GE(covered, 85u);
    EXPECT_LE(covered, 100u);
}

TEST(NeighborRanks, EqualCountingByHand) {
    const Walks walks = randomWalks(8, 21);
    const NeighborRanks found = neighborRanks(walks.points, walks.tracks, 2, Displacement::Euclidean, 0).value();
    std::size_t at = 0;
    for (const Trajectory& track : walks.tracks)
        for (std::size_t i = 0; i < track.rows.size(); ++i)
            for (std::size_t j = 0; j < track.rows.size(); ++j) {
                if (track.steps[j] != track.steps[i] + 2) continue;
                std::vector<std::pair<double, std::uint32_t>> order;
                for (const Trajectory& other : walks.tracks)
                    for (const std::uint32_t row : other.rows) {
                        if (row == track.rows[i]) continue;
                        double square = 0;
                        for (std::size_t c = 0; c < 3; ++c) square += std::pow(static_cast<double>(walks.points(row, c)) - walks.points(track.rows[i], c), 2);
                        order.emplace_back(square, row);
                    }
                std::ranges::sort(order);
                const auto place = std::ranges::find(order, track.rows[j], &std::pair<double, std::uint32_t>::second) - order.begin();
                ASSERT_LT(at, found.rows.size());
                EXPECT_EQ(found.rows[at], track.rows[i]);
                EXPECT_EQ(found.ranks[at++], static_cast<std::uint32_t>(place));
            }
    EXPECT_EQ(at, found.rows.size());
    EXPECT_FALSE(neighborRanks(walks.points, walks.tracks, 400, Displacement::Euclidean, 0));
}

TEST(MotionJobs, WriteCurvesForEveryGroupInBothSpaces) {
    const io::Scratch scratch;
    EmbeddingTable table = test::tableOf(6, 20, 4, [](std::size_t i, std::size_t k, std::span<float> out) {
        for (std::size_t c = 0; c < out.size(); ++c) out[c] = static_cast<float>(1 + 0.1 * std::sin(0.3 * static_cast<double>(k * (c + 1))) + static_cast<double>(i));
    });
    std::vector<std::string> condition;
    for (std::size_t row = 0; row < table.rows(); ++row) condition.push_back(row < 60 ? "mock" : "virus");
    ASSERT_TRUE(table.setColumn("perturbation", Categorical::fromTexts(condition)));
    table.x(7, 2) = std::numeric_limits<float>::quiet_NaN();  // a cell without features
    ASSERT_TRUE(io::writeH5ad(scratch / "table.h5ad", table));
    const std::string file = (scratch / "table.h5ad").string();
    const auto msd = test::runKind("cells.msd", {{"table", file}, {"group", "perturbation"}, {"pixel_size", 0.5}, {"interval", 30.0}, {"max_lag", 6}}, scratch / "msd");
    ASSERT_TRUE(msd) << msd.error().text();
    ASSERT_EQ((*msd)["curves"].size(), 4u);
    const auto& physical = (*msd)["curves"][2];
    EXPECT_EQ(physical["space"], "physical");
    EXPECT_EQ(physical["unit"], "µm²");
    EXPECT_NEAR(physical["fit"]["exponent"].get<double>(), 2, 1e-6);
    EXPECT_NEAR(physical["fit"]["prefactor"].get<double>(), 5 * 0.25, 1e-6);  // (2, 1) px a frame, 0.5 µm a pixel
    const auto csv = io::readCsv(scratch / "msd" / "msd.csv").value();
    EXPECT_EQ(csv.rows.size(), 4u * 6u);
    EXPECT_EQ(csv.rows[1][csv.find("lag_minutes").value()], "60");
    const auto smooth = test::runKind("cells.smoothness", {{"table", file}, {"group", "perturbation"}}, scratch / "smooth");
    ASSERT_TRUE(smooth) << smooth.error().text();
    EXPECT_EQ((*smooth)["groups"].size(), 2u);
    EXPECT_LT((*smooth)["groups"][0]["smoothness_score"].get<double>(), 1);
    const auto ranks = test::runKind("cells.ranks", {{"table", file}, {"lags", {1, 3}}}, scratch / "ranks");
    ASSERT_TRUE(ranks) << ranks.error().text();
    EXPECT_EQ((*ranks)["lags"][0]["rows"], 6 * 19 - 2);
    EXPECT_EQ(test::runKind("cells.msd", {{"table", file}, {"group", "nonsense"}}, scratch / "bad").error().code, ErrorCode::BadInput);
    EXPECT_FALSE(test::runKind("cells.msd", {{"table", file}, {"features", "X_none"}}, scratch / "bad2"));
}

}  // namespace
}  // namespace driftscope::cells
