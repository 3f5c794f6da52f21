#include "app/gui/plugin_host.h"

#include <QAction>
#include <QApplication>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/strict_messages.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"
#include "widgets/session/selection_hub.h"

using namespace driftscope;

class PluginHostTest : public QObject {
    Q_OBJECT

  private:
    QTemporaryDir folder_;
    std::unique_ptr<Project> project_;
    std::unique_ptr<EditStack> edits_;
    SelectionHub selection_;
    JobRunner jobs_{QStringLiteral(DRIFTSCOPE_TEST_RUNNER)};
    std::unique_ptr<HostContext> context_;
    PluginHost host_;

    QString problem(const char* id) const { return host_.find(QLatin1String(id))->problem; }

  private Q_SLOTS:
    void initTestCase() {
        project_ = std::move(*Project::create(folder_.filePath(QStringLiteral("p")), QStringLiteral("Test")));
        edits_ = std::move(*EditStack::open(project_->labelsFile(), QStringLiteral("tester")));
        context_ = std::make_unique<HostContext>(HostContext{*project_, selection_, jobs_, *edits_});
        host_.scan(QStringLiteral(DRIFTSCOPE_TEST_PLUGINS));
    }

    void readsMetadataWithoutRunningCode() {
        QCOMPARE(host_.plugins().size(), std::size_t{4});
        QCOMPARE(host_.find(QStringLiteral("empty"))->title, QStringLiteral("Empty"));
        QVERIFY(problem("empty").isEmpty());
        QVERIFY(problem("throwing").isEmpty());
        QVERIFY2(problem("foreign").contains(QStringLiteral("Other-1.0")), qPrintable(problem("foreign")));
        QVERIFY2(problem("broken").contains(QStringLiteral("broken.so is not a readable plugin")), qPrintable(problem("broken")));
    }

    void refusesWithAReason_data() {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("reason");
        QTest::newRow("wrong ABI") << QStringLiteral("foreign") << QStringLiteral("built differently");
        QTest::newRow("no library") << QStringLiteral("broken") << QStringLiteral("not a readable plugin");
        QTest::newRow("throws") << QStringLiteral("throwing") << QStringLiteral("no such colour map");
        QTest::newRow("unknown") << QStringLiteral("nothing") << QStringLiteral("There is no panel");
    }

    void refusesWithAReason() {
        QFETCH(QString, id);
        QFETCH(QString, reason);
        const auto panel = host_.open(id, *context_);
        QVERIFY(!panel);
        QVERIFY2(QString::fromStdString(panel.error().text()).contains(reason), panel.error().text().c_str());
    }

    void othersWorkAfterAFailure() {
        QVERIFY(!host_.open(QStringLiteral("throwing"), *context_));
        QVERIFY(!problem("throwing").isEmpty());
        auto panel = host_.open(QStringLiteral("empty"), *context_);
        QVERIFY(panel);
        (*panel)->actions().front()->trigger();
        QCOMPARE((*panel)->saveState().value(QStringLiteral("value")).toInt(), 1);
    }

    void absentFolderHasNoPlugins() {
        PluginHost none;
        none.scan(QStringLiteral("/no/such/folder"));
        QVERIFY(none.plugins().empty());
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(PluginHostTest)
#include "plugin_host_test.moc"
