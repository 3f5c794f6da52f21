#include <QImage>
#include <QPainter>
#include <QTest>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "widgets/image/canvas_painter.h"
#include "widgets/image/compose.h"
#include "widgets/image/outlines.h"
#include "widgets/image/region.h"
#include "widgets/image/view_transform.h"

using namespace driftscope;
using namespace driftscope::image;

namespace {

std::shared_ptr<const io::FloatImage> plane(int width, std::vector<float> values) {
    auto image = std::make_shared<io::FloatImage>(width, static_cast<int>(values.size()) / width);
    image->pixels = std::move(values);
    return image;
}

io::LabelImage randomLabels(int size, int ids, unsigned seed) {
    std::mt19937 random(seed);
    io::LabelImage labels(size, size);
    for (auto& pixel : labels.pixels) pixel = random() % static_cast<unsigned>(ids);
    return labels;
}

}  // namespace

class PixelsTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void filledOutlinesGiveBackTheMask() {
        // Random masks have every awkward neighbourhood: holes, diagonal touches, borders of the image.
        for (unsigned seed = 0; seed < 20; ++seed) {
            const io::LabelImage labels = randomLabels(23, 4, seed);
            const Outlines outlines = traceOutlines(labels);
            for (const Outline& cell : outlines.cells)
                for (int y = 0; y < labels.height; ++y)
                    for (int x = 0; x < labels.width; ++x)
                        QCOMPARE(cell.path.contains(QPointF(x + 0.5, y + 0.5)), labels.at(y, x) == cell.id);
        }
    }

    void outlinesMeasureTheirObjects() {
        io::LabelImage labels(10, 8);
        for (int y = 2; y < 5; ++y)
            for (int x = 3; x < 7; ++x) labels.at(y, x) = 42;
        labels.at(3, 4) = 0;  // a hole
        const Outlines outlines = traceOutlines(labels);
        QCOMPARE(outlines.cells.size(), std::size_t{1});
        const Outline* cell = outlines.find(42);
        QVERIFY(cell && !outlines.find(41));
        QCOMPARE(cell->area, 11);
        QCOMPARE(cell->bounds, QRect(3, 2, 4, 3));
        QCOMPARE(cell->corners, 8);  // the rectangle's and the hole's, nothing in between
        QCOMPARE(cell->centre.x(), (12 * 5.0 - 4.5) / 11);
        QCOMPARE(cell->centre.y(), (12 * 3.5 - 3.5) / 11);
    }

    void channelsAddWithoutCarry() {
        const auto red = plane(3, {0, 50, 100}), cyan = plane(3, {100, 100, 100});
        const QImage both =
            compose({red, cyan}, {{true, QColor(255, 0, 0), 0, 100, 1}, {true, QColor(100, 255, 255), 0, 100, 1}});
        QCOMPARE(both.pixelColor(0, 0), QColor(100, 255, 255));
        QVERIFY(std::abs(both.pixelColor(1, 0).red() - 228) <= 1);
        QCOMPARE(both.pixelColor(2, 0), QColor(255, 255, 255));
        const QImage one = compose({red, cyan}, {{true, QColor(255, 0, 0), 0, 100, 1}, {false, Qt::white, 0, 100, 1}});
        QCOMPARE(one.pixelColor(2, 0), QColor(255, 0, 0));
        const QImage none = compose({red, cyan}, {{false, Qt::red, 0, 100, 1}, {false, Qt::white, 0, 100, 1}});
        QCOMPARE(none.pixelColor(2, 0), QColor(0, 0, 0));
    }

    void contrastAndGammaFollowTheFormula() {
        const auto ramp = plane(5, {0, 25, 50, 75, 100});
        const QImage picture = compose({ramp}, {{true, Qt::white, 25, 75, 0.5}});
        const std::array<int, 5> expected{0, 0, static_cast<int>(std::lround(255 * std::sqrt(0.5))), 255, 255};
        for (int x = 0; x < 5; ++x)
            QVERIFY(std::abs(picture.pixelColor(x, 0).red() - expected[static_cast<std::size_t>(x)]) <= 1);
        const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
        const QImage odd = compose({plane(3, {nan, inf, -inf})}, {{true, Qt::white, 0, 1, 1}});
        QCOMPARE(odd.pixelColor(0, 0), QColor(Qt::black));
        QCOMPARE(odd.pixelColor(1, 0), QColor(Qt::white));
        QCOMPARE(odd.pixelColor(2, 0), QColor(Qt::black));
    }

    void autoContrastIgnoresOutliers() {
        std::vector<float> values(10000);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 1000);
        values[5] = 1e9F;
        values[6] = std::numeric_limits<float>::quiet_NaN();
        const Contrast found = autoContrast(*plane(100, values));
        QVERIFY(found.low >= 0 && found.low < 20);
        QVERIFY(found.high > 950 && found.high <= 1000);
        const Contrast flat = autoContrast(*plane(2, {7, 7}));
        QVERIFY(flat.low < flat.high);
        const auto counts = histogram(*plane(4, {0, 1, 2, 99}), 0, 4, 4);
        QCOMPARE(counts, (std::vector<int>{1, 1, 1, 1}));
    }

    void lassoTakesCellsWithHalfTheirPixels() {
        io::LabelImage labels(20, 10);
        for (int y = 0; y < 4; ++y)
            for (int x = 0; x < 4; ++x) labels.at(y, x) = 1, labels.at(y, x + 10) = 2, labels.at(y + 5, x) = 3;
        QCOMPARE(objectsInside(labels, QPolygonF(QRectF(0, 0, 2, 10))), (std::vector<std::uint32_t>{1, 3}));
        QCOMPARE(objectsInside(labels, QPolygonF(QRectF(0, 0, 1.4, 10))), std::vector<std::uint32_t>{});
        QCOMPARE(objectsInside(labels, QPolygonF(QRectF(0, 0, 20, 4.6))), (std::vector<std::uint32_t>{1, 2}));
        // A concave polygon around 1 and 2 that leaves the middle and 3 out.
        const QPolygonF arch({{0, 0}, {14, 0}, {14, 4}, {10, 4}, {10, 1}, {4, 1}, {4, 4}, {0, 4}});
        QCOMPARE(objectsInside(labels, arch), (std::vector<std::uint32_t>{1, 2}));
    }

    void zoomKeepsThePointUnderTheCursor() {
        ViewTransform view;
        view.fit({200, 100}, {640, 480});
        std::mt19937 random(5);
        for (int i = 0; i < 200; ++i) {
            const QPointF cursor(random() % 640, random() % 480);
            const QPointF before = view.toImage(cursor);
            view.zoomAbout(cursor, i % 3 ? 1.25 : 1 / 1.6);
            const QPointF after = view.toImage(cursor);
            QVERIFY(std::abs(before.x() - after.x()) < 1e-6 * (1 + std::abs(before.x())));
            QVERIFY(std::abs(before.y() - after.y()) < 1e-6 * (1 + std::abs(before.y())));
        }
        QVERIFY(view.scale() >= 0.02 && view.scale() <= 100);
    }

    void scaleBarsAreRound() {
        QCOMPARE(roundLength(7.3), 5.0);
        QCOMPARE(roundLength(199), 100.0);
        QCOMPARE(roundLength(0.23), 0.2);
        QCOMPARE(unitSymbol("micrometer"), QStringLiteral("µm"));
        QCOMPARE(unitSymbol("parsec"), QStringLiteral("parsec"));
        io::TimeLapseInfo info;
        info.shape = {30, 1, 1, 5, 5};
        QCOMPARE(timeText(info, 12), QStringLiteral("t = 12 of 29"));
        info.unit[0] = "minute";
        info.scale[0] = 2.5;
        QCOMPARE(timeText(info, 12), QStringLiteral("t = 12 of 29  (30 min)"));
    }
};

QTEST_GUILESS_MAIN(PixelsTest)
#include "pixels_test.moc"
