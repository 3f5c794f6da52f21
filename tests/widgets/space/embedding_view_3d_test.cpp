#include <QApplication>
#include <QImage>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <limits>
#include <random>

#include "widgets/space/embedding_view_3d.h"
#include "widgets/space/legend.h"

using namespace driftscope;

Q_DECLARE_METATYPE(std::optional<std::uint32_t>)

class EmbeddingView3DTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void initTestCase() {
        qRegisterMetaType<std::optional<std::uint32_t>>();
        std::mt19937 random(5);
        std::normal_distribution<float> spread(0, 0.4F);
        for (int i = 0; i < 600; ++i) {
            const int k = i % 3;
            group_.push_back(k);
            x_.push_back(spread(random) + (k == 0 ? 3.0F : 0.0F));
            y_.push_back(spread(random) + (k == 1 ? 3.0F : 0.0F));
            z_.push_back(spread(random) + (k == 2 ? 3.0F : 0.0F));
        }
    }

    void init() {
        const View3DOrLabel made = makeEmbeddingView3D();
        QVERIFY2(made.view != nullptr, "Xvfb has software OpenGL");
        view_.reset(made.view);
        view_->resize(700, 520);
        view_->show();
        QVERIFY(QTest::qWaitForWindowExposed(view_.get()));
        surface_ = view_->findChild<QWidget*>(QStringLiteral("scene"));
        view_->setPoints(x_, y_, z_);
        view_->setAxisTitles(QStringLiteral("PC 1"), QStringLiteral("PC 2"), QStringLiteral("PC 3"));
        view_->setCategories(group_, {Qt::red, Qt::green, Qt::blue},
                             {QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")}, QStringLiteral("group"));
    }
    void cleanup() { view_.reset(); }

    void drawsColouredPixels() {
        const QImage image = view_->image();
        QCOMPARE(image.pixel(3, 3), view_->palette().color(QPalette::Base).rgb());  // opaque, alpha included
        QVERIFY(count(image, 0xFFFF0000U) > 200);
        QVERIFY(count(image, 0xFF00FF00U) > 200);
        QVERIFY(count(image, 0xFF0000FFU) > 200);
        view_->setClassHidden(0, true);
        QCOMPARE(count(view_->image(), 0xFFFF0000U), 0);
        keep("3d_classes");
        view_->setFilter(IdSet({1}));
        QVERIFY(count(view_->image(), 0xFF00FF00U) < 60);
        QCOMPARE(count(view_->image(), 0xFF0000FFU), 0);
    }

    void hoverAndClickFindThePointDrawnThere() {
        QSignalSpy hover(view_.get(), &EmbeddingView3D::hovered);
        QSignalSpy pick(view_.get(), &EmbeddingView3D::selectionRequested);
        const std::uint32_t id = isolated();
        QTest::mouseMove(surface_, view_->positionOf(id).toPoint());
        QTRY_VERIFY(!hover.empty() && hover.last().first().value<std::optional<std::uint32_t>>() == std::optional(id));
        QTest::mouseClick(surface_, Qt::LeftButton, Qt::NoModifier, view_->positionOf(id).toPoint());
        QCOMPARE(pick.last().first().value<IdSet>(), IdSet({id}));
    }

    void orbitKeepsPickingInStepWithTheCamera() {
        const QImage before = view_->image();
        const std::uint32_t id = isolated();
        const QPointF old = view_->positionOf(id);
        QTest::mousePress(surface_, Qt::LeftButton, Qt::NoModifier, QPoint(300, 300));
        for (const QPoint at : {QPoint(320, 310), QPoint(360, 330), QPoint(420, 340)}) {
            QMouseEvent move(QEvent::MouseMove, at, surface_->mapToGlobal(at), Qt::NoButton, Qt::LeftButton,
                             Qt::NoModifier);
            QApplication::sendEvent(surface_, &move);
        }
        QTest::mouseRelease(surface_, Qt::LeftButton, Qt::NoModifier, QPoint(420, 340));
        QVERIFY(view_->image() != before);
        QVERIFY((view_->positionOf(id) - old).manhattanLength() > 10);
        QTest::keyClick(view_.get(), Qt::Key_Home);
        QVERIFY((view_->positionOf(id) - old).manhattanLength() < 0.5);
    }

    void lassoSelectsThePointsInside() {
        QSignalSpy spy(view_.get(), &EmbeddingView3D::selectionRequested);
        const QPolygon path({QPoint(150, 100), QPoint(550, 130), QPoint(400, 400), QPoint(180, 380)});
        QTest::mousePress(surface_, Qt::LeftButton, Qt::ShiftModifier, path.first());
        for (const QPoint& at : path) {
            QMouseEvent move(QEvent::MouseMove, at, surface_->mapToGlobal(at), Qt::NoButton, Qt::LeftButton,
                             Qt::ShiftModifier);
            QApplication::sendEvent(surface_, &move);
        }
        QTest::mouseRelease(surface_, Qt::LeftButton, Qt::ShiftModifier, path.last());
        QCOMPARE(spy.size(), 1);
        std::vector<std::uint32_t> expected;
        for (std::uint32_t id = 0; id < x_.size(); ++id)
            if (QPolygonF(path).containsPoint(view_->positionOf(id), Qt::WindingFill)) expected.push_back(id);
        QVERIFY(expected.size() > 20);
        QCOMPARE(spy.last().first().value<IdSet>(), IdSet(expected));
    }

    void tracksSelectionAndMissingPoints() {
        auto x = x_;
        x[3] = std::numeric_limits<float>::quiet_NaN();
        view_->setPoints(x, y_, z_);
        QCOMPARE(view_->skippedCount(), std::size_t{1});
        const QImage before = view_->image();
        view_->setTrajectories({{0, 3, 6, 9, 12}, {1, 4, 7}});
        const QImage tracks = view_->image();
        QVERIFY(tracks != before);
        view_->setSelection(IdSet({1, 2}));
        QVERIFY(view_->image() != tracks);
    }

    void largeScenesMoveAsASampleAndRestComplete() {
        std::mt19937 random(6);
        std::normal_distribution<float> spread(0, 1);
        std::vector<float> xs, ys, zs;
        for (int i = 0; i < 200000; ++i) {
            xs.push_back(spread(random));
            ys.push_back(spread(random));
            zs.push_back(spread(random));
        }
        std::vector<std::vector<std::uint32_t>> tracks;
        for (std::uint32_t t = 0; t < 2000; ++t) {
            tracks.emplace_back();
            for (std::uint32_t i = 0; i < 50; ++i) tracks.back().push_back(t * 50 + i);
        }
        view_->setPoints(xs, ys, zs);
        view_->setTrajectories(tracks);
        view_->setPlainColour();
        const QImage rest = view_->image();
        QTest::keyClick(view_.get(), Qt::Key_Right);
        const QImage moving = surface_->grab().toImage();
        keep("3d_moving");
        QCOMPARE(moving.size(), rest.size());
        // Half the resolution, on the software OpenGL that tests have. (The legend hides nothing: there is none.)
        int unlike = 0, points = 0;
        const QRgb ground = view_->palette().color(QPalette::Base).rgb();
        for (int y = 0; y + 1 < moving.height(); y += 2)
            for (int x = 0; x + 1 < moving.width(); x += 2) {
                unlike += moving.pixel(x, y) != moving.pixel(x + 1, y + 1);
                points += moving.pixel(x, y) != ground;
            }
        QCOMPARE(unlike, 0);
        QVERIFY(points > 5000);
        view_->fit();  // exactly where it was
        QTRY_COMPARE(surface_->grab().toImage().convertToFormat(QImage::Format_RGB32), rest);  // once it rests
        keep("3d_rest");
        QTest::keyClick(view_.get(), Qt::Key_Right);
        view_->fit();
        QCOMPARE(view_->image(), rest);  // a picture to keep does not wait
    }

    void isExported() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("scene.png"));
        QVERIFY(view_->exportImage(path, QStringLiteral("run 7")));
        const QImage image(path);
        QCOMPARE(image.text(QStringLiteral("Description")), QStringLiteral("run 7"));
        QVERIFY(count(image, 0xFFFF0000U) > 200);
        QVERIFY(!view_->exportImage(folder.filePath(QStringLiteral("scene.svg"))));
    }

  private:
    void keep(const char* name) {
        if (const QString folder = qEnvironmentVariable("DRIFTSCOPE_SCREENSHOTS"); !folder.isEmpty())
            QVERIFY(view_->grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png")));
    }

    static int count(const QImage& image, QRgb colour) {
        int pixels = 0;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x) pixels += (image.pixel(x, y) | 0xFF000000U) == colour ? 1 : 0;
        return pixels;
    }

    std::uint32_t isolated() const {
        for (std::uint32_t id = 0; id < x_.size(); ++id) {
            const QPointF p = view_->positionOf(id);
            bool alone = view_->childAt(p.toPoint()) == surface_;
            for (std::uint32_t other = 0; alone && other < x_.size(); ++other)
                alone = other == id ||
                        std::hypot(p.x() - view_->positionOf(other).x(), p.y() - view_->positionOf(other).y()) > 12;
            if (alone) return id;
        }
        qFatal("no point stands alone");
    }

    std::vector<float> x_, y_, z_;
    std::vector<int> group_;
    std::unique_ptr<EmbeddingView3D> view_;
    QWidget* surface_ = nullptr;
};

QTEST_MAIN(EmbeddingView3DTest)
#include "embedding_view_3d_test.moc"
