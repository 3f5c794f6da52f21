#pragma once

#include <QString>

namespace driftscope {

/// What a plugin's plugin.json must say to be loaded by this build: compiler and version, Qt's minor version, and a hash
/// of the headers whose objects cross the border. Written by resources/cmake/DriftscopePlugin.cmake.
QString pluginAbi();
int pluginApiLevel();

}  // namespace driftscope
