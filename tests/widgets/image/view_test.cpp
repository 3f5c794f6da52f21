#include <QApplication>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QSignalSpy>
#include <QSlider>
#include <QStyleFactory>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>
#include <map>

#include "core/io/csv.h"
#include "core/io/time_lapse.h"
#include "tests/widgets/image/fake_time_lapse.h"
#include "widgets/image/channel_controls.h"
#include "widgets/image/contrast_range.h"
#include "widgets/image/crop_gallery.h"
#include "widgets/image/film_strip.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/image/time_lapse_view.h"
#include "widgets/style/palette.h"

using namespace driftscope;
using namespace driftscope::image;

namespace {

std::filesystem::path data(const char* name) {
    return std::filesystem::path(DRIFTSCOPE_TEST_DATA) / "cells" / name;
}

void keep(QWidget& widget, const char* name) {
    if (const QString folder = qEnvironmentVariable("DRIFTSCOPE_SCREENSHOTS"); !folder.isEmpty())
        QVERIFY(widget.grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png")));
}

QPalette darkPalette() {
    QPalette dark(QColor(0x2c, 0x2e, 0x32), QColor(0x24, 0x25, 0x28));
    dark.setColor(QPalette::Base, QColor(0x1c, 0x1d, 0x20));
    dark.setColor(QPalette::Text, QColor(0xe6, 0xe6, 0xe6));
    dark.setColor(QPalette::WindowText, QColor(0xe6, 0xe6, 0xe6));
    dark.setColor(QPalette::Highlight, QColor(0x3d, 0x8e, 0xd0));
    return dark;
}

std::vector<Trajectory> readTrajectories(const std::filesystem::path& csv) {
    const auto table = io::readCsv(csv);
    if (!table) qFatal("%s", table.error().text().c_str());
    std::map<std::uint32_t, Trajectory> byId;
    const auto column = [&](const char* name) { return *table->find(name); };
    for (const auto& row : table->rows) {
        const auto id = static_cast<std::uint32_t>(std::stoul(row[column("track_id")]));
        Trajectory& track = byId[id];
        track.id = id;
        track.parent = static_cast<std::uint32_t>(std::max(0, std::stoi(row[column("parent_track_id")])));
        track.frames.push_back(std::stoi(row[column("t")]));
        track.points.emplace_back(std::stod(row[column("x")]), std::stod(row[column("y")]));
    }
    std::vector<Trajectory> tracks;
    for (auto& [id, track] : byId) tracks.push_back(std::move(track));
    return tracks;
}

QImage cropOf(const io::TimeLapse& images, int t, QPointF centre, int size) {
    const auto plane = images.plane(t, 0, 0);
    QImage image(size, size, QImage::Format_RGB32);
    image.fill(Qt::black);
    for (int y = 0; plane && y < size; ++y)
        for (int x = 0; x < size; ++x) {
            const int py = static_cast<int>(centre.y()) - size / 2 + y,
                      px = static_cast<int>(centre.x()) - size / 2 + x;
            const int v =
                plane->contains(py, px) ? std::clamp(static_cast<int>((plane->at(py, px) - 2) * 255 / 83), 0, 255) : 0;
            image.setPixel(x, y, qRgb(v, v, v));
        }
    return image;
}

/// Real cells, as a panel would wire them.
struct Stage {
    QWidget window;
    TimeLapseView* view = new TimeLapseView(&window);
    FilmStrip* strip = new FilmStrip(&window);
    CropGallery* gallery = new CropGallery(&window);
    std::shared_ptr<const io::TimeLapse> images, masks;
    std::vector<Trajectory> tracks;

    Stage() {
        images = *io::openTimeLapse(data("mitocheck.zarr"));
        masks = *io::openTimeLapse(data("mitocheck_tracks.zarr"));
        for (const auto& entry : std::filesystem::directory_iterator(data("mitocheck_tracks.zarr/A/1/0")))
            if (entry.path().extension() == ".csv") tracks = readTrajectories(entry.path());
        auto* column = new QVBoxLayout(&window);
        column->setContentsMargins(0, 0, 0, 0);
        column->addWidget(view, 1);
        column->addWidget(strip);
        column->addWidget(gallery);
        gallery->setFixedHeight(230);
        auto* canvas = view->canvas();
        canvas->setSource(images);
        if (!canvas->setLabels(masks)) qFatal("masks refused");
        canvas->setTails(tracks);
        canvas->setCellColors([](std::uint32_t id) { return style::okabeIto()[id % 7]; });
        canvas->setCellTexts(
            [](std::uint32_t id) { return id % 2 ? QStringLiteral("mitosis") : QStringLiteral("interphase .97"); });
        showTrack(1);
        window.resize(1000, 900);
        window.show();
        if (!QTest::qWaitForWindowExposed(&window)) qFatal("no window");
    }

    void showTrack(std::size_t index) {
        const Trajectory& track = tracks.at(index);
        std::vector<CropItem> film, grid;
        for (std::size_t i = 0; i < track.frames.size(); ++i) {
            CropItem item{QString::number(track.frames[i]), style::okabeIto()[i < 8 ? 0 : i < 11 ? 1 : 2], i > 10};
            item.frame = track.frames[i];
            film.push_back(item);
            item.caption = QStringLiteral("mitosis %1").arg(1 - 0.013 * static_cast<double>(i), 0, 'f', 2);
            grid.push_back(item);
        }
        const auto source = [images = images, track](int i) {
            return cropOf(*images, track.frames[static_cast<std::size_t>(i)], track.points[static_cast<std::size_t>(i)],
                          32);
        };
        strip->setItems(film, source);
        gallery->setItems(grid, source);
        view->canvas()->setSelected({track.id});
    }
};

}  // namespace

class ViewTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void realCellsUnderTheCursorAreTheMasksIds() {
        Stage stage;
        auto* canvas = stage.view->canvas();
        canvas->setFrame(14);
        QTRY_VERIFY(canvas->shownFrame() == 14 && canvas->shown()->labels);
        const io::LabelImage mask = *stage.masks->labels(14, 0, 0);
        int cells = 0;
        for (int y = 0; y < canvas->height(); y += 2)
            for (int x = 0; x < canvas->width(); x += 2) {
                const QPointF at = canvas->view().toImage(QPointF(x, y));
                const int py = static_cast<int>(std::floor(at.y())), px = static_cast<int>(std::floor(at.x()));
                const std::uint32_t expected = mask.contains(py, px) ? mask.at(py, px) : 0;
                QCOMPARE(canvas->idAt(QPointF(x, y)), expected);
                cells += expected != 0;
            }
        QVERIFY(cells > 1000);
        stage.strip->setFrame(14);
        stage.gallery->setSelected({1, 2, 5});
        const Outline* cell = &canvas->shown()->outlines->cells[canvas->shown()->outlines->cells.size() / 2];
        const std::uint32_t id = cell->id;
        QTest::mouseMove(canvas, canvas->view().toWidget(cell->centre).toPoint());
        QTest::qWait(300);
        keep(stage.window, "cells_light");
        stage.window.setPalette(darkPalette());
        stage.view->setChannelsVisible(true);
        QTest::qWait(300);
        keep(stage.window, "cells_dark");
        stage.window.resize(700, 560);
        canvas->setFill(0.3);
        canvas->setFollowed(id);
        canvas->zoomAbout(QRectF(canvas->rect()).center(), 3);
        QTest::qWait(200);
        keep(stage.window, "cells_dark_small");
    }

    void sliderAndPlayDriveTheCanvas() {
        Stage stage;
        auto* canvas = stage.view->canvas();
        QSlider* slider = nullptr;
        for (auto* candidate : stage.view->findChildren<QSlider*>())
            if (candidate->accessibleName() == QStringLiteral("Frame")) slider = candidate;
        QVERIFY(slider);
        QCOMPARE(slider->maximum(), 29);
        slider->setFocus();
        QTest::keyClick(slider, Qt::Key_End);
        QCOMPARE(canvas->frame(), 29);
        QTest::mouseClick(slider, Qt::LeftButton, {}, QPoint(slider->width() / 2, slider->height() / 2));
        QVERIFY(std::abs(canvas->frame() - 14) <= 1);
        QTest::mouseClick(slider, Qt::LeftButton, {}, QPoint(1, slider->height() / 2));
        QCOMPARE(canvas->frame(), 0);
        canvas->setFrame(7);
        QCOMPARE(slider->value(), 7);
        canvas->setFramesPerSecond(60);
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_Space);
        QTRY_COMPARE_WITH_TIMEOUT(slider->value(), 29, 5000);
        QTRY_VERIFY(!canvas->isPlaying());
    }

    void channelControlsChangePixels() {
        Stage stage;
        auto* canvas = stage.view->canvas();
        stage.view->setChannelsVisible(true);
        QTRY_COMPARE(canvas->shownFrame(), 0);
        auto* range = stage.view->findChild<ContrastRange*>();
        QVERIFY(range);
        QTRY_VERIFY(range->width() > 50);
        QCOMPARE(range->high(), 85.0);
        const QImage before = canvas->shown()->picture;
        QTest::mousePress(range, Qt::LeftButton, {}, QPoint(static_cast<int>(range->position(85)), 20));
        const QPointF to(range->position(85) - 30, 20);
        QMouseEvent drag(QEvent::MouseMove, to, range->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(range, &drag);
        QTest::mouseRelease(range, Qt::LeftButton, {}, to.toPoint());
        QVERIFY(canvas->channels()[0].high < 80);
        QTRY_VERIFY(canvas->shown()->picture != before);
        const double after = canvas->channels()[0].high;
        QTest::keyClick(range, Qt::Key_Left);
        QVERIFY(canvas->channels()[0].high < after);
        for (auto* button : stage.view->findChildren<QToolButton*>())
            if (button->text() == QStringLiteral("Reset")) button->click();
        QCOMPARE(canvas->channels()[0].high, 85.0);
        for (auto* button : stage.view->findChildren<QToolButton*>())
            if (button->text() == QStringLiteral("Auto")) button->click();
        QVERIFY(canvas->channels()[0].high != 85.0);
        QTRY_COMPARE(canvas->shown()->picture.pixelColor(0, 0).isValid(), true);
    }

    void depthShowsItsSlider() {
        TimeLapseView view;
        view.resize(700, 400);
        view.canvas()->setSource(std::make_shared<testing::FakeTimeLapse>(4, 3, 5, 50, 70));
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        QTRY_COMPARE(view.canvas()->shownFrame(), 0);
        view.setChannelsVisible(true);
        for (auto* slider : view.findChildren<QSlider*>())
            if (slider->accessibleName() == QStringLiteral("Slice")) {
                QVERIFY(slider->isVisible());
                slider->setValue(4);
            }
        QCOMPARE(view.canvas()->slice(), 4);
        QTest::qWait(200);
        keep(view, "view_depth");
        view.canvas()->setSource(nullptr);
        QTest::qWait(100);
        keep(view, "view_empty");
    }
};

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    ViewTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "view_test.moc"
