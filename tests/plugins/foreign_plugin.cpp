// Built for another ABI. If the host ran any code of it, the program would end here.
#include <cstdlib>

#include "plugins/api/panel_plugin.h"

namespace {

const bool kLoaded = [] {
    std::abort();
    return true;
}();

class ForeignPlugin : public QObject, public driftscope::PanelPlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID DRIFTSCOPE_PANEL_PLUGIN_IID FILE "foreign/plugin.json")
    Q_INTERFACES(driftscope::PanelPlugin)
  public:
    driftscope::Result<std::unique_ptr<driftscope::Panel>> open(driftscope::HostContext&) override {
        return driftscope::fail(driftscope::ErrorCode::Internal, kLoaded ? "loaded" : "not loaded");
    }
};

}  // namespace

#include "foreign_plugin.moc"
