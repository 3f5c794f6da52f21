#pragma once

#include <QJsonObject>
#include <QString>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "widgets/session/job_runner.h"

namespace driftscope::drift {

/// A run folder of a language-model job as the panel sees it: a study, one of its inner runs, or a run of its own. The
/// folder is what identifies a run everywhere in the panel.
struct DriftRun {
    enum class Stage { Study, Pretrain, Align, Finetune, Evaluate, Drift, Other };

    QString folder;  ///< absolute
    QString study;   ///< folder of the study it belongs to; empty for a study itself and for a run of its own
    QString jobId;   ///< of the project's job that this is; empty for inner runs and folders opened from elsewhere
    QString kind;    ///< "llm.finetune"
    Stage stage = Stage::Other;
    QString method;               ///< the arm of the study, "booster" or "sft:single"; of an alignment its method
    std::optional<double> ratio;  ///< share of poison, of fine-tuning runs
    qint64 seed = -1;             ///< -1 when the kind has none
    QString title;                ///< "booster, p = 0.1, seed 1"
    JobView::State state = JobView::State::Queued;
    double done = 0, total = 0;   ///< in units of `unit`; total 0: not known
    double etaSeconds = -1;       ///< -1: not known
    QString unit;                 ///< "step"
    QString error;
    QJsonObject params, result;
    double started = 0, finished = 0;  ///< seconds since the epoch; 0: not yet

    bool isStudy() const { return stage == Stage::Study; }
    bool isActive() const { return state == JobView::State::Running; }
    /// Trains a model, so it has curves, answers/ and drift/.
    bool trains() const { return stage == Stage::Align || stage == Stage::Finetune || stage == Stage::Pretrain; }

    /// A run read from its folder. Errors: those of readRun; a kind that is none of the language models'.
    static Result<DriftRun> read(const QString& folder, const QString& study = {});
    /// A job of the project.
    static DriftRun of(const JobView& job);
    /// Whether the kind belongs here.
    static bool isOurs(const QString& kind);
};

/// Folders of the runs below a study: base, align/*, finetune/*, in order.
std::vector<QString> innerFolders(const QString& study);

/// The arm that a folder of a study's fine-tuning is named after: "finetune/sft-single-p0.1-seed1" is "sft:single".
QString armOfFolder(const QString& folder);

}  // namespace driftscope::drift
