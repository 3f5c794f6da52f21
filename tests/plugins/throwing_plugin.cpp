// Throws when a panel is opened, as a plugin with a fault would.
#include <stdexcept>

#include "plugins/api/panel_plugin.h"

namespace {

class ThrowingPlugin : public QObject, public driftscope::PanelPlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID DRIFTSCOPE_PANEL_PLUGIN_IID FILE "throwing/plugin.json")
    Q_INTERFACES(driftscope::PanelPlugin)
  public:
    driftscope::Result<std::unique_ptr<driftscope::Panel>> open(driftscope::HostContext&) override {
        throw std::runtime_error("no such colour map");
    }
};

}  // namespace

#include "throwing_plugin.moc"
