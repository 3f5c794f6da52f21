#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "core/base/fingerprint.h"
#include "core/topics/measure/clustering.h"
#include "core/topics/measure/matching.h"
#include "core/topics/measure/rank_overlap.h"
#include "core/topics/measure/topic_distance.h"

namespace driftscope::topics {
namespace {

using Ids = std::vector<std::uint32_t>;

TEST(RankOverlap, AverageByHand) {
    // Depths 1 to 3: {0} & {1} = 0, {0,1} & {1,0} = 2/2, {0,1,2} & {1,0,3} = 2/3.
    EXPECT_NEAR(rankOverlap(Ids{0, 1, 2}, Ids{1, 0, 3}, OverlapKind::Average, 1, 4), (0 + 1 + 2.0 / 3) / 3, 1e-12);
}

TEST(RankOverlap, TruncatedAndExtrapolatedByHand) {
    const Ids a{0, 1, 2}, b{1, 0, 3};
    const double truncated = 0.1 * (0 + 0.9 * 1 + 0.81 * 2 / 3);
    EXPECT_NEAR(rankOverlap(a, b, OverlapKind::Truncated, 0.9, 4), truncated, 1e-12);
    EXPECT_NEAR(rankOverlap(a, b, OverlapKind::Extrapolated, 0.9, 4), truncated + 2.0 / 3 * 0.729, 1e-12);
}

TEST(RankOverlap, BoundsAndSymmetry) {
    Ids list(44);
    std::iota(list.begin(), list.end(), 0);
    Ids other(44);
    std::iota(other.begin(), other.end(), 100);
    EXPECT_NEAR(rankOverlap(list, list, OverlapKind::Truncated, 0.9, 200), 1 - std::pow(0.9, 44), 1e-12);
    EXPECT_NEAR(rankOverlap(list, list, OverlapKind::Extrapolated, 0.9, 200), 1, 1e-12);
    EXPECT_NEAR(rankOverlap(list, list, OverlapKind::Average, 1, 200), 1, 1e-12);
    for (const OverlapKind kind : {OverlapKind::Average, OverlapKind::Truncated, OverlapKind::Extrapolated}) {
        EXPECT_EQ(rankOverlap(list, other, kind, 0.9, 200), 0);
        EXPECT_EQ(rankOverlap({}, list, kind, 0.9, 200), 0);
        Ids mixed = list;
        std::reverse(mixed.begin(), mixed.end());
        mixed[3] = 150;
        EXPECT_NEAR(rankOverlap(list, mixed, kind, 0.9, 200), rankOverlap(mixed, list, kind, 0.9, 200), 1e-15);
    }
}

double bruteForce(const CostMatrix& costs) {
    std::vector<std::size_t> columns(costs.columns);
    std::iota(columns.begin(), columns.end(), 0);
    double best = std::numeric_limits<double>::infinity();
    do {
        double sum = 0;
        for (std::size_t r = 0; r < costs.rows; ++r) sum += costs(r, columns[r]);
        best = std::min(best, sum);
    } while (std::next_permutation(columns.begin(), columns.end()));
    return best;
}

TEST(Matching, EqualsBruteForce) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const std::size_t rows = 1 + randomBits(seed, 0, 0) % 6, columns = rows + randomBits(seed, 0, 1) % 2;
        CostMatrix costs(rows, columns), turned(columns, rows);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < columns; ++c) {
                // Few distinct values, so that ties are common; some negative.
                costs(r, c) = seed % 3 ? randomUnit(seed, 1, r * columns + c) - 0.3 : static_cast<double>(randomBits(seed, 1, r * columns + c) % 4);
                turned(c, r) = costs(r, c);
            }
        const Matching matching = leastMatching(costs);
        EXPECT_NEAR(matching.total, bruteForce(costs), 1e-12) << seed;
        EXPECT_NEAR(leastMatching(turned).total, matching.total, 1e-12) << seed;
        std::vector<bool> used(columns, false);
        for (const std::uint32_t column : matching.columnOf) {
            ASSERT_LT(column, columns);
            EXPECT_FALSE(used[column]);
            used[column] = true;
        }
    }
}

TEST(TopicDistance, ByHand) {
    Matrix a(1, 3), b(2, 3);
    a.values = {0.5f, 0.5f, 0};
    b.values = {0, 0.5f, 0.5f, 0, 0, 1};
    const CostMatrix js = rowDistances(a, b, DistanceKind::JensenShannon);
    EXPECT_NEAR(js(0, 0), std::sqrt(0.5 * std::log(2.0)), 1e-7);
    EXPECT_NEAR(js(0, 1), std::sqrt(std::log(2.0)), 1e-7);  // nothing shared: the largest distance, 0.8326
    const CostMatrix correlation = rowDistances(a, b, DistanceKind::Correlation);
    EXPECT_NEAR(correlation(0, 0), 1.5, 1e-6);
    EXPECT_NEAR(correlation(0, 1), 2, 1e-6);
    EXPECT_NEAR(rowDistances(a, a, DistanceKind::JensenShannon)(0, 0), 0, 1e-6);
    EXPECT_NEAR(rowDistances(a, a, DistanceKind::Correlation)(0, 0), 0, 1e-6);
    Matrix flat(1, 3);
    flat.values = {0, 0, 0};
    EXPECT_TRUE(std::isfinite(rowDistances(flat, b, DistanceKind::JensenShannon)(0, 0)));
    EXPECT_EQ(rowDistances(flat, b, DistanceKind::Correlation)(0, 0), 1);
}

/// Agglomeration straight from the definition: the closest pair of clusters by linkage over members, again and again.
std::vector<std::uint32_t> definitionOf(const CostMatrix& distances, Linkage linkage, std::size_t wanted, std::vector<double>& heights) {
    std::vector<std::vector<std::size_t>> clusters;
    for (std::size_t i = 0; i < distances.rows; ++i) clusters.push_back({i});
    while (clusters.size() > wanted) {
        double best = std::numeric_limits<double>::infinity();
        std::size_t first = 0, second = 0;
        for (std::size_t a = 0; a < clusters.size(); ++a)
            for (std::size_t b = a + 1; b < clusters.size(); ++b) {
                double value = 0;
                for (const std::size_t i : clusters[a])
                    for (const std::size_t j : clusters[b]) value = linkage == Linkage::Complete ? std::max(value, distances(i, j)) : value + distances(i, j) / static_cast<double>(clusters[a].size() * clusters[b].size());
                if (value < best) best = value, first = a, second = b;
            }
        heights.push_back(best);
        clusters[first].insert(clusters[first].end(), clusters[second].begin(), clusters[second].end());
        clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(second));
    }
    std::vector<std::uint32_t> of(distances.rows);
    for (auto& cluster : clusters) std::sort(cluster.begin(), cluster.end());
    std::sort(clusters.begin(), clusters.end());
    for (std::uint32_t c = 0; c < clusters.size(); ++c)
        for (const std::size_t i : clusters[c]) of[i] = c;
    return of;
}

TEST(Clustering, EqualsTheDefinition) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CostMatrix distances(14, 14);
        for (std::size_t i = 0; i < 14; ++i)
            for (std::size_t j = 0; j < i; ++j) distances(i, j) = distances(j, i) = randomUnit(seed, 2, i * 14 + j);
        for (const Linkage linkage : {Linkage::Average, Linkage::Complete}) {
            const std::vector<Merge> merges = agglomerate(distances, linkage);
            ASSERT_EQ(merges.size(), 13u);
            std::vector<double> heights;
            definitionOf(distances, linkage, 1, heights);
            for (std::size_t m = 0; m < merges.size(); ++m) EXPECT_NEAR(merges[m].height, heights[m], 1e-12);
            for (const std::size_t wanted : {1u, 3u, 7u, 14u}) {
                std::vector<double> ignored;
                EXPECT_EQ(cutAtCount(merges, 14, wanted), definitionOf(distances, linkage, wanted, ignored)) << wanted;
            }
            EXPECT_EQ(cutAtHeight(merges, 14, (heights[4] + heights[5]) / 2), cutAtCount(merges, 14, 14 - 5));
        }
    }
    EXPECT_TRUE(agglomerate(CostMatrix(1, 1), Linkage::Average).empty());
}

TEST(Clustering, SurvivesEqualDistances) {
    CostMatrix same(6, 6);
    const std::vector<Merge> merges = agglomerate(same, Linkage::Average);
    EXPECT_EQ(merges.size(), 5u);
    EXPECT_EQ(cutAtCount(merges, 6, 1), std::vector<std::uint32_t>(6, 0));
}

}  // namespace
}  // namespace driftscope::topics
