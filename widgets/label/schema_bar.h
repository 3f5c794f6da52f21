#pragma once

#include <QPointer>
#include <QWidget>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/label/label_schema.h"
#include "core/label/label_store.h"

namespace driftscope {
class EditStack;
}

namespace driftscope::label {

/// One row to label with: the schema, its classes with colour, key and number of labels, "remove", "edit", and
/// progress. It stores nothing; it says what the person wants.
class SchemaBar : public QWidget {
    Q_OBJECT
  public:
    explicit SchemaBar(QWidget* parent = nullptr);
    ~SchemaBar() override;

    /// Shows the schemas and counts of the project and follows its changes. Null: shows none. `edits` may die first.
    void follow(EditStack* edits);
    /// The keys (class key: label; Shift+key: label the interval; Backspace: remove) work while the focus is inside
    /// `scope`.
    void setKeyScope(QWidget* scope);
    /// How many targets there are to label; -1 when unknown.
    void setTotal(std::int64_t total);
    void setCurrentSchema(const std::string& name);
    LabelSchema currentSchema() const;  ///< without classes when there is none
    /// Marks the class that the current target has; empty when it has none.
    void setActiveClass(const std::string& name);

  Q_SIGNALS:
    void schemaChosen(const std::string& name);
    void classChosen(const std::string& label);     ///< label the current targets
    void intervalChosen(const std::string& label);  ///< label the marked interval
    void removalChosen();                           ///< take the label of the current targets away
    void editRequested(const std::string& schema);  ///< open the editor; empty name: make a new schema

  private:
    void reloadSchemas();
    void showSchema();
    void rebuildChips();
    void rebuildKeys();
    void recount();
    void countEvents(const std::string& schema, const std::vector<LabelEvent>& events);
    void showCounts();

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope::label
