#pragma once

#include <string>

namespace driftscope {

/// Seconds since the Unix epoch.
double now();
/// ISO 8601 in UTC with microseconds, for example 2026-11-23T20:01:36.123456Z.
std::string isoTime(double secondsSinceEpoch);

}  // namespace driftscope
