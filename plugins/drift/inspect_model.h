#pragma once

#include <QJsonObject>
#include <QObject>
#include <memory>
#include <vector>

#include "plugins/drift/drift_selection.h"
#include "plugins/drift/inspected_run.h"
#include "plugins/drift/latest.h"

namespace driftscope {
class JobRunner;
struct JobView;
}

namespace driftscope::drift {

/// The run that is inspected and the one beside it, loaded; which measurements of llm.drift there are, and starting a new one.
class InspectModel : public QObject {
    Q_OBJECT
  public:
    InspectModel(JobRunner& jobs, DriftSelection& selection, QObject* parent = nullptr);

    DriftSelection& selection() { return selection_; }
    JobRunner& jobs() { return jobs_; }
    /// Every run of the panel, those of llm.drift included.
    void setRuns(std::vector<DriftRun> runs);
    const std::vector<DriftRun>& runs() const { return runs_; }
    const DriftRun* find(const QString& folder) const;

    /// Null while nothing is chosen or it is still being read.
    const InspectedRun* run() const { return sides_[0].loaded.get(); }
    const InspectedRun* other() const { return sides_[1].loaded.get(); }
    std::shared_ptr<const InspectedRun> shared(int side) const { return sides_[side].loaded; }
    bool busy() const { return sides_[0].loader.busy() || sides_[1].loader.busy(); }

    /// Goes to the measured step that is nearest, as a click into a curve asks for.
    void chooseStepNear(double step);

    /// Finished llm.drift runs on a training run, newest first.
    std::vector<DriftRun> measurements(const QString& folder) const;
    /// Which of them is shown (0: of the run, 1: of the other); the newest unless chosen.
    QString measurement(int side) const { return sides_[side].measured; }
    void chooseMeasurement(int side, const QString& folder);

    /// The files a run could be measured on: what it was judged on, aligned with, and its harmful data; name and path.
    static std::vector<std::pair<QString, QString>> measurableData(const DriftRun& run);
    /// Whether llm.drift can measure the run: it kept snapshots of its adapter.
    static bool isMeasurable(const DriftRun& run);
    /// Queues llm.drift on a run with these parameters besides, and shows the result when it is done. Returns the job's id.
    QString measure(const DriftRun& run, const QJsonObject& params);
    /// The measurement that is being made of the shown run; null when there is none.
    const JobView* measuring() const;

  Q_SIGNALS:
    void changed();            ///< other runs, or other measurements of them, are shown
    void measurementsChanged();  ///< one came, went or moved on
    void failed(const QString& text);

  private:
    struct Side {
        explicit Side(QObject* owner) : loader(owner) {}
        QString folder, measured, wanted;
        qsizetype files = 0;  ///< of drift/ and answers/ when it was read: more come while it trains
        std::shared_ptr<const InspectedRun> loaded;
        Latest<std::shared_ptr<const InspectedRun>> loader;
    };
    void refresh();
    void load(int side, const QString& folder);
    QString measurementFor(int side, const QString& folder) const;
    void settle();

    JobRunner& jobs_;
    std::vector<DriftRun> runs_;
    DriftSelection& selection_;
    Side sides_[2];
    std::size_t seenSteps_ = 0;
    std::int64_t newestStep_ = -1;
};

}  // namespace driftscope::drift
