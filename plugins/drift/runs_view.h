#pragma once

#include <QWidget>
#include <map>

class QLabel;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace driftscope {
class JobRunner;
}

namespace driftscope::drift {

class RunCatalog;
struct DriftRun;

/// The panel's runs as a tree: studies with their alignments and fine-tunings, what runs, waits and has ended, with ways to
/// stop and to go on.
class RunsView : public QWidget {
    Q_OBJECT
  public:
    RunsView(JobRunner& jobs, RunCatalog& catalog, QWidget* parent = nullptr);

    /// Folder of the chosen study or run; empty when none is.
    QString chosen() const { return chosen_; }
    void choose(const QString& folder);
    void stop();    ///< the chosen run's job, or the one that runs
    void resume();  ///< the chosen run's job

  Q_SIGNALS:
    void chosenChanged(const QString& folder);
    void newRequested();
    void openRequested();
    void said(const QString& text);

  private:
    void buildButtons();
    void rebuild();
    void refresh();
    void refreshButtons();
    QTreeWidgetItem* add(QTreeWidgetItem* parent, const DriftRun& run);
    QTreeWidgetItem* group(QTreeWidgetItem* study, const DriftRun& run);
    void show(QTreeWidgetItem& item, const DriftRun& run);
    /// The job behind a run: its own, or that of its study.
    QString jobOf(const QString& folder) const;
    void openMenu(const QPoint& at);

    JobRunner& jobs_;
    RunCatalog& catalog_;
    QTreeWidget* tree_;
    QPushButton *stop_, *resume_;
    QLabel* detail_;
    std::map<QString, QTreeWidgetItem*> items_;  ///< by folder
    QString chosen_;
    bool rebuilding_ = false;
};

}  // namespace driftscope::drift
