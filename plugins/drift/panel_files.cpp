// What enters and leaves the Drift panel as files.
#include <QFileDialog>
#include <QFileInfo>

#include "plugins/drift/drift_panel.h"
#include "plugins/drift/run_catalog.h"
#include "plugins/drift/runs_view.h"
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

}  // namespace driftscope::drift
