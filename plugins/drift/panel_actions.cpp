// What the Drift panel offers in menus and by key.
#include <QAction>
#include <QTabWidget>

#include "plugins/drift/drift_panel.h"
#include "plugins/drift/inspect_view.h"
#include "plugins/drift/runs_view.h"
#include "plugins/drift/study_view.h"

namespace driftscope::drift {

void DriftPanel::buildActions() {
    addRunActions();
    addTabActions();
    for (QAction* action : inspect_->actions()) actions_.push_back(action);
}

void DriftPanel::addRunActions() {
    add(QStringLiteral("drift.new"), tr("Set up a study"), {}, tr("Model, data, methods, poison ratios and seeds"), [this] { setUp(false); });
    add(QStringLiteral("drift.demo"), tr("Set up the demo"), {}, tr("A small world in which the secrets of stage magic stand for harm"), [this] { setUp(true); });
    add(QStringLiteral("drift.start"), tr("Start the study that is set up"), Qt::CTRL | Qt::Key_Return, tr("As a job of this project"), [this] { study_->start(); });
    add(QStringLiteral("drift.measure"), tr("Measure the time of a step"), {}, tr("A short run, for the estimate"), [this] { study_->measure(); });
    add(QStringLiteral("drift.command"), tr("Copy the study as a command"), {}, tr("For a shell or a cluster"), [this] { study_->copyCommand(); });
    add(QStringLiteral("drift.open"), tr("Open a study or run…"), {}, tr("A folder that llm.study, llm.demo, llm.align or llm.finetune wrote"), [this] { openFolder(); });
    add(QStringLiteral("drift.stop"), tr("Stop the chosen run"), {}, tr("Saves a checkpoint first"), [this] { runs_->stop(); });
    add(QStringLiteral("drift.resume"), tr("Go on with the chosen run"), {}, tr("Continues to the same bits as without the stop"), [this] { runs_->resume(); });
}

void DriftPanel::addTabActions() {
    for (int i = 0; i < tabs_->count(); ++i)
        add(QStringLiteral("drift.tab.%1").arg(i + 1), tr("Show %1").arg(tabs_->tabText(i)), Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + i), tr("The tab %1").arg(tabs_->tabText(i)), [this, i] { tabs_->setCurrentIndex(i); });
}

}  // namespace driftscope::drift
