#include "core/cells/lineage.h"

#include <gmock/gmock.h>

namespace driftscope::cells {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Track 1 divides into 2 and 3, 3 divides into 4 and 5; 9 stands alone and names a mother that is not there.
std::vector<Detection> family() {
    return {{5, 7, 0, 0, 0, 8, 3, 6},   {4, 7, 0, 0, 0, 7, 3, 6},  {3, 5, 0, 0, 0, 5, 1, 2},
            {3, 6, 0, 0, 0, 6, 1, 5},   {2, 5, 0, 0, 0, 4, 1, 2},  {1, 4, 0, 0, 0, 2, -1, 1},
            {1, 3, 0, 0, 0, 1, -1, -1}, {9, 0, 0, 0, 0, 9, 77, -1}};
}

TEST(Lineage, RootsDaughtersAndGenerations) {
    const auto lineages = Lineages::make(family());
    ASSERT_TRUE(lineages) << lineages.error().text();
    EXPECT_EQ(lineages->root(5), 1);
    EXPECT_EQ(lineages->root(9), 9);
    EXPECT_EQ(lineages->root(12345), 12345);
    EXPECT_EQ(lineages->find(5)->generation, 2);
    EXPECT_THAT(lineages->find(1)->daughters, ElementsAre(2, 3));
    EXPECT_THAT(lineages->find(2)->daughters, IsEmpty());
    EXPECT_EQ(lineages->divisions(), 2u);
    EXPECT_THAT(lineages->members(1), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_THAT(lineages->members(3), ElementsAre(3, 4, 5));
    EXPECT_THAT(lineages->members(6), IsEmpty());
    EXPECT_THAT(lineages->unknownParents(), ElementsAre(77));
}

TEST(Lineage, RowsFollowTime) {
    const auto lineages = Lineages::make(family()).value();
    EXPECT_THAT(lineages.find(1)->rows, ElementsAre(6, 5));
    EXPECT_EQ(lineages.find(1)->firstFrame, 3);
    EXPECT_EQ(lineages.find(1)->lastFrame, 4);
}

TEST(Lineage, CyclesAreRefused) {
    const std::vector<Detection> circle = {{1, 0, 0, 0, 0, 1, 2, -1}, {2, 1, 0, 0, 0, 2, 1, -1}};
    const auto lineages = Lineages::make(circle);
    ASSERT_FALSE(lineages);
    EXPECT_EQ(lineages.error().code, ErrorCode::BadInput);
    EXPECT_THAT(lineages.error().message, testing::HasSubstr("1 <- 2 <- 1"));
}

TEST(Lineage, LongChainsNeedNoDeepStack) {
    std::vector<Detection> chain;
    // The youngest has the smallest number: every ancestor is unresolved when its descendant is met.
    for (std::int64_t i = 1; i <= 200000; ++i)
        chain.push_back({i, 200000 - i, 0, 0, 0, i, i < 200000 ? i + 1 : -1, -1});
    EXPECT_EQ(Lineages::make(chain)->root(1), 200000);
}

}  // namespace
}  // namespace driftscope::cells
