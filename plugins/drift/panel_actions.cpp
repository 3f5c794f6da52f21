// What the Drift panel offers in menus and by key.
#include <QAction>
#include <QJsonArray>
#include <QTabWidget>
#include <tuple>

#include "plugins/drift/compare_view.h"
#include "plugins/drift/drift_panel.h"
#include "plugins/drift/inspect_view.h"
#include "plugins/drift/pair_view.h"
#include "plugins/drift/run_catalog.h"
#include "plugins/drift/runs_view.h"
#include "plugins/drift/study_view.h"
#include "widgets/jobs/new_job_window.h"
#include "widgets/session/job_runner.h"

namespace driftscope::drift {

void DriftPanel::buildActions() {
    addRunActions();
    addTabActions();
    addJobActions();
    addCompareActions();
    for (QAction* action : inspect_->actions()) actions_.push_back(action);
}

void DriftPanel::addRunActions() {
    add(QStringLiteral("drift.new"), tr("Set up a study"), {}, tr("Model, data, methods, poison ratios and seeds"), [this] { setUp(false); });
    add(QStringLiteral("drift.demo"), tr("Set up the demo"), {}, tr("A small world in which the secrets of stage magic stand for harm"), [this] { setUp(true); });
    add(QStringLiteral("drift.start"), tr("Start the study that is set up"), Qt::CTRL | Qt::Key_Return, tr("As a job of this project"), [this] { study_->start(); });
    add(QStringLiteral("drift.measure-time"), tr("Measure the time of a step"), {}, tr("A short run, for the estimate"), [this] { study_->measure(); });
    add(QStringLiteral("drift.command"), tr("Copy the study as a command"), {}, tr("For a shell or a cluster"), [this] { study_->copyCommand(); });
    add(QStringLiteral("drift.open"), tr("Open a study or run…"), {}, tr("A folder that llm.study, llm.demo, llm.align or llm.finetune wrote"), [this] { openFolder(); });
    add(QStringLiteral("drift.stop"), tr("Stop the chosen run"), {}, tr("Saves a checkpoint first"), [this] { runs_->stop(); });
    add(QStringLiteral("drift.resume"), tr("Go on with the chosen run"), {}, tr("Continues to the same bits as without the stop"), [this] { runs_->resume(); });
}

void DriftPanel::addTabActions() {
    for (int i = 0; i < tabs_->count(); ++i)
        add(QStringLiteral("drift.tab.%1").arg(i + 1), tr("Show %1").arg(tabs_->tabText(i)), Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + i), tr("The tab %1").arg(tabs_->tabText(i)), [this, i] { tabs_->setCurrentIndex(i); });
}

/// Single jobs, beside studies: a form that starts with what the chosen run used.
void DriftPanel::addJobActions() {
    const std::tuple<const char*, QString, QString> kinds[]{{"llm.align", tr("New alignment…"), tr("One run of llm.align")},
                                                            {"llm.finetune", tr("New fine-tuning…"), tr("One run of llm.finetune, on the adapter of the chosen alignment")},
                                                            {"llm.evaluate", tr("Evaluate the chosen run…"), tr("Answers and verdicts by another judge or on other prompts")},
                                                            {"llm.drift", tr("Measure the drift of the chosen run…"), tr("Capture points, token classes, an embedding table")},
                                                            {"llm.report", tr("Report of the chosen study as a job…"), tr("table.csv, table.tex and report.html")}};
    for (const auto& [kind, text, tip] : kinds) add(QStringLiteral("drift.job.") + QLatin1String(kind), text, {}, tip, [this, name = QString::fromLatin1(kind)] { newJob(name); });
}

void DriftPanel::addCompareActions() {
    add(QStringLiteral("drift.export"), tr("Export the study…"), Qt::CTRL | Qt::Key_E, tr("A report as one HTML page, or the tables as CSV or LaTeX"), [this] { exportStudy(); });
    add(QStringLiteral("drift.export-plot"), tr("Save the plot as a picture…"), {}, tr("SVG, PNG, PDF, or its numbers as CSV"), [this] { exportPlot(); });
    add(QStringLiteral("drift.export-pair"), tr("Export both runs' answers…"), {}, tr("Prompts, answers and verdicts of A and B as CSV"), [this] { exportPair(); });
    add(QStringLiteral("drift.pair"), tr("Compare two runs"), {}, tr("Side by side over the same axes, with the difference"), [this] {
        tabs_->setCurrentWidget(compare_);
        compare_->showPair(true);
    });
    add(QStringLiteral("drift.swap"), tr("Swap the two runs compared"), {}, tr("A becomes B"), [this] { compare_->pair().swap(); });
    add(QStringLiteral("drift.adopt"), tr("Set up the chosen study again"), {}, tr("Its methods, ratios, seeds and settings on the page Study"), [this] {
        const DriftRun* run = catalog_->find(runs_->chosen());
        if (run && !run->study.isEmpty()) run = catalog_->find(run->study);
        if (!run || !run->isStudy()) return complain(tr("Choose a study, or a run inside one, at the left first."));
        study_->adopt(run->params, run->kind == QLatin1String("llm.demo"));
        tabs_->setCurrentWidget(study_);
    });
}

QJsonObject DriftPanel::paramsFor(const QString& kind) const {
    const DriftRun* run = catalog_->find(runs_->chosen());
    if (!run) return {};
    const QString folder = run->folder;
    if (kind == QLatin1String("llm.report")) return {{QStringLiteral("study"), run->study.isEmpty() ? folder : run->study}};
    if (!run->trains()) return {};
    if (kind == QLatin1String("llm.drift")) return {{QStringLiteral("run"), folder}};
    QJsonObject params;
    const auto copy = [&](const char* from, const char* to) {
        if (const QJsonValue value = run->params[QLatin1String(from)]; !value.isNull() && !value.isUndefined()) params[QLatin1String(to)] = value;
    };
    for (const char* same : {"model", "template", "judge", "new_tokens"}) copy(same, same);
    QJsonArray chain = run->params[QStringLiteral("adapters")].toArray();
    if (run->params[QStringLiteral("lora.mode")].toString() == QLatin1String("single") && !chain.isEmpty()) chain.removeLast();
    chain.append(folder + QStringLiteral("/adapter"));
    if (kind == QLatin1String("llm.evaluate")) {
        copy("eval_harmful", "harmful");
        copy("eval_benign", "benign");
        copy("eval_task", "task");
        params[QStringLiteral("adapters")] = chain;
        return params;
    }
    for (const char* same : {"eval_harmful", "eval_benign", "eval_task", "harmful_data"}) copy(same, same);
    if (kind == QLatin1String("llm.finetune") && run->stage == DriftRun::Stage::Align) {
        params[QStringLiteral("adapters")] = chain;
        copy("data", "align_data");
    } else if (run->kind == kind) {
        params = {};
        for (auto value = run->params.begin(); value != run->params.end(); ++value)
            if (!value->isNull()) params[value.key()] = *value;
    }
    return params;
}

void DriftPanel::newJob(const QString& kind) {
    if (!host_.jobs.kindsReady()) {
        connect(&host_.jobs, &JobRunner::kindsLoaded, this, [this, kind] { newJob(kind); }, Qt::SingleShotConnection);
        return host_.jobs.loadKinds();
    }
    auto* form = new jobs::NewJobWindow(host_.jobs, root_.get());
    form->setAttribute(Qt::WA_DeleteOnClose);
    form->setKind(kind, paramsFor(kind));
    connect(form, &jobs::NewJobWindow::started, this, [this](const QString& id) {
        catalog_->refresh();
        if (const JobView* job = host_.jobs.find(id)) runs_->choose(job->folder);
    });
    form->show();
}

}  // namespace driftscope::drift
