#include "widgets/session/selection_hub.h"

#include <QElapsedTimer>
#include <QStandardPaths>
#include <QTest>

#include "tests/support/strict_messages.h"

using namespace driftscope;
using enum ElementKind;
using enum SelectionLayer;

class SelectionHubTest : public QObject {
    Q_OBJECT

  private:
    /// Collects deltas of a hub.
    struct Listener {
        explicit Listener(SelectionHub& hub) {
            QObject::connect(&hub, &SelectionHub::changed, &hub, [this](const SelectionDelta& delta) { deltas.push_back(delta); });
        }
        int count(SelectionLayer layer, ElementKind kind) const {
            return static_cast<int>(std::count_if(deltas.begin(), deltas.end(), [&](const auto& d) { return d.layer == layer && d.kind == kind; }));
        }
        std::vector<SelectionDelta> deltas;
    };
    int viewA_ = 0, viewB_ = 0;

  private Q_SLOTS:
    void coalescesToOneDeltaPerTurn() {
        SelectionHub hub;
        Listener heard(hub);
        for (std::uint32_t id = 0; id < 100; ++id) hub.set(Select, Cell, IdSet({id}), &viewA_);
        QCOMPARE(heard.deltas.size(), std::size_t{0});
        QCoreApplication::processEvents();
        QCOMPARE(heard.deltas.size(), std::size_t{1});
        QCOMPARE(heard.deltas[0].source, static_cast<const void*>(&viewA_));
        QVERIFY(hub.get(Select, Cell) == IdSet({99}));
    }

    void followsRelationsBothWays() {
        SelectionHub hub;
        hub.addRelation(Relation::fromIndex(Cell, Track, {0, 0, 1, 1, 2}));
        Listener heard(hub);
        hub.set(Select, Cell, IdSet({1, 4}), &viewA_);
        QVERIFY(hub.get(Select, Track) == IdSet({0, 2}));
        QCoreApplication::processEvents();
        QCOMPARE(heard.count(Select, Track), 1);
        hub.set(Select, Track, IdSet({1}), &viewB_);
        QVERIFY(hub.get(Select, Cell) == IdSet({2, 3}));
    }

    void followsChainsOfRelations() {
        SelectionHub hub;
        hub.addRelation(Relation::fromIndex(Prompt, Layer, {0, 1}));
        hub.addRelation(Relation::fromIndex(Layer, Topic, {3, 5}));
        hub.set(Hover, Prompt, IdSet({1}), &viewA_);
        QVERIFY(hub.get(Hover, Topic) == IdSet({5}));
        QVERIFY(hub.get(Hover, Cell).empty());
    }

    void aRelationReplacesTheOneBefore() {
        SelectionHub hub;
        hub.addRelation(Relation::fromIndex(Cell, Track, {0, 0, 1}));
        hub.addRelation(Relation::fromIndex(Cell, Track, {4, 5, 6}));  // another table was opened
        hub.set(Select, Cell, IdSet({0, 2}), &viewA_);
        QVERIFY(hub.get(Select, Track) == IdSet({4, 6}));
        hub.set(Select, Track, IdSet({5}), &viewA_);
        QVERIFY(hub.get(Select, Cell) == IdSet({1}));
    }

    void intersectsFiltersOfSourcesAndForgetsThem() {
        SelectionHub hub;
        hub.addRelation(Relation::fromIndex(Cell, Track, {0, 0, 1, 1}));
        QVERIFY(!hub.hasFilter(Cell));
        hub.set(Filter, Cell, IdSet({0, 2, 3}), &viewA_);
        hub.set(Filter, Track, IdSet({1}), &viewB_);
        QVERIFY(hub.get(Filter, Cell) == IdSet({2, 3}));
        hub.clear(&viewB_);
        QVERIFY(hub.get(Filter, Cell) == IdSet({0, 2, 3}));
        hub.clear(&viewA_);
        QVERIFY(!hub.hasFilter(Cell));
    }

    void emptyFilterHidesEverything() {
        SelectionHub hub;
        hub.set(Filter, Cell, IdSet(), &viewA_);
        QVERIFY(hub.hasFilter(Cell));
        QVERIFY(hub.get(Filter, Cell).empty());
    }

    void bothFilterSourcesHearACombination() {
        SelectionHub hub;
        Listener heard(hub);
        hub.set(Filter, Cell, IdSet({1}), &viewA_);
        hub.set(Filter, Cell, IdSet({2}), &viewB_);
        QCoreApplication::processEvents();
        QCOMPARE(heard.deltas.size(), std::size_t{1});
        QCOMPARE(heard.deltas[0].source, static_cast<const void*>(nullptr));
    }

    void sameSetIsNoChange() {
        SelectionHub hub;
        hub.set(Select, Cell, IdSet({1}), &viewA_);
        QCoreApplication::processEvents();
        Listener heard(hub);
        hub.set(Select, Cell, IdSet({1}), &viewB_);
        hub.set(Hover, Cell, IdSet(), &viewB_);
        QCoreApplication::processEvents();
        QCOMPARE(heard.deltas.size(), std::size_t{0});
    }

    void closingAViewTakesItsHoverButNotTheSelection() {
        SelectionHub hub;
        hub.set(Hover, Cell, IdSet({1}), &viewA_);
        hub.set(Select, Cell, IdSet({2}), &viewA_);
        hub.clear(&viewA_);
        QVERIFY(hub.get(Hover, Cell).empty());
        QVERIFY(hub.get(Select, Cell) == IdSet({2}));
    }

    void colourColumnIsHeardOnce() {
        SelectionHub hub;
        Listener heard(hub);
        hub.setColourColumn(QStringLiteral("state"), &viewA_);
        hub.setColourColumn(QStringLiteral("state"), &viewA_);
        QCoreApplication::processEvents();
        QCOMPARE(heard.deltas.size(), std::size_t{1});
        QCOMPARE(hub.colourColumn(), QStringLiteral("state"));
    }

    void changesMadeWhileListeningAreHeardNextTurn() {
        SelectionHub hub;
        int turns = 0;
        connect(&hub, &SelectionHub::changed, &hub, [&](const SelectionDelta& delta) {
            if (delta.layer == Select && ++turns < 3) hub.set(Select, Cell, IdSet({static_cast<std::uint32_t>(turns)}), &viewB_);
        });
        hub.set(Select, Cell, IdSet({9}), &viewA_);
        for (int turn = 0; turn < 5; ++turn) QCoreApplication::processEvents();
        QCOMPARE(turns, 3);
        QVERIFY(hub.get(Select, Cell) == IdSet({2}));
    }

    void resetForgetsAll() {
        SelectionHub hub;
        hub.addRelation(Relation::fromIndex(Cell, Track, {0}));
        hub.set(Select, Cell, IdSet({0}), &viewA_);
        hub.set(Filter, Cell, IdSet({0}), &viewA_);
        hub.reset();
        QVERIFY(hub.get(Select, Track).empty());
        QVERIFY(!hub.hasFilter(Cell));
    }

    void aMillionCellsStayInteractive() {
        std::vector<std::uint32_t> tracks(1'000'000), all(1'000'000);
        for (std::uint32_t id = 0; id < all.size(); ++id) {
            tracks[id] = id / 50;
            all[id] = id;
        }
        SelectionHub hub;
        hub.addRelation(Relation::fromIndex(Cell, Track, tracks));
        const IdSet cells(all);
        QElapsedTimer clock;
        clock.start();
        hub.set(Select, Cell, cells, &viewA_);
        QCOMPARE(hub.get(Select, Cell).size(), all.size());
        // The budget is 5 ms; a busy build machine gets room.
        QVERIFY2(clock.elapsed() < 50, qPrintable(QStringLiteral("%1 ms").arg(clock.elapsed())));
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(SelectionHubTest)
#include "selection_hub_test.moc"
