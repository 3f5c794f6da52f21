#pragma once

#include <QWidget>

class QListView;
class QStackedWidget;

namespace driftscope {
class JobRunner;
}

namespace driftscope::jobs {

class JobDetails;
class JobListModel;

/// All runs of the project beside the details of one.
class JobsView : public QWidget {
    Q_OBJECT
  public:
    explicit JobsView(JobRunner& jobs, QWidget* parent = nullptr);
    void select(const QString& id);
    QString selected() const;
    void showCurves(const QString& id);

  Q_SIGNALS:
    void newRequested();
    void againRequested(const QString& id);

  private:
    QWidget* buildList();
    QWidget* buildEmpty();
    void refresh();

    JobListModel* model_;
    QListView* list_;
    JobDetails* details_;
    QStackedWidget* stack_;
};

}  // namespace driftscope::jobs
