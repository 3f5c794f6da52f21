#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>

#include "core/base/atomic_file.h"
#include "core/cells/analysis/alignment.h"
#include "core/cells/analysis/events.h"
#include "core/cells/analysis/job_kinds.h"
#include "core/cells/analysis/statistics.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kShortestCourse = 3;
constexpr double kNonResponder = 0.75;  // costs above this quantile, as in VisCy

/// What became of one track.
struct Aligned {
    bool accepted = false;
    std::string why;              ///< it was not
    double cost = kNothing, normalizedCost = kNothing, skew = kNothing;
    std::size_t begin = 0, end = 0;
    std::optional<std::int64_t> event;  ///< frame, as the alignment says
    std::vector<double> pseudotime, speed, fromEvent;
    std::vector<AlignedRegion> region;
    bool inTemplate = false;
    std::string response;
};

embed::Series seriesOf(const Matrix& space, const Trajectory& track, std::size_t begin, std::size_t end) {
    embed::Series out(end - begin, space.columns);
    for (std::size_t i = begin; i < end; ++i) std::ranges::copy(space.row(track.rows[i]), out.at(i - begin).begin());
    return out;
}

/// The frames around its event of every track that has the first event of its lineage.
std::vector<EventCourse> courses(const TrackedCells& cells, const Matrix& space, const Events& events, std::int64_t before, std::int64_t after) {
    std::vector<EventCourse> out;
    for (std::size_t index = 0; index < cells.tracks.size(); ++index) {
        if (!events.rows[index]) continue;
        const Trajectory& track = cells.tracks[index];
        const std::int64_t at = *events.frames[index];
        const auto begin = static_cast<std::size_t>(std::ranges::lower_bound(track.steps, at - before) - track.steps.begin());
        const auto end = static_cast<std::size_t>(std::ranges::upper_bound(track.steps, at + after) - track.steps.begin());
        if (end - begin < kShortestCourse) continue;
        EventCourse course{track.entity, seriesOf(space, track, begin, end), {}};
        for (std::size_t i = begin; i < end; ++i) course.fromEvent.push_back(static_cast<double>(track.steps[i] - at));
        out.push_back(std::move(course));
    }
    return out;
}

Result<EventTemplate> templateOf(JobContext& job, const std::vector<EventCourse>& candidates, std::size_t dimensions) {
    const Params& params = job.params();
    if (params.isSet("template")) {
        DS_ASSIGN(const std::string text, readFile(params.text("template")));
        const json parsed = json::parse(text, nullptr, false);
        if (parsed.is_discarded()) return fail(ErrorCode::BadInput, fmt::format("{} is not JSON.", params.text("template")), "Use a template.json that cells.align wrote.");
        DS_ASSIGN(EventTemplate pattern, EventTemplate::fromJson(parsed));
        if (pattern.steps.dimensions != dimensions)
            return fail(ErrorCode::BadInput, fmt::format("The template has {} dimensions, the cells have {}.", pattern.steps.dimensions, dimensions), "Use the features and pca_components it was made with.");
        return pattern;
    }
    if (candidates.empty())
        return fail(ErrorCode::BadInput, fmt::format("No track has {} frames around its event.", kShortestCourse), "Widen the window with before and after, or label longer tracks.");
    return makeTemplate(candidates);
}

void guard(Aligned& track, const Params& params, const Trajectory& cells) {
    const double span = static_cast<double>(cells.steps[track.end] - cells.steps[track.begin]) * params.real("interval");
    if (track.skew > params.real("max_skew")) track.why = "skewed";
    else if (span < params.real("min_span")) track.why = "short";
    track.accepted = track.why.empty();
}

Result<Aligned> byTemplate(const Params& params, const EventTemplate& pattern, const Trajectory& track, const Matrix& space) {
    DS_ASSIGN(TrackAlignment found, alignTrack(pattern, seriesOf(space, track, 0, track.rows.size()), params.real("penalty")));
    Aligned out;
    out.cost = found.value;
    out.normalizedCost = found.normalizedCost;
    out.skew = found.skew;
    out.begin = found.begin;
    out.end = found.end;
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t i = found.begin; i <= found.end; ++i)
        if (std::abs(found.templateTime[i]) < nearest) {
            nearest = std::abs(found.templateTime[i]);
            out.event = track.steps[i];
        }
    out.pseudotime = std::move(found.pseudotime);
    out.speed = std::move(found.speed);
    out.region = std::move(found.region);
    guard(out, params, track);
    return out;
}

Result<Aligned> byWindow(const Params& params, const EventCourse& reference, const Trajectory& track, const Matrix& space) {
    WindowOptions options{params.real("stride"), params.real("max_skew"), static_cast<std::size_t>(params.integer("keep"))};
    DS_ASSIGN(const std::vector<WindowMatch> matches, windowMatches(reference.steps, seriesOf(space, track, 0, track.rows.size()), options));
    Aligned out;
    if (matches.empty()) {
        out.why = track.rows.size() < reference.steps.steps ? "shorter than the reference" : "skewed";
        return out;
    }
    const WindowMatch& best = matches.front();
    out.cost = best.distance;
    out.normalizedCost = best.distance;
    out.skew = best.skew;
    out.begin = best.path.front().second;
    out.end = best.path.back().second;
    out.pseudotime = consensusPseudotime(matches, reference.steps.steps, track.rows.size());
    // The event lies where the consensus passes the reference's own event.
    const auto at = std::ranges::min_element(reference.fromEvent, {}, [](double v) { return std::abs(v); }) - reference.fromEvent.begin();
    const double wanted = static_cast<double>(at) / static_cast<double>(std::max<std::size_t>(reference.steps.steps - 1, 1));
    for (std::size_t i = 0; i < track.rows.size(); ++i) {
        out.region.push_back(i < out.begin ? AlignedRegion::Pre : i > out.end ? AlignedRegion::Post : AlignedRegion::Aligned);
        if (!out.event && i >= out.begin && i <= out.end && out.pseudotime[i] >= wanted) out.event = track.steps[i];
    }
    for (std::size_t i = 0; i < track.rows.size(); ++i) {
        const std::size_t before = i > 0 ? i - 1 : 0, after = std::min(i + 1, track.rows.size() - 1);
        out.speed.push_back(after > before ? (out.pseudotime[after] - out.pseudotime[before]) / static_cast<double>(after - before) : 0);
    }
    guard(out, params, track);
    return out;
}

/// Times relative to the event alone, without looking at features.
Aligned byEvent(const Trajectory& track, const std::optional<std::int64_t>& event) {
    Aligned out;
    out.event = event;
    out.accepted = event.has_value();
    out.why = event ? "" : "no event";
    out.end = track.rows.size() - 1;
    return out;
}

/// The reference course of the paper's method: the named track, or the medoid of all.
Result<EventCourse> referenceCourse(JobContext& job, const std::vector<EventCourse>& candidates) {
    const std::string wanted = job.params().text("reference");
    if (candidates.empty()) return fail(ErrorCode::BadInput, "No track has enough frames around its event.", "Widen the window with before and after.");
    if (wanted.empty()) {
        DS_ASSIGN(const EventTemplate pattern, makeTemplate(candidates));
        return *std::ranges::find(candidates, pattern.medoid, &EventCourse::entity);
    }
    const auto found = std::ranges::find(candidates, wanted, &EventCourse::entity);
    if (found == candidates.end()) return fail(ErrorCode::NotFound, fmt::format("Track {} has no event.", wanted), "Name a track with the event, such as A/1/0#17.");
    return *found;
}

void nameResponses(std::vector<Aligned>& tracks) {
    std::vector<double> costs, speeds;
    std::vector<double> speedOf(tracks.size(), kNothing);
    for (const Aligned& track : tracks)
        if (track.accepted && std::isfinite(track.cost)) costs.push_back(track.cost);
    if (costs.empty()) return;
    const double limit = quantile(costs, kNonResponder);
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (!tracks[i].accepted || tracks[i].speed.empty()) continue;
        std::vector<double> inside;
        for (std::size_t k = tracks[i].begin; k <= tracks[i].end; ++k) inside.push_back(std::abs(tracks[i].speed[k]));
        speedOf[i] = quantile(inside, 0.5);
        if (tracks[i].cost <= limit) speeds.push_back(speedOf[i]);
    }
    const double middle = quantile(speeds, 0.5);
    for (std::size_t i = 0; i < tracks.size(); ++i)
        if (std::isfinite(speedOf[i])) tracks[i].response = tracks[i].cost > limit ? "non-responder" : speedOf[i] >= middle ? "early" : "late";
}

/// How far the aligned event lies from the labelled one, in minutes, on tracks with a label; beside the middle of the track.
json judge(const TrackedCells& cells, const Events& events, const std::vector<Aligned>& tracks, double interval, bool onlyHeldOut) {
    std::vector<double> errors, absolute, baseline, after, before;
    std::size_t hits = 0, falseAlarms = 0, misses = 0;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (!tracks[i].accepted || !tracks[i].event || !events.rows[i] || (onlyHeldOut && tracks[i].inTemplate)) continue;
        const double error = static_cast<double>(*tracks[i].event - *events.frames[i]) * interval;
        errors.push_back(error);
        absolute.push_back(std::abs(error));
        const Trajectory& track = cells.tracks[i];
        baseline.push_back(std::abs(static_cast<double>(track.steps.front() + track.steps.back()) / 2 - static_cast<double>(*events.frames[i])) * interval);
        for (const std::int64_t frame : track.steps) {
            const bool truth = frame >= *events.frames[i], called = frame >= *tracks[i].event;
            (truth ? after : before).push_back(static_cast<double>(frame - *tracks[i].event));
            hits += truth && called;
            falseAlarms += !truth && called;
            misses += truth && !called;
        }
    }
    if (errors.empty()) return json();
    const double all = static_cast<double>(2 * hits + falseAlarms + misses);
    return {{"tracks", errors.size()}, {"median_absolute_error", quantile(absolute, 0.5)}, {"error_q25", quantile(absolute, 0.25)}, {"error_q75", quantile(absolute, 0.75)},
            {"median_signed_error", quantile(errors, 0.5)}, {"baseline_median_absolute_error", quantile(baseline, 0.5)},
            {"auroc", after.empty() || before.empty() ? json() : json(mannWhitney(after, before).auroc)}, {"f1", all > 0 ? 2 * static_cast<double>(hits) / all : 0}};
}

/// Rows of the table with where they are in the event.
Result<void> writeTable(JobContext& job, TrackedCells& cells, const std::vector<Aligned>& tracks, double interval) {
    const std::size_t rows = cells.table.rows();
    std::vector<double> pseudotime(rows, kNothing), fromEvent(rows, kNothing), speed(rows, kNothing);
    std::vector<std::string> region(rows), response(rows);
    static const char* const kRegions[] = {"pre", "aligned", "post"};
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (!tracks[i].accepted) continue;
        for (std::size_t k = 0; k < cells.tracks[i].rows.size(); ++k) {
            const std::uint32_t row = cells.tracks[i].rows[k];
            if (tracks[i].event) fromEvent[row] = static_cast<double>(cells.tracks[i].steps[k] - *tracks[i].event) * interval;
            response[row] = tracks[i].response;
            if (tracks[i].pseudotime.empty()) continue;
            pseudotime[row] = tracks[i].pseudotime[k];
            speed[row] = tracks[i].speed[k];
            region[row] = kRegions[static_cast<int>(tracks[i].region[k])];
        }
    }
    DS_TRY(cells.table.setColumn("time_from_event", std::move(fromEvent)));
    if (job.params().text("method") != "event") {
        DS_TRY(cells.table.setColumn("pseudotime", std::move(pseudotime)));
        DS_TRY(cells.table.setColumn("warping_speed", std::move(speed)));
        DS_TRY(cells.table.setColumn("alignment_region", Categorical::fromTexts(region)));
        DS_TRY(cells.table.setColumn("response_group", Categorical::fromTexts(response)));
    }
    cells.table.uns["driftscope_align"] = job.job();
    return io::writeH5ad(job.out("aligned.h5ad"), cells.table);
}

std::string frameText(const std::optional<std::int64_t>& frame) {
    return frame ? fmt::format("{}", *frame) : std::string();
}

Result<void> writeTracks(JobContext& job, const TrackedCells& cells, const Events& events, const std::vector<Aligned>& tracks, double interval) {
    io::CsvTable csv{{"track", "accepted", "why_not", "cost", "length_normalized_cost", "skew", "first_frame", "last_frame", "event_frame", "labelled_event_frame", "error_minutes", "in_template", "response_group"}, {}};
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        const Aligned& one = tracks[i];
        const std::optional<std::int64_t> labelled = events.rows[i] ? events.frames[i] : std::optional<std::int64_t>();
        csv.rows.push_back({cells.tracks[i].entity, one.accepted ? "true" : "false", one.why, csvNumber(one.cost), csvNumber(one.normalizedCost), csvNumber(one.skew), fmt::to_string(cells.tracks[i].steps[one.begin]),
                            fmt::to_string(cells.tracks[i].steps[one.end]), frameText(one.event), frameText(labelled),
                            one.event && labelled ? csvNumber(static_cast<double>(*one.event - *labelled) * interval) : "", one.inTemplate ? "true" : "false", one.response});
    }
    return io::writeCsv(job.out("alignments.csv"), csv);
}

/// States of every aligned track, one line per track and one column per frame from the event: a heat map. Frames between two
/// labels of one track keep the earlier one.
Result<void> writeHeatMap(JobContext& job, const TrackedCells& cells, const Events& events, const std::vector<Aligned>& tracks, double interval) {
    std::int64_t first = 0, last = 0;
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (!tracks[i].accepted || !tracks[i].event) continue;
        shown.push_back(i);
        first = std::min(first, cells.tracks[i].steps.front() - *tracks[i].event);
        last = std::max(last, cells.tracks[i].steps.back() - *tracks[i].event);
    }
    std::ranges::stable_sort(shown, {}, [&](std::size_t i) { return cells.tracks[i].steps.front() - *tracks[i].event; });
    io::CsvTable csv{{"track"}, {}};
    for (std::int64_t t = first; t <= last; ++t) csv.header.push_back(csvNumber(static_cast<double>(t) * interval));
    for (const std::size_t i : shown) {
        std::vector<std::string> line(csv.header.size());
        line[0] = cells.tracks[i].entity;
        for (std::size_t k = 0; k < cells.tracks[i].rows.size(); ++k) {
            const std::string& state = events.states[cells.tracks[i].rows[k]];
            line[static_cast<std::size_t>(cells.tracks[i].steps[k] - *tracks[i].event - first) + 1] = state.empty() ? "unlabelled" : state;
        }
        csv.rows.push_back(std::move(line));
    }
    return io::writeCsv(job.out("heatmap.csv"), csv);
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(TrackedCells cells, readTrackedCells(job));
    DS_ASSIGN(const Events events, readEvents(job, cells));
    const std::string method = params.text("method");
    const double interval = params.real("interval");
    std::vector<std::int32_t> dataset(cells.rows.size(), 0);
    if (const Column* experiment = cells.table.column("experiment"))
        for (std::size_t i = 0; i < cells.rows.size(); ++i)
            if (const auto* names = std::get_if<Categorical>(experiment)) dataset[i] = names->codes[cells.rows[i]];
    Matrix packed(cells.rows.size(), cells.features.columns), space(cells.table.rows(), 0);
    for (std::size_t i = 0; i < cells.rows.size(); ++i) std::ranges::copy(cells.features.row(cells.rows[i]), packed.row(i).begin());
    DS_ASSIGN(const Matrix reduced, alignmentSpace(packed, dataset, static_cast<std::size_t>(params.integer("pca_components"))));
    space = Matrix(cells.table.rows(), reduced.columns);
    for (std::size_t i = 0; i < cells.rows.size(); ++i) std::ranges::copy(reduced.row(i), space.row(cells.rows[i]).begin());

    const std::vector<EventCourse> candidates = courses(cells, space, events, params.integer("before"), params.integer("after"));
    json result{{"events", events.lineages}, {"candidates", candidates.size()}, {"method", method}};
    EventTemplate pattern;
    EventCourse reference;
    if (method == "dba") {
        DS_ASSIGN(pattern, templateOf(job, candidates, space.columns));
        DS_TRY(writeFileAtomically(job.out("template.json"), pattern.toJson().dump() + "\n"));
        result.update({{"template", "template.json"}, {"template_steps", pattern.steps.steps}, {"template_tracks", pattern.tracks}});
    } else if (method == "window") {
        DS_ASSIGN(reference, referenceCourse(job, candidates));
        result["reference"] = reference.entity;
    }
    std::set<std::string> used;
    if (method == "dba" && !params.isSet("template"))
        for (const EventCourse& course : candidates) used.insert(course.entity);
    if (method == "window") used.insert(reference.entity);
    std::vector<Aligned> tracks;
    for (std::size_t i = 0; i < cells.tracks.size(); ++i) {
        if (i % 16 == 0 && job.cancelled()) return JobContext::cancel();
        job.progress(static_cast<double>(i), static_cast<double>(cells.tracks.size()), "track");
        Aligned one;
        if (method == "event") {
            one = byEvent(cells.tracks[i], events.frames[i]);
        } else {
            DS_ASSIGN(one, method == "dba" ? byTemplate(params, pattern, cells.tracks[i], space) : byWindow(params, reference, cells.tracks[i], space));
        }
        one.inTemplate = used.contains(cells.tracks[i].entity);
        tracks.push_back(std::move(one));
    }
    if (method != "event") nameResponses(tracks);
    const auto accepted = static_cast<std::size_t>(std::ranges::count_if(tracks, &Aligned::accepted));
    if (accepted == 0) job.warn("No track passed the guards: raise max_skew or lower min_span.");
    DS_TRY(writeTracks(job, cells, events, tracks, interval));
    DS_TRY(writeHeatMap(job, cells, events, tracks, interval));
    DS_TRY(writeTable(job, cells, tracks, interval));
    if (method != "event") {
        result["onset"] = judge(cells, events, tracks, interval, false);
        result["onset_held_out"] = judge(cells, events, tracks, interval, true);
    }
    result.update({{"tracks", tracks.size()}, {"accepted", accepted}, {"table", "aligned.h5ad"}, {"csv", "alignments.csv"}, {"heatmap", "heatmap.csv"}, {"interval", interval}});
    return result;
}

}  // namespace

JobKind alignKind() {
    std::vector<ParamSpec> specs = trackedCellsParams();
    for (ParamSpec& spec : eventParams(false)) specs.push_back(std::move(spec));
    const std::vector<ParamSpec> more{
        {.name = "method", .type = ParamType::Choice, .fallback = "dba", .help = "dba: template by DTW barycenter averaging, found in every track by subsequence DTW. window: one reference slides over every track, as in the DynaCLR paper. event: labelled times alone.", .choices = {"dba", "window", "event"}},
        {.name = "before", .type = ParamType::Int, .fallback = 10, .help = "Frames before the event that a template covers.", .unit = "frames", .minimum = 0, .maximum = 100000},
        {.name = "after", .type = ParamType::Int, .fallback = 10, .help = "Frames after the event that a template covers.", .unit = "frames", .minimum = 0, .maximum = 100000},
        {.name = "pca_components", .type = ParamType::Int, .fallback = 20, .help = "Principal components in which tracks are aligned; 0 takes all features.", .minimum = 0, .maximum = 4096, .source = "VisCy"},
        {.name = "template", .type = ParamType::Path, .help = "template.json of an earlier run to align with, instead of a new one (dba).", .optional = true},
        {.name = "reference", .type = ParamType::Text, .help = "Track that is the reference (window), such as A/1/0#17; unset takes the medoid.", .optional = true, .advanced = true},
        {.name = "penalty", .type = ParamType::Real, .fallback = 0.1, .help = "Cost of a step that is not diagonal (dba).", .minimum = 0, .maximum = 1e6, .source = "dtaidistance", .advanced = true},
        {.name = "max_skew", .type = ParamType::Real, .fallback = 0.7, .help = "Tracks whose path deviates more from a straight line are left out.", .minimum = 0, .maximum = 10, .source = "VisCy (0.8 for window)"},
        {.name = "min_span", .type = ParamType::Real, .fallback = 0.0, .help = "Tracks whose matched part is shorter are left out; VisCy takes 360 min.", .unit = "min", .minimum = 0, .maximum = 1e9},
        {.name = "stride", .type = ParamType::Real, .fallback = 0.25, .help = "Step of the sliding reference, as a share of its length (window).", .minimum = 0.001, .maximum = 1, .source = "DynaCLR", .advanced = true},
        {.name = "keep", .type = ParamType::Int, .fallback = 5, .help = "Matches per track that are averaged (window).", .minimum = 1, .maximum = 1000, .source = "DynaCLR", .advanced = true}};
    specs.insert(specs.end(), more.begin(), more.end());
    return {"cells.align", "Align tracks at an event", "Brings tracks that respond at different times onto one axis: pseudotime and time from the event for every cell (aligned.h5ad), per track (alignments.csv), and their states over time (heatmap.csv).", std::move(specs), run};
}

}  // namespace driftscope::cells
