#pragma once

#include <optional>

#include "core/job/run_folder.h"
#include "widgets/session/child_process.h"
#include "widgets/session/job_book.h"
#include "widgets/session/job_runner.h"

namespace driftscope {

/// What the runner keeps per job: the view it shows and how it is followed. Private to widgets/session.
struct JobEntry {
    JobView view;
    JobNote note;
    RunFollower follower{QString()};
    std::optional<ChildProcess> child;  ///< set while a process of ours runs
    long pid = 0;                       ///< of the running process, ours or found
    double stopAsked = 0;               ///< when SIGTERM was sent, seconds since the epoch
    qint64 statusStamp = 0;             ///< modification time of status.json when last read
    QString device = QStringLiteral("auto");
    QString failedFor;                  ///< the job this one waited for in vain

    static JobEntry fromNote(JobNote note, const QString& runsFolder);
    /// A job of an earlier session: still waiting, still running or ended; empty when its folder was removed elsewhere.
    static std::optional<JobEntry> restored(JobNote note, const QString& runsFolder);
    bool finished() const { return view.state != JobView::State::Queued && view.state != JobView::State::Running; }

    /// Takes state, error, result and times from the run folder; false when there is none yet. A run still going on is
    /// followed by the id of its process.
    bool readFolder();
    /// Reads new events into the view; true when there were some.
    bool follow(std::vector<MetricPoint>* arrived = nullptr);
    /// Settles the state after the process has ended; how it ended is known for our own children only.
    void settle(const std::optional<ChildExit>& exit, const QString& output);
    void fail(const QString& why);
};

/// Modification time of the run's status.json in milliseconds; 0 when there is none.
qint64 statusStamp(const QString& runFolder);
/// What a person reads first about an error recorded as JSON: sentence, context, remedy.
QString errorText(const nlohmann::json& error);

}  // namespace driftscope
