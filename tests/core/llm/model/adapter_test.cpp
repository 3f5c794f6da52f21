#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/llm/model/adapter_torch.h"
#include "tests/core/llm/model/scratch.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

LoraConfig settings(const json& changes = json::object()) {
    json content{{"peft_type", "LORA"}, {"r", 4}, {"lora_alpha", 8}, {"target_modules", {"q_proj", "v_proj"}}};
    content.update(changes);
    auto parsed = LoraConfig::parse(content, "adapter_config.json");
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text());
    return std::move(*parsed);
}

/// Adapters whose B is not zero, so that they change the logits.
CausalModel adapted(const LoraConfig& config, const json& architecture = tinyLlama()) {
    CausalModel model = newModel(architecture);
    const auto added = addAdapters(model, config, 3);
    EXPECT_TRUE(added) << (added ? "" : added.error().text());
    std::int64_t k = 0;
    for (Linear* linear : model.linears())
        if (linear->lora) linear->lora->b = torch::sin(torch::arange(linear->lora->b.numel(), torch::kFloat32) + ++k).mul(0.3).view_as(linear->lora->b);
    return model;
}

TEST(Adapters, NewOnesChangeNothing) {
    CausalModel model = newModel(tinyLlama());
    const Tensor before = logitsOf(model, {1, 5, 9});
    ASSERT_TRUE(addAdapters(model, settings(), 3));
    EXPECT_TRUE(torch::equal(logitsOf(model, {1, 5, 9}), before));
    double bound = 0;
    for (const Linear* linear : std::as_const(model).linears())
        if (linear->lora) bound = std::max(bound, linear->lora->a.abs().max().item<double>());
    EXPECT_LT(bound, 0.25) << "1 / sqrt(16)";
    EXPECT_GT(bound, 0.23);
}

TEST(Adapters, MergedEqualsUnmergedAndMergingIsUndone) {
    CausalModel model = adapted(settings());
    const Tensor apart = logitsOf(model, {1, 5, 9}), base = logitsOf(newModel(tinyLlama()), {1, 5, 9});
    EXPECT_GT((apart - base).abs().max().item<double>(), 1e-3);
    {
        const MergedScope merged(model);
        EXPECT_LT((logitsOf(model, {1, 5, 9}) - apart).abs().max().item<double>(), 1e-6);
    }
    EXPECT_TRUE(torch::equal(logitsOf(model, {1, 5, 9}), apart));
    model.mergeAdapters();
    EXPECT_LT((logitsOf(model, {1, 5, 9}) - apart).abs().max().item<double>(), 1e-6);
}

TEST(Adapters, RoundTripWithPeftsNames) {
    const Scratch scratch;
    const LoraConfig config = settings({{"use_rslora", true}, {"rank_pattern", {{"layers.1.self_attn.v_proj", 2}}}, {"alpha_pattern", {{"q_proj", 3}}}, {"revision", "kept"}});
    const CausalModel model = adapted(config);
    ASSERT_TRUE(saveAdapter(scratch.path(), model, config, "base"));
    const auto file = tensor::readTensors(scratch / "adapter_model.safetensors").value();
    ASSERT_EQ(file.tensors.size(), 8U);
    EXPECT_EQ(file.tensors.at("base_model.model.model.layers.1.self_attn.v_proj.lora_A.weight").sizes(), (std::vector<std::int64_t>{2, 16}));
    EXPECT_EQ(file.tensors.at("base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight").sizes(), (std::vector<std::int64_t>{8, 4}));
    const json written = json::parse(readFile(scratch / "adapter_config.json").value());
    EXPECT_EQ(written["base_model_name_or_path"], "base");
    EXPECT_EQ(written["revision"], "kept");
    EXPECT_EQ(written["use_dora"], false);
    EXPECT_DOUBLE_EQ(config.scaleOf("model.layers.0.self_attn.q_proj"), 3 / 2.0);
    EXPECT_DOUBLE_EQ(config.scaleOf("model.layers.1.self_attn.v_proj"), 8 / std::sqrt(2.0));
    CausalModel again = newModel(tinyLlama());
    const auto loaded = loadAdapter(again, scratch.path());
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_TRUE(torch::equal(logitsOf(again, {1, 5, 9}), logitsOf(model, {1, 5, 9})));
}

TEST(Adapters, ChainsMergeInOrder) {
    const Scratch scratch;
    const LoraConfig first = settings(), second = settings({{"target_modules", "all-linear"}, {"r", 2}});
    CausalModel one = adapted(first);
    ASSERT_TRUE(saveAdapter(scratch / "one", one, first, ""));
    ASSERT_TRUE(saveAdapter(scratch / "two", adapted(second), second, ""));
    const std::vector<std::string> chain{(scratch / "one").string(), (scratch / "two").string()};
    CausalModel kept = newModel(tinyLlama());
    const auto last = loadAdapterChain(kept, chain, false);
    ASSERT_TRUE(last && *last) << (last ? "" : last.error().text());
    EXPECT_TRUE((*last)->allLinear);
    CausalModel merged = newModel(tinyLlama());
    ASSERT_TRUE(loadAdapterChain(merged, chain, true));
    EXPECT_LT((logitsOf(merged, {4, 7}) - logitsOf(kept, {4, 7})).abs().max().item<double>(), 1e-6);
    one.mergeAdapters();
    EXPECT_GT((logitsOf(one, {4, 7}) - logitsOf(kept, {4, 7})).abs().max().item<double>(), 1e-3);
}

TEST(Adapters, Gpt2sConv1dTakesThem) {
    const json gpt2{{"model_type", "gpt2"}, {"vocab_size", 40}, {"n_embd", 16}, {"n_layer", 2}, {"n_head", 4}, {"n_positions", 32}};
    CausalModel model = adapted(settings({{"target_modules", {"c_attn", "c_fc"}}}), gpt2);
    const Tensor apart = logitsOf(model, {1, 5, 9});
    const Scratch scratch;
    ASSERT_TRUE(saveModel(scratch.path(), model)) << "merged, and transposed back as GPT-2 stores its maps";
    const auto again = CausalModel::load(scratch.path(), {});
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_LT((logitsOf(*again, {1, 5, 9}) - apart).abs().max().item<double>(), 1e-6);
    CausalModel other = newModel(gpt2);
    const auto nothing = addAdapters(other, settings(), 1);
    ASSERT_FALSE(nothing) << "q_proj matches nothing on GPT-2, and that is an error";
    EXPECT_THAT(nothing.error().remedy, HasSubstr("c_attn"));
}

TEST(Adapters, WhatIsNotPlainLoraIsRefused) {
    const auto refusal = [](const json& content) {
        json all{{"r", 4}, {"target_modules", {"q_proj"}}};
        all.update(content);
        const auto parsed = LoraConfig::parse(all, "adapter_config.json");
        return parsed ? std::string("accepted") : parsed.error().text();
    };
    EXPECT_THAT(refusal({{"use_dora", true}}), HasSubstr("DoRA"));
    EXPECT_THAT(refusal({{"peft_type", "IA3"}}), HasSubstr("IA3"));
    EXPECT_THAT(refusal({{"bias", "all"}}), HasSubstr("biases"));
    EXPECT_THAT(refusal({{"modules_to_save", {"lm_head"}}}), HasSubstr("modules_to_save"));
    EXPECT_THAT(refusal({{"r", 0}}), HasSubstr("rank 0"));
    EXPECT_THAT(refusal({{"target_modules", "["}}), HasSubstr("regular expression"));
    EXPECT_THAT(refusal({{"target_modules", json::array()}}), HasSubstr("target_modules"));
    EXPECT_EQ(refusal({{"layers_to_transform", nullptr}, {"modules_to_save", json::array()}}), "accepted");
}

TEST(Adapters, DamagedFoldersAreNamed) {
    const Scratch scratch;
    const LoraConfig config = settings();
    ASSERT_TRUE(saveAdapter(scratch.path(), adapted(config), config, ""));
    auto tensors = tensor::readTensors(scratch / "adapter_model.safetensors").value().tensors;
    const std::string name = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight";
    tensors.erase(name);
    ASSERT_TRUE(tensor::writeTensors(scratch / "adapter_model.safetensors", {tensors.begin(), tensors.end()}));
    CausalModel model = newModel(tinyLlama());
    EXPECT_THAT(loadAdapter(model, scratch.path()).error().message, HasSubstr(name));
    for (const Linear* linear : std::as_const(model).linears()) EXPECT_FALSE(linear->lora) << "a failed load leaves the model alone";
    std::filesystem::rename(scratch / "adapter_model.safetensors", scratch / "adapter_model.bin");
    EXPECT_THAT(loadAdapter(model, scratch.path()).error().message, HasSubstr("pickle"));
}

}  // namespace
}  // namespace driftscope::llm
