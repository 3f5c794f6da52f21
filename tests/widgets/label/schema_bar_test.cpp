#include "widgets/label/schema_bar.h"

#include <QComboBox>
#include <QLineEdit>
#include <QSignalSpy>
#include <QToolButton>
#include <QVBoxLayout>

#include "tests/widgets/label/label_test_support.h"
#include "widgets/label/class_chip.h"
#include "widgets/label/label_progress.h"

using namespace driftscope;
using namespace driftscope::label;

class SchemaBarTest : public QObject {
    Q_OBJECT

    std::unique_ptr<Labels> labels_;
    std::unique_ptr<QWidget> window_;
    SchemaBar* bar_ = nullptr;
    QWidget* canvas_ = nullptr;
    QLineEdit* edit_ = nullptr;

    ClassChip* chip(const char* name) const {
        for (ClassChip* chip : bar_->findChildren<ClassChip*>())
            if (chip->isVisible() && chip->text() == QLatin1String(name)) return chip;
        return nullptr;
    }
    QString progress() const { return bar_->findChild<LabelProgress*>()->text(); }

  private Q_SLOTS:
    void init() {
        labels_ = std::make_unique<Labels>();
        window_ = std::make_unique<QWidget>();
        bar_ = new SchemaBar;
        canvas_ = new QWidget;
        canvas_->setFocusPolicy(Qt::StrongFocus);
        edit_ = new QLineEdit;
        auto* column = new QVBoxLayout(window_.get());
        for (QWidget* widget : {static_cast<QWidget*>(bar_), canvas_, static_cast<QWidget*>(edit_)})
            column->addWidget(widget);
        bar_->setKeyScope(window_.get());
        window_->resize(900, 160);
        QVERIFY(showActive(*window_));
    }
    void cleanup() {
        window_.reset();
        labels_.reset();
    }

    void countsFollowTheProject() {
        labels_->apply(1, 0, "mitosis");
        bar_->setTotal(585);
        bar_->follow(labels_->edits.get());
        QCOMPARE(progress(), QStringLiteral("1 of 585 labelled"));
        labels_->apply(2, 0, "mitosis");
        labels_->apply(1, 0, "interphase");
        QCOMPARE(chip("mitosis")->labelCount(), 1);
        QCOMPARE(chip("interphase")->labelCount(), 1);
        QCOMPARE(progress(), QStringLiteral("2 of 585 labelled"));
        labels_->edits->undo();
        labels_->edits->undo();
        QCOMPARE(progress(), QStringLiteral("1 of 585 labelled"));
        QCOMPARE(chip("mitosis")->labelCount(), 1);
        QVERIFY(labels_->edits->apply("infection_state", {{Labels::cell(1, 0), "infected"}}));
        QCOMPARE(progress(), QStringLiteral("1 of 585 labelled"));
        bar_->setTotal(-1);
        QCOMPARE(progress(), QStringLiteral("1 labelled"));
    }

    void clickingAChipSaysItsClass() {
        bar_->follow(labels_->edits.get());
        QSignalSpy chosen(bar_, &SchemaBar::classChosen);
        QTest::mouseClick(chip("mitosis"), Qt::LeftButton);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen[0][0].value<std::string>(), std::string("mitosis"));
        QVERIFY(!chip("mitosis")->isChecked());  // only the owner knows what the target has
        bar_->setActiveClass("mitosis");
        QVERIFY(chip("mitosis")->isChecked());
        QVERIFY(!chip("interphase")->isChecked());
        QSignalSpy removed(bar_, &SchemaBar::removalChosen);
        for (QToolButton* button : bar_->findChildren<QToolButton*>())
            if (button->accessibleName() == QStringLiteral("Remove label")) QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(removed.count(), 1);
    }

    void keysWorkInTheScopeAndLeaveTextAlone() {
        bar_->follow(labels_->edits.get());
        QSignalSpy chosen(bar_, &SchemaBar::classChosen), interval(bar_, &SchemaBar::intervalChosen),
            removed(bar_, &SchemaBar::removalChosen);
        canvas_->setFocus();
        QTest::keyClick(canvas_, Qt::Key_2);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen[0][0].value<std::string>(), std::string("mitosis"));
        QTest::keyClick(canvas_, Qt::Key_1, Qt::ShiftModifier);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(interval.count(), 1);
        QCOMPARE(interval[0][0].value<std::string>(), std::string("interphase"));
        QTest::keyClick(canvas_, Qt::Key_Backspace);
        QCOMPARE(removed.count(), 1);
        edit_->setFocus();
        QTest::keyClicks(edit_, QStringLiteral("12"));
        QTest::keyClick(edit_, Qt::Key_Backspace);
        QCOMPARE(edit_->text(), QStringLiteral("1"));
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(removed.count(), 1);
    }

    void choosingASchemaChangesClassesAndKeys() {
        bar_->follow(labels_->edits.get());
        auto* chooser = bar_->findChild<QComboBox*>();
        QSignalSpy schema(bar_, &SchemaBar::schemaChosen);
        chooser->setFocus();
        QTest::keyClick(chooser, Qt::Key_Down);
        QCOMPARE(schema.count(), 1);
        QCOMPARE(bar_->currentSchema().name, std::string("infection_state"));
        QVERIFY(chip("infected"));
        QVERIFY(!chip("mitosis"));
        QSignalSpy chosen(bar_, &SchemaBar::classChosen);
        canvas_->setFocus();
        QTest::keyClick(canvas_, Qt::Key_2);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen[0][0].value<std::string>(), std::string("infected"));

        QSignalSpy edit(bar_, &SchemaBar::editRequested);
        chooser->setFocus();
        QTest::keyClick(chooser, Qt::Key_End);  // "New schema…"
        QCOMPARE(edit.count(), 1);
        QCOMPARE(edit[0][0].value<std::string>(), std::string());
        QCOMPARE(chooser->currentIndex(), 1);
    }

    void schemaEditsAppearAndTheChoiceStays() {
        bar_->follow(labels_->edits.get());
        bar_->setCurrentSchema("infection_state");
        LabelSchema schema = referenceSchemas()[1];
        schema.classes.push_back({"dividing", "#0072B2", "k", {}});
        QVERIFY(labels_->edits->putSchema(schema));
        QCOMPARE(bar_->currentSchema().name, std::string("infection_state"));
        QVERIFY(chip("dividing"));
        QSignalSpy chosen(bar_, &SchemaBar::classChosen);
        canvas_->setFocus();
        QTest::keyClick(canvas_, Qt::Key_K);
        QCOMPARE(chosen.count(), 1);
        QVERIFY(labels_->edits->removeSchema("infection_state"));
        QCOMPARE(bar_->currentSchema().name, std::string("cell_division_state"));
    }

    void withoutProjectItSaysWhatToDo() {
        bar_->follow(nullptr);
        QVERIFY(bar_->currentSchema().classes.empty());
        picture(*bar_, QStringLiteral("schema-bar-empty"));
        QVERIFY(bar_->findChild<QToolButton*>(QStringLiteral("edit"))->isHidden());
        bar_->follow(labels_->edits.get());
        labels_->edits.reset();  // dying under the bar must not matter
        bar_->follow(nullptr);
        QVERIFY(!chip("mitosis"));
    }

    void manyClassesWrapIntoLines() {
        LabelSchema schema{"phase", "Cell cycle phase", {}};
        for (const char* name :
             {"G1", "S", "G2", "prophase", "prometaphase", "metaphase", "anaphase", "telophase", "apoptosis"})
            schema.classes.push_back(
                {name, "#0072B2", std::string(1, static_cast<char>('1' + schema.classes.size())), {}});
        const char* colours[] = {"#56B4E9", "#E69F00", "#009E73", "#F0E442", "#0072B2",
                                 "#D55E00", "#CC79A7", "#8C8C8C", "#123456"};
        for (std::size_t i = 0; i < schema.classes.size(); ++i) schema.classes[i].color = colours[i];
        QVERIFY(labels_->edits->putSchema(schema));
        bar_->follow(labels_->edits.get());
        bar_->setCurrentSchema("phase");
        window_->resize(760, 240);
        QTest::qWait(50);
        QVERIFY(chip("apoptosis")->y() > chip("G1")->y());
        QVERIFY(chip("apoptosis")->geometry().right() < chip("apoptosis")->parentWidget()->width());
        QVERIFY2(bar_->height() >= chip("apoptosis")->mapTo(bar_, chip("apoptosis")->rect().bottomLeft()).y(),
                 "the lines fit the bar");
        picture(*window_, QStringLiteral("schema-bar-wrapped"));
    }

    void picturesOfTheBar() {
        for (int i = 0; i < 128; ++i) labels_->apply(i, 0, i % 9 ? "interphase" : "mitosis");
        bar_->follow(labels_->edits.get());
        bar_->setTotal(585);
        bar_->setActiveClass("mitosis");
        QCOMPARE(progress(), QStringLiteral("128 of 585 labelled"));
        QTRY_VERIFY2(chip("interphase")->width() >= chip("interphase")->sizeHint().width(), "counts push names aside");
        picture(*bar_, QStringLiteral("schema-bar"));
    }
};

QTEST_MAIN(SchemaBarTest)
#include "schema_bar_test.moc"
