#pragma once

#include <QIcon>

class QColor;

namespace driftscope::topics {

/// A small disc that stands for a topic in lists, the same in chosen rows.
QIcon dot(const QColor& colour);

}  // namespace driftscope::topics
