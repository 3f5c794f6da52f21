#include <QAction>
#include <QApplication>
#include <QDir>
#include <QFile>
#include <QImageReader>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>
#include <cmath>
#include <limits>
#include <set>

#include "tests/widgets/space/reference_points.h"
#include "widgets/space/embedding_view_2d.h"
#include "widgets/space/legend.h"
#include "widgets/space/point_cloud.h"

using namespace driftscope;

Q_DECLARE_METATYPE(std::optional<std::uint32_t>)

namespace {

QImage shown(EmbeddingView2D& view) {
    return view.grab().toImage();
}

std::size_t distinctColours(const QImage& image) {
    std::set<QRgb> colours;
    for (int y = 0; y < image.height(); y += 2)
        for (int x = 0; x < image.width(); x += 2) colours.insert(image.pixel(x, y));
    return colours.size();
}

void drag(EmbeddingView2D& view, const QPolygon& path, Qt::KeyboardModifiers modifiers = Qt::NoModifier,
          Qt::MouseButton button = Qt::LeftButton) {
    QTest::mousePress(&view, button, modifiers, path.first());
    for (const QPoint& at : path) {
        QMouseEvent move(QEvent::MouseMove, at, view.mapToGlobal(at), Qt::NoButton, button, modifiers);
        QApplication::sendEvent(&view, &move);
    }
    QTest::mouseRelease(&view, button, modifiers, path.last());
}

}  // namespace

class EmbeddingView2DTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void initTestCase() {
        qRegisterMetaType<std::optional<std::uint32_t>>();
        points_ =
            referencePoints(QStringLiteral(DRIFTSCOPE_TEST_DATA "/numerics/umap_reference/digits_umap_seed42.npy"));
        QCOMPARE(points_.first.size(), std::size_t{1797});
    }

    void init() {
        view_ = std::make_unique<EmbeddingView2D>();
        view_->resize(900, 640);
        view_->show();
        QVERIFY(QTest::qWaitForWindowExposed(view_.get()));
        QApplication::setActiveWindow(view_.get());  // no window manager does it under Xvfb
        view_->setFocus();
        QCursor::setPos(view_->mapToGlobal(QPoint(view_->plotRect().left() + 3, view_->plotRect().bottom() - 3)));
        QTest::qWait(10);
    }
    void cleanup() { view_.reset(); }

    void emptyStateSaysWhatToDo() {
        view_->setEmptyText(QStringLiteral("Compute a projection."));
        QVERIFY(distinctColours(shown(*view_)) > 1);
        const auto result = view_->exportImage(QStringLiteral("/tmp/none.png"));
        QVERIFY(!result);
        QVERIFY(!result.error().remedy.empty());
        QTest::keyClick(view_.get(), Qt::Key_Home);
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, QPoint(300, 300));
    }

    void hoverGivesTheRightIdAndCard() {
        showDigits();
        QSignalSpy spy(view_.get(), &EmbeddingView2D::hovered);
        std::vector<std::uint32_t> asked;
        view_->setHoverContent({}, [&](std::uint32_t id) {
            asked.push_back(id);
            return QStringLiteral("digit %1").arg(id);
        });
        for (std::uint32_t id : {isolated(0), isolated(900), isolated(1500)}) {
            spy.clear();
            QTest::mouseMove(view_.get(), at(id));
            QTRY_VERIFY(!spy.empty() && spy.last().first().value<std::optional<std::uint32_t>>() == std::optional(id));
        }
        QCOMPARE(std::set<std::uint32_t>(asked.begin(), asked.end()).size(), asked.size());  // once per point
        spy.clear();
        QTest::mouseMove(view_.get(), QPoint(view_->plotRect().left() + 3, view_->plotRect().bottom() - 3));
        QTRY_VERIFY(!spy.empty() && !spy.last().first().value<std::optional<std::uint32_t>>());
    }

    void lassoSelectsExactlyThePointsInside() {
        showDigits();
        QSignalSpy spy(view_.get(), &EmbeddingView2D::selectionRequested);
        const QPoint c = view_->plotRect().center();
        QPolygon path;
        for (int i = 0; i < 60; ++i)
            path << QPoint(c.x() + static_cast<int>(170 * std::cos(i * 0.105)),
                           c.y() + static_cast<int>((110 + 40 * std::sin(i * 0.5)) * std::sin(i * 0.105)));
        QTest::keyClick(view_.get(), Qt::Key_L);
        QCOMPARE(view_->tool(), EmbeddingView2D::Tool::Lasso);
        drag(*view_, path);
        QCOMPARE(spy.size(), 1);
        const auto ids = spy.last().first().value<IdSet>();
        std::vector<std::uint32_t> expected;
        for (std::uint32_t id = 0; id < points_.first.size(); ++id)
            if (QPolygonF(path).containsPoint(view_->view().toPixels(points_.first[id], points_.second[id]),
                                              Qt::WindingFill))
                expected.push_back(id);
        QVERIFY(expected.size() > 50);
        QCOMPARE(ids, IdSet(expected));

        QTest::keyClick(view_.get(), Qt::Key_V);
        drag(*view_, path, Qt::ShiftModifier);
        QCOMPARE(spy.size(), 2);
        QCOMPARE(spy.last().first().value<IdSet>(), ids);
    }

    void boxClickAndEscape() {
        showDigits();
        QSignalSpy spy(view_.get(), &EmbeddingView2D::selectionRequested);
        QTest::keyClick(view_.get(), Qt::Key_B);
        const QRect box(250, 150, 240, 200);
        drag(*view_, QPolygon({box.topLeft(), QPoint(300, 300), QPoint(490, 350)}), Qt::ControlModifier);
        QCOMPARE(spy.size(), 1);
        QCOMPARE(spy.last().at(1).value<Qt::KeyboardModifiers>(), Qt::ControlModifier);
        std::vector<std::uint32_t> expected;
        for (std::uint32_t id = 0; id < points_.first.size(); ++id)
            if (QRectF(250, 150, 240, 200).contains(view_->view().toPixels(points_.first[id], points_.second[id])))
                expected.push_back(id);
        QCOMPARE(spy.last().first().value<IdSet>(), IdSet(expected));

        const std::uint32_t id = isolated(400);
        QTest::mouseClick(view_.get(), Qt::LeftButton, Qt::NoModifier, at(id));
        QCOMPARE(spy.last().first().value<IdSet>(), IdSet({id}));
        view_->setSelection(IdSet({id}));
        QTest::keyClick(view_.get(), Qt::Key_Escape);
        QVERIFY(spy.last().first().value<IdSet>().empty());
    }

    void combiningFollowsTheModifiers() {
        const IdSet current({1, 2, 3});
        QCOMPARE(EmbeddingView2D::combined(current, IdSet({4}), Qt::NoModifier), IdSet({4}));
        QCOMPARE(EmbeddingView2D::combined(current, IdSet({4}), Qt::ControlModifier), IdSet({1, 2, 3, 4}));
        QCOMPARE(EmbeddingView2D::combined(current, IdSet({2}), Qt::ControlModifier), IdSet({1, 3}));
        QCOMPARE(EmbeddingView2D::combined(current, IdSet({2, 9}), Qt::AltModifier), IdSet({1, 3}));
    }

    void wheelZoomsAboutTheCursorAndDragPans() {
        showDigits();
        const QPointF cursor(333, 222);
        const QPointF before = view_->view().toData(cursor);
        QWheelEvent wheel(cursor, view_->mapToGlobal(cursor), {}, QPoint(0, 240), Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
        const double scale = view_->view().scaleX;
        QApplication::sendEvent(view_.get(), &wheel);
        QVERIFY(view_->view().scaleX > 1.5 * scale);
        const QPointF after = view_->view().toData(cursor);
        QVERIFY(std::hypot(before.x() - after.x(), before.y() - after.y()) < 1e-9);

        const auto zoomed = view_->view();
        drag(*view_, QPolygon({QPoint(300, 300), QPoint(320, 310), QPoint(380, 340)}), Qt::NoModifier,
             Qt::MiddleButton);
        QVERIFY(std::abs(view_->view().offsetX - zoomed.offsetX - 80) < 1e-9);
        QVERIFY(std::abs(view_->view().offsetY - zoomed.offsetY - 40) < 1e-9);
        QTest::keyClick(view_.get(), Qt::Key_Home);
        QVERIFY(std::abs(view_->view().scaleX - scale) < 1e-9);
    }

    void legendHidesAndShowsAClass() {
        showDigits();
        QSignalSpy spy(view_.get(), &EmbeddingView2D::classHidden);
        const auto rows = view_->findChildren<space::LegendRow*>();
        QCOMPARE(rows.size(), 10);
        const std::uint32_t id = isolated(400);
        const int code = classOf(id);
        QTest::mouseClick(rows[code], Qt::LeftButton);
        QCOMPARE(spy.size(), 1);
        QSignalSpy hover(view_.get(), &EmbeddingView2D::hovered);
        shown(*view_);
        QTest::mouseMove(view_.get(), at(id) + QPoint(60, 0));
        QTest::qWait(20);
        QTest::mouseMove(view_.get(), at(id));
        QTest::qWait(20);
        for (const auto& emission : hover)
            QVERIFY(emission.first().value<std::optional<std::uint32_t>>() != std::optional(id));
        rows[code]->setFocus();
        QTest::keyClick(rows[code], Qt::Key_Space);
        QVERIFY(rows[code]->isChecked());
        for (const space::LegendRow* row : rows) QVERIFY(!row->accessibleName().isEmpty() && !row->toolTip().isEmpty());
    }

    void missingCoordinatesAreCounted() {
        auto [x, y] = points_;
        x[5] = std::numeric_limits<float>::quiet_NaN();
        y[77] = std::numeric_limits<float>::infinity();
        view_->setPoints(x, y);
        QCOMPARE(view_->pointCount(), std::size_t{1797});
        QCOMPARE(view_->skippedCount(), std::size_t{2});
        shown(*view_);
    }

    void manyPointsAreArrangedInTheBackground() {
        std::vector<float> x, y;
        for (int i = 0; i < 400000; ++i) {
            x.push_back(static_cast<float>(i % 1000));
            y.push_back(static_cast<float>(i / 1000));
        }
        QSignalSpy spy(view_.get(), &EmbeddingView2D::arranged);
        view_->setPoints(x, y);
        QVERIFY(view_->isArranging());
        view_->setPoints(x, y);  // replaces the first
        QVERIFY(spy.wait(20000));
        QTest::qWait(50);
        QCOMPARE(spy.size(), 1);
        shown(*view_);
        QTRY_VERIFY(view_->isComplete());
        view_->setPoints(x, y);
        view_.reset();  // while arranging
    }

    void picturesAreExported() {
        showDigits();
        showTracks();
        view_->setSelection(IdSet({10, 11, 12}));
        QTemporaryDir folder;
        const QString png = folder.filePath(QStringLiteral("view.png")),
                      svg = folder.filePath(QStringLiteral("view.svg"));
        QVERIFY(view_->exportImage(png, QStringLiteral("run 7")));
        QImage image(png);
        QCOMPARE(image.size(), view_->size() * 2);
        QCOMPARE(image.text(QStringLiteral("Description")), QStringLiteral("run 7"));
        QVERIFY(distinctColours(image) > 20);
        view_->setTrackScope(EmbeddingView2D::TrackScope::Selected);
        QVERIFY(view_->exportImage(svg, QStringLiteral("run 7")));
        QFile file(svg);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray text = file.readAll();
        QVERIFY(text.contains("run 7"));
        QVERIFY(text.count("<circle") + text.count("<ellipse") + text.count("<path") > 1797);
        const auto refused = view_->exportImage(folder.filePath(QStringLiteral("view.bmp")));
        QVERIFY(!refused && refused.error().code == ErrorCode::Usage);
        const auto unwritable = view_->exportImage(QStringLiteral("/nonexistent/view.png"));
        QVERIFY(!unwritable && unwritable.error().message.find("/nonexistent/view.png") != std::string::npos);
    }

    void everyActionHasAShortcutAndText() {
        QVERIFY(view_->actions().size() >= 5);
        for (const QAction* action : view_->actions())
            QVERIFY(!action->shortcut().isEmpty() && !action->text().isEmpty());
        QVERIFY(!view_->accessibleName().isEmpty());
        QCOMPARE(view_->trackScope(), EmbeddingView2D::TrackScope::Selected);
        view_->setFocus();
        QTest::keyClick(view_.get(), Qt::Key_T);
        QCOMPARE(view_->trackScope(), EmbeddingView2D::TrackScope::All);
    }

    void arrowsLeadFromPointToPoint() {
        view_->setPoints({0, 10, 0, 10}, {0, 0, 10, 10});
        view_->setCategories({0, 0, 1, 1}, {QColor(Qt::blue), QColor(Qt::red)}, {QStringLiteral("a"), QStringLiteral("b")});
        const auto middle = [&](std::uint32_t from, std::uint32_t to) {
            const auto& cloud = *view_->scene().cloud();
            const QPointF at = view_->view().toPixels((cloud.x(from) + cloud.x(to)) / 2, (cloud.y(from) + cloud.y(to)) / 2);
            return shown(*view_).pixelColor(at.toPoint());
        };
        const QColor ground = middle(0, 2);
        view_->setArrows({{0, 2}, {1, 9}});  // the second leads nowhere
        const QColor line = middle(0, 2);
        QVERIFY(line != ground);
        QVERIFY2(line.red() > line.blue(), "the colour of the point it leads to");
        QCOMPARE(middle(1, 3), ground);
        view_->setClassHidden(1, true);
        QCOMPARE(middle(0, 2), ground);
        view_->setClassHidden(1, false);
        QTemporaryDir folder;
        QVERIFY(view_->exportImage(folder.filePath(QStringLiteral("arrows.png"))));
        view_->setPoints({0, 10, 0}, {0, 0, 10});
        QVERIFY(view_->arrows().empty());
    }

    void tracksAndStatesChangeThePicture() {
        showDigits();
        const QImage plain = shown(*view_);
        showTracks();
        view_->setTrackScope(EmbeddingView2D::TrackScope::All);
        const QImage tracks = shown(*view_);
        QVERIFY(tracks != plain);
        view_->setEmphasis(IdSet({1, 2, 3, 4, 5, 6, 7, 8}));
        const QImage emphasised = shown(*view_);
        QVERIFY(emphasised != tracks);
        view_->setFilter(IdSet({1, 2, 3}));
        const QImage filtered = shown(*view_);
        QVERIFY(filtered != emphasised);
        view_->setFilter({});
        view_->setEmphasis({});
        QCOMPARE(shown(*view_), tracks);
    }

  private:
    void showDigits() {
        view_->setPoints(points_.first, points_.second);
        view_->setAxisTitles(QStringLiteral("UMAP 1"), QStringLiteral("UMAP 2"));
        std::vector<int> codes;
        QStringList names;
        for (int c = 0; c < 10; ++c) names << QStringLiteral("class %1").arg(c);
        for (std::uint32_t id = 0; id < points_.first.size(); ++id) codes.push_back(classOf(id));
        view_->setCategories(codes, {}, names, QStringLiteral("group"));
        shown(*view_);
    }

    void showTracks() {
        std::vector<std::vector<std::uint32_t>> rows;
        for (std::uint32_t id = 0; id + 10 <= points_.first.size(); id += 10) {
            rows.emplace_back();
            for (std::uint32_t i = 0; i < 10; ++i) rows.back().push_back(id + i);
        }
        view_->setTrajectories(rows);
    }

    static int classOf(std::uint32_t id) { return static_cast<int>(id % 10); }
    QPoint at(std::uint32_t id) const {
        return view_->view().toPixels(points_.first[id], points_.second[id]).toPoint();
    }

    /// The first id from `from` on whose disc no other point comes near.
    std::uint32_t isolated(std::uint32_t from) const {
        for (std::uint32_t id = from; id < points_.first.size(); ++id) {
            const QPointF p = view_->view().toPixels(points_.first[id], points_.second[id]);
            bool alone = view_->childAt(p.toPoint()) == nullptr;
            for (std::uint32_t other = 0; alone && other < points_.first.size(); ++other) {
                const QPointF q = view_->view().toPixels(points_.first[other], points_.second[other]);
                alone = other == id || std::hypot(p.x() - q.x(), p.y() - q.y()) > 5.5;
            }
            if (alone) return id;
        }
        qFatal("no point stands alone");
    }

    std::pair<std::vector<float>, std::vector<float>> points_;
    std::unique_ptr<EmbeddingView2D> view_;
};

QTEST_MAIN(EmbeddingView2DTest)
#include "embedding_view_2d_test.moc"
