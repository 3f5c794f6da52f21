#include "core/job/run_job.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/atomic_file.h"

namespace driftscope {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Counts to `to`, saving after each number; stops where a checkpoint says and goes on from there.
Result<json> count(JobContext& job) {
    fs::create_directories(job.checkpoint());
    std::int64_t value = 0;
    if (job.resuming()) value = std::stoll(readFile(job.checkpoint() / "value").value());
    const std::int64_t first = value;
    while (value < job.params().integer("to")) {
        job.progress(static_cast<double>(value), static_cast<double>(job.params().integer("to")), "number");
        if (job.cancelled() && value > first) return JobContext::cancel();
        ++value;
        job.metric("value", static_cast<double>(value), static_cast<double>(value));
        DS_TRY(writeFileAtomically(job.checkpoint() / "value", std::to_string(value)));
    }
    return json{{"first", first}, {"last", value}};
}

class RunJob : public ::testing::Test {
  protected:
    void SetUp() override {
        registry_.add({"test.count", "Count", "Counts.", {{.name = "to", .type = ParamType::Int, .fallback = 5, .help = "Last number."}}, count});
        registry_.add({"test.throw", "Throw", "Throws.", {}, [](JobContext&) -> Result<json> { throw std::runtime_error("boom"); }});
    }
    void TearDown() override { fs::remove_all(folder_); }

    Result<json> run(const json& params, std::stop_token stop = {}) { return runJob(registry_, {"test.count", params, folder_, "cpu", false}, stop); }

    JobRegistry registry_;
    fs::path folder_ = fs::temp_directory_path() / fmt::format("driftscope-job-{}", ::getpid());
};

TEST_F(RunJob, LeavesACompleteRunFolder) {
    ASSERT_EQ(run({{"to", 3}}).value()["last"], 3);
    const RunSummary summary = readRun(folder_).value();
    EXPECT_EQ(summary.state, RunState::Done);
    EXPECT_EQ(summary.job["params"]["to"], 3);
    EXPECT_EQ(summary.status["result"]["last"], 3);
    EXPECT_NE(readFile(folder_ / "events.jsonl").value().find("\"type\":\"metric\""), std::string::npos);
}

TEST_F(RunJob, CancelledRunResumesWhereItStopped) {
    std::stop_source stop;
    stop.request_stop();
    const auto first = run({{"to", 4}}, stop.get_token());
    ASSERT_EQ(first.error().code, ErrorCode::Cancelled);
    EXPECT_EQ(readRun(folder_)->state, RunState::Cancelled);
    const json second = run({{"to", 4}}).value();
    EXPECT_GT(second["first"].get<int>(), 0);
    EXPECT_EQ(second["last"], 4);
}

TEST_F(RunJob, FinishedRunIsNotOverwritten) {
    ASSERT_TRUE(run({{"to", 2}}));
    const auto again = run({{"to", 2}});
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().remedy.find("--overwrite"), std::string::npos);
    EXPECT_EQ(readRun(folder_)->state, RunState::Done);
    EXPECT_TRUE(runJob(registry_, {"test.count", {{"to", 2}}, folder_, "cpu", true}, {}));
}

TEST_F(RunJob, ForeignFilesAreLeftAlone) {
    fs::create_directories(folder_);
    ASSERT_TRUE(writeFileAtomically(folder_ / "thesis.txt", "precious"));
    ASSERT_FALSE(run(json::object()));
    ASSERT_FALSE(runJob(registry_, {"test.count", json::object(), folder_, "cpu", true}, {}));
    EXPECT_EQ(readFile(folder_ / "thesis.txt").value(), "precious");
}

TEST_F(RunJob, ExceptionsBecomeErrors) {
    const auto result = runJob(registry_, {"test.throw", json::object(), folder_, "cpu", false}, {});
    EXPECT_EQ(result.error().code, ErrorCode::Internal);
    EXPECT_EQ(readRun(folder_)->status["error"]["code"], "internal");
}

TEST_F(RunJob, KilledRunIsReportedAsFailed) {
    ASSERT_TRUE(run({{"to", 2}}));
    json status = json::parse(readFile(folder_ / "status.json").value());
    status["state"] = "running";
    status["pid"] = 99999999;
    ASSERT_TRUE(writeFileAtomically(folder_ / "status.json", status.dump()));
    EXPECT_EQ(readRun(folder_)->state, RunState::Failed);
}

TEST_F(RunJob, UnknownKindSuggestsTheNearest) {
    EXPECT_NE(runJob(registry_, {"test.coumt", json::object(), folder_, "cpu", false}, {}).error().remedy.find("test.count"), std::string::npos);
}

}  // namespace
}  // namespace driftscope
