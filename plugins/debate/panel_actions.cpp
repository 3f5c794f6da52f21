// What the Debate panel offers in menus and by key.
#include <QAction>

#include "plugins/debate/debate_panel.h"
#include "plugins/debate/move_bar.h"
#include "plugins/debate/play_view.h"

namespace driftscope::debate {

void DebatePanel::buildActions() {
    addPlayActions();
    add(QStringLiteral("debate.undo"), tr("Undo the last change of the setup"), Qt::ALT | Qt::Key_Left, tr("Computation, players and parameters as they were before"), [this] { setup_.undo(); });
    add(QStringLiteral("debate.redo"), tr("Redo the change of the setup"), Qt::ALT | Qt::Key_Right, tr("Takes the undo back"), [this] { setup_.redo(); });
    add(QStringLiteral("debate.gallery"), tr("Choose another computation"), {}, tr("The gallery of worked examples"), [this] { setup_.setComputation({}); });
}

void DebatePanel::addPlayActions() {
    add(QStringLiteral("debate.forward"), tr("One round on"), Qt::Key_D, tr("Plays or shows the next round"), [this] { game_.stepForward(); });
    add(QStringLiteral("debate.back"), tr("One round back"), Qt::Key_A, tr("Looks at the round before"), [this] { game_.stepBack(); });
    add(QStringLiteral("debate.play"), tr("Play"), Qt::Key_P, tr("Play or pause"), [this] { game_.setPlaying(!game_.isPlaying()); });
    add(QStringLiteral("debate.first"), tr("To the start of the game"), Qt::CTRL | Qt::Key_Home, tr("Before the first round"), [this] { game_.goTo(0); });
    add(QStringLiteral("debate.last"), tr("To the end of the game"), Qt::CTRL | Qt::Key_End, tr("Plays on until somebody wins or a person must move"), [this] { game_.finish(); });
    add(QStringLiteral("debate.take-back"), tr("Take the last round back"), Qt::Key_U, tr("Forgets it, so that it can be played differently"), [this] { game_.takeBack(); });
    add(QStringLiteral("debate.restart"), tr("Start the game again"), Qt::Key_R, tr("The same draws, without anybody's moves"), [this] { game_.restart(); });
    add(QStringLiteral("debate.next-game"), tr("Next game"), Qt::Key_N, tr("The same debate with other draws"), [this] {
        setup_.set(QStringLiteral("game"), setup_.value(QStringLiteral("game")).toInteger() + 1);
    });
    add(QStringLiteral("debate.accept"), tr("Accept the claim"), Qt::Key_Y, tr("As Bob or Vera"), [this] { playView_->moves().accept(); });
    add(QStringLiteral("debate.challenge"), tr("Challenge or reject"), Qt::Key_C, tr("As Bob or Vera"), [this] { playView_->moves().challenge(); });
    add(QStringLiteral("debate.state"), tr("State the claim"), Qt::Key_S, tr("As Alice"), [this] { playView_->moves().state(); });
}

}  // namespace driftscope::debate
