#pragma once

#include <QWidget>
#include <vector>

class QGridLayout;
class QLabel;
class QProgressBar;
class QPushButton;

namespace driftscope {
class JobRunner;
struct JobView;
}  // namespace driftscope

namespace driftscope::cells {

class Workflow;

/// The steps from movie to map as a list: what is done, what runs and how long it will take, what waits; cancel and resume.
class StepsView : public QWidget {
    Q_OBJECT
  public:
    StepsView(Workflow& workflow, JobRunner& jobs, QWidget* parent = nullptr);

  private:
    struct Row {
        QLabel* mark;
        QLabel* title;
        QProgressBar* bar;
        QLabel* note;
    };
    void refresh();
    void rebuild(std::size_t count);
    void show(Row& row, const QString& title, const JobView* job);

    Workflow& workflow_;
    JobRunner& jobs_;
    QGridLayout* grid_;
    QPushButton* stop_;
    QPushButton* goOn_;
    std::vector<Row> rows_;
};

}  // namespace driftscope::cells
