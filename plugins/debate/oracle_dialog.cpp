#include "plugins/debate/oracle_dialog.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "plugins/debate/value_slider.h"

namespace driftscope::debate {

OracleDialog::OracleDialog(QWidget* parent)
    : QDialog(parent), text_(new QLabel), context_(new QLabel), probability_(new ValueSlider(tr("Probability of yes"), tr("How probable a yes is, when you are not certain"), 0, 1, false)) {
    setWindowTitle(tr("Your judgement, please"));
    setObjectName(QStringLiteral("debateOracleDialog"));
    setMinimumWidth(420);
    QFont large = text_->font();
    large.setPointSizeF(large.pointSizeF() * 1.3);
    text_->setFont(large);
    context_->setEnabled(false);
    auto* layout = new QVBoxLayout(this);
    for (QLabel* label : {text_, context_}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        layout->addWidget(label);
    }
    auto* certain = new QHBoxLayout;
    for (const auto& [name, text, p] : {std::tuple{"debateYes", tr("&Yes"), 1.0}, {"debateNo", tr("&No"), 0.0}}) {
        auto* button = new QPushButton(text);
        button->setObjectName(QLatin1String(name));
        button->setMinimumHeight(36);
        certain->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, p = p] { answer(p); });
    }
    layout->addLayout(certain);
    auto* unsure = new QHBoxLayout;
    probability_->setValue(0.5);
    auto* state = new QPushButton(tr("&Unsure: this probable"));
    state->setAutoDefault(false);
    unsure->addWidget(probability_, 1);
    unsure->addWidget(state);
    layout->addLayout(unsure);
    connect(state, &QPushButton::clicked, this, [this] { answer(probability_->value()); });
}

void OracleDialog::ask(const QString& question, const QString& context) {
    question_ = question;
    text_->setText(question);
    context_->setText(context);
    context_->setVisible(!context.isEmpty());
    shown_.start();
    show();
    raise();
    activateWindow();
}

void OracleDialog::answer(double probability) {
    hide();
    Q_EMIT answered(question_, probability, static_cast<double>(shown_.elapsed()) / 1000);
}

}  // namespace driftscope::debate
