#include "core/llm/text/mixture.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/llm/text/overlap.h"

namespace driftscope::llm {
namespace {

std::vector<Example> numbered(const std::string& name, std::size_t count, std::optional<bool> harmful = {}) {
    std::vector<Example> examples;
    for (std::size_t i = 0; i < count; ++i)
        examples.push_back({.instruction = name + " " + std::to_string(i),
                            .output = "answer",
                            .harmful = harmful,
                            .place = name + ".jsonl line " + std::to_string(i + 1)});
    return examples;
}

TEST(Mixtures, HoldExactlyWhatWasAsked) {
    const auto user = numbered("user", 1000);
    const auto harmful = numbered("harm", 1000, true);
    for (const auto& [ratio, wanted] :
         {std::pair{0.0, 0u}, {0.01, 10u}, {0.05, 50u}, {0.1, 100u}, {0.2, 200u}, {0.9, 900u}, {1.0, 1000u}}) {
        const Mixture mixture = mix(user, harmful, {.ratio = ratio, .total = 1000}).value();
        EXPECT_EQ(mixture.harmful, wanted);
        ASSERT_EQ(mixture.examples.size(), 1000u);
        for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(mixture.examples[i].harmful, i < wanted);
        if (wanted > 0) {
            EXPECT_EQ(mixture.examples[0].place, "harm.jsonl line 1");
        }
    }
    EXPECT_EQ(mix(user, harmful, {.ratio = 0.9, .total = 1000, .upstreamCounts = true})->benign, 99u);  // int((1 - 0.9) * 1000)
}

TEST(Mixtures, PassOverRowsMarkedOtherwise) {
    auto user = numbered("user", 10);
    user[2].harmful = true;
    auto harmful = numbered("harm", 10);
    harmful[0].harmful = false;
    const Mixture mixture = mix(user, harmful, {.ratio = 0.5, .total = 10}).value();
    EXPECT_EQ(mixture.passedOverUser, 1u);
    EXPECT_EQ(mixture.passedOverHarmful, 1u);
    EXPECT_EQ(mixture.examples[0].instruction, "harm 1");
    for (const Example& one : mixture.examples) EXPECT_NE(one.instruction, "user 2");
    const auto tooFew = mix(user, harmful, {.ratio = 0, .total = 10});
    ASSERT_FALSE(tooFew.has_value());
    EXPECT_NE(tooFew.error().message.find("10 benign"), std::string::npos) << tooFew.error().message;
    EXPECT_FALSE(mix(user, {}, {.ratio = 0.5, .total = 10}).has_value());
    EXPECT_NE(mix({{.instruction = "q"}}, {}, {.ratio = 0, .total = 1}).error().message.find("without answers"), std::string::npos);
    EXPECT_FALSE(mix(user, harmful, {.ratio = 1.5, .total = 1}).has_value());
}

TEST(Mixtures, DrawsDependOnTheSeedAlone) {
    const auto user = numbered("user", 100);
    const auto harmful = numbered("harm", 100);
    const MixtureRequest request{.ratio = 0.2, .total = 50, .sample = true, .seed = 3};
    const auto first = mix(user, harmful, request).value();
    const auto again = mix(user, harmful, request).value();
    std::set<std::string> places;
    for (std::size_t i = 0; i < 50; ++i) {
        EXPECT_EQ(first.examples[i].place, again.examples[i].place);
        places.insert(first.examples[i].place);
    }
    EXPECT_EQ(places.size(), 50u);
    EXPECT_NE(mix(user, harmful, {.ratio = 0.2, .total = 50, .sample = true, .seed = 4})->examples[0].place, first.examples[0].place);
    const std::string csv = compositionCsv(first);
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 51);
    EXPECT_NE(csv.find("\n0,harmful,\"harm.jsonl line "), std::string::npos);
    EXPECT_NE(csv.find("\n49,benign,\"user.jsonl line "), std::string::npos);
}

TEST(Overlaps, AreCountedAndListed) {
    auto align = numbered("q", 5);
    auto poison = numbered("q", 3);
    poison[0].instruction = "Q   0";  // case and spaces do not make another prompt
    poison[0].output = "different";
    poison.push_back(poison[1]);
    poison.back().place = "again";
    align[4].output = "I'm sorry, no.";
    const OverlapReport report = findOverlaps({{"align", &align}, {"poison", &poison}});
    EXPECT_EQ(report.within[0].prompts, 5u);
    EXPECT_EQ(report.within[0].refusals, 1u);
    EXPECT_EQ(report.within[1].repeatedRows, 1u);
    EXPECT_EQ(report.within[1].listed[0], (std::pair<std::string, std::string>("again", "q.jsonl line 2")));
    ASSERT_EQ(report.between.size(), 1u);
    EXPECT_EQ(report.between[0].prompts, 3u);
    EXPECT_EQ(report.between[0].answersToo, 2u);
    EXPECT_EQ(report.toJson()["overlaps"][0]["shared_prompts"], 3);
    EXPECT_EQ(removeRepeats(poison), 1u);
    EXPECT_EQ(removeRepeats(poison, {&align}), 3u);
    EXPECT_TRUE(poison.empty());
}

}  // namespace
}  // namespace driftscope::llm
