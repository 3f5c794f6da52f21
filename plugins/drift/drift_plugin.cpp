#include <QObject>

#include "plugins/drift/drift_panel.h"

namespace driftscope::drift {

class DriftPlugin : public QObject, public PanelPlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID DRIFTSCOPE_PANEL_PLUGIN_IID FILE "drift/plugin.json")
    Q_INTERFACES(driftscope::PanelPlugin)

  public:
    Result<std::unique_ptr<Panel>> open(HostContext& host) override { return std::make_unique<DriftPanel>(host); }
};

}  // namespace driftscope::drift

#include "drift_plugin.moc"
