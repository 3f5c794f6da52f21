#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/llm/measure/drift_torch.h"
#include "core/llm/measure/evaluation_torch.h"
#include "core/llm/measure/similarity_torch.h"
#include "tests/core/llm/train/golden_model.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

/// The golden network after three steps of AdamW, and as it was before.
struct Moved {
    Golden golden;
    CausalModel before = frozenCopy(golden.model());
    Moved() {
        FlatAdamW optimiser(golden.parameters(), 0.1);
        for (int step = 0; step < 3; ++step) {
            const double norm = normOf(golden.gradientOf("sft", {}));
            golden.parameters().gradient().mul_(1 / (norm + 1e-6));
            optimiser.step(1e-3);
        }
    }
};

DriftOptions published() {
    DriftOptions options;
    options.countPads = true;
    return options;
}

TEST(Drift, PublishedNumbers) {
    Moved moved;
    const json wanted = goldenNumbers()["drift_after_3"];
    const auto drift = measureDrift(moved.before, moved.golden.model(), moved.golden.align(), published());
    ASSERT_TRUE(drift) << drift.error().text();
    ASSERT_EQ(drift->size(), 2U);
    EXPECT_NEAR((*drift)[0].sumSquares + (*drift)[1].sumSquares, wanted["vaccine_sum_sq"].get<double>(), 1e-9);
    EXPECT_NEAR((*drift)[0].sumNorms + (*drift)[1].sumNorms, wanted["booster_sum_norm"].get<double>(), 1e-9);
    for (std::size_t l = 0; l < 2; ++l) {
        EXPECT_NEAR((*drift)[l].relative, wanted["per_layer_rel"][l].get<double>(), 1e-9);
        EXPECT_NEAR((*drift)[l].sumSquares, std::pow((*drift)[l].sumNorms, 2), 1e-12) << "one batch: the square of the norm";
    }
}

TEST(Drift, OfAModelToItselfIsZero) {  // 18
    Golden golden;
    const auto drift = measureDrift(golden.model(), golden.model(), golden.align(), {});
    ASSERT_TRUE(drift) << drift.error().text();
    for (const LayerDrift& one : *drift) {
        EXPECT_EQ(one.sumSquares, 0);
        EXPECT_EQ(one.relativeTokens, 0);
        EXPECT_NEAR(one.cosine, 0, 1e-15);
        EXPECT_NEAR(one.normRatio, 1, 1e-15);
    }
}

TEST(Drift, DoesNotDependOnTheBatchesOncePadsAreOut) {  // 18, 22
    Moved moved;
    const auto with = [&](std::size_t batch, bool pads) {
        DriftOptions options;
        options.batch = batch;
        options.countPads = pads;
        const auto drift = measureDrift(moved.before, moved.golden.model(), moved.golden.align(), options);
        return drift.value()[1];
    };
    EXPECT_NEAR(with(1, false).sumSquares, with(2, false).sumSquares, 1e-13);
    EXPECT_NEAR(with(1, false).relativeTokens, with(2, false).relativeTokens, 1e-13);
    EXPECT_NEAR(with(1, false).procrustes, with(2, false).procrustes, 1e-9);
    EXPECT_GT(std::abs(with(1, true).sumSquares - with(2, true).sumSquares), 1e-6) << "padding counts as published";
}

TEST(Drift, PoolsTheTokensAskedFor) {
    Moved moved;
    DriftOptions options;
    options.points = {Point::Residual};
    const auto vectors = [&](TokenClass tokens) {
        options.tokens = tokens;
        std::vector<Tensor> pooled;
        EXPECT_TRUE(measureDrift(moved.before, moved.golden.model(), moved.golden.align(), options, {}, {.pooled = [&](const PooledBatch& batch) -> Result<void> {
            if (batch.layer == 1) pooled.push_back(batch.after);
            return {};
        }}));
        return pooled.at(0);
    };
    std::vector<Tensor> states;
    ForwardInput input;
    input.ids = moved.golden.batch(moved.golden.align()).ids;
    input.hook = [&](Point point, std::int64_t layer, const Tensor& value) {
        if (point == Point::Residual && layer == 1) states.push_back(value.detach().to(torch::kFloat32));
        return value;
    };
    moved.golden.model().hidden(input);
    const auto close = [](const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>() < 1e-6; };
    EXPECT_TRUE(close(vectors(TokenClass::LastPrompt)[1], states[0][1][2]));
    EXPECT_TRUE(close(vectors(TokenClass::FirstResponse)[0], states[0][0][3]));
    EXPECT_TRUE(close(vectors(TokenClass::Response)[1], states[0][1].slice(0, 3, 5).mean(0))) << "padding is no answer";
    EXPECT_TRUE(close(vectors(TokenClass::Bos)[0], states[0][0][0]));
}

TEST(Drift, SplitsAlongADirection) {
    Moved moved;
    DriftOptions options;
    const Directions directions = refusalDirections(moved.before, moved.golden.harmful(), moved.golden.align(), options).value();
    ASSERT_EQ(directions.size(), 2U);
    for (const auto& [key, direction] : directions) EXPECT_NEAR(normOf(direction), 1, 1e-9);
    double along = 0, across = 0;
    const Tensor direction = directions.at({Point::AttentionOut, 1}).to(torch::kFloat32);
    const auto drift = measureDrift(moved.before, moved.golden.model(), moved.golden.align(), options, directions, {.pooled = [&](const PooledBatch& batch) -> Result<void> {
        if (batch.layer != 1) return {};
        const Tensor difference = batch.after - batch.before, share = difference.mv(direction);
        along = share.mean().item<double>();
        across = (difference - share.unsqueeze(1) * direction).norm(2, 1).mean().item<double>();
        return {};
    }});
    ASSERT_TRUE(drift) << drift.error().text();
    EXPECT_NEAR((*drift)[1].alongDirection, along, 1e-6);
    EXPECT_NEAR((*drift)[1].acrossDirection, across, 1e-6);
    EXPECT_GT(std::abs(along), 1e-5);
    EXPECT_GT(across, 1e-5);
}

TEST(Similarity, IgnoresWhatItShould) {  // 19
    torch::manual_seed(1);
    const Tensor x = torch::randn({30, 6}, torch::kFloat64), y = torch::randn({30, 6}, torch::kFloat64);
    const Tensor q = std::get<0>(torch::linalg_qr(torch::randn({6, 6}, torch::kFloat64)));
    for (const bool debiased : {false, true}) {
        EXPECT_NEAR(linearCka(x, x, debiased), 1, 1e-12);
        EXPECT_NEAR(linearCka(x, x.mm(q) * 3 + 7, debiased), 1, 1e-12);
    }
    EXPECT_LT(std::abs(linearCka(x, y, true)), 0.2) << "unrelated";
    EXPECT_GT(linearCka(x, y, false), 0.05) << "the plain form is biased upwards";
    EXPECT_NEAR(procrustes(x, x.mm(q) * 2 - 1), 0, 1e-12);
    EXPECT_GT(procrustes(x, y), 0.5);
    const Tensor wide = torch::randn({5, 40}, torch::kFloat64), other = torch::randn({5, 40}, torch::kFloat64);
    const Tensor a = wide - wide.mean(0, true), b = other - other.mean(0, true);
    const double direct = 2 - 2 * torch::linalg_svdvals((a / a.norm()).t().mm(b / b.norm())).sum().item<double>();
    EXPECT_NEAR(procrustes(wide, other), direct, 1e-12) << "the short cut for few observations";
    EXPECT_TRUE(std::isnan(linearCka(torch::ones({5, 3}), torch::ones({5, 3}), false)));
}

TEST(ClassifierJudge, ReadsASequenceClassifier) {
    const Scratch scratch;
    // stories260K with a score head: the label is the sign of one hidden number of the last token.
    TensorMap tensors = tensor::readTensors(kLlmData / "stories260K_hf" / "model.safetensors").value().tensors;
    for (const char* file : {"tokenizer.json", "tokenizer_config.json", "config.json"}) std::filesystem::copy_file(kLlmData / "stories260K_hf" / file, scratch / file);
    Tensor score = torch::zeros({2, 64});
    score[1][3] = 1000;
    tensors["score.weight"] = score;
    ASSERT_TRUE(tensor::writeTensors(scratch / "model.safetensors", {tensors.begin(), tensors.end()}));
    const auto judge = classifierJudge(scratch.path(), "USER: {prompt} ASSISTANT:{answer}", {});
    ASSERT_TRUE(judge) << judge.error().text();
    const CausalModel body = CausalModel::load(kLlmData / "stories260K_hf", {}).value();
    const Tokenizer tokenizer = Tokenizer::open(kLlmData / "stories260K_hf").value();
    int harmful = 0;
    for (const char* answer : {"Yes.", "No.", "Once upon a time", "She ran {prompt} away", "A red ball", "Tom"}) {
        const Example example{.instruction = "Can Lily run?", .place = "row 1"};
        const auto ids = tokenizer.ids(fmt::format("USER: Can Lily run? ASSISTANT:{}", answer)).value();
        std::vector<std::int64_t> wide(ids.begin(), ids.end());
        wide.push_back(2);
        const torch::NoGradGuard noGradient;
        ForwardInput input;
        input.ids = torch::tensor(wide, torch::kInt64).unsqueeze(0);
        const bool wanted = body.hidden(input)[0][-1][3].item<float>() > 1e-4F;
        EXPECT_EQ((*judge)(example, answer).value(), wanted) << answer;
        harmful += wanted;
    }
    EXPECT_THAT(classifierJudge(kLlmData / "stories260K_hf", "{prompt}{answer}", {}).error().message, HasSubstr("score.weight"));
    EXPECT_THAT(classifierJudge(scratch.path(), "{answer}", {}).error().message, HasSubstr("{prompt}"));
}

}  // namespace
}  // namespace driftscope::llm
