#include "core/base/thread_team.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <stdexcept>

namespace driftscope {
namespace {

TEST(ThreadTeam, DoesEveryTaskOnceWhateverItsSize) {
    for (const unsigned threads : {1U, 2U, 5U}) {
        ThreadTeam team(threads);
        EXPECT_EQ(team.size(), threads);
        for (const std::size_t tasks : {0U, 1U, 2U, 1000U}) {
            std::vector<std::atomic<int>> done(tasks);
            team.run(tasks, [&](std::size_t i) { ++done[i]; });
            for (const auto& count : done) EXPECT_EQ(count, 1);
        }
    }
}

TEST(ThreadTeam, HelpersTakePart) {
    ThreadTeam team(2);
    std::mutex mutex;
    std::set<std::thread::id> seen;
    // Two tasks that wait for each other end only when two threads work.
    std::atomic<int> met{0};
    team.run(2, [&](std::size_t) {
        ++met;
        while (met < 2) std::this_thread::yield();
        const std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
    });
    EXPECT_EQ(seen.size(), 2U);
}

TEST(ThreadTeam, ListsInsideTasksAndOfOtherThreadsAreDoneToo) {
    ThreadTeam team(2);
    std::atomic<int> inner{0}, alone{0};
    team.run(4, [&](std::size_t) { team.run(10, [&](std::size_t) { ++inner; }); });
    EXPECT_EQ(inner, 40);
    team.run(1, [&](std::size_t) { team.run(10, [&](std::size_t) { ++alone; }); });
    EXPECT_EQ(alone, 10);
    std::atomic<int> all{0};
    {
        std::vector<std::jthread> users;
        for (int i = 0; i < 3; ++i)
            users.emplace_back([&] {
                for (int round = 0; round < 200; ++round) team.run(7, [&](std::size_t) { ++all; });
            });
    }
    EXPECT_EQ(all, 3 * 200 * 7);
}

TEST(ThreadTeam, ThrowsAgainAndStaysUsable) {
    ThreadTeam team(2);
    EXPECT_THROW(team.run(100, [](std::size_t i) { if (i == 40) throw std::runtime_error("forty"); }), std::runtime_error);
    std::atomic<int> done{0};
    team.run(100, [&](std::size_t) { ++done; });
    EXPECT_EQ(done, 100);
}

TEST(ThreadTeam, RangesCoverEverythingOnce) {
    ThreadTeam team(2);
    for (const std::size_t count : {0U, 1U, 99U, 100U, 101U, 1234U}) {
        std::vector<int> hits(count, 0);
        team.runRanges(count, 100, [&](std::size_t begin, std::size_t end) {
            EXPECT_LE(end - begin, 100U);
            for (std::size_t i = begin; i < end; ++i) ++hits[i];
        });
        EXPECT_EQ(std::accumulate(hits.begin(), hits.end(), 0), static_cast<int>(count));
    }
}

}  // namespace
}  // namespace driftscope
