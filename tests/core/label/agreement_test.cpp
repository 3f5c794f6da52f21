#include "core/label/agreement.h"

#include "tests/core/label/store_fixture.h"

namespace driftscope {
namespace {

using AgreementTest = StoreFixture;

// sklearn.metrics.cohen_kappa_score of the same lists gives 0.4.
TEST_F(AgreementTest, KappaEqualsSklearn) {
    open();
    const std::string ada = "mmmiiimiim", bob = "mimiimmimm";
    const auto word = [](char c) { return c == 'm' ? "mitosis" : "interphase"; };
    for (int i = 0; i < 10; ++i) {
        apply({{cell(i, 0), word(ada[static_cast<std::size_t>(i)])}}, "ada");
        apply({{cell(i, 0), word(bob[static_cast<std::size_t>(i)])}}, "bob");
    }
    apply({{cell(77, 0), "mitosis"}}, "ada");
    const auto result = agreement(*store_, kDivision, "ada", "bob");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->both, 10);
    EXPECT_EQ(result->onlyFirst, 1);
    EXPECT_EQ(result->onlySecond, 0);
    ASSERT_TRUE(result->kappa);
    EXPECT_NEAR(*result->kappa, 0.4, 1e-12);
    ASSERT_EQ(result->disagreements.size(), 3u);
    EXPECT_EQ(result->disagreements[0].target, cell(1, 0));
    EXPECT_EQ(result->disagreements[0].first, "mitosis");
    EXPECT_EQ(result->disagreements[0].second, "interphase");
    EXPECT_EQ(store_->annotators(kDivision).value(), (std::vector<std::string>{"ada", "bob"}));
}

TEST_F(AgreementTest, OnlyLastLabelsThatStandAreCompared) {
    open();
    apply({{cell(1, 0), "mitosis"}}, "ada");
    apply({{cell(1, 0), "interphase"}}, "ada");
    apply({{cell(1, 0), "interphase"}}, "bob");
    apply({{cell(2, 0), "mitosis"}}, "bob");
    apply({{cell(2, 0), ""}}, "bob");
    apply({{cell(1, 0), "mitosis"}}, "bob");
    ASSERT_TRUE(store_->undo("bob").value());
    ASSERT_TRUE(store_->apply(kDivision, {{cell(3, 0), "mitosis"}}, "bob", "predicted"));
    const auto bob = store_->labelsBy(kDivision, "bob").value();
    ASSERT_EQ(bob.size(), 1u);
    EXPECT_EQ(bob[0].label, "interphase");
    const auto result = agreement(*store_, kDivision, "ada", "bob").value();
    EXPECT_EQ(result.observed, 1.0);
    EXPECT_FALSE(result.kappa) << "one class only: kappa is undefined";
    EXPECT_FALSE(agreement(*store_, kDivision, "ada", "cleo"));
}

}  // namespace
}  // namespace driftscope
