#include "widgets/form/param_form.h"

#include <QFormLayout>
#include <QLabel>
#include <QToolButton>
#include <algorithm>

#include "widgets/form/param_field.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::form {

using nlohmann::json;

namespace {

QFormLayout* formLayout(QWidget* parent) {
    auto* layout = new QFormLayout(parent);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setLabelAlignment(Qt::AlignRight);
    layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    layout->setHorizontalSpacing(12);
    return layout;
}

/// A value as an argument of --set, quoted for a shell where needed.
QString argument(const std::string& name, const json& value) {
    QStringList parts;
    for (const json& part : value.is_array() ? value : json::array({value}))
        parts.append(QString::fromStdString(part.is_string() ? part.get<std::string>() : part.dump()));
    const QString text = QString::fromStdString(name) + QLatin1Char('=') + parts.join(QLatin1Char(','));
    const bool plain = std::all_of(text.begin(), text.end(), [](QChar c) { return c.isLetterOrNumber() || QStringLiteral("=/._-+,:@").contains(c); });
    return plain ? text : QLatin1Char('\'') + QString(text).replace(QLatin1Char('\''), QStringLiteral("'\\''")) + QLatin1Char('\'');
}

}  // namespace

ParamForm::ParamForm(const std::vector<ParamSpec>& specs, QWidget* parent) : QWidget(parent), specs_(specs) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* common = new QWidget(this);
    layout->addWidget(common);
    QFormLayout* rows = formLayout(common);
    for (const ParamSpec& spec : specs)
        if (!spec.advanced) addField(rows, spec);
    if (std::any_of(specs.begin(), specs.end(), [](const ParamSpec& spec) { return spec.advanced; })) buildAdvanced(specs);
    layout->addStretch(1);
}

void ParamForm::addField(QFormLayout* layout, const ParamSpec& spec) {
    auto* field = new ParamField(spec, layout->parentWidget());
    auto* label = new QLabel(field->label(), layout->parentWidget());
    label->setToolTip(field->toolTipText());
    label->setBuddy(field);
    layout->addRow(label, field);
    fields_.push_back(field);
    connect(field, &ParamField::edited, this, [this] {
        unfoldIfNeeded();
        Q_EMIT edited();
    });
}

void ParamForm::buildAdvanced(const std::vector<ParamSpec>& specs) {
    fold_ = new QToolButton(this);
    fold_->setCheckable(true);
    fold_->setAutoRaise(true);
    fold_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    fold_->setArrowType(Qt::RightArrow);
    fold_->setText(tr("More settings (%1)").arg(std::count_if(specs.begin(), specs.end(), [](const ParamSpec& spec) { return spec.advanced; })));
    fold_->setToolTip(tr("Settings that rarely need a change"));
    advanced_ = new QWidget(this);
    layout()->addWidget(fold_);
    layout()->addWidget(advanced_);
    QFormLayout* rows = formLayout(advanced_);
    for (const ParamSpec& spec : specs)
        if (spec.advanced) addField(rows, spec);
    advanced_->setVisible(false);
    connect(fold_, &QToolButton::toggled, this, [this](bool shown) {
        advanced_->setVisible(shown);
        fold_->setArrowType(shown ? Qt::DownArrow : Qt::RightArrow);
    });
    unfoldIfNeeded();
}

void ParamForm::unfoldIfNeeded() {
    const bool needed = std::any_of(fields_.begin(), fields_.end(), [](const ParamField* field) { return field->spec().advanced && !field->problem().isEmpty(); });
    if (needed) setAdvancedShown(true);
}

bool ParamForm::advancedShown() const { return fold_ && fold_->isChecked(); }

void ParamForm::setAdvancedShown(bool shown) {
    if (fold_) fold_->setChecked(shown);
}

QJsonObject ParamForm::values() const {
    json values = json::object();
    for (const ParamField* field : fields_)
        if (json value = field->value(); !value.is_null()) values[field->spec().name] = std::move(value);
    return toQt(values);
}

QStringList ParamForm::setValues(const QJsonObject& values) {
    const json given = fromQt(values);
    QStringList unknown;
    for (const auto& item : given.items()) {
        ParamField* target = field(QString::fromStdString(item.key()));
        if (!target) {
            unknown.append(QString::fromStdString(item.key()));
            continue;
        }
        target->setValue(item.value());
        if (target->spec().advanced && !target->isDefault()) setAdvancedShown(true);
    }
    return unknown;
}

void ParamForm::reset() {
    for (ParamField* field : fields_) field->reset();
}

QString ParamForm::problem() const {
    for (const ParamField* field : fields_)
        if (!field->problem().isEmpty()) return QStringLiteral("%1: %2").arg(field->label(), field->problem());
    // What no field can see alone is said by the check that the job itself makes.
    const auto made = Params::make(specs_, fromQt(values()));
    return made ? QString() : QString::fromStdString(made.error().text());
}

bool ParamForm::isValid() const { return problem().isEmpty(); }

QStringList ParamForm::commandLine() const {
    QStringList arguments;
    for (const ParamField* field : fields_)
        if (!field->isDefault() && !field->value().is_null()) arguments << QStringLiteral("--set") << argument(field->spec().name, field->value());
    return arguments;
}

ParamField* ParamForm::field(const QString& name) const {
    const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const ParamField* field) { return field->objectName() == name; });
    return found == fields_.end() ? nullptr : *found;
}

}  // namespace driftscope::form
