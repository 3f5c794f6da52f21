#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/cli/run_main.h"
#include "core/debate/debate_jobs.h"
#include "core/embed/embed_jobs.h"

namespace driftscope::debate {

/// What a user of driftscope-run sees.
struct Seen {
    int exit = 0;
    std::string errors;     ///< stderr
    nlohmann::json result;  ///< of the --json line
};

/// Runs driftscope-run with the kinds of debates and probes, in this process.
inline Seen runCommand(const std::string& kind, const std::vector<std::string>& settings, const std::filesystem::path& out) {
    JobRegistry registry;
    registerDebateJobs(registry);
    embed::registerEmbedJobs(registry);
    std::vector<std::string> words{"driftscope-run", kind, "--json", "--out", out.string()};
    for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Seen seen;
    seen.exit = runMain(registry, static_cast<int>(arguments.size()), arguments.data());
    seen.errors = testing::internal::GetCapturedStderr();
    const std::string text = testing::internal::GetCapturedStdout();
    const auto line = nlohmann::json::parse(text, nullptr, false);
    seen.result = line.is_object() ? line.value("result", nlohmann::json()) : nlohmann::json();
    return seen;
}

}  // namespace driftscope::debate
