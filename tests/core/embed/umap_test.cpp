#include "core/embed/umap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/embed/pca.h"
#include "core/embed/quality.h"
#include "core/embed/workers.h"
#include "tests/core/embed/toy_data.h"

namespace driftscope::embed {
namespace {

Matrix project(const Matrix& features, const UmapOptions& options, int threads = 1) {
    Workers workers(threads);
    const auto table = findNeighbors(features, {.k = options.neighbors - 1}, workers);
    EXPECT_TRUE(table);
    auto picture = umap(features, *table, options, workers);
    EXPECT_TRUE(picture) << (picture ? "" : picture.error().text());
    return picture ? std::move(*picture) : Matrix{};
}

TEST(Umap, CurveMatchesUmapLearn) {
    const auto expected = reference("numerics/umap_reference/reference.json")["find_ab_params(spread=1,min_dist=0.1)"];
    const UmapCurve curve = fitCurve(1, 0.1);
    EXPECT_NEAR(curve.a, expected[0].get<double>(), 1e-5);
    EXPECT_NEAR(curve.b, expected[1].get<double>(), 1e-5);
}

class UmapReference : public testing::TestWithParam<const char*> {};

TEST_P(UmapReference, GraphMatchesUmapLearn) {
    const auto expected = reference("numerics/umap_reference/reference.json")[GetParam()]["fuzzy_graph"];
    const ToyData data = toyData(GetParam());
    Workers workers(1);
    const auto table = findNeighbors(data.features, {.k = 14}, workers);
    ASSERT_TRUE(table);
    const FuzzyGraph graph = fuzzyGraph(*table, 15, workers);
    // Both data sets hold integers or tenths, so some rows have several candidates for the last neighbour: either choice is
    // right, which moves a few edges of thousands.
    EXPECT_NEAR(static_cast<double>(graph.weights.size()), expected["nnz"].get<double>(), 4);
    double sum = 0;
    for (const float weight : graph.weights) sum += weight;
    EXPECT_NEAR(sum, expected["sum"].get<double>(), 2e-4 * expected["sum"].get<double>());
    std::map<std::uint32_t, float> row0;
    for (std::size_t e = graph.starts[0]; e < graph.starts[1]; ++e) row0[graph.targets[e]] = graph.weights[e];
    std::size_t equal = 0;
    for (const auto& edge : expected["row0"]) {
        const auto found = row0.find(edge[0].get<std::uint32_t>());
        equal += found != row0.end() && std::abs(found->second - edge[1].get<double>()) < 1e-4;
    }
    EXPECT_GE(equal, expected["row0"].size() - 2);
}

TEST_P(UmapReference, PictureIsAsTrustworthyAsUmapLearns) {
    const auto expected = reference("numerics/umap_reference/reference.json")[GetParam()];
    const ToyData data = toyData(GetParam());
    const Matrix picture = project(data.features, {});
    Workers workers(2);
    const auto trust = trustworthiness(data.features, picture, 15, Metric::Euclidean, 0, workers);
    ASSERT_TRUE(trust);
    // umap-learn's own seeds 1 to 3 give 0.9868, 0.9850 and 0.9872 on the digits.
    EXPECT_GE(*trust, expected["trustworthiness_k15"].get<double>() - 0.002);
    const auto apart = silhouette(picture, data.classes, 0, workers);
    ASSERT_TRUE(apart);
    EXPECT_GE(*apart, expected["silhouette_labels"].get<double>() - 0.02);
}

INSTANTIATE_TEST_SUITE_P(Toy, UmapReference, testing::Values("iris", "digits"));

TEST(Umap, SeedAndNotThreadsDecidesTheBytes) {
    const Matrix walks = branchingWalks(3001, 16, 9, 5, 3);
    const Matrix one = project(walks, {.epochs = 60}, 1), two = project(walks, {.epochs = 60}, 2);
    EXPECT_EQ(one.values, two.values);
    const Matrix other = project(walks, {.epochs = 60, .seed = 7}, 1);
    EXPECT_NE(one.values, other.values);
}

TEST(Umap, EveryStartAndWidthStaysTrustworthy) {
    const ToyData data = toyData("digits");
    Workers workers(2);
    for (const UmapStart start : {UmapStart::Spectral, UmapStart::Pca, UmapStart::Random})
        for (const std::size_t components : {2u, 3u, 5u}) {
            const Matrix picture = project(data.features, {.components = components, .epochs = 150, .start = start}, 2);
            ASSERT_EQ(picture.columns, components);
            const auto trust = trustworthiness(data.features, picture, 15, Metric::Euclidean, 300, workers);
            ASSERT_TRUE(trust) << trust.error().text();
            EXPECT_GT(*trust, 0.975) << static_cast<int>(start) << " to " << components;
        }
}

TEST(Umap, EqualRowsAndTinyTablesStayFinite) {
    Matrix equal(40, 3);
    for (const float v : project(equal, {.epochs = 50}).values) EXPECT_TRUE(std::isfinite(v));
    Matrix tiny(3, 2);
    tiny(1, 0) = 1;
    tiny(2, 1) = 5;
    for (const float v : project(tiny, {.neighbors = 2, .epochs = 50}).values) EXPECT_TRUE(std::isfinite(v));
}

TEST(Umap, RefusesImpossibleParameters) {
    const ToyData data = toyData("iris");
    Workers workers(1);
    const auto table = findNeighbors(data.features, {.k = 14}, workers);
    ASSERT_TRUE(table);
    EXPECT_FALSE(umap(data.features, *table, {.neighbors = 16}, workers));
    EXPECT_FALSE(umap(data.features, *table, {.components = 17}, workers));
    EXPECT_FALSE(umap(data.features, *table, {.minDist = 2}, workers));
}

TEST(Quality, MatchesScikitLearn) {
    for (const std::string name : {"iris", "digits"}) {
        const auto expected = reference("golden/sklearn_reference.json")[name];
        const ToyData data = toyData(name);
        Workers workers(2);
        const auto pca = Pca::fit(data.features, {.components = 2});
        ASSERT_TRUE(pca);
        const Matrix picture = pca->transform(data.features);
        for (const std::size_t k : {5u, 15u}) {
            const auto trust = trustworthiness(data.features, picture, k, Metric::Euclidean, 0, workers);
            ASSERT_TRUE(trust);
            // Equal distances may rank either way.
            EXPECT_NEAR(*trust, expected["trustworthiness_pca2_k" + std::to_string(k)].get<double>(), name == "iris" ? 1e-3 : 1e-5);
        }
        const auto apart = silhouette(data.features, data.classes, 0, workers);
        ASSERT_TRUE(apart);
        EXPECT_NEAR(*apart, expected["silhouette_euclidean_labels"].get<double>(), 1e-6);
    }
}

TEST(Quality, SampleEstimatesTheWhole) {
    const ToyData data = toyData("digits");
    const auto pca = Pca::fit(data.features, {.components = 2});
    ASSERT_TRUE(pca);
    Workers workers(2);
    const Matrix picture = pca->transform(data.features);
    const auto whole = trustworthiness(data.features, picture, 15, Metric::Euclidean, 0, workers);
    const auto part = trustworthiness(data.features, picture, 15, Metric::Euclidean, 400, workers);
    ASSERT_TRUE(whole && part);
    EXPECT_NEAR(*whole, *part, 0.01);
    EXPECT_FALSE(trustworthiness(data.features, picture, 900, Metric::Euclidean, 0, workers));
}

}  // namespace
}  // namespace driftscope::embed
