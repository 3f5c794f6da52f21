#include "widgets/label/label_history_view.h"

#include <QLabel>
#include <QTreeWidget>

#include "tests/widgets/label/label_test_support.h"

using namespace driftscope;
using namespace driftscope::label;

class LabelHistoryTest : public QObject {
    Q_OBJECT

    QString seen(const QWidget& view) const {
        QStringList texts;
        for (const QLabel* label : view.findChildren<QLabel*>())
            if (label->isVisible()) texts << label->text();
        return texts.join(QLatin1Char('\n'));
    }

  private Q_SLOTS:
    void showsWhatHappenedNewestFirstAndFollows() {
        Labels labels;
        LabelHistoryView view;
        view.resize(520, 200);
        view.show();
        QVERIFY(seen(view).contains(QStringLiteral("Select an item")));
        picture(view, QStringLiteral("history-empty"));
        view.follow(labels.edits.get());
        view.setTarget("cell_division_state", Labels::cell(17, 12), QStringLiteral("A/1/0, track 17, frame 12"));
        QVERIFY(seen(view).contains(QStringLiteral("Not labelled yet")));
        auto* list = view.findChild<QTreeWidget*>();
        QCOMPARE(list->topLevelItemCount(), 0);

        labels.apply(17, 12, "interphase");
        QCOMPARE(list->topLevelItemCount(), 1);
        QVERIFY(list->isVisible());
        labels.apply(3, 1, "mitosis");  // another cell
        QCOMPARE(list->topLevelItemCount(), 1);
        labels.edits->setAnnotator(QStringLiteral("bob"));
        labels.apply(17, 12, "mitosis");
        labels.edits->undo();
        QCOMPARE(list->topLevelItemCount(), 3);
        QCOMPARE(list->topLevelItem(0)->text(1), QStringLiteral("bob"));
        QCOMPARE(list->topLevelItem(0)->text(2), QStringLiteral("mitosis → interphase"));
        QCOMPARE(list->topLevelItem(0)->text(3), QStringLiteral("undone"));
        QCOMPARE(list->topLevelItem(1)->text(3), QStringLiteral("by hand"));
        QCOMPARE(list->topLevelItem(2)->text(1), QStringLiteral("ada"));
        QCOMPARE(list->topLevelItem(2)->text(2), QStringLiteral("no label → interphase"));
        QVERIFY(list->topLevelItem(0)->toolTip(3).contains(QStringLiteral("driftscope")));
        picture(view, QStringLiteral("history"));

        view.setTarget("cell_division_state", Labels::cell(3, 1), QStringLiteral("A/1/0, track 3, frame 1"));
        QCOMPARE(list->topLevelItemCount(), 1);
        QVERIFY(seen(view).contains(QStringLiteral("track 3")));
        view.clear();
        QVERIFY(seen(view).contains(QStringLiteral("Select an item")));
    }

    void renamedClassesShowTheirNewName() {
        Labels labels;
        labels.apply(1, 0, "mitosis");
        LabelHistoryView view;
        view.show();
        view.follow(labels.edits.get());
        view.setTarget("cell_division_state", Labels::cell(1, 0), QStringLiteral("cell"));
        LabelSchema schema = referenceSchemas()[0];
        schema.classes[1].name = "dividing";
        QVERIFY(labels.edits->putSchema(schema, {{"mitosis", "dividing"}}));
        QCOMPARE(view.findChild<QTreeWidget*>()->topLevelItem(0)->text(2), QStringLiteral("no label → dividing"));
        labels.edits.reset();
        view.clear();
    }
};

QTEST_MAIN(LabelHistoryTest)
#include "label_history_test.moc"
