#pragma once

#include <QTimer>
#include <QWidget>

class QLabel;
class QListWidget;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace driftscope {
struct JobView;
struct MetricPoint;
namespace plot {
class LinePlot;
}
}  // namespace driftscope

namespace driftscope::topics {

class Workspace;

/// The runs on the open corpus, running and done: likelihood or loss of those chosen, and the topics of one as they form.
class TrainingView : public QWidget {
    Q_OBJECT
  public:
    explicit TrainingView(Workspace& workspace, QWidget* parent = nullptr);
    plot::LinePlot& plot() const { return *plot_; }
    void choose(const QStringList& ids);

    void stopOrResume();
    /// Opens a finished run; of a stopped LDA run, makes a model of what it has so far.
    void inspect();
    void continueRun();  ///< more iterations, as a new run

  Q_SIGNALS:
    void openRequested(const QString& folder);
    void failed(const QString& text);
    void said(const QString& text);

  private:
    QWidget* buildButtons();
    QWidget* buildTopics();
    void refreshList();
    void refreshJob(const QString& id);
    void fillItem(QTreeWidgetItem& item, const JobView& job) const;
    void refreshButtons();
    void showMetrics();
    void takeMetric(const QString& id, const MetricPoint& point);
    void refreshTopics();
    bool ours(const JobView& job) const;
    const JobView* current() const;
    QStringList metricChoices() const;
    QTreeWidgetItem* itemOf(const QString& id) const;
    QString startFrom(const JobView& job, int iterations, const QString& title);

    Workspace& workspace_;
    QTreeWidget* list_;
    QPushButton *stop_, *inspect_, *more_;
    plot::LinePlot* plot_;
    QLabel* topicsHead_;
    QListWidget* topics_;
    QTimer watch_;
    qint64 shownStamp_ = 0;
    QString shownTopics_;   ///< whose topics are listed
    QString openWhenDone_;  ///< a model being made of a stopped run
    QString metric_;
};

}  // namespace driftscope::topics
