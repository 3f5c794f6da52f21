// A person's whole pass through the Cells panel with mouse and keyboard: open the demo, wait for its jobs, label nuclei
// one by one, lasso, label, undo, see predictions change, export, reopen; exported files are compared with what was
// labelled. The labels that the demo ships were made by labelNucleiOneByOne: DRIFTSCOPE_KEEP_LABELS=FILE keeps them.
#include <QAction>
#include <QApplication>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <map>

#include "app/gui/demo.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "tests/gui/desk.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/space/embedding_view_2d.h"

using namespace driftscope;
using namespace driftscope::test;

namespace {

/// Shift+drag around a rectangle, as a hand would draw it.
void lasso(QWidget& view, const QRect& around) {
    const std::vector<QPoint> corners{around.topLeft(), around.topRight(), around.bottomRight(), around.bottomLeft(), around.topLeft()};
    QTest::mousePress(&view, Qt::LeftButton, Qt::ShiftModifier, corners.front());
    for (std::size_t i = 1; i < corners.size(); ++i)
        for (int step = 1; step <= 10; ++step) {
            const QPoint at = corners[i - 1] + (corners[i] - corners[i - 1]) * step / 10;
            QMouseEvent move(QEvent::MouseMove, at, view.mapToGlobal(at), Qt::NoButton, Qt::LeftButton, Qt::ShiftModifier);
            QApplication::sendEvent(&view, &move);
        }
    QTest::mouseRelease(&view, Qt::LeftButton, Qt::ShiftModifier, corners.back());
}

std::size_t filledCells(const io::CsvTable& table, const char* column) {
    const std::size_t at = table.find(column).value();
    return static_cast<std::size_t>(std::ranges::count_if(table.rows, [&](const auto& row) { return !row[at].empty(); }));
}

}  // namespace

class CellsPassTest : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;

    void prepareDemo(Desk& desk) {
        auto demo = makeDemoProject(QStringLiteral(DRIFTSCOPE_SOURCE_DIR "/resources"), QStringLiteral("cells"), folder_.filePath(QStringLiteral("demo")));
        QVERIFY2(demo.has_value(), demo ? "" : demo.error().text().c_str());
        demo->request[QStringLiteral("train")] = QJsonObject{{QStringLiteral("epochs"), 3}};  // the full demo is run by app/run.sh
        QVERIFY(desk.window->openProject(demo->folder));
        Panel* panel = desk.window->openPanel(QStringLiteral("cells"));
        QVERIFY2(panel, "the Cells plugin was refused");
        QCOMPARE(desk.state()[QStringLiteral("stage")].toString(), QStringLiteral("empty"));
        const auto started = panel->restoreState(demo->request);
        QVERIFY2(started.has_value(), started ? "" : started.error().text().c_str());
        QTRY_VERIFY2_WITH_TIMEOUT(desk.ready() || !desk.state()[QStringLiteral("failure")].toString().isEmpty(), "the jobs did not finish", kPreparationMs);
        QVERIFY2(desk.ready(), qPrintable(desk.state()[QStringLiteral("failure")].toString()));
    }

    /// What somebody saw when looking at the nuclei: frame by frame, click the nucleus, press the key of its state. The
    /// export is what the demo ships; undo takes every label back.
    void labelNucleiOneByOne(Desk& desk) {
        const auto seen = io::readCsv(DRIFTSCOPE_TEST_DATA "/cells/mitocheck_seen.csv");
        QVERIFY(seen.has_value() && seen->rows.size() > 50);
        auto* canvas = desk.find<image::TimeLapseCanvas>();
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_Home);
        int labelled = 0;
        for (const auto& row : seen->rows) {
            const int frame = std::stoi(row[0]);
            // A label moves on to the next frame, which may be too far.
            while (canvas->frame() != frame) QTest::keyClick(canvas, canvas->frame() < frame ? Qt::Key_D : Qt::Key_A);
            QTRY_COMPARE_WITH_TIMEOUT(canvas->shownFrame(), frame, 10000);
            const QPoint at = canvas->view().toWidget({std::stod(row[2]) + 0.5, std::stod(row[1]) + 0.5}).toPoint();
            QVERIFY2(canvas->idAt(at) != 0, qPrintable(QStringLiteral("no nucleus at y %1, x %2 of frame %3").arg(row[1].c_str(), row[2].c_str()).arg(frame)));
            QTest::mouseClick(canvas, Qt::LeftButton, {}, at);
            QTest::qWait(10);  // the selection reaches all views in the next turn of the event loop
            QTest::keyClick(canvas, row[3] == "mitosis" ? Qt::Key_2 : Qt::Key_1);
            ++labelled;
            QTRY_COMPARE(desk.labelled(), labelled);
        }
        compareWithTheDemosLabels(desk);
        for (int i = 0; i < labelled; ++i) QTest::keyClick(desk.window.get(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(desk.labelled(), 0);
    }

    /// (track, frame) -> state of an annotation table.
    static std::map<std::pair<std::string, std::string>, std::string> states(const io::CsvTable& table) {
        const std::size_t track = table.find("track_id").value(), frame = table.find("t").value(), state = table.find("cell_division_state").value();
        std::map<std::pair<std::string, std::string>, std::string> found;
        for (const auto& row : table.rows)
            if (!row[state].empty()) found[{row[track], row[frame]}] = row[state];
        return found;
    }

    void compareWithTheDemosLabels(Desk& desk) {
        const QString exported = exportAnnotations(desk, QStringLiteral("nuclei"));
        if (QTest::currentTestFailed()) return;
        if (const QString keep = qEnvironmentVariable("DRIFTSCOPE_KEEP_LABELS"); !keep.isEmpty()) {
            QFile::remove(keep);
            QVERIFY(QFile::copy(exported, keep));
        }
        const auto ours = io::readCsv(exported.toStdString()), shipped = io::readCsv(DRIFTSCOPE_SOURCE_DIR "/resources/demo/cells/labels.csv");
        QVERIFY(ours.has_value() && shipped.has_value());
        QVERIFY2(states(*ours) == states(*shipped), "the demo's labels.csv is not what labelling its nuclei gives; see the top of this test");
    }

    /// Lassoes the left half of the map and labels it, then the right half with another class.
    void labelBothHalves(Desk& desk) {
        auto* map = desk.find<EmbeddingView2D>();
        QVERIFY(map && map->pointCount() > 400);
        QTRY_VERIFY_WITH_TIMEOUT(map->isComplete(), 10000);
        const QRect plot = map->plotRect().adjusted(2, 2, -2, -2);
        lasso(*map, QRect(plot.left(), plot.top(), plot.width() / 2, plot.height()));
        QTRY_VERIFY(map->selection().size() > 5);
        const auto left = static_cast<int>(map->selection().size());
        map->setFocus();
        QTest::keyClick(map, Qt::Key_1);
        QTRY_COMPARE(desk.labelled(), left);
        lasso(*map, QRect(plot.left() + plot.width() / 2 + 1, plot.top(), plot.width() / 2 - 1, plot.height()));
        QTRY_VERIFY(map->selection().size() > 5);
        const auto right = static_cast<int>(map->selection().size());
        QTest::keyClick(map, Qt::Key_2);
        QTRY_COMPARE(desk.labelled(), left + right);
    }

  private Q_SLOTS:
    void wholePass() {
        QVERIFY(folder_.isValid());
        int labelled = 0;
        {
            Desk desk(folder_.filePath(QStringLiteral("settings")));
            QVERIFY(QTest::qWaitForWindowExposed(desk.window.get()));
            desk.window->activateWindow();  // no window manager does it under Xvfb
            QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
            prepareDemo(desk);
            if (QTest::currentTestFailed()) return;
            labelNucleiOneByOne(desk);
            if (QTest::currentTestFailed()) return;

            // Many cells by lasso and key; undo takes them back, redo brings them again.
            auto* map = desk.find<EmbeddingView2D>();
            QTRY_VERIFY_WITH_TIMEOUT(map->isComplete(), 10000);
            labelBothHalves(desk);
            if (QTest::currentTestFailed()) return;
            QTRY_VERIFY_WITH_TIMEOUT(desk.state()[QStringLiteral("trained_on")].toInt() == desk.labelled(), 10000);
            const int before = desk.labelled();
            QTest::keyClick(desk.window.get(), Qt::Key_Z, Qt::ControlModifier);
            QTRY_VERIFY(desk.labelled() < before);
            QTRY_VERIFY_WITH_TIMEOUT(desk.state()[QStringLiteral("trained_on")].toInt() != before, 10000);
            QTest::keyClick(desk.window.get(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
            QTRY_COMPARE(desk.labelled(), before);

            // Frames by key: first and last can be reached.
            auto* canvas = desk.find<image::TimeLapseCanvas>();
            canvas->setFocus();
            QTest::keyClick(canvas, Qt::Key_End);
            QTRY_COMPARE(canvas->frame(), canvas->frameCount() - 1);
            QTest::keyClick(canvas, Qt::Key_Home);
            QTRY_COMPARE(canvas->frame(), 0);

            exportAndCompare(desk, before);
            labelled = before;
            desk.window->close();
        }
        Desk again(folder_.filePath(QStringLiteral("settings")));
        QVERIFY(again.window->openProject(folder_.filePath(QStringLiteral("demo"))));
        if (!again.panel()) again.window->openPanel(QStringLiteral("cells"));
        QTRY_VERIFY_WITH_TIMEOUT(again.ready(), 30000);
        QCOMPARE(again.labelled(), labelled);
        QVERIFY(again.window->edits()->canUndo());
    }

  private:
    QAction* action(Desk& desk, const QString& name) {
        for (QAction* candidate : desk.panel()->actions())
            if (candidate->objectName() == name) return candidate;
        return nullptr;
    }

    /// Exports the annotations into a folder of this name; returns the one file.
    QString exportAnnotations(Desk& desk, const QString& name) {
        const QString folder = folder_.filePath(name);
        QDir().mkpath(folder);
        answerFileDialog(folder);
        action(desk, QStringLiteral("cells.export-annotations"))->trigger();
        desk.window->activateWindow();  // the dialog took the keyboard
        if (!QTest::qWaitForWindowActive(desk.window.get())) QTest::qFail("the window did not become active again", __FILE__, __LINE__);
        const QStringList files = QDir(folder).entryList({QStringLiteral("*.csv")});
        if (files.size() != 1) QTest::qFail("the annotations were not exported to one file", __FILE__, __LINE__);
        return files.isEmpty() ? QString() : folder + QLatin1Char('/') + files.front();
    }

    void exportAndCompare(Desk& desk, int labelled) {
        const QString file = exportAnnotations(desk, QStringLiteral("csv"));
        if (QTest::currentTestFailed()) return;
        const auto csv = io::readCsv(file.toStdString());
        QVERIFY(csv.has_value());
        QCOMPARE(static_cast<int>(filledCells(*csv, "cell_division_state")), labelled);
        QVERIFY(csv->find("annotator") && csv->find("annotation_date") && csv->find("annotation_version"));

        const QString table = folder_.filePath(QStringLiteral("cells.h5ad"));
        answerFileDialog(table);
        action(desk, QStringLiteral("cells.export-table"))->trigger();
        const auto exported = io::readH5ad(table.toStdString());
        QVERIFY2(exported.has_value(), exported ? "" : exported.error().text().c_str());
        QCOMPARE(exported->rows(), csv->rows.size());
        const auto states = exported->texts("cell_division_state");
        QVERIFY(states.has_value());
        QCOMPARE(static_cast<int>(std::ranges::count_if(*states, [](const std::string& text) { return !text.empty(); })), labelled);
        QVERIFY(exported->matrix("predicted_cell_division_state_proba"));
    }
};

QTEST_MAIN(CellsPassTest)
#include "cells_pass_test.moc"
