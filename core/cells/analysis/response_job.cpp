#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/cells/analysis/events.h"
#include "core/cells/analysis/job_kinds.h"
#include "core/cells/analysis/response.h"
#include "core/cells/analysis/statistics.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

/// Minutes from time 0 of every row: the event of its lineage, or a column of hours.
Result<std::vector<double>> timesOf(JobContext& job, const TrackedCells& cells, const std::optional<Events>& events) {
    std::vector<double> times(cells.table.rows(), kNothing);
    if (!events) {
        DS_ASSIGN(const std::vector<double> hours, cells.table.numbers(job.params().text("time_column")));
        for (std::size_t row = 0; row < times.size(); ++row) times[row] = hours[row] * 60;
        return times;
    }
    for (std::size_t i = 0; i < cells.tracks.size(); ++i)
        for (std::size_t k = 0; events->frames[i] && k < cells.tracks[i].rows.size(); ++k)
            times[cells.tracks[i].rows[k]] = static_cast<double>(cells.tracks[i].steps[k] - *events->frames[i]) * job.params().real("interval");
    return times;
}

std::vector<double> meanOf(const Matrix& features, const std::vector<std::uint32_t>& rows) {
    std::vector<double> mean(features.columns);
    for (const std::uint32_t row : rows)
        for (std::size_t c = 0; c < features.columns; ++c) mean[c] += features(row, c) / static_cast<double>(rows.size());
    return mean;
}

double cosineDistance(std::span<const float> a, const std::vector<double>& b) {
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += a[i] * b[i];
        aa += static_cast<double>(a[i]) * a[i];
        bb += b[i] * b[i];
    }
    return aa > 0 && bb > 0 ? 1 - ab / std::sqrt(aa * bb) : kNothing;
}

/// Cosine distance of every cell to the mean of its own track before the event.
std::vector<double> fromBaseline(JobContext& job, const TrackedCells& cells, const std::vector<double>& times) {
    std::vector<double> signal(cells.table.rows(), kNothing);
    std::size_t without = 0;
    for (const Trajectory& track : cells.tracks) {
        std::vector<std::uint32_t> rest;
        for (const std::uint32_t row : track.rows)
            if (times[row] >= job.params().real("own_from") && times[row] <= job.params().real("own_to")) rest.push_back(row);
        if (rest.empty()) {
            ++without;
            continue;
        }
        const std::vector<double> mean = meanOf(cells.features, rest);
        for (const std::uint32_t row : track.rows) signal[row] = cosineDistance(cells.features.row(row), mean);
    }
    if (without > 0) job.warn(fmt::format("{} of {} tracks have no frame between own_from and own_to and are left out.", without, cells.tracks.size()));
    return signal;
}

Result<std::vector<double>> fromControl(JobContext& job, const TrackedCells& cells, const Categorical& groups) {
    const std::string control = job.params().text("control");
    std::vector<std::uint32_t> rest;
    for (const std::uint32_t row : cells.rows)
        if (groups.at(row) == control) rest.push_back(row);
    if (rest.empty()) return fail(ErrorCode::BadInput, fmt::format("No cell belongs to the control group '{}'.", control), fmt::format("The groups are {}.", fmt::join(groups.categories, ", ")));
    const std::vector<double> mean = meanOf(cells.features, rest);
    std::vector<double> signal(cells.table.rows(), kNothing);
    for (const std::uint32_t row : cells.rows) signal[row] = cosineDistance(cells.features.row(row), mean);
    return signal;
}

Result<std::vector<double>> signalOf(JobContext& job, const TrackedCells& cells, const Categorical& groups, const std::optional<Events>& events, const std::vector<double>& times) {
    const Params& params = job.params();
    const std::string kind = params.text("signal");
    if (kind == "baseline") return fromBaseline(job, cells, times);
    if (kind == "control") return fromControl(job, cells, groups);
    if (kind == "column") return cells.table.numbers(params.text("signal_column"));
    const std::string state = params.isSet("state") ? params.text("state") : params.text("event");
    if (!events) return fail(ErrorCode::Usage, "The share of a state needs labels.", "Set column and event.");
    std::vector<double> signal(cells.table.rows(), kNothing);
    for (const std::uint32_t row : cells.rows)
        if (!events->states[row].empty()) signal[row] = events->states[row] == state;
    return signal;
}

/// Per track: the mean after time 0, and whether it left the baseline of its group.
struct TrackResponse {
    std::vector<double> means;
    std::int64_t responding = 0;
};

json optionalNumber(const std::optional<double>& value) {
    return value ? json(*value) : json();
}

struct Run {
    JobContext& job;
    const TrackedCells& cells;
    const Categorical& groups;
    const std::vector<double>& times;
    const std::vector<double>& signal;
    io::CsvTable curves{{"group", "time_minutes", "centre", "low", "high", "cells"}, {}};
    io::CsvTable responses{{"group", "onset", "t50", "peak", "peak_time", "returned", "duration", "area", "baseline", "baseline_sd"}, {}};
    json results = json::array();
    std::map<std::string, TrackResponse> perTrack = {};

    CurveOptions curveOptions() const {
        const std::string centre = job.params().text("signal") == "state" ? "share" : job.params().text("centre");
        return {centre == "share" ? CurveCentre::Share : centre == "median" ? CurveCentre::Median : CurveCentre::Mean, job.params().real("bin"), static_cast<std::size_t>(job.params().integer("min_cells"))};
    }

    void add(std::int32_t group) {
        const Params& params = job.params();
        const std::string& name = groups.categories[static_cast<std::size_t>(group)];
        std::vector<TimedValue> values;
        for (const std::uint32_t row : cells.rows)
            if (groups.codes[row] == group) values.push_back({times[row], signal[row], cells.trackOfRow[row]});
        const std::vector<CurvePoint> curve = populationCurve(values, curveOptions());
        for (const CurvePoint& bin : curve) curves.rows.push_back({name, csvNumber(bin.time), csvNumber(bin.centre), csvNumber(bin.low), csvNumber(bin.high), fmt::to_string(bin.cells)});
        json one{{"group", name}, {"bins", curve.size()}};
        double limit = std::numeric_limits<double>::infinity();
        const auto found = responseOf(curve, {params.real("baseline_from"), params.real("baseline_to"), params.real("rest_to"), params.real("deviations")});
        if (!found) {
            job.warn(fmt::format("{}: {} {}", name, found.error().message, found.error().remedy));
        } else {
            const Response& r = *found;
            const auto text = [](const std::optional<double>& value) { return value ? csvNumber(*value) : std::string(); };
            responses.rows.push_back({name, text(r.onset), text(r.t50), csvNumber(r.peak), csvNumber(r.peakTime), text(r.returned), text(r.duration), csvNumber(r.area), csvNumber(r.baseline), csvNumber(r.deviation)});
            one.update({{"onset", optionalNumber(r.onset)}, {"t50", optionalNumber(r.t50)}, {"peak", r.peak}, {"peak_time", r.peakTime}, {"returned", optionalNumber(r.returned)},
                        {"duration", optionalNumber(r.duration)}, {"area", r.area}, {"baseline", r.baseline}, {"baseline_sd", r.deviation}});
            limit = r.baseline + params.real("deviations") * r.deviation;
        }
        addTracks(name, values, limit);
        results.push_back(std::move(one));
    }

    void addTracks(const std::string& name, const std::vector<TimedValue>& values, double limit) {
        std::map<std::uint32_t, std::pair<double, double>> sums;
        for (const TimedValue& value : values)
            if (value.time >= 0 && std::isfinite(value.value)) {
                auto& [sum, count] = sums[value.track];
                sum += value.value;
                count += 1;
            }
        TrackResponse& out = perTrack[name];
        for (const auto& [track, one] : sums) {
            out.means.push_back(one.first / one.second);
            out.responding += out.means.back() > limit;
        }
    }

    json tests(io::CsvTable& csv) const {
        json out = json::array();
        std::vector<double> p;
        for (auto a = perTrack.begin(); a != perTrack.end(); ++a)
            for (auto b = std::next(a); b != perTrack.end(); ++b) {
                const MannWhitney test = mannWhitney(a->second.means, b->second.means);
                const auto na = static_cast<std::int64_t>(a->second.means.size()), nb = static_cast<std::int64_t>(b->second.means.size());
                const double fisher = fisherExact(a->second.responding, na - a->second.responding, b->second.responding, nb - b->second.responding);
                p.push_back(test.p);
                out.push_back({{"a", a->first}, {"b", b->first}, {"tracks_a", na}, {"tracks_b", nb}, {"auroc", test.auroc}, {"mann_whitney_p", test.p}, {"responding_a", a->second.responding},
                               {"responding_b", b->second.responding}, {"fisher_p", fisher}});
            }
        const std::vector<double> q = benjaminiHochberg(p);
        csv = {{"group_a", "group_b", "tracks_a", "tracks_b", "auroc", "mann_whitney_p", "mann_whitney_q", "responding_a", "responding_b", "fisher_p"}, {}};
        for (std::size_t i = 0; i < q.size(); ++i) {
            json& one = out[i];
            one["mann_whitney_q"] = q[i];
            csv.rows.push_back({one["a"], one["b"], one["tracks_a"].dump(), one["tracks_b"].dump(), csvNumber(one["auroc"]), csvNumber(one["mann_whitney_p"]), csvNumber(q[i]), one["responding_a"].dump(), one["responding_b"].dump(), csvNumber(one["fisher_p"])});
        }
        return out;
    }
};

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(TrackedCells cells, readTrackedCells(job));
    DS_ASSIGN(const Categorical groups, groupsOfRows(job, cells));
    std::optional<Events> events;
    if (params.isSet("event")) {
        if (!params.isSet("column")) return fail(ErrorCode::Usage, "Parameter 'column' says where the event is labelled.", "Set column to a label schema or a column of the table.");
        DS_ASSIGN(events, readEvents(job, cells));
    }
    DS_ASSIGN(std::vector<double> times, timesOf(job, cells, events));
    job.progress(1, 4, "step");
    DS_ASSIGN(std::vector<double> signal, signalOf(job, cells, groups, events, times));
    if (job.cancelled()) return JobContext::cancel();
    job.progress(2, 4, "step");
    Run work{job, cells, groups, times, signal};
    for (std::size_t g = 0; g < groups.categories.size(); ++g) work.add(static_cast<std::int32_t>(g));
    if (work.curves.rows.empty()) return fail(ErrorCode::BadInput, "No bin has enough cells.", "Lower min_cells, widen bin, or check the times.");
    io::CsvTable tests;
    const json compared = work.tests(tests);
    DS_TRY(io::writeCsv(job.out("curves.csv"), work.curves));
    DS_TRY(io::writeCsv(job.out("response.csv"), work.responses));
    DS_TRY(io::writeCsv(job.out("tests.csv"), tests));
    DS_TRY(cells.table.setColumn("response", std::move(signal)));
    DS_TRY(cells.table.setColumn("time_from_event", std::move(times)));
    cells.table.uns["driftscope_response"] = job.job();
    DS_TRY(io::writeH5ad(job.out("response.h5ad"), cells.table));
    job.progress(4, 4, "step");
    return json{{"curves", "curves.csv"}, {"csv", "response.csv"}, {"tests_csv", "tests.csv"}, {"table", "response.h5ad"}, {"groups", work.results}, {"tests", compared}};
}

}  // namespace

JobKind responseKind() {
    std::vector<ParamSpec> specs = trackedCellsParams();
    for (ParamSpec& spec : eventParams(true)) specs.push_back(std::move(spec));
    const std::vector<ParamSpec> more{
        {.name = "time_column", .type = ParamType::Text, .fallback = "hours_post_perturbation", .help = "Column with hours, used as time when no event is set."},
        {.name = "signal", .type = ParamType::Choice, .fallback = "baseline", .help = "baseline: cosine distance to the cell's own track before the event. control: to the mean of the control group. state: share of cells in a state. column: a column of the table.", .choices = {"baseline", "control", "state", "column"}},
        groupParam("One curve for each value of this column of the table, for example organelle or perturbation."),
        {.name = "control", .type = ParamType::Text, .help = "The group that signal=control measures from.", .optional = true},
        {.name = "state", .type = ParamType::Text, .help = "The class that signal=state counts; unset takes the event.", .optional = true},
        {.name = "signal_column", .type = ParamType::Text, .help = "The column that signal=column follows.", .optional = true},
        {.name = "centre", .type = ParamType::Choice, .fallback = "mean", .help = "mean with its 95 % interval, or median with quartiles; a share has its Wilson interval.", .choices = {"mean", "median"}},
        {.name = "bin", .type = ParamType::Real, .fallback = 30.0, .help = "Width of a bin of the curve.", .unit = "min", .minimum = 1e-6, .maximum = 1e9, .source = "VisCy"},
        {.name = "min_cells", .type = ParamType::Int, .fallback = 5, .help = "Bins with fewer cells are left out.", .minimum = 1, .maximum = 1000000, .source = "VisCy"},
        {.name = "own_from", .type = ParamType::Real, .fallback = -240.0, .help = "signal=baseline: a track's rest begins here.", .unit = "min", .source = "VisCy"},
        {.name = "own_to", .type = ParamType::Real, .fallback = -180.0, .help = "signal=baseline: a track's rest ends here.", .unit = "min", .source = "VisCy"},
        {.name = "baseline_from", .type = ParamType::Real, .fallback = -600.0, .help = "Bins from here on are the baseline for the onset.", .unit = "min", .source = "VisCy", .advanced = true},
        {.name = "baseline_to", .type = ParamType::Real, .fallback = -120.0, .help = "Bins up to here are the baseline for the onset.", .unit = "min", .source = "VisCy", .advanced = true},
        {.name = "rest_to", .type = ParamType::Real, .fallback = -60.0, .help = "Bins up to here are the level that T50 starts from.", .unit = "min", .source = "VisCy", .advanced = true},
        {.name = "deviations", .type = ParamType::Real, .fallback = 2.0, .help = "Standard deviations above the baseline that count as a response.", .minimum = 0, .maximum = 100, .source = "VisCy", .advanced = true}};
    specs.insert(specs.end(), more.begin(), more.end());
    return {"cells.response", "Response over time", "Population curves around an event, with onset, T50, peak, return and area for each group (curves.csv, response.csv), and tests between groups by track (tests.csv).", std::move(specs), run};
}

}  // namespace driftscope::cells
