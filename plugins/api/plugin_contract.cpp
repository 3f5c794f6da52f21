#include "plugins/api/plugin_contract.h"

namespace driftscope {

QString pluginAbi() { return QStringLiteral(DRIFTSCOPE_PLUGIN_ABI); }
int pluginApiLevel() { return DRIFTSCOPE_PLUGIN_API_LEVEL; }

}  // namespace driftscope
