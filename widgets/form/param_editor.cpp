#include "widgets/form/param_editor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QSpinBox>
#include <limits>

#include "widgets/form/real_spin_box.h"

namespace driftscope::form {
namespace {

using nlohmann::json;

QString unitSuffix(const ParamSpec& spec) { return spec.unit.empty() ? QString() : QLatin1Char(' ') + QString::fromStdString(spec.unit); }

class BoolEditor : public ParamEditor {
  public:
    BoolEditor(const ParamSpec& spec, QWidget* parent) : ParamEditor(parent), box_(new QCheckBox) {
        fill(spec, box_);
        connect(box_, &QCheckBox::toggled, this, &ParamEditor::edited);
    }
    Result<json> value() const override { return json(box_->isChecked()); }
    void setValue(const json& value) override { box_->setChecked(value.is_boolean() && value.get<bool>()); }

  private:
    QCheckBox* box_;
};

class IntEditor : public ParamEditor {
  public:
    IntEditor(const ParamSpec& spec, QWidget* parent) : ParamEditor(parent), box_(new QSpinBox) {
        constexpr double lowest = std::numeric_limits<int>::lowest(), highest = std::numeric_limits<int>::max();
        box_->setRange(static_cast<int>(std::max(lowest, spec.minimum.value_or(lowest))), static_cast<int>(std::min(highest, spec.maximum.value_or(highest))));
        box_->setSuffix(unitSuffix(spec));
        fill(spec, box_);
        connect(box_, &QSpinBox::valueChanged, this, &ParamEditor::edited);
    }
    Result<json> value() const override { return json(box_->value()); }
    void setValue(const json& value) override { box_->setValue(value.is_number() ? static_cast<int>(value.get<double>()) : box_->minimum()); }

  private:
    QSpinBox* box_;
};

class RealEditor : public ParamEditor {
  public:
    RealEditor(const ParamSpec& spec, QWidget* parent) : ParamEditor(parent), box_(new RealSpinBox) {
        constexpr double all = std::numeric_limits<double>::max();
        box_->setRange(spec.minimum.value_or(-all), spec.maximum.value_or(all));
        box_->setSuffix(unitSuffix(spec));
        fill(spec, box_);
        connect(box_, &QDoubleSpinBox::valueChanged, this, &ParamEditor::edited);
    }
    Result<json> value() const override { return json(box_->value()); }
    void setValue(const json& value) override { box_->setValue(value.is_number() ? value.get<double>() : 0); }

  private:
    RealSpinBox* box_;
};

class ChoiceEditor : public ParamEditor {
  public:
    ChoiceEditor(const ParamSpec& spec, QWidget* parent) : ParamEditor(parent), box_(new QComboBox) {
        // Nothing chosen is a choice of its own where no default exists.
        if (spec.fallback.is_null()) box_->addItem(tr("(not set)"), QString());
        for (const std::string& choice : spec.choices) box_->addItem(QString::fromStdString(choice), QString::fromStdString(choice));
        fill(spec, box_);
        connect(box_, &QComboBox::currentIndexChanged, this, &ParamEditor::edited);
    }
    Result<json> value() const override {
        const std::string chosen = box_->currentData().toString().toStdString();
        return chosen.empty() && box_->currentIndex() == 0 ? json() : json(chosen);
    }
    void setValue(const json& value) override {
        const int row = value.is_string() ? box_->findData(QString::fromStdString(value.get<std::string>())) : 0;
        box_->setCurrentIndex(std::max(0, row));
    }

  private:
    QComboBox* box_;
};

/// Text, lists ("1, 2, 3"), and numbers that may stay unset or exceed a spin box.
class TextEditor : public ParamEditor {
  public:
    TextEditor(const ParamSpec& spec, QWidget* parent) : ParamEditor(parent), spec_(spec), line_(new QLineEdit) {
        const bool isList = spec.type != ParamType::Text && spec.type != ParamType::Int && spec.type != ParamType::Real;
        const QString hint = isList ? tr("separated by commas") : spec.optional ? tr("not set") : QString();
        line_->setPlaceholderText(hint + (spec.unit.empty() ? QString() : QStringLiteral(" (%1)").arg(QString::fromStdString(spec.unit))));
        line_->setClearButtonEnabled(spec.optional);
        fill(spec, line_);
        connect(line_, &QLineEdit::textChanged, this, &ParamEditor::edited);
    }
    Result<json> value() const override {
        QString text = line_->text().trimmed();
        if (text.isEmpty() && (spec_.fallback.is_null() || spec_.optional)) return json();
        if (spec_.type == ParamType::Text) return json(text.toStdString());
        QStringList parts;
        for (const QString& part : text.split(QLatin1Char(','))) parts.append(part.trimmed());
        return Params::parse(spec_, parts.join(QLatin1Char(',')).toStdString());
    }
    void setValue(const json& value) override {
        QStringList parts;
        for (const json& part : value.is_array() ? value : json::array({value}))
            if (!part.is_null()) parts.append(QString::fromStdString(part.is_string() ? part.get<std::string>() : part.dump()));
        line_->setText(parts.join(QStringLiteral(", ")));
    }

  private:
    ParamSpec spec_;
    QLineEdit* line_;
};

bool fitsSpinBox(const ParamSpec& spec) { return spec.fallback.is_number() && std::abs(spec.fallback.get<double>()) < std::numeric_limits<int>::max(); }

}  // namespace

ParamEditor* ParamEditor::make(const ParamSpec& spec, QWidget* parent) {
    switch (spec.type) {
        case ParamType::Bool: return new BoolEditor(spec, parent);
        case ParamType::Choice: return new ChoiceEditor(spec, parent);
        case ParamType::Path: return makePathEditor(spec, parent);
        case ParamType::PathList: return makePathListEditor(spec, parent);
        case ParamType::Int:
            if (fitsSpinBox(spec)) return new IntEditor(spec, parent);
            return new TextEditor(spec, parent);
        case ParamType::Real:
            if (spec.fallback.is_number()) return new RealEditor(spec, parent);
            return new TextEditor(spec, parent);
        default: return new TextEditor(spec, parent);
    }
}

void ParamEditor::fill(const ParamSpec& spec, QWidget* editor) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(editor, 1);
    editor->setAccessibleName(QString::fromStdString(spec.name));
    editor->setAccessibleDescription(QString::fromStdString(spec.help));
    editor->setFocusPolicy(Qt::StrongFocus);
    editor->installEventFilter(this);
    setFocusProxy(editor);
}

bool ParamEditor::eventFilter(QObject* watched, QEvent* event) {
    const auto* widget = qobject_cast<QWidget*>(watched);
    if (event->type() == QEvent::Wheel && widget && !widget->hasFocus()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace driftscope::form
