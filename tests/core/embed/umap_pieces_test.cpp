#include "core/embed/umap_pieces.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/base/fingerprint.h"
#include "core/embed/quality.h"
#include "core/embed/workers.h"

namespace driftscope::embed {
namespace {

/// Far apart groups of points on curved sheets, dealt in turn.
Matrix groups(std::size_t rows, std::size_t count) {
    constexpr std::size_t kColumns = 12;
    Matrix x(rows, kColumns);
    for (std::size_t i = 0; i < rows; ++i) {
        const double u = randomUnit(5, 1, i), v = randomUnit(5, 2, i);
        for (std::size_t c = 0; c < kColumns; ++c) {
            const double centre = 60 * (randomUnit(5, 3 + c, i % count) - 0.5);
            x(i, c) = static_cast<float>(centre + 3 * std::sin(u * (1 + static_cast<double>(c))) + 2 * v * std::cos(static_cast<double>(c)) + 0.05 * randomUnit(6, c, i));
        }
    }
    return x;
}

TEST(UmapPieces, AreTheConnectedPartsInOrderOfTheirFirstRow) {
    FuzzyGraph graph;  // 0-3-4, 1-2, 5 alone
    graph.starts = {0, 1, 2, 3, 5, 6, 6};
    graph.targets = {3, 2, 1, 0, 4, 3};
    graph.weights = {0.5F, 1, 1, 0.5F, 0.25F, 0.25F};
    const auto pieces = connectedPieces(graph);
    EXPECT_THAT(pieces, testing::ElementsAre(testing::ElementsAre(0, 3, 4), testing::ElementsAre(1, 2), testing::ElementsAre(5)));
    const FuzzyGraph part = subgraph(graph, pieces[0]);
    EXPECT_THAT(part.starts, testing::ElementsAre(0, 1, 3, 4));
    EXPECT_THAT(part.targets, testing::ElementsAre(1, 0, 2, 1));
    EXPECT_THAT(part.weights, testing::ElementsAre(0.5F, 0.5F, 0.25F, 0.25F));
}

TEST(UmapPieces, DoNotOverlapWhenTheyBegin) {
    const Matrix x = groups(600, 6);
    std::vector<std::vector<std::uint32_t>> pieces(6);
    for (std::uint32_t row = 0; row < 600; ++row) pieces[row % 6].push_back(row);
    for (const std::size_t axes : {1U, 2U, 3U}) {
        const auto layout = arrangePieces(x, pieces, axes);
        ASSERT_TRUE(layout) << layout.error().text();
        for (std::size_t a = 0; a < 6; ++a)
            for (std::size_t b = a + 1; b < 6; ++b) {
                double square = 0;
                for (std::size_t c = 0; c < axes; ++c) square += std::pow(layout->middles(a, c) - layout->middles(b, c), 2);
                EXPECT_GE(std::sqrt(square), 0.98 * (layout->radii[a] + layout->radii[b])) << axes << ' ' << a << ' ' << b;
            }
    }
}

TEST(UmapPieces, SeparateGroupsStayApartAndInOrder) {
    const Matrix x = groups(3000, 20);
    Workers workers(1);
    const auto table = findNeighbors(x, {.k = 14}, workers);
    ASSERT_TRUE(table);
    ASSERT_GE(connectedPieces(fuzzyGraph(*table, 15, workers)).size(), 10U);
    const auto picture = umap(x, *table, {.epochs = 200}, workers);
    ASSERT_TRUE(picture) << picture.error().text();
    EXPECT_GT(trustworthiness(x, *picture, 15, Metric::Euclidean, 0, workers).value(), 0.995);
    std::vector<std::int32_t> classes;
    for (std::size_t row = 0; row < 3000; ++row) classes.push_back(static_cast<std::int32_t>(row % 20));
    EXPECT_GT(silhouette(*picture, classes, 1000, workers).value(), 0.5);
}

}  // namespace
}  // namespace driftscope::embed
