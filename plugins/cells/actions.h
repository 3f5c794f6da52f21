#pragma once

#include <QAction>
#include <QObject>
#include <functional>
#include <vector>

class QWidget;

namespace driftscope::cells {

class Workspace;
struct CellsContext;

/// Everything a key can do in the Cells panel, as actions: the host lists them in its menu and palette. Keys that the
/// views answer themselves (arrows, Space, F, label keys) are not repeated here.
class CellsActions : public QObject {
    Q_OBJECT
  public:
    CellsActions(Workspace& workspace, CellsContext context, QWidget* scope);
    const std::vector<QAction*>& all() const { return actions_; }

    /// Adds one more action with its object name, text, key and tooltip.
    QAction* add(const QString& name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act);

  private:
    void addNavigation(Workspace& workspace, CellsContext context);
    void addViews(Workspace& workspace);

    QWidget* scope_;
    std::vector<QAction*> actions_;
};

}  // namespace driftscope::cells
