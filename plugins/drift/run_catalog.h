#pragma once

#include <QObject>
#include <QStringList>
#include <map>
#include <vector>

#include "plugins/drift/drift_run.h"
#include "widgets/session/run_follower.h"

class QTimer;

namespace driftscope::drift {

/// Every language-model run the panel can show: the project's jobs, the runs inside its studies, and study folders opened
/// from elsewhere. Follows what is running, curves included.
class RunCatalog : public QObject {
    Q_OBJECT
  public:
    explicit RunCatalog(JobRunner& jobs, QObject* parent = nullptr);
    ~RunCatalog() override;

    /// Studies and runs of their own newest first; a study's inner runs follow it.
    const std::vector<DriftRun>& runs() const { return runs_; }
    const DriftRun* find(const QString& folder) const;
    std::vector<DriftRun> inside(const QString& study) const;
    /// All points that a run has written; read when first asked for, followed while it runs.
    const std::vector<MetricPoint>& metrics(const QString& folder);

    /// Adds the folder of a study or run that is no job of the project. Errors: it is none.
    Result<void> open(const QString& folder);
    void close(const QString& folder);
    QStringList opened() const { return opened_; }
    /// Looks at the folders now.
    void refresh();

  Q_SIGNALS:
    void listChanged();  ///< runs came, went, or changed their state
    void progressed();   ///< numbers of running ones moved
    void metricsChanged(const QStringList& folders);

  private:
    void schedule();
    void tick();
    void addStudy(const DriftRun& study, std::vector<DriftRun>& all);
    DriftRun inner(const QString& folder, const QString& study);
    RunFollower& follower(const QString& folder);

    struct Known {
        qint64 stamp = 0;
        DriftRun run;
    };
    JobRunner& jobs_;
    QTimer* timer_;
    bool scheduled_ = false;
    QStringList opened_;
    std::vector<DriftRun> runs_;
    std::map<QString, Known> known_;            ///< inner runs as last read
    std::map<QString, RunFollower> followers_;  ///< of runs whose curves somebody looked at, and of running ones
    std::map<QString, std::size_t> seen_;       ///< points already announced
};

}  // namespace driftscope::drift
