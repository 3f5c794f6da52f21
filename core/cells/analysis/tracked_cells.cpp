#include "core/cells/analysis/tracked_cells.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "core/io/h5ad.h"

namespace driftscope::cells {
namespace {

std::vector<std::string> entityColumns(const EmbeddingTable& table) {
    const Column* experiment = table.column("experiment");
    const auto* names = experiment ? std::get_if<Categorical>(experiment) : nullptr;
    if (names && names->categories.size() > 1) return {"experiment", "fov_name", "track_id"};
    return {"fov_name", "track_id"};
}

/// Rows without features do not take part.
void dropEmptyRows(TrackedCells& cells, const std::vector<std::uint8_t>& usable) {
    std::erase_if(cells.tracks, [&](Trajectory& track) {
        Trajectory kept{track.entity, {}, {}};
        for (std::size_t i = 0; i < track.rows.size(); ++i)
            if (usable[track.rows[i]]) {
                kept.rows.push_back(track.rows[i]);
                kept.steps.push_back(track.steps[i]);
            }
        track = std::move(kept);
        return track.rows.empty();
    });
}

}  // namespace

Result<TrackedCells> readTrackedCells(JobContext& job) {
    TrackedCells cells;
    DS_ASSIGN(cells.table, io::readH5ad(job.params().text("table")));
    const std::string name = job.params().text("features");
    const Matrix* source = name == "X" ? &cells.table.x : cells.table.matrix(name);
    if (!source || source->columns == 0)
        return fail(ErrorCode::BadInput, fmt::format("The table has no features '{}'.", name), fmt::format("It has X and {}.", fmt::join(cells.table.matrixNames(), ", ")));
    cells.features = *source;
    std::vector<std::uint8_t> usable(source->rows);
    for (std::uint32_t row = 0; row < source->rows; ++row) {
        usable[row] = std::ranges::all_of(source->row(row), [](float v) { return std::isfinite(v); });
        if (usable[row]) cells.rows.push_back(row);
    }
    if (cells.rows.size() < source->rows) job.warn(fmt::format("{} of {} rows have no finite features and are left out.", source->rows - cells.rows.size(), source->rows));
    if (cells.rows.empty()) return fail(ErrorCode::BadInput, fmt::format("No row of {} has finite features.", job.params().text("table")), "Embed the cells first.");
    DS_ASSIGN(cells.tracks, trajectories(cells.table, entityColumns(cells.table), "t"));
    dropEmptyRows(cells, usable);
    cells.trackOfRow.assign(source->rows, TrackedCells::kNoTrack);
    for (std::uint32_t track = 0; track < cells.tracks.size(); ++track)
        for (const std::uint32_t row : cells.tracks[track].rows) cells.trackOfRow[row] = track;
    return cells;
}

std::vector<ParamSpec> trackedCellsParams() {
    return {{.name = "table", .type = ParamType::Path, .help = "Embedding table (.h5ad) with fov_name, track_id and t."},
            {.name = "features", .type = ParamType::Text, .fallback = "X", .help = "X, or the name of an obsm matrix such as X_projections or X_pca."}};
}

Result<std::vector<std::uint32_t>> rootTracks(const TrackedCells& cells) {
    std::vector<std::uint32_t> root(cells.tracks.size());
    std::unordered_map<std::string, std::uint32_t> byName;
    for (std::uint32_t i = 0; i < cells.tracks.size(); ++i) {
        root[i] = i;
        byName[cells.tracks[i].entity] = i;
    }
    if (!cells.table.column("parent_track_id")) return root;
    DS_ASSIGN(const std::vector<double> parents, cells.table.numbers("parent_track_id"));
    std::vector<std::uint32_t> parent = root;
    for (std::uint32_t i = 0; i < cells.tracks.size(); ++i) {
        const Trajectory& track = cells.tracks[i];
        const double id = parents[track.rows.front()];
        if (std::isnan(id) || id < 0) continue;
        const auto found = byName.find(track.entity.substr(0, track.entity.rfind('#') + 1) + fmt::format("{:.0f}", id));
        if (found != byName.end()) parent[i] = found->second;
    }
    for (std::uint32_t i = 0; i < root.size(); ++i) {
        std::uint32_t at = i;
        std::size_t steps = 0;
        for (; parent[at] != at; at = parent[at])
            if (++steps > root.size()) return fail(ErrorCode::BadInput, fmt::format("Track {} is its own ancestor.", cells.tracks[i].entity), "Correct parent_track_id.");
        root[i] = at;
    }
    return root;
}

Result<Categorical> groupsOfRows(JobContext& job, const TrackedCells& cells) {
    if (!job.params().isSet("group") || job.params().text("group").empty()) return Categorical{std::vector<std::int32_t>(cells.table.rows(), 0), {"all"}, false};
    DS_ASSIGN(const std::vector<std::string> texts, cells.table.texts(job.params().text("group")));
    Categorical groups = Categorical::fromTexts(texts);
    const auto lost = std::ranges::count(groups.codes, -1);
    if (lost > 0) job.warn(fmt::format("{} rows have no value in column '{}' and are left out.", lost, job.params().text("group")));
    if (groups.categories.empty()) return fail(ErrorCode::BadInput, fmt::format("Column '{}' is empty.", job.params().text("group")), "Choose a column that names conditions.");
    return groups;
}

ParamSpec groupParam(std::string help) {
    return {.name = "group", .type = ParamType::Text, .help = std::move(help), .optional = true};
}

Result<Matrix> positionsOf(const EmbeddingTable& table, double pixelSize, double pixelSizeZ) {
    DS_ASSIGN(const std::vector<double> y, table.numbers("y"));
    DS_ASSIGN(const std::vector<double> x, table.numbers("x"));
    std::vector<double> z;
    if (table.column("z")) {
        DS_ASSIGN(z, table.numbers("z"));
    }
    Matrix out(table.rows(), z.empty() ? 2 : 3);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        out(row, 0) = static_cast<float>(y[row] * pixelSize);
        out(row, 1) = static_cast<float>(x[row] * pixelSize);
        if (!z.empty()) out(row, 2) = static_cast<float>(z[row] * pixelSizeZ);
    }
    return out;
}

std::vector<std::string> keyNames(const EmbeddingTable& table) {
    std::vector<std::string> names;
    for (const char* name : {"experiment", "fov_name", "track_id", "t", "id"})
        if (table.column(name)) names.emplace_back(name);
    return names;
}

std::vector<std::string> keysOf(const EmbeddingTable& table, std::size_t row) {
    std::vector<std::string> out;
    for (const std::string& name : keyNames(table)) out.push_back(columnText(*table.column(name), row));
    return out;
}

std::string csvNumber(double value) {
    return std::isnan(value) ? std::string() : fmt::format("{:.9g}", value);
}

nlohmann::json jsonNumber(double value) {
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

embed::Monitor monitorOf(JobContext& job) {
    return {job.stopToken(), [&job](double done, double total, std::string_view stage) { job.progress(done, total, stage); }};
}

tl::unexpected<Error> stopOrFail(const Error& error) {
    return error.code == ErrorCode::Cancelled ? JobContext::cancel() : tl::unexpected<Error>(error);
}

}  // namespace driftscope::cells
