#include "plugins/drift/settings_box.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "plugins/drift/methods.h"
#include "plugins/drift/study_setup.h"
#include "widgets/form/param_field.h"
#include "widgets/form/param_form.h"

namespace driftscope::drift {

SettingsBox::SettingsBox(StudySetup& setup, QWidget* parent)
    : QWidget(parent), setup_(setup), method_(new QComboBox), stage_(new QComboBox), clear_(new QPushButton(tr("Undo all"))), summary_(new QLabel), column_(new QVBoxLayout(this)) {
    column_->setContentsMargins(0, 0, 0, 0);
    auto* row = new QHBoxLayout;
    method_->setAccessibleName(tr("Whose settings"));
    method_->setToolTip(tr("For every method, or for one alone. A method with alignment settings of its own is aligned by itself."));
    method_->setObjectName(QStringLiteral("driftScope"));
    stage_->addItem(tr("alignment"), QStringLiteral("align"));
    stage_->addItem(tr("fine-tuning"), QStringLiteral("finetune"));
    stage_->setAccessibleName(tr("Stage"));
    stage_->setObjectName(QStringLiteral("driftStage"));
    clear_->setToolTip(tr("Back to what a study uses without any change"));
    row->addWidget(method_);
    row->addWidget(stage_);
    row->addWidget(summary_, 1);
    row->addWidget(clear_);
    column_->addLayout(row);
    summary_->setWordWrap(true);
    connect(method_, &QComboBox::currentIndexChanged, this, &SettingsBox::rebuild);
    connect(stage_, &QComboBox::currentIndexChanged, this, &SettingsBox::rebuild);
    connect(clear_, &QPushButton::clicked, this, [this] {
        shown_.clear();
        setup_.clearChanges();
    });
    connect(&setup_, &StudySetup::changedAnything, this, [this] {
        if (taking_) return;
        fillScopes();
        rebuild();
        refreshSummary();
    });
    fillScopes();
    rebuild();
    refreshSummary();
}

QString SettingsBox::scope() const {
    const QString method = method_->currentData().toString(), stage = stage_->currentData().toString();
    return method.isEmpty() ? stage : method + QLatin1Char('.') + stage;
}

void SettingsBox::fillScopes() {
    const QString before = method_->currentData().toString();
    const QSignalBlocker quiet(method_);
    method_->clear();
    method_->addItem(tr("All methods"));
    for (const QString& method : setup_.methods()) method_->addItem(methodTitle(method) + tr(" alone"), method);
    method_->setCurrentIndex(std::max(0, method_->findData(before)));
}

void SettingsBox::rebuild() {
    const std::vector<ParamSpec> specs = setup_.specs(scope());
    nlohmann::json signature = nlohmann::json::array();
    for (const ParamSpec& spec : specs) signature.push_back(spec.fallback);
    const QString wanted = scope() + QString::fromStdString(signature.dump());
    if (wanted == shown_) return;
    shown_ = wanted;
    const bool unfolded = form_ && form_->advancedShown();
    delete form_;
    form_ = new form::ParamForm(specs);
    form_->setValues(setup_.changed(scope()));
    if (unfolded) form_->setAdvancedShown(true);
    column_->addWidget(form_, 1);
    connect(form_, &form::ParamForm::edited, this, &SettingsBox::take);
}

QString SettingsBox::problem() const {
    return form_ ? form_->problem() : QString();
}

void SettingsBox::take() {
    QJsonObject changed;
    const QJsonObject values = form_->values();
    for (auto value = values.begin(); value != values.end(); ++value)
        if (const form::ParamField* field = form_->field(value.key()); field && !field->isDefault() && field->problem().isEmpty()) changed[value.key()] = *value;
    const bool presetChanged = changed.value(QStringLiteral("preset")) != setup_.changed(scope()).value(QStringLiteral("preset"));
    taking_ = true;
    setup_.setChanged(scope(), changed);
    taking_ = false;
    refreshSummary();
    if (presetChanged) QMetaObject::invokeMethod(this, &SettingsBox::rebuild, Qt::QueuedConnection);  // the form must not go while it speaks
}

void SettingsBox::refreshSummary() {
    const int count = setup_.changes();
    summary_->setText(count == 0 ? tr("as preset") : tr("%n changed", nullptr, count));
    clear_->setVisible(count > 0);
}

}  // namespace driftscope::drift
