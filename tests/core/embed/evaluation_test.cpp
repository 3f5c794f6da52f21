#include "core/embed/evaluation.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/embed/learning_curve.h"
#include "tests/core/embed/toy_data.h"

namespace driftscope::embed {
namespace {

TEST(Evaluation, ReliabilityOfAHandCase) {
    Matrix p(4, 2);
    const float sure[] = {0.9f, 0.9f, 0.6f, 0.6f};
    for (std::size_t i = 0; i < 4; ++i) {
        p(i, 0) = sure[i];
        p(i, 1) = 1 - sure[i];
    }
    const int labels[] = {0, 1, 0, 0};  // of the two sure ones one is wrong; both unsure ones are right
    const Reliability r = reliability(labels, p, 10);
    ASSERT_EQ(r.bins.size(), 10u);
    EXPECT_EQ(r.bins[8].rows, 2u) << "0.9 lies in (0.8, 0.9]";
    EXPECT_NEAR(r.bins[8].accuracy, 0.5, 1e-12);
    EXPECT_EQ(r.bins[5].rows, 2u);
    EXPECT_NEAR(r.bins[5].accuracy, 1.0, 1e-12);
    EXPECT_NEAR(r.expectedError, 0.5 * 0.4 + 0.5 * 0.4, 1e-6);
    // ((0.1)^2 + (0.1)^2) and so on, per row over both classes.
    EXPECT_NEAR(r.brier, (0.02 + 1.62 + 0.32 + 0.32) / 4, 1e-6);
}

TEST(Evaluation, LeaveOneGroupOutPredictsEveryGroupFromTheOthers) {
    const ToyData iris = toyData("iris");
    std::vector<std::uint32_t> rows(iris.features.rows), groups;
    std::iota(rows.begin(), rows.end(), 0u);
    for (std::uint32_t row : rows) groups.push_back(row % 3);
    const std::vector<int> labels(iris.classes.begin(), iris.classes.end());
    const auto folds = leaveOneGroupOut(groups).value();
    const Matrix held = predictHeldOut(iris.features, rows, labels, folds, 3, {}).value();
    // The same by hand for the second group.
    std::vector<std::uint32_t> train, test;
    std::vector<int> trainLabels;
    for (std::uint32_t row : rows) (groups[row] == 1 ? test : train).push_back(row);
    for (std::uint32_t row : train) trainLabels.push_back(labels[row]);
    const Matrix alone = Probe::fit(iris.features, train, trainLabels, 3, {}).value().predict(iris.features, test);
    for (std::size_t i = 0; i < test.size(); ++i)
        for (std::size_t k = 0; k < 3; ++k) EXPECT_FLOAT_EQ(held(test[i], k), alone(i, k));
    const auto byGroup = scoreByGroup(labels, held, groups);
    ASSERT_EQ(byGroup.size(), 3u);
    const ProbeScores all = score(labels, held, groups, 1);
    EXPECT_NEAR((byGroup[0].accuracy + byGroup[1].accuracy + byGroup[2].accuracy) / 3, all.accuracy, 1e-12);
    EXPECT_FALSE(leaveOneGroupOut(std::vector<std::uint32_t>(10, 4)));
}

TEST(Evaluation, AGroupWithAClassOfItsOwnIsNoError) {
    const ToyData iris = toyData("iris");
    std::vector<std::uint32_t> rows(iris.features.rows), groups;
    std::iota(rows.begin(), rows.end(), 0u);
    const std::vector<int> labels(iris.classes.begin(), iris.classes.end());
    for (std::uint32_t row : rows) groups.push_back(labels[row] == 2 ? 2 : row % 2);
    const Matrix held = predictHeldOut(iris.features, rows, labels, leaveOneGroupOut(groups).value(), 3, {}).value();
    for (std::uint32_t row : rows)
        if (labels[row] == 2) {
            EXPECT_EQ(held(row, 2), 0);
        }
}

TEST(LearningCurve, EndsAtTheFullScoreAndIsReproducible) {
    const ToyData iris = toyData("iris");
    std::vector<std::uint32_t> rows(iris.features.rows);
    std::iota(rows.begin(), rows.end(), 0u);
    const std::vector<int> labels(iris.classes.begin(), iris.classes.end());
    CurveOptions options{.batch = 7};
    for (const LabelOrder order : {LabelOrder::Queue, LabelOrder::Random}) {
        const Curve curve = simulateAnnotator(iris.features, rows, labels, rows, 3, order, 2, options).value();
        EXPECT_EQ(curve.labels.back(), curve.pool);
        EXPECT_NEAR(curve.macroF1.back(), curve.full, 0.03) << "the same labels in another order: liblinear's stopping differs a little";
        const Curve again = simulateAnnotator(iris.features, rows, labels, rows, 3, order, 2, options).value();
        EXPECT_EQ(curve.macroF1, again.macroF1);
    }
    EXPECT_FALSE(simulateAnnotator(iris.features, rows, labels, rows, 3, LabelOrder::Queue, 2, options, [] { return false; }));
}

TEST(LearningCurve, AverageAndNeedAreWhatTheySay) {
    Curve a{{5, 10, 15}, {0.2, 0.5, 0.9}, 0.9, 15}, b{{5, 10}, {0.4, 0.7}, 0.8, 10};
    const Curve both[] = {a, b};
    const MeanCurve mean = average(both);
    EXPECT_EQ(mean.labels, (std::vector<double>{5, 10}));
    EXPECT_NEAR(mean.mean[1], 0.6, 1e-12);
    EXPECT_NEAR(mean.deviation[1], 0.1, 1e-12);
    EXPECT_NEAR(mean.full, 0.85, 1e-12);
    EXPECT_EQ(mean.needed(0.55), 10.0);
    EXPECT_FALSE(mean.needed(0.8));
    EXPECT_EQ(a.needed(0.9), 15u);
}

}  // namespace
}  // namespace driftscope::embed
