#pragma once

#include <vector>

namespace driftscope {

/// A library this program (or driftscope-run) is built with.
struct Library {
    const char* name;
    const char* version;
    const char* licence;
    const char* use;
};

const std::vector<Library>& libraries();

}  // namespace driftscope
