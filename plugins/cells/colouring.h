#pragma once

#include <QColor>
#include <QString>
#include <vector>

#include "plugins/cells/cells_data.h"
#include "plugins/cells/predictor.h"

namespace driftscope::cells {

class LabelModel;

/// How every row is coloured: by category (codes into names and colors, -1 missing) or by a number (values, NaN missing).
struct Colouring {
    QString title;
    bool categorical = true;
    std::vector<int> codes;
    std::vector<QString> names;
    std::vector<QColor> colors;
    std::vector<float> values;
};

/// One entry of the "colour by" list.
struct ColourMode {
    QString key;    ///< "state", "track", "frame", "confidence", or "column:NAME"
    QString title;
};

std::vector<ColourMode> colourModes(const CellsData& data);

/// Colours for `key`; an unknown key falls back to "state". Under "state" each class has two entries: what a person said
/// (full colour) and what the probe predicts (pale), so that nobody mistakes one for the other.
Colouring colouring(const QString& key, const CellsData& data, const LabelModel& labels, const Predictions* predictions);

/// The colour of one cell in the image under "state": label, else pale prediction, else grey.
QColor stateColor(std::uint32_t row, const LabelModel& labels, const Predictions* predictions);

/// A prediction's colour: the class's, half-way to the neutral grey.
QColor predictedColor(const QColor& color);

}  // namespace driftscope::cells
