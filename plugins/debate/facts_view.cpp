#include "plugins/debate/facts_view.h"

#include <QGridLayout>
#include <QLabel>

#include "core/debate/arena.h"
#include "plugins/debate/words.h"

namespace driftscope::debate {

FactsView::FactsView(QWidget* parent) : QWidget(parent), grid_(new QGridLayout(this)) {
    grid_->setContentsMargins(0, 0, 0, 0);
    grid_->setHorizontalSpacing(10);
    grid_->setVerticalSpacing(2);
    steps_ = row(tr("T"), tr("Steps: questions asked, and the result bit"));
    space_ = row(tr("S"), tr("Space: numbers kept between steps, at most"));
    length_ = row(tr("l"), tr("Characters of the longest question"));
    states_ = row(tr("states"), tr("States that the computation can be in, over all steps"));
    accept_ = row(tr("P(yes)"), tr("Probability that the computation answers yes"));
    used_ = row(tr("K used"), tr("The Lipschitz constant that the parameters are made for"));
    certified_ = row(tr("K certified"), tr("Upper bound that holds for every change of the oracle: the sum over steps of the largest influence. In brackets without gates, as the paper counts."));
    firstOrder_ = row(tr("K first order"), tr("Exact for small changes of this oracle: the sum over steps of the mean influence. In brackets without gates."));
    sampled_ = row(tr("K sampled"), tr("Largest effect found among random changes of the oracle: a lower bound"));
    repeatable_ = row(tr("repeatable"), tr("Probability that two answers of the oracle to the same question agree, with its 95 % interval"));
    repeatable_->setObjectName(QStringLiteral("debateRepeatability"));
    grid_->setColumnStretch(1, 1);
    setArena(nullptr);
}

QLabel* FactsView::row(const QString& name, const QString& help) {
    auto* title = new QLabel(name);
    title->setToolTip(help);
    title->setEnabled(false);
    auto* value = new QLabel;
    value->setToolTip(help);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    value->setWordWrap(true);
    const int at = grid_->rowCount();
    grid_->addWidget(title, at, 0, Qt::AlignTop);
    grid_->addWidget(value, at, 1);
    return value;
}

void FactsView::setArena(const Arena* arena) {
    if (!arena) {
        for (QLabel* label : {steps_, space_, length_, accept_, states_, used_, firstOrder_, certified_, sampled_, repeatable_}) label->setText(QStringLiteral("–"));
        return;
    }
    const Machine& machine = *arena->setup.machine;
    steps_->setText(countText(machine.steps()));
    space_->setText(tr("%1 numbers").arg(machine.space()));
    length_->setText(tr("%1 characters").arg(machine.queryLength()));
    const Acceptance& accept = arena->acceptance;
    accept_->setText(accept.runs == 0 ? tr("%1 exact").arg(probabilityText(accept.value))
                                      : tr("%1 (%2 to %3, %4 runs)").arg(probabilityText(accept.value), probabilityText(accept.interval.low), probabilityText(accept.interval.high), countText(accept.runs)));
    const auto& repeat = arena->repeatability;
    repeatable_->setText(!repeat             ? tr("as stated")
                         : repeat->pairs > 0 ? tr("%1 (%2 to %3)").arg(probabilityText(repeat->value()), probabilityText(repeat->interval().low), probabilityText(repeat->interval().high))
                                             : tr("unknown: %1").arg(QString::fromStdString(repeat->what)));
    if (repeat && repeat->pairs > 0) repeatable_->setToolTip(QString::fromStdString(repeat->text()));
    const LipschitzConstants& k = arena->constants;
    if (!arena->graph) {
        states_->setText(tr("too many"));
        used_->setText(arena->kTrivial ? tr("%1 = T, which always bounds it").arg(numberText(arena->setup.k)) : tr("%1, given").arg(numberText(arena->setup.k)));
        for (QLabel* label : {firstOrder_, certified_, sampled_}) label->setText(tr("not computed"));
        return;
    }
    states_->setText(countText(static_cast<std::int64_t>(arena->graph->states())));
    used_->setText(tr("%1, %2").arg(numberText(arena->setup.k), QString::fromStdString(arena->kSource)));
    certified_->setText(tr("%1 (%2)").arg(numberText(k.certified), numberText(k.certifiedNoGates)));
    firstOrder_->setText(tr("%1 (%2)").arg(numberText(k.firstOrder), numberText(k.firstOrderNoGates)));
    sampled_->setText(arena->kSampled > 0 ? tr("≥ %1").arg(numberText(arena->kSampled)) : QStringLiteral("–"));
}

}  // namespace driftscope::debate
