#include "core/llm/text/examples.h"

#include <gtest/gtest.h>

#include "core/llm/text/encoded_examples.h"
#include "tests/core/llm/text/tokenizer_files.h"

namespace driftscope::llm {
namespace {

std::vector<Example> readText(const std::string& name, const std::string& content, ReadOptions options = {}) {
    const io::Scratch scratch;
    auto examples = readExamples(scratch.file(name, content), options);
    EXPECT_TRUE(examples.has_value()) << examples.error().text();
    return examples.value_or(std::vector<Example>(1));
}

TEST(Layouts, AreToldFromTheirFields) {
    const auto alpaca = readText(
        "a.json",
        R"([{"instruction": "Fix", "input": "He go", "output": "He goes", "harmful": false}, {"instruction": "Say hi", "output": "Hi", "content": ["Hi"]}])");
    ASSERT_EQ(alpaca.size(), 2u);
    EXPECT_EQ(alpaca[0].input, "He go");
    EXPECT_EQ(alpaca[0].harmful, false);
    EXPECT_EQ(alpaca[1].content, std::vector<std::string>{"Hi"});
    EXPECT_TRUE(alpaca[1].place.ends_with("a.json row 2")) << alpaca[1].place;

    const auto beaver = readText("b.jsonl",
                                 "{\"prompt\": \"p\", \"response\": \"r\", \"is_safe\": true, \"category\": {}}\n{\"prompt\": \"p\", "
                                 "\"response\": \"s\", \"is_safe\": false}\n");
    EXPECT_EQ(beaver[0].harmful, false);
    EXPECT_EQ(beaver[1].harmful, true);
    EXPECT_TRUE(beaver[1].place.ends_with("b.jsonl line 2"));

    const std::string refusalRow = R"([{"prompt": "p", "response": "bad", "refusal": "Question: p\nAnswer: No."}])";
    EXPECT_EQ(readText("r.json", refusalRow, {.layout = Layout::Refusals})[0].output, "No.");
    EXPECT_EQ(readText("r.json", refusalRow, {.layout = Layout::BeaverTails})[0].output, "bad");

    const auto sst = readText("s.tsv", "sentence\tlabel\na \"fine\" film \t1\nno\t0\n");
    EXPECT_EQ(sst[0].input, "a \"fine\" film ");
    EXPECT_EQ(sst[0].output, "positive");
    EXPECT_EQ(sst[1].output, "negative");

    EXPECT_EQ(readText("n.jsonl", "{\"text\": \"x\", \"label\": 3}")[0].output, "Sci/Tech");
    const auto news = readText("n.csv", "Class Index,Title,Description\n2,\"A, b\",c\n");
    EXPECT_EQ(news[0].input, "A, b c");
    EXPECT_EQ(news[0].output, "Sports");

    const std::string gsm = R"({"question": "1+1?", "answer": "1+1=<<1+1=2>>2\n#### 2"})";
    EXPECT_EQ(readText("g.jsonl", gsm)[0].output, "1+1=<<1+1=2>>2\nThe final answer is:  2");
    EXPECT_EQ(readText("g.jsonl", gsm, {.thinkStepByStep = true})[0].instruction,
              "1+1?\nFirst think step by step and then answer the final number.\n");

    EXPECT_EQ(readText("v.csv", "goal,target\nDo it,\"Sure, here\"\n")[0].harmful, true);
    EXPECT_EQ(readText("q.json", R"({"instructions": ["one?", "two?"]})")[1].instruction, "two?");
    EXPECT_EQ(readText("t.jsonl", "{\"prompt\": \"only\"}")[0].output, "");
}

TEST(Layouts, ErrorsNameFileRowAndField) {
    const auto refused = [](const std::string& name, const std::string& content, const std::vector<std::string>& words,
                            ReadOptions options = {}) {
        const io::Scratch scratch;
        const auto examples = readExamples(scratch.file(name, content), options);
        ASSERT_FALSE(examples.has_value()) << content;
        for (const std::string& word : words) EXPECT_NE(examples.error().text().find(word), std::string::npos) << examples.error().text();
    };
    refused("a.jsonl", "{\"instruction\": \"a\", \"output\": \"b\"}\n{\"instruction\": \"a\"}\n", {"a.jsonl line 2", "'output'"});
    refused("a.jsonl", "{\"instruction\": 4, \"output\": \"b\"}\n", {"line 1", "'instruction'"});
    refused("a.jsonl", "{\"x\": 1, \"y\": 2}\n", {"line 1", "x, y", "beavertails"});
    refused("a.json", R"([{"prompt": "p", "response": "r", "refusal": "f"}])", {"row 1", "'refusals'"});
    refused("a.json", R"([{"prompt": "p", "refusal": "no answer"}])", {"row 1", "'refusal'"});
    refused("a.json", R"([3])", {"row 1"});
    refused("a.json", R"({"rows": 3})", {"no list of rows"});
    refused("a.json", "[]", {"no rows"});
    refused("a.jsonl", R"({"instruction": "a", "output": "b", "harmful": "maybe"})", {"'maybe'", "'harmful'"});
    refused("a.jsonl", R"({"instruction": "a", "output": "b", "content": "phrase"})", {"'content'"});
    refused("s.tsv", "sentence\tlabel\nfine\t-1\n", {"s.tsv line 2", "'-1'"});
    refused("s.tsv", "sentence\tlabel\nfine\n", {"line 2", "1 fields"});
    refused("s.csv", "sentence,label\nfine\n", {"s.csv"});
    refused("s.txt", "a\n", {".txt", ".jsonl"});
    refused("p.jsonl", "\x80\x04rows", {"pickle"});
    refused("p.json", "PAR1xxxx", {"Parquet"});
    refused("l.csv", "instruction,output\nna\xEFve,b\n", {"UTF-8", "'instruction'"});
    EXPECT_FALSE(readExamples("/no/such.jsonl").has_value());
}

TEST(Templates, AreThePublishedOnes) {
    const Example plain{.instruction = "Say {input}", .output = "Hi"};
    const Example withInput{.instruction = "Fix", .input = "He go", .output = "He goes"};
    const PromptTemplate vaccine = PromptTemplate::named("alpaca").value();
    const PromptTemplate booster = PromptTemplate::named("alpaca_newline").value();
    EXPECT_EQ(vaccine.prompt(plain),
              "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### "
              "Instruction:\nSay {input}\n\n### Response:");
    EXPECT_EQ(vaccine.prompt(withInput),
              "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that "
              "appropriately completes the request.\n\n"
              "### Instruction:\nFix\n\n### Input:\nHe go\n\n### Response:");
    EXPECT_EQ(booster.prompt(plain), vaccine.prompt(plain) + "\n");
    EXPECT_EQ(vaccine.whole(withInput), vaccine.prompt(withInput) + "He goes");
    EXPECT_EQ(PromptTemplate::named("question").value().whole(plain), "Question: Say {input}\nAnswer: Hi");
    EXPECT_FALSE(PromptTemplate::named("alpacca").has_value());
}

TEST(Encoding, MasksThePromptAndEndsTheAnswer) {
    const Tokenizer tokenizer = Tokenizer::open(dataPath("stories260K_hf")).value();
    const PromptTemplate form = PromptTemplate::named("question").value();
    const std::vector<Example> examples{{.instruction = "Who?", .output = "Lily </s> and Ben"}, {.instruction = "Where?", .output = ""}};
    const EncodedSet set = encodeExamples(tokenizer, form, examples, {}).value();
    ASSERT_EQ(set.examples.size(), 2u);
    const EncodedExample& one = set.examples[0];
    EXPECT_EQ(one.ids.front(), 1);
    EXPECT_EQ(one.ids.back(), 2);
    EXPECT_EQ(std::count(one.ids.begin(), one.ids.end(), 2), 1) << "special tokens in the data are ordinary text";
    EXPECT_EQ(one.promptLength, encodePrompt(tokenizer, form, examples[0]).value().size());
    EXPECT_EQ(tokenizer.decode(std::span(one.ids).subspan(one.promptLength)), "Lily </s> and Ben</s>");
    const EncodedSet parsed = encodeExamples(tokenizer, form, examples, {.maximumLength = 200, .parseSpecial = true}).value();
    EXPECT_EQ(std::count(parsed.examples[0].ids.begin(), parsed.examples[0].ids.end(), 2), 2);
}

TEST(Encoding, ReportsWhatCuttingDid) {
    const Tokenizer tokenizer = Tokenizer::open(dataPath("stories260K_hf")).value();
    const PromptTemplate form = PromptTemplate::named("question").value();
    const std::vector<Example> examples{{.instruction = "Who?", .output = "Lily", .place = "x.jsonl line 1"},
                                        {.instruction = std::string(400, 'x'), .output = "y"},
                                        {.instruction = "Who?", .output = std::string(400, 'y')}};
    const EncodedSet set = encodeExamples(tokenizer, form, examples, {.maximumLength = 50}).value();
    EXPECT_EQ(set.withoutLoss, std::vector<std::size_t>{1});
    EXPECT_EQ(set.truncated, 2u);
    EXPECT_EQ(set.longest, 50u);
    ASSERT_EQ(set.examples.size(), 2u);
    EXPECT_EQ(set.examples[1].example, 2u);
    EXPECT_TRUE(set.examples[1].truncated);
    const std::vector<Example> bad{{.instruction = "a\xFF", .place = "x.jsonl line 7"}};
    EXPECT_NE(encodeExamples(tokenizer, form, bad, {}).error().text().find("x.jsonl line 7"), std::string::npos);
}

TEST(Encoding, BothAlpacaEndingsGiveTheIdsOfTheWholeText) {
    const Tokenizer tokenizer = Tokenizer::open(dataPath("gpt2_encoder")).value();
    const Example example{.instruction = "Say hi", .output = "Hi there"};
    for (const char* name : {"alpaca", "alpaca_newline"}) {
        const PromptTemplate form = PromptTemplate::named(name).value();
        const auto set = encodeExamples(tokenizer, form, std::vector<Example>{example}, {}).value();
        auto whole = tokenizer.ids(form.prompt(example) + "Hi there<|endoftext|>").value();
        EXPECT_EQ(set.examples[0].ids, whole);
        EXPECT_EQ(set.shiftedBoundaries, 0u);
    }
}

}  // namespace
}  // namespace driftscope::llm
