#include "plugins/drift/token_table.h"

#include <set>

#include "core/io/h5ad.h"
#include "plugins/drift/drift_metrics.h"

namespace driftscope::drift {
namespace {

Result<std::vector<std::pair<std::string, std::int64_t>>> columnsOf(const EmbeddingTable& table, const std::string& file) {
    std::vector<std::pair<std::string, std::int64_t>> out;
    for (const auto& entry : table.uns.value("columns", nlohmann::json::array())) {
        const std::string text = entry.is_string() ? entry.get<std::string>() : std::string();
        const std::size_t space = text.rfind(' ');
        const auto layer = space == std::string::npos ? std::nullopt : wholeNumber(text.substr(space + 1));
        if (!layer) return fail(ErrorCode::BadInput, fmt::format("{}: '{}' in uns/columns names no capture point and layer.", file, text));
        out.emplace_back(text.substr(0, space), *layer);
    }
    if (out.size() != table.x.columns) return fail(ErrorCode::BadInput, fmt::format("{} names {} columns and holds {}.", file, out.size(), table.x.columns), "Run llm.drift again.");
    return out;
}

}  // namespace

Result<TokenTable> TokenTable::read(const std::filesystem::path& file) {
    TokenTable out;
    DS_ASSIGN(out.table_, io::readH5ad(file));
    for (const char* column : {"sample", "step", "piece", "part", "id", "begin", "end", "kl", "loss_before", "loss_after"})
        if (!out.table_.column(column)) return fail(ErrorCode::BadInput, fmt::format("{} is no table of tokens: it has no column {}.", file.string(), column), "llm.drift writes such tables.");
    DS_ASSIGN(out.columns_, columnsOf(out.table_, file.string()));
    DS_ASSIGN(const auto samples, out.table_.integers("sample"));
    DS_ASSIGN(const auto steps, out.table_.integers("step"));
    for (std::size_t r = 0; r < samples.size();) {
        std::size_t end = r + 1;
        while (end < samples.size() && samples[end] == samples[r] && steps[end] == steps[r]) ++end;
        out.ranges_[{samples[r], steps[r]}] = {r, end};
        r = end;
    }
    return out;
}

std::optional<TokenTable::Range> TokenTable::find(std::int64_t sample, std::int64_t step) const {
    const auto found = ranges_.find({sample, step});
    return found == ranges_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<TokenRow> TokenTable::tokens(std::int64_t sample, std::int64_t step) const {
    std::vector<TokenRow> out;
    const auto range = find(sample, step);
    if (!range) return out;
    const auto number = [&](const char* column, std::size_t row) { return columnNumber(*table_.column(column), row); };
    const auto whole = [&](const char* column, std::size_t row) { return static_cast<std::int64_t>(number(column, row)); };
    for (std::size_t r = range->begin; r < range->end; ++r)
        out.push_back({columnText(*table_.column("piece"), r), whole("id", r), whole("begin", r), whole("end", r), columnText(*table_.column("part"), r) == "response", number("kl", r),
                       number("loss_before", r), number("loss_after", r)});
    return out;
}

std::vector<std::int64_t> TokenTable::layers(const std::string& point) const {
    std::vector<std::int64_t> out;
    for (const auto& [name, layer] : columns_)
        if (name == point) out.push_back(layer);
    return out;
}

Matrix TokenTable::drift(std::int64_t sample, std::int64_t step, const std::string& point) const {
    const auto range = find(sample, step);
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < columns_.size(); ++c)
        if (columns_[c].first == point) columns.push_back(c);
    if (!range) return Matrix(columns.size(), 0);
    Matrix out(columns.size(), range->end - range->begin);
    for (std::size_t i = 0; i < columns.size(); ++i)
        for (std::size_t t = 0; t < out.columns; ++t) out(i, t) = table_.x(range->begin + t, columns[i]);
    return out;
}

std::vector<std::int64_t> TokenTable::samples() const {
    std::set<std::int64_t> unique;
    for (const auto& [key, range] : ranges_) unique.insert(key.first);
    return {unique.begin(), unique.end()};
}

}  // namespace driftscope::drift
