// cells.msd, cells.smoothness and cells.ranks: how cells move, through space and through the embedding.
#include <algorithm>
#include <cmath>

#include "core/cells/analysis/displacement.h"
#include "core/cells/analysis/job_kinds.h"
#include "core/cells/analysis/smoothness.h"
#include "core/cells/analysis/statistics.h"
#include "core/cells/analysis/tracked_cells.h"
#include "core/embed/standardizer.h"
#include "core/io/csv.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

/// The tracks whose first row belongs to a group.
std::vector<Trajectory> tracksOf(const TrackedCells& cells, const Categorical& groups, std::int32_t group) {
    std::vector<Trajectory> out;
    for (const Trajectory& track : cells.tracks)
        if (groups.codes[track.rows.front()] == group) out.push_back(track);
    return out;
}

Displacement measureOf(const std::string& text) {
    return text == "msd" ? Displacement::MeanSquared : text == "euclidean" ? Displacement::Euclidean : Displacement::Cosine;
}

struct MsdRun {
    JobContext& job;
    const TrackedCells& cells;
    const Categorical& groups;
    io::CsvTable csv;
    json curves = json::array();

    Result<void> add(const std::string& space, const Matrix& points, Displacement measure, const std::string& name, const std::string& unit) {
        const Params& params = job.params();
        const double interval = params.real("interval");
        for (std::size_t g = 0; g < groups.categories.size(); ++g) {
            const std::vector<Trajectory> tracks = tracksOf(cells, groups, static_cast<std::int32_t>(g));
            const auto curve = displacementByLag(points, tracks, measure, params.integer("max_lag"), monitorOf(job));
            if (!curve && curve.error().code == ErrorCode::BadInput && groups.categories.size() > 1) {
                job.warn(fmt::format("{}: {}", groups.categories[g], curve.error().message));
                continue;
            }
            if (!curve) return stopOrFail(curve.error());
            for (const LagPoint& point : *curve)
                csv.rows.push_back({space, name, groups.categories[g], fmt::to_string(point.lag), csvNumber(static_cast<double>(point.lag) * interval), csvNumber(point.mean), csvNumber(point.low),
                                    csvNumber(point.high), fmt::to_string(point.pairs), fmt::to_string(point.tracks)});
            json one{{"space", space}, {"measure", name}, {"unit", unit}, {"group", groups.categories[g]}, {"tracks", tracks.size()}};
            if (const auto fit = fitPowerLaw(*curve, params.integer("fit_from"), params.integer("fit_to")))
                one["fit"] = {{"exponent", fit->exponent}, {"standard_error", fit->standardError}, {"prefactor", fit->prefactor}, {"r2", fit->r2}, {"lags", fit->points}};
            if (const auto variation = stepVariation(points, tracks)) one["step_variation"] = *variation;
            curves.push_back(std::move(one));
        }
        return {};
    }
};

Result<json> runMsd(JobContext& job) {
    const Params& params = job.params();
    if (params.integer("fit_to") <= params.integer("fit_from"))
        return fail(ErrorCode::Usage, "fit_to must be larger than fit_from.", "A line needs two lags.");
    DS_ASSIGN(const TrackedCells cells, readTrackedCells(job));
    DS_ASSIGN(const Categorical groups, groupsOfRows(job, cells));
    MsdRun run{job, cells, groups, {{"space", "measure", "group", "lag_frames", "lag_minutes", "mean", "low", "high", "pairs", "tracks"}, {}}};
    const std::string space = params.text("space");
    if (space != "physical") {
        const Matrix points = params.flag("standardize") ? embed::Standardizer::fit(cells.features, cells.rows).transform(cells.features) : cells.features;
        DS_TRY(run.add("embedding", points, measureOf(params.text("measure")), params.text("measure"), ""));
    }
    if (space != "embedding") {
        const double pixel = params.real("pixel_size");
        DS_ASSIGN(const Matrix points, positionsOf(cells.table, pixel, params.real("pixel_size_z")));
        const bool cosine = params.text("measure") == "cosine";  // of positions it means nothing
        const std::string unit = pixel == 1 ? "px" : "µm";
        DS_TRY(run.add("physical", points, cosine ? Displacement::Euclidean : measureOf(params.text("measure")), cosine ? "euclidean" : params.text("measure"), params.text("measure") == "msd" ? unit + "²" : unit));
    }
    DS_TRY(io::writeCsv(job.out("msd.csv"), run.csv));
    return json{{"csv", "msd.csv"}, {"curves", run.curves}, {"tracks", cells.tracks.size()}, {"rows", cells.rows.size()}, {"interval", params.real("interval")}};
}

/// Rows in file order with the number of their track, as the reference takes them.
Result<json> runSmoothness(JobContext& job) {
    DS_ASSIGN(const TrackedCells cells, readTrackedCells(job));
    DS_ASSIGN(const Categorical groups, groupsOfRows(job, cells));
    io::CsvTable csv{{"group", "smoothness_score", "dynamic_range", "adjacent_mean", "random_mean", "pairs"}, {}};
    json results = json::array();
    for (std::size_t g = 0; g < groups.categories.size(); ++g) {
        if (job.cancelled()) return JobContext::cancel();
        job.progress(static_cast<double>(g), static_cast<double>(groups.categories.size()), "group");
        std::vector<std::uint32_t> rows;
        for (const std::uint32_t row : cells.rows)
            if (groups.codes[row] == static_cast<std::int32_t>(g)) rows.push_back(row);
        Matrix features(rows.size(), cells.features.columns);
        std::vector<std::int64_t> entity;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            std::ranges::copy(cells.features.row(rows[i]), features.row(i).begin());
            entity.push_back(cells.trackOfRow[rows[i]]);
        }
        const auto measured = smoothness(features, entity);
        if (!measured && groups.categories.size() > 1) {
            job.warn(fmt::format("{}: {}", groups.categories[g], measured.error().message));
            continue;
        }
        if (!measured) return tl::unexpected(measured.error());
        csv.rows.push_back({groups.categories[g], csvNumber(measured->score), csvNumber(measured->dynamicRange), csvNumber(measured->adjacentMean), csvNumber(measured->randomMean), fmt::to_string(measured->pairs)});
        results.push_back({{"group", groups.categories[g]}, {"smoothness_score", measured->score}, {"dynamic_range", measured->dynamicRange}, {"adjacent_mean", measured->adjacentMean},
                           {"random_mean", measured->randomMean}, {"pairs", measured->pairs}, {"rows", rows.size()}});
    }
    DS_TRY(io::writeCsv(job.out("smoothness.csv"), csv));
    return json{{"csv", "smoothness.csv"}, {"groups", results}};
}

Result<json> runRanks(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const TrackedCells cells, readTrackedCells(job));
    const Displacement measure = params.text("metric") == "cosine" ? Displacement::Cosine : Displacement::Euclidean;
    io::CsvTable csv{keyNames(cells.table), {}};
    csv.header.insert(csv.header.end(), {"lag_frames", "rank", "share"});
    json lags = json::array();
    for (const std::int64_t lag : params.integers("lags")) {
        if (lag < 1) return fail(ErrorCode::Usage, fmt::format("A lag of {} frames is not possible.", lag), "Lags are 1 or more.");
        const auto found = neighborRanks(cells.features, cells.tracks, lag, measure, static_cast<std::size_t>(params.integer("max_rows")), monitorOf(job));
        if (!found) return stopOrFail(found.error());
        std::vector<double> ranks;
        for (std::size_t i = 0; i < found->rows.size(); ++i) {
            ranks.push_back(found->ranks[i]);
            std::vector<std::string> line = keysOf(cells.table, found->rows[i]);
            line.insert(line.end(), {fmt::to_string(lag), fmt::to_string(found->ranks[i]), csvNumber(found->among > 0 ? found->ranks[i] / static_cast<double>(found->among) : 0)});
            csv.rows.push_back(std::move(line));
        }
        const auto nearest = static_cast<double>(std::ranges::count(found->ranks, 0u));
        lags.push_back({{"lag", lag}, {"rows", ranks.size()}, {"among", found->among}, {"median", quantile(ranks, 0.5)}, {"q25", quantile(ranks, 0.25)}, {"q75", quantile(ranks, 0.75)},
                        {"share_nearest", nearest / static_cast<double>(ranks.size())}});
    }
    DS_TRY(io::writeCsv(job.out("ranks.csv"), csv));
    return json{{"csv", "ranks.csv"}, {"lags", lags}};
}

std::vector<ParamSpec> with(std::vector<ParamSpec> specs, std::vector<ParamSpec> more) {
    specs.insert(specs.end(), more.begin(), more.end());
    return specs;
}

}  // namespace

JobKind msdKind() {
    return {"cells.msd", "Displacement by lag", "Mean squared displacement, or mean distance, of cells for every time lag, through the embedding and through space, with a power law fitted (msd.csv).",
            with(trackedCellsParams(),
                 {{.name = "space", .type = ParamType::Choice, .fallback = "both", .help = "Where displacement is measured.", .choices = {"both", "embedding", "physical"}},
                  {.name = "measure", .type = ParamType::Choice, .fallback = "msd", .help = "msd: mean squared distance. euclidean, cosine: mean distance; positions are always Euclidean.", .choices = {"msd", "euclidean", "cosine"}, .source = "VisCy (cosine)"},
                  groupParam("One curve for each value of this column of the table, for example perturbation."),
                  {.name = "max_lag", .type = ParamType::Int, .fallback = 0, .help = "Largest lag; 0 takes half of the longest track.", .unit = "frames", .minimum = 0, .maximum = 1e6},
                  {.name = "fit_from", .type = ParamType::Int, .fallback = 1, .help = "The power law is fitted from this lag on.", .unit = "frames", .minimum = 1, .maximum = 1e6},
                  {.name = "fit_to", .type = ParamType::Int, .fallback = 10, .help = "The power law is fitted up to this lag.", .unit = "frames", .minimum = 2, .maximum = 1e6},
                  {.name = "interval", .type = ParamType::Real, .fallback = 1.0, .help = "Minutes between two frames; 1 leaves lags in frames.", .unit = "min", .minimum = 1e-6, .maximum = 1e6},
                  {.name = "pixel_size", .type = ParamType::Real, .fallback = 1.0, .help = "Side of a pixel; 1 leaves positions in pixels.", .unit = "µm", .minimum = 1e-6, .maximum = 1e6},
                  {.name = "pixel_size_z", .type = ParamType::Real, .fallback = 1.0, .help = "Distance of slices, where tracks have z.", .unit = "µm", .minimum = 1e-6, .maximum = 1e6, .advanced = true},
                  {.name = "standardize", .type = ParamType::Bool, .fallback = false, .help = "Scale features to unit variance first.", .advanced = true}}),
            runMsd};
}

JobKind smoothnessKind() {
    return {"cells.smoothness", "Smoothness and dynamic range", "How smoothly cells move through the embedding: cosine distance of consecutive frames over that of random pairs, and how far their densities lie apart (smoothness.csv). Rows are taken in file order, as VisCy does.",
            with(trackedCellsParams(), {groupParam("Measured apart for each value of this column of the table, for example marker.")}), runSmoothness};
}

JobKind ranksKind() {
    return {"cells.ranks", "Neighbour ranks in time", "For each cell, how many other cells are nearer in the embedding than the same cell some frames later (ranks.csv).",
            with(trackedCellsParams(), {{.name = "lags", .type = ParamType::IntList, .fallback = json::array({1, 2, 5}), .help = "Frames ahead.", .unit = "frames"},
                                        {.name = "metric", .type = ParamType::Choice, .fallback = "cosine", .help = "Distance between rows.", .choices = {"cosine", "euclidean"}},
                                        {.name = "max_rows", .type = ParamType::Int, .fallback = 2000, .help = "Cells asked, evenly spaced; 0 asks all.", .minimum = 0, .maximum = 1e9}}),
            runRanks};
}

}  // namespace driftscope::cells
