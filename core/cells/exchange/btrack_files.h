#pragma once

#include <filesystem>
#include <optional>

namespace driftscope::cells {

/// What lies beside a table of btrack's objects.
struct BtrackFiles {
    std::filesystem::path tracks;  ///< JSON: the rows of each track
    std::filesystem::path graph;   ///< JSON: the mothers of each track; may be absent
};

std::optional<BtrackFiles> btrackFilesBeside(const std::filesystem::path& csv);

}  // namespace driftscope::cells
