#include "core/cells/state_rules.h"

#include <gtest/gtest.h>

namespace driftscope::cells {
namespace {

LabelSchema schema(const std::string& name) {
    for (const LabelSchema& one : referenceSchemas())
        if (one.name == name) return one;
    throw std::runtime_error(name);
}

TEST(StateRules, NobodyIsAliveAfterDead) {
    const LabelSchema death = schema("cell_death_state");
    ASSERT_EQ(death.classes[1].name, "dead");
    EXPECT_FALSE(contradiction(death, std::vector<int>{0, -1, 0, 1, -1, 1}));
    const auto found = contradiction(death, std::vector<int>{0, -1, 1, -1, 0, 0});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->event, 2u);
    EXPECT_EQ(found->default_, 4u);
    EXPECT_TRUE(contradiction(schema("infection_state"), std::vector<int>{1, 0}));
}

TEST(StateRules, DivisionComesAndGoes) {
    EXPECT_FALSE(contradiction(schema("cell_division_state"), std::vector<int>{1, 0, 1, 0}));
    LabelSchema three = schema("cell_death_state");
    three.classes.push_back({"lost", "#000000", "9", {}});
    EXPECT_FALSE(contradiction(three, std::vector<int>{1, 0}));
    EXPECT_FALSE(contradiction(three, {}));
}

TEST(StateRules, OnlyGapsBetweenEqualLabelsAreFilled) {
    const auto filled = fillBetween(std::vector<int>{-1, 0, -1, -1, 0, -1, 1, -1, 1, -1});
    EXPECT_EQ(filled, (std::vector<std::pair<std::size_t, int>>{{2, 0}, {3, 0}, {7, 1}}));
    EXPECT_TRUE(fillBetween({}).empty());
}

}  // namespace
}  // namespace driftscope::cells
