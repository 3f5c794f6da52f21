#include "core/embed/neighbors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "core/embed/workers.h"
#include "tests/core/embed/toy_data.h"

namespace driftscope::embed {
namespace {

NeighborTable found(const Matrix& features, const NeighborOptions& options, int threads = 1) {
    Workers workers(threads);
    auto out = findNeighbors(features, options, workers);
    EXPECT_TRUE(out) << (out ? "" : out.error().text());
    return out ? std::move(*out) : NeighborTable{};
}

class NeighborReference : public testing::TestWithParam<const char*> {};

TEST_P(NeighborReference, DistancesMatchScikitLearn) {
    const auto expected = reference("golden/sklearn_reference.json")[GetParam()]["knn5_first5rows_distances"];
    const NeighborTable table = found(toyData(GetParam()).features, {.k = 5});
    for (std::size_t row = 0; row < 5; ++row)
        for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(table.distancesOf(row)[i], expected[row][i].get<double>(), 2e-6) << row << ' ' << i;
}

TEST_P(NeighborReference, VotesOfFiveNeighboursMatchScikitLearn) {
    // Train on even rows, ask odd rows, as the reference did: the nearest even rows among all neighbours.
    const ToyData data = toyData(GetParam());
    const NeighborTable table = found(data.features, {.k = 140});
    std::size_t right = 0, asked = 0;
    for (std::size_t row = 1; row < data.features.rows; row += 2, ++asked) {
        std::map<std::int32_t, int> votes;
        int counted = 0;
        for (const std::uint32_t near : table.of(row))
            if (near % 2 == 0 && counted++ < 5) ++votes[data.classes[near]];
        ASSERT_GE(counted, 5);
        std::int32_t best = votes.begin()->first;
        for (const auto& [label, count] : votes)
            if (count > votes[best]) best = label;
        right += best == data.classes[row];
    }
    const double expected = reference("golden/sklearn_reference.json")[GetParam()]["knn5_acc_train_even_test_odd"];
    EXPECT_NEAR(static_cast<double>(right) / static_cast<double>(asked), expected, 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Toy, NeighborReference, testing::Values("iris", "digits"));

TEST(Neighbors, ApproximateSearchesReachTheirRecall) {
    const Matrix walks = branchingWalks(8000, 48, 30, 12, 5);
    const NeighborTable exact = found(walks, {.k = 15, .method = NeighborMethod::Exact});
    for (const NeighborMethod method : {NeighborMethod::Partition, NeighborMethod::Hnsw}) {
        const NeighborTable near = found(walks, {.k = 15, .method = method});
        const double recall = neighborRecall(exact, near);
        EXPECT_GE(recall, 0.985) << name(method);
        EXPECT_NEAR(near.recall, recall, 0.01) << "the sample's estimate is honest";
    }
}

TEST(Neighbors, ThreadsDoNotChangeAByte) {
    const Matrix walks = branchingWalks(7000, 20, 12, 6, 9);
    for (const NeighborMethod method : {NeighborMethod::Exact, NeighborMethod::Partition, NeighborMethod::Hnsw}) {
        const NeighborTable one = found(walks, {.k = 10, .method = method}, 1), two = found(walks, {.k = 10, .method = method}, 2);
        EXPECT_EQ(one.indices, two.indices) << name(method);
        EXPECT_EQ(one.distances, two.distances) << name(method);
    }
}

TEST(Neighbors, CosineIgnoresLength) {
    const ToyData data = toyData("digits");
    Matrix scaled = data.features;
    for (std::size_t row = 0; row < scaled.rows; ++row)
        for (float& v : scaled.row(row)) v *= static_cast<float>(row % 7 + 1);
    const NeighborTable plain = found(data.features, {.k = 3, .metric = Metric::Cosine});
    const NeighborTable other = found(scaled, {.k = 3, .metric = Metric::Cosine});
    EXPECT_GT(neighborRecall(plain, other), 0.999);
    double dot = 0, a = 0, b = 0;
    for (std::size_t c = 0; c < 64; ++c) {
        const double x = data.features(0, c), y = data.features(plain.of(0)[0], c);
        dot += x * y, a += x * x, b += y * y;
    }
    EXPECT_NEAR(plain.distancesOf(0)[0], 1 - dot / std::sqrt(a * b), 1e-6);
}

TEST(Neighbors, DuplicateRowsComeInOrder) {
    Matrix same(40, 3);
    for (std::size_t row = 0; row < 40; ++row) same(row, 0) = row < 30 ? 1.0f : static_cast<float>(row);
    const NeighborTable table = found(same, {.k = 4});
    EXPECT_EQ(std::vector<std::uint32_t>(table.of(10).begin(), table.of(10).end()), (std::vector<std::uint32_t>{0, 1, 2, 3}));
    EXPECT_FLOAT_EQ(table.distancesOf(10)[3], 0);
}

TEST(Neighbors, SaysWhatIsWrong) {
    Workers workers(1);
    Matrix few(5, 2);
    const auto tooFew = findNeighbors(few, {.k = 5}, workers);
    ASSERT_FALSE(tooFew);
    EXPECT_NE(tooFew.error().text().find("at least 6 rows; the table has 5"), std::string::npos);
    const auto zeros = findNeighbors(few, {.k = 2, .metric = Metric::Cosine}, workers);
    ASSERT_FALSE(zeros);
    EXPECT_NE(zeros.error().text().find("Row 0 is all zeros"), std::string::npos);
    few(3, 1) = std::numeric_limits<float>::quiet_NaN();
    const auto bad = findNeighbors(few, {.k = 2}, workers);
    ASSERT_FALSE(bad);
    EXPECT_NE(bad.error().text().find("row 3"), std::string::npos);
    few(3, 1) = 3e25f;
    const auto huge = findNeighbors(few, {.k = 2}, workers);
    ASSERT_FALSE(huge);
    EXPECT_EQ(huge.error().code, ErrorCode::Numeric);
}

TEST(Neighbors, StopsWhenCancelled) {
    std::stop_source source;
    source.request_stop();
    Workers workers(2);
    const auto out = findNeighbors(branchingWalks(3000, 8, 4, 3, 1), {.k = 5}, workers, {source.get_token(), {}});
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace driftscope::embed
