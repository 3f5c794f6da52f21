// driftscope-test-run: the command line of driftscope-run with kinds made for testing whoever starts jobs.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "app/cli/run_main.h"
#include "core/base/atomic_file.h"
#include "core/job/job_context.h"

namespace {

using namespace driftscope;
using nlohmann::json;

/// Counts to `to` with a pause per number, saving each number; goes on from there when resumed.
Result<json> count(JobContext& job) {
    DS_TRY(makeFolder(job.checkpoint()));
    std::int64_t value = 0;
    if (job.resuming()) {
        DS_ASSIGN(const std::string saved, readFile(job.checkpoint() / "value"));
        value = std::stoll(saved);
    }
    const std::int64_t first = value, to = job.params().integer("to");
    const bool stubborn = job.params().flag("stubborn");
    job.log(fmt::format("Counting from {} to {}.", first, to));
    while (value < to) {
        job.progress(static_cast<double>(value), static_cast<double>(to), "number");
        if (job.cancelled() && !stubborn) return JobContext::cancel();
        std::this_thread::sleep_for(std::chrono::milliseconds(job.params().integer("pause")));
        ++value;
        job.metric("loss", static_cast<double>(value), 1.0 / static_cast<double>(value));
        DS_TRY(writeFileAtomically(job.checkpoint() / "value", std::to_string(value)));
    }
    job.progress(static_cast<double>(to), static_cast<double>(to), "number");
    DS_TRY(writeFileAtomically(job.out("count.txt"), std::to_string(value)));
    return json{{"first", first}, {"last", value}};
}

Result<json> readCount(JobContext& job) {
    DS_ASSIGN(const std::string text, readFile(job.params().text("input")));
    return json{{"value", std::stoll(text)}};
}

Result<json> failOnPurpose(JobContext& job) {
    job.log("About to fail.");
    return fail(ErrorCode::BadInput, "Row 7 of movie.csv has no column 't'.", "Add the column and resume.");
}

Result<json> crash(JobContext& job) {
    job.log("About to crash.");
    std::fputs("last words of the crashing job\n", stderr);
    ::kill(::getpid(), SIGSEGV);
    std::this_thread::sleep_for(std::chrono::seconds(5));
    return json::object();
}

JobRegistry testKinds() {
    JobRegistry registry;
    registry.add({"test.count", "Count", "Counts and saves each number.",
                  {{.name = "to", .type = ParamType::Int, .fallback = 5, .help = "Last number.", .minimum = 1, .maximum = 100000},
                   {.name = "pause", .type = ParamType::Int, .fallback = 1, .help = "Pause after each number.", .unit = "ms", .minimum = 0},
                   {.name = "stubborn", .type = ParamType::Bool, .fallback = false, .help = "Ignore requests to stop.", .advanced = true}},
                  count});
    registry.add({"test.read", "Read a count", "Reads what test.count wrote.", {{.name = "input", .type = ParamType::Path, .help = "count.txt of a run."}}, readCount});
    registry.add({"test.fail", "Fail", "Fails with a message and a remedy.", {}, failOnPurpose});
    registry.add({"test.crash", "Crash", "Ends by a signal.", {}, crash});
    return registry;
}

}  // namespace

int main(int argc, char** argv) {
    return runMain(testKinds(), argc, argv);
}
