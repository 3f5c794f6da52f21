#pragma once

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <vector>

namespace driftscope {
class JobRunner;
}

namespace driftscope::cells {

/// Which results of the chain exist, as paths or as jobs that will make them.
struct WorkflowInput {
    QString images;
    QString tracks;       ///< empty: segment and link first
    QString weights;      ///< empty: train an encoder first
    bool onlyTracks = false;  ///< stop once the cells are followed
    QJsonObject segment;  ///< parameters beyond the paths, one object per job kind
    QJsonObject track;
    QJsonObject train;
    QJsonObject embed;
    QJsonObject project;
};

/// From a movie to a map of its cells: segment, track, train, embed, project; each a job that waits for the one before.
/// What is already there is not computed again.
class Workflow : public QObject {
    Q_OBJECT
  public:
    explicit Workflow(JobRunner& jobs, QObject* parent = nullptr);

    /// Queues what is missing and returns at once.
    void start(const WorkflowInput& input);
    /// Follows the chain of an earlier session again; ids of runs that are gone are ignored.
    void follow(const QJsonObject& saved);
    QJsonObject save() const;

    struct Step {
        QString job;    ///< id in the JobRunner
        QString kind;
        QString title;
    };
    const std::vector<Step>& steps() const { return steps_; }
    bool active() const;
    void cancel();  ///< the running step and those that wait for it
    void resume();  ///< goes on after cancel() or a failure

  Q_SIGNALS:
    void stepsChanged();
    /// A step is done; `path` is the tracks plate, the weights or the table it made.
    void tracksReady(const QString& path);
    void weightsReady(const QString& path);
    void tableReady(const QString& path);
    void failed(const QString& message);
    void finished();

  private:
    QString add(const QString& kind, const QString& title, const QJsonObject& params, const QString& after);
    void onFinished(const QString& id);
    void announce(const Step& step, const QString& folder);

    JobRunner& jobs_;
    std::vector<Step> steps_;
};

}  // namespace driftscope::cells
