#pragma once

#include <QPixmap>

class QColor;

namespace driftscope::topics {

/// A small disc that stands for a topic in lists.
QPixmap dot(const QColor& colour);

}  // namespace driftscope::topics
