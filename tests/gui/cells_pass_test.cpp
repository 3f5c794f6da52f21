// A person's whole pass through the Cells panel with mouse and keyboard: open the demo, wait for its jobs, lasso, label,
// undo, see predictions change, export, reopen; exported files are compared with what was labelled.
#include <QAction>
#include <QApplication>
#include <QFileDialog>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include "app/gui/demo.h"
#include "app/gui/main_window.h"
#include "app/gui/plugin_host.h"
#include "app/gui/session.h"
#include "app/gui/settings.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "plugins/api/panel_plugin.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/space/embedding_view_2d.h"

using namespace driftscope;

namespace {

constexpr int kPreparationMs = 600'000;
const QString kBin = QStringLiteral(DRIFTSCOPE_BINARY_DIR "/bin/");

/// The window with everything it needs, as main() builds it.
struct Desk {
    explicit Desk(const QString& settingsFolder)
        : settings(settingsFolder), session(kBin + QStringLiteral("driftscope-run"), QStringLiteral("tester"), 256u << 20), host() {
        host.scan(QStringLiteral(DRIFTSCOPE_BINARY_DIR "/lib/plugins"));
        window = std::make_unique<MainWindow>(settings, host, session);
        window->resize(1400, 900);
        window->show();
    }
    Panel* panel() const { return window->panel(QStringLiteral("cells")); }
    QJsonObject state() const { return panel() ? panel()->saveState() : QJsonObject(); }
    int labelled() const { return state()[QStringLiteral("labelled")].toInt(); }
    bool ready() const { return state()[QStringLiteral("stage")].toString() == QLatin1String("ready"); }
    template <class W>
    W* find() const {
        return panel()->widget()->findChild<W*>();
    }

    Settings settings;
    Session session;
    PluginHost host;
    std::unique_ptr<MainWindow> window;
};

/// Types a path into the next file dialog and accepts it.
void answerFileDialog(const QString& path) {
    auto* timer = new QTimer(qApp);
    QObject::connect(timer, &QTimer::timeout, timer, [timer, path] {
        auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
        if (!dialog) return;
        timer->deleteLater();
        dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(path);
        QTest::keyClick(dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit")), Qt::Key_Return);
    });
    timer->start(100);
}

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

            // One cell by click and key; undo takes it back, redo brings it again.
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

    void exportAndCompare(Desk& desk, int labelled) {
        const QString csvFolder = folder_.filePath(QStringLiteral("csv"));
        QVERIFY(QDir().mkpath(csvFolder));
        answerFileDialog(csvFolder);
        action(desk, QStringLiteral("cells.export-annotations"))->trigger();
        const QStringList files = QDir(csvFolder).entryList({QStringLiteral("*.csv")});
        QCOMPARE(files.size(), 1);
        const auto csv = io::readCsv((csvFolder + QLatin1Char('/') + files.front()).toStdString());
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
