// A person labels from the queue, corrects tracks and masks with keys and mouse, takes corrections back, and compares two
// annotators. Embeddings are made up from where the nuclei lie: what is tested is the window, not an encoder.
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "core/cells/track_table.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "tests/gui/desk.h"
#include "widgets/image/crop_gallery.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/label/schema_bar.h"
#include "widgets/plot/line_plot.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/project.h"

using namespace driftscope;
using namespace driftscope::test;

namespace {

constexpr const char* kDivision = "cell_division_state";
const std::string kImages = DRIFTSCOPE_TEST_DATA "/cells/mitocheck.zarr";
const std::string kTracks = DRIFTSCOPE_TEST_DATA "/cells/mitocheck_tracks.zarr";

cells::TrackTable sourceTracks() {
    return cells::readTracks(cells::findTracksCsv(kTracks, "A/1/0").value(), "A/1/0").value();
}

/// Whom a label of this pretended annotator is for: the right half of the image divides.
bool isRight(double x) {
    return x > 85;
}

void writeTable(const std::string& file) {
    EmbeddingTable table = cells::toObs({sourceTracks()});
    const auto x = table.numbers("x").value(), y = table.numbers("y").value(), t = table.numbers("t").value();
    table.x = Matrix(table.rows(), 3);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        table.x(row, 0) = static_cast<float>(x[row]);
        table.x(row, 1) = static_cast<float>(y[row]);
        table.x(row, 2) = static_cast<float>(t[row]);
    }
    QVERIFY(table.setMatrix("X_pca", table.x).has_value());
    QVERIFY(io::writeH5ad(file, table).has_value());
}

}  // namespace

class CellsCorrectTest : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;

    QAction* action(Desk& desk, const char* name) {
        for (QAction* candidate : desk.panel()->actions())
            if (candidate->objectName() == QLatin1String(name)) return candidate;
        QTest::qFail(name, __FILE__, __LINE__);
        return nullptr;
    }
    int corrections(Desk& desk) { return desk.state()[QStringLiteral("corrections")].toInt(); }
    QString track(Desk& desk) { return desk.state()[QStringLiteral("view")].toObject()[QStringLiteral("track")].toString(); }
    int frame(Desk& desk) { return desk.state()[QStringLiteral("view")].toObject()[QStringLiteral("frame")].toInt(); }
    const LabelStore& store(Desk& desk) { return desk.window->edits()->store(); }
    std::vector<Label> labels(Desk& desk) { return store(desk).labels(kDivision).value(); }

    void goTo(Desk& desk, int wanted) {
        auto* canvas = desk.find<image::TimeLapseCanvas>();
        while (canvas->frame() != wanted) QTest::keyClick(canvas, canvas->frame() < wanted ? Qt::Key_D : Qt::Key_A);
        QTRY_COMPARE_WITH_TIMEOUT(canvas->shownFrame(), wanted, 10000);
    }
    QPoint placeOf(image::TimeLapseCanvas* canvas, const cells::Detection& cell) { return canvas->view().toWidget({cell.x + 0.5, cell.y + 0.5}).toPoint(); }

    /// For people: what the window looks like here, in the folder DRIFTSCOPE_KEEP_PICTURES.
    void keepPicture(QWidget& window, const char* name) {
        const QString keep = qEnvironmentVariable("DRIFTSCOPE_KEEP_PICTURES");
        if (keep.isEmpty()) return;
        QTest::qWait(300);  // plots draw and queues choose in their own time
        QVERIFY(window.grab().save(keep + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png")));
    }

    void open(Desk& desk) {
        QVERIFY(QTest::qWaitForWindowExposed(desk.window.get()));
        desk.window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
        const QString project = folder_.filePath(QStringLiteral("project"));
        if (!Project::isProject(project)) QVERIFY(Project::create(project, QStringLiteral("correct")).has_value());
        QVERIFY(desk.window->openProject(project));
        Panel* panel = desk.panel() ? desk.panel() : desk.window->openPanel(QStringLiteral("cells"));
        QVERIFY(panel);
        const std::string table = folder_.filePath(QStringLiteral("cells.h5ad")).toStdString();
        writeTable(table);
        if (!desk.ready()) {
            const auto restored = panel->restoreState({{QStringLiteral("images"), QString::fromStdString(kImages)},
                                                       {QStringLiteral("tracks"), QString::fromStdString(kTracks)},
                                                       {QStringLiteral("table"), QString::fromStdString(table)},
                                                       {QStringLiteral("name"), QStringLiteral("mitocheck")}});
            QVERIFY2(restored.has_value(), restored ? "" : restored.error().text().c_str());
        }
        QTRY_VERIFY_WITH_TIMEOUT(desk.ready(), 30000);
    }

    /// Presses Q, then the key of whatever the queue shows, 22 times.
    void labelFromTheQueue(Desk& desk) {
        auto* canvas = desk.find<image::TimeLapseCanvas>();
        auto* gallery = desk.find<image::CropGallery>();
        QVERIFY(canvas && gallery);
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_Q);
        QVERIFY(action(desk, "cells.queue")->isChecked());
        const auto source = sourceTracks();
        for (int i = 0; i < 22; ++i) {
            QTRY_VERIFY_WITH_TIMEOUT(!desk.state()[QStringLiteral("choosing")].toBool() && desk.state()[QStringLiteral("idle")].toBool(), 10000);
            const std::string entity = track(desk).toStdString();
            const auto cell = std::ranges::find_if(source.detections, [&](const cells::Detection& d) { return fmt::format("A/1/0#{}", d.trackId) == entity && d.t == frame(desk); });
            QVERIFY2(cell != source.detections.end(), entity.c_str());
            QTest::keyClick(canvas, isRight(cell->x) ? Qt::Key_2 : Qt::Key_1);
            QTRY_COMPARE(desk.labelled(), i + 1);
        }
        keepPicture(*desk.window, "queue");
        std::set<LabelTarget> cells;
        int audits = 0;
        for (const Label& label : labels(desk)) {
            cells.insert(label.target);
            audits += label.origin == "audit";
        }
        QCOMPARE(static_cast<int>(cells.size()), 22);
        QCOMPARE(audits, 2);  // every tenth
        QTest::keyClick(canvas, Qt::Key_Q);
    }

    /// Cuts a track at a labelled cell, takes it back, brings it again, and paints a new cell.
    void correct(Desk& desk) {
        auto* canvas = desk.find<image::TimeLapseCanvas>();
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_E);
        const auto source = sourceTracks();
        const auto cell = std::ranges::find_if(source.detections, [&](const cells::Detection& d) {
            const auto before = [&](const cells::Detection& e) { return e.trackId == d.trackId && e.t == d.t - 1; };
            return d.t == 6 && std::ranges::any_of(source.detections, before);
        });
        QVERIFY(cell != source.detections.end());
        goTo(desk, 6);
        QTest::mouseClick(canvas, Qt::LeftButton, {}, placeOf(canvas, *cell));
        const QString before = QStringLiteral("A/1/0#%1").arg(cell->trackId);
        QTRY_COMPARE(track(desk), before);
        QTest::keyClick(canvas, Qt::Key_2);  // a label on the cell itself, which must follow it
        QTest::qWait(20);
        const int labelled = desk.labelled();
        goTo(desk, 6);
        QTest::mouseClick(canvas, Qt::LeftButton, {}, placeOf(canvas, *cell));
        QTRY_COMPARE(track(desk), before);
        const double zoom = canvas->zoom();
        QTest::keyClick(canvas, Qt::Key_X);
        QTRY_COMPARE(corrections(desk), 1);
        QTRY_VERIFY(track(desk) != before);
        const QString after = track(desk);
        QCOMPARE(frame(desk), 6);
        QCOMPARE(canvas->zoom(), zoom);
        QCOMPARE(desk.labelled(), labelled);
        QTRY_VERIFY(canvas->idAt(placeOf(canvas, *cell)) == after.section(QLatin1Char('#'), 1).toUInt());
        QTest::keyClick(canvas, Qt::Key_Z, Qt::AltModifier);
        QTRY_COMPARE(corrections(desk), 0);
        QTRY_COMPARE(track(desk), before);
        QTest::keyClick(canvas, Qt::Key_Z, Qt::AltModifier | Qt::ShiftModifier);
        QTRY_COMPARE(corrections(desk), 1);
        QTRY_COMPARE(track(desk), after);
        // Joined again by hand: the same as before, as a second correction.
        goTo(desk, 5);
        const auto earlier = std::ranges::find_if(source.detections, [&](const cells::Detection& e) { return e.trackId == cell->trackId && e.t == 5; });
        QTRY_VERIFY(canvas->idAt(placeOf(canvas, *earlier)) != 0);
        QTest::mouseClick(canvas, Qt::LeftButton, {}, placeOf(canvas, *earlier));
        QTRY_COMPARE(track(desk), before);
        QTest::keyClick(canvas, Qt::Key_J);
        goTo(desk, 6);
        QTest::mouseClick(canvas, Qt::LeftButton, {}, placeOf(canvas, *cell));
        QTRY_COMPARE(corrections(desk), 2);
        QTRY_COMPARE(track(desk), before);
        keepPicture(*desk.window, "correct");
        paint(desk);
    }

    void paint(Desk& desk) {
        auto* canvas = desk.find<image::TimeLapseCanvas>();
        goTo(desk, 0);
        // Somewhere on the image where nobody is.
        QPoint empty;
        const auto free = [&](QPoint at) {
            for (int dy = -30; dy <= 30; dy += 6)
                for (int dx = -30; dx <= 30; dx += 6)
                    if (canvas->idAt(at + QPoint(dx, dy)) != 0) return false;
            return true;
        };
        for (int y = canvas->height() / 4; y < canvas->height() * 3 / 4 && empty.isNull(); y += 8)
            for (int x = canvas->width() / 4; x < canvas->width() * 3 / 4; x += 8)
                if (free({x, y})) {
                    empty = {x, y};
                    break;
                }
        QVERIFY(!empty.isNull());
        QTest::keyClick(canvas, Qt::Key_N);
        QTest::mousePress(canvas, Qt::LeftButton, {}, empty);
        QMouseEvent move(QEvent::MouseMove, empty + QPoint(6, 0), canvas->mapToGlobal(empty + QPoint(6, 0)), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(canvas, &move);
        QTest::mouseRelease(canvas, Qt::LeftButton, {}, empty + QPoint(6, 0));
        QTRY_COMPARE(corrections(desk), 3);
        QTRY_VERIFY_WITH_TIMEOUT(canvas->idAt(empty) != 0, 10000);
        keepPicture(*desk.window, "paint");
        QTest::keyClick(canvas, Qt::Key_N);  // leaves the brush
        QTest::mouseClick(canvas, Qt::LeftButton, {}, empty);
        QTRY_COMPARE(track(desk), QStringLiteral("A/1/0#%1").arg(canvas->idAt(empty)));
        QTest::keyClick(canvas, Qt::Key_Delete, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(corrections(desk), 4);
        QTRY_VERIFY_WITH_TIMEOUT(canvas->idAt(empty) == 0, 10000);
    }

    /// A second person labels some of the same cells, one differently; the comparison shows it and leads there.
    void compare(Desk& desk) {
        const std::vector<Label> first = labels(desk);
        desk.window->edits()->setAnnotator(QStringLiteral("second"));
        std::vector<LabelChange> changes;
        for (std::size_t i = 0; i < 10; ++i) changes.push_back({first[i].target, i == 4 ? (first[i].label == "mitosis" ? "interphase" : "mitosis") : first[i].label});
        QVERIFY(desk.window->edits()->apply(kDivision, changes).has_value());
        action(desk, "cells.compare")->trigger();
        auto* window = desk.panel()->widget()->findChild<QWidget*>(QStringLiteral("agreement"));
        QVERIFY(window && window->isVisible());
        auto* disputes = window->findChild<QTableWidget*>();
        QCOMPARE(disputes->rowCount(), 1);
        QVERIFY(window->findChild<QComboBox*>()->currentText().contains(QStringLiteral("on 10 cells")));
        keepPicture(*window, "agreement");
        QTest::mouseClick(disputes->viewport(), Qt::LeftButton, {}, disputes->visualItemRect(disputes->item(0, 0)).center());
        QTRY_COMPARE(frame(desk), static_cast<int>(first[4].target.step));
        // The second person agrees after all: the question is settled while the window is open.
        QVERIFY(desk.window->edits()->apply(kDivision, {{first[4].target, first[4].label}}).has_value());
        QTRY_COMPARE(disputes->rowCount(), 0);
        window->close();
        fillAndForbid(desk);
    }

    /// P fills a track between two equal labels; alive after dead is refused.
    void fillAndForbid(Desk& desk) {
        auto* canvas = desk.find<image::TimeLapseCanvas>();
        desk.window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
        canvas->setFocus();
        auto* schemas = desk.find<label::SchemaBar>()->findChild<QComboBox*>();
        const int death = schemas->findText(QStringLiteral("Cell death"));
        QVERIFY(death >= 0);
        schemas->setCurrentIndex(death);
        Q_EMIT schemas->activated(death);
        QTRY_COMPARE(desk.labelled(), 0);
        const auto source = sourceTracks();
        const auto cell = std::ranges::find_if(source.detections, [&](const cells::Detection& d) {
            return d.t == 10 && std::ranges::count_if(source.detections, [&](const cells::Detection& e) { return e.trackId == d.trackId && e.t > 10 && e.t <= 14; }) == 4;
        });
        QVERIFY(cell != source.detections.end());
        const auto press = [&](int at, Qt::Key key) {
            goTo(desk, at);
            const auto there = std::ranges::find_if(source.detections, [&](const cells::Detection& e) { return e.trackId == cell->trackId && e.t == at; });
            QTest::mouseClick(canvas, Qt::LeftButton, {}, placeOf(canvas, *there));
            QTest::qWait(20);
            QTest::keyClick(canvas, key);
            QTest::qWait(20);
        };
        press(10, Qt::Key_2);  // dead
        QTRY_COMPARE(desk.labelled(), 1);
        press(12, Qt::Key_1);  // alive again: refused
        QCOMPARE(desk.labelled(), 1);
        QVERIFY(desk.state()[QStringLiteral("failure")].toString().contains(QStringLiteral("cannot be dead")));
        press(13, Qt::Key_2);
        QTRY_COMPARE(desk.labelled(), 2);
        QTest::keyClick(canvas, Qt::Key_P);
        QTRY_COMPARE(desk.labelled(), 4);
        QTest::keyClick(canvas, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(desk.labelled(), 2);
        const int division = schemas->findText(QStringLiteral("Cell division"));
        schemas->setCurrentIndex(division);
        Q_EMIT schemas->activated(division);
    }

    void evaluate(Desk& desk) {
        action(desk, "cells.evaluation")->trigger();
        auto* window = desk.panel()->widget()->findChild<QWidget*>(QStringLiteral("evaluation"));
        QVERIFY(window && window->isVisible());
        const auto buttons = window->findChildren<QPushButton*>();
        for (QPushButton* button : buttons)
            if (button->text() == QLatin1String("Evaluate")) QTest::mouseClick(button, Qt::LeftButton);
        auto* classes = window->findChild<QTableWidget*>();
        QTRY_COMPARE_WITH_TIMEOUT(classes->rowCount(), 2, 60000);
        // How good a probe is after two dozen labels, some of them wrong on purpose, differs from pass to pass (F1 .4 to .7): that is
        // tested where labels are fixed. Here the table must speak of exactly the stored labels and agree with itself.
        const std::vector<Label> stored = labels(desk);
        for (int row = 0; row < 2; ++row) {
            const auto number = [&](int column) { return classes->item(row, column)->text().toDouble(); };
            const std::string name = classes->item(row, 0)->text().toStdString();
            QCOMPARE(static_cast<std::ptrdiff_t>(number(5)), std::ranges::count_if(stored, [&](const Label& one) { return one.label == name; }));
            QVERIFY2(number(1) > 0 && number(2) > 0, "held-out cells of each class are found");
            QVERIFY2(std::abs(number(3) - 2 * number(1) * number(2) / (number(1) + number(2))) < 0.002, qPrintable(classes->item(row, 3)->text()));
        }
        for (QPushButton* button : buttons)
            if (button->text() == QLatin1String("Learning curve")) QTest::mouseClick(button, Qt::LeftButton);
        auto* plot = window->findChild<plot::LinePlot*>();
        QTRY_COMPARE_WITH_TIMEOUT(plot->curves().size(), 2, 60000);
        keepPicture(*window, "evaluation");
        window->close();
    }

  private Q_SLOTS:
    void wholePass() {
        QVERIFY(folder_.isValid());
        {
            Desk desk(folder_.filePath(QStringLiteral("settings")));
            for (auto step : {&CellsCorrectTest::open, &CellsCorrectTest::labelFromTheQueue, &CellsCorrectTest::correct, &CellsCorrectTest::compare, &CellsCorrectTest::evaluate}) {
                (this->*step)(desk);
                if (QTest::currentTestFailed()) return;
            }
            desk.window->close();
        }
        // Corrections are there after a restart.
        Desk again(folder_.filePath(QStringLiteral("settings")));
        open(again);
        if (QTest::currentTestFailed()) return;
        QCOMPARE(corrections(again), 4);
    }
};

QTEST_MAIN(CellsCorrectTest)
#include "cells_correct_test.moc"
