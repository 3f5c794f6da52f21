#include "plugins/cells/exporter.h"

#include <algorithm>
#include <map>

#include "core/base/clock.h"
#include "core/io/h5ad.h"
#include "core/label/label_store.h"
#include "plugins/cells/label_model.h"
#include "plugins/cells/predictor.h"

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
        const auto found = byCell.find({data.entity(row), data.detection(row).t});
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

}  // namespace

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
