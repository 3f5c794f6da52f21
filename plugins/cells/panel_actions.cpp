// What the Cells panel offers in menus: import, export and evaluation. Navigation lives in actions.cpp.
#include <QFileDialog>
#include <QFileInfo>
#include <QJsonArray>

#include "plugins/cells/actions.h"
#include "plugins/cells/agreement_view.h"
#include "plugins/cells/analysis_view.h"
#include "plugins/cells/cells_panel.h"
#include "plugins/cells/cursor.h"
#include "plugins/cells/evaluation_view.h"
#include "plugins/cells/exporter.h"
#include "plugins/cells/label_model.h"
#include "plugins/cells/predictor.h"
#include "plugins/cells/track_tools.h"
#include "plugins/cells/ready_page.h"
#include "widgets/image/film_strip.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"
#include "widgets/space/embedding_view_2d.h"

namespace driftscope::cells {

void CellsPanel::buildActions() {
    actions_ = new CellsActions(*workspace_, {host_.selection, host_.edits, *cursor_, *labels_, *predictor_, *annotator_}, root_.get());
    tools_->addTo(*actions_);
    actions_->add(QStringLiteral("cells.export-annotations"), tr("Export annotations…"), Qt::CTRL | Qt::Key_E, tr("One CSV per position, as napari-iohub and dynaclr read it"), [this] { exportAnnotations(); });
    actions_->add(QStringLiteral("cells.export-table"), tr("Export table (.h5ad)…"), {}, tr("Embeddings, labels and predictions for anndata"), [this] { exportTable(); });
    actions_->add(QStringLiteral("cells.export-map"), tr("Save the map as a picture…"), {}, tr("PNG or SVG, with axes and legend"), [this] { exportMap(); });
    actions_->add(QStringLiteral("cells.export-image"), tr("Save the image as a picture…"), {}, tr("PNG or SVG of the frame as it is shown"), [this] { exportImage(); });
    actions_->add(QStringLiteral("cells.export-strip"), tr("Save the film strip as a picture…"), {}, tr("PNG or SVG of the chosen cell in all its frames, with their states"), [this] { exportStrip(); });
    actions_->add(QStringLiteral("cells.import-annotations"), tr("Import annotations…"), {}, tr("An annotation CSV of this or another program; joined by position and id, or frame and track"), [this] {
        const QString file = QFileDialog::getOpenFileName(root_.get(), tr("Import annotations"), host_.project.folder(), tr("Annotation tables (*.csv)"));
        if (!file.isEmpty()) importLabels(file);
    });
    actions_->add(QStringLiteral("cells.import-demo-labels"), tr("Import the demo's labels"), {}, tr("The labels that come with the demo"), [this] {
        if (!pendingLabels_.isEmpty()) importLabels(pendingLabels_);
    });
    actions_->add(QStringLiteral("cells.analysis"), tr("Analysis"), Qt::CTRL | Qt::Key_L, tr("Clusters, displacement, alignment, responses and more; again goes back to labelling"), [this] { ready_->showAnalysis(!ready_->showsAnalysis()); });
    actions_->add(QStringLiteral("cells.evaluate"), tr("Evaluate the probe on held-out tracks"), {}, tr("Full logistic regression with cross-validation by track, in the background"), [this] { evaluate(); });
    actions_->add(QStringLiteral("cells.fill-gaps"), tr("Fill tracks between equal labels"), Qt::Key_P, tr("Labels every cell between two of its track that say the same; Ctrl+Z takes all back"), [this] {
        const auto filled = labels_->fillGaps();
        if (!filled)
            complain(QString::fromStdString(filled.error().text()));
        else
            say(*filled == 0 ? tr("No track has a gap between two equal labels.") : tr("%1 cells labelled between equal labels of their track").arg(*filled));
    });
    actions_->add(QStringLiteral("cells.evaluation"), tr("Evaluation of the probe…"), {}, tr("Confusion, scores of each class, calibration, and what the queue saves"), [this] { openEvaluation(); });
    actions_->add(QStringLiteral("cells.compare"), tr("Compare annotators…"), {}, tr("Kappa, who confuses what, and the cells they see differently"), [this] { compareAnnotators(); });
}

QString CellsPanel::suggestPath(const QString& suffix) const {
    return host_.project.folder() + QLatin1Char('/') + (name_.isEmpty() ? QStringLiteral("cells") : name_) + suffix;
}

void CellsPanel::importLabels(const QString& csv) {
    if (!data_) return;
    const auto imported = cells::importAnnotations(csv.toStdString(), *data_, host_.edits, dataset().toStdString());
    if (!imported) {
        complain(QString::fromStdString(imported.error().text()));
        return;
    }
    QString text = tr("%1 labels imported from %2").arg(imported->labels).arg(QFileInfo(csv).fileName());
    if (!imported->warnings.empty()) text += tr(". Note: %1").arg(QString::fromStdString(imported->warnings.front()));
    say(text);
}

void CellsPanel::exportAnnotations() {
    if (!data_) return;
    const QString folder = QFileDialog::getExistingDirectory(root_.get(), tr("Folder for the annotation tables"), host_.project.folder());
    if (folder.isEmpty()) return;
    const auto files = cells::exportAnnotations(folder.toStdString(), *data_, host_.edits.store(), dataset().toStdString());
    if (!files) {
        complain(QString::fromStdString(files.error().text()));
        return;
    }
    say(tr("%1 written to %2").arg(QString::fromStdString(files->front())).arg(folder));
}

void CellsPanel::exportTable() {
    if (!data_) return;
    const QString file = QFileDialog::getSaveFileName(root_.get(), tr("Export the table"), suggestPath(QStringLiteral(".h5ad")), tr("AnnData (*.h5ad)"));
    if (file.isEmpty()) return;
    const auto written = cells::exportTable(file.toStdString(), *data_, host_.edits.store(), dataset().toStdString(), *labels_, predictor_->predictions().get());
    if (written)
        say(tr("%1 written: %2 rows").arg(file).arg(data_->rows()));
    else
        complain(QString::fromStdString(written.error().text()));
}

void CellsPanel::exportMap() {
    const QString file = QFileDialog::getSaveFileName(root_.get(), tr("Save the map"), suggestPath(QStringLiteral("-map.png")), tr("Pictures (*.png *.svg)"));
    if (file.isEmpty()) return;
    const auto written = workspace_->exportMap(file, tr("%1 of %2").arg(workspace_->map(), QString::fromStdString(paths_.table)));
    if (!written) complain(QString::fromStdString(written.error().text()));
}

void CellsPanel::exportImage() {
    const QString file = QFileDialog::getSaveFileName(root_.get(), tr("Save the image"), suggestPath(QStringLiteral("-image.png")), tr("Pictures (*.png *.svg)"));
    if (file.isEmpty()) return;
    const auto written = workspace_->canvas().exportTo(file);
    if (!written) complain(QString::fromStdString(written.error().text()));
}

void CellsPanel::exportStrip() {
    const QString file = QFileDialog::getSaveFileName(root_.get(), tr("Save the film strip"), suggestPath(QStringLiteral("-strip.png")), tr("Pictures (*.png *.svg)"));
    if (file.isEmpty()) return;
    const auto written = workspace_->filmStrip().exportTo(file, QString::fromStdString(paths_.table));
    if (!written) complain(QString::fromStdString(written.error().text()));
}

void CellsPanel::evaluate() {
    if (!data_ || !labels_->schema() || paths_.table.empty()) return;
    evaluation_ = {};
    evaluationJob_ = host_.jobs.start(QStringLiteral("label.probe"),
                                      {{QStringLiteral("table"), QString::fromStdString(paths_.table)},
                                       {QStringLiteral("labels"), host_.project.labelsFile()},
                                       {QStringLiteral("column"), QString::fromStdString(labels_->schema()->name)},
                                       {QStringLiteral("groups"), QStringLiteral("track")}},
                                      tr("Evaluate %1").arg(QString::fromStdString(labels_->schema()->title)));
}

void CellsPanel::compareAnnotators() {
    if (!data_ || !labels_->schema()) return;
    if (!agreement_) {
        agreement_ = new AgreementView(host_.edits, root_.get());
        connect(agreement_, &AgreementView::chosen, this, [this](const LabelTarget& target) {
            if (const auto row = data_ ? data_->rowOfStored(target.entity, target.step) : std::nullopt) cursor_->goToRow(*row);
        });
    }
    agreement_->show();
    agreement_->raise();
    agreement_->compare(labels_->schema()->name, dataset().toStdString());
}

void CellsPanel::openEvaluation() {
    if (!data_ || !labels_->schema()) return;
    if (!evaluationView_) evaluationView_ = new EvaluationView(host_.jobs, root_.get());
    evaluationView_->setSubject(QString::fromStdString(paths_.table), host_.project.labelsFile(), QString::fromStdString(labels_->schema()->name), dataset());
    evaluationView_->show();
    evaluationView_->raise();
}

void CellsPanel::evaluated(const QString& id) {
    const JobView* job = host_.jobs.find(id);
    if (!job) return;
    if (job->state != JobView::State::Done) {
        evaluation_ = {{QStringLiteral("summary"), job->error}};
        say(job->error);
        return;
    }
    evaluation_ = job->result;
    const QJsonArray interval = job->result[QStringLiteral("balanced_accuracy_interval")].toArray();
    const QString summary = tr("Balanced accuracy on held-out tracks %1, 95 % interval %2 to %3")
                                .arg(job->result[QStringLiteral("balanced_accuracy")].toDouble(), 0, 'f', 3)
                                .arg(interval.at(0).toDouble(), 0, 'f', 3)
                                .arg(interval.at(1).toDouble(), 0, 'f', 3);
    evaluation_[QStringLiteral("summary")] = summary;
    say(summary);
}

}  // namespace driftscope::cells
