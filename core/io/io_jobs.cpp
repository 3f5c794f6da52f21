#include "core/io/io_jobs.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/io/h5ad.h"
#include "core/job/job_context.h"

namespace driftscope::io {
namespace {

using nlohmann::json;

std::string typeOf(const Column& column) {
    constexpr const char* kTypes[] = {"integer", "number", "boolean", "category", "text"};
    return kTypes[column.index()];
}

/// The most frequent values with their counts; ties by name.
json mostFrequent(const std::map<std::string, std::size_t>& counts, std::size_t limit) {
    std::vector<std::pair<std::string, std::size_t>> order(counts.begin(), counts.end());
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    if (order.size() > limit) order.resize(limit);
    json values = json::array();
    for (const auto& [value, count] : order) values.push_back({{"value", value}, {"count", count}});
    return values;
}

void describeValues(const Column& column, std::size_t limit, json& out) {
    std::map<std::string, std::size_t> counts;
    for (std::size_t row = 0; row < columnSize(column); ++row) ++counts[columnText(column, row)];
    if (const auto missing = counts.find(""); missing != counts.end()) {
        out["missing"] = missing->second;
        counts.erase(missing);
    }
    out["distinct"] = counts.size();
    out["values"] = mostFrequent(counts, limit);
    if (const auto* categories = std::get_if<Categorical>(&column)) out["ordered"] = categories->ordered;
}

void describeRange(const Column& column, json& out) {
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    double sum = 0;
    std::size_t present = 0;
    for (std::size_t row = 0; row < columnSize(column); ++row) {
        const double value = columnNumber(column, row);
        if (std::isnan(value)) continue;
        low = std::min(low, value);
        high = std::max(high, value);
        sum += value;
        ++present;
    }
    out["missing"] = columnSize(column) - present;
    if (present > 0) out.update({{"minimum", low}, {"maximum", high}, {"mean", sum / static_cast<double>(present)}});
}

json describeColumn(const std::string& name, const Column& column, std::size_t limit) {
    json out = {{"name", name}, {"type", typeOf(column)}, {"missing", 0}};
    if (isNumeric(column))
        describeRange(column, out);
    else
        describeValues(column, limit, out);
    return out;
}

Result<json> tableInfo(JobContext& job) {
    const std::string path = job.params().text("table");
    const auto limit = static_cast<std::size_t>(job.params().integer("values"));
    DS_ASSIGN(const H5adOutline outline, outlineH5ad(path));
    DS_ASSIGN(EmbeddingTable table, readH5ad(path, {.x = false, .obsm = false}));
    json obs = json::array();
    for (const std::string& name : table.columnNames()) {
        if (job.cancelled()) return JobContext::cancel();
        obs.push_back(describeColumn(name, *table.column(name), limit));
        job.progress(static_cast<double>(obs.size()), static_cast<double>(table.columnNames().size()), "column");
    }
    json obsm = json::array();
    for (const auto& [name, columns] : outline.matrices) obsm.push_back({{"name", name}, {"columns", columns}});
    const json warnings = table.uns.value("driftscope_warnings", json::array());
    for (const json& warning : warnings) job.warn(warning.get<std::string>());
    table.uns.erase("driftscope_warnings");
    return json{{"table", path},  {"rows", table.rows()}, {"x", {{"columns", outline.columns}, {"storage", outline.storage}}},
                {"obs", obs},     {"obsm", obsm},         {"uns", table.uns},
                {"warnings", warnings}};
}

}  // namespace

void registerTableJobs(JobRegistry& registry) {
    registry.add({.name = "table.info",
                  .title = "Describe an embedding table",
                  .help = "Reads an .h5ad file without its matrices and tells its rows, the columns of obs with types, ranges and value counts, the "
                          "matrices of obsm, and the notes in uns, among them how the table was made.",
                  .params = {{.name = "table", .type = ParamType::Path, .help = "The .h5ad file."},
                             {.name = "values", .type = ParamType::Int, .fallback = 50, .help = "How many of a column's values to list, the most frequent first.", .minimum = 0}},
                  .run = tableInfo});
}

}  // namespace driftscope::io
