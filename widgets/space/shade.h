#pragma once

#include <QRgb>
#include <cstddef>
#include <cstdint>

#include "widgets/space/point_style.h"

namespace driftscope::space {

/// The colour of the point in each of `count` cells. An empty cell's rank reads the word that means background.
void colourCells(const Rank* ids, const StyleWord* words, const QRgb* palette, std::size_t count, QRgb* pixels);
/// Fades pixels towards the background by the points per cell: weight shares[min(points, last)] of 256.
void shadeCells(const std::uint16_t* points, const std::uint32_t* shares, std::uint32_t last, QRgb background,
                std::size_t count, QRgb* pixels);

}  // namespace driftscope::space
