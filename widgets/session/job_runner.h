#pragma once

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <functional>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/base/params.h"

namespace driftscope {

/// One job as the GUI sees it: waiting, running in a child process, or found in a run folder.
struct JobView {
    enum class State { Queued, Running, Done, Failed, Cancelled };
    QString id;          ///< the run folder's name, unique in the project
    QString kind;
    QString title;       ///< "Train DynaCLR (run 3)"
    QString folder;      ///< absolute path of the run folder
    State state = State::Queued;
    double done = 0, total = 0;
    double etaSeconds = -1;  ///< -1: not known yet
    QString stage;
    QString error;       ///< sentence, context and remedy
    QJsonObject params;
    QJsonObject result;
    double started = 0, finished = 0;  ///< seconds since the epoch
};

/// A point of a live curve.
struct MetricPoint {
    QString name;
    double step;
    double value;
};

/// Runs jobs as child processes of driftscope-run, one at a time per device lane, follows their events.jsonl, and finds
/// finished and still running ones again after a restart. A job that fails or dies cannot take the GUI with it.
class JobRunner : public QObject {
    Q_OBJECT
  public:
    /// `runner` is the path of driftscope-run.
    explicit JobRunner(QString runner, QObject* parent = nullptr);
    ~JobRunner() override;

    /// Shows the runs under `folder` (the project's runs/) and puts new ones there.
    void setRunsFolder(const QString& folder);

    /// Queues a job and returns its id. It waits for all of `after` to be Done, and fails when one of them fails. A text
    /// parameter "${ID}/file" stands for a file in the run folder of job ID. Errors appear as a Failed job.
    QString start(const QString& kind, const QJsonObject& params, const QString& title = {}, const std::vector<QString>& after = {});
    void cancel(const QString& id);   ///< SIGTERM; the job saves a checkpoint
    void resume(const QString& id);   ///< runs a cancelled or failed job again in its folder
    void remove(const QString& id);   ///< moves a finished run's folder to the trash

    std::vector<JobView> jobs() const;  ///< newest first
    const JobView* find(const QString& id) const;
    std::vector<MetricPoint> metrics(const QString& id) const;
    QString logText(const QString& id) const;
    bool anyActive() const;

    /// Parameter specs of every kind, asked from `driftscope-run kinds --json` in the background; ready() tells when.
    bool kindsReady() const;
    std::vector<ParamSpec> params(const QString& kind) const;
    QString kindTitle(const QString& kind) const;
    QString kindHelp(const QString& kind) const;

  Q_SIGNALS:
    void jobAdded(const QString& id);
    void jobChanged(const QString& id);   ///< progress or state; at most 20 times a second per job
    void jobFinished(const QString& id);  ///< Done, Failed or Cancelled
    void metricAdded(const QString& id, const driftscope::MetricPoint& point);
    void kindsLoaded();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope
