#pragma once

#include <cstdint>

#include "core/base/fingerprint.h"

namespace driftscope::debate {

/// Numbers of one party at one step of one game: counter-based, so that a transcript does not depend on the order in which
/// parties draw or on the number of threads.
class RandomStream {
  public:
    RandomStream(std::uint64_t seed, std::uint64_t game, std::uint64_t party, std::uint64_t step)
        : seed_(randomBits(seed, game, party)), stream_(step) {}

    double uniform() { return randomUnit(seed_, stream_, index_++); }          ///< [0, 1)
    bool bernoulli(double p) { return uniform() < p; }

  private:
    std::uint64_t seed_;
    std::uint64_t stream_;
    std::uint64_t index_ = 0;
};

}  // namespace driftscope::debate
