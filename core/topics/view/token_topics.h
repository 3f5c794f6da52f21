#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "core/topics/data/corpus.h"
#include "core/topics/data/topic_run.h"

namespace driftscope::topics {

/// The topic of one token in a document.
struct TokenTopic {
    std::uint32_t topic = 0;
    double probability = 1;  ///< of that topic for this word in this document; 1 for a sampled assignment
};

/// Reads assignments.txt of topics.train: a line per document with the topic of each token, one number per token of the corpus.
/// Errors name the line: other numbers of documents or tokens, a topic the run does not have.
Result<std::vector<std::uint32_t>> readAssignments(const std::filesystem::path& file, const Corpus& corpus, std::size_t topics);

/// The likeliest topic of each token of a document: argmax_k of P(k | w, d) ~ theta_dk beta_kw, the lowest of equal ones.
/// Words that no topic of the document gives any weight take the document's largest topic with probability 0.
std::vector<TokenTopic> likelyTopics(const TopicRun& run, std::size_t document, std::span<const std::uint32_t> words);

}  // namespace driftscope::topics
