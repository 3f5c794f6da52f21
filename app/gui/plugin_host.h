#pragma once

#include <QString>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "plugins/api/panel_plugin.h"

class QPluginLoader;

namespace driftscope {

/// A plugin file as its metadata describes it.
struct PluginInfo {
    QString id;
    QString title;
    QString summary;  ///< a sentence on what the panel is for; may be empty
    QString version;
    QString file;
    QString problem;  ///< why it is refused; empty when it fits or was not tried yet
};

/// Finds panel plugins and opens their panels. Only metadata are read until a panel is first opened; a plugin that does
/// not fit, cannot be loaded or throws is refused with a reason, and the others are not affected. Nothing is ever
/// unloaded: libraries register types and threads that would dangle.
class PluginHost {
  public:
    PluginHost();
    ~PluginHost();

    /// Reads the metadata of every plugin in `folder`. An absent folder has none.
    void scan(const QString& folder);
    const std::vector<PluginInfo>& plugins() const { return plugins_; }
    const PluginInfo* find(const QString& id) const;

    /// Loads the plugin if need be and opens a panel. On failure the reason is kept in PluginInfo::problem too.
    Result<std::unique_ptr<Panel>> open(const QString& id, HostContext& context);

  private:
    Result<PanelPlugin*> load(PluginInfo& info);

    std::vector<PluginInfo> plugins_;
    std::vector<std::unique_ptr<QPluginLoader>> loaders_;  ///< one per plugin, same order
};

}  // namespace driftscope
