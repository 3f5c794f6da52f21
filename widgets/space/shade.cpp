#include "widgets/space/shade.h"

#include <algorithm>

#include "widgets/space/blend.h"

namespace driftscope::space {

namespace {

using ShadeFunction = void (*)(const std::uint16_t*, const std::uint32_t*, std::uint32_t, QRgb, std::size_t, QRgb*);

// As in projection.cpp: one source, compiled for any x86-64 and for AVX2, which gathers eight weights at a time.
inline __attribute__((always_inline)) void shadeKernel(const std::uint16_t* __restrict points,
                                                       const std::uint32_t* __restrict shares, std::uint32_t last,
                                                       QRgb background, std::size_t count, QRgb* __restrict pixels) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t seen = points[i];
        pixels[i] = mixRgb(background, pixels[i], shares[seen < last ? seen : last]);
    }
}

void shadeAnywhere(const std::uint16_t* points, const std::uint32_t* shares, std::uint32_t last, QRgb background,
                   std::size_t count, QRgb* pixels) {
    shadeKernel(points, shares, last, background, count, pixels);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void shadeAvx2(const std::uint16_t* points, const std::uint32_t* shares,
                                               std::uint32_t last, QRgb background, std::size_t count, QRgb* pixels) {
    shadeKernel(points, shares, last, background, count, pixels);
}
#endif

ShadeFunction chooseShade() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return shadeAvx2;
#endif
    return shadeAnywhere;
}

}  // namespace

void colourCells(const Rank* ids, const StyleWord* words, const QRgb* palette, std::size_t count, QRgb* pixels) {
    for (std::size_t i = 0; i < count; ++i) pixels[i] = palette[words[ids[i]]];
}

void shadeCells(const std::uint16_t* points, const std::uint32_t* shares, std::uint32_t last, QRgb background,
                std::size_t count, QRgb* pixels) {
    static const ShadeFunction shade = chooseShade();
    shade(points, shares, last, background, count, pixels);
}

}  // namespace driftscope::space
