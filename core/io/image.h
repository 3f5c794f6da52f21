#pragma once

#include <cstdint>
#include <vector>

namespace driftscope::io {

/// One plane of pixels, row-major, height x width.
template <class T>
struct Image {
    int width = 0;
    int height = 0;
    std::vector<T> pixels;

    Image() = default;
    Image(int w, int h, T value = T{}) : width(w), height(h), pixels(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), value) {}
    T& at(int y, int x) { return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)]; }
    T at(int y, int x) const { return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)]; }
    bool contains(int y, int x) const { return y >= 0 && x >= 0 && y < height && x < width; }
};

using FloatImage = Image<float>;
using LabelImage = Image<std::uint32_t>;  ///< 0 is background, other values are track or object ids

}  // namespace driftscope::io
