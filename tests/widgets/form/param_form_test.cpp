#include "widgets/form/param_form.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDropEvent>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTest>
#include <QToolButton>
#include <QUrl>

#include "tests/support/strict_messages.h"
#include "widgets/form/param_field.h"
#include "widgets/form/real_spin_box.h"

using namespace driftscope;
using namespace driftscope::form;

namespace {

std::vector<ParamSpec> specs() {
    return {{.name = "images", .type = ParamType::Path, .help = "The plate."},
            {.name = "epochs", .type = ParamType::Int, .fallback = 40, .help = "Passes over the data.", .unit = "epochs", .minimum = 1, .maximum = 1000},
            {.name = "lr", .type = ParamType::Real, .fallback = 1e-4, .help = "Learning rate.", .minimum = 0, .maximum = 1, .source = "DynaCLR, table 2"},
            {.name = "loss", .type = ParamType::Choice, .fallback = "ntxent", .help = "What is minimised.", .choices = {"ntxent", "triplet"}},
            {.name = "shuffle", .type = ParamType::Bool, .fallback = true, .help = "New order in each epoch."},
            {.name = "channels", .type = ParamType::IntList, .fallback = nlohmann::json::array({0, 1}), .help = "Channel numbers."},
            {.name = "tables", .type = ParamType::PathList, .fallback = nlohmann::json::array(), .help = "More tables.", .optional = true},
            {.name = "crop.size", .type = ParamType::Int, .help = "Side of a crop.", .unit = "px", .minimum = 8, .optional = true, .advanced = true},
            {.name = "temperature", .type = ParamType::Real, .fallback = 0.5, .help = "Of NT-Xent.", .minimum = 0.01, .advanced = true}};
}

template <class Editor>
Editor* editor(const ParamForm& form, const char* name) {
    return form.field(QLatin1String(name))->findChild<Editor*>();
}

}  // namespace

class ParamFormTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void startsWithDefaultsAndSaysWhatIsNeeded() {
        ParamForm form(specs());
        const QJsonObject values = form.values();
        QCOMPARE(values[QStringLiteral("epochs")].toInt(), 40);
        QCOMPARE(values[QStringLiteral("lr")].toDouble(), 1e-4);
        QCOMPARE(values[QStringLiteral("channels")].toArray().size(), 2);
        QVERIFY(!values.contains(QStringLiteral("images")));
        QVERIFY(!values.contains(QStringLiteral("crop.size")));
        QVERIFY(!form.isValid());
        QVERIFY2(form.problem().startsWith(QStringLiteral("images")), qPrintable(form.problem()));
    }

    void typingChangesValues() {
        ParamForm form(specs());
        form.show();
        QSignalSpy edited(&form, &ParamForm::edited);
        QTest::keyClicks(editor<QLineEdit>(form, "images"), QStringLiteral("/data/plate.zarr"));
        QVERIFY(form.isValid());
        auto* epochs = editor<QSpinBox>(form, "epochs");
        epochs->setFocus();
        epochs->selectAll();
        QTest::keyClicks(epochs, QStringLiteral("12"));
        auto* lr = editor<RealSpinBox>(form, "lr");
        lr->selectAll();
        QTest::keyClicks(lr, QStringLiteral("3e-05"));
        QTest::keyClick(editor<QComboBox>(form, "loss"), Qt::Key_Down);
        QTest::mouseClick(editor<QCheckBox>(form, "shuffle"), Qt::LeftButton, {}, QPoint(6, editor<QCheckBox>(form, "shuffle")->height() / 2));
        const QJsonObject values = form.values();
        QCOMPARE(values[QStringLiteral("images")].toString(), QStringLiteral("/data/plate.zarr"));
        QCOMPARE(values[QStringLiteral("epochs")].toInt(), 12);
        QCOMPARE(values[QStringLiteral("lr")].toDouble(), 3e-5);
        QCOMPARE(values[QStringLiteral("loss")].toString(), QStringLiteral("triplet"));
        QCOMPARE(values[QStringLiteral("shuffle")].toBool(), false);
        QVERIFY(edited.size() >= 5);
    }

    void wrongListIsNamedInline() {
        ParamForm form(specs());
        form.show();
        auto* line = editor<QLineEdit>(form, "channels");
        line->selectAll();
        QTest::keyClicks(line, QStringLiteral("0, x"));
        QVERIFY(!form.isValid());
        const auto* message = form.field(QStringLiteral("channels"))->findChild<QLabel*>(QStringLiteral("problem"));
        QVERIFY(message->isVisible());
        QVERIFY2(message->text().contains(QStringLiteral("whole number")), qPrintable(message->text()));
        line->setText(QStringLiteral("2,0"));
        QVERIFY(!message->isVisible());
        QCOMPARE(form.values()[QStringLiteral("channels")].toArray().first().toInt(), 2);
    }

    void resetAppearsAndRestoresOneParameter() {
        ParamForm form(specs());
        form.show();
        ParamField* field = form.field(QStringLiteral("epochs"));
        auto* reset = field->findChild<QToolButton*>();
        QVERIFY(!reset->isVisible());
        field->setValue(7);
        QVERIFY(reset->isVisible());
        QTest::mouseClick(reset, Qt::LeftButton);
        QCOMPARE(form.values()[QStringLiteral("epochs")].toInt(), 40);
        QVERIFY(!reset->isVisible());
    }

    void advancedIsFoldedUntilNeeded() {
        ParamForm form(specs());
        form.show();
        QVERIFY(!form.field(QStringLiteral("temperature"))->isVisible());
        form.setValues({{QStringLiteral("temperature"), 0.2}});
        QVERIFY(form.advancedShown());
        QVERIFY(form.field(QStringLiteral("temperature"))->isVisible());
    }

    void roundTripsEveryType() {
        ParamForm form(specs());
        const QJsonObject given{{QStringLiteral("images"), QStringLiteral("/a b")}, {QStringLiteral("epochs"), 3}, {QStringLiteral("lr"), 1e-9}, {QStringLiteral("loss"), QStringLiteral("triplet")},
                                {QStringLiteral("shuffle"), false}, {QStringLiteral("channels"), QJsonArray{4}}, {QStringLiteral("tables"), QJsonArray{QStringLiteral("/x,y.h5ad"), QStringLiteral("/z")}},
                                {QStringLiteral("crop.size"), 64}, {QStringLiteral("temperature"), 0.07}};
        QVERIFY(form.setValues(given).isEmpty());
        QCOMPARE(form.values(), given);
        QVERIFY2(form.isValid(), qPrintable(form.problem()));
        form.reset();
        QCOMPARE(form.values()[QStringLiteral("epochs")].toInt(), 40);
    }

    void unknownNamesAreReturned() {
        ParamForm form(specs());
        QCOMPARE(form.setValues({{QStringLiteral("epoch"), 3}}), QStringList{QStringLiteral("epoch")});
    }

    void commandLineNamesWhatDiffers() {
        ParamForm form(specs());
        form.setValues({{QStringLiteral("images"), QStringLiteral("/my data/a.zarr")}, {QStringLiteral("epochs"), 3}});
        const QString line = form.commandLine().join(QLatin1Char(' '));
        QCOMPARE(line, QStringLiteral("--set 'images=/my data/a.zarr' --set epochs=3"));
    }

    void droppedFileBecomesThePath() {
        ParamForm form(specs());
        form.show();
        QWidget* target = editor<QLineEdit>(form, "images")->parentWidget();
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(QStringLiteral("/data/plate 1.zarr"))});
        QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(target, &enter);
        QDropEvent drop(QPointF(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(target, &drop);
        QCOMPARE(form.values()[QStringLiteral("images")].toString(), QStringLiteral("/data/plate 1.zarr"));
    }

    void realSpinBoxStepsInMagnitudeAndKeepsDigits() {
        RealSpinBox box;
        box.setRange(0, 10);
        box.setValue(1e-4);
        QCOMPARE(box.text(), QStringLiteral("0.0001"));
        box.stepBy(1);
        QCOMPARE(box.value(), 1.1e-4);
        box.stepBy(-1);
        box.stepBy(-1);
        QCOMPARE(box.value(), 9.9e-5);
        box.setValue(1.23456789e-7);
        QCOMPARE(box.value(), 1.23456789e-7);
    }

    void everyEditorIsNamedAndExplained() {
        ParamForm form(specs());
        for (const ParamSpec& spec : specs()) {
            ParamField* field = form.field(QString::fromStdString(spec.name));
            QVERIFY(field->toolTip().contains(QString::fromStdString(spec.help)));
            QVERIFY(field->toolTip().contains(QStringLiteral("--set ") + QString::fromStdString(spec.name)));
            const auto children = field->findChildren<QWidget*>();
            QVERIFY(std::any_of(children.begin(), children.end(), [&](const QWidget* child) { return child->accessibleName() == QString::fromStdString(spec.name); }));
        }
        QVERIFY(form.field(QStringLiteral("lr"))->toolTip().contains(QStringLiteral("DynaCLR, table 2")));
    }

    void wheelOverAnUnfocusedFieldChangesNothing() {
        ParamForm form(specs());
        form.show();
        auto* epochs = editor<QSpinBox>(form, "epochs");
        form.field(QStringLiteral("lr"))->setFocus();
        QWheelEvent wheel(QPointF(3, 3), epochs->mapToGlobal(QPointF(3, 3)), {}, QPoint(0, 120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(epochs, &wheel);
        QCOMPARE(epochs->value(), 40);
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(ParamFormTest)
#include "param_form_test.moc"
