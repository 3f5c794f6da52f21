#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/io/json_access.h"
#include "core/job/run_job.h"
#include "core/llm/model/generate_torch.h"
#include "core/llm/model/model_jobs.h"
#include "tests/core/llm/model/scratch.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

CausalModel stories(torch::ScalarType type = torch::kFloat32) {
    auto model = CausalModel::load(kLlmData / "stories260K_hf", {torch::kCPU, type});
    EXPECT_TRUE(model) << (model ? "" : model.error().text());
    return std::move(*model);
}

TEST(Stories, LogitsEqualThoseOfTheReferenceProgram) {
    const CausalModel model = stories();
    const json golden = io::readJson(kLlmData / "stories260K" / "golden_logits_run_c.json").value();
    ASSERT_EQ(golden["prompts"].size(), 7U);
    for (const json& prompt : golden["prompts"]) {
        const auto wanted = prompt["last_logits"].get<std::vector<float>>();
        const Tensor logits = logitsOf(model, prompt["ids"].get<std::vector<std::int64_t>>());
        EXPECT_LT((logits[-1] - torch::tensor(wanted)).abs().max().item<float>(), 1e-4) << prompt["ids"];
    }
}

TEST(Stories, ThreePrecisionsAgree) {
    const std::vector<std::int64_t> ids{1, 403, 407, 261, 378};
    const Tensor exact = logitsOf(stories(torch::kFloat64), ids);
    EXPECT_EQ(exact.scalar_type(), torch::kFloat64);
    EXPECT_LT((logitsOf(stories(), ids) - exact).abs().max().item<double>(), 1e-4);
    const double coarse = (logitsOf(stories(torch::kBFloat16), ids) - exact).abs().max().item<double>();
    EXPECT_LT(coarse, 0.3);
    EXPECT_GT(coarse, 1e-3) << "bf16 must really be used";
    const auto refused = CausalModel::load(kLlmData / "stories260K_hf", {torch::kCPU, torch::kFloat16});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().remedy, HasSubstr("bf16"));
}

TEST(Stories, CachedBatchedGenerationEqualsPlainOneByOne) {
    const CausalModel model = stories();
    const std::vector<std::vector<std::int64_t>> prompts{{1, 403, 407, 261, 378}, {1}, {1, 265, 278}};
    GenerateOptions options;
    options.newTokens = 20;
    const auto batched = generate(model, prompts, options);
    ASSERT_TRUE(batched) << batched.error().text();
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        std::vector<std::int64_t> ids = prompts[i], answer;
        for (int step = 0; step < 20; ++step) {
            ids.push_back(logitsOf(model, ids)[-1].argmax().item<std::int64_t>());
            answer.push_back(ids.back());
        }
        EXPECT_EQ((*batched)[i].ids, answer) << i;
        EXPECT_EQ((*batched)[i].end, "length");
    }
}

TEST(Stories, GenerationEndsWhereItShould) {
    const CausalModel model = stories();
    GenerateOptions options;
    options.newTokens = 600;
    const auto full = generate(model, {{1, 403}}, options).value();
    EXPECT_EQ(full[0].end, "positions");
    EXPECT_EQ(full[0].ids.size(), 511U) << "512 positions hold 2 tokens of prompt and 510 of the answer; the last needs none";
    options.newTokens = 50;
    options.eos = {full[0].ids[7]};
    const auto first = std::find(full[0].ids.begin(), full[0].ids.end(), full[0].ids[7]) - full[0].ids.begin();
    const auto ended = generate(model, {{1, 403}, {1, 265, 278, 300}}, options).value();
    EXPECT_EQ(ended[0].end, "eos");
    EXPECT_EQ(ended[0].ids.size(), static_cast<std::size_t>(first));
    options.eos.clear();
    options.stop = [](const std::vector<std::int64_t>& ids) { return ids.size() == 5; };
    EXPECT_EQ(generate(model, {{1, 403}}, options).value()[0].ids.size(), 5U);
}

TEST(Stories, DrawsFollowFromSeedAndPromptAlone) {
    const CausalModel model = stories();
    GenerateOptions options;
    options.newTokens = 12;
    options.temperature = 1;
    options.seed = 5;
    const auto alone = generate(model, {{1, 403}}, options).value();
    const auto together = generate(model, {{1, 403}, {1, 265, 278}}, options).value();
    EXPECT_EQ(alone[0].ids, together[0].ids);
    options.seed = 6;
    EXPECT_NE(generate(model, {{1, 403}}, options).value()[0].ids, alone[0].ids);
    options.topP = 1e-9;
    const auto likeliest = generate(model, {{1, 403}}, options).value();
    options.temperature = 0;
    EXPECT_EQ(generate(model, {{1, 403}}, options).value()[0].ids, likeliest[0].ids);
}

TEST(Generation, BadPromptsAreNamed) {
    const CausalModel model = newModel(tinyLlama());
    EXPECT_THAT(generate(model, {{1}, {}}, {}).error().message, HasSubstr("prompt 1 has no tokens"));
    EXPECT_THAT(generate(model, {{1, 40}}, {}).error().message, HasSubstr("Token 40"));
    EXPECT_THAT(generate(model, {std::vector<std::int64_t>(64, 3)}, {}).error().message, HasSubstr("64 tokens"));
}

TEST(Loading, MissingExtraAndMisshapenTensorsAreNamed) {
    const Scratch scratch;
    const CausalModel model = newModel(tinyLlama());
    ASSERT_TRUE(saveModel(scratch.path(), model));
    const TensorMap whole = tensor::readTensors(scratch / "model.safetensors").value().tensors;
    ASSERT_EQ(whole.size(), 2 * 9 + 3U);
    const auto loadWith = [&](const std::function<void(TensorMap&)>& change) {
        TensorMap tensors = whole;
        change(tensors);
        EXPECT_TRUE(tensor::writeTensors(scratch / "model.safetensors", {tensors.begin(), tensors.end()}));
        return CausalModel::load(scratch.path(), {});
    };
    const std::string name = "model.layers.1.self_attn.k_proj.weight";
    EXPECT_THAT(loadWith([&](TensorMap& t) { t.erase(name); }).error().message, HasSubstr("lacks the tensor '" + name + "' (8, 16)"));
    EXPECT_THAT(loadWith([&](TensorMap& t) { t[name] = torch::zeros({16, 16}); }).error().message, HasSubstr("has the shape (16, 16), expected (8, 16)"));
    EXPECT_THAT(loadWith([&](TensorMap& t) { t["model.layers.2.mlp.up_proj.weight"] = torch::zeros({1}); }).error().message, HasSubstr("'model.layers.2.mlp.up_proj.weight'"));
    EXPECT_TRUE(loadWith([&](TensorMap& t) { t["model.layers.0.self_attn.rotary_emb.inv_freq"] = torch::zeros({2}); }));
    const auto again = loadWith([](TensorMap&) {});
    ASSERT_TRUE(again);
    EXPECT_TRUE(torch::equal(logitsOf(*again, {1, 2, 3}), logitsOf(model, {1, 2, 3})));
}

TEST(Loading, ShardsAreReadThroughTheirIndex) {
    const Scratch scratch;
    const CausalModel model = newModel(tinyLlama());
    ASSERT_TRUE(saveModel(scratch.path(), model));
    const TensorMap whole = tensor::readTensors(scratch / "model.safetensors").value().tensors;
    fs::remove(scratch / "model.safetensors");
    json map = json::object();
    tensor::NamedTensors parts[2];
    for (const auto& [name, value] : whole) {
        const int part = name.find("layers.1.") != std::string::npos;
        parts[part].emplace_back(name, value);
        map[name] = part ? "b.safetensors" : "a.safetensors";
    }
    ASSERT_TRUE(tensor::writeTensors(scratch / "a.safetensors", parts[0]));
    ASSERT_TRUE(tensor::writeTensors(scratch / "b.safetensors", parts[1]));
    const auto index = [&](const json& weights) { ASSERT_TRUE(writeFileAtomically(scratch / "model.safetensors.index.json", json{{"weight_map", weights}}.dump())); };
    index(map);
    const auto loaded = CausalModel::load(scratch.path(), {});
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_TRUE(torch::equal(logitsOf(*loaded, {1, 2, 3}), logitsOf(model, {1, 2, 3})));
    json lying = map;
    lying["model.layers.9.x"] = "a.safetensors";
    index(lying);
    EXPECT_THAT(CausalModel::load(scratch.path(), {}).error().message, HasSubstr("lacks tensor 'model.layers.9.x'"));
    lying = map;
    lying["model.norm.weight"] = "../a.safetensors";
    index(lying);
    EXPECT_THAT(CausalModel::load(scratch.path(), {}).error().message, HasSubstr("not a file name"));
}

TEST(Loading, PickleAndForeignArchitecturesAreRefusedWithRemedy) {
    const Scratch scratch;
    ASSERT_TRUE(writeFileAtomically(scratch / "config.json", tinyLlama().dump()));
    ASSERT_TRUE(writeFileAtomically(scratch / "pytorch_model.bin", "PK"));
    const auto pickle = CausalModel::load(scratch.path(), {});
    ASSERT_FALSE(pickle);
    EXPECT_THAT(pickle.error().message, HasSubstr("pickle"));
    EXPECT_THAT(pickle.error().remedy, HasSubstr("save_file"));
    const auto parse = [](const char* key, const json& value) {
        json changed = tinyLlama();
        changed[key] = value;
        const auto parsed = ModelConfig::parse(changed, "config.json");
        return parsed ? "accepted" : parsed.error().text();
    };
    EXPECT_THAT(parse("model_type", "mamba"), HasSubstr("'mamba'"));
    EXPECT_THAT(parse("rope_scaling", {{"type", "yarn"}, {"factor", 2}}), HasSubstr("'yarn'"));
    EXPECT_THAT(parse("num_key_value_heads", 3), HasSubstr("4 heads cannot share 3"));
    EXPECT_THAT(parse("hidden_size", 1e30), HasSubstr("hidden_size"));
    EXPECT_THAT(parse("vocab_size", -4), HasSubstr("vocab_size"));
    EXPECT_EQ(parse("rope_scaling", nullptr), "accepted");
}

TEST(Jobs, LogitsAndGenerationRunAsJobs) {
    const Scratch scratch;
    JobRegistry registry;
    registerModelJobs(registry);
    const json base{{"model", (kLlmData / "stories260K_hf").string()}, {"ids", {1, 403, 407, 261, 378}}, {"threads", 1}};
    const auto logits = runJob(registry, {"llm.logits", base, scratch / "logits", "cpu", false}, {});
    ASSERT_TRUE(logits) << logits.error().text();
    EXPECT_EQ(readFile(scratch / "logits" / "ids.json").value(), "[1,403,407,261,378]\n");
    EXPECT_EQ(fs::file_size(scratch / "logits" / "logits.npy"), 128U + 5 * 512 * 4);
    json generation = base;
    generation["new_tokens"] = 4;
    const auto generated = runJob(registry, {"llm.generate", generation, scratch / "generate", "cpu", false}, {});
    ASSERT_TRUE(generated) << generated.error().text();
    const json line = json::parse(readFile(scratch / "generate" / "generations.jsonl").value());
    EXPECT_EQ(line["ids"].size(), 4U);
    EXPECT_EQ(line["ids"][0], (*logits)["next"]);
    json both = base;
    both["prompt"] = "Once";
    EXPECT_THAT(runJob(registry, {"llm.logits", both, scratch / "both", "cpu", false}, {}).error().message, HasSubstr("2 of 'prompt', 'ids' are set"));
}

TEST(Jobs, GreedyTextIsThatOfTheReferenceProgram) {
    const Scratch scratch;
    JobRegistry registry;
    registerModelJobs(registry);
    const json params{{"model", (kLlmData / "stories260K_hf").string()}, {"prompt", ""}, {"new_tokens", 200}, {"threads", 1}};
    const auto generated = runJob(registry, {"llm.generate", params, scratch / "generate", "cpu", false}, {});
    ASSERT_TRUE(generated) << generated.error().text();
    const json line = json::parse(readFile(scratch / "generate" / "generations.jsonl").value());
    std::string wanted = readFile(kLlmData / "stories260K" / "expected_stdout_t0_n200.txt").value();
    while (!wanted.empty() && wanted.back() == '\n') wanted.pop_back();
    EXPECT_EQ(line["text"], wanted);
    EXPECT_EQ(line["end"], "length");

    json stopping = params;
    stopping["stop"] = {"big, red"};
    ASSERT_TRUE(runJob(registry, {"llm.generate", stopping, scratch / "stop", "cpu", false}, {}));
    const json stopped = json::parse(readFile(scratch / "stop" / "generations.jsonl").value());
    EXPECT_EQ(stopped["text"], wanted.substr(0, wanted.find("big, red")));
    EXPECT_EQ(stopped["end"], "stop");
}

}  // namespace
}  // namespace driftscope::llm
