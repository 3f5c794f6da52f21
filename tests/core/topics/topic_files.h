#pragma once

#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "core/job/run_job.h"
#include "core/topics/data/corpus.h"
#include "core/topics/data/preprocess.h"
#include "core/topics/topics_jobs.h"

namespace driftscope::topics {

inline const std::filesystem::path kTestTopics = std::filesystem::path(DRIFTSCOPE_TEST_DATA) / "topics";

/// Runs one of the topics jobs, as driftscope-run does.
inline Result<nlohmann::json> runTopicJob(const std::string& kind, const nlohmann::json& params, const std::filesystem::path& out,
                                          std::stop_token stop = {}, JobContext::Listener listener = {}, bool overwrite = false) {
    JobRegistry registry;
    registerTopicJobs(registry, {ldaKind(), nmfKind()});
    return runJob(registry, {kind, params, out, "cpu", overwrite}, std::move(stop), std::move(listener));
}

/// A corpus of texts whose words are separated by blanks.
inline Corpus corpusOf(std::initializer_list<const char*> texts) {
    RawCorpus raw;
    raw.prepared = true;
    for (const char* text : texts) raw.documents.push_back({std::to_string(raw.documents.size()), text, static_cast<std::int64_t>(raw.documents.size()), std::nullopt, {}});
    auto made = preprocess(std::move(raw), PreprocessRules::forPreparedText());
    return made ? std::move(made->corpus) : Corpus{};
}

/// M10: 8,355 titles with 10 categories.
inline Corpus readM10() {
    auto raw = readSource(kTestTopics / "M10/corpus.tsv", {.format = "octis"});
    auto made = preprocess(std::move(raw).value(), PreprocessRules::forPreparedText());
    return std::move(made.value().corpus);
}

}  // namespace driftscope::topics
