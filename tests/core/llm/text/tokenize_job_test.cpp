#include <gtest/gtest.h>

#include "core/job/run_job.h"
#include "core/llm/text/llm_text_jobs.h"
#include "tests/core/llm/text/tokenizer_files.h"

namespace driftscope::llm {
namespace {

Result<json> run(const io::Scratch& scratch, const std::string& lines, json params = json::object()) {
    JobRegistry registry;
    registerLlmTextJobs(registry);
    params["model"] = dataPath("stories260K_hf");
    params["input"] = scratch.file("texts.jsonl", lines).string();
    return runJob(registry, {"llm.tokenize", params, scratch / "out", "cpu", true}, {});
}

TEST(TokenizeJob, WritesIdsInOrder) {
    const io::Scratch scratch;
    const json result =
        run(scratch, "\xEF\xBB\xBF{\"text\": \"Zoo\"}\r\n\n{\"text\": \"\", \"id\": 4}\n{\"text\": \"Once upon a time\"}").value();
    EXPECT_EQ(result["texts"], 3);
    EXPECT_EQ(result["tokens"], 4 + 1 + 5);
    EXPECT_EQ(readFile(scratch / "out/ids.jsonl").value(), "{\"ids\":[1,410,469,347]}\n{\"ids\":[1]}\n{\"ids\":[1,403,407,261,378]}\n");
}

TEST(TokenizeJob, WritesOffsetsOnRequest) {
    const io::Scratch scratch;
    ASSERT_TRUE(run(scratch, "{\"prompt\": \"caf\\u00e9 a\"}\n", {{"field", "prompt"}, {"offsets", true}, {"special", false}}));
    const json line = json::parse(readFile(scratch / "out/ids.jsonl").value());
    EXPECT_EQ(line["tokens"][0], "▁c");
    EXPECT_EQ(line["offsets"].back(), json({4, 6}));
}

TEST(TokenizeJob, ErrorsNameFileLineAndField) {
    const io::Scratch scratch;
    const auto refused = [&](const std::string& lines, const std::vector<std::string>& words) {
        const auto result = run(scratch, lines);
        ASSERT_FALSE(result.has_value());
        for (const std::string& word : words) EXPECT_NE(result.error().text().find(word), std::string::npos) << result.error().text();
        EXPECT_FALSE(std::filesystem::exists(scratch / "out/ids.jsonl"));
    };
    refused("{\"text\": \"a\"}\n{\"txt\": \"b\"}\n", {"texts.jsonl line 2", "'text'", "txt"});
    refused("{\"text\": 3}\n", {"line 1", "'text'"});
    refused("[1]\n", {"line 1", "object"});
    refused("{\"text\": \"a\"\n", {"line 1", "JSON"});
    refused("\x80\x04pickled", {"pickle", "JSON lines"});
}

}  // namespace
}  // namespace driftscope::llm
