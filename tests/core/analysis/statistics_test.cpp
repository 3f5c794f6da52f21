#include "core/cells/analysis/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftscope::cells {
namespace {

// Numbers in this file are those of SciPy 1.10.
TEST(Statistics, MannWhitneyEqualsScipy) {
    const std::vector<double> a{1.1, 2.2, 2.2, 3.7, 5.0}, b{0.5, 2.2, 2.9, 0.1};
    const MannWhitney test = mannWhitney(a, b);
    EXPECT_DOUBLE_EQ(test.u, 15);
    EXPECT_NEAR(test.p, 0.2622393495020251, 1e-12);
    EXPECT_DOUBLE_EQ(test.auroc, 0.75);
    EXPECT_NEAR(mannWhitney(b, a).p, test.p, 1e-15);
    EXPECT_DOUBLE_EQ(mannWhitney({}, b).p, 1);
    EXPECT_DOUBLE_EQ(mannWhitney(std::vector<double>{1, 1}, std::vector<double>{1, 1, 1}).p, 1);
}

TEST(Statistics, FisherEqualsScipy) {
    EXPECT_NEAR(fisherExact(8, 2, 1, 5), 0.034965034965034975, 1e-12);
    EXPECT_NEAR(fisherExact(3, 3, 3, 3), 1, 1e-12);
    EXPECT_NEAR(fisherExact(0, 7, 4, 2), 0.02097902097902098, 1e-12);
    EXPECT_NEAR(fisherExact(120, 80, 90, 110), 0.0036351855558814402, 1e-10);
    EXPECT_NEAR(fisherExact(0, 0, 3, 4), 1, 1e-12);
}

TEST(Statistics, CorrelationsEqualScipy) {
    const std::vector<double> x{1, 2, 3, 4, 5, 6.5, 7}, y{2, 1, 4, 3, 7, 7, 5};
    EXPECT_NEAR(spearman(x, y), 0.8108437164260032, 1e-12);
    EXPECT_NEAR(correlationP(spearman(x, y), 7), 0.02691632884316199, 1e-10);
    EXPECT_NEAR(pearson(x, y), 0.8070508484926003, 1e-12);
    EXPECT_NEAR(correlationP(pearson(x, y), 7), 0.028224568441125104, 1e-10);
    EXPECT_TRUE(std::isnan(pearson(x, std::vector<double>(7, 1.0))));
    EXPECT_EQ(ranks(std::vector<double>{5, 1, 5}), (std::vector<double>{2.5, 1, 2.5}));
}

TEST(Statistics, FalseDiscoveryRateIsThatOfItsDefinition) {
    const std::vector<double> p{0.01, 0.04, 0.03, 0.2}, q = benjaminiHochberg(p);
    EXPECT_NEAR(q[0], 0.04, 1e-15);
    EXPECT_NEAR(q[1], 0.16 / 3, 1e-15);  // 0.04 * 4 / 3, and the 0.06 of the one before may not be larger
    EXPECT_NEAR(q[2], 0.16 / 3, 1e-15);
    EXPECT_NEAR(q[3], 0.2, 1e-15);
    EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 0.25), 1.75);
}

}  // namespace
}  // namespace driftscope::cells
