#pragma once

#include <QJsonObject>
#include <QString>
#include <QWidget>
#include <QtPlugin>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/error.h"

class QAction;

namespace driftscope {

class Project;
class SelectionHub;
class JobRunner;
class EditStack;

/// What a panel may use. Passed in; nothing is global. Outlives every panel.
struct HostContext {
    Project& project;
    SelectionHub& selection;
    JobRunner& jobs;
    EditStack& edits;
    std::uint64_t cacheBytes = std::uint64_t{1} << 30;  ///< memory that caches of decoded images may use, a setting
};

/// One open panel. Lives on the GUI thread and dies before its project.
class Panel {
  public:
    virtual ~Panel() = default;
    virtual QWidget* widget() = 0;  ///< owned by the panel, shown by the host; never null
    virtual QJsonObject saveState() const = 0;
    virtual Result<void> restoreState(const QJsonObject& state) = 0;
    /// Everything a person can do here; the host lists them in menus and the command palette with their shortcuts.
    virtual std::vector<QAction*> actions() const = 0;
    /// True when the panel took the dropped or opened path.
    virtual bool openPath(const QString& path) = 0;
};

/// One per process; stateless; its constructor does nothing, because the host has checked only its metadata by then.
class PanelPlugin {
  public:
    virtual ~PanelPlugin() = default;
    virtual Result<std::unique_ptr<Panel>> open(HostContext& host) = 0;
};

}  // namespace driftscope

#define DRIFTSCOPE_PANEL_PLUGIN_IID "org.driftscope.PanelPlugin/1"
Q_DECLARE_INTERFACE(driftscope::PanelPlugin, DRIFTSCOPE_PANEL_PLUGIN_IID)
