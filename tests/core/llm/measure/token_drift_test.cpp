#include <gtest/gtest.h>

#include <cmath>

#include "core/llm/measure/token_drift_torch.h"
#include "tests/core/llm/train/golden_model.h"

namespace driftscope::llm {
namespace {

/// The golden network before and after three steps, and what happened to every token of its samples.
struct Tokens {
    Golden golden;
    CausalModel before = frozenCopy(golden.model());
    Tokens() {
        FlatAdamW optimiser(golden.parameters(), 0.1);
        for (int step = 0; step < 3; ++step) {
            golden.gradientOf("sft", {});
            optimiser.step(1e-2);
        }
    }
    std::vector<TokenDrift> measure(const CausalModel& after, std::size_t batch, std::vector<LayerDrift>* layers = nullptr) {
        DriftOptions options;
        options.batch = batch;
        options.points = {Point::Residual, Point::AttentionOut};
        std::vector<TokenDrift> out;
        const auto drift = measureDrift(before, after, golden.align(), options, {}, {.states = [&](const StateBatch& states) -> Result<void> {
            for (TokenDrift& one : tokenDrift(states, before, after)) out.push_back(std::move(one));
            return {};
        }});
        EXPECT_TRUE(drift);
        if (layers) *layers = *drift;
        return out;
    }
};

TEST(TokenDrift, IsZeroWhenNothingChanged) {
    Tokens tokens;
    for (const TokenDrift& one : tokens.measure(tokens.before, 2)) {
        ASSERT_EQ(one.relative.size(), 4U) << "two points, two layers";
        EXPECT_TRUE(std::isnan(one.kl.front()));
        EXPECT_TRUE(std::isnan(one.lossBefore.front()));
        for (std::size_t t = 0; t < one.kl.size(); ++t) {
            for (const auto& layer : one.relative) EXPECT_EQ(layer[t], 0);
            EXPECT_TRUE(t == 0 || std::abs(one.kl[t]) < 1e-7) << t;
        }
    }
}

TEST(TokenDrift, AveragesToTheLayersDrift) {
    Tokens tokens;
    std::vector<LayerDrift> layers;
    const auto drift = tokens.measure(tokens.golden.model(), 2, &layers);
    ASSERT_EQ(drift.size(), tokens.golden.align().size());
    for (std::size_t column = 0; column < layers.size(); ++column) {
        double sum = 0;
        std::size_t count = 0;
        for (const TokenDrift& one : drift)
            for (const float value : one.relative[column]) sum += value, ++count;
        EXPECT_NEAR(sum / static_cast<double>(count), layers[column].relativeTokens, 1e-6) << "padding is not among the tokens";
        EXPECT_GT(sum, 0);
    }
}

TEST(TokenDrift, LossesAreTheModelsOwn) {
    Tokens tokens;
    const TokenSet& set = tokens.golden.align();
    double before = 0, after = 0;
    std::size_t count = 0;
    for (const TokenDrift& one : tokens.measure(tokens.golden.model(), 1)) {
        const SampleLoss loss = responseMeans(one, static_cast<std::size_t>(set[one.sample].promptLength));
        before += loss.before * static_cast<double>(loss.tokens);
        after += loss.after * static_cast<double>(loss.tokens);
        count += loss.tokens;
        EXPECT_GT(loss.kl, 0);
    }
    EXPECT_NEAR(before / static_cast<double>(count), meanLoss(tokens.before, set, 2).value(), 1e-5);
    EXPECT_NEAR(after / static_cast<double>(count), meanLoss(tokens.golden.model(), set, 2).value(), 1e-5);
    EXPECT_LT(after, before) << "three steps of training";
}

TEST(TokenDrift, NeedsAnAnswerForALoss) {
    const SampleLoss loss = responseMeans({0, {}, {0, 1}, {0, 1}, {0, 1}}, 2);
    EXPECT_EQ(loss.tokens, 0U);
    EXPECT_TRUE(std::isnan(loss.after));
}

}  // namespace
}  // namespace driftscope::llm
