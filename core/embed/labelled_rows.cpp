#include "core/embed/labelled_rows.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

namespace driftscope::embed {
namespace {

using Texts = std::vector<std::string>;

std::string withoutSlash(const std::string& name) {
    return name.starts_with('/') ? name.substr(1) : name;
}

/// The text that says which group a row belongs to.
Result<Texts> groupKeys(const EmbeddingTable& table, std::span<const std::uint32_t> rows, const std::string& by) {
    Texts keys;
    if (by == "none") {
        for (std::uint32_t row : rows) keys.push_back(fmt::to_string(row));
        return keys;
    }
    Texts names, tracks;
    if (by == "plate") {
        for (const char* column : {"plate", "experiment", "dataset"})
            if (names.empty() && table.column(column)) {
                DS_ASSIGN(names, table.texts(column));
            }
        if (names.empty() && table.rows() > 0)
            return fail(ErrorCode::BadInput, "The table has no column plate, experiment or dataset.", "Give several tables, or choose groups=fov or groups=track.");
    } else {
        DS_ASSIGN(names, table.texts("fov_name"));
    }
    if (by == "track") {
        DS_ASSIGN(tracks, table.texts("track_id"));
    }
    for (std::uint32_t row : rows) {
        std::string key = by == "plate" ? names[row] : withoutSlash(names[row]);
        if (by == "track") key += "#" + tracks[row];
        if (by == "well") key = key.substr(0, key.rfind('/'));
        keys.push_back(std::move(key));
    }
    return keys;
}

}  // namespace

std::vector<int> LabelledRows::perRow(std::size_t tableRows) const {
    std::vector<int> out(tableRows, -1);
    for (std::size_t i = 0; i < rows.size(); ++i) out[rows[i]] = labels[i];
    return out;
}

Result<LabelledRows> collectLabels(const Matrix& features, const Texts& texts, const std::string& column, std::size_t fewest) {
    LabelledRows out;
    std::map<std::string, int> index;
    for (const std::string& text : texts)
        if (!text.empty() && text != "unknown") index.emplace(text, 0);
    for (auto& [name, number] : index) {
        number = static_cast<int>(out.classes.size());
        out.classes.push_back(name);
    }
    for (std::uint32_t row = 0; row < features.rows; ++row) {
        const bool finite = std::ranges::all_of(features.row(row), [](float v) { return std::isfinite(v); });
        if (finite) out.finite.push_back(row);
        const auto found = index.find(texts[row]);
        if (found == index.end()) continue;
        if (!finite) {
            ++out.unusable;
            continue;
        }
        out.rows.push_back(row);
        out.labels.push_back(found->second);
    }
    if (out.classes.size() < fewest)
        return fail(ErrorCode::BadInput, fmt::format("Column '{}' has labels of {} class(es).", column, out.classes.size()),
                    fmt::format("At least {} classes need labels.", fewest));
    return out;
}

Result<std::vector<std::uint32_t>> groupRows(const EmbeddingTable& table, std::span<const std::uint32_t> rows, const std::string& by) {
    DS_ASSIGN(const Texts keys, groupKeys(table, rows, by));
    std::unordered_map<std::string, std::uint32_t> index;
    std::vector<std::uint32_t> groups;
    for (const std::string& key : keys) groups.push_back(index.try_emplace(key, static_cast<std::uint32_t>(index.size())).first->second);
    return groups;
}

Result<Texts> groupNames(const EmbeddingTable& table, std::span<const std::uint32_t> rows, const std::string& by) {
    DS_ASSIGN(const Texts keys, groupKeys(table, rows, by));
    std::unordered_map<std::string, std::uint32_t> index;
    Texts names;
    for (const std::string& key : keys)
        if (index.try_emplace(key, static_cast<std::uint32_t>(index.size())).second) names.push_back(key);
    return names;
}

}  // namespace driftscope::embed
