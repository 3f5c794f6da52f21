#pragma once

#include <QJsonObject>
#include <QObject>
#include <QStringList>
#include <map>
#include <vector>

#include "core/llm/study/study_estimate.h"
#include "core/llm/train/training_params.h"

namespace driftscope::drift {

/// The study being set up: the demo or a person's own model and data, methods x poison ratios x seeds, and settings that differ
/// from what would be used anyway.
class StudySetup : public QObject {
    Q_OBJECT
  public:
    explicit StudySetup(QObject* parent = nullptr);

    bool demo() const { return demo_; }
    void setDemo(bool demo);
    /// Parameters of llm.study that name files, or of llm.demo that size its model.
    QJsonObject inputs() const { return demo_ ? demoInputs_ : files_; }
    void setInputs(const QJsonObject& inputs);
    QStringList methods() const { return methods_; }
    void setMethods(const QStringList& methods);
    std::vector<double> ratios() const { return ratios_; }
    void setRatios(std::vector<double> ratios);
    std::vector<std::int64_t> seeds() const { return seeds_; }
    void setSeeds(std::vector<std::int64_t> seeds);

    /// Settings changed for a scope: "align", "finetune", or of one method "booster.align".
    QJsonObject changed(const QString& scope) const { return changed_.value(scope).toObject(); }
    void setChanged(const QString& scope, const QJsonObject& values);
    /// Specs of a scope's settings whose defaults are what a run would use without a change there.
    std::vector<ParamSpec> specs(const QString& scope) const;
    int changes() const;
    void clearChanges();

    QString kind() const { return demo_ ? QStringLiteral("llm.demo") : QStringLiteral("llm.study"); }
    /// Parameters of the job.
    QJsonObject params() const;
    /// The same for a shell.
    QString commandLine() const;
    /// All settings of the study's runs. Errors: those of Arm and StudySettings, in words for this page.
    Result<llm::StudySettings> settings(std::vector<llm::Arm>* arms) const;

    QJsonObject save() const;
    void restore(const QJsonObject& state);

  Q_SIGNALS:
    void changedAnything();

  private:
    std::vector<std::string> lines(bool withDemo) const;
    nlohmann::json resolved(const llm::Arm& arm, llm::Stage stage, const QString& without) const;

    bool demo_ = true;
    QJsonObject files_, demoInputs_;
    QStringList methods_;
    std::vector<double> ratios_;
    std::vector<std::int64_t> seeds_;
    QJsonObject changed_;
};

/// Parameters of a stage that the page itself sets: files, method, ratio, seed.
bool isSetting(const std::string& param);

}  // namespace driftscope::drift
