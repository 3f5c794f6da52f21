#include <QApplication>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <QWheelEvent>

#include "widgets/image/crop_gallery.h"
#include "widgets/image/film_strip.h"

using namespace driftscope::image;

namespace {

/// Every crop has its own colour, so that a picture tells which crop stands where.
QRgb colorOf(int index) {
    return qRgb(40 + index * 7 % 200, 40 + index * 13 % 200, 40 + index * 29 % 200);
}

QImage crop(int index) {
    QImage image(16, 16, QImage::Format_RGB32);
    image.fill(colorOf(index));
    return image;
}

std::vector<CropItem> items(int count, int gapAt = -1) {
    std::vector<CropItem> all;
    for (int i = 0; i < count; ++i) {
        CropItem item{QStringLiteral("crop %1").arg(i), i % 3 ? QColor() : QColor(0xE6, 0x9F, 0x00), i % 2 == 0};
        item.frame = 100 + i + (gapAt >= 0 && i >= gapAt ? 10 : 0);
        item.toolTip = item.caption;
        all.push_back(item);
    }
    return all;
}

QRgb middle(QWidget& viewport, const QRectF& rect) {
    return viewport.grab().toImage().pixel(rect.center().x(), rect.top() + 30);
}

bool exposed(QWidget& widget) {
    widget.show();
    return QTest::qWaitForWindowExposed(&widget);
}

}  // namespace

class StripsTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void stripCentresTheCurrentFrameAndMakesOnlyWhatIsSeen() {
        FilmStrip strip;
        strip.resize(800, strip.sizeHint().height());
        strip.setItems(items(5000), crop);
        QVERIFY(exposed(strip));
        strip.setFrame(100 + 2500);
        QCOMPARE(strip.currentIndex(), std::optional(2500));
        QVERIFY(std::abs(strip.itemRect(2500).center().x() - strip.viewport()->width() / 2.0) <= 1);
        QTRY_COMPARE(middle(*strip.viewport(), strip.itemRect(2500)), colorOf(2500));
        QTRY_COMPARE(middle(*strip.viewport(), strip.itemRect(2497)), colorOf(2497));
        QTest::qWait(50);
        QVERIFY2(strip.madeCrops() < 60, qPrintable(QString::number(strip.madeCrops())));
    }

    void stripFindsFramesAcrossGaps() {
        FilmStrip strip;
        strip.setItems(items(20, 10), crop);
        strip.setFrame(109);
        QCOMPARE(strip.currentIndex(), std::optional(9));
        strip.setFrame(115);  // in the gap: the last one before it
        QCOMPARE(strip.currentIndex(), std::optional(9));
        strip.setFrame(120);
        QCOMPARE(strip.currentIndex(), std::optional(10));
        strip.setFrame(5);
        QCOMPARE(strip.currentIndex(), std::optional(0));
        strip.setFrame(9999);
        QCOMPARE(strip.currentIndex(), std::optional(19));
    }

    void stripGoesByClickDragWheelAndKeys() {
        FilmStrip strip;
        strip.resize(800, strip.sizeHint().height());
        strip.setItems(items(30), crop);
        QVERIFY(exposed(strip));
        strip.setFrame(110);
        QSignalSpy chosen(&strip, &FilmStrip::frameChosen);
        QTest::mouseClick(strip.viewport(), Qt::LeftButton, {}, strip.itemRect(12).center().toPoint());
        QCOMPARE(chosen.last()[0].toInt(), 112);
        QTest::mousePress(strip.viewport(), Qt::LeftButton, {}, strip.itemRect(12).center().toPoint());
        const QPointF to = strip.itemRect(13).center();
        QMouseEvent drag(QEvent::MouseMove, to, strip.viewport()->mapToGlobal(to), Qt::NoButton, Qt::LeftButton,
                         Qt::NoModifier);
        QApplication::sendEvent(strip.viewport(), &drag);
        QCOMPARE(chosen.last()[0].toInt(), 113);
        QWheelEvent wheel(QPointF(10, 10), strip.mapToGlobal(QPointF(10, 10)), {}, {0, -120}, Qt::NoButton,
                          Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(strip.viewport(), &wheel);
        QCOMPARE(chosen.last()[0].toInt(), 114);
        for (int i = 0; i < 40; ++i) QTest::keyClick(&strip, Qt::Key_D);
        QCOMPARE(chosen.last()[0].toInt(), 129);
        QTest::keyClick(&strip, Qt::Key_Home);
        QCOMPARE(chosen.last()[0].toInt(), 100);
        const int before = static_cast<int>(chosen.size());
        strip.setFrame(105);  // told by others: not said again
        QCOMPARE(chosen.size(), before);
        QKeyEvent label(QEvent::KeyPress, Qt::Key_2, Qt::NoModifier);
        QApplication::sendEvent(&strip, &label);
        QVERIFY(!label.isAccepted());
    }

    void newStatesKeepTheCrops() {
        FilmStrip strip;
        strip.resize(600, strip.sizeHint().height());
        strip.setItems(items(12), crop);
        QVERIFY(exposed(strip));
        QTRY_VERIFY(strip.madeCrops() > 3);
        QTest::qWait(50);
        const int made = strip.madeCrops();
        auto labelled = items(12);
        labelled[0].color = Qt::red;
        labelled[0].predicted = false;
        strip.updateItems(labelled);
        const QRectF rect = strip.itemRect(0);
        const QImage shot = strip.viewport()->grab().toImage();
        QCOMPARE(shot.pixelColor(static_cast<int>(rect.center().x()), 4 + 72 + 5), QColor(Qt::red));
        QCOMPARE(strip.madeCrops(), made);
    }

    void slowCropsNeverBlockAndNewestComeFirst() {
        FilmStrip strip;
        strip.resize(800, strip.sizeHint().height());
        QVERIFY(exposed(strip));
        QElapsedTimer timer;
        timer.start();
        strip.setItems(items(1000), [](int index) {
            QThread::msleep(20);
            return crop(index);
        });
        for (int i = 0; i < 900; i += 100) {
            strip.setFrame(100 + i);
            strip.repaint();
        }
        QVERIFY2(timer.elapsed() < 300, "painting waited for crops");
        QTRY_COMPARE_WITH_TIMEOUT(middle(*strip.viewport(), strip.itemRect(800)), colorOf(800), 400);
    }

    void stripIsWrittenWhole() {
        FilmStrip strip;
        strip.resize(300, strip.sizeHint().height());
        strip.setItems(items(40), crop);
        const QTemporaryDir folder;
        const QString png = folder.filePath(QStringLiteral("strip.png"));
        QVERIFY(strip.exportTo(png, QStringLiteral("plate.zarr")).has_value());
        const QImage picture(png);
        QCOMPARE(picture.width(), 2 * 40 * (72 + 4));  // also the crops that were never in sight
        QCOMPARE(picture.text(QStringLiteral("Source")), QStringLiteral("plate.zarr"));
        QCOMPARE(picture.pixelColor(2 * (39 * 76 + 38), 2 * 40), colorOf(39));
        QVERIFY(strip.exportTo(folder.filePath(QStringLiteral("strip.svg")), {}).has_value());
        const auto refused = strip.exportTo(folder.filePath(QStringLiteral("strip.gif")), {});
        QVERIFY(!refused && refused.error().text().find("strip.gif") != std::string::npos);
        QVERIFY(!FilmStrip().exportTo(png, {}));
    }

    void galleryIsVirtual() {
        CropGallery gallery;
        gallery.resize(500, 400);
        gallery.setItems(items(100000), crop);
        QVERIFY(exposed(gallery));
        QTRY_VERIFY(gallery.madeCrops() > 10);
        QTest::qWait(80);
        QVERIFY(gallery.madeCrops() < 60);
        gallery.verticalScrollBar()->setValue(gallery.verticalScrollBar()->maximum());
        QVERIFY(gallery.viewport()->rect().contains(gallery.itemRect(99999)));
        const auto at = [&] {
            return gallery.viewport()->grab().toImage().pixel(gallery.itemRect(99999).left() + 40,
                                                              gallery.itemRect(99999).top() + 40);
        };
        QTRY_COMPARE(at(), colorOf(99999));
    }

    void gallerySelectsManyWaysAndAccepts() {
        CropGallery gallery;
        gallery.resize(500, 400);
        gallery.setItems(items(40), crop);
        QVERIFY(exposed(gallery));
        QSignalSpy changed(&gallery, &CropGallery::selectionChanged), accepted(&gallery, &CropGallery::accepted);
        const auto click = [&](int index, Qt::KeyboardModifiers modifiers = {}) {
            QTest::mouseClick(gallery.viewport(), Qt::LeftButton, modifiers, gallery.itemRect(index).center());
        };
        click(3);
        QCOMPARE(gallery.selected(), (std::vector<int>{3}));
        click(6, Qt::ShiftModifier);
        QCOMPARE(gallery.selected(), (std::vector<int>{3, 4, 5, 6}));
        click(5, Qt::ControlModifier);
        click(9, Qt::ControlModifier);
        QCOMPARE(gallery.selected(), (std::vector<int>{3, 4, 6, 9}));
        QTest::keyClick(&gallery, Qt::Key_Return);
        QCOMPARE(accepted.size(), 1);
        QCOMPARE(accepted[0][0].value<std::vector<int>>(), (std::vector<int>{3, 4, 6, 9}));
        click(0);
        QTest::keyClick(&gallery, Qt::Key_Right);
        QTest::keyClick(&gallery, Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(gallery.selected(), (std::vector<int>{1, 2}));
        QTest::keyClick(&gallery, Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(gallery.selected().size(), std::size_t{40});
        QTest::keyClick(&gallery, Qt::Key_End);
        QCOMPARE(gallery.currentIndex(), std::optional(39));
        QVERIFY(gallery.viewport()->rect().contains(gallery.itemRect(39)));
        QVERIFY(changed.size() >= 6);
        for (const auto key : {Qt::Key_1, Qt::Key_U}) {
            QKeyEvent event(QEvent::KeyPress, key, Qt::NoModifier);
            QApplication::sendEvent(&gallery, &event);
            QVERIFY(!event.isAccepted());
        }
    }

    void galleryReportsHover() {
        CropGallery gallery;
        gallery.resize(400, 300);
        gallery.setItems(items(5), crop);
        QVERIFY(exposed(gallery));
        QSignalSpy hovered(&gallery, &CropGallery::hovered);
        QTest::mouseMove(gallery.viewport(), gallery.itemRect(1).center());
        QTRY_VERIFY(!hovered.isEmpty());
        QCOMPARE(hovered.last()[0].value<std::optional<int>>(), std::optional(1));
        QTest::mouseMove(gallery.viewport(), QPoint(200, 280));
        QTRY_COMPARE(hovered.last()[0].value<std::optional<int>>(), std::optional<int>());
    }

    void emptyOnesAnswerKeys() {
        FilmStrip strip;
        CropGallery gallery;
        for (QWidget* widget : std::initializer_list<QWidget*>{&strip, &gallery}) {
            QVERIFY(exposed(*widget));
            for (const auto key : {Qt::Key_D, Qt::Key_End, Qt::Key_Right, Qt::Key_Return}) QTest::keyClick(widget, key);
            widget->grab();
        }
        QVERIFY(!strip.currentIndex() && !gallery.currentIndex());
    }
};

QTEST_MAIN(StripsTest)
#include "strips_test.moc"
