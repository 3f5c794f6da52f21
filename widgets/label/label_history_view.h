#pragma once

#include <QWidget>
#include <memory>
#include <string>

#include "core/label/label_store.h"

namespace driftscope {
class EditStack;
}

namespace driftscope::label {

/// Who labelled the selected target, when, and what it was before: newest first. Follows the project's edits.
class LabelHistoryView : public QWidget {
    Q_OBJECT
  public:
    explicit LabelHistoryView(QWidget* parent = nullptr);
    ~LabelHistoryView() override;

    /// Null: shows nothing. `edits` may die first.
    void follow(EditStack* edits);
    /// `title` names the target for people: "A/1/0, track 17, frame 12".
    void setTarget(const std::string& schema, const LabelTarget& target, const QString& title);
    void clear();
    /// What to read while nothing is selected: "Select a cell to see who labelled it."
    void setEmptyText(const QString& text);

  private:
    void reload();
    void fill(const std::vector<LabelEvent>& events, const LabelSchema& schema);
    void showMessage(const QString& text);

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope::label
