#pragma once

#include <QObject>
#include <memory>
#include <optional>
#include <vector>

#include "core/label/label_store.h"

namespace driftscope {
class EditStack;
}

namespace driftscope::debate {

class ClaimsData;

/// Labels of claims under the current schema, as they are on disk.
class ClaimLabels : public QObject {
    Q_OBJECT
  public:
    static constexpr int kUnlabelled = -1;

    explicit ClaimLabels(EditStack& edits, QObject* parent = nullptr);
    void setData(std::shared_ptr<const ClaimsData> data);
    /// Adds the question "who is honest?" when the project does not have it.
    Result<void> ensureSchema();

    const LabelSchema* schema() const { return schema_ ? &*schema_ : nullptr; }
    void setSchema(const std::string& name);
    int label(std::uint32_t row) const { return row < labels_.size() ? labels_[row] : kUnlabelled; }
    const std::vector<int>& labels() const { return labels_; }
    std::size_t labelledCount() const;
    Result<void> assign(const std::vector<std::uint32_t>& rows, int classIndex);
    LabelTarget target(std::uint32_t row) const;

  Q_SIGNALS:
    void changed();
    /// Undo or redo touched this claim.
    void moved(std::uint32_t row);

  private:
    void reload();
    std::optional<std::uint32_t> rowOf(const LabelTarget& target) const;
    int classOf(const std::string& name) const;

    EditStack& edits_;
    std::shared_ptr<const ClaimsData> data_;
    std::string wanted_;
    std::optional<LabelSchema> schema_;
    std::vector<int> labels_;
};

}  // namespace driftscope::debate
