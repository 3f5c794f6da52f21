#include "widgets/label/state_ribbon.h"

#include <QSignalSpy>

#include "tests/widgets/label/label_test_support.h"

using namespace driftscope;
using namespace driftscope::label;

class StateRibbonTest : public QObject {
    Q_OBJECT

    std::unique_ptr<StateRibbon> ribbon_;

    /// Frames 0 to 57 without 30 and 31: labelled by hand to 11, then predicted, mitosis by hand at 12 to 15.
    static std::vector<RibbonStep> steps() {
        std::vector<RibbonStep> result;
        for (int t = 0; t < 58; ++t) {
            if (t == 30 || t == 31) continue;
            RibbonStep step{t, "", "interphase", 0.95};
            if (t < 12) step.manual = "interphase";
            if (t >= 12 && t < 16) step = {t, "mitosis", t == 15 ? "interphase" : "mitosis", 0.7};
            if (t >= 40 && t < 46) step = {t, "", "mitosis", 0.35 + 0.1 * (t - 40)};
            if (t >= 54) step = {t, "", "", 0};
            result.push_back(step);
        }
        return result;
    }
    QPoint at(std::int64_t step) const { return {static_cast<int>(std::lround(ribbon_->xOf(step))), 20}; }
    QColor pixel(std::int64_t step, int y = 10) const {
        return ribbon_->grab().toImage().pixelColor(static_cast<int>(std::lround(ribbon_->xOf(step))), y);
    }

  private Q_SLOTS:
    void init() {
        ribbon_ = std::make_unique<StateRibbon>();
        ribbon_->resize(900, ribbon_->sizeHint().height());
        ribbon_->setSchema(referenceSchemas()[0]);
        ribbon_->setStepName(QStringLiteral("frame"));
        QVERIFY(showActive(*ribbon_));
    }
    void cleanup() { ribbon_.reset(); }

    void runsMergeEqualNeighboursAndStopAtGaps() {
        const auto runs = ribbonRuns(steps());
        QCOMPARE(runs[0].first, 0);
        QCOMPARE(runs[0].last, 11);
        QCOMPARE(runs[1].first, 12);
        QCOMPARE(runs[1].last, 14);
        QCOMPARE(runs[2].predicted, std::string("interphase"));
        QCOMPARE(runs[3].first, 16);
        QCOMPARE(runs[3].last, 29);
        QCOMPARE(runs[4].first, 32);
        QCOMPARE(runs.back().first, 54);
    }

    void paintsHandLabelsSolidAndPredictionsPaler() {
        ribbon_->setSteps(steps());
        ribbon_->setCurrentStep(57);
        QCOMPARE(pixel(5), QColor(0x56, 0xB4, 0xE9));
        QCOMPARE(pixel(13), QColor(0xE6, 0x9F, 0x00));
        QVERIFY(pixel(20) != QColor(0x56, 0xB4, 0xE9));
        QCOMPARE(pixel(55), ribbon_->palette().color(QPalette::Base));
        const auto strength = [&](int step) {  // mean distance from the background over the band
            const QImage image = ribbon_->grab().toImage();
            double sum = 0;
            for (int dx = -3; dx <= 3; ++dx)
                for (int y = 9; y < 25; ++y) sum += 255 - image.pixelColor(at(step).x() + dx, y).blue();
            return sum;
        };
        QVERIFY2(strength(45) > strength(40) * 1.2, "the surer, the stronger");
        picture(*ribbon_, QStringLiteral("ribbon"));
    }

    void clickGoesAndDragMarks() {
        ribbon_->setSteps(steps());
        QSignalSpy clicked(ribbon_.get(), &StateRibbon::stepClicked),
            marked(ribbon_.get(), &StateRibbon::intervalMarked);
        QSignalSpy cleared(ribbon_.get(), &StateRibbon::intervalCleared);
        QTest::mouseClick(ribbon_.get(), Qt::LeftButton, {}, at(22));
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked[0][0].toLongLong(), 22);
        QCOMPARE(ribbon_->currentStep(), 22);

        QTest::mousePress(ribbon_.get(), Qt::LeftButton, {}, at(18));
        QTest::mouseMove(ribbon_.get(), at(15));
        QTest::mouseMove(ribbon_.get(), at(12));
        QTest::mouseRelease(ribbon_.get(), Qt::LeftButton, {}, at(12));
        QCOMPARE(marked.count(), 1);
        QCOMPARE(marked[0][0].toLongLong(), 12);
        QCOMPARE(marked[0][1].toLongLong(), 18);
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(ribbon_->interval().value(), (std::pair<std::int64_t, std::int64_t>(12, 18)));
        picture(*ribbon_, QStringLiteral("ribbon-interval"));

        QTest::mousePress(ribbon_.get(), Qt::LeftButton, {}, at(50));
        QTest::mouseMove(ribbon_.get(), QPoint(5000, 20));  // beyond the end
        QTest::mouseRelease(ribbon_.get(), Qt::LeftButton, {}, QPoint(5000, 20));
        QCOMPARE(marked.last()[1].toLongLong(), 57);
        QTest::mouseClick(ribbon_.get(), Qt::LeftButton, {}, at(3));
        QVERIFY(!ribbon_->interval());
        QCOMPARE(cleared.count(), 1);
    }

    void keysGoAndMark() {
        ribbon_->setSteps(steps());
        ribbon_->setFocus();
        QSignalSpy clicked(ribbon_.get(), &StateRibbon::stepClicked),
            marked(ribbon_.get(), &StateRibbon::intervalMarked);
        QTest::keyClick(ribbon_.get(), Qt::Key_End);
        QCOMPARE(ribbon_->currentStep(), 57);
        QTest::keyClick(ribbon_.get(), Qt::Key_Right);
        QCOMPARE(ribbon_->currentStep(), 57);
        QTest::keyClick(ribbon_.get(), Qt::Key_Home);
        QCOMPARE(ribbon_->currentStep(), 0);
        QTest::keyClick(ribbon_.get(), Qt::Key_Right);
        QCOMPARE(clicked.last()[0].toLongLong(), 1);
        QTest::keyClick(ribbon_.get(), Qt::Key_Right, Qt::ShiftModifier);
        QTest::keyClick(ribbon_.get(), Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(marked.last()[0].toLongLong(), 1);
        QCOMPARE(marked.last()[1].toLongLong(), 3);
        QTest::keyClick(ribbon_.get(), Qt::Key_Left, Qt::ShiftModifier);
        QTest::keyClick(ribbon_.get(), Qt::Key_Left, Qt::ShiftModifier);
        QTest::keyClick(ribbon_.get(), Qt::Key_Left, Qt::ShiftModifier);
        QCOMPARE(marked.last()[0].toLongLong(), 0);
        QCOMPARE(marked.last()[1].toLongLong(), 1);
        QTest::keyClick(ribbon_.get(), Qt::Key_Escape);
        QVERIFY(!ribbon_->interval());
        QVERIFY(ribbon_->accessibleDescription().contains(QStringLiteral("frame 0: interphase (by hand)")));
    }

    void everyStepCanBeHitAlsoWhenThereAreFewOrMany() {
        for (const std::int64_t count : {std::int64_t{1}, std::int64_t{3}, std::int64_t{300}}) {
            std::vector<RibbonStep> many;
            for (std::int64_t t = 0; t < count; ++t) many.push_back({100 + t, t % 2 ? "mitosis" : "interphase", "", 0});
            ribbon_->setSteps(many);
            for (std::int64_t t = 100; t < 100 + count; ++t) QCOMPARE(ribbon_->stepAt(ribbon_->xOf(t)), t);
            QCOMPARE(ribbon_->stepAt(-50), 100);
            QCOMPARE(ribbon_->stepAt(1e6), 100 + count - 1);
        }
        picture(*ribbon_, QStringLiteral("ribbon-dense"));
    }

    void withoutStepsItSaysWhatToDoAndIgnoresInput() {
        QSignalSpy clicked(ribbon_.get(), &StateRibbon::stepClicked),
            marked(ribbon_.get(), &StateRibbon::intervalMarked);
        QVERIFY(ribbon_->accessibleDescription().contains(QStringLiteral("Select a trajectory")));
        QTest::mouseClick(ribbon_.get(), Qt::LeftButton, {}, QPoint(100, 20));
        QTest::keyClick(ribbon_.get(), Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(clicked.count() + marked.count(), 0);
        picture(*ribbon_, QStringLiteral("ribbon-empty"));
        ribbon_->setSteps(steps());
        ribbon_->setInterval(3, 9);
        ribbon_->setSteps({{5, "mitosis", "", 0}});
        QVERIFY(!ribbon_->interval());
    }
};

QTEST_MAIN(StateRibbonTest)
#include "state_ribbon_test.moc"
