#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <random>
#include <string>
#include <thread>

#include "tests/core/label/store_fixture.h"

extern char** environ;

namespace driftscope {
namespace {

using KillTest = StoreFixture;

/// Everything the program printed, as complete lines; kills it after `life`.
std::vector<long> confirmedBeforeKill(const std::string& file, long first, std::chrono::microseconds life) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    std::string program = LABEL_WRITER, name = file, number = std::to_string(first);
    char* arguments[] = {program.data(), name.data(), number.data(), nullptr};
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::thread killer([&] {
        std::this_thread::sleep_for(life);
        ::kill(child, SIGKILL);
    });
    std::string text;
    char buffer[4096];
    for (ssize_t size; (size = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(size));
    ::close(ends[0]);
    killer.join();
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself with " << WEXITSTATUS(status);

    std::vector<long> confirmed;
    for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
        confirmed.push_back(std::stol(text.substr(begin, end - begin)));
    return confirmed;
}

TEST_F(KillTest, FiftyKillsLoseNoConfirmedLabel) {
    open();
    close();
    std::mt19937 random(7);
    std::uniform_int_distribution<int> microseconds(2000, 220000);
    std::vector<long> all;
    for (int kill = 0; kill < 50; ++kill) {
        const long first = all.empty() ? 0 : all.back() + 2;  // the unconfirmed one may be there or not
        const auto confirmed =
            confirmedBeforeKill(file_.string(), first, std::chrono::microseconds(microseconds(random)));
        all.insert(all.end(), confirmed.begin(), confirmed.end());
        open();
        ASSERT_EQ(store_->label(kDivision, cell(-1, -1)).value(), "");
        std::map<LabelTarget, std::string> stored;
        const auto labels = store_->labels(kDivision).value();
        for (const Label& label : labels) stored[label.target] = label.label;
        for (const long i : all)
            ASSERT_EQ(stored[cell(static_cast<int>(i), static_cast<int>(i))], i % 3 ? "interphase" : "mitosis")
                << "label " << i << " was confirmed before kill " << kill;
        close();
    }
    fmt::print("{} labels confirmed over 50 kills, all found\n", all.size());
    EXPECT_GT(all.size(), 100u) << "the writer was killed before it could work";
}

}  // namespace
}  // namespace driftscope
