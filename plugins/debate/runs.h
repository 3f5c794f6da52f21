#pragma once

#include <QJsonObject>
#include <QString>
#include <string>

#include "core/base/error.h"

namespace driftscope {
struct HostContext;
}

namespace driftscope::debate {

class SetupModel;

/// Starts a debate job with the present setup and what `more` adds, and returns its id. A computation that is no worked
/// example is kept in the project under its content's hash, so that the run can be repeated. Errors: it cannot be written.
Result<QString> startRun(HostContext& host, const SetupModel& setup, const std::string& kind, const QJsonObject& more, const QString& title);

/// The parameter `computation` for a job: an example's id, or the file it was kept in. Errors: cannot be written.
Result<QString> computationParam(HostContext& host, const SetupModel& setup);

/// Puts the setup of a finished run back: its computation and those of its values that debate.play has.
Result<void> adoptRun(const QJsonObject& runParams, SetupModel& setup);

/// A JSON file of a run folder. Errors: absent, malformed; the file is named.
Result<QJsonObject> readRunJson(const QString& folder, const QString& file);

}  // namespace driftscope::debate
