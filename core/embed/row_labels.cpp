#include "core/embed/row_labels.h"

#include <filesystem>
#include <unordered_map>

#include "core/io/csv.h"
#include "core/label/label_store.h"

namespace driftscope::embed {
namespace {

namespace fs = std::filesystem;

std::string withoutSlash(const std::string& name) {
    return name.starts_with('/') ? name.substr(1) : name;
}

/// Label text of every row; empty where there is none.
using Texts = std::vector<std::string>;

/// fov, track and frame of every row as one key.
Result<std::vector<std::string>> cellKeys(const EmbeddingTable& table) {
    DS_ASSIGN(const auto fovs, table.texts("fov_name"));
    DS_ASSIGN(const auto tracks, table.integers("track_id"));
    DS_ASSIGN(const auto frames, table.integers("t"));
    std::vector<std::string> keys;
    for (std::size_t row = 0; row < table.rows(); ++row) keys.push_back(fmt::format("{}#{}@{}", withoutSlash(fovs[row]), tracks[row], frames[row]));
    return keys;
}

Result<Texts> labelsOfStore(JobContext& job, const EmbeddingTable& table, const fs::path& file, const std::string& column) {
    DS_ASSIGN(const auto store, LabelStore::openForReading(file));
    DS_ASSIGN(const auto labels, store->labels(column));
    DS_ASSIGN(const auto keys, cellKeys(table));
    std::unordered_map<std::string, std::string> byCell;
    const std::string dataset = job.params().text("dataset");
    for (const Label& label : labels)
        if (label.origin != "predicted" && (dataset.empty() || label.target.dataset == dataset))
            byCell[fmt::format("{}@{}", label.target.entity, label.target.step)] = label.label;
    Texts out(table.rows());
    std::size_t matched = 0;
    for (std::size_t row = 0; row < table.rows(); ++row)
        if (const auto found = byCell.find(keys[row]); found != byCell.end()) {
            out[row] = found->second;
            ++matched;
        }
    if (matched < byCell.size()) job.warn(fmt::format("{} of {} labels belong to no row of the table.", byCell.size() - matched, byCell.size()));
    return out;
}

Result<Texts> labelsOfCsv(JobContext& job, const EmbeddingTable& table, const fs::path& file, const std::string& column) {
    DS_ASSIGN(const io::CsvTable csv, io::readCsv(file));
    const auto at = [&](const char* name) { return csv.find(name); };
    const auto state = csv.find(column);
    if (!state) return fail(ErrorCode::BadInput, fmt::format("{} has no column '{}'.", file.string(), column), fmt::format("Its columns are {}.", fmt::join(csv.header, ", ")));
    const auto fov = at("fov_name"), track = at("track_id"), frame = at("t");
    if (!fov || !track || !frame) return fail(ErrorCode::BadInput, fmt::format("{} needs the columns fov_name, track_id and t.", file.string()), "They say which cell a row is about.");
    std::unordered_map<std::string, std::string> byCell;
    for (const auto& row : csv.rows)
        if (!row[*state].empty()) byCell[fmt::format("{}#{}@{}", withoutSlash(row[*fov]), row[*track], row[*frame])] = row[*state];
    DS_ASSIGN(const auto keys, cellKeys(table));
    Texts out(table.rows());
    std::size_t matched = 0;
    for (std::size_t row = 0; row < table.rows(); ++row)
        if (const auto found = byCell.find(keys[row]); found != byCell.end()) {
            out[row] = found->second;
            ++matched;
        }
    if (matched < byCell.size()) job.warn(fmt::format("{} of {} labelled rows of {} belong to no row of the table.", byCell.size() - matched, byCell.size(), file.string()));
    return out;
}

}  // namespace

Result<std::vector<std::string>> readRowLabels(JobContext& job, const EmbeddingTable& table) {
    const std::string column = job.params().text("column");
    if (!job.params().isSet("labels")) return table.texts(column);
    const fs::path file = job.params().text("labels");
    return file.extension() == ".csv" ? labelsOfCsv(job, table, file, column) : labelsOfStore(job, table, file, column);
}

}  // namespace driftscope::embed
