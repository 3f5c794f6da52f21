#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/clock.h"
#include "core/cells/edited_masks.h"
#include "core/cells/job_kinds.h"
#include "core/cells/label_jobs_common.h"
#include "core/cells/movie.h"
#include "core/cells/track_edit_log.h"
#include "core/io/csv.h"
#include "core/io/plate_writer.h"
#include "core/job/job_context.h"

namespace driftscope::cells {
namespace {

constexpr const char* kPlate = "tracks.zarr";

Result<std::string> chosenDataset(const TrackEditLog& log, const std::string& wanted) {
    const auto known = log.datasets();
    if (known.empty()) return fail(ErrorCode::BadInput, fmt::format("{} holds no edits that stand.", log.file().string()), "Correct a track in the Cells panel first.");
    if (wanted.empty() && known.size() == 1) return known.front();
    if (std::ranges::find(known, wanted) != known.end()) return wanted;
    return fail(ErrorCode::BadInput,
                wanted.empty() ? fmt::format("{} has edits of several data sets: {}.", log.file().string(), fmt::join(known, ", "))
                               : fmt::format("{} has no edits of '{}'; it has those of {}.", log.file().string(), wanted, fmt::join(known, ", ")),
                "Choose one with 'dataset'.");
}

Result<void> writeRecord(JobContext& job, const std::vector<TrackEditLog::Entry>& entries) {
    io::CsvTable csv{{"fov_name", "edit", "annotator", "date", "tool"}, {}};
    for (const auto& entry : entries) csv.rows.push_back({entry.edit.fov, entry.edit.describe(), entry.annotator, isoTime(entry.time), entry.tool});
    return io::writeCsv(job.out("edits.csv"), csv);
}

Result<void> writePosition(JobContext& job, const std::filesystem::path& plate, const TrackTable& source, const EditedTracks& edited, double& done, double total) {
    DS_ASSIGN(const auto masks, io::openTimeLapse(plate, source.fovName));
    const auto shown = editedMasks(masks, source, edited);
    const Movie movie{masks, source.fovName};
    io::TimeLapseInfo info = maskInfo(movie, "tracks");
    const bool flat = masks->info().depth() == 1;
    DS_ASSIGN(const auto writer, io::PlateWriter::create(job.out(kPlate), source.fovName, info, "uint32"));
    for (std::int64_t t = 0; t < info.frames(); ++t) {
        if (job.cancelled()) return JobContext::cancel();
        DS_ASSIGN(const io::LabelImage mask, readLabels(*shown, t, 0, flat ? SliceChoice(0) : SliceChoice()));
        DS_TRY(writer->writeLabels(t, 0, 0, mask));
        job.progress(++done, total, "frame");
    }
    DS_TRY(writer->flush());
    TrackTable sorted = edited.tracks();
    std::ranges::stable_sort(sorted.detections, {}, [](const Detection& d) { return std::pair(d.t, d.trackId); });
    return writeTracks(job.out(kPlate) / source.fovName / "tracks.csv", sorted);
}

Result<nlohmann::json> run(JobContext& job) {
    DS_ASSIGN(const TrackEditLog log, TrackEditLog::open(job.params().text("edits")));
    DS_ASSIGN(const std::string dataset, chosenDataset(log, job.params().text("dataset")));
    DS_ASSIGN(const auto fields, readPlateTracks(job));
    const auto entries = log.standing(dataset);
    DS_ASSIGN(const auto edited, applyEdits(fields, entries));
    std::filesystem::remove_all(job.out(kPlate));  // what a cancelled run left: positions are written whole
    const std::filesystem::path plate = job.params().text("tracks");
    double done = 0, total = 0;
    for (const TrackTable& field : fields) {
        DS_ASSIGN(const auto masks, io::openTimeLapse(plate, field.fovName));
        total += static_cast<double>(masks->info().frames());
    }
    std::size_t cells = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        auto written = writePosition(job, plate, fields[i], edited[i], done, total);
        if (!written) return tl::unexpected(std::move(written).error().during("while writing " + fields[i].fovName));
        cells += edited[i].tracks().detections.size();
    }
    DS_TRY(writeRecord(job, entries));
    return nlohmann::json{{"tracks_plate", kPlate}, {"edits", entries.size()}, {"cells", cells}, {"record", "edits.csv"}};
}

}  // namespace

JobKind editTracksKind() {
    return {"cells.edit_tracks", "Write corrected tracks",
            "Applies the corrections that somebody made in the Cells panel (cuts, joins, mothers, deletions, painted masks) to a tracks plate and writes the result as a "
            "new one: tracks.zarr with tracks.csv beside each position, and edits.csv, which says who changed what and when. The source stays as it is.",
            {{.name = "tracks", .type = ParamType::Path, .help = "Tracks plate that was corrected."},
             {.name = "edits", .type = ParamType::Path, .help = "track-edits.jsonl of the project."},
             {.name = "dataset", .type = ParamType::Text, .fallback = "", .help = "Whose edits, when the project has several data sets."},
             {.name = "positions", .type = ParamType::TextList, .fallback = nlohmann::json::array(), .help = "Only these positions, as A/1/0; empty takes all."}},
            run};
}

}  // namespace driftscope::cells
