#include "core/embed/label_queue.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "core/base/fingerprint.h"
#include "tests/core/embed/toy_data.h"

namespace driftscope::embed {
namespace {

/// Three round clouds of 200, 60 and 20 points, far from each other, in the plane.
Matrix clouds() {
    Matrix points(280, 2);
    for (std::uint32_t i = 0; i < 280; ++i) {
        const int cloud = i < 200 ? 0 : i < 260 ? 1 : 2;
        const double angle = 2 * M_PI * randomUnit(1, 0, i), radius = std::sqrt(randomUnit(1, 1, i));
        points(i, 0) = static_cast<float>(10 * cloud + radius * std::cos(angle));
        points(i, 1) = static_cast<float>(radius * std::sin(angle));
    }
    return points;
}
int cloudOf(std::uint32_t row) { return row < 200 ? 0 : row < 260 ? 1 : 2; }

TEST(LabelQueue, TypicalRowsComeFirstAndStandForAllClouds) {
    const Matrix points = clouds();
    const std::vector<int> labels(280, -1);
    const auto queue = nextToLabel({&points, labels, {}, nullptr}, {.count = 24, .audit = 0});
    ASSERT_EQ(queue.size(), 24u);
    std::set<int> seen;
    for (const QueueItem& item : queue) {
        EXPECT_EQ(item.reason, QueueReason::Typical);
        seen.insert(cloudOf(item.row));
    }
    EXPECT_EQ(cloudOf(queue[0].row), 0) << "the largest cloud first";
    // The middle of a cloud covers more than its rim.
    EXPECT_LT(std::hypot(points(queue[0].row, 0), points(queue[0].row, 1)), 0.8);
    EXPECT_EQ(seen.size(), 3u);
    for (std::size_t i = 1; i < queue.size(); ++i) EXPECT_LE(queue[i].share, queue[i - 1].share + 1e-6f) << "the gain can only fall";
}

TEST(LabelQueue, DoubtDrawsTheQueueAndLabelsPushItAway) {
    const Matrix points = clouds();
    std::vector<int> labels(280, -1);
    Matrix probabilities(280, 2);
    for (std::uint32_t i = 0; i < 280; ++i) {
        const float sure = cloudOf(i) == 2 ? 0.55f : 0.999f;  // the small cloud is open
        probabilities(i, 0) = sure;
        probabilities(i, 1) = 1 - sure;
    }
    const auto queue = nextToLabel({&points, labels, {}, &probabilities}, {.count = 3, .audit = 0, .neighbors = 5});
    ASSERT_EQ(queue.size(), 3u);
    EXPECT_EQ(cloudOf(queue[0].row), 2);
    EXPECT_EQ(queue[0].reason, QueueReason::Unsure);
    EXPECT_NEAR(queue[0].confidence, 0.55, 1e-6);
    EXPECT_NEAR(queue[0].margin, 0.10, 1e-6);
    // Once the small cloud is labelled all over, doubt there is covered.
    for (std::uint32_t i = 260; i < 280; ++i) labels[i] = 0;
    const auto after = nextToLabel({&points, labels, {}, &probabilities}, {.count = 3, .audit = 0, .neighbors = 5});
    for (const QueueItem& item : after) EXPECT_NE(cloudOf(item.row), 2);
}

TEST(LabelQueue, AuditsAreTheirShareAndUniform) {
    const Matrix points = clouds();
    const std::vector<int> labels(280, -1);
    std::vector<int> drawn(3, 0);
    int audits = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        for (const QueueItem& item : nextToLabel({&points, labels, {}, nullptr}, {.count = 10, .audit = 0.2, .sample = 60, .seed = seed}))
            if (item.reason == QueueReason::Audit) {
                ++audits;
                ++drawn[static_cast<std::size_t>(cloudOf(item.row))];
            }
    }
    EXPECT_EQ(audits, 600);
    // Close to the clouds' sizes: the few picks before an audit hardly change what is left. Five standard deviations.
    EXPECT_NEAR(drawn[0] / 600.0, 200.0 / 280, 5 * std::sqrt(0.714 * 0.286 / 600));
    EXPECT_NEAR(drawn[2] / 600.0, 20.0 / 280, 5 * std::sqrt(0.071 * 0.929 / 600));
}

TEST(LabelQueue, OffersOneOfEachGroupBeforeTheSecondAndNothingTwice) {
    const Matrix points = clouds();
    const std::vector<int> labels(280, -1);
    std::vector<std::uint32_t> groups;
    for (std::uint32_t i = 0; i < 280; ++i) groups.push_back(i % 6);
    const auto queue = nextToLabel({&points, labels, groups, nullptr}, {.count = 15, .audit = 0.1, .seed = 3});
    ASSERT_EQ(queue.size(), 15u);
    std::set<std::uint32_t> first, rows;
    for (std::size_t i = 0; i < queue.size(); ++i) {
        if (i < 6) first.insert(groups[queue[i].row]);
        rows.insert(queue[i].row);
    }
    EXPECT_EQ(first.size(), 6u);
    EXPECT_EQ(rows.size(), 15u);
}

TEST(LabelQueue, SkipsLabelledRowsAndRowsWithoutFeatures) {
    Matrix points = clouds();
    std::vector<int> labels(280, 0);
    labels[5] = labels[6] = labels[7] = -1;
    points(6, 1) = std::numeric_limits<float>::quiet_NaN();
    const auto queue = nextToLabel({&points, labels, {}, nullptr}, {.count = 10, .audit = 0.5});
    std::set<std::uint32_t> rows;
    for (const QueueItem& item : queue) rows.insert(item.row);
    EXPECT_EQ(rows, (std::set<std::uint32_t>{5, 7}));
    labels.assign(280, 0);
    EXPECT_TRUE(nextToLabel({&points, labels, {}, nullptr}, {}).empty());
    EXPECT_TRUE(nextToLabel({nullptr, labels, {}, nullptr}, {}).empty());
}

TEST(LabelQueue, SameSeedSameBatch) {
    const ToyData digits = toyData("digits");
    const std::vector<int> labels(digits.features.rows, -1);
    const auto rowsFor = [&](std::uint64_t seed) {
        std::vector<std::uint32_t> rows;
        for (const QueueItem& item : nextToLabel({&digits.features, labels, {}, nullptr}, {.count = 12, .sample = 500, .seed = seed})) rows.push_back(item.row);
        return rows;
    };
    EXPECT_EQ(rowsFor(1), rowsFor(1));
    EXPECT_NE(rowsFor(1), rowsFor(2));
}

}  // namespace
}  // namespace driftscope::embed
