#pragma once

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QTabWidget;
class QTreeWidget;

namespace driftscope {
class JobRunner;
struct JobView;
}  // namespace driftscope

namespace driftscope::jobs {

class JobCurves;

/// Everything about one run: state, error with remedy, curves, parameters, result, log, and what can be done with it.
class JobDetails : public QWidget {
    Q_OBJECT
  public:
    explicit JobDetails(JobRunner& jobs, QWidget* parent = nullptr);
    void setJob(const QString& id);
    QString job() const { return id_; }
    void showCurves();

  Q_SIGNALS:
    /// A new job with this one's parameters as a start.
    void againRequested(const QString& id);

  private:
    QWidget* buildHead();
    QWidget* buildButtons();
    QPushButton* addButton(QWidget* row, const char* name, const QString& text, const QString& help);
    void refresh();
    void refreshButtons(const JobView& job);
    void fillParameters(const JobView& job);
    void refreshLog();
    void stopOrKill();

    JobRunner& jobs_;
    QString id_;
    QLabel* title_;
    QLabel* state_;
    QLabel* error_;
    QProgressBar* progress_;
    QTabWidget* tabs_;
    JobCurves* curves_;
    QTreeWidget* parameters_;
    QPlainTextEdit* log_;
    QPushButton *stop_ = nullptr, *resume_ = nullptr, *again_ = nullptr, *folder_ = nullptr, *remove_ = nullptr;
};

}  // namespace driftscope::jobs
