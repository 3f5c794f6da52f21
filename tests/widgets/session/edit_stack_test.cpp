#include "widgets/session/edit_stack.h"

#include <QAction>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QVBoxLayout>

using namespace driftscope;

class EditStackTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<EditStack> stack_;
    const std::string schema_ = "cell_division_state";

    void open() {
        stack_.reset();
        auto opened = EditStack::open(folder_->filePath(QStringLiteral("labels.sqlite")), QStringLiteral("ada"));
        QVERIFY2(opened.has_value(), opened ? "" : opened.error().text().c_str());
        stack_ = std::move(*opened);
    }
    static LabelTarget cell(int track, int frame) { return {"plate", "A/1/0#" + std::to_string(track), frame}; }
    std::string label(const LabelTarget& target) { return stack_->store().label(schema_, target).value(); }

  private Q_SLOTS:
    void init() {
        folder_ = std::make_unique<QTemporaryDir>();
        open();
        QVERIFY(stack_->putSchema(referenceSchemas()[0]));
    }
    void cleanup() { stack_.reset(); }

    void changedComesAfterTheLabelIsStored() {
        auto reader =
            LabelStore::openForReading(folder_->filePath(QStringLiteral("labels.sqlite")).toStdString()).value();
        std::string seen;
        std::vector<LabelEvent> got;
        QObject::connect(stack_.get(), &EditStack::changed, this,
                         [&](const std::string& schema, const std::vector<LabelEvent>& events) {
                             seen = reader->label(schema, cell(1, 2)).value();  // another connection sees it already
                             got = events;
                         });
        QVERIFY(stack_->apply(schema_, {{cell(1, 2), "mitosis"}}));
        QCOMPARE(seen, std::string("mitosis"));
        QCOMPARE(got.size(), 1u);
        QCOMPARE(got[0].annotator, std::string("ada"));
        QSignalSpy changed(stack_.get(), &EditStack::changed);
        QVERIFY(stack_->apply(schema_, {{cell(1, 2), "mitosis"}}));
        QCOMPARE(changed.count(), 0);  // a repetition changes nothing
        QObject::disconnect(stack_.get(), &EditStack::changed, this, nullptr);
    }

    void actionsFollowTheStackAlsoAfterARestart() {
        QVERIFY(!stack_->undoAction()->isEnabled());
        QVERIFY(stack_->apply(schema_, {{cell(1, 0), "mitosis"}, {cell(1, 1), "interphase"}}));
        QVERIFY(stack_->undoAction()->isEnabled());
        open();
        QVERIFY(stack_->undoAction()->isEnabled());
        QVERIFY(!stack_->redoAction()->isEnabled());
        QSignalSpy changed(stack_.get(), &EditStack::changed);
        stack_->undoAction()->trigger();
        QCOMPARE(changed.count(), 1);
        QCOMPARE(label(cell(1, 1)), std::string());
        QVERIFY(!stack_->canUndo());
        open();
        QVERIFY(stack_->redoAction()->isEnabled());
        stack_->redo();
        QCOMPARE(label(cell(1, 0)), std::string("mitosis"));
        QVERIFY(!stack_->canRedo());
    }

    void shortcutsUndoAndRedoButLeaveTextFieldsAlone() {
        QWidget window;
        auto* layout = new QVBoxLayout(&window);
        auto* canvas = new QWidget;
        canvas->setFocusPolicy(Qt::StrongFocus);
        auto* edit = new QLineEdit;
        layout->addWidget(canvas);
        layout->addWidget(edit);
        window.addActions({stack_->undoAction(), stack_->redoAction()});
        window.show();
        window.activateWindow();  // no window manager does it on a bare display
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QVERIFY(stack_->apply(schema_, {{cell(1, 0), "mitosis"}}));
        canvas->setFocus();
        const std::string none, mitosis = "mitosis";
        QTest::keyClick(canvas, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(label(cell(1, 0)), none);
        QTest::keyClick(canvas, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(label(cell(1, 0)), mitosis);
        QTest::keyClick(canvas, Qt::Key_Z);
        QCOMPARE(label(cell(1, 0)), none);
        QTest::keyClick(canvas, Qt::Key_Z, Qt::ShiftModifier);
        QCOMPARE(label(cell(1, 0)), mitosis);
        edit->setFocus();
        QTest::keyClick(edit, Qt::Key_Z);
        QTest::keyClick(edit, Qt::Key_Z, Qt::ShiftModifier);
        QCOMPARE(edit->text().toLower(), QStringLiteral("zz"));
        QTest::keyClick(edit, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(label(cell(1, 0)), mitosis);
    }

    void largeEditsAreOnDiskBeforeTheyShowAndKeepTheirOrder() {
        constexpr int kMany = 3000;
        std::vector<LabelChange> many;
        for (int i = 0; i < kMany; ++i) many.push_back({cell(i, 0), "mitosis"});
        auto reader =
            LabelStore::openForReading(folder_->filePath(QStringLiteral("labels.sqlite")).toStdString()).value();
        std::vector<std::size_t> sizes;
        std::vector<std::int64_t> onDisk;
        const QObject context;
        QObject::connect(stack_.get(), &EditStack::changed, &context,
                         [&](const std::string&, const std::vector<LabelEvent>& events) {
                             sizes.push_back(events.size());
                             onDisk.push_back(reader->counts(schema_).value().at("mitosis"));
                         });
        QSignalSpy storing(stack_.get(), &EditStack::storingChanged);
        stack_->applyLater(schema_, many);
        stack_->applyLater(schema_, {{cell(7, 0), "interphase"}});
        QVERIFY(stack_->isStoring());
        QVERIFY(sizes.empty());  // nothing shows before the event loop delivers what was stored
        QVERIFY(!stack_->undoAction()->isEnabled());
        (void)stack_->store().counts(schema_).value();  // readable meanwhile
        QTRY_VERIFY(!stack_->isStoring());
        QCOMPARE(sizes, (std::vector<std::size_t>{kMany, 1}));
        QVERIFY(onDisk[0] >= kMany - 1 && onDisk[1] == kMany - 1);
        QCOMPARE(storing.count(), 2);
        stack_->undo();  // one label: at once
        QCOMPARE(label(cell(7, 0)), std::string("mitosis"));
        stack_->undo();  // many: later
        QVERIFY(stack_->isStoring());
        QTRY_VERIFY(!stack_->isStoring());
        QCOMPARE(stack_->store().counts(schema_).value().at("mitosis"), std::int64_t{0});
        stack_->redo();
        // What must not overtake a large edit waits for it.
        QVERIFY(stack_->apply(schema_, {{cell(1, 0), "interphase"}}));
        QVERIFY(!stack_->isStoring());
        QCOMPARE(stack_->store().counts(schema_).value().at("mitosis"), std::int64_t{kMany - 1});
        QCOMPARE(sizes.back(), std::size_t{1});
    }

    void closingFinishesWhatIsUnderWay() {
        std::vector<LabelChange> many;
        for (int i = 0; i < 5000; ++i) many.push_back({cell(i, 0), "mitosis"});
        QSignalSpy failed(stack_.get(), &EditStack::failed);
        stack_->applyLater(schema_, {{cell(1, 0), "purple"}});
        QTRY_COMPARE(failed.count(), 1);
        QVERIFY(!stack_->isStoring());
        stack_->applyLater(schema_, many);
        stack_->applyLater(schema_, {{cell(0, 0), "interphase"}});
        open();  // closes the first stack at once
        QCOMPARE(stack_->store().counts(schema_).value().at("mitosis"), std::int64_t{4999});
        QCOMPARE(label(cell(0, 0)), std::string("interphase"));
    }

    void failuresAreReturnedAndSaid() {
        QSignalSpy failed(stack_.get(), &EditStack::failed);
        QSignalSpy changed(stack_.get(), &EditStack::changed);
        const auto wrong = stack_->apply(schema_, {{cell(1, 0), "purple"}});
        QVERIFY(!wrong);
        QCOMPARE(failed.count(), 1);
        QVERIFY(failed[0][0].toString().contains(QStringLiteral("purple")));
        QCOMPARE(changed.count(), 0);
        QVERIFY(!EditStack::open(folder_->filePath(QStringLiteral("labels.sqlite")), {}));
        auto other = EditStack::open(folder_->filePath(QStringLiteral("other.sqlite")), QStringLiteral("  "));
        QVERIFY(other);
        QVERIFY(!(*other)->annotator().isEmpty());
    }
};

QTEST_MAIN(EditStackTest)
#include "edit_stack_test.moc"
