#pragma once

#include <QColor>
#include <QIcon>
#include <string>

#include "core/label/label_schema.h"

class QPainter;
class QRectF;

namespace driftscope::label {

/// The colour of a class given by name or alias; invalid when the schema does not have it.
QColor classColour(const LabelSchema& schema, const std::string& name);
/// A filled rounded square with a thin edge that shows on light and dark.
void paintSwatch(QPainter& painter, const QRectF& rect, const QColor& colour);
QIcon swatchIcon(const QColor& colour);
/// Black or white, whichever reads better on `background`.
QColor textOn(const QColor& background);

}  // namespace driftscope::label
