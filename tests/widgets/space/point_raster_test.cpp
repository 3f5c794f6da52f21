#include <QTest>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "core/base/thread_team.h"
#include "widgets/space/colour_scheme.h"
#include "widgets/space/line_raster.h"
#include "widgets/space/point_raster.h"
#include "widgets/space/polygon_mask.h"
#include "widgets/space/track_layer.h"

using namespace driftscope;
using namespace driftscope::space;

namespace {

constexpr auto kForever = PointRaster::Deadline::max();

struct Cloud {
    std::vector<float> x, y;
};

Cloud blobs(std::size_t count) {
    std::mt19937 random(7);
    std::normal_distribution<float> spread(0, 0.5F);
    Cloud cloud;
    for (std::size_t i = 0; i < count; ++i) {
        cloud.x.push_back(static_cast<float>(i % 5) * 2 + spread(random));
        cloud.y.push_back(static_cast<float>(i % 3) * 2 + spread(random));
    }
    return cloud;
}

ColourTable threeColours() {
    ColourTable table;
    table.normal = {0xFFFF0000U, 0xFF00FF00U, 0xFF0000FFU};
    table.faded = {0xFF800000U, 0xFF008000U, 0xFF000080U};
    table.dimmed = {0xFFEEEEEEU, 0xFFEEEEEEU, 0xFFEEEEEEU};
    return table;
}

QRgb pixelAt(const PointRaster& raster, int x, int y) {
    return raster.image().pixel(x + PixelGrid::kMargin, y + PixelGrid::kMargin);
}

/// Non-zero winding by summed angles crossing test, straight from the definition.
bool insideByDefinition(const QPolygonF& polygon, const QPointF& p) {
    int winding = 0;
    for (qsizetype i = 0; i < polygon.size(); ++i) {
        const QPointF a = polygon[i], b = polygon[(i + 1) % polygon.size()];
        const double cross = (b.x() - a.x()) * (p.y() - a.y()) - (p.x() - a.x()) * (b.y() - a.y());
        if (a.y() <= p.y() && b.y() > p.y() && cross > 0) ++winding;
        if (a.y() > p.y() && b.y() <= p.y() && cross < 0) --winding;
    }
    return winding != 0;
}

}  // namespace

class PointRasterTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void nonFinitePointsAreSkippedAndCounted() {
        const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
        const auto cloud = PointCloud::arrange({0, nan, 2, inf, 4}, {0, 1, nan, 3, 4});
        QCOMPARE(cloud->size(), std::size_t{5});
        QCOMPARE(cloud->skipped(), std::size_t{3});
        QVERIFY(cloud->isDrawable(4) && !cloud->isDrawable(3));
        QCOMPARE(cloud->bounds(), QRectF(0, 0, 4, 4));
    }

    void arrangementKeepsEveryIdOnce() {
        const Cloud points = blobs(10000);
        const auto cloud = PointCloud::arrange(points.x, points.y);
        const std::set<std::uint32_t> ids(cloud->order().begin(), cloud->order().end());
        QCOMPARE(ids.size(), std::size_t{10000});
        const auto again = PointCloud::arrange(points.x, points.y);
        QVERIFY(std::equal(cloud->order().begin(), cloud->order().end(), again->order().begin()));
    }

    void quantisedPositionsStayWithinASixteenthOfAPixel() {
        const Cloud points = blobs(20000);
        const auto cloud = PointCloud::arrange(points.x, points.y);
        const PixelGrid grid{1200, 800};
        const ViewTransform view = ViewTransform::fit(cloud->bounds(), QRectF(0, 0, 1200, 800), false);
        std::int32_t cells[PointCloud::kBlockSize];
        std::size_t wrong = 0;
        for (const Block& block : cloud->blocks()) {
            projectToCells(*cloud, block, placeBlock(block, view, grid), view, grid, grid.bin(), block.count, cells);
            for (Rank i = 0; i < block.count; ++i) {
                const std::uint32_t id = cloud->id(block.first + i);
                const QPointF exact = view.toPixels(cloud->x(id), cloud->y(id));
                const double x = cells[i] % grid.stride() - PixelGrid::kMargin + 0.5 - exact.x();
                const double y = cells[i] / grid.stride() - PixelGrid::kMargin + 0.5 - exact.y();
                if (std::abs(x) > 0.5 + 1.0 / 16 || std::abs(y) > 0.5 + 1.0 / 16) ++wrong;
            }
        }
        QCOMPARE(wrong, std::size_t{0});
    }

    void drawsPicksAndRecolours() {
        PointRaster raster;
        raster.setCloud(PointCloud::arrange({10, 20, 30}, {10, 20, 30}));
        raster.setColours(threeColours());
        raster.style().setCodes(std::vector<std::uint16_t>{0, 1, 2});
        RasterFrame frame;
        frame.size = QSize(100, 100);
        frame.view = ViewTransform{1, 1, 0.5, 99.5};
        frame.radius = 0.5F;
        raster.begin(frame);
        QVERIFY(raster.advance(kForever));
        QCOMPARE(pixelAt(raster, 20, 79), 0xFF00FF00U);
        QCOMPARE(pixelAt(raster, 50, 50), 0xFFFFFFFFU);
        QCOMPARE(raster.pick(QPoint(20, 79), 0), std::optional<std::uint32_t>(1));
        QCOMPARE(raster.pick(QPoint(32, 70), 4), std::optional<std::uint32_t>(2));
        QCOMPARE(raster.pick(QPoint(50, 50), 4), std::optional<std::uint32_t>());
        raster.style().setCodes(std::vector<std::uint16_t>{2, 2, 2});
        QVERIFY(raster.recolour(nullptr));
        QCOMPARE(pixelAt(raster, 20, 79), 0xFF0000FFU);
    }

    void selectedPointsLieOnTopAndHiddenOnesAreGone() {
        PointRaster raster;
        raster.setCloud(PointCloud::arrange({10, 10, 10}, {10, 10, 10}));
        raster.setColours(threeColours());
        raster.style().setCodes(std::vector<std::uint16_t>{0, 1, 2});
        RasterFrame frame;
        frame.size = QSize(40, 40);
        frame.view = ViewTransform{1, 1, 0.5, 39.5};
        for (std::uint32_t id = 0; id < 3; ++id) {
            raster.style().setFlag(kSelected, IdSet({id}));
            raster.begin(frame);
            raster.advance(kForever);
            QCOMPARE(raster.pick(QPoint(10, 29), 0), std::optional(id));
            QCOMPARE(pixelAt(raster, 10, 29), threeColours().normal[id]);
        }
        raster.style().setFlag(kSelected, IdSet());
        raster.style().setFlag(kDimmed, IdSet({1}), true);
        raster.begin(frame);
        raster.advance(kForever);
        QCOMPARE(raster.pick(QPoint(10, 29), 0), std::optional<std::uint32_t>(1));
        raster.style().setFlag(kDimmed, IdSet());
        raster.style().hideCodes({true, true, false});
        raster.begin(frame);
        raster.advance(kForever);
        QCOMPARE(raster.pick(QPoint(10, 29), 0), std::optional<std::uint32_t>(2));
    }

    void samplesAreUnbiased() {
        const Cloud points = blobs(200000);
        PointRaster raster;
        raster.setCloud(PointCloud::arrange(points.x, points.y));
        raster.setColours(threeColours());
        RasterFrame frame;
        frame.size = QSize(1000, 600);
        frame.view = ViewTransform::fit(raster.cloud()->bounds(), QRectF(0, 0, 1000, 600), false);
        frame.prefix = 64;
        raster.begin(frame);
        raster.advance(kForever);
        QVERIFY(std::abs(static_cast<double>(raster.drawn()) / 200000 - 0.25) < 0.01);
        // The five columns of blobs keep their shares within the noise of a sample.
        double meanX = 0;
        std::size_t count = 0;
        for (const Block& block : raster.cloud()->blocks())
            for (Rank i = 0; i < std::min<Rank>(64, block.count); ++i, ++count)
                meanX += points.x[raster.cloud()->id(block.first + i)];
        QVERIFY(std::abs(meanX / static_cast<double>(count) - 4.0) < 0.02);
    }

    void slicesGiveTheSamePictureAsOneGo() {
        const Cloud points = blobs(1000000);
        PointRaster raster;
        raster.setCloud(PointCloud::arrange(points.x, points.y));
        raster.setColours(threeColours());
        RasterFrame frame;
        frame.size = QSize(800, 600);
        frame.view = ViewTransform::fit(raster.cloud()->bounds(), QRectF(0, 0, 800, 600), false);
        raster.begin(frame);
        raster.advance(kForever);
        const QImage whole = raster.image().copy();
        raster.begin(frame);
        int slices = 1;
        while (!raster.advance(PointRaster::Deadline::min())) ++slices;
        QVERIFY(slices > 3);
        QCOMPARE(raster.image(), whole);
    }

    void anyNumberOfThreadsGivesTheSamePicture() {
        const Cloud points = blobs(300000);
        const auto cloud = PointCloud::arrange(points.x, points.y);
        std::vector<std::uint16_t> codes;
        std::vector<std::uint32_t> some, few;
        for (std::uint32_t id = 0; id < cloud->size(); ++id) {
            codes.push_back(static_cast<std::uint16_t>(id % 3));
            if (id % 7 == 0) some.push_back(id);
            if (id % 20000 == 0) few.push_back(id);
        }
        const ViewTransform fitted = ViewTransform::fit(cloud->bounds(), QRectF(0, 0, 800, 600), false);
        QImage base(PixelGrid{800, 600}.stride(), PixelGrid{800, 600}.rows(), QImage::Format_RGB32);
        base.fill(Qt::cyan);
        for (int round = 0; round < 30; ++round) {
            RasterFrame frame;
            frame.size = QSize(800, 600);
            // Near, far and beyond the edge; every size of stamp; samples.
            frame.view = round % 3 == 0 ? fitted : fitted.zoomed(QPointF(300, 200), round % 3 == 1 ? 40 : 0.2);
            frame.radius = 0.5F * static_cast<float>(1 + round % 5);
            frame.density = round % 2 == 0;
            frame.prefix = round % 4 == 3 ? 30 : 256;
            frame.base = round % 5 == 4 ? &base : nullptr;
            frame.discs = round == 7;
            std::vector<std::unique_ptr<PointRaster>> rasters;
            for (const unsigned threads : {0U, 1U, 2U, 5U}) {
                auto& raster = *rasters.emplace_back(std::make_unique<PointRaster>());
                if (threads > 0) raster.setTeam(std::make_shared<ThreadTeam>(threads));
                raster.setCloud(cloud);
                raster.setColours(threeColours());
                raster.style().setCodes(codes);
                if (round % 2) raster.style().setFlag(kSelected, IdSet(some));
                if (round % 3 == 2) raster.style().setFlag(kDimmed, IdSet(some), true);
                if (round % 5 == 0) raster.style().setFlag(kEmphasised, IdSet(few));
                if (round % 4 == 1) raster.style().hideCodes({false, true, false});
                if (threads == 2) raster.settleColours(kForever);  // the others look codes up
                raster.begin(frame);
                while (!raster.advance(threads == 5 ? PointRaster::Deadline::min() : kForever)) {}
                QCOMPARE(raster.image(), rasters.front()->image());
                QCOMPARE(raster.drawn(), rasters.front()->drawn());
                QCOMPARE(raster.style().anyState(), rasters.front()->style().anyState());
                for (int i = 0; i < 40; ++i) {
                    const QPoint at(i * 20, (i * 97) % 600);
                    QCOMPARE(raster.pick(at, 2), rasters.front()->pick(at, 2));
                }
            }
        }
    }

    void newColoursShowBeforeTheyAreInDrawingOrder() {
        const Cloud points = blobs(400000);
        PointRaster raster;
        raster.setTeam(std::make_shared<ThreadTeam>(2));
        raster.setCloud(PointCloud::arrange(points.x, points.y));
        raster.setColours(threeColours());
        RasterFrame frame;
        frame.size = QSize(800, 600);
        frame.view = ViewTransform::fit(raster.cloud()->bounds(), QRectF(0, 0, 800, 600), false);
        raster.begin(frame);
        raster.advance(kForever);
        std::vector<std::uint16_t> codes;
        for (std::size_t id = 0; id < points.x.size(); ++id) codes.push_back(static_cast<std::uint16_t>(id % 3));
        raster.style().setCodes(codes);
        QVERIFY(raster.recolour(nullptr));
        QVERIFY(!raster.style().settled());
        const QImage atOnce = raster.image().copy();
        QCOMPARE(raster.style().word(17) & kCodeMask, codes[raster.cloud()->id(17)]);
        QVERIFY(!raster.settleColours(PointRaster::Deadline::min()));  // half way: words are a mixture, pictures are not
        QVERIFY(raster.recolour(nullptr));
        QCOMPARE(raster.image(), atOnce);
        QVERIFY(raster.settleColours(kForever));
        QVERIFY(raster.recolour(nullptr));
        QCOMPARE(raster.image(), atOnce);
        QCOMPARE(raster.style().words()[17] & kCodeMask, codes[raster.cloud()->id(17)]);
        raster.begin(frame);
        raster.advance(kForever);
        QCOMPARE(raster.image(), atOnce);
    }

    void nothingOfOlderPicturesStays() {
        const Cloud points = blobs(20000);
        PointRaster used;
        used.setCloud(PointCloud::arrange(points.x, points.y));
        used.setColours(threeColours());
        const ViewTransform fitted = ViewTransform::fit(used.cloud()->bounds(), QRectF(0, 0, 800, 600), false);
        RasterFrame frame;
        frame.size = QSize(800, 600);
        QImage base(PixelGrid{800, 600}.stride(), PixelGrid{800, 600}.rows(), QImage::Format_RGB32);
        base.fill(Qt::cyan);
        // Every kind of picture after every other, some begun twice and some never finished.
        for (int round = 0; round < 24; ++round) {
            frame.view = fitted.panned({round * 40.0 - 500, round * 17.0 - 200});
            frame.discs = round % 3 == 1;
            frame.radius = frame.discs ? 3 : 0.5F;
            frame.density = round % 4 == 2;
            frame.base = round % 5 == 3 ? &base : nullptr;
            used.begin(frame);
            if (round % 2) used.advance(PointRaster::Deadline::min());
            used.begin(frame);
            used.advance(kForever);
            PointRaster fresh;
            fresh.setCloud(used.cloud());
            fresh.setColours(threeColours());
            fresh.begin(frame);
            fresh.advance(kForever);
            QCOMPARE(used.image(), fresh.image());
            QCOMPARE(used.pick(QPoint(400, 300), 5), fresh.pick(QPoint(400, 300), 5));
        }
    }

    void lassoEqualsBruteForce() {
        const Cloud points = blobs(30000);
        const auto cloud = PointCloud::arrange(points.x, points.y);
        const QSize size(900, 700);
        const ViewTransform view = ViewTransform::fit(cloud->bounds(), QRectF(20, 20, 860, 660), false);
        const std::vector<StyleWord> words(cloud->drawable(), 0);
        QPolygonF star;  // crosses itself: its heart is wound twice
        for (int i = 0; i < 5; ++i)
            star << QPointF(450 + 320 * std::cos(i * 2.513274), 350 + 300 * std::sin(i * 2.513274));
        QPolygonF flower;
        for (int i = 0; i < 300; ++i)
            flower << QPointF(450 + (200 + 90 * std::sin(i * 0.17)) * std::cos(i * 0.0209),
                              350 + (200 + 90 * std::sin(i * 0.17)) * std::sin(i * 0.0209));
        for (const QPolygonF& polygon :
             {star, flower, QPolygonF(QRectF(100, 100, 333.3, 222.2)), QPolygonF(QRectF(300, 300, 0.4, 400))}) {
            std::vector<std::uint32_t> expected;
            for (std::uint32_t id = 0; id < cloud->size(); ++id)
                if (insideByDefinition(polygon, view.toPixels(points.x[id], points.y[id]))) expected.push_back(id);
            QVERIFY(!expected.empty());
            QCOMPARE(idsInside(*cloud, words, kHidden, view, size, polygon), IdSet(expected));
            for (const unsigned threads : {2U, 5U}) {
                ThreadTeam team(threads);
                QCOMPARE(idsInside(*cloud, words, kHidden, view, size, polygon, &team), IdSet(expected));
            }
        }
    }

    void lassoStaysExactAtDeepZoom() {
        const Cloud points = blobs(300000);
        const auto cloud = PointCloud::arrange(points.x, points.y);
        const std::vector<StyleWord> words(cloud->drawable(), 0);
        const ViewTransform view = ViewTransform::fit(QRectF(3.9, 1.9, 0.02, 0.02), QRectF(0, 0, 900, 700), true);
        const QPolygonF polygon(QRectF(50, 60, 700, 500));
        std::vector<std::uint32_t> expected;
        for (std::uint32_t id = 0; id < cloud->size(); ++id)
            if (insideByDefinition(polygon, view.toPixels(points.x[id], points.y[id]))) expected.push_back(id);
        QVERIFY(expected.size() > 1);
        QCOMPARE(idsInside(*cloud, words, kHidden, view, QSize(900, 700), polygon), IdSet(expected));
    }

    void linesAreClippedAndTracksFade() {
        const auto cloud = PointCloud::arrange({10, 50, 90, 5000}, {50, 50, 50, 50});
        TrackLayer tracks;
        tracks.set(*cloud, {{0, 1, 2, 3}}, {});
        TrackLayer::Frame frame;
        frame.size = QSize(100, 100);
        frame.view = ViewTransform{1, 1, 0, 100};
        tracks.begin(frame);
        QVERIFY(tracks.advance(kForever));
        const auto darkness = [&](int x) {
            return 255 - qGray(tracks.image().pixel(x + PixelGrid::kMargin, 50 + PixelGrid::kMargin));
        };
        QVERIFY(darkness(30) > 20);
        QVERIFY(darkness(70) > darkness(30));
        QVERIFY(darkness(97) > darkness(70));
        QCOMPARE(qGray(tracks.image().pixel(30 + PixelGrid::kMargin, 20 + PixelGrid::kMargin)), 255);
        frame.window = {{0, 1}};
        tracks.begin(frame);
        tracks.advance(kForever);
        QCOMPARE(darkness(70), 0);
    }

    void anyNumberOfThreadsDrawsTheSameTracks() {
        std::mt19937 random(3);
        std::normal_distribution<float> spread(0, 1);
        for (const std::size_t count : {200U, 3000U}) {  // antialiased, and too many for that
            std::vector<float> x, y;
            std::vector<std::vector<std::uint32_t>> rows(count);
            for (auto& row : rows) {
                float px = spread(random) * 30, py = spread(random) * 30;
                for (int step = 0; step < 30; ++step) {
                    row.push_back(static_cast<std::uint32_t>(x.size()));
                    const bool gap = random() % 500 == 0;
                    x.push_back(gap ? std::numeric_limits<float>::quiet_NaN() : px);
                    y.push_back(py);
                    px += spread(random) * 3;
                    py += spread(random) * 3;
                }
            }
            const auto cloud = PointCloud::arrange(x, y);
            TrackLayer::Frame frame;
            frame.size = QSize(700, 500);
            frame.width = 2.2F;
            for (int round = 0; round < 8; ++round) {
                frame.view = ViewTransform::fit(cloud->bounds(), QRectF(0, 0, 700, 500), false);
                if (round % 2) frame.view = frame.view.zoomed(QPointF(100, 400), 5);  // many lines leave the picture
                frame.stride = round % 4 == 3 ? 4 : 1;
                frame.sample = round == 6 ? 90 : 256;
                frame.window.reset();
                if (round >= 4) frame.window = {{5, 12}};
                std::vector<QImage> pictures;
                for (const unsigned threads : {0U, 2U, 5U}) {
                    TrackLayer layer;
                    if (threads > 0) layer.setTeam(std::make_shared<ThreadTeam>(threads));
                    layer.set(*cloud, rows, {});
                    layer.begin(frame);
                    while (!layer.advance(threads == 5 ? PointRaster::Deadline::min() : kForever)) {}
                    pictures.push_back(layer.image());
                    QCOMPARE(pictures.back(), pictures.front());
                }
                QImage empty(pictures[0].size(), pictures[0].format());
                empty.fill(frame.background);
                QVERIFY(pictures[0] != empty);
            }
        }
    }

    void zoomKeepsThePointUnderTheCursor() {
        const ViewTransform view{3, 5, -20, 400};
        const QPointF cursor(123, 77);
        const QPointF before = view.toData(cursor), after = view.zoomed(cursor, 1.7).toData(cursor);
        QVERIFY(std::abs(before.x() - after.x()) < 1e-9 && std::abs(before.y() - after.y()) < 1e-9);
    }

    void missingValuesHaveTheirOwnCode() {
        const auto scheme =
            ColourScheme::continuous({1, std::numeric_limits<float>::quiet_NaN(), 3}, QStringLiteral("area"), {});
        QCOMPARE(scheme.missing, std::size_t{1});
        QCOMPARE(scheme.low, 1.0);
        QCOMPARE(scheme.high, 3.0);
        QCOMPARE(*scheme.codes, (std::vector<std::uint16_t>{0, 256, 255}));
        const auto classes =
            ColourScheme::categories({0, -1, 1, 7}, {}, {QStringLiteral("a"), QStringLiteral("b")}, {});
        QCOMPARE(classes.missing, std::size_t{2});
        QCOMPARE(*classes.codes, (std::vector<std::uint16_t>{0, 2, 1, 2}));
    }
};

QTEST_GUILESS_MAIN(PointRasterTest)
#include "point_raster_test.moc"
