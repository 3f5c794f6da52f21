#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/table/embedding_table.h"
#include "core/topics/data/corpus.h"

namespace driftscope::topics {

/// A trained (or imported) topic model: what every view and measure needs, whatever made it. Topic k is row k of beta and
/// column k of theta, in the numbers the model gave them; nothing ever renumbers topics.
struct TopicRun {
    Matrix beta;                           ///< K x V, rows sum to 1
    Matrix theta;                          ///< documents x K, rows sum to 1
    std::vector<std::string> vocabulary;   ///< V
    DocumentList documents;                ///< of theta's rows; may be empty for imported runs
    /// model, k, seed, corpus_hash, vocabulary_hash, priors, likelihood, …: metrics.json
    nlohmann::json record = nlohmann::json::object();

    std::size_t topics() const { return beta.rows; }
};

constexpr std::size_t kListedWords = 50;  ///< words per topic in topics.txt; the depth of the paper's stability measures

/// Word ids of each topic by falling weight, ties by word id; `count` per topic or V when that is less.
std::vector<std::vector<std::uint32_t>> topWords(const Matrix& beta, std::size_t count);
/// The topic with the largest share of each document; the first of equal ones, as numpy.argmax.
std::vector<std::uint32_t> hardAssignments(const Matrix& theta);
/// A line of words per topic.
std::string topicLines(const Matrix& beta, const std::vector<std::string>& vocabulary, std::size_t count);
/// Reads such lines. Errors: no topics.
Result<std::vector<std::vector<std::string>>> readTopicLines(const std::filesystem::path& file);

/// Writes theta.npy, beta.npy, topics.txt, vocab.json, documents.csv (unless empty) and metrics.json.
Result<void> writeTopicRun(const std::filesystem::path& folder, const TopicRun& run);
/// Reads what writeTopicRun() wrote. Errors name file and remedy: no topic run, shapes that do not fit each other, NaN.
Result<TopicRun> readTopicRun(const std::filesystem::path& folder);

/// Reads a matrix of numbers from .npy, or from the only two-dimensional array of .npz. Errors: another number of
/// dimensions, an empty matrix, NaN or infinite values (place named).
Result<Matrix> readMatrix(const std::filesystem::path& file);
Result<void> writeMatrix(const std::filesystem::path& file, const Matrix& matrix);

}  // namespace driftscope::topics
