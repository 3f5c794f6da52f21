#pragma once

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/base/params.h"
#include "widgets/session/run_follower.h"

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
    bool cancelling = false;   ///< asked to stop, saving its checkpoint
    bool killOffered = false;  ///< asked to stop a while ago and still running: kill() is the next step
    int warnings = 0;
};

/// Runs jobs as child processes of driftscope-run, one at a time per device lane, follows their events.jsonl, and finds
/// finished and still running ones again after a restart. A job that fails or dies cannot take the GUI with it, and a job
/// goes on when the GUI ends. Lives on the GUI thread.
class JobRunner : public QObject {
    Q_OBJECT
  public:
    /// `runner` is the path of driftscope-run.
    explicit JobRunner(QString runner, QObject* parent = nullptr);
    ~JobRunner() override;

    /// Shows the runs under `folder` (the project's runs/) and puts new ones there. Empty: shows none.
    void setRunsFolder(const QString& folder);
    /// How many jobs compute at the same time (1 unless set).
    void setLanes(int lanes);
    /// Computing threads of each job started from now on; 0 leaves the choice to the job.
    void setThreads(int threads);
    /// Seconds between the request to stop and the offer to kill (10 unless set).
    void setKillGrace(double seconds);

    /// Queues a job and returns its id. It waits for all of `after` to be Done, and fails when one of them fails. A text
    /// parameter "${ID}/file" stands for a file in the run folder of job ID, and waits for it too. Errors appear as a
    /// Failed job. The queue survives a restart.
    QString start(const QString& kind, const QJsonObject& params, const QString& title = {}, const std::vector<QString>& after = {});
    void cancel(const QString& id);   ///< SIGTERM; the job saves a checkpoint
    void kill(const QString& id);     ///< SIGKILL, for a job that does not stop: what is after its last checkpoint is lost
    void resume(const QString& id);   ///< runs a cancelled or failed job again in its folder, and lets those that waited for it wait again
    void remove(const QString& id);   ///< moves a finished run's folder to the trash

    std::vector<JobView> jobs() const;  ///< newest first
    const JobView* find(const QString& id) const;
    std::vector<MetricPoint> metrics(const QString& id) const;
    QString logText(const QString& id) const;  ///< log, warnings, and what the process printed
    bool anyActive() const;

    /// Parameter specs of every kind, asked from `driftscope-run kinds --json` in the background; kindsLoaded() tells when.
    bool kindsReady() const;
    void loadKinds();
    std::vector<QString> kinds() const;
    std::vector<ParamSpec> params(const QString& kind) const;
    QString kindTitle(const QString& kind) const;
    QString kindHelp(const QString& kind) const;

  Q_SIGNALS:
    void jobAdded(const QString& id);
    void jobChanged(const QString& id);   ///< progress or state; at most 20 times a second per job
    void jobFinished(const QString& id);  ///< Done, Failed or Cancelled, while we watched
    void jobRemoved(const QString& id);
    void listReset();                     ///< another runs folder is shown
    void metricAdded(const QString& id, const driftscope::MetricPoint& point);
    void kindsLoaded();
    void failed(const QString& message);  ///< trouble that belongs to no job

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope
