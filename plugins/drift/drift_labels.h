#pragma once

#include <QObject>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/label/label_store.h"

namespace driftscope {
class EditStack;
}

namespace driftscope::drift {

/// What a person says of a model's answers, as it is on disk: of the answer to a prompt, by a run, at a step. The state
/// before training counts as step 0.
class DriftLabels : public QObject {
    Q_OBJECT
  public:
    static constexpr int kUnlabelled = -1;
    static constexpr const char* kHarm = "drift_harm";        ///< harmful, benign, incoherent
    static constexpr const char* kRefusal = "drift_refusal";  ///< refused, complied, incoherent

    explicit DriftLabels(EditStack& edits, QObject* parent = nullptr);
    /// Adds both questions to a project that does not have them.
    Result<void> ensureSchemas();

    const LabelSchema* schema() const { return schema_ ? &*schema_ : nullptr; }
    void setSchema(const std::string& name);
    static LabelTarget target(const std::string& dataset, const std::string& prompt, std::int64_t step);
    int labelOf(const std::string& dataset, const std::string& prompt, std::int64_t step) const;
    /// Labels of a run under the current schema.
    std::size_t labelledCount(const std::string& dataset) const;
    /// All labels of a run under the current schema: prompt, step, class name.
    std::vector<Label> labels(const std::string& dataset) const;
    Result<void> assign(const std::vector<LabelTarget>& targets, int classIndex);
    EditStack& edits() { return edits_; }

  Q_SIGNALS:
    void changed();
    /// Undo or redo touched this target.
    void moved(const driftscope::LabelTarget& target);

  private:
    void reload();
    void take(const std::vector<LabelEvent>& events);
    int classOf(const std::string& name) const;

    EditStack& edits_;
    std::string wanted_ = kHarm;
    std::optional<LabelSchema> schema_;
    std::map<LabelTarget, int> labels_;
};

}  // namespace driftscope::drift
