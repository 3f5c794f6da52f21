#include "core/topics/data/topic_run.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "core/base/atomic_file.h"
#include "core/io/json_access.h"
#include "core/io/npz.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/read_formats.h"

namespace driftscope::topics {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<std::vector<std::uint32_t>> topWords(const Matrix& beta, std::size_t count) {
    std::vector<std::vector<std::uint32_t>> words(beta.rows);
    std::vector<std::uint32_t> order(beta.columns);
    count = std::min(count, beta.columns);
    for (std::size_t k = 0; k < beta.rows; ++k) {
        std::iota(order.begin(), order.end(), 0);
        const auto row = beta.row(k);
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                          [&](std::uint32_t a, std::uint32_t b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
        words[k].assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return words;
}

std::vector<std::uint32_t> hardAssignments(const Matrix& theta) {
    std::vector<std::uint32_t> topics(theta.rows);
    for (std::size_t d = 0; d < theta.rows; ++d) {
        const auto row = theta.row(d);
        topics[d] = static_cast<std::uint32_t>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return topics;
}

std::string topicLines(const Matrix& beta, const std::vector<std::string>& vocabulary, std::size_t count) {
    std::string text;
    for (const auto& words : topWords(beta, count)) {
        for (std::size_t i = 0; i < words.size(); ++i) text += (i ? " " : "") + vocabulary[words[i]];
        text += '\n';
    }
    return text;
}

Result<std::vector<std::vector<std::string>>> readTopicLines(const fs::path& file) {
    DS_ASSIGN(const std::vector<std::string> lines, readLines(file));
    std::vector<std::vector<std::string>> topics;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        DS_ASSIGN(const std::string line, checkedText(lines[i], fmt::format("{}, line {}", file.string(), i + 1), {}));
        std::istringstream words(line);
        std::vector<std::string> topic;
        for (std::string word; words >> word;) topic.push_back(word);
        topics.push_back(std::move(topic));
    }
    while (!topics.empty() && topics.back().empty()) topics.pop_back();
    if (topics.empty()) return fail(ErrorCode::BadInput, fmt::format("{} holds no topics.", file.string()), "Give a line of words per topic.");
    return topics;
}

Result<Matrix> readMatrix(const fs::path& file) {
    io::NpyNumbers numbers;
    if (file.extension() == ".npz") {
        DS_ASSIGN(auto arrays, io::readNpz(file));
        std::erase_if(arrays, [](const auto& entry) { return entry.second.shape.size() != 2; });
        if (arrays.size() != 1) return fail(ErrorCode::BadInput, fmt::format("{} holds {} matrices, not one.", file.string(), arrays.size()), "Save the matrix alone as .npy.");
        numbers = std::move(arrays.begin()->second);
    } else {
        DS_ASSIGN(numbers, io::readNpyNumbers(file));
    }
    if (numbers.shape.size() != 2 || numbers.values.empty())
        return fail(ErrorCode::BadInput, fmt::format("{} has the shape ({}), not rows x columns.", file.string(), fmt::join(numbers.shape, ", ")), "Save a matrix of two dimensions.");
    Matrix matrix(static_cast<std::size_t>(numbers.shape[0]), static_cast<std::size_t>(numbers.shape[1]));
    for (std::size_t i = 0; i < numbers.values.size(); ++i) {
        if (!std::isfinite(numbers.values[i]))
            return fail(ErrorCode::Numeric, fmt::format("{}, row {}, column {} is not a finite number.", file.string(), i / matrix.columns, i % matrix.columns), "The run diverged or the file is damaged: leave it out.");
        matrix.values[i] = static_cast<float>(numbers.values[i]);
    }
    return matrix;
}

Result<void> writeMatrix(const fs::path& file, const Matrix& matrix) {
    const std::vector<std::int64_t> shape{static_cast<std::int64_t>(matrix.rows), static_cast<std::int64_t>(matrix.columns)};
    return io::writeNpy(file, shape, matrix.values);
}

Result<void> writeTopicRun(const fs::path& folder, const TopicRun& run) {
    DS_TRY(makeFolder(folder));
    DS_TRY(writeMatrix(folder / "theta.npy", run.theta));
    DS_TRY(writeMatrix(folder / "beta.npy", run.beta));
    DS_TRY(writeFileAtomically(folder / "topics.txt", topicLines(run.beta, run.vocabulary, kListedWords)));
    DS_TRY(writeVocabulary(folder / "vocab.json", run.vocabulary));
    if (!run.documents.ids.empty()) DS_TRY(writeDocuments(folder / "documents.csv", run.documents));
    return writeFileAtomically(folder / "metrics.json", run.record.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

Result<TopicRun> readTopicRun(const fs::path& folder) {
    if (!fs::exists(folder / "beta.npy") || !fs::exists(folder / "theta.npy"))
        return fail(ErrorCode::NotFound, fmt::format("{} is not a finished topic run: it lacks beta.npy or theta.npy.", folder.string()), "Train one with topics.train, or bring one in with topics.import.");
    TopicRun run;
    DS_ASSIGN(run.beta, readMatrix(folder / "beta.npy"));
    DS_ASSIGN(run.theta, readMatrix(folder / "theta.npy"));
    DS_ASSIGN(run.vocabulary, readVocabulary(folder / "vocab.json"));
    const auto unfit = [&](const std::string& what) { return fail(ErrorCode::BadInput, fmt::format("{}: {}.", folder.string(), what), "The files must come from one run."); };
    if (run.theta.columns != run.beta.rows) return unfit(fmt::format("theta has {} topics, beta {}", run.theta.columns, run.beta.rows));
    if (run.vocabulary.size() != run.beta.columns) return unfit(fmt::format("beta has {} columns for {} words", run.beta.columns, run.vocabulary.size()));
    if (fs::exists(folder / "documents.csv")) {
        DS_ASSIGN(run.documents, readDocuments(folder / "documents.csv"));
        if (run.documents.ids.size() != run.theta.rows) return unfit(fmt::format("theta has {} rows for {} documents", run.theta.rows, run.documents.ids.size()));
    }
    if (fs::exists(folder / "metrics.json")) {
        DS_ASSIGN(run.record, io::readJson(folder / "metrics.json"));
    }
    return run;
}

}  // namespace driftscope::topics
