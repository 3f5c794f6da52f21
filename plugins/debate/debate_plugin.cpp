#include <QObject>

#include "plugins/debate/debate_panel.h"

namespace driftscope::debate {

class DebatePlugin : public QObject, public PanelPlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID DRIFTSCOPE_PANEL_PLUGIN_IID FILE "debate/plugin.json")
    Q_INTERFACES(driftscope::PanelPlugin)

  public:
    Result<std::unique_ptr<Panel>> open(HostContext& host) override { return std::make_unique<DebatePanel>(host); }
};

}  // namespace driftscope::debate

#include "debate_plugin.moc"
