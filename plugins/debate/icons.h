#pragma once

#include <QIcon>

class QPalette;

namespace driftscope::debate {

enum class Glyph { First, Back, Play, Pause, Forward, Last };

/// A transport symbol in the text's colour; the style's own icons are black on every ground.
QIcon glyph(Glyph which, const QPalette& palette, double pixelRatio);

}  // namespace driftscope::debate
