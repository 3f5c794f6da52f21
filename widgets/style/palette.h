#pragma once

#include <QColor>
#include <array>
#include <cstddef>
#include <vector>

class QPalette;

namespace driftscope::style {

/// Okabe and Ito's eight colours told apart with any colour vision (https://jfly.uni-koeln.de/color), ordered so that
/// neighbours differ most. Their black is a mid grey here, visible on light and dark.
const std::array<QColor, 8>& okabeIto();

/// `count` colours for classes: Okabe-Ito first, then each further colour as far as possible in CIELAB from all before
/// it and from white and black (Glasbey et al. 2007). The first n of a longer list equal the list of n. Same bytes
/// always.
std::vector<QColor> categorical(std::size_t count);

/// Matplotlib's viridis (CC0), 256 steps from low (violet) to high (yellow).
const std::array<QRgb, 256>& viridis();
/// viridis at t in [0, 1]; t outside is clamped.
QColor viridisAt(double t);

/// What missing values are drawn with: a grey between text and background, never a class colour.
QColor missingColour(const QPalette& palette);
/// Secondary text, axis ticks and frames: legible (4.5:1) and quieter than text.
QColor subtleText(const QPalette& palette);
/// True when the palette's window is darker than its text.
bool isDark(const QPalette& palette);
/// a + (b - a) t in sRGB, opaque.
QColor mix(const QColor& a, const QColor& b, double t);

}  // namespace driftscope::style
