#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/base/error.h"
#include "core/job/job_registry.h"

namespace driftscope {

/// Prints a job's events for a person: progress on one rewritten line (stderr), log and warnings as lines.
void showEvent(const nlohmann::json& event);
/// "1 m 05 s", "12 s".
std::string duration(double seconds);
/// --help of one kind: parameters with type, default, unit, range and source.
std::string describe(const JobKind& kind);
/// The list of kinds with their titles.
std::string describeAll(const JobRegistry& registry);
/// The last line of --json: status, kind, out, result or error.
nlohmann::json outcome(const std::string& kind, const std::string& out, const Result<nlohmann::json>& result);

}  // namespace driftscope
