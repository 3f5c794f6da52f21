#include "core/topics/view/token_topics.h"

#include <algorithm>
#include <charconv>

#include "core/topics/data/read_formats.h"

namespace driftscope::topics {
namespace {

Result<void> readLine(const std::string& line, const std::string& place, std::size_t wanted, std::size_t topics, std::vector<std::uint32_t>& out) {
    const char* at = line.data();
    const char* const end = at + line.size();
    std::size_t found = 0;
    while (at != end) {
        if (*at == ' ') {
            ++at;
            continue;
        }
        std::uint32_t topic = 0;
        const auto [next, problem] = std::from_chars(at, end, topic);
        if (problem != std::errc() || (next != end && *next != ' ')) return fail(ErrorCode::BadInput, fmt::format("{} holds something that is no topic number.", place), "Train again with assignments=true.");
        if (topic >= topics) return fail(ErrorCode::BadInput, fmt::format("{} names topic {}, but the run has {}.", place, topic, topics), "The file must come from the same run.");
        out.push_back(topic);
        ++found;
        at = next;
    }
    if (found != wanted) return fail(ErrorCode::BadInput, fmt::format("{} has {} topics for {} words.", place, found, wanted), "The file must come from a run on the same corpus.");
    return {};
}

}  // namespace

Result<std::vector<std::uint32_t>> readAssignments(const std::filesystem::path& file, const Corpus& corpus, std::size_t topics) {
    DS_ASSIGN(std::vector<std::string> lines, readLines(file));
    while (lines.size() > corpus.documents() && lines.back().empty()) lines.pop_back();
    if (lines.size() != corpus.documents())
        return fail(ErrorCode::BadInput, fmt::format("{} has {} lines for {} documents.", file.string(), lines.size(), corpus.documents()), "The file must come from a run on the same corpus.");
    std::vector<std::uint32_t> out;
    out.reserve(corpus.tokens());
    for (std::size_t d = 0; d < lines.size(); ++d) DS_TRY(readLine(lines[d], fmt::format("{}, line {}", file.string(), d + 1), corpus.document(d).size(), topics, out));
    return out;
}

std::vector<TokenTopic> likelyTopics(const TopicRun& run, std::size_t document, std::span<const std::uint32_t> words) {
    const auto theta = run.theta.row(document);
    const auto largest = static_cast<std::uint32_t>(std::max_element(theta.begin(), theta.end()) - theta.begin());
    std::vector<TokenTopic> out;
    out.reserve(words.size());
    for (const std::uint32_t word : words) {
        TokenTopic token{largest, 0};
        double best = 0, sum = 0;
        for (std::size_t k = 0; k < theta.size(); ++k) {
            const double weight = static_cast<double>(theta[k]) * run.beta(k, word);
            sum += weight;
            if (weight <= best) continue;
            best = weight;
            token.topic = static_cast<std::uint32_t>(k);
        }
        if (sum > 0) token.probability = best / sum;
        out.push_back(token);
    }
    return out;
}

}  // namespace driftscope::topics
