#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/base/fingerprint.h"
#include "core/topics/view/judgement_tests.h"
#include "core/topics/view/nearest_documents.h"
#include "core/topics/view/run_matching.h"
#include "core/topics/view/token_topics.h"
#include "core/topics/view/topic_groups.h"
#include "core/topics/view/topic_map.h"
#include "core/topics/view/topic_words.h"
#include "tests/core/io/scratch.h"
#include "core/base/atomic_file.h"
#include "tests/core/topics/synthetic_runs.h"

namespace driftscope::topics {
namespace {

Matrix matrixOf(std::size_t rows, std::size_t columns, std::vector<float> values) {
    Matrix matrix(rows, columns);
    matrix.values = std::move(values);
    return matrix;
}

TEST(TopicWords, SharesWeighDocumentsByTheirTokens) {
    const Matrix theta = matrixOf(2, 2, {1, 0, 0.5f, 0.5f});
    const std::vector<std::uint64_t> lengths{10, 30};
    EXPECT_NEAR(topicShares(theta, lengths)[0], (10 + 15) / 40.0, 1e-7);
    EXPECT_NEAR(topicShares(theta, {})[0], 0.75, 1e-7);  // documents count alike without lengths
}

TEST(TopicWords, RelevanceRanksByProbabilityAtOneAndByLiftAtZero) {
    const Matrix beta = matrixOf(2, 3, {0.6f, 0.3f, 0.1f, 0.6f, 0.0f, 0.4f});
    const std::vector<double> p = wordShares(beta, std::vector<double>{0.5, 0.5});
    EXPECT_NEAR(p[1], 0.15, 1e-7);
    EXPECT_EQ(relevantWords(beta.row(0), p, 1, 3)[0].word, 0u);
    const auto byLift = relevantWords(beta.row(0), p, 0, 3);
    EXPECT_EQ(byLift[0].word, 1u);  // lift 2; the common word has lift 1
    EXPECT_NEAR(byLift[0].relevance, std::log(2.0), 1e-6);
    EXPECT_NEAR(relevance(0.3, 0.15, 0.6), 0.6 * std::log(0.3) + 0.4 * std::log(2.0), 1e-12);
    EXPECT_EQ(relevantWords(beta.row(1), p, 0.5, 3).size(), 2u);  // a word the topic does not have is left out
}

TEST(TopicWords, SaliencyByHand) {
    // Word 0 tells nothing: P(k | w) = p(k). Words 1 and 2 tell all: p(w) ln 2 each.
    const Matrix beta = matrixOf(2, 3, {0.5f, 0.5f, 0, 0.5f, 0, 0.5f});
    const auto values = saliency(beta, std::vector<double>{0.5, 0.5});
    EXPECT_NEAR(values[0], 0, 1e-9);
    EXPECT_NEAR(values[1], 0.25 * std::log(2.0), 1e-7);
    EXPECT_NEAR(effectiveWords(beta.row(0)), 2, 1e-6);
}

TEST(TopicMap, FindsAKnownConfiguration) {
    const std::vector<std::pair<double, double>> places{{0, 0}, {3, 0}, {3, 4}, {-1, 2}, {0.5, -2}};
    CostMatrix distances(places.size(), places.size());
    for (std::size_t i = 0; i < places.size(); ++i)
        for (std::size_t j = 0; j < places.size(); ++j) distances(i, j) = std::hypot(places[i].first - places[j].first, places[i].second - places[j].second);
    const auto map = classicalScaling(distances);
    ASSERT_TRUE(map);
    for (std::size_t i = 0; i < places.size(); ++i)
        for (std::size_t j = 0; j < places.size(); ++j) EXPECT_NEAR(std::hypot(map->x[i] - map->x[j], map->y[i] - map->y[j]), distances(i, j), 1e-9);
    EXPECT_NEAR(map->shown, 1, 1e-9);
}

TEST(TopicMap, KeepsOneTopicAndEqualTopicsFinite) {
    const auto one = mapTopics(matrixOf(1, 2, {0.5f, 0.5f}));
    ASSERT_TRUE(one);
    EXPECT_EQ(one->x, std::vector<double>{0});
    const auto same = mapTopics(matrixOf(3, 2, {0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f}));
    ASSERT_TRUE(same);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(same->x[k], 0, 1e-6);
    const auto two = mapTopics(matrixOf(2, 2, {1, 0, 0, 1}));
    ASSERT_TRUE(two);
    EXPECT_NEAR(std::abs(two->x[0] - two->x[1]), std::sqrt(std::log(2.0)), 1e-6);
    CostMatrix broken(2, 2);
    broken(0, 1) = std::nan("");
    EXPECT_FALSE(classicalScaling(broken));
}

TEST(TokenTopics, FollowThetaAndBeta) {
    TopicRun run;
    run.beta = matrixOf(2, 3, {0.5f, 0.5f, 0, 0.5f, 0, 0.5f});
    run.theta = matrixOf(1, 2, {0.9f, 0.1f});
    const std::vector<std::uint32_t> words{0, 1, 2};
    const auto tokens = likelyTopics(run, 0, words);
    EXPECT_EQ(tokens[0].topic, 0u);
    EXPECT_NEAR(tokens[0].probability, 0.9, 1e-6);
    EXPECT_EQ(tokens[2].topic, 1u);
    EXPECT_NEAR(tokens[2].probability, 1, 1e-6);
    run.theta = matrixOf(1, 2, {1, 0});
    EXPECT_EQ(likelyTopics(run, 0, words)[2].probability, 0);  // no topic of the document has the word
}

TEST(TokenTopics, ReadAssignmentsAndSayWhichLineDoesNotFit) {
    const io::Scratch scratch;
    Corpus corpus;
    corpus.vocabulary = {"a", "b"};
    corpus.words = {0, 1, 1};
    corpus.offsets = {0, 2, 2, 3};
    const auto write = [&](const char* text) { ASSERT_TRUE(writeFileAtomically(scratch / "assignments.txt", text)); };
    write("0 1\n\n1\n");
    const auto read = readAssignments(scratch / "assignments.txt", corpus, 2);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, (std::vector<std::uint32_t>{0, 1, 1}));
    for (const auto& [text, wanted] : {std::pair{"0\n\n1\n", "line 1 has 1 topics for 2 words"}, {"0 7\n\n1\n", "names topic 7"}, {"0 x\n\n1\n", "no topic number"}, {"0 1\n", "1 lines for 3 documents"}}) {
        write(text);
        const auto bad = readAssignments(scratch / "assignments.txt", corpus, 2);
        ASSERT_FALSE(bad) << text;
        EXPECT_NE(bad.error().text().find(wanted), std::string::npos) << bad.error().text();
    }
}

TEST(NearestDocuments, ByHellingerAndJensenShannon) {
    const Matrix theta = matrixOf(4, 2, {1, 0, 0, 1, 0.5f, 0.5f, 1, 0});
    for (const ThetaDistance kind : {ThetaDistance::Hellinger, ThetaDistance::JensenShannon}) {
        const auto near = nearestDocuments(theta, 0, 9, kind);
        ASSERT_EQ(near.size(), 3u);
        EXPECT_EQ(near[0].document, 3u);
        EXPECT_NEAR(near[0].distance, 0, 1e-7);
        EXPECT_EQ(near[1].document, 2u);
        EXPECT_EQ(near[2].document, 1u);
    }
    EXPECT_NEAR(nearestDocuments(theta, 0, 3, ThetaDistance::Hellinger)[1].distance, std::sqrt(1 - std::sqrt(0.5)), 1e-6);
    EXPECT_NEAR(nearestDocuments(theta, 0, 3, ThetaDistance::JensenShannon)[2].distance, std::sqrt(std::log(2.0)), 1e-6);
}

TEST(RunMatching, FindsAPermutedCopyCompletely) {
    const TopicRun run = randomRun(6, 60, 10, 3);
    const std::vector<std::uint32_t> order = shuffledOrder(6, 5);
    const TopicRun other = permuted(run, order);
    for (const DistanceKind kind : {DistanceKind::Rbo, DistanceKind::JensenShannon, DistanceKind::Correlation}) {
        const auto matching = RunMatching::make({&run, &other}, kind);
        ASSERT_TRUE(matching);
        const auto rows = matching->rows(0.999);
        ASSERT_EQ(rows.size(), 6u);
        for (const MatchedTopic& row : rows) {
            ASSERT_EQ(row.runs(), 2u);
            EXPECT_EQ(*row.topicOf[1], order[*row.topicOf[0]]);
            EXPECT_NEAR(row.similarity, 1, 1e-5);
        }
        EXPECT_NEAR(matching->bestElsewhere(0, 2), 1, 1e-5);
    }
}

TEST(RunMatching, LeavesBlanksAndNeverTwoTopicsOfOneRun) {
    TopicRun first = randomRun(5, 80, 4, 1), second = randomRun(5, 80, 4, 2), third = first;
    // The third run lost topic 0 and has another one in its place.
    std::ranges::copy(second.beta.row(3), third.beta.row(0).begin());
    const auto matching = RunMatching::make({&first, &second, &third}, DistanceKind::JensenShannon);
    ASSERT_TRUE(matching);
    std::size_t shown = 0;
    for (const double threshold : {0.0, 0.3, 0.9}) {
        const auto rows = matching->rows(threshold);
        std::size_t topics = 0;
        std::set<std::pair<std::size_t, std::uint32_t>> seen;
        for (const MatchedTopic& row : rows)
            for (std::size_t r = 0; r < row.topicOf.size(); ++r)
                if (row.topicOf[r]) topics += seen.insert({r, *row.topicOf[r]}).second;
        EXPECT_EQ(topics, 15u);          // every topic stands in exactly one row
        EXPECT_GE(rows.size(), shown);   // a higher threshold never joins more
        shown = rows.size();
    }
    const auto strict = matching->rows(0.9);
    const auto lost = std::ranges::find_if(strict, [](const MatchedTopic& row) { return row.topicOf[0] == 0u; });
    ASSERT_NE(lost, strict.end());
    EXPECT_FALSE(lost->topicOf[2]);
    const auto gained = std::ranges::find_if(strict, [](const MatchedTopic& row) { return row.topicOf[2] == 0u; });
    EXPECT_EQ(gained->topicOf[1], 3u);
    EXPECT_FALSE(RunMatching::make({&first}, DistanceKind::Rbo));
    second.vocabulary[0] = "other";
    const auto unfit = RunMatching::make({&first, &second}, DistanceKind::Rbo);
    ASSERT_FALSE(unfit);
    EXPECT_NE(unfit.error().message.find("Run 2"), std::string::npos);
}

std::vector<std::vector<std::uint32_t>> disjointTopics(std::size_t topics, std::size_t words) {
    std::vector<std::vector<std::uint32_t>> out(topics);
    for (std::size_t k = 0; k < topics; ++k)
        for (std::size_t i = 0; i < words; ++i) out[k].push_back(static_cast<std::uint32_t>(k * words + i));
    return out;
}

TEST(IntrusionItems, KeepTheRules) {
    const auto topics = disjointTopics(20, 50);
    std::vector<std::uint32_t> skipped;
    const auto items = intrusionItems(topics, 7, &skipped);
    // The last topic may find only itself as an unused donor.
    EXPECT_EQ(items.size() + skipped.size(), 20u);
    EXPECT_LE(skipped.size(), 1u);
    std::set<std::uint32_t> donors;
    for (const IntrusionItem& item : items) {
        EXPECT_NE(item.donor, item.topic);
        EXPECT_TRUE(donors.insert(item.donor).second) << "a donor was used twice";
        EXPECT_FALSE(item.fallback);
        for (std::size_t i = 0; i < kIntrusionWords; ++i) EXPECT_EQ(item.words[i], topics[item.topic][i]);
        const auto begin = topics[item.donor].begin();
        EXPECT_NE(std::find(begin, begin + 5, item.intruder), begin + 5);
        EXPECT_EQ(std::ranges::find(topics[item.topic], item.intruder), topics[item.topic].end());
    }
    const auto again = intrusionItems(topics, 7);
    const auto other = intrusionItems(topics, 8);
    EXPECT_TRUE(std::ranges::equal(items, again, [](const auto& a, const auto& b) { return a.topic == b.topic && a.intruder == b.intruder; }));
    EXPECT_FALSE(std::ranges::equal(items, other, [](const auto& a, const auto& b) { return a.topic == b.topic && a.intruder == b.intruder; }));
}

TEST(IntrusionItems, FallBackToTheFirstTenAndSkipTwins) {
    // The first five words of one topic stand at places 20 to 24 of the other, and the other way round.
    std::vector<std::vector<std::uint32_t>> topics(2, std::vector<std::uint32_t>(50));
    std::iota(topics[0].begin(), topics[0].end(), 0);
    std::iota(topics[1].begin(), topics[1].end(), 0);
    std::swap_ranges(topics[1].begin(), topics[1].begin() + 5, topics[1].begin() + 20);
    const auto items = intrusionItems(topics, 1);
    ASSERT_EQ(items.size(), 2u);
    for (const IntrusionItem& item : items) EXPECT_TRUE(item.fallback);
    std::vector<std::uint32_t> skipped;
    topics[1] = topics[0];
    EXPECT_TRUE(intrusionItems(topics, 1, &skipped).empty());
    EXPECT_EQ(skipped.size(), 2u);
    EXPECT_TRUE(intrusionItems({{1, 2, 3}, {}}, 1).empty());  // too few words: no question
}

TEST(IntrusionItems, ShowEveryRaterAnOrderOfTheirOwn) {
    const auto items = intrusionItems(disjointTopics(20, 50), 7);
    std::array<int, 6> placeOfIntruder{};
    bool differ = false;
    for (const IntrusionItem& item : items) {
        auto order = wordOrder(item, 7, "AB");
        differ = differ || order != wordOrder(item, 7, "CD");
        ++placeOfIntruder[static_cast<std::size_t>(std::ranges::find(order, kIntrusionWords) - order.begin())];
        std::ranges::sort(order);
        for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i);
    }
    EXPECT_TRUE(differ);
    EXPECT_LT(*std::ranges::max_element(placeOfIntruder), 15) << "the intruder stands nearly always in one place";
    auto order = raterOrder(30, 1, "AB");
    EXPECT_NE(order, raterOrder(30, 1, "CD"));
    std::ranges::sort(order);
    for (std::uint32_t i = 0; i < 30; ++i) EXPECT_EQ(order[i], i);
}

TEST(IntrusionItems, ProbabilityOfGuessing) {
    EXPECT_NEAR(chanceOfGuessing(0, 10), 1, 1e-12);
    EXPECT_NEAR(chanceOfGuessing(1, 1), 1.0 / 6, 1e-12);
    EXPECT_NEAR(chanceOfGuessing(1, 2), 11.0 / 36, 1e-12);
    EXPECT_NEAR(chanceOfGuessing(2, 2), 1.0 / 36, 1e-12);
}

TEST(TopicGroups, FollowChainsAndSurviveCircles) {
    const TopicGroups groups({std::nullopt, 0, 1, 4, 3, 99}, {false, false, false, false, false, true});
    EXPECT_EQ(groups.root(2), 0u);
    EXPECT_EQ(groups.members(0), (std::vector<std::uint32_t>{0, 1, 2}));
    EXPECT_EQ(groups.root(3), 3u);  // 3 and 4 point at each other: neither is merged
    EXPECT_EQ(groups.root(4), 4u);
    EXPECT_EQ(groups.root(5), 5u);  // into a topic that the run does not have
    EXPECT_TRUE(groups.isHidden(5));
    const Matrix merged = groups.mergedTheta(matrixOf(1, 6, {0.1f, 0.2f, 0.3f, 0.1f, 0.2f, 0.1f}));
    EXPECT_NEAR(merged(0, 0), 0.6, 1e-6);
    EXPECT_EQ(merged(0, 1), 0);
    EXPECT_NEAR(merged(0, 4), 0.2, 1e-6);
    const TopicGroups pair({std::nullopt, 0, std::nullopt}, {});
    const std::vector<double> shares{0.1, 0.3, 0.6};
    EXPECT_NEAR(pair.mergedShares(shares)[0], 0.4, 1e-12);
    EXPECT_EQ(pair.mergedShares(shares)[1], 0);
    const Matrix beta = matrixOf(3, 2, {1, 0, 0, 1, 0.5f, 0.5f});
    EXPECT_NEAR(pair.mergedWords(beta, shares, 0)[1], 0.75, 1e-6);  // 0.1 of one, 0.3 of the other
    EXPECT_NEAR(pair.mergedWords(beta, shares, 2)[1], 0.5, 1e-6);
}

}  // namespace
}  // namespace driftscope::topics
