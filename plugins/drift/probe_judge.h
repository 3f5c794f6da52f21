#pragma once

#include <QObject>
#include <map>
#include <string>

#include "core/base/error.h"

namespace driftscope {
class JobRunner;
}

namespace driftscope::drift {

class DriftLabels;
class InspectModel;

/// Trains a linear probe on the samples' hidden states to say what a person says of the answers: writes the states of the
/// chosen capture point and layer at every labelled step with their labels as a table, runs label.probe on it, and reads
/// what it predicts for every sample.
class ProbeJudge : public QObject {
    Q_OBJECT
  public:
    /// Tables go to `folder`.
    ProbeJudge(InspectModel& model, DriftLabels& labels, JobRunner& jobs, QString folder, QObject* parent = nullptr);

    /// Why it cannot be trained now; empty when it can.
    QString problem() const;
    /// Queues the job. Errors: see problem(), the table cannot be written.
    Result<QString> train();
    /// Predictions for the shown run, schema, point, layer and step by prompt, from the newest probe trained on them; empty
    /// when there is none.
    std::map<std::string, std::string> predictions() const;

  Q_SIGNALS:
    void changed();

  private:
    Result<QString> writeTable() const;
    QString marker() const;  ///< what a table was made for: run, schema, point and layer

    InspectModel& model_;
    DriftLabels& labels_;
    JobRunner& jobs_;
    QString folder_;
};

}  // namespace driftscope::drift
