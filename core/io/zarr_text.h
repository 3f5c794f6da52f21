#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::io {

/// An array of texts with its values in C order; without dimensions there is one value.
struct ZarrTexts {
    std::vector<std::int64_t> shape;
    std::vector<std::string> values;  ///< UTF-8
};

/// True when the array in the folder holds texts rather than numbers.
bool holdsZarrTexts(const std::filesystem::path& folder);

/// Reads a whole array of texts: NumPy's S and U types, objects encoded as vlen-utf8 or json2 (v2), string and
/// fixed_length_utf32 (v3). Errors: numbers, other objects, more than 2^28 values, damaged chunks (named).
Result<ZarrTexts> readZarrTexts(const std::filesystem::path& folder);

}  // namespace driftscope::io
