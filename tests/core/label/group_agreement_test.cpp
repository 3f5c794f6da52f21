#include "core/label/group_agreement.h"

#include <cmath>

#include "tests/core/label/store_fixture.h"

namespace driftscope {
namespace {

std::vector<Label> labelsOf(const std::vector<std::string>& classes) {
    std::vector<Label> out;
    for (std::size_t i = 0; i < classes.size(); ++i)
        if (!classes[i].empty()) out.push_back({{"plate", "A/1/0#1", static_cast<std::int64_t>(i)}, classes[i], {}, 0, "manual"});
    return out;
}

/// Fleiss 1971 as in the usual worked example: 10 subjects, 14 raters, 5 categories; kappa = 0.210.
TEST(GroupAgreement, FleissEqualsTheWorkedExample) {
    const int table[10][5] = {{0, 0, 0, 0, 14}, {0, 2, 6, 4, 2}, {0, 0, 3, 5, 6}, {0, 3, 9, 2, 0}, {2, 2, 8, 1, 1},
                              {7, 7, 0, 0, 0},  {3, 2, 6, 3, 0}, {2, 5, 3, 2, 2}, {6, 5, 2, 1, 0}, {0, 2, 2, 3, 7}};
    std::vector<std::vector<std::string>> byRater(14);
    for (const auto& subject : table) {
        std::size_t rater = 0;
        for (int k = 0; k < 5; ++k)
            for (int n = 0; n < subject[k]; ++n) byRater[rater++].push_back(std::string(1, static_cast<char>('a' + k)));
    }
    std::map<std::string, std::vector<Label>> labels;
    for (std::size_t rater = 0; rater < 14; ++rater) labels[fmt::format("rater {:02}", rater)] = labelsOf(byRater[rater]);
    const GroupAgreement result = compareAnnotators(labels);
    ASSERT_TRUE(result.fleiss);
    EXPECT_NEAR(*result.fleiss, 0.210, 0.0005);
    EXPECT_EQ(result.complete, 10);
    EXPECT_EQ(result.pairs.size(), 91u);
}

/// Krippendorff 2011, section C: nominal data, four observers, twelve units, missing values; alpha = 0.743.
TEST(GroupAgreement, KrippendorffEqualsThePaper) {
    const std::map<std::string, std::vector<Label>> labels{
        {"A", labelsOf({"1", "2", "3", "3", "2", "1", "4", "1", "2", "", "", ""})},
        {"B", labelsOf({"1", "2", "3", "3", "2", "2", "4", "1", "2", "5", "", "3"})},
        {"C", labelsOf({"", "3", "3", "3", "2", "3", "4", "2", "2", "5", "1", ""})},
        {"D", labelsOf({"1", "2", "3", "3", "2", "4", "4", "1", "2", "5", "1", ""})}};
    const GroupAgreement result = compareAnnotators(labels);
    ASSERT_TRUE(result.krippendorff);
    EXPECT_NEAR(*result.krippendorff, 0.743, 0.0005);
    EXPECT_EQ(result.targets, 12);
    EXPECT_EQ(result.shared, 11);
    EXPECT_EQ(result.complete, 8);
}

TEST(GroupAgreement, TheMostOpenQuestionComesFirst) {
    const std::map<std::string, std::vector<Label>> labels{{"ada", labelsOf({"m", "i", "m", "m"})}, {"bob", labelsOf({"m", "i", "i", "i"})}, {"cleo", labelsOf({"m", "i", "i", "a"})}};
    const GroupAgreement result = compareAnnotators(labels);
    ASSERT_EQ(result.disputes.size(), 2u);
    EXPECT_EQ(result.disputes[0].target.step, 3);
    EXPECT_EQ(result.disputes[0].majority, "") << "three opinions";
    EXPECT_NEAR(result.disputes[0].entropy, std::log2(3.0), 1e-12);
    EXPECT_EQ(result.disputes[1].majority, "i");
    EXPECT_EQ(result.disputes[1].votes.at("ada"), "m");
}

TEST(GroupAgreement, NothingSharedAndOneClassGiveNoNumber) {
    const GroupAgreement apart = compareAnnotators({{"a", labelsOf({"m", ""})}, {"b", labelsOf({"", "m"})}});
    EXPECT_FALSE(apart.fleiss);
    EXPECT_FALSE(apart.krippendorff);
    const GroupAgreement alike = compareAnnotators({{"a", labelsOf({"m", "m"})}, {"b", labelsOf({"m", "m"})}});
    EXPECT_FALSE(alike.fleiss);
    EXPECT_FALSE(alike.krippendorff);
    EXPECT_EQ(alike.shared, 2);
}

using GroupAgreementStore = StoreFixture;

TEST_F(GroupAgreementStore, ReadsTheProjectAndNamesWhoIsMissing) {
    open();
    apply({{cell(1, 0), "mitosis"}, {cell(2, 0), "interphase"}}, "ada");
    EXPECT_FALSE(groupAgreement(*store_, kDivision)) << "one annotator";
    apply({{cell(1, 0), "interphase"}, {cell(2, 0), "interphase"}}, "bob");
    const auto result = groupAgreement(*store_, kDivision, {}, "plate.zarr");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->shared, 2);
    EXPECT_EQ(result->disputes.size(), 1u);
    const auto absent = groupAgreement(*store_, kDivision, {"ada", "zoe"});
    ASSERT_FALSE(absent);
    EXPECT_NE(absent.error().text().find("ada, bob"), std::string::npos);
    EXPECT_FALSE(groupAgreement(*store_, kDivision, {}, "other"));
}

}  // namespace
}  // namespace driftscope
