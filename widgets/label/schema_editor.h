#pragma once

#include <QDialog>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/label/label_schema.h"

namespace driftscope {
class EditStack;
}

namespace driftscope::label {

/// Adds, renames, recolours, re-keys, orders and removes the classes of a schema. Not modal; says beside the cells what
/// is wrong; stores nothing before Save. Labels follow a renamed class.
class SchemaEditor : public QDialog {
    Q_OBJECT
  public:
    /// Stores the schema; an error is shown and the window stays. `renamed` as in LabelStore::putSchema().
    using Save =
        std::function<Result<void>(const LabelSchema& schema, const std::map<std::string, std::string>& renamed)>;

    /// A schema without a name is a new one. `counts` are the labels that its classes have.
    SchemaEditor(const LabelSchema& schema, const std::map<std::string, std::int64_t>& counts, Save save,
                 QWidget* parent = nullptr);
    ~SchemaEditor() override;

    /// Shows an editor for the schema of that name, or for a new one when empty; it deletes itself when closed.
    static SchemaEditor* open(EditStack& edits, const std::string& schema, QWidget* parent);

    /// See ClassTable::setReservedKeys().
    void setReservedKeys(const std::map<QString, QString>& keys);
    LabelSchema schema() const;

  protected:
    void keyPressEvent(QKeyEvent* event) override;

  private:
    QWidget* makeHead();
    QWidget* makeTable();
    QLayout* makeMessage();
    QWidget* makeButtons();
    void validate();
    void save();
    void addClass();
    void removeClass();
    void moveClass(int by);
    void chooseColour(int row);
    void showButtons();
    void showMessage(const QString& text);

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope::label
