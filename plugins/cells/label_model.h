#pragma once

#include <QObject>
#include <QString>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/label/label_schema.h"
#include "core/label/label_store.h"
#include "plugins/cells/cells_data.h"

namespace driftscope {
class EditStack;
}

namespace driftscope::cells {

/// The labels of every row under the current schema, as the views colour them. Follows the EditStack: what label() says is
/// on disk.
class LabelModel : public QObject {
    Q_OBJECT
  public:
    static constexpr int kUnlabelled = -1;

    explicit LabelModel(EditStack& edits, QObject* parent = nullptr);

    /// `dataset` names the data in the label store; labels of cells that are gone are kept there and counted in orphans().
    void setData(std::shared_ptr<const CellsData> data, const QString& dataset);
    void reload();  ///< reads schemas and labels again

    const std::vector<LabelSchema>& schemas() const { return schemas_; }
    /// The current schema; null before the first one exists.
    const LabelSchema* schema() const;
    void setSchema(const std::string& name);

    /// kUnlabelled also for a row that is not there (any more): views may ask while data are exchanged.
    int label(std::uint32_t row) const { return row < labels_.size() ? labels_[row] : kUnlabelled; }
    std::span<const int> labels() const { return labels_; }
    std::vector<std::uint32_t> labelledRows() const;
    std::vector<std::size_t> counts() const;  ///< per class
    std::size_t labelledCount() const { return labelled_; }
    std::size_t orphans() const { return orphans_; }

    /// Labels rows as one undoable batch; kUnlabelled removes labels. Rows that already say so are left out. Many rows
    /// are stored in the background: isStoring() then, and edited() follows when they are on disk. Errors: labels that
    /// cannot both be true (alive after dead); nothing is stored then.
    Result<void> assign(std::span<const std::uint32_t> rows, int classIndex, const std::string& origin = "manual");
    /// Labels the unlabelled cells of every track between two that say the same, as one undoable batch of origin
    /// "propagated"; how many.
    Result<std::size_t> fillGaps();
    bool isStoring() const;
    LabelTarget target(std::uint32_t row) const;

  Q_SIGNALS:
    void schemaChanged();
    void labelsChanged();
    /// The batch just stored or taken back touched these rows, so that the panel can show where it happened.
    void edited(const std::vector<std::uint32_t>& rows, bool undoOrRedo);

  private:
    void readLabels();
    Result<void> checkPossible(std::span<const std::uint32_t> rows, int classIndex) const;
    void onEvents(const std::string& schema, const std::vector<LabelEvent>& events);
    std::optional<std::uint32_t> rowOf(const LabelTarget& target) const;
    int classOf(const std::string& name) const;
    void put(std::uint32_t row, int classIndex);

    EditStack& edits_;
    std::shared_ptr<const CellsData> data_;
    std::string dataset_;
    std::vector<LabelSchema> schemas_;
    std::size_t current_ = 0;
    std::vector<int> labels_;
    std::size_t labelled_ = 0;
    std::size_t orphans_ = 0;
};

}  // namespace driftscope::cells
