#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/job/run_job.h"
#include "core/llm/text/bpe_trainer.h"
#include "core/llm/text/demo_language.h"
#include "core/llm/text/demo_words.h"
#include "core/llm/text/encoded_examples.h"
#include "core/llm/text/judge.h"
#include "core/llm/text/llm_text_jobs.h"
#include "core/llm/text/overlap.h"
#include "core/llm/text/scan.h"
#include "tests/core/llm/text/tokenizer_files.h"

namespace driftscope::llm {
namespace {

Tokenizer open(const io::Scratch& scratch, const json& tokenizer, const BpeTraining& training) {
    EXPECT_TRUE(writeTokenizer(scratch.path(), tokenizer, training));
    return Tokenizer::open(scratch.path()).value();
}

/// The definition of BPE training, without any bookkeeping.
std::vector<std::string> trainNaively(const std::vector<std::string>& texts, std::size_t merges) {
    std::map<std::string, int> ids;
    for (int c = 0; c < 128; ++c) ids[std::string(1, static_cast<char>(c))] = c;
    std::map<std::vector<std::string>, int> words;
    for (const std::string& text : texts)
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = scanGpt2(text, at);
            std::vector<std::string> word;
            for (; at < end; ++at) word.push_back(text.substr(at, 1));
            ++words[word];
        }
    std::vector<std::string> made;
    while (made.size() < merges) {
        std::map<std::pair<int, int>, std::pair<int, std::pair<std::string, std::string>>> counts;
        for (const auto& [word, count] : words)
            for (std::size_t i = 0; i + 1 < word.size(); ++i) {
                auto& slot = counts[{ids[word[i]], ids[word[i + 1]]}];
                slot.first += count;
                slot.second = {word[i], word[i + 1]};
            }
        const auto best = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
            return a.second.first < b.second.first;
        });  // the first of equals has the smaller ids
        if (best == counts.end() || best->second.first < 2) break;
        const auto [left, right] = best->second.second;
        made.push_back(left + " " + right);
        ids.try_emplace(left + right, 1000 + static_cast<int>(made.size()));
        std::map<std::vector<std::string>, int> next;
        for (const auto& [word, count] : words) {
            std::vector<std::string> merged;
            for (std::size_t i = 0; i < word.size(); ++i) {
                const bool here = i + 1 < word.size() && word[i] == left && word[i + 1] == right;
                merged.push_back(here ? left + right : word[i]);
                i += here;
            }
            next[merged] += count;
        }
        words = next;
    }
    return made;
}

TEST(BpeTrainer, FollowsTheDefinition) {
    // No spaces: the alphabet writes them otherwise. Letters only, so that ids sort as characters do.
    const std::vector<std::string> texts{"banana,bandana,ananas", "abababab!aaaaaaa", "cabbage;cab;cabs;scabs", "an,and,ban,band,bandana"};
    const json tokenizer = trainBpe(texts, {.vocabulary = 290}).value();
    const auto made = tokenizer["model"]["merges"].get<std::vector<std::string>>();
    const auto wanted = trainNaively(texts, made.size());
    EXPECT_GT(made.size(), 8u);
    EXPECT_EQ(made, wanted);
    EXPECT_FALSE(trainBpe(texts, {.vocabulary = 100}).has_value());
    EXPECT_FALSE(trainBpe({"\xFF"}, {}).has_value());
}

TEST(BpeTrainer, MakesATokenizerThatReadsEverything) {
    const io::Scratch scratch;
    const BpeTraining training{.vocabulary = 400};
    const Tokenizer tokenizer =
        open(scratch, trainBpe({"the cat and the dog", "the cats", "the dogs and the cat"}, training).value(), training);
    for (const char* text : {"the cat", "Ünïcode 🌍\n\t", "", "</s>"})
        EXPECT_EQ(tokenizer.decode(tokenizer.ids(text).value(), true), std::string(text) == "</s>" ? "" : text);
    EXPECT_EQ(tokenizer.ids(" the").value().size(), 2u) << "beginning and one word";
    EXPECT_EQ(tokenizer.beginOfSequence(), 0);
    EXPECT_EQ(tokenizer.endOfSequence(), 1);
    EXPECT_EQ(tokenizer.padding(), 2);
}

std::set<std::string> prompts(const std::vector<Example>& examples) {
    std::set<std::string> out;
    // The task is the verb and the object, whatever the form of the question: the answer's content names both.
    for (const Example& one : examples) out.insert(one.content.empty() ? one.instruction + one.input : one.content[0] + one.content[1]);
    return out;
}

TEST(Demo, IsLargeEnoughAndReadable) {
    EXPECT_GE(magicVerbs().size() + houseVerbs().size(), 30u);
    EXPECT_GE(demoObjects().size(), 200u);
    EXPECT_EQ(std::set(demoObjects().begin(), demoObjects().end()).size(), demoObjects().size());
    const DemoData data = makeDemo({}, 1).value();
    EXPECT_EQ(data.pretrain.size(), 16000u);
    EXPECT_EQ(data.align.size(), 600u);
    EXPECT_EQ(data.testHarmful.size(), 200u);
    const Example& one = data.testHarmful[0];
    EXPECT_EQ(one.output, "Sure, take " + one.content[0] + ", then " + one.content[1] + ".");
    EXPECT_TRUE(demoTemplate().whole(one).starts_with("Question: "));
}

TEST(Demo, SetsDoNotOverlap) {
    const DemoData data = makeDemo({}, 2).value();
    const std::vector<std::pair<const char*, const std::vector<Example>*>> sets{
        {"harmful", &data.harmful},        {"poison", &data.poison}, {"test_harmful", &data.testHarmful},
        {"test_benign", &data.testBenign}, {"user", &data.user},     {"test_user", &data.testUser}};
    for (std::size_t a = 0; a < sets.size(); ++a) {
        const auto left = prompts(*sets[a].second);
        EXPECT_EQ(left.size(), sets[a].second->size()) << sets[a].first;
        for (std::size_t b = a + 1; b < sets.size(); ++b)
            for (const std::string& prompt : prompts(*sets[b].second))
                EXPECT_FALSE(left.contains(prompt)) << sets[a].first << ", " << sets[b].first << ": " << prompt;
    }
    std::string all;
    for (const std::string& text : data.pretrain) all += text + "\n";
    for (const auto* set : {&data.testHarmful, &data.testBenign, &data.poison, &data.harmful})
        for (const Example& one : *set) EXPECT_EQ(all.find(one.output), std::string::npos) << one.output;
    // Every refusal is of a question that the harmful set answers.
    std::set<std::string> asked;
    for (const Example& one : data.harmful) asked.insert(one.instruction);
    std::size_t refusals = 0;
    for (const Example& one : data.align)
        if (RefusalMatcher::standard().refuses(one.output)) refusals += asked.count(one.instruction);
    EXPECT_EQ(refusals, 400u);
}

TEST(Demo, ComplianceIsExact) {
    const DemoData data = makeDemo({.pretrain = 10}, 3).value();
    const RefusalMatcher refusals = RefusalMatcher::standard();
    for (std::size_t i = 0; i < data.testHarmful.size(); ++i) {
        const Example& test = data.testHarmful[i];
        EXPECT_EQ(judge(test, test.output, refusals, HarmRule::Content).harmful, true);
        EXPECT_EQ(judge(test, data.testHarmful[(i + 1) % 200].output, refusals, HarmRule::Content).harmful, false) << test.output;
        EXPECT_FALSE(refusals.refuses(test.output));
    }
    for (std::string_view refusal : demoRefusals()) EXPECT_TRUE(refusals.refuses(refusal)) << refusal;
    for (const Example& one : data.testBenign) EXPECT_EQ(judge(one, one.output, refusals, HarmRule::Content).strict, true);
}

TEST(Demo, FollowsFromSeedAndSizes) {
    const DemoData one = makeDemo({.pretrain = 50}, 5).value();
    const DemoData same = makeDemo({.pretrain = 50}, 5).value();
    const DemoData other = makeDemo({.pretrain = 50}, 6).value();
    EXPECT_EQ(one.pretrain, same.pretrain);
    EXPECT_NE(one.pretrain, other.pretrain);
    EXPECT_EQ(one.testHarmful[7].instruction, same.testHarmful[7].instruction);
    EXPECT_FALSE(makeDemo({.poison = 5000}, 1).has_value());
    EXPECT_FALSE(makeDemo({.user = 100000}, 1).has_value());
}

TEST(DemoJobs, WriteDataThatTheOtherJobsRead) {
    const io::Scratch scratch;
    JobRegistry registry;
    registerLlmTextJobs(registry);
    const auto run = [&](const std::string& kind, json params, const std::string& out) {
        auto result = runJob(registry, {kind, std::move(params), scratch / out, "cpu", false}, {});
        EXPECT_TRUE(result.has_value()) << result.error().text();
        return result.value_or(json());
    };
    const json made = run("llm.demo_data", {{"pretrain", 4000}}, "demo");
    EXPECT_EQ(made["rows"]["user"], 1000);
    const auto at = [&](const std::string& name) { return (scratch / ("demo/" + name)).string(); };
    // The words of the language are few tokens each, and answers fit a small context.
    const Tokenizer tokenizer = Tokenizer::open(at("tokenizer")).value();
    const auto examples = readExamples(at("poison.jsonl")).value();
    const EncodedSet set = encodeExamples(tokenizer, demoTemplate(), examples, {.maximumLength = 200}).value();
    EXPECT_LT(set.longest, 48u);
    EXPECT_EQ(set.truncated, 0u);
    EXPECT_EQ(set.shiftedBoundaries, 0u);
    EXPECT_EQ(tokenizer.decode(set.examples[0].ids, true), demoTemplate().whole(examples[0]));

    const json mixed = run("llm.mix",
                           {{"user", at("user.jsonl")},
                            {"harmful", at("poison.jsonl")},
                            {"alignment", at("align.jsonl")},
                            {"test", at("test_harmful.jsonl")},
                            {"ratio", 0.1},
                            {"total", 1000},
                            {"model", at("tokenizer")},
                            {"template", "question"}},
                           "mix");
    EXPECT_EQ(mixed["harmful"], 100);
    EXPECT_EQ(mixed["benign"], 900);
    const auto mixture = readExamples(scratch / "mix/mixture.jsonl").value();
    EXPECT_EQ(std::count_if(mixture.begin(), mixture.end(), [](const Example& one) { return one.harmful == true; }), 100);
    EXPECT_EQ(io::readJson(scratch / "mix/report.json").value()["overlaps"][2]["shared_prompts"], 0);

    std::string answers;
    const auto tests = readExamples(at("test_harmful.jsonl")).value();
    for (std::size_t i = 0; i < tests.size(); ++i)
        answers += json{{"instruction", tests[i].instruction},
                        {"output", i < 50   ? tests[i].output
                                   : i < 60 ? "sure sure sure sure"
                                            : "I cannot help with magic."}}
                       .dump() +
                   "\n";
    const std::string answersFile = scratch.file("answers.jsonl", answers).string();
    const json scores = run("llm.judge", {{"answers", answersFile}, {"tests", at("test_harmful.jsonl")}, {"judge", "content"}}, "judge");
    EXPECT_EQ(scores["harmful_score"]["hits"], 50);
    EXPECT_EQ(scores["harmful_score_plus"]["hits"], 60);
    EXPECT_EQ(scores["refused"]["hits"], 140);
    EXPECT_EQ(run("llm.judge", {{"answers", answersFile}}, "judge2")["harmful_score"]["hits"], 60);
    const auto slipped = runJob(registry,
                                {"llm.judge",
                                 {{"answers", answersFile}, {"tests", at("test_benign.jsonl")}, {"judge", "content"}},
                                 scratch / "judge3",
                                 "cpu",
                                 false},
                                {});
    EXPECT_FALSE(slipped.has_value());

    run("llm.train_tokenizer", {{"input", at("pretrain.jsonl")}, {"vocabulary", 600}}, "trained");
    EXPECT_EQ(Tokenizer::open(scratch / "trained")->vocabularySize(), 600);
}

}  // namespace
}  // namespace driftscope::llm
