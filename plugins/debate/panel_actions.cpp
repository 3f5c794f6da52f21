// What the Debate panel offers in menus and by key.
#include <QAction>
#include <QTabWidget>
#include <tuple>

#include "plugins/debate/attacks_view.h"
#include "plugins/debate/claims_view.h"
#include "plugins/debate/debate_panel.h"
#include "plugins/debate/measure_view.h"
#include "plugins/debate/move_bar.h"
#include "plugins/debate/play_view.h"
#include "plugins/debate/run_bar.h"
#include "plugins/debate/scale_view.h"
#include "plugins/debate/tradeoff_view.h"

namespace driftscope::debate {

void DebatePanel::buildActions() {
    addPlayActions();
    addTabActions();
    addFileActions();
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

void DebatePanel::addTabActions() {
    for (int i = 0; i < tabs_->count(); ++i)
        add(QStringLiteral("debate.tab.%1").arg(i + 1), tr("Show %1").arg(tabs_->tabText(i)), Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + i), tr("The tab %1").arg(tabs_->tabText(i)), [this, i] { tabs_->setCurrentIndex(i); });
    const std::tuple<const char*, QWidget*, RunBar*, QString> studies[] = {{"debate.measure", measure_, &measure_->runs(), tr("Measure the present setup")},
                                                                          {"debate.compare", attacks_, &attacks_->runs(), tr("Compare every attack")},
                                                                          {"debate.scale", scale_, &scale_->runs(), tr("Measure how judgements scale")},
                                                                          {"debate.optimize", tradeoff_, &tradeoff_->runs(), tr("Search the cheapest parameters")},
                                                                          {"debate.claims", claims_, &claims_->runs(), tr("Collect claims of many games")}};
    for (const auto& [name, tab, bar, text] : studies)
        add(QLatin1String(name) + QStringLiteral(".action"), text, {}, text, [this, tab = tab, bar = bar] {
            tabs_->setCurrentWidget(tab);
            bar->start();
        });
}

void DebatePanel::addFileActions() {
    add(QStringLiteral("debate.open"), tr("Open a computation or a transcript…"), {}, tr("JSON of a computation, a transcript to replay, or a table of claims (.h5ad)"), [this] { openFile(); });
    add(QStringLiteral("debate.export"), tr("Export the transcript…"), Qt::CTRL | Qt::Key_E, tr("JSON that replays, a CSV table, or a Markdown report"), [this] { exportTranscript(); });
    add(QStringLiteral("debate.export-plot"), tr("Save the plot as a picture…"), {}, tr("PNG, SVG, PDF, or its numbers as CSV"), [this] { exportPlot(); });
}

}  // namespace driftscope::debate
