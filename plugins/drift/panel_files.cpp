// What enters and leaves the Drift panel as files.
#include <QFileDialog>
#include <QFileInfo>
#include <QTabWidget>
#include <algorithm>

#include "core/base/atomic_file.h"
#include "core/llm/study/study_report.h"
#include "plugins/drift/compare_view.h"
#include "plugins/drift/curves_view.h"
#include "plugins/drift/drift_panel.h"
#include "plugins/drift/pair_view.h"
#include "plugins/drift/results_view.h"
#include "plugins/drift/run_catalog.h"
#include "plugins/drift/runs_view.h"
#include "widgets/plot/plot_widget.h"
#include "widgets/session/project.h"

namespace driftscope::drift {

bool DriftPanel::openPath(const QString& path) {
    const QFileInfo info(path);
    const QString folder = info.isDir() ? path : info.fileName() == QLatin1String("job.json") ? info.absolutePath() : QString();
    if (folder.isEmpty() || !QFileInfo::exists(folder + QStringLiteral("/job.json"))) return false;
    if (const auto opened = catalog_->open(folder); !opened) {
        complain(QString::fromStdString(opened.error().text()));
        return false;
    }
    runs_->choose(QFileInfo(folder).absoluteFilePath());
    say(tr("%1 is open.").arg(folder));
    return true;
}

void DriftPanel::openFolder() {
    const QString folder = QFileDialog::getExistingDirectory(root_.get(), tr("Open a study or run"), host_.project.runsFolder());
    if (folder.isEmpty()) return;
    if (!QFileInfo::exists(folder + QStringLiteral("/job.json")))
        complain(tr("%1 is no run folder: it has no job.json. Choose the folder that was given as --out.").arg(folder));
    else
        openPath(folder);
}

QString DriftPanel::suggestPath(const QString& file) const {
    return host_.project.folder() + QLatin1Char('/') + file;
}

Result<void> DriftPanel::writeStudy(const QString& file) const {
    const DriftRun* run = catalog_->find(runs_->chosen());
    const QString study = run && !run->study.isEmpty() ? run->study : runs_->chosen();
    DS_ASSIGN(const llm::StudyResults results, llm::StudyResults::read(QFile::encodeName(study).toStdString()));
    const QString suffix = QFileInfo(file).suffix().toLower();
    std::string text;
    if (suffix == QLatin1String("csv")) text = llm::resultsCsv(results);
    else if (suffix == QLatin1String("tex")) text = llm::resultsLatex(results);
    else if (suffix == QLatin1String("html")) text = llm::studyReportHtml(results);
    else return fail(ErrorCode::Usage, fmt::format("'{}' has no suffix that a study can be written as.", file.toStdString()), "Use .html, .csv or .tex.");
    return writeFileAtomically(QFile::encodeName(file).toStdString(), text);
}

void DriftPanel::exportStudy() {
    const llm::StudyResults known = resultsOf(*catalog_, runs_->chosen());
    if (std::none_of(known.runs.begin(), known.runs.end(), [](const llm::MeasuredRun& run) { return run.finished; }))
        return complain(tr("There is no result to export yet: choose a study of which a fine-tuning has finished."));
    const QString file = QFileDialog::getSaveFileName(root_.get(), tr("Export the study"), suggestPath(QStringLiteral("study.html")), tr("Report (*.html);;Table (*.csv);;LaTeX tables (*.tex)"));
    if (file.isEmpty()) return;
    const auto written = writeStudy(file);
    written ? say(tr("%1 written.").arg(file)) : complain(QString::fromStdString(written.error().text()));
}

void DriftPanel::exportPlot() {
    plot::PlotWidget* shown = nullptr;
    QWidget* page = tabs_->currentWidget();
    for (auto* plot : page->findChildren<plot::PlotWidget*>())
        if (plot->isVisible() && !plot->isEmpty() && (!shown || plot->hasFocus())) shown = plot;
    if (!shown) return complain(tr("There is no plot with data on this page. Click one, then save it."));
    const QString file = QFileDialog::getSaveFileName(root_.get(), tr("Save the plot"), suggestPath(QStringLiteral("plot.svg")), tr("Pictures and data (*.svg *.png *.pdf *.csv)"));
    if (file.isEmpty()) return;
    const auto written = shown->exportTo(file);
    written ? say(tr("%1 written.").arg(file)) : complain(QString::fromStdString(written.error().text()));
}

void DriftPanel::exportPair() {
    const QString file = QFileDialog::getSaveFileName(root_.get(), tr("Export both runs' answers"), suggestPath(QStringLiteral("two-runs.csv")), tr("Table (*.csv)"));
    if (file.isEmpty()) return;
    const auto written = writeFileAtomically(QFile::encodeName(file).toStdString(), compare_->pair().csv().toStdString());
    written ? say(tr("%1 written.").arg(file)) : complain(QString::fromStdString(written.error().text()));
}

}  // namespace driftscope::drift
