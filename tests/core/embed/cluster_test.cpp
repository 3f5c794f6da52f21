#include "core/embed/cluster.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "core/embed/workers.h"
#include "tests/core/embed/toy_data.h"

namespace driftscope::embed {
namespace {

/// The friendships of a karate club (Zachary 1977).
const std::vector<std::pair<std::uint32_t, std::uint32_t>> kKarate{
    {0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}, {0, 6}, {0, 7}, {0, 8}, {0, 10}, {0, 11}, {0, 12}, {0, 13}, {0, 17}, {0, 19}, {0, 21}, {0, 31}, {1,
    2}, {1, 3}, {1, 7}, {1, 13}, {1, 17}, {1, 19}, {1, 21}, {1, 30}, {2, 3}, {2, 7}, {2, 27}, {2, 28}, {2, 32}, {2, 9}, {2, 8}, {2, 13}, {3, 7},
    {3, 12}, {3, 13}, {4, 6}, {4, 10}, {5, 6}, {5, 10}, {5, 16}, {6, 16}, {8, 30}, {8, 32}, {8, 33}, {9, 33}, {13, 33}, {14, 32}, {14, 33}, {15,
    32}, {15, 33}, {18, 32}, {18, 33}, {19, 33}, {20, 32}, {20, 33}, {22, 32}, {22, 33}, {23, 25}, {23, 27}, {23, 32}, {23, 33}, {23, 29}, {24,
    25}, {24, 27}, {24, 31}, {25, 31}, {26, 29}, {26, 33}, {27, 33}, {28, 31}, {28, 33}, {29, 32}, {29, 33}, {30, 32}, {30, 33}, {31, 32}, {31,
    33}, {32, 33}};

FuzzyGraph graphOf(std::size_t rows, const std::vector<std::pair<std::uint32_t, std::uint32_t>>& edges) {
    std::vector<std::set<std::uint32_t>> near(rows);
    for (const auto& [a, b] : edges) {
        near[a].insert(b);
        near[b].insert(a);
    }
    FuzzyGraph graph{{0}, {}, {}};
    for (const auto& row : near) {
        for (const std::uint32_t to : row) {
            graph.targets.push_back(to);
            graph.weights.push_back(1);
        }
        graph.starts.push_back(graph.targets.size());
    }
    return graph;
}

TEST(Leiden, FindsTheBestPartitionOfTheKarateClub) {
    const FuzzyGraph graph = graphOf(34, kKarate);
    const Clustering found = leiden(graph, {}).value();
    // 0.4198 with four groups is the proven optimum (Brandes et al. 2008).
    EXPECT_NEAR(found.quality, 0.41979, 1e-5);
    EXPECT_EQ(found.sizes.size(), 4u);
    EXPECT_TRUE(std::ranges::is_sorted(found.sizes, std::greater<>()));
    EXPECT_EQ(leiden(graph, {}).value().cluster, found.cluster);
}

TEST(Leiden, ModularityIsTheSumOverAllPairs) {
    const FuzzyGraph graph = graphOf(34, kKarate);
    const std::vector<std::int32_t> cluster = leiden(graph, {LeidenQuality::Modularity, 1.7}).value().cluster;
    std::vector<std::vector<double>> a(34, std::vector<double>(34));
    for (const auto& [i, j] : kKarate) a[i][j] = a[j][i] = 1;
    std::vector<double> degree(34);
    double twice = 0;
    for (std::size_t i = 0; i < 34; ++i)
        for (std::size_t j = 0; j < 34; ++j) {
            degree[i] += a[i][j];
            twice += a[i][j];
        }
    double q = 0, potts = 0;
    for (std::size_t i = 0; i < 34; ++i)
        for (std::size_t j = 0; j < 34; ++j)
            if (cluster[i] == cluster[j]) {
                q += a[i][j] - 1.7 * degree[i] * degree[j] / twice;
                potts += a[i][j] - 0.1;
            }
    EXPECT_NEAR(modularity(graph, cluster, 1.7), q / twice, 1e-12);
    EXPECT_NEAR(pottsQuality(graph, cluster, 0.1), potts / twice, 1e-12);
}

TEST(Leiden, ResolutionSetsHowMany) {
    const FuzzyGraph graph = graphOf(34, kKarate);
    EXPECT_LT(leiden(graph, {LeidenQuality::Modularity, 0.1}).value().sizes.size(), leiden(graph, {LeidenQuality::Modularity, 3}).value().sizes.size());
    EXPECT_GT(leiden(graph, {LeidenQuality::Potts, 0.9}).value().sizes.size(), leiden(graph, {LeidenQuality::Potts, 0.05}).value().sizes.size());
}

TEST(Leiden, RefusesAGraphWithoutEdgesAndStops) {
    EXPECT_EQ(leiden({{0, 0, 0}, {}, {}}, {}).error().code, ErrorCode::BadInput);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(leiden(graphOf(34, kKarate), {}, {stop.get_token(), {}}).error().code, ErrorCode::Cancelled);
}

TEST(Leiden, SeparatesTheDigits) {
    const ToyData digits = toyData("digits");
    Workers workers(1);
    const NeighborTable near = findNeighbors(digits.features, {}, workers).value();
    const Clustering found = leiden(fuzzyGraph(near, 16, workers), {}).value();
    EXPECT_GT(clusterAgreement(found.cluster, digits.classes).nmi, 0.85);
}

/// DBSCAN as its paper writes it: grow a cluster from each core that has none yet.
std::vector<std::int32_t> byTheBook(const Matrix& rows, double eps, std::size_t minPoints) {
    const auto near = [&](std::size_t i) {
        std::vector<std::size_t> out;
        for (std::size_t j = 0; j < rows.rows; ++j) {
            double sum = 0;
            for (std::size_t c = 0; c < rows.columns; ++c) sum += std::pow(static_cast<double>(rows(i, c)) - rows(j, c), 2);
            if (sum <= eps * eps) out.push_back(j);
        }
        return out;
    };
    std::vector<std::int32_t> cluster(rows.rows, -1);
    std::int32_t next = 0;
    for (std::size_t i = 0; i < rows.rows; ++i) {
        if (cluster[i] >= 0 || near(i).size() < minPoints) continue;
        std::vector<std::size_t> open{i};
        while (!open.empty()) {
            const std::size_t at = open.back();
            open.pop_back();
            if (cluster[at] >= 0) continue;
            cluster[at] = next;
            const auto around = near(at);
            if (around.size() >= minPoints)
                for (const std::size_t j : around)
                    if (cluster[j] < 0) open.push_back(j);
        }
        ++next;
    }
    return numberBySize(cluster).cluster;
}

TEST(Dbscan, EqualsTheBookOnWalksAndPlane) {
    Workers workers(2);
    for (const std::size_t columns : {2u, 7u}) {
        const Matrix rows = branchingWalks(600, columns, 4, 2, 11);
        for (const double eps : {0.3, 1.0, 2.5})
            for (const std::size_t least : {1u, 4u, 12u})
                EXPECT_EQ(dbscan(rows, {eps, least, Metric::Euclidean}, workers).value().cluster, byTheBook(rows, eps, least)) << columns << " " << eps << " " << least;
    }
}

TEST(Dbscan, SaysWhatIsWrong) {
    Workers workers(1);
    Matrix rows(3, 2);
    EXPECT_FALSE(dbscan(rows, {0, 1, Metric::Euclidean}, workers));
    EXPECT_FALSE(dbscan(rows, {0.5, 1, Metric::Cosine}, workers));  // rows of zeros have no direction
    rows(1, 1) = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(dbscan(rows, {0.5, 1, Metric::Euclidean}, workers));
}

TEST(ClusterAgreement, EqualsWorkedExamples) {
    const std::vector<std::int32_t> a{0, 0, 1, 2}, b{0, 0, 1, 1}, one{0, 0, 0, 0};
    const ClusterAgreement ab = clusterAgreement(a, b);
    EXPECT_NEAR(ab.ari, 0.5714285714285714, 1e-12);  // scikit-learn's documentation
    EXPECT_NEAR(ab.nmi, 0.8, 1e-12);
    EXPECT_DOUBLE_EQ(clusterAgreement(a, a).ari, 1);
    EXPECT_DOUBLE_EQ(clusterAgreement(one, one).nmi, 1);
    EXPECT_EQ(clusterAgreement(std::vector<std::int32_t>{-1, 0, 1}, std::vector<std::int32_t>{0, -1, 1}).rows, 1u);
}

}  // namespace
}  // namespace driftscope::embed
