#include <QApplication>
#include <QImage>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include "core/base/thread_team.h"
#include "tests/widgets/image/fake_time_lapse.h"
#include "widgets/image/frame_decoder.h"
#include "widgets/image/frame_loader.h"
#include "widgets/image/time_lapse_canvas.h"

using namespace driftscope;
using namespace driftscope::image;
using driftscope::testing::FakeTimeLapse;
using Ids = std::vector<std::uint32_t>;

namespace {

constexpr int kFrames = 25;

struct Stage {
    std::shared_ptr<FakeTimeLapse> images = std::make_shared<FakeTimeLapse>(kFrames, 2, 1, 40, 60);
    std::shared_ptr<FakeTimeLapse> masks = std::make_shared<FakeTimeLapse>(kFrames, 1, 1, 40, 60);
    TimeLapseCanvas canvas;

    Stage() {
        canvas.resize(640, 480);
        canvas.setSource(images);
        if (!canvas.setLabels(masks)) qFatal("labels refused");
        canvas.show();
        if (!QTest::qWaitForWindowExposed(&canvas)) qFatal("no window");
        canvas.setFocus();
        settle();
    }
    void settle() {
        if (!QTest::qWaitFor([this] { return canvas.shownFrame() == canvas.frame() && canvas.shown()->labels; }, 5000))
            qFatal("frame never came");
    }
    QPoint at(double x, double y) const { return canvas.view().toWidget({x, y}).toPoint(); }
};

void wheel(QWidget& widget, QPointF at, int delta) {
    QWheelEvent event(at, widget.mapToGlobal(at), {}, {0, delta}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QApplication::sendEvent(&widget, &event);
}

}  // namespace

class CanvasTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void emptyCanvasAnswersEverything() {
        TimeLapseCanvas canvas;
        canvas.resize(300, 200);
        canvas.show();
        QVERIFY(QTest::qWaitForWindowExposed(&canvas));
        for (const int key : {Qt::Key_D, Qt::Key_End, Qt::Key_Space, Qt::Key_F, Qt::Key_Plus})
            QTest::keyClick(&canvas, static_cast<Qt::Key>(key));
        QTest::mouseClick(&canvas, Qt::LeftButton);
        wheel(canvas, {10, 10}, 120);
        QCOMPARE(canvas.frame(), 0);
        QVERIFY(!canvas.isPlaying());
        QVERIFY(!canvas.exportTo(QStringLiteral("x.png")));
    }

    void masksOfAnotherSizeAreRefused() {
        Stage stage;
        const auto refused = stage.canvas.setLabels(std::make_shared<FakeTimeLapse>(kFrames, 1, 1, 41, 60));
        QVERIFY(!refused);
        QVERIFY(refused.error().message.find("60 x 41") != std::string::npos);
    }

    void everyPixelUnderTheCursorIsTheMasksId() {
        Stage stage;
        const io::LabelImage mask = *stage.masks->labels(0, 0, 0);
        wheel(stage.canvas, stage.at(20, 12), 240);
        QSignalSpy hovered(&stage.canvas, &TimeLapseCanvas::cellHovered);
        for (int y = stage.at(0, 7).y(); y < stage.at(0, 17).y(); y += 3)
            for (int x = stage.at(10, 0).x(); x < stage.at(30, 0).x(); ++x) {
                const QPointF pixel = stage.canvas.view().toImage(QPointF(x, y));
                const std::uint32_t expected = mask.at(static_cast<int>(pixel.y()), static_cast<int>(pixel.x()));
                QCOMPARE(stage.canvas.idAt(QPointF(x, y)), expected);
            }
        // Just left and right of the border between 3 and 70000.
        const double border = stage.canvas.view().toWidget({20, 12}).x();
        const int row = stage.at(20, 12).y();
        QTest::mouseMove(&stage.canvas, QPoint(static_cast<int>(std::ceil(border)) - 1, row));
        QTRY_COMPARE(stage.canvas.look().hovered, std::optional<std::uint32_t>(3));
        QTest::mouseMove(&stage.canvas, QPoint(static_cast<int>(std::ceil(border)), row));
        QTRY_COMPARE(stage.canvas.look().hovered, std::optional<std::uint32_t>(70000));
        QVERIFY(hovered.size() >= 2);
    }

    void clicksReportIdAndModifiers() {
        Stage stage;
        QSignalSpy clicked(&stage.canvas, &TimeLapseCanvas::cellClicked),
            background(&stage.canvas, &TimeLapseCanvas::backgroundClicked);
        QTest::mouseClick(&stage.canvas, Qt::LeftButton, {}, stage.at(25, 12));
        QTest::mouseClick(&stage.canvas, Qt::LeftButton, Qt::ControlModifier, stage.at(14, 12));
        QTest::mouseClick(&stage.canvas, Qt::LeftButton, {}, stage.at(50, 35));
        QCOMPARE(clicked.size(), 2);
        QCOMPARE(clicked[0][0].value<std::uint32_t>(), 70000U);
        QCOMPARE(clicked[1][0].value<std::uint32_t>(), 3U);
        QCOMPARE(clicked[1][1].value<Qt::KeyboardModifiers>(), Qt::KeyboardModifiers(Qt::ControlModifier));
        QCOMPARE(background.size(), 1);
    }

    void shiftDragSelectsAndControlAdds() {
        Stage stage;
        QSignalSpy selected(&stage.canvas, &TimeLapseCanvas::cellsSelected);
        const auto drag = [&](QList<QPointF> way, Qt::KeyboardModifiers modifiers) {
            QTest::mousePress(&stage.canvas, Qt::LeftButton, modifiers, stage.at(way.front().x(), way.front().y()));
            for (const QPointF& p : way) {
                QMouseEvent move(QEvent::MouseMove, stage.at(p.x(), p.y()),
                                 stage.canvas.mapToGlobal(QPointF(stage.at(p.x(), p.y()))), Qt::NoButton,
                                 Qt::LeftButton, modifiers);
                QApplication::sendEvent(&stage.canvas, &move);
            }
            QTest::mouseRelease(&stage.canvas, Qt::LeftButton, modifiers, stage.at(way.back().x(), way.back().y()));
        };
        drag({{11, 7}, {19, 7}, {19, 17}, {11, 17}}, Qt::ShiftModifier);
        QCOMPARE(selected.size(), 1);
        QCOMPARE(selected[0][0].value<Ids>(), (Ids{3}));
        stage.canvas.setSelected({3});
        drag({{1, 22}, {9, 30}}, Qt::ShiftModifier | Qt::AltModifier | Qt::ControlModifier);  // a box
        QCOMPARE(selected.size(), 2);
        QCOMPARE(selected[1][0].value<Ids>(), (Ids{3, 9}));
    }

    void wheelZoomsAboutTheCursorAndPixelsAreSquares() {
        Stage stage;
        const QPointF cursor = stage.at(20, 12);
        const QPointF before = stage.canvas.view().toImage(cursor);
        for (int i = 0; i < 6; ++i) wheel(stage.canvas, cursor, 120);
        const QPointF after = stage.canvas.view().toImage(cursor);
        QVERIFY((before - after).manhattanLength() < 1e-9);
        QVERIFY(stage.canvas.zoom() > 20);
        stage.canvas.setOutlinesVisible(false);
        stage.canvas.setTailLength(0);
        stage.canvas.setLegendsVisible(false);
        const QImage shot = stage.canvas.grab().toImage();
        const QPoint inside = stage.at(22.2, 14.2), same = stage.at(22.8, 14.8);  // of one pixel, no interpolation
        QCOMPARE(shot.pixel(inside), shot.pixel(same));
        QVERIFY(qGreen(shot.pixel(inside)) > 0);
        QTest::keyClick(&stage.canvas, Qt::Key_1, Qt::ControlModifier);
        QCOMPARE(stage.canvas.zoom(), 1 / stage.canvas.devicePixelRatioF());
        QTest::keyClick(&stage.canvas, Qt::Key_0, Qt::ControlModifier);
        QVERIFY(stage.canvas.zoom() > 9);
    }

    void keysReachEveryFrameAndStayInside() {
        Stage stage;
        QSignalSpy frames(&stage.canvas, &TimeLapseCanvas::frameChanged);
        for (int i = 0; i < kFrames + 5; ++i) QTest::keyClick(&stage.canvas, i % 2 ? Qt::Key_D : Qt::Key_Right);
        QCOMPARE(stage.canvas.frame(), kFrames - 1);
        QCOMPARE(frames.size(), kFrames - 1);
        for (int i = 0; i < frames.size(); ++i) QCOMPARE(frames[i][0].toInt(), i + 1);
        stage.settle();
        QCOMPARE(stage.canvas.shownFrame(), kFrames - 1);
        QTest::keyClick(&stage.canvas, Qt::Key_Home);
        QCOMPARE(stage.canvas.frame(), 0);
        QTest::keyClick(&stage.canvas, Qt::Key_End);
        QCOMPARE(stage.canvas.frame(), kFrames - 1);
        for (int i = 0; i < kFrames + 5; ++i) QTest::keyClick(&stage.canvas, i % 2 ? Qt::Key_A : Qt::Key_Left);
        QCOMPARE(stage.canvas.frame(), 0);
        stage.settle();
    }

    void heldKeyOverSlowDataEndsOnTheLastFrameInOrder() {
        Stage stage;
        stage.canvas.setCacheBudget(1);  // nothing stays decoded
        stage.images->delay = std::chrono::milliseconds(12);
        QSignalSpy shown(&stage.canvas, &TimeLapseCanvas::frameShown);
        for (int i = 0; i < kFrames + 3; ++i) {
            QKeyEvent press(QEvent::KeyPress, Qt::Key_D, Qt::NoModifier, QStringLiteral("d"), i > 0);
            QApplication::sendEvent(&stage.canvas, &press);
            QTest::qWait(4);
        }
        QTRY_COMPARE(stage.canvas.shownFrame(), kFrames - 1);
        for (int i = 1; i < shown.size(); ++i) QVERIFY(shown[i][0].toInt() > shown[i - 1][0].toInt());
    }

    void randomScrubbingNeverShowsFramesOutOfOrder() {
        Stage stage;
        stage.images->delay = std::chrono::milliseconds(1);
        std::srand(3);
        std::vector<int> asked;
        bool ordered = true;
        std::size_t reached = 0;
        const QObject context;
        connect(&stage.canvas, &TimeLapseCanvas::frameShown, &context, [&](int frame) {
            std::size_t next = reached;
            while (next < asked.size() && asked[next] != frame) ++next;
            ordered &= next < asked.size();
            reached = next;
        });
        asked.push_back(0);
        for (int i = 0; i < 3000; ++i) {
            const int frame = std::rand() % kFrames;
            if (frame != asked.back()) asked.push_back(frame);
            stage.canvas.setFrame(frame);
            if (i % 7 == 0) QCoreApplication::processEvents();
        }
        stage.settle();
        QVERIFY(ordered);
        QCOMPARE(stage.canvas.shownFrame(), asked.back());
    }

    void scrubbingNeverBlocksTheWindow() {
        Stage stage;
        stage.images->delay = std::chrono::milliseconds(200);
        stage.canvas.setCacheBudget(1);
        QElapsedTimer timer;
        timer.start();
        for (int i = 1; i < kFrames; ++i) stage.canvas.setFrame(i);
        QVERIFY2(timer.elapsed() < 100, "setFrame waited for decoding");
        QTest::qWait(250);
        QVERIFY(stage.canvas.shownFrame() >= 0);
    }

    void playStopsAtTheEndOrLoops() {
        Stage stage;
        stage.canvas.setFramesPerSecond(120);
        QSignalSpy shown(&stage.canvas, &TimeLapseCanvas::frameShown),
            playing(&stage.canvas, &TimeLapseCanvas::playingChanged);
        QTest::keyClick(&stage.canvas, Qt::Key_Space);
        QVERIFY(stage.canvas.isPlaying());
        QTRY_VERIFY_WITH_TIMEOUT(!stage.canvas.isPlaying(), 10000);
        QCOMPARE(stage.canvas.frame(), kFrames - 1);
        QCOMPARE(shown.size(), kFrames - 1);  // every frame was shown
        stage.canvas.setLooping(true);
        QTest::keyClick(&stage.canvas, Qt::Key_Space);  // at the end: from the start
        QTRY_VERIFY_WITH_TIMEOUT(shown.size() > 2 * kFrames, 10000);
        QVERIFY(stage.canvas.isPlaying());
        QTest::keyClick(&stage.canvas, Qt::Key_A);  // a person takes over
        QVERIFY(!stage.canvas.isPlaying());
        QCOMPARE(playing.size(), 4);
    }

    void followKeepsTheCellInTheMiddle() {
        Stage stage;
        QTest::mouseMove(&stage.canvas, stage.at(4, 26));
        QTRY_COMPARE(stage.canvas.look().hovered, std::optional<std::uint32_t>(9));
        QTest::keyClick(&stage.canvas, Qt::Key_F);
        QCOMPARE(stage.canvas.followed(), std::optional<std::uint32_t>(9));
        for (const int frame : {5, 12, 20}) {
            stage.canvas.setFrame(frame);
            stage.settle();
            const QPointF middle = stage.canvas.view().toImage(QPointF(320, 240));
            QVERIFY((middle - QPointF(4 + frame, 26)).manhattanLength() < 1e-6);
        }
        QTest::keyClick(&stage.canvas, Qt::Key_F);
        QVERIFY(!stage.canvas.followed());
    }

    void hoverFollowsTheFrameUnderAStillCursor() {
        Stage stage;
        QTest::mouseMove(&stage.canvas, stage.at(2.5, 26));
        QTRY_COMPARE(stage.canvas.look().hovered, std::optional<std::uint32_t>(9));
        stage.canvas.setFrame(10);  // the block has moved away
        QTRY_VERIFY(!stage.canvas.look().hovered);
    }

    void contrastChangesPixelsAndColorsChangeOutlines() {
        Stage stage;
        const QPoint pixel = stage.at(40.5, 30.5);
        const QRgb before = stage.canvas.grab().toImage().pixel(pixel);
        ChannelDisplay display = stage.canvas.channels()[0];
        display.high = 50;
        QSignalSpy shown(&stage.canvas, &TimeLapseCanvas::frameShown);
        const int reads = stage.images->reads;
        stage.canvas.setChannel(0, display);
        QTRY_VERIFY(!shown.isEmpty());
        const QRgb after = stage.canvas.grab().toImage().pixel(pixel);
        QVERIFY(qGreen(after) > qGreen(before) + 40);
        QCOMPARE(qRed(after), qRed(before));             // the other channel
        QVERIFY(stage.images->reads <= reads + 2 * 16);  // not decoded again, apart from frames ahead
        stage.canvas.setCellColors([](std::uint32_t id) { return id == 3 ? QColor(255, 0, 0) : QColor(0, 0, 255, 0); });
        const QImage shot = stage.canvas.grab().toImage();
        const QPoint edge = stage.canvas.view().toWidget({12, 12}).toPoint();
        bool red = false;
        for (int dx = -2; dx <= 2; ++dx) red |= qRed(shot.pixel(edge + QPoint(dx, 0))) > 150;
        QVERIFY(red);
        stage.canvas.resetChannel(0);
        QCOMPARE(stage.canvas.channels()[0].high, 200.0);
    }

    void damagedFramesSayWhyAndTheRestGoesOn() {
        Stage stage;
        stage.images->brokenFrame = 20;
        stage.canvas.setFrame(20);
        QTRY_COMPARE(stage.canvas.shownFrame(), 20);
        QVERIFY(stage.canvas.shown()->error.contains(QStringLiteral("chunk 7.0.0")));
        QVERIFY(stage.canvas.shown()->error.contains(QStringLiteral("Copy the file again")));
        stage.canvas.setFrame(21);
        QTRY_COMPARE(stage.canvas.shownFrame(), 21);
        QVERIFY(stage.canvas.shown()->error.isEmpty());
    }

    void slicesAndProjection() {
        auto images = std::make_shared<FakeTimeLapse>(3, 1, 4, 40, 60);
        TimeLapseCanvas canvas;
        canvas.resize(300, 200);
        canvas.setSource(images);
        QTRY_COMPARE(canvas.shownFrame(), 0);
        QCOMPARE(canvas.slice(), -1);
        QCOMPARE(canvas.shown()->planes[0]->at(0, 0), 30.0F);  // the maximum over four slices
        canvas.setSlice(1);
        QTRY_COMPARE(canvas.shown()->z, 1);
        QCOMPARE(canvas.shown()->planes[0]->at(0, 0), 10.0F);
        QTest::keyClick(&canvas, Qt::Key_Up);
        QCOMPARE(canvas.slice(), 2);
        canvas.setSlice(99);
        QCOMPARE(canvas.slice(), 3);
    }

    void missingContrastComesFromTheFirstFrame() {
        auto images = std::make_shared<FakeTimeLapse>(3, 1, 1, 40, 60);
        images->edit().channels[0].windowEnd = 0;
        TimeLapseCanvas canvas;
        canvas.setSource(images);
        QTRY_VERIFY(canvas.shownFrame() == 0 && canvas.channels()[0].high > 50);
        const double high = canvas.channels()[0].high;
        canvas.setFrame(2);
        QTRY_COMPARE(canvas.shownFrame(), 2);
        QCOMPARE(canvas.channels()[0].high, high);
    }

    void requestedFramesGetAllCoresAndFramesAheadWait() {
        const auto images = std::make_shared<FakeTimeLapse>(100, 6, 1, 20, 20);
        images->delay = std::chrono::milliseconds(20);
        FrameLoader loader;
        QSignalSpy loaded(&loader, &FrameLoader::loaded);
        loader.setSource(images, nullptr);
        loader.setDisplays(std::vector<ChannelDisplay>(6));
        std::uint64_t sequence = 0;
        loader.request(0, 0, 1, &sequence);
        QTRY_VERIFY_WITH_TIMEOUT(loader.readyFrames() >= 2, 5000);  // it decodes ahead now
        const std::size_t before = images->framesRead().size();
        images->mostAtOnce = 0;
        loader.request(50, 0, 1, &sequence);
        QTRY_COMPARE_WITH_TIMEOUT(loaded.size(), 2, 5000);
        const std::vector<std::int64_t> frames = images->framesRead();
        int others = 0;  // until the last channel of frame 50 was begun
        for (std::size_t i = before, ofFifty = 0; i < frames.size() && ofFifty < 6; ++i)
            frames[i] == 50 ? ofFifty += 1 : others += 1;
        QVERIFY2(others <= 1, "a frame ahead was read while someone waited");
        if (std::thread::hardware_concurrency() > 1) QVERIFY(images->mostAtOnce >= 2);
    }

    void aFrameComposedByATeamIsTheSame() {
        const auto shared = std::make_shared<FakeTimeLapse>(1, 3, 4, 90, 333);
        for (const std::size_t shown : {0U, 1U, 3U}) {
            FrameSource source{shared, shared, std::vector<ChannelDisplay>(3), 1};
            for (std::size_t c = 0; c < 3; ++c) source.displays[c] = {c < shown, QColor(90, 120, 200), 3, 400, 0.7};
            ThreadTeam one(1), two(2);
            const FramePtr alone = decode(source, 0, -1, one), together = decode(source, 0, -1, two),
                           ahead = decodeAhead(source, 0, -1, [] { return true; });
            for (const FramePtr& frame : {together, ahead}) {
                QCOMPARE(frame->picture, alone->picture);
                QCOMPARE(frame->planes[2]->pixels, alone->planes[2]->pixels);
                QCOMPARE(frame->labels->pixels, alone->labels->pixels);
            }
            QVERIFY(!decodeAhead(source, 0, -1, [] { return false; }));
        }
    }

    void cacheStaysInItsBudget() {
        FrameLoader loader;
        auto images = std::make_shared<FakeTimeLapse>(200, 1, 1, 100, 100);
        loader.setSource(images, nullptr);
        loader.setDisplays({{}});
        const std::size_t budget = 1000000;  // a dozen frames
        loader.setBudget(budget);
        std::uint64_t sequence = 0;
        for (int t = 0; t < 200; t += 3) {
            loader.request(t, 0, 1, &sequence);
            QTest::qWait(2);
            QVERIFY(loader.usedBytes() <= budget);
        }
        QVERIFY(loader.readyFrames() > 2);
        // Ahead of the last request frames are ready before anyone asks.
        QTRY_VERIFY(loader.request(195, 0, 1, &sequence) != nullptr);
        QTRY_VERIFY(loader.request(198, 0, 1, &sequence) != nullptr);
    }

    void unusedKeysGoToTheParent() {
        QWidget parent;
        TimeLapseCanvas canvas(&parent);
        for (const auto key : {Qt::Key_1, Qt::Key_U, Qt::Key_W, Qt::Key_Z}) {
            QKeyEvent event(QEvent::KeyPress, key, Qt::NoModifier);
            QApplication::sendEvent(&canvas, &event);
            QVERIFY(!event.isAccepted());
        }
    }

    void exportsWhatIsSeen() {
        Stage stage;
        QTemporaryDir folder;
        QVERIFY(stage.canvas.exportTo(folder.filePath(QStringLiteral("a.png"))).has_value());
        const QImage image(folder.filePath(QStringLiteral("a.png")));
        QCOMPARE(image.size(), QSize(1280, 960));
        QVERIFY(image.pixelColor(2 * stage.at(40, 30)) != canvasColor());
        QVERIFY(stage.canvas.exportTo(folder.filePath(QStringLiteral("a.svg"))).has_value());
        QVERIFY(!stage.canvas.exportTo(folder.filePath(QStringLiteral("a.doc"))).has_value());
    }
};

QTEST_MAIN(CanvasTest)
#include "canvas_test.moc"
