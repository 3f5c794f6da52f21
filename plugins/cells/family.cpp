#include "plugins/cells/family.h"

#include <QCoreApplication>
#include <map>

#include "core/cells/lineage.h"
#include "plugins/cells/colouring.h"
#include "plugins/cells/label_model.h"
#include "plugins/cells/predictor.h"

namespace driftscope::cells {
namespace {

QString stateOf(std::uint32_t row, const LabelModel& labels, const Predictions* predictions) {
    const LabelSchema* schema = labels.schema();
    if (!schema) return {};
    if (labels.label(row) >= 0) return QString::fromStdString(schema->classes[static_cast<std::size_t>(labels.label(row))].name);
    if (predictions && predictions->best[row] >= 0)
        return QCoreApplication::translate("driftscope::cells::LineageTree", "%1 (predicted)").arg(QString::fromStdString(schema->classes[static_cast<std::size_t>(predictions->best[row])].name));
    return {};
}

}  // namespace

std::vector<LineageTree::Branch> familyOf(const CellsData& data, std::uint32_t track, const LabelModel& labels, const Predictions* predictions) {
    const std::uint32_t field = data.fieldOf(data.tracks()[track].rows.front());
    const auto lineages = Lineages::make(data.trackTables()[field].detections);
    if (!lineages) return {};
    std::vector<LineageTree::Branch> out;
    std::map<std::int64_t, int> index;
    for (const std::int64_t id : lineages->members(lineages->root(data.detection(data.tracks()[track].rows.front()).trackId))) {
        const auto found = data.findEntity(fmt::format("{}#{}", data.fields()[field].name, id));
        if (!found) continue;
        LineageTree::Branch branch;
        branch.name = QString::number(id);
        branch.track = *found;
        const TrackSummary* summary = lineages->find(id);
        if (const auto mother = index.find(summary ? summary->parent : -1); mother != index.end()) branch.mother = mother->second;
        const Trajectory& rows = data.tracks()[*found];
        for (std::size_t i = 0; i < rows.rows.size(); ++i)
            branch.cells.push_back({rows.rows[i], rows.steps[i], stateColor(rows.rows[i], labels, predictions), stateOf(rows.rows[i], labels, predictions)});
        index[id] = static_cast<int>(out.size());
        out.push_back(std::move(branch));
    }
    return out;
}

}  // namespace driftscope::cells
