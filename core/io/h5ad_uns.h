#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/hdf5_object.h"

namespace driftscope::io {

/// Reads uns as JSON: groups become objects, arrays (nested) lists. What JSON cannot hold (tables, sparse matrices, arrays of
/// more than a million numbers) is left out and named in `warnings`.
Result<nlohmann::json> readUns(const Hdf5Object& group, std::vector<std::string>& warnings);

/// Writes a JSON object so that AnnData reads it: objects as dictionaries, lists of numbers or texts as arrays. Values that
/// AnnData has no form for (lists of objects, names with '/') are stored as JSON text; null is left out.
Result<void> writeUns(const Hdf5Object& parent, const std::string& name, const nlohmann::json& value);

}  // namespace driftscope::io
