#pragma once

#include <QObject>
#include <QStringList>
#include <memory>
#include <optional>
#include <vector>

#include "core/topics/measure/alignment.h"
#include "core/topics/measure/ensemble.h"
#include "core/topics/measure/stability.h"
#include "core/topics/view/run_matching.h"

namespace driftscope::topics {

class Workspace;

/// One of the runs side by side.
struct ComparedRun {
    QString folder, title;
    std::shared_ptr<const TopicRun> run;
    std::vector<std::vector<std::uint32_t>> words;  ///< the first of each topic
};

/// Everything that follows from several runs of one corpus: which topics match, how stable they are, what joining them gives.
/// Computed in the background; a newer choice replaces an older one.
class Comparison : public QObject {
    Q_OBJECT
  public:
    struct Result {
        std::vector<ComparedRun> runs;
        std::shared_ptr<const RunMatching> matching;
        std::optional<Stability> stability;
        QString note;  ///< what could not be computed
    };
    /// The ensemble of the compared runs, and how far it and its members agree with human categories (per level).
    struct Joined {
        Ensemble ensemble;
        EnsembleSettings settings;
        struct Level {
            std::string name;
            std::vector<PartitionScores> members;
            PartitionScores ensemble;
        };
        std::vector<Level> levels;
    };

    explicit Comparison(Workspace& workspace, QObject* parent = nullptr);

    QStringList chosen() const { return chosen_; }
    void setChosen(const QStringList& folders);
    /// Both take effect at once on what is shown.
    void setKind(DistanceKind kind);
    DistanceKind kind() const { return kind_; }
    void setPaper(bool paper);
    bool paper() const { return paper_; }

    bool busy() const { return busy_; }
    const std::shared_ptr<const Result>& result() const { return result_; }  ///< null: fewer than two runs, or not yet
    const std::shared_ptr<const Joined>& joined() const { return joined_; }
    void join(const EnsembleSettings& settings);

  Q_SIGNALS:
    void changed();
    void joinedChanged();
    void busyChanged(bool busy);
    void failed(const QString& text);

  private:
    void request();

    Workspace& workspace_;
    QStringList chosen_;
    DistanceKind kind_ = DistanceKind::Rbo;
    bool paper_ = true;
    bool busy_ = false;
    std::uint64_t generation_ = 0;
    std::shared_ptr<const Result> result_;
    std::shared_ptr<const Joined> joined_;
};

}  // namespace driftscope::topics
