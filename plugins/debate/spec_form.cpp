#include "plugins/debate/spec_form.h"

#include <QSignalBlocker>
#include <QVBoxLayout>

#include "plugins/debate/setup_model.h"
#include "widgets/form/param_field.h"
#include "widgets/form/param_form.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::debate {

SpecForm::SpecForm(SetupModel& setup, const std::vector<ParamSpec>& specs, QWidget* parent)
    : QWidget(parent), setup_(setup), specs_(specs), form_(new form::ParamForm(specs)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(form_);
    connect(form_, &form::ParamForm::edited, this, &SpecForm::take);
    connect(&setup_, &SetupModel::changed, this, &SpecForm::refresh);
    refresh();
}

void SpecForm::take() {
    QJsonObject changes;
    const QJsonObject shown = form_->values();
    for (const ParamSpec& spec : specs_) {
        const QString name = QString::fromStdString(spec.name);
        const form::ParamField* field = form_->field(name);
        if (!field->problem().isEmpty()) return;  // it is said beside the field; nothing changes until it is right
        changes[name] = field->isDefault() || !shown.contains(name) ? QJsonValue() : shown[name];
    }
    taking_ = true;
    setup_.set(changes);
    taking_ = false;
}

void SpecForm::refresh() {
    if (taking_) return;
    const QSignalBlocker quiet(form_);
    const nlohmann::json given = fromQt(setup_.values());
    for (const ParamSpec& spec : specs_) {
        form::ParamField* field = form_->field(QString::fromStdString(spec.name));
        const nlohmann::json wanted = given.contains(spec.name) ? given[spec.name] : spec.fallback;
        if (field->value() != wanted) field->setValue(wanted);
    }
}

}  // namespace driftscope::debate
