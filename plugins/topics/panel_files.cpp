// What leaves the Topics panel as files, and reports that studies wrote.
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QUrl>

#include "plugins/topics/exporter.h"
#include "plugins/topics/people_view.h"
#include "plugins/topics/results_view.h"
#include "plugins/topics/topics_panel.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"

namespace driftscope::topics {

Shown TopicsPanel::shown() {
    return {workspace_, labels_, comparison_, judgements_, *data_, *explore_, *runs_, *categories_, *space_, *people_};
}

void TopicsPanel::addExportActions() {
    add(QStringLiteral("topics.export"), tr("Export everything…"), Qt::CTRL | Qt::Key_E, tr("Plots as PNG and SVG, tables as CSV, theta and beta as NPY, measures as JSON, and a report, into a folder"), [this] { exportAll(); });
    add(QStringLiteral("topics.report"), tr("Write a report…"), Qt::CTRL | Qt::SHIFT | Qt::Key_R, tr("One HTML page that needs no other file"), [this] { writeReport(); });
    add(QStringLiteral("topics.study-report"), tr("Open the report of the newest study"), {}, tr("The page that topics.study wrote, in the browser"), [this] { openStudyReport(); });
    for (const Exportable& one : exportables(shown())) {
        const QString id = (one.picture ? QStringLiteral("topics.picture.") : QStringLiteral("topics.table.")) + one.id;
        add(id, (one.picture ? tr("Save the plot: %1…") : tr("Export the table: %1…")).arg(one.title), {}, one.picture ? tr("PNG or SVG") : tr("CSV"), [this, one] { saveOne(one); });
    }
}

QString TopicsPanel::suggested(const QString& name) const {
    return host_.project.folder() + QLatin1Char('/') + name;
}

void TopicsPanel::saveOne(const Exportable& one) {
    if (one.isEmpty()) {
        complain(tr("There is nothing to save yet: %1.").arg(one.title));
        return;
    }
    const QString path = QFileDialog::getSaveFileName(root_.get(), one.picture ? tr("Save the plot") : tr("Export the table"), suggested(one.id + (one.picture ? QStringLiteral(".png") : QStringLiteral(".csv"))), one.picture ? tr("Pictures (*.png *.svg)") : tr("Tables (*.csv)"));
    if (path.isEmpty()) return;
    const auto written = one.write(path);
    written ? say(tr("%1 written.").arg(path)) : complain(QString::fromStdString(written.error().text()));
}

void TopicsPanel::exportAll() {
    if (!workspace_.run()) {
        complain(tr("There is no run to export: open one first."));
        return;
    }
    const QString folder = QFileDialog::getSaveFileName(root_.get(), tr("Export everything into a folder"), suggested(QStringLiteral("topics-export")), tr("Folder (*)"));
    if (folder.isEmpty()) return;
    const auto written = exportEverything(shown(), folder);
    written ? say(tr("%1 files written to %2.").arg(*written).arg(folder)) : complain(QString::fromStdString(written.error().text()));
}

void TopicsPanel::writeReport() {
    const QString path = QFileDialog::getSaveFileName(root_.get(), tr("Write a report"), suggested(QStringLiteral("topics-report.html")), tr("Pages (*.html)"));
    if (path.isEmpty()) return;
    const auto written = exportReport(shown(), path);
    written ? say(tr("%1 written.").arg(path)) : complain(QString::fromStdString(written.error().text()));
}

void TopicsPanel::openStudyReport() {
    for (const JobView& job : host_.jobs.jobs()) {
        if (job.kind != QLatin1String("topics.study") || job.state != JobView::State::Done) continue;
        const QStringList pages = QDir(job.folder).entryList({QStringLiteral("*.html")}, QDir::Files);
        if (pages.isEmpty()) continue;
        const QString page = job.folder + QLatin1Char('/') + (pages.contains(QStringLiteral("report.html")) ? QStringLiteral("report.html") : pages.first());
        QDesktopServices::openUrl(QUrl::fromLocalFile(page));
        say(tr("%1 is open in the browser.").arg(page));
        return;
    }
    complain(tr("No study of this project has written a report yet: start one with Jobs ▸ New job, kind topics.study, or write a report of the comparison (Ctrl+Shift+R)."));
}

}  // namespace driftscope::topics
