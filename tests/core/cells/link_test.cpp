#include "core/cells/link.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <random>

#include "core/cells/assignment.h"
#include "core/cells/lineage.h"

namespace driftscope::cells {
namespace {

/// The least total cost over all partial matchings, by trying every one. Staying alone costs cutoff per row.
double bruteForce(std::size_t rows, std::size_t columns, const std::vector<std::vector<double>>& cost, double cutoff, std::size_t row,
                  std::vector<bool>& taken) {
    if (row == rows) return 0;
    double best = cutoff + bruteForce(rows, columns, cost, cutoff, row + 1, taken);
    for (std::size_t c = 0; c < columns; ++c) {
        if (taken[c] || cost[row][c] >= cutoff) continue;
        taken[c] = true;
        best = std::min(best, cost[row][c] + bruteForce(rows, columns, cost, cutoff, row + 1, taken));
        taken[c] = false;
    }
    return best;
}

TEST(Assignment, IsOptimalBesideBruteForce) {
    std::mt19937 random(11);
    std::uniform_real_distribution<double> uniform(0, 1);
    for (int repeat = 0; repeat < 300; ++repeat) {
        const std::size_t rows = random() % 6, columns = random() % 6;
        std::vector<std::vector<double>> cost(rows, std::vector<double>(columns, std::numeric_limits<double>::infinity()));
        std::vector<AssignmentEdge> edges;
        for (std::uint32_t r = 0; r < rows; ++r)
            for (std::uint32_t c = 0; c < columns; ++c)
                if (uniform(random) < 0.7) {
                    cost[r][c] = uniform(random) * 1.3;
                    edges.push_back({r, c, cost[r][c]});
                }
        const auto chosen = assign(rows, columns, edges, 1.0);
        ASSERT_EQ(chosen.size(), rows);
        double total = 0;
        std::vector<bool> used(columns, false);
        for (std::size_t r = 0; r < rows; ++r) {
            if (chosen[r] == kUnassigned) {
                total += 1;
                continue;
            }
            ASSERT_FALSE(used[chosen[r]]);
            used[chosen[r]] = true;
            total += cost[r][chosen[r]];
        }
        std::vector<bool> taken(columns, false);
        EXPECT_NEAR(total, bruteForce(rows, columns, cost, 1.0, 0, taken), 1e-12);
    }
}

TEST(Assignment, TheCheapestOfSeveralEdgesCountsAndTheCutoffLeavesAlone) {
    const std::vector<AssignmentEdge> edges = {{0, 0, 0.9}, {0, 0, 0.2}, {1, 1, 1.5}};
    EXPECT_THAT(assign(2, 2, edges, 1.0), testing::ElementsAre(0U, kUnassigned));
    EXPECT_TRUE(assign(0, 0, {}, 1.0).empty());
}

/// A movie of square cells drawn frame by frame: cell `label` with its centre and half side.
struct Square {
    std::uint32_t label;
    int y, x, half;
};

io::LabelImage frame(const std::vector<Square>& squares) {
    io::LabelImage labels(120, 80);
    for (const Square& s : squares)
        for (int y = s.y - s.half; y <= s.y + s.half; ++y)
            for (int x = s.x - s.half; x <= s.x + s.half; ++x)
                if (labels.contains(y, x)) labels.at(y, x) = s.label;
    return labels;
}

LinkResult linked(const std::vector<std::vector<Square>>& movie, const LinkSettings& settings = {}) {
    Linker linker(settings);
    for (const auto& squares : movie) EXPECT_TRUE(linker.add(frame(squares), nullptr));
    return linker.link();
}

TEST(Link, FollowsCellsWhateverTheirLabels) {
    const auto result = linked({{{5, 20, 20, 5}, {9, 20, 60, 5}}, {{1, 22, 62, 5}, {2, 21, 23, 5}}, {{7, 24, 64, 5}, {3, 22, 26, 5}}});
    EXPECT_EQ(result.tracks.detections.size(), 6U);
    EXPECT_EQ(result.trackOf[0].at(5), result.trackOf[1].at(2));
    EXPECT_EQ(result.trackOf[1].at(2), result.trackOf[2].at(3));
    EXPECT_EQ(result.trackOf[0].at(9), result.trackOf[2].at(7));
    EXPECT_NE(result.trackOf[0].at(5), result.trackOf[0].at(9));
    EXPECT_EQ(result.divisions, 0U);
    EXPECT_EQ(result.closedGaps, 0U);
}

TEST(Link, TakesTheBestWholeNotTheNearestFirst) {
    // Greedy would give the left cell its nearest neighbour and strand the right one.
    LinkSettings settings;
    settings.maxDistance = 13;
    settings.overlapWeight = 0;
    const auto result = linked({{{1, 40, 40, 3}, {2, 40, 50, 3}}, {{1, 40, 46, 3}, {2, 40, 56, 3}}}, settings);
    EXPECT_EQ(result.trackOf[0].at(1), result.trackOf[1].at(1));
    EXPECT_EQ(result.trackOf[0].at(2), result.trackOf[1].at(2));
}

TEST(Link, ClosesGapsUpToTheLimit) {
    const std::vector<std::vector<Square>> movie = {{{1, 30, 30, 5}}, {}, {}, {{1, 32, 34, 5}}};
    const auto closed = linked(movie);
    EXPECT_EQ(closed.closedGaps, 1U);
    EXPECT_EQ(closed.trackOf[0].at(1), closed.trackOf[3].at(1));
    LinkSettings strict;
    strict.gapFrames = 1;
    const auto open = linked(movie, strict);
    EXPECT_EQ(open.closedGaps, 0U);
    EXPECT_NE(open.trackOf[0].at(1), open.trackOf[3].at(1));
}

TEST(Link, ADivisionEndsTheMotherAndNamesHerInBothDaughters) {
    const auto result = linked({{{1, 40, 40, 6}}, {{1, 40, 40, 6}}, {{1, 40, 34, 4}, {2, 40, 46, 4}}, {{1, 40, 31, 4}, {2, 40, 49, 4}}});
    EXPECT_EQ(result.divisions, 1U);
    const auto lineages = Lineages::make(result.tracks.detections).value();
    const std::int64_t mother = result.trackOf[0].at(1);
    const auto* left = lineages.find(result.trackOf[2].at(1));
    const auto* right = lineages.find(result.trackOf[2].at(2));
    ASSERT_TRUE(left && right);
    EXPECT_EQ(left->parent, mother);
    EXPECT_EQ(right->parent, mother);
    EXPECT_EQ(lineages.find(mother)->lastFrame, 1);
    LinkSettings never;
    never.divisions = false;
    EXPECT_EQ(linked({{{1, 40, 40, 6}}, {{1, 40, 34, 4}, {2, 40, 46, 4}}}, never).divisions, 0U);
}

TEST(Link, AVisitorOfAnotherSizeIsNoDaughter) {
    const auto result = linked({{{1, 40, 40, 6}}, {{1, 40, 40, 6}}, {{1, 40, 40, 6}, {2, 40, 52, 2}}, {{1, 40, 40, 6}, {2, 40, 52, 2}}});
    EXPECT_EQ(result.divisions, 0U);
    EXPECT_EQ(result.trackOf[0].at(1), result.trackOf[3].at(1));
}

TEST(Link, ShortTracksAreRemovedFromTableAndMasks) {
    LinkSettings settings;
    settings.minTrackFrames = 3;
    const auto result = linked({{{1, 20, 20, 5}}, {{1, 20, 21, 5}, {2, 60, 90, 5}}, {{1, 20, 22, 5}}}, settings);
    EXPECT_EQ(result.removed, 1U);
    EXPECT_FALSE(result.trackOf[1].contains(2));
    const auto mask = relabelled(frame({{1, 20, 21, 5}, {2, 60, 90, 5}}), result.trackOf[1]);
    EXPECT_EQ(mask.at(60, 90), 0U);
    EXPECT_EQ(mask.at(20, 21), result.trackOf[1].at(1));
}

TEST(Link, FramesOfAnotherSizeAreAnError) {
    Linker linker({});
    ASSERT_TRUE(linker.add(io::LabelImage(10, 10), nullptr));
    EXPECT_FALSE(linker.add(io::LabelImage(11, 10), nullptr));
    const io::FloatImage image(9, 9);
    EXPECT_FALSE(Linker({}).add(io::LabelImage(10, 10), &image));
    EXPECT_TRUE(Linker({}).link().tracks.detections.empty());
}

}  // namespace
}  // namespace driftscope::cells
