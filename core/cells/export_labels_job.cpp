#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/base/clock.h"
#include "core/cells/annotation_csv.h"
#include "core/cells/job_kinds.h"
#include "core/cells/label_jobs_common.h"
#include "core/label/label_store.h"

namespace driftscope::cells {
namespace {

/// The labels to export, by position, and who gave them.
struct Export {
    std::vector<LabelSchema> schemas;
    std::map<std::string, std::vector<StateMark>> marks;
    std::set<std::string> datasets, annotators;
    double newest = 0;
    std::size_t foreign = 0;  ///< labels of things that are no tracks
    std::size_t predicted = 0;
};

Result<std::vector<LabelSchema>> chosenSchemas(const LabelStore& store, const std::vector<std::string>& names) {
    DS_ASSIGN(auto schemas, store.schemas());
    if (names.empty()) return schemas;
    std::vector<LabelSchema> chosen;
    for (const std::string& name : names) {
        const auto found = std::ranges::find(schemas, name, &LabelSchema::name);
        if (found == schemas.end()) {
            std::vector<std::string> known;
            for (const LabelSchema& schema : schemas) known.push_back(schema.name);
            return fail(ErrorCode::NotFound,
                        fmt::format("There is no label schema '{}' (there are: {})", name, fmt::join(known, ", ")));
        }
        chosen.push_back(*found);
    }
    return chosen;
}

void take(Export& result, const std::string& schema, const Label& label, const Params& params) {
    const std::string dataset = params.text("dataset"), annotator = params.text("annotator");
    if ((!dataset.empty() && label.target.dataset != dataset) || (!annotator.empty() && label.annotator != annotator))
        return;
    if (label.origin == "predicted" && !params.flag("predicted")) {
        ++result.predicted;
        return;
    }
    const auto track = trackOfEntity(label.target.entity);
    if (!track) {
        ++result.foreign;
        return;
    }
    result.marks[track->first].push_back({schema, track->second, label.target.step, label.label});
    result.datasets.insert(label.target.dataset);
    result.annotators.insert(label.annotator);
    result.newest = std::max(result.newest, label.time);
}

Result<Export> collect(JobContext& job) {
    const std::filesystem::path file = job.params().text("labels");
    DS_ASSIGN(const auto store, LabelStore::openForReading(file));
    Export result;
    DS_ASSIGN(result.schemas, chosenSchemas(*store, job.params().texts("schema")));
    for (const LabelSchema& schema : result.schemas) {
        DS_ASSIGN(const auto labels, store->labels(schema.name));
        for (const Label& label : labels) take(result, schema.name, label, job.params());
    }
    if (result.datasets.size() > 1)
        return fail(
            ErrorCode::BadInput,
            fmt::format("{} has labels of several data sets: {}", file.string(), fmt::join(result.datasets, ", ")),
            "Choose one with 'dataset'.");
    if (result.marks.empty())
        return fail(ErrorCode::BadInput,
                    fmt::format("{} has no labels to export ({} predicted ones were left out)", file.string(),
                                result.predicted),
                    "Label some cells first, or widen 'schema', 'annotator', 'dataset' or 'predicted'.");
    return result;
}

/// Writes the file of one position; returns what it holds.
Result<nlohmann::json> writePosition(JobContext& job, const Export& labels, const TrackTable& tracks) {
    const auto found = labels.marks.find(tracks.fovName);
    const std::vector<StateMark> none;
    const auto& marks = found == labels.marks.end() ? none : found->second;
    std::size_t lost = 0;
    StateColumns states = markColumns(tracks, labels.schemas, marks, &lost);
    if (job.params().text("expand") == "reference") states = expandMarks(tracks, labels.schemas, marks);
    if (lost)
        job.warn(fmt::format("Position {}: {} labels belong to no row of its tracks and are not exported",
                             tracks.fovName, lost));
    const std::string name = annotationFileName(job.params().text("tracks"), tracks.fovName);
    io::CsvTable previous;
    const auto earlier = std::filesystem::path(job.params().text("previous")) / name;
    const bool continues = job.params().isSet("previous") && std::filesystem::exists(earlier);
    if (continues) {
        DS_ASSIGN(previous, io::readCsv(earlier));
    }
    const AnnotationStamp stamp{fmt::format("{}", fmt::join(labels.annotators, "; ")), isoTime(labels.newest), "1.0"};
    DS_TRY(io::writeCsv(job.out(name),
                        annotationTable(tracks, labels.schemas, states, stamp, continues ? &previous : nullptr)));
    return nlohmann::json{{"position", tracks.fovName},
                          {"file", name},
                          {"rows", tracks.detections.size()},
                          {"labels", marks.size() - lost}};
}

Result<nlohmann::json> run(JobContext& job) {
    DS_ASSIGN(const Export labels, collect(job));
    DS_ASSIGN(const auto fields, readPlateTracks(job));
    if (labels.foreign) job.warn(fmt::format("{} labels are not about tracks and are not exported", labels.foreign));
    if (labels.predicted)
        job.warn(
            fmt::format("{} predicted labels are not exported; set predicted=true to have them", labels.predicted));
    nlohmann::json files = nlohmann::json::array();
    std::size_t total = 0, unlabelled = 0, done = 0;
    for (const TrackTable& tracks : fields) {
        if (job.cancelled()) return JobContext::cancel();
        // Asked for by name, a position without labels gets its (empty) file too.
        if (labels.marks.contains(tracks.fovName) || !job.params().texts("positions").empty()) {
            DS_ASSIGN(auto file, writePosition(job, labels, tracks));
            total += file["labels"].get<std::size_t>();
            files.push_back(std::move(file));
        } else {
            ++unlabelled;
        }
        job.progress(static_cast<double>(++done), static_cast<double>(fields.size()), "position");
    }
    for (const auto& [position, marks] : labels.marks)
        if (std::ranges::find(fields, position, &TrackTable::fovName) == fields.end())
            job.warn(fmt::format("{} labels of position {} are not exported: it is not among the tracks", marks.size(),
                                 position));
    return nlohmann::json{{"files", files}, {"labels", total}, {"positions_without_labels", unlabelled}};
}

}  // namespace

JobKind exportLabelsKind() {
    return {
        .name = "label.export",
        .title = "Export labels",
        .help =
            "Writes one annotation table per position, <plate>_<row>_<well>_<fov>.csv, in the columns of napari-iohub, "
            "with the "
            "labels of a project.",
        .params =
            {{.name = "labels", .type = ParamType::Path, .fallback = nullptr, .help = "The project's labels.sqlite."},
             {.name = "tracks",
              .type = ParamType::Path,
              .fallback = nullptr,
              .help = "The tracks plate the labels are about."},
             {.name = "schema",
              .type = ParamType::TextList,
              .fallback = nlohmann::json::array(),
              .help = "Only these label schemas; empty is all."},
             {.name = "expand",
              .type = ParamType::Choice,
              .fallback = "none",
              .help = "'none' writes the labels as given; 'reference' extends them to whole tracks as napari-iohub "
                      "does (infected, "
                      "remodel and dead from the first mark on; interphase and noremodel where nothing is marked).",
              .choices = {"none", "reference"},
              .source = "napari-iohub cell state annotator"},
             {.name = "annotator",
              .type = ParamType::Text,
              .fallback = "",
              .help = "Only the labels of this person; empty is everyone."},
             {.name = "dataset",
              .type = ParamType::Text,
              .fallback = "",
              .help = "Only labels of this data set; needed when the project has several."},
             {.name = "predicted",
              .type = ParamType::Bool,
              .fallback = false,
              .help = "Also export labels that a classifier gave."},
             {.name = "positions",
              .type = ParamType::TextList,
              .fallback = nlohmann::json::array(),
              .help = "Only these fields of view; empty is all that have labels."},
             {.name = "previous",
              .type = ParamType::Path,
              .fallback = nullptr,
              .help = "A folder with earlier files of the same names: their other columns are kept and the version is "
                      "counted up.",
              .optional = true}},
        .run = run};
}

}  // namespace driftscope::cells
