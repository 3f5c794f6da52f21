#include "plugins/cells/exporter.h"

#include <algorithm>
#include <map>

#include "core/base/clock.h"
#include "core/cells/annotation_csv.h"
#include "core/io/h5ad.h"
#include "core/label/label_store.h"
#include "plugins/cells/label_model.h"
#include "plugins/cells/predictor.h"
#include "widgets/session/edit_stack.h"

namespace driftscope::cells {
namespace {

Result<void> addLabels(EmbeddingTable& table, const CellsData& data, const LabelStore& store, const std::string& dataset, const LabelSchema& schema) {
    DS_ASSIGN(const std::vector<Label> labels, store.labels(schema.name));
    std::map<std::pair<std::string, std::int64_t>, std::string> byCell;
    for (const Label& label : labels)
        if (label.target.dataset == dataset) byCell[{label.target.entity, label.target.step}] = label.label;
    if (byCell.empty()) return {};
    std::vector<std::string> texts(data.rows());
    for (std::uint32_t row = 0; row < data.rows(); ++row) {
        const auto found = byCell.find({data.storedEntity(row), data.detection(row).t});
        if (found != byCell.end()) texts[row] = found->second;
    }
    return table.setColumn(schema.name, Categorical::fromTexts(texts));
}

Result<void> addPredictions(EmbeddingTable& table, const LabelSchema& schema, const Predictions& predictions) {
    std::vector<std::string> names(table.rows());
    for (std::size_t row = 0; row < table.rows(); ++row)
        if (predictions.best[row] >= 0) names[row] = schema.classes[static_cast<std::size_t>(predictions.best[row])].name;
    DS_TRY(table.setColumn("predicted_" + schema.name, Categorical::fromTexts(names)));
    DS_TRY(table.setMatrix("predicted_" + schema.name + "_proba", predictions.probabilities));
    std::vector<std::string> classes;
    for (const LabelClass& one : schema.classes) classes.push_back(one.name);
    table.uns["predicted_" + schema.name + "_classes"] = classes;
    return {};
}

/// Marks of one field of view under every schema, with who gave them and when the newest was.
struct FieldMarks {
    std::vector<StateMark> marks;
    std::string annotator;
    double newest = 0;
};

Result<std::map<std::string, FieldMarks>> collectMarks(const CellsData& data, const LabelStore& store, const std::vector<LabelSchema>& schemas, const std::string& dataset) {
    std::map<std::string, FieldMarks> out;
    for (const LabelSchema& schema : schemas) {
        DS_ASSIGN(const std::vector<Label> labels, store.labels(schema.name));
        for (const Label& label : labels) {
            if (label.target.dataset != dataset) continue;
            const auto row = data.rowOfStored(label.target.entity, label.target.step);
            if (!row) continue;  // of a cell that was deleted
            FieldMarks& field = out[data.fields()[data.fieldOf(*row)].name];
            field.marks.push_back({schema.name, data.detection(*row).trackId, label.target.step, label.label});
            if (label.time >= field.newest) {
                field.newest = label.time;
                field.annotator = label.annotator;
            }
        }
    }
    return out;
}

}  // namespace

Result<std::vector<std::string>> exportAnnotations(const std::filesystem::path& folder, const CellsData& data, const LabelStore& store,
                                                   const std::string& dataset) {
    DS_ASSIGN(const std::vector<LabelSchema> schemas, store.schemas());
    DS_ASSIGN(const auto marks, collectMarks(data, store, schemas, dataset));
    if (marks.empty()) return fail(ErrorCode::BadInput, "There are no labels to export.", "Label some cells first.");
    std::vector<std::string> files;
    for (const TrackTable& tracks : data.trackTables()) {
        const auto found = marks.find(tracks.fovName);
        if (found == marks.end()) continue;
        const std::filesystem::path file = folder / annotationFileName(dataset, tracks.fovName);
        io::CsvTable previous;
        const bool continues = std::filesystem::exists(file);
        if (continues) {
            DS_ASSIGN(previous, io::readCsv(file));
        }
        const AnnotationStamp stamp{found->second.annotator, isoTime(found->second.newest), "1.0"};
        DS_TRY(io::writeCsv(file, annotationTable(tracks, schemas, markColumns(tracks, schemas, found->second.marks), stamp, continues ? &previous : nullptr)));
        files.push_back(file.filename().string());
    }
    return files;
}

Result<AnnotationImport> importAnnotations(const std::filesystem::path& csv, const CellsData& data, EditStack& edits, const std::string& dataset) {
    DS_ASSIGN(const std::vector<LabelSchema> schemas, edits.store().schemas());
    DS_ASSIGN(const ImportedAnnotations read, readAnnotations(csv, data.trackTables(), schemas));
    std::map<std::string, std::vector<LabelChange>> changes;
    for (const auto& [field, marks] : read.marks)
        for (const StateMark& mark : marks) {
            const auto place = std::ranges::find(data.fields(), field, &FieldOfView::name);
            const auto row = data.rowAt(static_cast<std::uint32_t>(place - data.fields().begin()), mark.t, mark.trackId);
            if (row) changes[mark.schema].push_back({{dataset, data.storedEntity(*row), mark.t}, mark.label});
        }
    AnnotationImport out{0, read.warnings};
    for (const auto& [schema, list] : changes) {
        DS_TRY(edits.apply(schema, list, "import"));
        out.labels += list.size();
    }
    return out;
}

Result<void> exportTable(const std::filesystem::path& file, const CellsData& data, const LabelStore& store, const std::string& dataset,
                         const LabelModel& labels, const Predictions* predictions) {
    EmbeddingTable table = data.table();
    for (const LabelSchema& schema : labels.schemas()) DS_TRY(addLabels(table, data, store, dataset, schema));
    if (predictions && labels.schema()) DS_TRY(addPredictions(table, *labels.schema(), *predictions));
    table.uns["data_path"] = data.paths().images;
    table.uns["tracks_path"] = data.paths().tracks;
    table.uns["driftscope_version"] = DRIFTSCOPE_VERSION;
    table.uns["exported"] = isoTime(now());
    return io::writeH5ad(file, table);
}

}  // namespace driftscope::cells
