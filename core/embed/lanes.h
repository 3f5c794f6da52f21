#pragma once

#include <cstdint>
#include <cstring>

// Eight float lanes as a compiler vector. Bodies written with them are inlined into one function for AVX2 and one for the
// baseline processor; hasAvx2() chooses at run time, so one build runs anywhere and is fast where it can be.
#define DS_ALWAYS_INLINE [[gnu::always_inline]] inline
#define DS_TARGET_AVX2 [[gnu::target("avx2,fma")]]

#pragma GCC diagnostic ignored "-Wpsabi"  // wide vectors never cross a real call: everything here is inlined

namespace driftscope::embed {

using Lanes = float __attribute__((vector_size(32)));
using IntLanes = std::int32_t __attribute__((vector_size(32)));

DS_ALWAYS_INLINE Lanes loadLanes(const float* from) {
    Lanes out;
    std::memcpy(&out, from, sizeof out);
    return out;
}
DS_ALWAYS_INLINE void storeLanes(float* to, Lanes value) {
    std::memcpy(to, &value, sizeof value);
}

inline bool hasAvx2() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

}  // namespace driftscope::embed
