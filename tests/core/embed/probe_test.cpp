#include "core/embed/probe.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/core/embed/toy_data.h"

namespace driftscope::embed {
namespace {

struct Split {
    std::vector<std::uint32_t> train, test;
    std::vector<int> trainLabels, testLabels;
};

Split evenOdd(const ToyData& data) {
    Split split;
    for (std::uint32_t i = 0; i < data.features.rows; ++i) {
        (i % 2 == 0 ? split.train : split.test).push_back(i);
        (i % 2 == 0 ? split.trainLabels : split.testLabels).push_back(data.classes[i]);
    }
    return split;
}

TEST(Probe, ReachesTheReferenceAccuracyOnToyData) {
    const nlohmann::json golden = reference("golden/sklearn_reference.json");
    for (const auto& [name, classes] : {std::pair<std::string, std::size_t>{"iris", 3}, {"digits", 10}}) {
        const ToyData data = toyData(name);
        const Split split = evenOdd(data);
        const Probe probe = Probe::fit(data.features, split.train, split.trainLabels, classes, {}).value();
        const Matrix p = probe.predict(data.features, split.test);
        std::vector<std::uint32_t> groups(split.test.size());
        std::iota(groups.begin(), groups.end(), 0u);
        const ProbeScores scores = score(split.testLabels, p, groups, 1);
        // The reference is multinomial lbfgs without a scaler; one against the rest draws iris's middle class worse.
        EXPECT_NEAR(scores.accuracy, golden[name]["logreg_C1_l2_lbfgs_acc_even_odd"].get<double>(), 0.045) << name;
        EXPECT_LE(scores.balancedLow, scores.balancedAccuracy);
        EXPECT_GE(scores.balancedHigh, scores.balancedAccuracy);
        for (std::size_t i = 0; i < p.rows; ++i) EXPECT_NEAR(std::accumulate(p.row(i).begin(), p.row(i).end(), 0.0f), 1, 1e-5);
    }
}

TEST(Probe, ScoresAgreeWithAHandCase) {
    Matrix p(4, 2);
    const float positive[] = {0.1f, 0.4f, 0.35f, 0.8f};
    for (std::size_t i = 0; i < 4; ++i) {
        p(i, 1) = positive[i];
        p(i, 0) = 1 - positive[i];
    }
    const int labels[] = {0, 0, 1, 1};
    const std::uint32_t groups[] = {0, 1, 2, 3};
    const ProbeScores scores = score(labels, p, groups, 1);
    EXPECT_DOUBLE_EQ(scores.auroc, 0.75);
    EXPECT_DOUBLE_EQ(scores.accuracy, 0.75);
    EXPECT_DOUBLE_EQ(scores.balancedAccuracy, 0.75);
    EXPECT_EQ(scores.confusion, (std::vector<std::vector<std::size_t>>{{2, 0}, {1, 1}}));
    EXPECT_NEAR(scores.f1[1], 2.0 / 3, 1e-12);
}

TEST(GroupFolds, NeverSplitAGroupAndSpreadTheRareClass) {
    std::vector<int> labels;
    std::vector<std::uint32_t> groups;
    for (std::uint32_t group = 0; group < 20; ++group)
        for (int i = 0; i < 7; ++i) {
            groups.push_back(group);
            labels.push_back(group % 4 == 0 && i < 2);
        }
    const std::vector<int> folds = groupFolds(labels, groups, 2, 5).value();
    std::vector<int> rare(5, 0);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        EXPECT_EQ(folds[i], folds[i / 7 * 7]);
        rare[static_cast<std::size_t>(folds[i])] += labels[i];
    }
    for (int count : rare) EXPECT_EQ(count, 2);
}

TEST(GroupFolds, ClassInOneGroupIsNamed) {
    const int labels[] = {0, 0, 1, 0};
    const std::uint32_t groups[] = {0, 1, 2, 3};
    EXPECT_NE(groupFolds(labels, groups, 2, 2).error().message.find("Class 1"), std::string::npos);
}

}  // namespace
}  // namespace driftscope::embed
