#include "widgets/label/schema_editor.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPointer>
#include <QPushButton>
#include <QTableView>

#include "tests/widgets/label/label_test_support.h"
#include "widgets/label/class_table.h"

using namespace driftscope;
using namespace driftscope::label;

class SchemaEditorTest : public QObject {
    Q_OBJECT

    std::unique_ptr<Labels> labels_;
    QPointer<SchemaEditor> editor_;

    void open(const std::string& name) {
        editor_ = SchemaEditor::open(*labels_->edits, name, nullptr);
        QVERIFY(showActive(*editor_));
        QVERIFY(!editor_->isModal());
    }
    QTableView* table() const { return editor_->findChild<QTableView*>(); }
    ClassTable* classes() const { return editor_->findChild<ClassTable*>(); }
    QPushButton* button(const char* text) const {
        for (QPushButton* candidate : editor_->findChildren<QPushButton*>())
            if (candidate->text().remove(QLatin1Char('&')) == QLatin1String(text)) return candidate;
        return nullptr;
    }
    QPushButton* saveButton() const { return editor_->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Save); }
    QString message() const {
        for (QLabel* label : editor_->findChildren<QLabel*>())
            if (label->accessibleName() == QStringLiteral("What has to be corrected"))
                return label->isVisible() ? label->text() : QString();
        return QStringLiteral("no message label");
    }
    /// Types into a cell as a person does: select, type, Enter.
    void type(int row, int column, const QString& text) {
        table()->setCurrentIndex(classes()->index(row, column));
        table()->setFocus();
        QTest::keyClick(table(), Qt::Key_F2);
        auto* field = table()->viewport()->findChild<QLineEdit*>();
        QVERIFY2(field, "no editor opened");
        field->selectAll();
        QTest::keyClicks(field, text);
        QTest::keyClick(field, Qt::Key_Return);
        QTest::qWait(1);
    }
    LabelSchema stored(std::size_t index = 0) const { return labels_->edits->store().schemas().value()[index]; }

  private Q_SLOTS:
    void init() { labels_ = std::make_unique<Labels>(); }
    void cleanup() {
        delete editor_;
        labels_.reset();
    }

    void renamingTakesLabelsAlong() {
        labels_->apply(1, 0, "mitosis");
        open("cell_division_state");
        type(1, ClassTable::Name, QStringLiteral("dividing"));
        type(1, ClassTable::Key, QStringLiteral("M"));
        type(1, ClassTable::Spellings, QStringLiteral("2, mitosis ,metaphase"));
        QCOMPARE(message(), QString());
        QCOMPARE(stored().classes[1].name, std::string("mitosis"));  // nothing before Save
        QTest::mouseClick(saveButton(), Qt::LeftButton);
        QTRY_VERIFY(!editor_);
        QCOMPARE(stored().classes[1].name, std::string("dividing"));
        QCOMPARE(stored().classes[1].key, std::string("m"));
        QCOMPARE(stored().classes[1].aliases, (std::vector<std::string>{"2", "mitosis", "metaphase"}));
        QCOMPARE(labels_->edits->store().label("cell_division_state", Labels::cell(1, 0)).value(),
                 std::string("dividing"));
    }

    void problemsAreSaidAtOnceAndBlockSaving() {
        open("cell_division_state");
        editor_->setReservedKeys({{QStringLiteral("a"), QStringLiteral("previous frame")}});
        QCOMPARE(message(), QString());
        type(1, ClassTable::Name, QStringLiteral("Interphase"));
        QVERIFY2(message().contains(QStringLiteral("Two classes are named “Interphase”")), qPrintable(message()));
        QVERIFY(!saveButton()->isEnabled());
        type(1, ClassTable::Key, QStringLiteral("1"));
        QVERIFY(message().contains(QStringLiteral("The key 1 belongs to “interphase”")));
        type(0, ClassTable::Key, QStringLiteral("a"));
        QVERIFY(message().contains(QStringLiteral("The key A means “previous frame” here")));
        QTest::qWait(20);
        picture(*editor_, QStringLiteral("schema-editor-problems"));
        type(1, ClassTable::Name, QStringLiteral("mitosis"));
        type(0, ClassTable::Key, QStringLiteral("i"));
        QCOMPARE(message(), QString());
        type(1, ClassTable::Spellings, QStringLiteral("interphase"));
        QVERIFY(message().contains(QStringLiteral("The spelling “interphase” belongs to “interphase”")));
        type(1, ClassTable::Spellings, QString());
        type(1, ClassTable::Key, QStringLiteral("12"));
        QVERIFY(message().contains(QStringLiteral("not a single digit")));
        QTest::keyClick(editor_, Qt::Key_Escape);
        QTRY_VERIFY(!editor_);
        QCOMPARE(stored().toJson().dump(), referenceSchemas()[0].toJson().dump());
    }

    void addingMovingAndRemovingClasses() {
        labels_->apply(1, 0, "interphase");
        open("cell_division_state");
        QTest::mouseClick(button("Add class"), Qt::LeftButton);
        auto* field = table()->viewport()->findChild<QLineEdit*>();
        QVERIFY2(field, "a new class is ready to be named");
        QTest::keyClicks(field, QStringLiteral("anaphase"));
        QTest::keyClick(field, Qt::Key_Return);
        QTest::qWait(1);
        QVERIFY2(message().contains(QStringLiteral("anaphase")), "it is a spelling of mitosis");
        type(2, ClassTable::Name, QStringLiteral("dead"));
        QCOMPARE(classes()->classes()[2].key, std::string("3"));
        QVERIFY(classes()->colour(2) != classes()->colour(0) && classes()->colour(2) != classes()->colour(1));
        QTest::mouseClick(button("Move up"), Qt::LeftButton);
        QCOMPARE(classes()->classes()[1].name, std::string("dead"));
        QCOMPARE(table()->currentIndex().row(), 1);
        table()->setCurrentIndex(classes()->index(0, ClassTable::Name));
        QVERIFY2(!button("Remove")->isEnabled(), "interphase has a label");
        table()->setCurrentIndex(classes()->index(2, ClassTable::Name));
        QTest::mouseClick(button("Remove"), Qt::LeftButton);
        QCOMPARE(classes()->rowCount(), 2);
        QTest::mouseClick(saveButton(), Qt::LeftButton);
        QTRY_VERIFY(!editor_);
        QCOMPARE(stored().classes.size(), 2u);
        QCOMPARE(stored().classes[1].name, std::string("dead"));
    }

    void aNewSchemaNamesItsColumn() {
        open("");
        auto fields = editor_->findChildren<QLineEdit*>();
        QTest::keyClicks(fields[0], QStringLiteral("Zellform (rund?)"));
        QCOMPARE(fields[1]->text(), QStringLiteral("zellform_rund"));
        type(0, ClassTable::Name, QStringLiteral("round"));
        type(1, ClassTable::Name, QStringLiteral("flat"));
        QCOMPARE(message(), QString());
        QTest::mouseClick(saveButton(), Qt::LeftButton);
        QTRY_VERIFY(!editor_);
        QCOMPARE(stored(2).name, std::string("zellform_rund"));
        QCOMPARE(stored(2).title, std::string("Zellform (rund?)"));

        open("");
        fields = editor_->findChildren<QLineEdit*>();
        QTest::keyClicks(fields[0], QStringLiteral("Zellform rund"));
        type(0, ClassTable::Name, QStringLiteral("x"));
        type(1, ClassTable::Name, QStringLiteral("y"));
        QTest::mouseClick(saveButton(), Qt::LeftButton);
        QVERIFY2(message().contains(QStringLiteral("zellform_rund\" already")), qPrintable(message()));
        QCOMPARE(stored(2).classes[0].name, std::string("round"));
    }

    void coloursComeFromASafePalette() {
        open("cell_division_state");
        table()->setCurrentIndex(classes()->index(0, ClassTable::Colour));
        table()->setFocus();
        QTest::keyClick(table(), Qt::Key_Return);
        QPointer<QMenu> menu;
        QTRY_VERIFY((menu = editor_->findChild<QMenu*>()) && menu->isVisible());
        picture(*menu, QStringLiteral("schema-editor-colours"));
        QTest::keyClick(menu, Qt::Key_Down);
        QTest::keyClick(menu, Qt::Key_Down);
        QTest::keyClick(menu, Qt::Key_Down);
        QTest::keyClick(menu, Qt::Key_Return);
        QCOMPARE(classes()->colour(0), QColor(0x00, 0x9E, 0x73));
        QVERIFY2(editor_->isVisible(), "Enter in the table does not save");
        QTest::keyClick(table(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(!editor_);
        QCOMPARE(stored().classes[0].color, std::string("#009E73"));
    }

    void aClosedProjectIsSaidNotCrashed() {
        open("cell_division_state");
        labels_->edits.reset();
        QTest::mouseClick(saveButton(), Qt::LeftButton);
        QVERIFY(message().contains(QStringLiteral("The project was closed")));
    }

    void picturesOfTheEditor() {
        labels_->apply(1, 0, "mitosis");
        open("cell_division_state");
        picture(*editor_, QStringLiteral("schema-editor"));
    }
};

QTEST_MAIN(SchemaEditorTest)
#include "schema_editor_test.moc"
