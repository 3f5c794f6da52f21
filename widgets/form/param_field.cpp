#include "widgets/form/param_field.h"

#include <QGridLayout>
#include <QLabel>
#include <QToolButton>

#include "widgets/form/param_editor.h"
#include "widgets/style/palette.h"

namespace driftscope::form {

using nlohmann::json;

namespace {

QString shown(const json& value) {
    if (value.is_null()) return ParamField::tr("none");
    if (value.is_string()) return QString::fromStdString(value.get<std::string>());
    return QString::fromStdString(value.dump());
}

}  // namespace

ParamField::ParamField(ParamSpec spec, QWidget* parent)
    : QWidget(parent), spec_(std::move(spec)), editor_(ParamEditor::make(spec_, this)), reset_(new QToolButton(this)), message_(new QLabel(this)) {
    setObjectName(QString::fromStdString(spec_.name));
    auto* layout = new QGridLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setVerticalSpacing(2);
    layout->setColumnStretch(0, 1);
    layout->addWidget(editor_, 0, 0);
    layout->addWidget(reset_, 0, 1, Qt::AlignTop);
    layout->addWidget(message_, 1, 0, 1, 2);

    reset_->setText(QStringLiteral("↺"));
    reset_->setAutoRaise(true);
    reset_->setToolTip(tr("Back to the default: %1").arg(shown(spec_.fallback)));
    reset_->setAccessibleName(tr("Reset %1").arg(label()));
    QSizePolicy keep = reset_->sizePolicy();
    keep.setRetainSizeWhenHidden(true);  // rows do not jump while one types
    reset_->setSizePolicy(keep);
    message_->setWordWrap(true);
    message_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    message_->setObjectName(QStringLiteral("problem"));
    setFocusProxy(editor_);
    setToolTip(toolTipText());

    connect(reset_, &QToolButton::clicked, this, &ParamField::reset);
    connect(editor_, &ParamEditor::edited, this, [this] {
        check();
        Q_EMIT edited();
    });
    reset();
    check();
}

QString ParamField::label() const {
    QString text = QString::fromStdString(spec_.name);
    return text.replace(QLatin1Char('_'), QLatin1Char(' ')).replace(QLatin1Char('.'), QLatin1Char(' '));
}

QString ParamField::toolTipText() const {
    const auto escaped = [](const std::string& text) { return QString::fromStdString(text).toHtmlEscaped(); };
    QStringList facts{spec_.fallback.is_null() ? (spec_.optional ? tr("optional") : tr("required")) : tr("default %1").arg(shown(spec_.fallback).toHtmlEscaped())};
    if (spec_.minimum) facts.append(tr("at least %1").arg(*spec_.minimum));
    if (spec_.maximum) facts.append(tr("at most %1").arg(*spec_.maximum));
    if (!spec_.unit.empty()) facts.append(tr("in %1").arg(escaped(spec_.unit)));
    QString text = QStringLiteral("<p>%1</p><p>%2</p>").arg(escaped(spec_.help), facts.join(QStringLiteral(", ")));
    if (!spec_.source.empty()) text += tr("<p>Source: %1</p>").arg(escaped(spec_.source));
    return text + tr("<p>On the command line: <code>--set %1=…</code></p>").arg(escaped(spec_.name));
}

json ParamField::value() const { return editor_->value().value_or(json()); }

void ParamField::setValue(const json& value) { editor_->setValue(value); }

void ParamField::reset() { editor_->setValue(spec_.fallback); }

bool ParamField::isDefault() const {
    const auto value = editor_->value();
    return value && *value == spec_.fallback;
}

void ParamField::check() {
    const auto value = editor_->value();
    problem_.clear();
    if (!value) {
        problem_ = QString::fromStdString(value.error().message);
    } else if (value->is_null() && !spec_.optional && spec_.fallback.is_null()) {
        problem_ = tr("Needed.");
    } else if (const auto made = Params::make({spec_}, json{{spec_.name, *value}}); !made) {
        problem_ = QString::fromStdString(made.error().message);
    }
    reset_->setVisible(!isDefault() && !spec_.fallback.is_null());
    message_->setVisible(!problem_.isEmpty());
    message_->setText(problem_);
    // Vermillion of the class palette, darkened or lightened until it reads on the window.
    QPalette warned = palette();
    warned.setColor(QPalette::WindowText, style::isDark(palette()) ? QColor(0xff, 0x9a, 0x66) : QColor(0xb0, 0x41, 0x00));
    message_->setPalette(warned);
}

}  // namespace driftscope::form
