#include <QObject>

#include "plugins/cells/cells_panel.h"

namespace driftscope::cells {

class CellsPlugin : public QObject, public PanelPlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID DRIFTSCOPE_PANEL_PLUGIN_IID FILE "cells/plugin.json")
    Q_INTERFACES(driftscope::PanelPlugin)

  public:
    Result<std::unique_ptr<Panel>> open(HostContext& host) override { return std::make_unique<CellsPanel>(host); }
};

}  // namespace driftscope::cells

#include "cells_plugin.moc"
