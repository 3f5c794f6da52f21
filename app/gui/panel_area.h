#pragma once

#include <QMainWindow>
#include <map>
#include <memory>
#include <vector>

#include "core/base/error.h"

class QDockWidget;

namespace driftscope {

class Panel;
class PanelChooser;
class PluginHost;
class Session;

/// The middle of the window: open panels as docks, in tabs or side by side. Their state is kept in the project.
class PanelArea : public QMainWindow {
    Q_OBJECT
  public:
    PanelArea(PluginHost& host, Session& session, QWidget* parent = nullptr);
    ~PanelArea() override;

    /// Opens the panel, or brings it to front. Errors: refused plugin, no project.
    Result<Panel*> open(const QString& id);
    Panel* find(const QString& id) const;  ///< null when not open
    QStringList openIds() const;
    /// The panel in front, or null.
    QString currentId() const;
    void close(const QString& id);
    /// Saves every panel's state and the arrangement in the project, then closes the panels.
    void closeAll();
    void saveStates();
    /// Opens the panels that were open when the project was closed.
    void restore();

  Q_SIGNALS:
    void panelsChanged();
    void openRequested(const QString& id);  ///< somebody chose a panel in the empty area
    void warned(const QString& message);

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    struct Open {
        std::unique_ptr<Panel> panel;
        QDockWidget* dock;
    };
    QDockWidget* makeDock(const QString& id, Panel& panel);
    void restoreState(const QString& id, Panel& panel);
    void showChooser();  ///< exactly while no panel is open

    PluginHost& host_;
    Session& session_;
    PanelChooser* chooser_;
    std::map<QString, Open> open_;
};

}  // namespace driftscope
