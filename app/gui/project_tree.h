#pragma once

#include <QTreeWidget>

namespace driftscope {

class Session;

/// The project's data and runs. Missing data can be located, everything can be opened by Enter or double click.
class ProjectTree : public QTreeWidget {
    Q_OBJECT
  public:
    explicit ProjectTree(Session& session, QWidget* parent = nullptr);

  Q_SIGNALS:
    void dataActivated(const QString& path);
    void runActivated(const QString& id);
    void addRequested();
    void warned(const QString& message);

  private:
    void refresh();
    void refreshData();
    void refreshRuns();
    void refreshRun(const QString& id);
    void activate(QTreeWidgetItem* item);
    void showMenu(const QPoint& at);
    void fillDataMenu(class QMenu& menu, const QString& id, const QString& path);
    void locate(const QString& id);

    Session& session_;
    QTreeWidgetItem* data_;
    QTreeWidgetItem* runs_;
};

}  // namespace driftscope
