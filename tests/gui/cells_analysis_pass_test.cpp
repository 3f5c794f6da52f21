// A person's pass through the Analysis place of the Cells panel: label a few cells by key, run displacement and clusters, colour
// the map by them, align tracks at an event, look at a family, export. DRIFTSCOPE_SHOTS=FOLDER keeps pictures of every
// step, in DRIFTSCOPE_SHOT_SIZE=small and DRIFTSCOPE_SHOT_THEME=dark when set.
#include <QApplication>
#include <QComboBox>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabBar>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "core/base/fingerprint.h"
#include "core/cells/track_table.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "plugins/cells/lineage_tree.h"
#include "plugins/cells/state_heat_map.h"
#include "tests/gui/desk.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/plot/line_plot.h"
#include "widgets/session/project.h"

using namespace driftscope;
using namespace driftscope::test;

namespace {

const QString kImages = QStringLiteral(DRIFTSCOPE_TEST_DATA "/cells/mitocheck.zarr");
const QString kTracks = QStringLiteral(DRIFTSCOPE_TEST_DATA "/cells/mitocheck_tracks.zarr");

/// An embedding of the mitocheck nuclei: each wanders from a place of its own, so that there are clusters and displacement.
Result<void> writeEmbedding(const std::string& file) {
    DS_ASSIGN(const auto csv, cells::findTracksCsv(kTracks.toStdString(), "A/1/0"));
    DS_ASSIGN(const cells::TrackTable tracks, cells::readTracks(csv, "A/1/0"));
    EmbeddingTable table = cells::toObs({tracks});
    table.x = Matrix(table.rows(), 6);
    Matrix map(table.rows(), 2);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const auto track = static_cast<std::uint64_t>(tracks.detections[row].trackId), t = static_cast<std::uint64_t>(tracks.detections[row].t);
        for (std::size_t c = 0; c < 6; ++c)
            table.x(row, c) = static_cast<float>((c < 3 ? 4.0 * static_cast<double>((track + c) % 3) : 0) + randomUnit(1, track, c) + 0.05 * std::sqrt(static_cast<double>(t)) * (randomUnit(2, track, 10 * t + c) - 0.3));
        for (std::size_t c = 0; c < 2; ++c) map(row, c) = table.x(row, c) + 0.2f * table.x(row, c + 3);
    }
    DS_TRY(table.setMatrix("X_umap", std::move(map)));
    return io::writeH5ad(file, table);
}

}  // namespace

class CellsAnalysisPassTest : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    std::unique_ptr<Desk> desk_;

    void shot(const char* name) {
        const QString folder = qEnvironmentVariable("DRIFTSCOPE_SHOTS");
        if (folder.isEmpty()) return;
        QTest::qWait(300);
        desk_->window->grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
    }
    QJsonObject analysis() const { return desk_->state()[QStringLiteral("analysis")].toObject(); }
    QPushButton* button(const QString& name) const { return desk_->panel()->widget()->findChild<QPushButton*>(name); }
    QAction* action(const QString& name) const {
        for (QAction* candidate : desk_->panel()->actions())
            if (candidate->objectName() == name) return candidate;
        return nullptr;
    }

    void openCells() {
        const QString project = folder_.filePath(QStringLiteral("project"));
        QVERIFY(Project::create(project, QStringLiteral("analysis")).has_value());
        const QString table = folder_.filePath(QStringLiteral("embeddings.h5ad"));
        QVERIFY(writeEmbedding(table.toStdString()).has_value());
        desk_ = std::make_unique<Desk>(folder_.filePath(QStringLiteral("settings")));
        if (qEnvironmentVariable("DRIFTSCOPE_SHOT_SIZE") == QLatin1String("small")) desk_->window->resize(1366, 768);
        if (const QString theme = qEnvironmentVariable("DRIFTSCOPE_SHOT_THEME"); !theme.isEmpty()) desk_->window->setTheme(theme);
        QVERIFY(QTest::qWaitForWindowExposed(desk_->window.get()));
        desk_->window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(desk_->window.get()));
        QVERIFY(desk_->window->openProject(project));
        QVERIFY(desk_->window->openPanel(QStringLiteral("cells")));
        QVERIFY(desk_->panel()->restoreState({{QStringLiteral("images"), kImages}, {QStringLiteral("tracks"), kTracks}, {QStringLiteral("table"), table}, {QStringLiteral("name"), QStringLiteral("mitocheck")}}).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(desk_->ready(), 60000);
    }

    /// Two frames of interphase and then a mitosis on three tracks, by keyboard alone.
    void labelThreeTracks() {
        auto* canvas = desk_->find<image::TimeLapseCanvas>();
        QVERIFY(canvas);
        canvas->setFocus();
        int labelled = 0;
        for (int track = 0; track < 3; ++track) {
            QTest::keyClick(canvas, Qt::Key_Home);
            QTest::keyClick(canvas, Qt::Key_S);
            for (int i = 0; i < 3; ++i) {
                QTest::keyClick(canvas, i < 2 ? Qt::Key_1 : Qt::Key_2);
                QTRY_COMPARE_WITH_TIMEOUT(desk_->labelled(), labelled + 1, 10000);
                ++labelled;
            }
        }
    }

    void choose(const QString& title) {
        auto* list = desk_->panel()->widget()->findChild<QListWidget*>(QStringLiteral("cells.analyses"));
        const auto found = list->findItems(title, Qt::MatchExactly);
        QCOMPARE(found.size(), 1);
        list->scrollToItem(found.front());
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(found.front()).center());
    }

    void runChosen() {
        QPushButton* run = button(QStringLiteral("cells.analysis-run"));
        QTRY_VERIFY_WITH_TIMEOUT(run->isEnabled(), 20000);
        const QString before = analysis()[QStringLiteral("shown")].toString();
        QTest::mouseClick(run, Qt::LeftButton);
        QTRY_VERIFY2_WITH_TIMEOUT(analysis()[QStringLiteral("shown")].toString() != before, qPrintable(desk_->state()[QStringLiteral("failure")].toString()), 120000);
    }

    void saveAs(const QString& file) {
        answerFileDialog(file);
        QTest::mouseClick(button(QStringLiteral("cells.analysis-save")), Qt::LeftButton);
        desk_->window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(desk_->window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(file).size() > 100, 5000);
    }

    void displacement() {
        choose(QStringLiteral("Displacement by lag"));
        runChosen();
        if (QTest::currentTestFailed()) return;
        auto* plot = desk_->find<plot::LinePlot>();
        QVERIFY(plot && !plot->isEmpty());
        QVERIFY(plot->curves().size() >= 2);  // measured and fitted
        QVERIFY(analysis()[QStringLiteral("summary")].toString().contains(QStringLiteral("exponent")));
        shot("msd");
        for (const char* suffix : {"png", "svg", "csv"}) saveAs(folder_.filePath(QStringLiteral("msd.") + QLatin1String(suffix)));
        if (QTest::currentTestFailed()) return;
        const auto csv = io::readCsv(folder_.filePath(QStringLiteral("msd.csv")).toStdString());
        QVERIFY(csv.has_value() && csv->rows.size() > 10);
    }

    void clusters() {
        choose(QStringLiteral("Clusters"));
        runChosen();
        if (QTest::currentTestFailed()) return;
        shot("clusters");
        QVERIFY(analysis()[QStringLiteral("summary")].toString().contains(QStringLiteral("cluster")));
        QTest::mouseClick(button(QStringLiteral("cells.analysis-map")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(desk_->ready() && desk_->state()[QStringLiteral("view")][QStringLiteral("colour")].toString() == QLatin1String("column:leiden"), 30000);
        QVERIFY(desk_->find<image::TimeLapseCanvas>());  // back among the cells
        QCOMPARE(desk_->labelled(), 9);                  // labels belong to the cells, not to the table
        shot("clusters-map");
    }

    void alignment() {
        action(QStringLiteral("cells.analysis"))->trigger();
        choose(QStringLiteral("Align at an event"));
        QComboBox* method = nullptr;
        for (QComboBox* box : desk_->panel()->widget()->findChildren<QComboBox*>())
            if (box->accessibleName() == QLatin1String("method") && box->isVisible()) method = box;
        QVERIFY(method);
        method->setFocus();
        while (method->currentText() != QLatin1String("event") && method->currentIndex() + 1 < method->count()) QTest::keyClick(method, Qt::Key_Down);
        QCOMPARE(method->currentText(), QStringLiteral("event"));
        runChosen();
        if (QTest::currentTestFailed()) return;
        auto* heat = desk_->find<cells::StateHeatMap>();
        QVERIFY(heat && !heat->isEmpty());
        shot("align");
        // A click on a line of the heat map takes the cursor to its track.
        QSignalSpy clicked(heat, &cells::StateHeatMap::cellClicked);
        QTest::mouseClick(heat, Qt::LeftButton, {}, heat->cellRect(1, 3).center().toPoint());
        QCOMPARE(clicked.size(), 1);
        QTRY_COMPARE(desk_->state()[QStringLiteral("view")][QStringLiteral("track")].toString(), clicked[0][0].toString());
        for (const char* suffix : {"png", "svg", "csv"}) saveAs(folder_.filePath(QStringLiteral("states.") + QLatin1String(suffix)));
        if (QTest::currentTestFailed()) return;
        const auto csv = io::readCsv(folder_.filePath(QStringLiteral("states.csv")).toStdString());
        QVERIFY(csv.has_value());
        const auto zero = csv->find("0");
        QVERIFY(zero.has_value());
        int events = 0;
        for (const auto& row : csv->rows) events += row[*zero] == "mitosis";
        QVERIFY2(events >= 3, "every labelled track has its mitosis at time 0");
    }

    /// Chooses an entry of a form's list.
    void set(const QString& parameter, const QString& value) {
        for (QComboBox* box : desk_->panel()->widget()->findChildren<QComboBox*>()) {
            if (box->accessibleName() != parameter || !box->isVisible()) continue;
            QVERIFY2(box->findText(value) >= 0, qPrintable(parameter + QStringLiteral(" cannot be ") + value));
            box->setFocus();
            QTest::keyClick(box, Qt::Key_Home);
            while (box->currentText() != value && box->currentIndex() + 1 < box->count()) QTest::keyClick(box, Qt::Key_Down);
            return;
        }
        QFAIL(qPrintable(QStringLiteral("there is no list ") + parameter));
    }

    /// Every other analysis runs with its defaults, or with the choices named here, and shows something.
    void theRest() {
        const std::vector<std::pair<QString, std::vector<std::pair<QString, QString>>>> runs{
            {QStringLiteral("Another map"), {{QStringLiteral("method"), QStringLiteral("phate")}}},
            {QStringLiteral("Smoothness"), {}},
            {QStringLiteral("Neighbour ranks"), {}},
            {QStringLiteral("Response over time"), {{QStringLiteral("signal"), QStringLiteral("state")}}},
            {QStringLiteral("Compare groups (MMD)"), {{QStringLiteral("group"), QStringLiteral("leiden")}}},
            {QStringLiteral("Measured features"), {}},
            {QStringLiteral("Stitch broken tracks"), {}}};
        for (const auto& [title, choices] : runs) {
            choose(title);
            QTRY_VERIFY_WITH_TIMEOUT(button(QStringLiteral("cells.analysis-run"))->isEnabled(), 20000);
            for (const auto& [parameter, value] : choices) set(parameter, value);
            if (QTest::currentTestFailed()) return;
            runChosen();
            if (QTest::currentTestFailed()) return;
            shot(qPrintable(title.section(QLatin1Char(' '), 0, 0).toLower()));
            QVERIFY2(!analysis()[QStringLiteral("summary")].toString().isEmpty(), qPrintable(title));
            QVERIFY2(button(QStringLiteral("cells.analysis-save"))->isEnabled(), qPrintable(title));
        }
    }

    void family() {
        choose(QStringLiteral("Lineage tree"));
        auto* tree = desk_->find<cells::LineageTree>();
        QVERIFY(tree && !tree->isEmpty());
        shot("lineage");
        QTest::mouseClick(tree, Qt::LeftButton, {}, tree->cellRect(0, 2).center().toPoint());
        QTRY_COMPARE(desk_->state()[QStringLiteral("view")][QStringLiteral("frame")].toInteger(), static_cast<qint64>(tree->branches()[0].cells[2].frame));
        saveAs(folder_.filePath(QStringLiteral("family.svg")));
    }

  private Q_SLOTS:
    void wholePass() {
        openCells();
        if (QTest::currentTestFailed()) return;
        labelThreeTracks();
        if (QTest::currentTestFailed()) return;
        QTest::keyClick(desk_->window.get(), Qt::Key_L, Qt::ControlModifier);
        QTRY_VERIFY(button(QStringLiteral("cells.analysis-run"))->isVisible());
        displacement();
        if (!QTest::currentTestFailed()) clusters();
        if (!QTest::currentTestFailed()) alignment();
        if (!QTest::currentTestFailed()) theRest();
        if (!QTest::currentTestFailed()) family();
        if (QTest::currentTestFailed()) return;
        // What was set and found is there again after a restart of the panel.
        const QJsonObject saved = desk_->state();
        QVERIFY(desk_->panel()->restoreState(saved).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(desk_->ready(), 30000);
        QCOMPARE(analysis()[QStringLiteral("kind")].toString(), saved[QStringLiteral("analysis")][QStringLiteral("kind")].toString());
        desk_->window->close();
    }
};

QTEST_MAIN(CellsAnalysisPassTest)
#include "cells_analysis_pass_test.moc"
