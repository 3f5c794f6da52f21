#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <sstream>
#include <unordered_map>

#include "core/topics/data/read_formats.h"
#include "core/topics/import_run.h"

namespace driftscope::topics {
namespace {

std::optional<double> numberOf(std::string_view text) {
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::vector<std::string> fieldsOf(const std::string& line) {
    std::istringstream text(line);
    std::vector<std::string> fields;
    for (std::string field; text >> field;) fields.push_back(field);
    return fields;
}

tl::unexpected<Error> badLine(const std::filesystem::path& file, std::size_t line, const char* wanted) {
    return fail(ErrorCode::BadInput, fmt::format("{}, line {}: it is not {}.", file.string(), line, wanted), "Check that the file is what MALLET wrote.");
}

std::optional<std::size_t> topicOf(std::string_view text) {
    const auto value = numberOf(text);
    if (!value || *value < 0 || *value > 65534 || *value != std::floor(*value)) return std::nullopt;
    return static_cast<std::size_t>(*value);
}

/// Every other value is a topic number below the number of pairs, each once.
bool arePairs(const std::vector<double>& values) {
    if (values.size() % 2) return false;
    std::vector<bool> seen(values.size() / 2, false);
    for (std::size_t i = 0; i < values.size(); i += 2) {
        const auto topic = static_cast<std::size_t>(values[i] < 0 ? 65535 : values[i]);
        if (values[i] != std::floor(values[i]) || topic >= seen.size() || seen[topic]) return false;
        seen[topic] = true;
    }
    return true;
}

}  // namespace

Result<ImportedWords> readMalletWeights(const std::filesystem::path& file) {
    DS_ASSIGN(const std::vector<std::string> lines, readLines(file));
    std::unordered_map<std::string, std::uint32_t> idOf;
    std::map<std::pair<std::size_t, std::uint32_t>, double> weights;
    ImportedWords words;
    std::size_t topics = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].empty()) continue;
        const std::vector<std::string> fields = fieldsOf(lines[i]);
        const auto topic = fields.size() == 3 ? topicOf(fields[0]) : std::nullopt;
        const auto weight = fields.size() == 3 ? numberOf(fields[2]) : std::nullopt;
        if (!topic || !weight) return badLine(file, i + 1, "'topic word weight'");
        const auto [entry, isNew] = idOf.try_emplace(fields[1], static_cast<std::uint32_t>(words.vocabulary.size()));
        if (isNew) words.vocabulary.push_back(fields[1]);
        weights[{*topic, entry->second}] = *weight;
        topics = std::max(topics, *topic + 1);
    }
    if (topics == 0) return fail(ErrorCode::BadInput, fmt::format("{} holds no weights.", file.string()), "Write it with --topic-word-weights-file.");
    words.beta = Matrix(topics, words.vocabulary.size());
    for (const auto& [place, weight] : weights) words.beta(place.first, place.second) = static_cast<float>(weight);
    return words;
}

Result<ImportedWords> readMalletKeys(const std::filesystem::path& file) {
    DS_ASSIGN(const std::vector<std::string> lines, readLines(file));
    std::unordered_map<std::string, std::uint32_t> idOf;
    std::map<std::size_t, std::vector<std::uint32_t>> ranked;
    std::map<std::size_t, double> alphas;
    ImportedWords words;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].empty()) continue;
        const std::vector<std::string> fields = fieldsOf(lines[i]);
        const auto topic = fields.size() >= 2 ? topicOf(fields[0]) : std::nullopt;
        const auto alpha = fields.size() >= 2 ? numberOf(fields[1]) : std::nullopt;
        if (!topic || !alpha) return badLine(file, i + 1, "'topic alpha words'");
        alphas[*topic] = *alpha;
        for (std::size_t w = 2; w < fields.size(); ++w) {
            const auto [entry, isNew] = idOf.try_emplace(fields[w], static_cast<std::uint32_t>(words.vocabulary.size()));
            if (isNew) words.vocabulary.push_back(fields[w]);
            ranked[*topic].push_back(entry->second);
        }
    }
    if (ranked.empty()) return fail(ErrorCode::BadInput, fmt::format("{} holds no topics.", file.string()), "Write it with --output-topic-keys.");
    const std::size_t topics = alphas.rbegin()->first + 1;
    words.beta = Matrix(topics, words.vocabulary.size());
    words.alpha.assign(topics, 0);
    for (const auto& [topic, alpha] : alphas) words.alpha[topic] = alpha;
    for (const auto& [topic, ids] : ranked)
        for (std::size_t rank = 0; rank < ids.size(); ++rank) words.beta(topic, ids[rank]) = static_cast<float>(1.0 / static_cast<double>(rank + 1));
    return words;
}

Result<ImportedDocuments> readMalletDocuments(const std::filesystem::path& file) {
    DS_ASSIGN(const std::vector<std::string> lines, readLines(file));
    ImportedDocuments documents;
    std::vector<std::vector<double>> rows;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].empty() || lines[i][0] == '#') continue;
        const std::vector<std::string> fields = fieldsOf(lines[i]);
        if (fields.size() < 3) return badLine(file, i + 1, "a number, a name and proportions");
        std::vector<double> values;
        for (std::size_t f = 2; f < fields.size(); ++f) {
            const auto value = numberOf(fields[f]);
            if (!value) return badLine(file, i + 1, "a number, a name and proportions (blanks in names?)");
            values.push_back(*value);
        }
        if (arePairs(values)) {
            std::vector<double> shares(values.size() / 2);
            for (std::size_t p = 0; p < values.size(); p += 2) shares[static_cast<std::size_t>(values[p])] = values[p + 1];
            values = std::move(shares);
        }
        if (!rows.empty() && rows[0].size() != values.size()) return badLine(file, i + 1, "as long as the first line");
        documents.ids.push_back(fields[1]);
        rows.push_back(std::move(values));
    }
    if (rows.empty()) return fail(ErrorCode::BadInput, fmt::format("{} holds no documents.", file.string()), "Write it with --output-doc-topics.");
    documents.theta = Matrix(rows.size(), rows[0].size());
    for (std::size_t d = 0; d < rows.size(); ++d) std::copy(rows[d].begin(), rows[d].end(), documents.theta.row(d).begin());
    return documents;
}

}  // namespace driftscope::topics
