// Time from main() to the first painted page, and of the whole process until then: startup_bench DRIFTSCOPE [RUNS]
// The budget is 400 ms on 2 cores. Needs a display; tests/support/under_xvfb.sh gives one.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

struct Timing {
    double page;   ///< ms from main() to the page, as the program says
    double whole;  ///< ms from before the program is started to its end
};

Timing measure(const std::string& command) {
    const auto start = std::chrono::steady_clock::now();
    FILE* pipe = ::popen(command.c_str(), "r");
    char line[256] = "";
    double page = -1;
    while (pipe && std::fgets(line, sizeof line, pipe))
        if (std::sscanf(line, "%lf ms to the first page", &page) == 1) break;
    if (pipe) ::pclose(pipe);
    const std::chrono::duration<double, std::milli> whole = std::chrono::steady_clock::now() - start;
    return {page, whole.count()};
}

double quantile(std::vector<double> values, double q) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1) + 0.5)];
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: startup_bench DRIFTSCOPE [RUNS]\n");
        return 2;
    }
    const int runs = argc > 2 ? std::max(1, std::atoi(argv[2])) : 9;
    const auto settings = std::filesystem::temp_directory_path() / "driftscope-startup-bench";
    const std::string command = fmt::format("'{}' --quit-after-start --settings '{}'", argv[1], settings.string());
    std::vector<double> page, whole;
    for (int run = 0; run <= runs; ++run) {
        const Timing timing = measure(command);
        if (timing.page < 0) {
            fmt::print(stderr, "startup_bench: {} did not tell its time. Is there a display?\n", argv[1]);
            return 1;
        }
        if (run == 0) continue;  // fills the disk cache
        page.push_back(timing.page);
        whole.push_back(timing.whole);
    }
    fmt::print("start page painted: median {:.0f} ms, p95 {:.0f} ms after main(); whole process: median {:.0f} ms ({} runs, budget 400 ms)\n",
               quantile(page, 0.5), quantile(page, 0.95), quantile(whole, 0.5), runs);
}
