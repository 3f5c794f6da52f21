#pragma once

#include <string_view>

namespace driftscope::io {

/// Orders names as people do: runs of digits by their number, so that "t9" comes before "t10".
bool naturallyBefore(std::string_view a, std::string_view b);

}  // namespace driftscope::io
