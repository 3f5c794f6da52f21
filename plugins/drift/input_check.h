#pragma once

#include <QJsonObject>
#include <QObject>
#include <QStringList>
#include <map>
#include <optional>

#include "core/llm/study/study_estimate.h"

class QThreadPool;

namespace driftscope::drift {

/// What was found out about a study's files.
struct InputFacts {
    struct Fact {
        QString text;  ///< "600 rows, 67 % refuse", or what is wrong
        bool wrong = false;
    };
    std::map<QString, Fact> files;  ///< by parameter: "model", "align", …
    QStringList warnings;           ///< prompts that sets share, rows that repeat
    llm::StudyRows rows;
    std::optional<llm::ModelConfig> model;
    std::int64_t parameters = 0;
    QStringList missing;            ///< parameters that must be set and are not
    bool wrong() const;
};

/// Reads a study's model folder and data files on a thread of its own and says what is in them.
class InputCheck : public QObject {
    Q_OBJECT
  public:
    explicit InputCheck(QObject* parent = nullptr);
    ~InputCheck() override;

    /// Checks these parameters of llm.study, or of llm.demo, soon; a newer call replaces an older one.
    void check(const QJsonObject& inputs, bool demo);
    const InputFacts& facts() const { return facts_; }
    bool busy() const { return running_ != wanted_; }

  Q_SIGNALS:
    void checked();

  private:
    QThreadPool* pool_;
    InputFacts facts_;
    QJsonObject last_;
    bool lastDemo_ = false;
    int wanted_ = 0, running_ = 0;
};

/// The check itself. `inputs` as of llm.study.
InputFacts checkFiles(const QJsonObject& inputs);
/// What the demo will make by these parameters.
InputFacts demoFacts(const QJsonObject& inputs);

}  // namespace driftscope::drift
