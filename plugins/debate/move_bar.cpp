#include "plugins/debate/move_bar.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <cmath>

#include "plugins/debate/play_model.h"
#include "plugins/debate/words.h"
#include "widgets/form/real_spin_box.h"

namespace driftscope::debate {
namespace {

QWidget* row(std::initializer_list<QWidget*> widgets) {
    auto* box = new QWidget;
    auto* layout = new QHBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    for (QWidget* widget : widgets) layout->addWidget(widget);
    layout->addStretch(1);
    return box;
}

QString numbersText(const State& state) {
    QStringList out;
    for (double number : state) out << QString::number(number, 'g', 10);
    return out.join(QStringLiteral(", "));
}

}  // namespace

MoveBar::MoveBar(PlayModel& game, QWidget* parent)
    : QWidget(parent), game_(game), sentence_(new QLabel), detail_(new QLabel), controls_(new QStackedWidget), nothing_(new QWidget) {
    claimPage_ = buildClaim();
    configurationPage_ = buildConfiguration();
    answerPage_ = buildAnswer();
    namePage_ = buildName();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    QFont large = sentence_->font();
    large.setPointSizeF(large.pointSizeF() * 1.15);
    sentence_->setFont(large);
    sentence_->setObjectName(QStringLiteral("debateSentence"));
    for (QLabel* label : {sentence_, detail_}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        layout->addWidget(label);
    }
    for (QWidget* page : {nothing_, claimPage_, configurationPage_, answerPage_, namePage_}) controls_->addWidget(page);
    layout->addWidget(controls_);
    connect(&game_, &PlayModel::changed, this, &MoveBar::refresh);
    refresh();
}

QWidget* MoveBar::buildClaim() {
    claim_ = new form::RealSpinBox;
    claim_->setObjectName(QStringLiteral("debateClaim"));
    claim_->setRange(0, 1);
    claim_->setAccessibleName(tr("Alice's claim"));
    claim_->setToolTip(tr("The probability of \"yes\" that you claim, honest or not"));
    if (auto* field = claim_->findChild<QLineEdit*>()) connect(field, &QLineEdit::returnPressed, this, &MoveBar::state);
    auto* button = new QPushButton(tr("State this claim  S"));
    button->setObjectName(QStringLiteral("debateState"));
    connect(button, &QPushButton::clicked, this, &MoveBar::state);
    return row({claim_, button});
}

QWidget* MoveBar::buildConfiguration() {
    configuration_ = new QLineEdit;
    configuration_->setMinimumWidth(160);
    configuration_->setAccessibleName(tr("Configuration"));
    configuration_->setToolTip(tr("What the machine remembers after this step, number by number; the true one stands there"));
    answer_ = new QComboBox;
    answer_->addItems({tr("no"), tr("yes")});
    answer_->setAccessibleName(tr("Answer"));
    auto* button = new QPushButton(tr("State this configuration  S"));
    connect(button, &QPushButton::clicked, this, &MoveBar::state);
    connect(configuration_, &QLineEdit::returnPressed, this, &MoveBar::state);
    return row({configuration_, answer_, button});
}

QWidget* MoveBar::buildAnswer() {
    accept_ = new QPushButton;
    accept_->setObjectName(QStringLiteral("debateAccept"));
    challenge_ = new QPushButton;
    challenge_->setObjectName(QStringLiteral("debateChallenge"));
    connect(accept_, &QPushButton::clicked, this, &MoveBar::accept);
    connect(challenge_, &QPushButton::clicked, this, &MoveBar::challenge);
    return row({accept_, challenge_});
}

QWidget* MoveBar::buildName() {
    named_ = new QSpinBox;
    named_->setObjectName(QStringLiteral("debateNamed"));
    named_->setPrefix(tr("step "));
    named_->setAccessibleName(tr("Step to name"));
    auto* button = new QPushButton(tr("Name this step  C"));
    button->setObjectName(QStringLiteral("debateName"));
    button->setToolTip(tr("Vera will ask two copies of Alice about it. Click a row of the trace to choose it."));
    connect(button, &QPushButton::clicked, this, &MoveBar::challenge);
    return row({named_, button});
}

void MoveBar::setNamedStep(int step) {
    named_->setValue(step + 1);
}

void MoveBar::accept() {
    const Prompt* asked = game_.prompt();
    if (asked && asked->party != Party::Alice && controls_->currentWidget() == answerPage_) game_.move({asked->party, 0, asked->party == Party::Vera, {}});
}

void MoveBar::challenge() {
    const Prompt* asked = game_.prompt();
    if (!asked || asked->party == Party::Alice) return;
    if (controls_->currentWidget() == namePage_)
        game_.move({Party::Bob, static_cast<double>(named_->value() - 1), true, {}});
    else
        game_.move({asked->party, 0, asked->party == Party::Bob, {}});
}

void MoveBar::state() {
    const Prompt* asked = game_.prompt();
    if (!asked || asked->party != Party::Alice) return;
    if (controls_->currentWidget() == claimPage_) {
        claim_->interpretText();
        game_.move({Party::Alice, claim_->value(), false, {}});
        return;
    }
    Configuration stated;
    for (const QString& part : configuration_->text().split(QRegularExpression(QStringLiteral("[,;\\s]+")), Qt::SkipEmptyParts)) {
        bool ok = false;
        stated.state.push_back(part.toDouble(&ok));
        if (!ok) {
            Q_EMIT game_.failed(tr("\"%1\" is not a number: state the configuration as numbers with commas.").arg(part));
            return;
        }
    }
    stated.answer = answer_->currentIndex() == 1;
    game_.move({Party::Alice, 0, false, stated});
}

QString MoveBar::sentence() const {
    return sentence_->text();
}

void MoveBar::refresh() {
    QString detail;
    if (!game_.play()) {
        sentence_->setText(game_.problem());
    } else if (game_.prompt()) {
        sentence_->setText(promptSentence());
    } else if (game_.over() && game_.atEnd()) {
        sentence_->setText(QStringLiteral("<b>%1</b>").arg(verdictText(*game_.play(), *game_.arena(), game_.options()).toHtmlEscaped()));
    } else if (game_.position() == 0) {
        sentence_->setText(tr("Ready to play. D takes one step, P plays to the end, A goes back."));
    } else {
        sentence_->setText(roundSentence());
    }
    if (const std::string prefix = game_.play() ? game_.prefix() : std::string(); !prefix.empty())
        detail = tr("Answers so far: %1").arg(QString::fromStdString(prefix));
    detail_->setText(detail);
    detail_->setVisible(!detail.isEmpty());
    showControls();
}

void MoveBar::showControls() {
    const Prompt* asked = game_.prompt();
    const std::string& protocol = game_.options().protocol;
    if (!asked) {
        controls_->setCurrentWidget(nothing_);
        controls_->setVisible(false);
        return;
    }
    controls_->setVisible(true);
    if (asked->party == Party::Alice) {
        const bool stochastic = protocol == "stochastic";
        controls_->setCurrentWidget(stochastic ? claimPage_ : configurationPage_);
        if (stochastic) {
            claim_->setValue(asked->estimate);
        } else {
            configuration_->setText(numbersText(asked->stated.state));
            answer_->setCurrentIndex(asked->stated.answer ? 1 : 0);
        }
        return;
    }
    if (protocol == "cross_examined" && asked->party == Party::Bob) {
        named_->setRange(1, static_cast<int>(asked->to));
        controls_->setCurrentWidget(namePage_);
        return;
    }
    const bool vera = asked->party == Party::Vera;
    const bool stochastic = protocol == "stochastic";
    accept_->setText(vera ? tr("Let it stand  Y") : tr("Accept  Y"));
    challenge_->setText(vera ? tr("Reject it  C") : stochastic ? tr("Challenge  C") : tr("Dispute it  C"));
    accept_->setToolTip(vera ? tr("Alice wins") : stochastic ? tr("The coin is drawn from the claim and the game goes on") : tr("The error must be later"));
    challenge_->setToolTip(vera ? tr("Bob wins") : stochastic ? tr("Vera decides at once") : tr("The error must be at or before this step"));
    controls_->setCurrentWidget(answerPage_);
}

QString MoveBar::promptSentence() const {
    const Prompt& asked = *game_.prompt();
    const Setup& setup = game_.arena()->setup;
    const QString question = QString::fromStdString(setup.machine->question(asked.step)).toHtmlEscaped();
    if (game_.options().protocol == "stochastic") {
        const Plan& plan = setup.plan;
        if (asked.party == Party::Alice)
            return tr("<b>Your move, Alice.</b> Step %1, “%2”: your %3 judgements say %4. What do you claim?")
                .arg(asked.step + 1).arg(question, countText(plan.alice), probabilityText(asked.estimate));
        const bool bob = asked.party == Party::Bob;
        return tr("<b>Your move, %1.</b> Step %2, “%3”: Alice claims %4, your %5 judgements say %6, which is %7 away (threshold %8).")
            .arg(partyTitle(asked.party)).arg(asked.step + 1)
            .arg(question, probabilityText(asked.claim), countText(bob ? plan.bob : plan.vera), probabilityText(asked.estimate),
                 probabilityText(std::abs(asked.claim - asked.estimate)), probabilityText(bob ? plan.bobThreshold : plan.veraThreshold));
    }
    if (asked.party == Party::Vera) return tr("<b>Your move, Vera.</b> The dispute is about step %1 alone: “%2”. Is Alice's answer right?").arg(asked.step + 1).arg(question);
    if (game_.options().protocol == "cross_examined") return tr("<b>Your move, Bob.</b> Alice has committed to her trace. Which of its %1 steps is wrong?").arg(asked.to);
    if (asked.party == Party::Alice) return tr("<b>Your move, Alice.</b> Steps %1 to %2 are disputed: what is the configuration after step %3?").arg(asked.from).arg(asked.to).arg(asked.step);
    return tr("<b>Your move, Bob.</b> Steps %1 to %2 are disputed; Alice states after step %3: %4")
        .arg(asked.from).arg(asked.to).arg(asked.step).arg(QString::fromStdString(configurationText(asked.stated)));
}

QString MoveBar::roundSentence() const {
    const Round& round = *game_.current();
    const std::string& protocol = game_.options().protocol;
    if (protocol == "stochastic") return stochasticSentence();
    if (protocol == "cross_examined") return tr("Alice has committed to a trace of %1 steps. Bob now names one.").arg(game_.rounds());
    if (std::isfinite(round.truth)) return tr("One step is left, %1: Vera checks it.").arg(round.step + 1);
    return tr("Steps %1 to %2 were disputed; Bob %3 the configuration after step %4.")
        .arg(round.from).arg(round.to).arg(round.challenged ? tr("disputes") : tr("accepts")).arg(round.step);
}

QString MoveBar::stochasticSentence() const {
    const Round& round = *game_.current();
    const QString question = QString::fromStdString(game_.arena()->setup.machine->question(round.step)).toHtmlEscaped();
    const QString bob = std::isfinite(round.bobEstimate) ? tr("Bob's estimate is %1").arg(probabilityText(round.bobEstimate)) : tr("Bob did not look");
    if (round.challenged)
        return tr("Step %1, “%2”: Alice claims %3; %4 and he challenges; Vera's estimate is %5.")
            .arg(round.step + 1).arg(question, probabilityText(round.claim), bob, probabilityText(round.veraEstimate));
    return tr("Step %1, “%2”: Alice claims %3; %4 and he accepts; the coin says %5.")
        .arg(round.step + 1).arg(question, probabilityText(round.claim), bob, round.answer ? tr("yes") : tr("no"));
}

}  // namespace driftscope::debate
