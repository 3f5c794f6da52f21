#pragma once

#include <QSize>
#include <QString>
#include <functional>

#include "core/base/error.h"

class QPainter;

namespace driftscope::image {

/// Writes what `paint` draws on `size` points as .png (twice the size in pixels) or .svg, atomically, with `source` as its
/// provenance. Errors name the file: another suffix, a folder that cannot be written to.
Result<void> writePicture(const QString& path, QSize size, const QString& source, const std::function<void(QPainter&)>& paint);

}  // namespace driftscope::image
