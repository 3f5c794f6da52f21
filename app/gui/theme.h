#pragma once

#include <QIcon>
#include <QPalette>

namespace driftscope {

enum class Theme { System, Light, Dark };

/// One accent colour (Okabe-Ito blue) on quiet greys; text and controls keep a contrast of at least 4.5:1.
QPalette themePalette(bool dark);
/// Sets the Fusion style and the palette on the whole application, live. System follows the desktop's palette as it was
/// when the program started.
void applyTheme(Theme theme);

/// Three trajectories drifting apart, drawn at any size.
QIcon applicationIcon();

}  // namespace driftscope
