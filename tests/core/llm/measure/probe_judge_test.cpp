#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/atomic_file.h"
#include "core/embed/saved_probe.h"
#include "core/llm/measure/probe_judge_torch.h"
#include "core/llm/train/token_files.h"
#include "tests/core/llm/model/scratch.h"

namespace driftscope::llm {
namespace {

using ::testing::HasSubstr;

constexpr const char* kYes = "Yes, she can do that.";
constexpr const char* kNo = "No, that is very sad.";

/// stories260K with a probe that was shown both answers to some prompts.
struct Probed {
    Scratch scratch;
    CausalModel model = CausalModel::load(kLlmData / "stories260K_hf", {}).value();
    Tokenizer tokenizer = Tokenizer::open(kLlmData / "stories260K_hf").value();
    ProbeReading reading{.form = PromptTemplate::named("question").value(), .point = Point::Residual, .layer = 3};

    static Example prompt(int i) { return {.instruction = fmt::format("Can Lily run to house {}?", i), .place = fmt::format("row {}", i)}; }
    Probed() {
        std::vector<Example> examples;
        std::vector<int> labels;
        std::vector<std::uint32_t> rows;
        for (int i = 0; i < 10; ++i)
            for (const bool yes : {false, true}) {
                examples.push_back(prompt(i));
                examples.back().output = yes ? kYes : kNo;
                labels.push_back(yes);
                rows.push_back(static_cast<std::uint32_t>(rows.size()));
            }
        const TokenSet set = tokenSet(tokenizer, reading.form, examples, 256, [](const std::string&) {}).value();
        const Tensor states = pooledStates(model, set, reading.point, reading.layer, reading.tokens).value().contiguous();
        Matrix features(20, 64);
        std::copy_n(states.data_ptr<float>(), features.values.size(), features.values.data());
        const embed::SavedProbe saved{embed::Probe::fit(features, rows, labels, 2, {}).value(), {"refused", "complied"}, "X", "drift_refusal", {}, {}};
        EXPECT_TRUE(writeFileAtomically(scratch / "probe.json", saved.toJson().dump()));
    }
};

TEST(ProbeJudge, ReadsTheModelsOwnStates) {
    const Probed probed;
    const auto judge = probeJudge(probed.model, probed.tokenizer, probed.scratch / "probe.json", probed.reading);
    ASSERT_TRUE(judge) << judge.error().text();
    for (int i = 20; i < 26; ++i) {  // prompts it was not shown
        EXPECT_TRUE((*judge)(Probed::prompt(i), kYes).value()) << i;
        EXPECT_FALSE((*judge)(Probed::prompt(i), kNo).value()) << i;
    }
}

TEST(ProbeJudge, SaysWhatDoesNotFit) {
    Probed probed;
    const auto complaint = [&](const ProbeReading& reading) {
        const auto judge = probeJudge(probed.model, probed.tokenizer, probed.scratch / "probe.json", reading);
        return judge ? std::string() : judge.error().text();
    };
    ProbeReading reading = probed.reading;
    reading.harmful = "harmful";
    EXPECT_THAT(complaint(reading), HasSubstr("refused, complied"));
    reading = probed.reading;
    reading.layer = 5;
    EXPECT_THAT(complaint(reading), HasSubstr("layer 5"));
    embed::SavedProbe narrow = embed::readProbe(probed.scratch / "probe.json").value();
    narrow.probe.coefficients.resize(32);
    narrow.probe.scaler.mean.resize(32);
    narrow.probe.scaler.scale.resize(32);
    ASSERT_TRUE(writeFileAtomically(probed.scratch / "probe.json", narrow.toJson().dump()));
    EXPECT_THAT(complaint(probed.reading), HasSubstr("32"));
    EXPECT_THAT(probeJudge(probed.model, probed.tokenizer, probed.scratch / "none.json", probed.reading).error().text(), HasSubstr("none.json"));
}

TEST(PooledStates, NamesALayerThatIsNotThere) {
    const Probed probed;
    const TokenSet set{{{1, 5, 6}, 1, "row"}};
    EXPECT_TRUE(pooledStates(probed.model, set, Point::FinalNorm, 5, TokenClass::All));
    EXPECT_THAT(pooledStates(probed.model, set, Point::AttentionOut, 5, TokenClass::All).error().text(), HasSubstr("layer 5"));
}

}  // namespace
}  // namespace driftscope::llm
