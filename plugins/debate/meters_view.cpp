#include "plugins/debate/meters_view.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "plugins/debate/play_model.h"
#include "plugins/debate/words.h"

namespace driftscope::debate {
MetersView::MetersView(PlayModel& game, QWidget* parent) : QWidget(parent), game_(game), grid_(new QGridLayout), note_(new QLabel) {
    build();
    connect(&game_, &PlayModel::changed, this, &MetersView::refresh);
    refresh();
}

void MetersView::build() {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(grid_);
    layout->addWidget(note_);
    layout->addStretch(1);
    grid_->setHorizontalSpacing(12);
    grid_->setVerticalSpacing(3);
    note_->setWordWrap(true);
    note_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    const std::pair<QString, QString> heads[] = {{tr("judgements"), tr("Oracle answers asked so far")},
                                                 {tr("at most"), tr("In a whole game with these sample counts")},
                                                 {tr("steps"), tr("Steps of the computation that each carries out")},
                                                 {tr("bits"), tr("Read of what others say")}};
    for (int i = 0; i < kColumns; ++i) {
        auto* head = new QLabel(heads[i].first);
        head->setToolTip(heads[i].second);
        head->setAlignment(Qt::AlignRight);
        head->setEnabled(false);
        grid_->addWidget(head, 0, i + 1);
    }
    const std::pair<QString, QString> names[] = {{tr("Alice"), tr("Says yes and states the claims")}, {tr("Bob"), tr("Says no and may challenge")},
                                                 {tr("Vera"), tr("The verifier, whose judgements are dear")}, {tr("Direct"), tr("Asking the judge every question once, without a debate")}};
    for (int row = 0; row < kRows; ++row) {
        auto* name = new QLabel(names[row].first);
        name->setToolTip(names[row].second);
        grid_->addWidget(name, row + 1, 0);
        for (int i = 0; i < kColumns; ++i) {
            auto* cell = new QLabel;
            cell->setAlignment(Qt::AlignRight);
            cell->setTextInteractionFlags(Qt::TextSelectableByMouse);
            cells_[static_cast<std::size_t>(row)][static_cast<std::size_t>(i)] = cell;
            grid_->addWidget(cell, row + 1, i + 1);
        }
    }
    grid_->setColumnStretch(0, 1);
}

void MetersView::setRow(int row, const QString& queries, const QString& most, const QString& steps, const QString& bits) {
    const QString texts[] = {queries, most, steps, bits};
    for (std::size_t i = 0; i < kColumns; ++i) cells_[static_cast<std::size_t>(row)][i]->setText(texts[i]);
}

QString MetersView::breakEvenText() const {
    const Setup& setup = game_.arena()->setup;
    const std::int64_t steps = setup.machine->steps(), from = breakEven(setup.plan);
    if (game_.options().protocol != "stochastic") return tr("Vera checks one step, whatever T is.");
    if (steps > from) return tr("T = %1 is beyond the break-even length %2: a challenge costs Vera less than judging every step.").arg(countText(steps), countText(from));
    return tr("Judging every step directly is cheaper until T > %1; here T = %2.").arg(countText(from), countText(steps));
}

void MetersView::refresh() {
    if (!game_.play()) {
        for (int row = 0; row < kRows; ++row) setRow(row, {}, {}, {}, {});
        note_->clear();
        return;
    }
    const Meters meters = game_.meters();
    const Setup& setup = game_.arena()->setup;
    const std::int64_t steps = setup.machine->steps();
    const bool stochastic = game_.options().protocol == "stochastic";
    const auto provers = [&](std::int64_t perStep, std::int64_t asked) { return countText(stochastic ? perStep * steps : asked); };
    setRow(0, countText(meters.alice), provers(setup.plan.alice, meters.alice), countText(meters.aliceSteps), countText(meters.aliceBits));
    setRow(1, countText(meters.bob), provers(setup.plan.bob, meters.bob), countText(meters.bobSteps), countText(meters.bobBits));
    setRow(2, countText(meters.vera), countText(stochastic ? setup.plan.vera : 1), countText(meters.veraSteps), countText(meters.bitsRead));
    setRow(3, countText(steps), countText(steps), countText(steps), QStringLiteral("–"));
    note_->setText(breakEvenText());
}

}  // namespace driftscope::debate
