#include <fmt/format.h>

#include <algorithm>

#include "core/cells/annotation_csv.h"
#include "core/cells/job_kinds.h"
#include "core/cells/label_jobs_common.h"
#include "core/label/label_store.h"

namespace driftscope::cells {
namespace {

/// "schema=column" pairs.
Result<std::map<std::string, std::string>> columnNames(const std::vector<std::string>& texts) {
    std::map<std::string, std::string> columns;
    for (const std::string& text : texts) {
        const auto sign = text.find('=');
        if (sign == std::string::npos || sign == 0 || sign + 1 == text.size())
            return fail(ErrorCode::Usage, fmt::format("'{}' in 'columns' does not name a schema and a column", text),
                        "Write schema=column, for example infection_state=state.");
        columns[text.substr(0, sign)] = text.substr(sign + 1);
    }
    return columns;
}

/// The project's schemas, and those of the reference it does not have yet.
Result<std::vector<LabelSchema>> knownSchemas(const LabelStore& store) {
    DS_ASSIGN(auto schemas, store.schemas());
    for (LabelSchema& schema : referenceSchemas())
        if (std::ranges::find(schemas, schema.name, &LabelSchema::name) == schemas.end())
            schemas.push_back(std::move(schema));
    return schemas;
}

Result<void> ensureSchema(LabelStore& store, const std::vector<LabelSchema>& known, const std::string& name) {
    DS_ASSIGN(const auto present, store.schemas());
    if (std::ranges::find(present, name, &LabelSchema::name) != present.end()) return {};
    return store.putSchema(*std::ranges::find(known, name, &LabelSchema::name));
}

Result<nlohmann::json> importFile(JobContext& job, LabelStore& store, const std::filesystem::path& csv,
                                  const std::vector<TrackTable>& fields) {
    DS_ASSIGN(const auto columns, columnNames(job.params().texts("columns")));
    DS_ASSIGN(const auto schemas, knownSchemas(store));
    DS_ASSIGN(const auto annotations, readAnnotations(csv, fields, schemas, columns));
    for (const std::string& warning : annotations.warnings) job.warn(warning);
    std::string annotator = job.params().text("annotator");
    if (annotator.empty()) annotator = annotations.annotator.empty() ? "import" : annotations.annotator;
    std::map<std::string, std::vector<LabelChange>> changes;
    for (const auto& [fov, marks] : annotations.marks)
        for (const StateMark& mark : marks)
            changes[mark.schema].push_back(
                {{job.params().text("dataset"), entityOf(fov, mark.trackId), mark.t}, mark.label});
    nlohmann::json counts = nlohmann::json::object();
    for (const auto& [schema, batch] : changes) {
        DS_TRY(ensureSchema(store, schemas, schema));
        DS_TRY(store.apply(schema, batch, annotator, "import"));
        counts[schema] = batch.size();
    }
    return nlohmann::json{
        {"file", csv.filename().string()},        {"rows", annotations.rows}, {"matched", annotations.matched},
        {"conflicting", annotations.conflicting}, {"labels", counts},         {"annotator", annotator}};
}

Result<nlohmann::json> run(JobContext& job) {
    DS_ASSIGN(const auto fields, readPlateTracks(job));
    DS_ASSIGN(const auto store, LabelStore::open(job.params().text("labels")));
    const auto files = job.params().texts("csv");
    nlohmann::json results = nlohmann::json::array();
    std::size_t labels = 0;
    for (const std::string& file : files) {
        // What was imported stays; importing the same file again changes nothing.
        if (job.cancelled()) return JobContext::cancel();
        DS_ASSIGN(auto result, importFile(job, *store, file, fields));
        for (const auto& count : result["labels"]) labels += count.get<std::size_t>();
        results.push_back(std::move(result));
        job.progress(static_cast<double>(results.size()), static_cast<double>(files.size()), "file");
    }
    return nlohmann::json{{"files", results}, {"labels", labels}};
}

}  // namespace

JobKind importLabelsKind() {
    return {.name = "label.import",
            .title = "Import labels",
            .help =
                "Reads annotation tables in the columns of napari-iohub and stores their labels in a project. Rows are "
                "joined to cells by "
                "position and id, or by position, frame and track; labels by class name or alias. What does not fit is "
                "reported.",
            .params = {{.name = "csv", .type = ParamType::PathList, .fallback = nullptr, .help = "Annotation tables."},
                       {.name = "tracks",
                        .type = ParamType::Path,
                        .fallback = nullptr,
                        .help = "The tracks plate they are about."},
                       {.name = "labels",
                        .type = ParamType::Text,
                        .fallback = nullptr,
                        .help = "The project's labels.sqlite; made when absent."},
                       {.name = "dataset",
                        .type = ParamType::Text,
                        .fallback = "",
                        .help = "The name under which the project knows these tracks."},
                       {.name = "columns",
                        .type = ParamType::TextList,
                        .fallback = nlohmann::json::array(),
                        .help = "Where a file's column is not named as the schema: schema=column, for example "
                                "infection_state=state."},
                       {.name = "annotator",
                        .type = ParamType::Text,
                        .fallback = "",
                        .help = "In whose name; empty takes the file's annotator."},
                       {.name = "positions",
                        .type = ParamType::TextList,
                        .fallback = nlohmann::json::array(),
                        .help = "Only these fields of view; empty is all."}},
            .run = run};
}

}  // namespace driftscope::cells
