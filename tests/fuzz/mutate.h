#pragma once

#include <random>
#include <string>
#include <vector>

namespace driftscope::fuzz {

/// A changed copy: bits flipped, bytes set to extremes, blocks cut, repeated or taken from another seed, numbers in texts replaced.
std::string mutate(const std::vector<std::string>& seeds, std::mt19937_64& random);

}  // namespace driftscope::fuzz
