#include "core/cells/analysis/mmd.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/fingerprint.h"
#include "tests/core/analysis/table_files.h"

namespace driftscope::cells {
namespace {

double normal(std::uint64_t seed, std::uint64_t index) {
    return std::sqrt(-2 * std::log(1 - randomUnit(seed, 1, index))) * std::cos(2 * M_PI * randomUnit(seed, 2, index));
}

Matrix shifted(std::size_t rows, std::size_t firstShifted, double shift, std::uint64_t seed) {
    Matrix out(rows, 4);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t c = 0; c < 4; ++c) out(i, c) = static_cast<float>(normal(seed, 4 * i + c) + (i >= firstShifted && c == 0 ? shift : 0));
    return out;
}

std::vector<std::uint32_t> range(std::uint32_t begin, std::uint32_t end) {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = begin; i < end; ++i) out.push_back(i);
    return out;
}

TEST(Mmd, EqualsTheUnbiasedSum) {
    const Matrix rows = shifted(70, 30, 1.5, 4);
    const auto a = range(0, 30), b = range(30, 70);
    MmdOptions options;
    options.permutations = 0;
    const Mmd found = mmd(rows, a, b, options).value();
    const auto squared = [&](std::uint32_t i, std::uint32_t j) {
        double sum = 0;
        for (std::size_t c = 0; c < 4; ++c) sum += std::pow(static_cast<double>(rows(i, c)) - rows(j, c), 2);
        return sum;
    };
    std::vector<double> all;
    for (std::uint32_t i = 0; i < 70; ++i)
        for (std::uint32_t j = i + 1; j < 70; ++j) all.push_back(squared(i, j));
    std::ranges::sort(all);
    const double bandwidth = all.size() % 2 ? all[all.size() / 2] : (all[all.size() / 2] + all[all.size() / 2 - 1]) / 2;
    EXPECT_NEAR(found.bandwidth, bandwidth, 1e-9);
    const auto mean = [&](const auto& x, const auto& y) {
        double sum = 0, count = 0;
        for (const std::uint32_t i : x)
            for (const std::uint32_t j : y)
                if (i != j) {
                    sum += std::exp(-squared(i, j) / (2 * bandwidth));
                    count += 1;
                }
        return sum / count;
    };
    EXPECT_NEAR(found.squared, mean(a, a) + mean(b, b) - 2 * mean(a, b), 1e-6);
    EXPECT_NEAR(found.effect, found.squared / bandwidth, 1e-12);
}

TEST(Mmd, PIsSmallForAShiftAndUniformWithout) {
    MmdOptions options;
    options.permutations = 199;
    const Matrix apart = shifted(120, 60, 1.8, 9);
    const Mmd found = mmd(apart, range(0, 60), range(60, 120), options).value();
    EXPECT_NEAR(found.p, 1.0 / 200, 1e-12);
    EXPECT_GT(found.z, 5);
    EXPECT_EQ(mmd(apart, range(0, 60), range(60, 120), options).value().z, found.z);  // same seed
    std::size_t below = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const Matrix same = shifted(60, 60, 0, 200 + seed);
        options.permutations = 99;
        options.seed = seed;
        below += mmd(same, range(0, 30), range(30, 60), options).value().p <= 0.1;
    }
    EXPECT_GE(below, 3u);  // 10 expected
    EXPECT_LE(below, 20u);
}

TEST(Mmd, SaysWhatIsWrong) {
    const Matrix rows = shifted(40, 40, 0, 1);
    EXPECT_FALSE(mmd(rows, range(0, 5), range(5, 40), {}));
    EXPECT_FALSE(mmd(Matrix(60, 2), range(0, 30), range(30, 60), {}));
}

TEST(Mmd, JobComparesEveryPairAndTheReference) {
    const io::Scratch scratch;
    const Matrix rows = shifted(90, 60, 2, 3);
    EmbeddingTable table = test::tableOf(9, 10, 4, [&](std::size_t i, std::size_t k, std::span<float> out) { std::ranges::copy(rows.row(i * 10 + k), out.begin()); });
    std::vector<std::string> groups;
    for (std::size_t row = 0; row < 90; ++row) groups.push_back(row < 30 ? "a" : row < 60 ? "b" : "c");
    ASSERT_TRUE(table.setColumn("condition", Categorical::fromTexts(groups)));
    ASSERT_TRUE(io::writeH5ad(scratch / "table.h5ad", table));
    const std::string file = (scratch / "table.h5ad").string();
    const auto all = test::runKind("cells.mmd", {{"table", file}, {"group", "condition"}, {"permutations", 199}}, scratch / "all");
    ASSERT_TRUE(all) << all.error().text();
    ASSERT_EQ((*all)["comparisons"].size(), 3u);
    EXPECT_GT((*all)["comparisons"][0]["q"].get<double>(), 0.05);  // a and b are alike
    EXPECT_LT((*all)["comparisons"][1]["q"].get<double>(), 0.05);
    const auto toA = test::runKind("cells.mmd", {{"table", file}, {"group", "condition"}, {"reference", "a"}, {"permutations", 99}}, scratch / "a");
    ASSERT_TRUE(toA);
    EXPECT_EQ((*toA)["comparisons"].size(), 2u);
    EXPECT_EQ(io::readCsv(scratch / "a" / "mmd.csv").value().rows.size(), 2u);
    EXPECT_FALSE(test::runKind("cells.mmd", {{"table", file}, {"group", "condition"}, {"reference", "z"}}, scratch / "z"));
}

}  // namespace
}  // namespace driftscope::cells
