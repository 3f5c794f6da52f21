// What every panel plugin must do, run once per plugin file: plugin_contract_test PLUGIN.so
#include <QAction>
#include <QApplication>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "app/gui/plugin_host.h"
#include "tests/support/strict_messages.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"
#include "widgets/session/selection_hub.h"

using namespace driftscope;

class PluginContractTest : public QObject {
    Q_OBJECT

  public:
    explicit PluginContractTest(QString file) : file_(std::move(file)) {}

  private:
    QString file_;
    QString id_;
    PluginHost host_;
    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<Project> project_;
    std::unique_ptr<EditStack> edits_;
    std::unique_ptr<SelectionHub> selection_;
    std::unique_ptr<JobRunner> jobs_;
    std::unique_ptr<HostContext> context_;

    std::unique_ptr<Panel> open() {
        auto panel = host_.open(id_, *context_);
        if (!panel) qWarning("%s", panel.error().text().c_str());
        return panel ? std::move(*panel) : nullptr;
    }
    static void live(int milliseconds = 200) { QTest::qWait(milliseconds); }

  private Q_SLOTS:
    void initTestCase() {
        host_.scan(QFileInfo(file_).path());
        for (const PluginInfo& info : host_.plugins())
            if (QFileInfo(info.file) == QFileInfo(file_)) id_ = info.id;
        QVERIFY2(host_.find(id_), qPrintable(file_));
    }

    void init() {
        folder_ = std::make_unique<QTemporaryDir>();
        project_ = std::move(*Project::create(folder_->filePath(QStringLiteral("project")), QStringLiteral("Contract")));
        edits_ = std::move(*EditStack::open(project_->labelsFile(), QStringLiteral("tester")));
        selection_ = std::make_unique<SelectionHub>();
        jobs_ = std::make_unique<JobRunner>(QStringLiteral(DRIFTSCOPE_TEST_RUNNER));
        jobs_->setRunsFolder(project_->runsFolder());
        context_ = std::make_unique<HostContext>(HostContext{*project_, *selection_, *jobs_, *edits_});
    }

    void cleanup() {
        for (const JobView& job : jobs_->jobs()) jobs_->kill(job.id);
        QTRY_VERIFY(!jobs_->anyActive());
        context_.reset();
        jobs_.reset();
        edits_.reset();
        project_.reset();
    }

    void describesItself() {
        const PluginInfo& info = *host_.find(id_);
        QVERIFY2(info.problem.isEmpty(), qPrintable(info.problem));
        QVERIFY(!info.title.isEmpty());
        QVERIFY(!info.version.isEmpty());
    }

    void livesInAnEmptyProject() {
        const auto panel = open();
        QVERIFY(panel && panel->widget());
        panel->widget()->resize(1000, 600);
        panel->widget()->show();
        live();
        QVERIFY(!panel->widget()->grab().isNull());
    }

    void opensTwiceAndAgain() {
        {
            const auto first = open(), second = open();
            QVERIFY(first && second);
            QVERIFY(first->widget() != second->widget());
            first->widget()->show();
            second->widget()->show();
            live();
        }
        QVERIFY(open());
    }

    void namesItsActionsAndUsesEachKeyOnce() {
        const auto panel = open();
        std::set<QString> keys;
        for (const QAction* action : panel->actions()) {
            QVERIFY(!action->text().isEmpty());
            for (const QKeySequence& key : action->shortcuts())
                QVERIFY2(keys.insert(key.toString()).second, qPrintable(QStringLiteral("two actions for %1").arg(key.toString())));
        }
    }

    void roundTripsItsState() {
        QJsonObject state;
        {
            const auto panel = open();
            panel->widget()->show();
            live();
            state = panel->saveState();
        }
        const auto panel = open();
        const auto restored = panel->restoreState(state);
        QVERIFY2(restored.has_value(), restored ? "" : restored.error().text().c_str());
        panel->widget()->show();
        live();
        QCOMPARE(panel->saveState(), state);
    }

    void survivesStatesItDoesNotUnderstand() {
        const auto panel = open();
        const QJsonObject nonsense{{QStringLiteral("value"), QStringLiteral("x")}, {QStringLiteral("layout"), 7}, {QStringLiteral("future"), QJsonObject{}}};
        const auto restored = panel->restoreState(nonsense);
        if (!restored) QVERIFY(!restored.error().message.empty());
        panel->widget()->show();
        live();
        QVERIFY(panel->restoreState({}).has_value());
    }

    void hearsTheSelectionWithoutData() {
        const auto panel = open();
        panel->widget()->show();
        selection_->set(SelectionLayer::Select, ElementKind::Cell, IdSet({5, 1'000'000}), this);
        selection_->set(SelectionLayer::Filter, ElementKind::Track, IdSet({3}), this);
        selection_->setColourColumn(QStringLiteral("no such column"), this);
        live();
        selection_->reset();
        live();
    }

    void doesNotTakeWhatItCannotRead() {
        const auto panel = open();
        QFile junk(folder_->filePath(QStringLiteral("junk.unknown")));
        QVERIFY(junk.open(QIODevice::WriteOnly));
        junk.write("nothing to see");
        junk.close();
        QVERIFY(!panel->openPath(junk.fileName()));
        live();
    }

    void closesWhileAJobRuns() {
        const QString id = jobs_->start(QStringLiteral("test.count"), {{QStringLiteral("to"), 100}, {QStringLiteral("pause"), 20}});
        {
            const auto panel = open();
            panel->widget()->show();
            QVERIFY(QTest::qWaitFor([&] { return jobs_->find(id)->done > 2; }, 10000));
        }
        live(300);
        QCOMPARE(jobs_->find(id)->state, JobView::State::Running);
        jobs_->cancel(id);
        QTRY_COMPARE(jobs_->find(id)->state, JobView::State::Cancelled);
    }
};

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    driftscope::test::StrictMessages messages;
    QStandardPaths::setTestModeEnabled(true);
    QApplication application(argc, argv);
    PluginContractTest test(QString::fromLocal8Bit(argv[1]));
    argv[1] = argv[0];
    const int failures = QTest::qExec(&test, argc - 1, argv + 1);
    return failures + (messages.unexpected().isEmpty() ? 0 : 1);
}

#include "plugin_contract_test.moc"
