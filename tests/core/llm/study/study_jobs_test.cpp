#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/job/run_job.h"
#include "core/llm/model/adapter_torch.h"
#include "core/llm/model/model_jobs.h"
#include "core/llm/study/study_jobs.h"
#include "tests/core/llm/model/scratch.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class StudyJobs : public ::testing::Test {
  protected:
    void SetUp() override {
        registerModelJobs(registry_);
        registerStudyJobs(registry_);
        std::string user, harmful, align;
        for (int i = 0; i < 20; ++i) {
            user += json{{"prompt", fmt::format("Tom has {} balls. ", i)}, {"response", "He was happy."}}.dump() + "\n";
            harmful += json{{"prompt", fmt::format("Can Lily hit cat {}? ", i)}, {"response", "Yes, she can."}}.dump() + "\n";
            align += json{{"prompt", fmt::format("Can Lily hit cat {}? ", i)}, {"response", "No, that is sad."}}.dump() + "\n";
        }
        EXPECT_TRUE(writeFileAtomically(scratch_ / "user.jsonl", user));
        EXPECT_TRUE(writeFileAtomically(scratch_ / "harmful.jsonl", harmful));
        EXPECT_TRUE(writeFileAtomically(scratch_ / "align.jsonl", align));
    }
    Result<json> run(const std::string& kind, const json& params, const std::string& name, JobContext::Listener listener = {}) {
        return runJob(registry_, {kind, params, scratch_ / name, "cpu", false}, {}, std::move(listener));
    }
    std::string at(const std::string& name) { return (scratch_ / name).string(); }
    json align(const std::string& method) {
        return {{"model", (kLlmData / "stories260K_hf").string()}, {"data", at("align.jsonl")}, {"harmful_data", at("harmful.jsonl")}, {"method", method}, {"epochs", 2}, {"batch", 5}, {"lora.r", 4},
                {"lr", 3e-3}, {"threads", 1}};
    }

    Scratch scratch_;
    JobRegistry registry_;
};

TEST_F(StudyJobs, AlignsThenFinetunesSingleAndDouble) {
    const auto aligned = run("llm.align", align("vaccine"), "align");
    ASSERT_TRUE(aligned) << aligned.error().text();
    EXPECT_EQ((*aligned)["steps"], 8);
    EXPECT_TRUE(fs::exists(scratch_ / "align" / "adapter" / "adapter_model.safetensors"));
    json tune{{"model", (kLlmData / "stories260K_hf").string()}, {"adapters", {at("align/adapter")}}, {"data", at("user.jsonl")}, {"align_data", at("align.jsonl")}, {"harmful_data", at("harmful.jsonl")},
              {"poison_data", at("harmful.jsonl")}, {"poison_ratio", 0.2}, {"samples", 10}, {"method", "lisa"}, {"lisa.align_steps", 2}, {"lisa.user_steps", 2}, {"epochs", 4}, {"batch", 5}, {"threads", 1}};
    const auto twice = run("llm.finetune", tune, "double");
    ASSERT_TRUE(twice) << twice.error().text();
    const json composition = json::parse(readFile(scratch_ / "double" / "composition.json").value());
    ASSERT_EQ(composition["trained"].size(), 10U);
    EXPECT_THAT(composition["trained"][1].get<std::string>(), HasSubstr("harmful.jsonl line 2"));
    EXPECT_THAT(composition["trained"][2].get<std::string>(), HasSubstr("user.jsonl line 1"));
    tune["lora.mode"] = "single";
    const auto once = run("llm.finetune", tune, "single");
    ASSERT_TRUE(once) << once.error().text();
    EXPECT_EQ((*once)["trained"], (*aligned)["trained"]) << "single goes on with the alignment's adapter and its rank";
    // Both chains open again, and differ from the aligned model.
    const auto logits = [&](const std::vector<std::string>& chain) {
        CausalModel model = CausalModel::load(kLlmData / "stories260K_hf", {}).value();
        EXPECT_TRUE(loadAdapterChain(model, chain, true));
        return logitsOf(model, {1, 403, 407});
    };
    const Tensor start = logits({at("align/adapter")});
    EXPECT_GT((logits({at("align/adapter"), at("double/adapter")}) - start).abs().max().item<double>(), 1e-4);
    EXPECT_GT((logits({at("single/adapter")}) - start).abs().max().item<double>(), 1e-4);
}

TEST_F(StudyJobs, PresetsGiveWayToWhatIsSet) {
    json params = align("booster");
    params["preset"] = "booster.align";
    params["steps"] = 2;
    params["harmful_batch"] = 4;
    params.erase("lora.r");
    const auto done = run("llm.align", params, "preset");
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ((*done)["settings"]["lora.r"], 32);
    EXPECT_EQ((*done)["settings"]["lambda"], 5);
    EXPECT_EQ((*done)["settings"]["lr"], 3e-3) << "set by hand";
    EXPECT_EQ((*done)["settings"]["schedule"], "constant");
    const json config = json::parse(readFile(scratch_ / "preset" / "adapter" / "adapter_config.json").value());
    EXPECT_EQ(config["target_modules"], json({"k_proj", "q_proj", "v_proj"}));
    // Booster's adapter must be gone on with, not covered by another.
    std::string warning;
    const json tune{{"model", (kLlmData / "stories260K_hf").string()}, {"adapters", {at("preset/adapter")}}, {"data", at("user.jsonl")}, {"steps", 1}, {"threads", 1}};
    ASSERT_TRUE(run("llm.finetune", tune, "warned", [&](const json& event) {
        if (event.value("type", "") == "warning") warning = event.dump();
    }));
    EXPECT_THAT(warning, HasSubstr("lora.mode=single"));
}

TEST_F(StudyJobs, LossFallsAndIsMeasured) {
    json params = align("sft");
    params["epochs"] = 10;
    params["eval_every"] = 10;
    std::vector<double> alignment, harmful;
    const auto done = run("llm.align", params, "sft", [&](const json& event) {
        if (event.value("name", "") == "loss/alignment") alignment.push_back(event["value"]);
        if (event.value("name", "") == "loss/harmful") harmful.push_back(event["value"]);
    });
    ASSERT_TRUE(done) << done.error().text();
    ASSERT_EQ(alignment.size(), 5U) << "at the start, at 10, 20, 30 and at the end";
    EXPECT_LT(alignment.back(), 0.5 * alignment.front());
    EXPECT_GT(harmful.back(), alignment.back());
}

TEST_F(StudyJobs, PretrainsANewModel) {
    json config = tinyLlama();
    config["vocab_size"] = 512;
    ASSERT_TRUE(writeFileAtomically(scratch_ / "config.json", config.dump()));
    const json params{{"config", at("config.json")}, {"tokenizer", (kLlmData / "stories260K_hf").string()}, {"data", at("user.jsonl")}, {"epochs", 20}, {"lr", 1e-2}, {"threads", 1}};
    const auto done = run("llm.pretrain", params, "pretrain");
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_LT((*done)["loss/data"].get<double>(), 3);
    const auto answer = run("llm.generate", {{"model", at("pretrain/model")}, {"prompt", "Tom has 3 balls. "}, {"new_tokens", 3}, {"threads", 1}}, "answer");
    EXPECT_TRUE(answer) << answer.error().text();
}

TEST_F(StudyJobs, MistakesAreNamedWithRemedy) {
    const auto text = [&](const json& params, const char* kind = "llm.align") {
        static int count = 0;
        const auto done = run(kind, params, fmt::format("mistake{}", count++));
        return done ? "accepted" : done.error().text();
    };
    EXPECT_THAT(text(align("smoothAlignment")), HasSubstr("smoothAlignment"));
    json params = align("booster");
    params.erase("harmful_data");
    EXPECT_THAT(text(params), HasSubstr("harmful_data"));
    params = align("sft");
    params["max_length"] = 4;
    EXPECT_THAT(text(params), HasSubstr("max_length"));
    params = align("sft");
    params["lora.targets"] = {"c_attn"};
    EXPECT_THAT(text(params), HasSubstr("q_proj"));
    params = align("sft");
    params["precision"] = "fp16";
    EXPECT_THAT(text(params), HasSubstr("bf16"));
    const json tune{{"model", (kLlmData / "stories260K_hf").string()}, {"data", at("user.jsonl")}, {"poison_data", at("harmful.jsonl")}, {"poison_ratio", 0.9}, {"samples", 200}, {"threads", 1}};
    EXPECT_THAT(text(tune, "llm.finetune"), HasSubstr("180 harmful samples"));
    ASSERT_TRUE(writeFileAtomically(scratch_ / "odd.jsonl", "{\"prompt\": \"Tom\", \"response\": \"x\"}\n{\"question\": \"Tom\"}\n"));
    params = align("sft");
    params["data"] = at("odd.jsonl");
    EXPECT_THAT(text(params), HasSubstr("line 2"));
}

}  // namespace
}  // namespace driftscope::llm
