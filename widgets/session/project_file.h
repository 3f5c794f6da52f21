#pragma once

#include <QJsonObject>
#include <QString>

#include "core/base/error.h"

namespace driftscope::projectfile {

/// Reads a project.json. Errors: missing, damaged (with line and column and where the backup is), newer format.
Result<QJsonObject> read(const QString& file);
Result<void> write(const QString& file, const QJsonObject& root);

/// Data in the project folder or beside it are stored relative, so that both can be moved together; others absolute.
QString stored(const QString& folder, const QString& absolutePath);
/// The absolute path of a stored one.
QString resolved(const QString& folder, const QString& storedPath);
/// Where `path` would be if it moved along with `from`, which is now at `to`: their differing first parts are
/// exchanged. Empty when `path` did not share that part.
QString movedAlong(const QString& path, const QString& from, const QString& to);

}  // namespace driftscope::projectfile
