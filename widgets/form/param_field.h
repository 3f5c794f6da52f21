#pragma once

#include <QWidget>

#include "core/base/params.h"

class QLabel;
class QToolButton;

namespace driftscope::form {

class ParamEditor;

/// One row of a form: the editor, a button back to the default while the value differs from it, and what is wrong.
class ParamField : public QWidget {
    Q_OBJECT
  public:
    ParamField(ParamSpec spec, QWidget* parent);

    const ParamSpec& spec() const { return spec_; }
    QString label() const;    ///< "learning rate"
    QString toolTipText() const;  ///< help, default, range, source and the name on the command line
    /// null when unset or not understood; see problem().
    nlohmann::json value() const;
    void setValue(const nlohmann::json& value);
    void reset();
    bool isDefault() const;
    QString problem() const { return problem_; }  ///< empty when fine

  Q_SIGNALS:
    void edited();

  private:
    void check();

    ParamSpec spec_;
    ParamEditor* editor_;
    QToolButton* reset_;
    QLabel* message_;
    QString problem_;
};

}  // namespace driftscope::form
