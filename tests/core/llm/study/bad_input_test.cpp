#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "core/base/atomic_file.h"
#include "core/io/json_access.h"
#include "core/job/run_job.h"
#include "core/llm/model/model_jobs.h"
#include "core/llm/study/study_jobs.h"
#include "tests/core/io/scratch.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

const fs::path kStories = fs::path(DRIFTSCOPE_TEST_DATA) / "llm" / "stories260K_hf";

/// Files may not grow beyond this, as on a disk that is full.
class SmallDisk {
  public:
    explicit SmallDisk(rlim_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit small{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

  private:
    rlimit before_{};
};

/// What people get wrong with jobs on language models: each mistake is told with its place and a remedy, and nothing is lost.
class BadInput : public ::testing::Test {
  protected:
    void SetUp() override {
        registerModelJobs(registry_);
        registerStudyJobs(registry_);
        std::string rows;
        for (int i = 0; i < 12; ++i) rows += json{{"prompt", fmt::format("Can Lily hit cat {}? ", i)}, {"response", "No, that is sad."}}.dump() + "\n";
        EXPECT_TRUE(writeFileAtomically(scratch_ / "align.jsonl", rows));
    }
    Result<json> run(const std::string& kind, const json& params, const std::string& name, std::stop_token stop = {}, const JobContext::Listener& listener = {}) {
        return runJob(registry_, {kind, params, scratch_ / name, "cpu", false}, stop, listener);
    }
    json align() { return {{"model", kStories.string()}, {"data", (scratch_ / "align.jsonl").string()}, {"template", "question"}, {"epochs", 4}, {"batch", 4}, {"lora.r", 4}, {"drift", false}, {"threads", 1}}; }

    io::Scratch scratch_;
    JobRegistry registry_;
};

TEST_F(BadInput, FloatSixteenOnTheProcessor) {
    const auto refused = run("llm.logits", {{"model", kStories.string()}, {"prompt", "Once"}, {"precision", "fp16"}, {"threads", 1}}, "half");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), AllOf(HasSubstr("CPU"), HasSubstr("bf16")));
}

TEST_F(BadInput, TokenizerOfAnotherModel) {
    fs::create_directories(scratch_ / "model");
    for (const char* name : {"config.json", "model.safetensors", "tokenizer_config.json"}) fs::copy_file(kStories / name, scratch_ / "model" / name);
    json tokenizer = io::readJson(kStories / "tokenizer.json").value();
    tokenizer["added_tokens"].push_back({{"id", 512}, {"content", "<|more|>"}, {"single_word", false}, {"lstrip", false}, {"rstrip", false}, {"normalized", false}, {"special", true}});
    ASSERT_TRUE(writeFileAtomically(scratch_ / "model" / "tokenizer.json", tokenizer.dump()));
    json params = align();
    params["model"] = (scratch_ / "model").string();
    const auto refused = run("llm.align", params, "mixed");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), AllOf(HasSubstr("512"), HasSubstr("tokenizer")));
}

TEST_F(BadInput, PromptLongerThanTheModelReads) {
    std::string tale;
    while (tale.size() < 4000) tale += "Lily and Tom went to the park. ";
    ASSERT_TRUE(writeFileAtomically(scratch_ / "long.jsonl", json{{"prompt", "Tom?"}, {"response", "Yes."}}.dump() + "\n" + json{{"prompt", tale}, {"response", "Yes."}}.dump() + "\n"));
    const std::string file = (scratch_ / "long.jsonl").string();
    const auto refused = run("llm.evaluate", {{"model", kStories.string()}, {"harmful", file}, {"template", "question"}, {"new_tokens", 2}, {"threads", 1}}, "long");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), AllOf(HasSubstr("long.jsonl"), HasSubstr("512"), HasSubstr("Shorten")));
    // In training it is left out with a warning that names it; alone it is an error.
    std::string warning;
    json params = align();
    params["data"] = file;
    ASSERT_TRUE(run("llm.align", params, "left-out", {}, [&](const json& event) {
        if (event.value("type", "") == "warning") warning += event.dump();
    }));
    EXPECT_THAT(warning, HasSubstr("long.jsonl line 2"));
}

TEST_F(BadInput, ExistingOutputStays) {
    ASSERT_TRUE(run("llm.align", align(), "out"));
    const std::string adapter = readFile(scratch_ / "out" / "adapter" / "adapter_model.safetensors").value();
    json other = align();
    other["seed"] = 7;
    for (const json& params : {align(), other}) {
        const auto refused = run("llm.align", params, "out");
        ASSERT_FALSE(refused);
        EXPECT_THAT(refused.error().text(), AllOf(HasSubstr("out"), HasSubstr("--overwrite")));
    }
    EXPECT_EQ(readFile(scratch_ / "out" / "adapter" / "adapter_model.safetensors").value(), adapter);
}

TEST_F(BadInput, FullDiskLosesNothing) {
    std::stop_source stop;
    ASSERT_FALSE(run("llm.align", align(), "full", stop.get_token(), [&](const json& event) {
        if (event.value("name", "") == "loss" && event.value("step", 0.0) >= 2) stop.request_stop();
    }));
    const std::string checkpoint = readFile(scratch_ / "full" / "checkpoint" / "last.safetensors").value();
    {
        const SmallDisk disk(48 * 1024);
        const auto refused = run("llm.align", align(), "full");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::Io) << refused.error().text();
        EXPECT_THAT(refused.error().text(), HasSubstr("last.safetensors"));
        EXPECT_FALSE(refused.error().remedy.empty());
    }
    EXPECT_EQ(readFile(scratch_ / "full" / "checkpoint" / "last.safetensors").value(), checkpoint) << "the checkpoint from before is whole";
    for (const auto& entry : fs::directory_iterator(scratch_ / "full" / "checkpoint")) EXPECT_EQ(entry.path().filename(), "last.safetensors") << "no half file stays";
    const auto resumed = run("llm.align", align(), "full"), whole = run("llm.align", align(), "whole");
    ASSERT_TRUE(resumed) << resumed.error().text();
    ASSERT_TRUE(whole);
    EXPECT_EQ(readFile(scratch_ / "full" / "adapter" / "adapter_model.safetensors").value(), readFile(scratch_ / "whole" / "adapter" / "adapter_model.safetensors").value());
}

}  // namespace
}  // namespace driftscope::llm
