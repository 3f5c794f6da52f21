#pragma once

#include <cstdint>

namespace driftscope::topics {

/// The generator of java.util.Random (a 48-bit linear congruential generator), as its documentation defines it.
class JavaRandom {
  public:
    explicit JavaRandom(std::int64_t seed) : state_((static_cast<std::uint64_t>(seed) ^ kMultiplier) & kMask) {}

    /// The upper `bits` of the next state.
    std::int32_t next(int bits) {
        state_ = (state_ * kMultiplier + 0xB) & kMask;
        return static_cast<std::int32_t>(static_cast<std::int64_t>(state_) >> (48 - bits));
    }

    /// 0 … bound - 1.
    std::int32_t nextInt(std::int32_t bound) {
        if ((bound & -bound) == bound) return static_cast<std::int32_t>((static_cast<std::int64_t>(bound) * next(31)) >> 31);
        while (true) {
            const std::int32_t bits = next(31);
            const std::int32_t value = bits % bound;
            // Java lets the sum overflow; a value from the incomplete last range is drawn again.
            if (static_cast<std::int64_t>(bits) - value + (bound - 1) <= 0x7FFFFFFF) return value;
        }
    }

    /// MALLET's Randoms.nextUniform(): 53 bits in [0, 1).
    double nextUniform() {
        const std::int64_t high = static_cast<std::int64_t>(next(26)) << 27;
        return static_cast<double>(high + next(27)) / 9007199254740992.0;
    }

    std::uint64_t state() const { return state_; }
    void setState(std::uint64_t state) { state_ = state & kMask; }

  private:
    static constexpr std::uint64_t kMultiplier = 0x5DEECE66DULL;
    static constexpr std::uint64_t kMask = (1ULL << 48) - 1;
    std::uint64_t state_;
};

}  // namespace driftscope::topics
