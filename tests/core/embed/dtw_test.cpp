#include "core/embed/dtw.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "core/base/fingerprint.h"
#include "tests/core/embed/toy_data.h"

namespace driftscope::embed {
namespace {

Series seriesOf(const std::vector<double>& values) {
    Series out(values.size(), 1);
    out.values = values;
    return out;
}

Series randomSeries(std::size_t steps, std::size_t dimensions, std::uint64_t seed) {
    Series out(steps, dimensions);
    for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = randomUnit(seed, 1, i) * 2 - 1;
    return out;
}

double cost(const Series& a, std::size_t i, const Series& b, std::size_t j) {
    double sum = 0;
    for (std::size_t d = 0; d < a.dimensions; ++d) sum += std::pow(a.at(i)[d] - b.at(j)[d], 2);
    return sum;
}

TEST(Dtw, EqualsDtaidistance) {
    const nlohmann::json golden = reference("numerics/dtw/dtw_dtaidistance.json");
    std::vector<Series> series;
    for (const auto& one : golden["series"]) series.push_back(seriesOf(one.get<std::vector<double>>()));
    for (std::size_t i = 0; i < series.size(); ++i)
        for (std::size_t j = 0; j < series.size(); ++j) {
            EXPECT_NEAR(dtwDistance(series[i], series[j]).value(), golden["dtw_full"][i][j].get<double>(), 1e-9);
            EXPECT_NEAR(dtwDistance(series[i], series[j], {5}).value(), golden["dtw_window5"][i][j].get<double>(), 1e-9) << i << " " << j;
        }
    const std::size_t other = 3;  // row 100 of the file
    ASSERT_EQ(golden["synthetic_control_rows"][other], 100);
    const WarpingPath path = dtwPath(series[0], series[other]).value();
    ASSERT_EQ(path.size(), golden["warping_path_0_100"].size());
    for (std::size_t k = 0; k < path.size(); ++k) {
        EXPECT_EQ(path[k].first, golden["warping_path_0_100"][k][0].get<std::size_t>());
        EXPECT_EQ(path[k].second, golden["warping_path_0_100"][k][1].get<std::size_t>());
    }
}

/// Every path tried, one step at a time.
double cheapest(const Series& a, const Series& b, std::size_t i, std::size_t j, double penalty, bool freeStart) {
    const double here = cost(a, i, b, j);
    if (i == 0 && (j == 0 || freeStart)) {
        double best = here;
        // Walking along the first row is allowed, but never cheaper than starting here.
        return best;
    }
    double best = std::numeric_limits<double>::infinity();
    if (i > 0 && j > 0) best = std::min(best, cheapest(a, b, i - 1, j - 1, penalty, freeStart));
    if (i > 0) best = std::min(best, cheapest(a, b, i - 1, j, penalty, freeStart) + penalty * penalty);
    if (j > 0) best = std::min(best, cheapest(a, b, i, j - 1, penalty, freeStart) + penalty * penalty);
    return here + best;
}

TEST(Dtw, EqualsTryingEveryPath) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Series a = randomSeries(3 + seed % 4, 2, 2 * seed), b = randomSeries(2 + seed % 5, 2, 2 * seed + 1);
        for (const double penalty : {0.0, 0.4}) {
            EXPECT_NEAR(dtwDistance(a, b, {0, penalty}).value(), std::sqrt(cheapest(a, b, a.steps - 1, b.steps - 1, penalty, false)), 1e-12);
            double best = std::numeric_limits<double>::infinity();
            for (std::size_t end = 0; end < b.steps; ++end) best = std::min(best, cheapest(a, b, a.steps - 1, end, penalty, true));
            const Subsequence found = alignSubsequence(a, b, penalty, 1).value();
            EXPECT_NEAR(found.value, std::sqrt(best) / static_cast<double>(a.steps), 1e-12);
            // The path's own cost is the value, it is monotonous and spans the template.
            double sum = 0;
            for (std::size_t k = 0; k < found.path.size(); ++k) {
                sum += cost(a, found.path[k].first, b, found.path[k].second);
                if (k == 0) continue;
                const auto [di, dj] = std::pair(found.path[k].first - found.path[k - 1].first, found.path[k].second - found.path[k - 1].second);
                EXPECT_TRUE(di <= 1 && dj <= 1 && di + dj >= 1);
                if (di + dj == 1) sum += penalty * penalty;
            }
            EXPECT_NEAR(std::sqrt(sum) / static_cast<double>(a.steps), found.value, 1e-12);
            EXPECT_EQ(found.path.front().first, 0u);
            EXPECT_EQ(found.path.back().first, a.steps - 1);
        }
    }
}

TEST(Dtw, FindsATemplateInsideALongerSeries) {
    const Series pattern = randomSeries(9, 3, 5);
    Series series = randomSeries(40, 3, 6);
    for (std::size_t i = 0; i < 9; ++i) std::ranges::copy(pattern.at(i), series.at(i + 17).begin());
    const Subsequence found = alignSubsequence(pattern, series).value();
    EXPECT_NEAR(found.value, 0, 1e-12);
    EXPECT_EQ(found.begin, 17u);
    EXPECT_EQ(found.end, 25u);
    // A single frame, and a series shorter than the template, still have an answer.
    EXPECT_EQ(alignSubsequence(pattern, randomSeries(1, 3, 7)).value().path.size(), 9u);
    EXPECT_EQ(alignSubsequence(pattern, randomSeries(4, 3, 8)).value().path.back().first, 8u);
}

TEST(Dtw, BarycenterLowersTheInertiaAndFindsTheShape) {
    std::vector<Series> series;
    for (std::uint64_t k = 0; k < 12; ++k) {
        // One bump at different places and speeds.
        const std::size_t steps = 24 + k;
        Series one(steps, 1);
        for (std::size_t i = 0; i < steps; ++i) one.values[i] = std::exp(-std::pow((static_cast<double>(i) - 8 - 0.7 * static_cast<double>(k)) / 3, 2)) + 0.02 * randomUnit(k, 3, i);
        series.push_back(std::move(one));
    }
    const Barycenter found = dtwBarycenter(series).value();
    const auto inertia = [&](const Series& centre) {
        double sum = 0;
        for (const Series& one : series) sum += std::pow(dtwDistance(centre, one).value(), 2) / static_cast<double>(series.size());
        return sum;
    };
    EXPECT_LT(inertia(found.average), inertia(series[found.medoid]));
    EXPECT_NEAR(*std::ranges::max_element(found.average.values), 1, 0.05);
    // The mean of copies is the copy.
    const std::vector<Series> copies(3, series[0]);
    const Barycenter same = dtwBarycenter(copies).value();
    for (std::size_t i = 0; i < series[0].values.size(); ++i) EXPECT_NEAR(same.average.values[i], series[0].values[i], 1e-12);
}

TEST(Dtw, ResamplesLinearlyAndSaysWhatIsWrong) {
    const Series out = resample(seriesOf({0, 2, 4}), 5);
    EXPECT_EQ(out.values, (std::vector<double>{0, 1, 2, 3, 4}));
    EXPECT_FALSE(dtwDistance({}, seriesOf({1})));
    EXPECT_FALSE(dtwDistance(randomSeries(3, 2, 1), seriesOf({1, 2, 3})));
    const auto bad = dtwDistance(seriesOf({1, std::nan(""), 2}), seriesOf({1, 2}));
    ASSERT_FALSE(bad);
    EXPECT_NE(bad.error().message.find("step 1"), std::string::npos);
    EXPECT_FALSE(dtwBarycenter({}));
}

}  // namespace
}  // namespace driftscope::embed
