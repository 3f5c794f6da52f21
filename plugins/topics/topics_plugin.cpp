#include <QObject>

#include "plugins/topics/topics_panel.h"

namespace driftscope::topics {

class TopicsPlugin : public QObject, public PanelPlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID DRIFTSCOPE_PANEL_PLUGIN_IID FILE "topics/plugin.json")
    Q_INTERFACES(driftscope::PanelPlugin)

  public:
    Result<std::unique_ptr<Panel>> open(HostContext& host) override { return std::make_unique<TopicsPanel>(host); }
};

}  // namespace driftscope::topics

#include "topics_plugin.moc"
