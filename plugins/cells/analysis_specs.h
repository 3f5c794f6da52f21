#pragma once

#include <QJsonObject>
#include <QString>
#include <vector>

#include "core/base/params.h"
#include "plugins/cells/cells_data.h"

namespace driftscope::cells {

class LabelModel;

/// One entry of the list of analyses. An empty kind is a view that needs no job.
struct Analysis {
    QString kind;   ///< "cells.msd"
    QString title;
    QString question;  ///< what it answers, for the list's tooltip
};
const std::vector<Analysis>& analyses();

/// What the form of an analysis is made from: the data that is open.
struct AnalysisInput {
    const CellsData& data;
    const LabelModel& labels;
    QString labelsFile;
    QString dataset;
};
/// The specs of a kind as this data allows them: features, columns and states become choices, the current label schema and its
/// event the default, and what the panel knows is folded away.
std::vector<ParamSpec> fittedSpecs(std::vector<ParamSpec> specs, const AnalysisInput& input);
/// The values that follow the open data whatever a form said before: paths, labels, data set.
QJsonObject fixedValues(const AnalysisInput& input);

}  // namespace driftscope::cells
