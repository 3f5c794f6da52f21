#pragma once

#include <QObject>
#include <QString>
#include <cstdint>
#include <optional>
#include <string>

#include "core/table/selection.h"

namespace driftscope {
class SelectionHub;
}

namespace driftscope::drift {

/// What every view of the panel looks at: a run, another to compare it with, a capture point, a layer, a training step and
/// some samples. Layer and samples live in the shared selection (as ElementKind::Layer and ElementKind::Prompt, by index);
/// choosing anywhere shows everywhere.
class DriftSelection : public QObject {
    Q_OBJECT
  public:
    explicit DriftSelection(SelectionHub& hub, QObject* parent = nullptr);

    QString run() const { return run_; }      ///< folder of a training run; empty for none
    QString other() const { return other_; }  ///< of the run it is compared with
    std::string point() const { return point_; }
    std::int64_t layer() const { return layer_; }
    std::int64_t step() const { return step_; }
    /// The sample that views of one sample show: the first of samples().
    std::optional<std::uint32_t> sample() const;
    IdSet samples() const;

    void setRun(const QString& folder);
    void setOther(const QString& folder);
    void setPoint(const std::string& point);
    void setLayer(std::int64_t layer);
    void setStep(std::int64_t step);
    void setSample(std::uint32_t sample) { setSamples(IdSet({sample})); }
    void setSamples(const IdSet& samples);

  Q_SIGNALS:
    void runsChanged();     ///< run() or other()
    void layerChanged();    ///< point() or layer()
    void stepChanged();
    void samplesChanged();

  private:
    SelectionHub& hub_;
    QString run_, other_;
    std::string point_ = "attention_out";
    std::int64_t layer_ = -1, step_ = -1;  ///< none yet: a run that is shown chooses its last
};

}  // namespace driftscope::drift
