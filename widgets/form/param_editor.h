#pragma once

#include <QWidget>

#include "core/base/params.h"

namespace driftscope::form {

/// Edits the value of one parameter; which widget that takes depends on its type.
class ParamEditor : public QWidget {
    Q_OBJECT
  public:
    /// The editor for the spec's type. Names, units and ranges come from the spec.
    static ParamEditor* make(const ParamSpec& spec, QWidget* parent);

    /// null when unset. Errors: text that is no value of the type.
    virtual Result<nlohmann::json> value() const = 0;
    /// null clears, or shows the type's neutral value where nothing can be empty.
    virtual void setValue(const nlohmann::json& value) = 0;

  Q_SIGNALS:
    void edited();

  protected:
    explicit ParamEditor(QWidget* parent) : QWidget(parent) {}
    /// Shows `editor` as the whole of this editor, with focus and accessible name.
    void fill(const ParamSpec& spec, QWidget* editor);
    /// Scrolling a page must not change the values it passes over.
    bool eventFilter(QObject* watched, QEvent* event) override;
};

/// Editors for Path and PathList: browse and drop.
ParamEditor* makePathEditor(const ParamSpec& spec, QWidget* parent);
ParamEditor* makePathListEditor(const ParamSpec& spec, QWidget* parent);

}  // namespace driftscope::form
