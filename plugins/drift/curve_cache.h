#pragma once

#include <QObject>
#include <map>

#include "core/llm/study/study_results.h"
#include "plugins/drift/drift_run.h"

namespace driftscope::drift {

class RunCatalog;

/// Curves of the panel's runs by metric, made once per run and again when the run has written more.
class CurveCache : public QObject {
    Q_OBJECT
  public:
    explicit CurveCache(RunCatalog& catalog, QObject* parent = nullptr);

    /// Empty when the run has no such metric.
    const llm::Course& course(const QString& folder, const std::string& metric);
    /// All metrics that a run has written, by name.
    const std::map<std::string, llm::Course>& courses(const QString& folder);

  Q_SIGNALS:
    /// Curves of these runs have grown.
    void changed(const QStringList& folders);

  private:
    RunCatalog& catalog_;
    std::map<QString, std::map<std::string, llm::Course>> known_;
};

/// Runs shown together with a chosen one: those of its study, or all of their own. The stages that train, in order.
std::vector<DriftRun> companions(const RunCatalog& catalog, const QString& chosen);
/// Methods of runs in the order of choosing, then unknown ones.
std::vector<QString> methodsOf(const std::vector<DriftRun>& runs, DriftRun::Stage stage);
std::vector<double> ratiosOf(const std::vector<DriftRun>& runs);

}  // namespace driftscope::drift
