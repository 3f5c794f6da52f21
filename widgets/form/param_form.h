#pragma once

#include <QJsonObject>
#include <QWidget>
#include <vector>

#include "core/base/params.h"

class QFormLayout;
class QToolButton;

namespace driftscope::form {

class ParamField;

/// A form made from parameter specs: the same source as the command line and the checks of the job itself. Advanced
/// parameters are folded away unless one of them differs from its default or is wrong.
class ParamForm : public QWidget {
    Q_OBJECT
  public:
    explicit ParamForm(const std::vector<ParamSpec>& specs, QWidget* parent = nullptr);

    /// Every set parameter; unset optional ones are left out.
    QJsonObject values() const;
    /// Sets what `values` names and leaves the rest; names that the form does not have are returned.
    QStringList setValues(const QJsonObject& values);
    void reset();

    bool isValid() const;
    /// The first thing wrong, with its parameter's name; empty when all is well.
    QString problem() const;
    /// The parameters that differ from their defaults, as `--set name=value` arguments for a shell.
    QStringList commandLine() const;
    ParamField* field(const QString& name) const;
    bool advancedShown() const;
    void setAdvancedShown(bool shown);

  Q_SIGNALS:
    void edited();

  private:
    void addField(QFormLayout* layout, const ParamSpec& spec);
    void buildAdvanced(const std::vector<ParamSpec>& specs);
    void unfoldIfNeeded();

    std::vector<ParamSpec> specs_;
    std::vector<ParamField*> fields_;
    QToolButton* fold_ = nullptr;
    QWidget* advanced_ = nullptr;
};

}  // namespace driftscope::form
