#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/io/npy.h"

namespace driftscope::io {

/// Reads every number array of a NumPy archive (.npz: a zip of .npy members, stored or deflated), by name without ".npy".
/// Arrays of text, as scipy's "format", are left out. Errors name the file and the member: no zip, cut off, damaged
/// member, a member larger than 16 GiB.
Result<std::map<std::string, NpyNumbers>> readNpz(const std::filesystem::path& path);

/// Writes members (name without ".npy", content of encodeNpy) as numpy.savez_compressed does; atomic.
Result<void> writeNpz(const std::filesystem::path& path, const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace driftscope::io
