#include "widgets/session/job_runner.h"

#include <signal.h>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/strict_messages.h"

using namespace driftscope;
using State = JobView::State;

namespace {

const QString kRunner = QStringLiteral(DRIFTSCOPE_TEST_RUNNER);
const QString kCount = QStringLiteral("test.count");

QJsonObject counting(int to, int pause = 1, bool stubborn = false) {
    return {{QStringLiteral("to"), to}, {QStringLiteral("pause"), pause}, {QStringLiteral("stubborn"), stubborn}};
}

}  // namespace

class JobRunnerTest : public QObject {
    Q_OBJECT

  private:
    std::unique_ptr<QTemporaryDir> folder_;
    QString runs() const { return folder_->filePath(QStringLiteral("runs")); }

    std::unique_ptr<JobRunner> runner() const {
        auto made = std::make_unique<JobRunner>(kRunner);
        made->setRunsFolder(runs());
        return made;
    }
    static bool reaches(const JobRunner& jobs, const QString& id, State state) {
        return QTest::qWaitFor([&] { return jobs.find(id) && jobs.find(id)->state == state; }, 15000);
    }
    static QString readAll(const QString& path) {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    }

  private Q_SLOTS:
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }

    void runsAJobToItsResult() {
        const auto jobs = runner();
        QSignalSpy added(jobs.get(), &JobRunner::jobAdded), finished(jobs.get(), &JobRunner::jobFinished);
        const QString id = jobs->start(kCount, counting(5), QStringLiteral("Count to five"));
        QCOMPARE(jobs->find(id)->state, State::Queued);
        QVERIFY(reaches(*jobs, id, State::Done));
        QCOMPARE(added.size(), 1);
        QCOMPARE(finished.size(), 1);
        const JobView& job = *jobs->find(id);
        QCOMPARE(job.result[QStringLiteral("last")].toInt(), 5);
        QCOMPARE(job.title, QStringLiteral("Count to five"));
        QCOMPARE(job.done, 5.0);
        QVERIFY(job.finished >= job.started);
        QCOMPARE(jobs->metrics(id).size(), std::size_t{5});
        QVERIFY(jobs->logText(id).contains(QStringLiteral("Counting from 0 to 5.")));
    }

    void followsProgressWhileRunning() {
        const auto jobs = runner();
        QSignalSpy metrics(jobs.get(), &JobRunner::metricAdded);
        const QString id = jobs->start(kCount, counting(40, 50));
        QVERIFY(QTest::qWaitFor([&] { return jobs->find(id)->done > 5; }, 10000));
        const JobView& job = *jobs->find(id);
        QCOMPARE(job.state, State::Running);
        QCOMPARE(job.stage, QStringLiteral("number"));
        QCOMPARE(job.total, 40.0);
        QVERIFY2(job.etaSeconds > 0 && job.etaSeconds < 10, qPrintable(QString::number(job.etaSeconds)));
        QVERIFY(metrics.size() > 3);
        jobs->cancel(id);
        QVERIFY(reaches(*jobs, id, State::Cancelled));
    }

    void oneLaneRunsOneJobAtATimeInOrder() {
        const auto jobs = runner();
        const QString first = jobs->start(kCount, counting(10, 20)), second = jobs->start(kCount, counting(1));
        QVERIFY(reaches(*jobs, first, State::Running));
        QCOMPARE(jobs->find(second)->state, State::Queued);
        QVERIFY(reaches(*jobs, second, State::Done));
        QVERIFY(jobs->find(second)->started >= jobs->find(first)->finished);
        QCOMPARE(jobs->jobs().front().id, second);
    }

    void twoLanesRunTwoJobs() {
        const auto jobs = runner();
        jobs->setLanes(2);
        const QString first = jobs->start(kCount, counting(1000, 50)), second = jobs->start(kCount, counting(1000, 50));
        QVERIFY(QTest::qWaitFor([&] { return jobs->find(first)->done > 0 && jobs->find(second)->done > 0; }, 10000));
        jobs->cancel(first);
        jobs->cancel(second);
        QVERIFY(QTest::qWaitFor([&] { return !jobs->anyActive(); }, 10000));
    }

    void aJobReadsWhatAnEarlierOneWrote() {
        const auto jobs = runner();
        const QString count = jobs->start(kCount, counting(7));
        const QString read = jobs->start(QStringLiteral("test.read"), {{QStringLiteral("input"), QStringLiteral("${%1}/count.txt").arg(count)}});
        QVERIFY(reaches(*jobs, read, State::Done));
        QCOMPARE(jobs->find(read)->result[QStringLiteral("value")].toInt(), 7);
    }

    void aFailedInputFailsThoseThatWaitAndResumingRevivesThem() {
        const auto jobs = runner();
        const QString count = jobs->start(kCount, counting(30, 50));
        const QString read = jobs->start(QStringLiteral("test.read"), {{QStringLiteral("input"), QStringLiteral("${%1}/count.txt").arg(count)}}, {}, {count});
        QVERIFY(QTest::qWaitFor([&] { return jobs->find(count)->done > 2; }, 10000));
        jobs->cancel(count);
        QVERIFY(reaches(*jobs, read, State::Failed));
        QVERIFY(jobs->find(read)->error.contains(QStringLiteral("Resume that job")));
        jobs->resume(count);
        QVERIFY(reaches(*jobs, read, State::Done));
        QCOMPARE(jobs->find(read)->result[QStringLiteral("value")].toInt(), 30);
        QVERIFY(jobs->find(count)->result[QStringLiteral("first")].toInt() > 0);
    }

    void aResumedCurveHasNoStepTwice() {
        const auto jobs = runner();
        const QString id = jobs->start(kCount, counting(20, 40));
        QVERIFY(QTest::qWaitFor([&] { return jobs->find(id)->done > 3; }, 10000));
        jobs->kill(id);
        QVERIFY(reaches(*jobs, id, State::Failed));
        QVERIFY(jobs->find(id)->error.contains(QStringLiteral("signal 9")));
        jobs->resume(id);
        QVERIFY(reaches(*jobs, id, State::Done));
        const auto points = jobs->metrics(id);
        QCOMPARE(points.size(), std::size_t{20});
        for (std::size_t i = 0; i < points.size(); ++i) QCOMPARE(points[i].step, static_cast<double>(i + 1));
    }

    void failureShowsSentenceRemedyAndLog() {
        const auto jobs = runner();
        const QString id = jobs->start(QStringLiteral("test.fail"), {});
        QVERIFY(reaches(*jobs, id, State::Failed));
        QCOMPARE(jobs->find(id)->error, QStringLiteral("Row 7 of movie.csv has no column 't'. Add the column and resume."));
        QVERIFY(jobs->logText(id).contains(QStringLiteral("About to fail.")));
    }

    void crashIsReportedWithItsLastWords() {
        const auto jobs = runner();
        const QString id = jobs->start(QStringLiteral("test.crash"), {});
        QVERIFY(reaches(*jobs, id, State::Failed));
        QVERIFY2(jobs->find(id)->error.contains(QStringLiteral("signal 11")), qPrintable(jobs->find(id)->error));
        QVERIFY(jobs->logText(id).contains(QStringLiteral("last words")));
    }

    void badParametersAreAFailedJobThatSurvivesARestart() {
        QString id;
        {
            const auto jobs = runner();
            id = jobs->start(kCount, {{QStringLiteral("too"), 3}});
            QVERIFY(reaches(*jobs, id, State::Failed));
            QVERIFY2(jobs->find(id)->error.contains(QStringLiteral("Did you mean 'to'?")), qPrintable(jobs->find(id)->error));
        }
        const auto again = runner();
        QVERIFY(again->find(id));
        QVERIFY(again->find(id)->error.contains(QStringLiteral("Did you mean")));
    }

    void missingRunnerIsAFailedJob() {
        JobRunner jobs(QStringLiteral("/no/such/driftscope-run"));
        jobs.setRunsFolder(runs());
        QSignalSpy failed(&jobs, &JobRunner::failed);
        const QString id = jobs.start(kCount, counting(1));
        QVERIFY(reaches(jobs, id, State::Failed));
        QVERIFY(jobs.find(id)->error.contains(QStringLiteral("/no/such/driftscope-run")));
        jobs.loadKinds();
        QTRY_COMPARE(failed.size(), 1);
        QVERIFY(!jobs.kindsReady());
    }

    void stubbornJobIsOfferedToBeKilled() {
        const auto jobs = runner();
        jobs->setKillGrace(0.3);
        const QString id = jobs->start(kCount, counting(1000, 20, true));
        QVERIFY(QTest::qWaitFor([&] { return jobs->find(id)->done > 0; }, 10000));
        jobs->cancel(id);
        QVERIFY(jobs->find(id)->cancelling);
        QVERIFY(!jobs->find(id)->killOffered);
        QVERIFY(QTest::qWaitFor([&] { return jobs->find(id)->killOffered; }, 5000));
        QCOMPARE(jobs->find(id)->state, State::Running);
        jobs->kill(id);
        QVERIFY(reaches(*jobs, id, State::Cancelled));
    }

    void jobsOutliveTheGuiAndAreFoundAgain() {
        QString id, waiting;
        {
            const auto jobs = runner();
            id = jobs->start(kCount, counting(60, 30), QStringLiteral("Long count"));
            waiting = jobs->start(kCount, counting(2), QStringLiteral("Afterwards"), {id});
            QVERIFY(QTest::qWaitFor([&] { return jobs->find(id)->done > 3; }, 10000));
        }
        QTest::qWait(200);
        const auto again = runner();
        QVERIFY(again->find(id));
        QCOMPARE(again->find(id)->state, State::Running);
        QCOMPARE(again->find(id)->title, QStringLiteral("Long count"));
        QCOMPARE(again->find(waiting)->state, State::Queued);
        QVERIFY(reaches(*again, id, State::Done));
        QCOMPARE(again->metrics(id).size(), std::size_t{60});
        QVERIFY(reaches(*again, waiting, State::Done));
    }

    void runsOfAShellAppear() {
        const auto jobs = runner();
        QProcess shell;
        shell.start(kRunner, {kCount, QStringLiteral("--set"), QStringLiteral("to=40"), QStringLiteral("--set"), QStringLiteral("pause=30"),
                              QStringLiteral("--out"), runs() + QStringLiteral("/from-shell")});
        QVERIFY(QTest::qWaitFor([&] { return jobs->find(QStringLiteral("from-shell")) != nullptr; }, 10000));
        QVERIFY(reaches(*jobs, QStringLiteral("from-shell"), State::Running));
        jobs->cancel(QStringLiteral("from-shell"));
        QVERIFY(reaches(*jobs, QStringLiteral("from-shell"), State::Cancelled));
        QTRY_COMPARE(shell.state(), QProcess::NotRunning);
        QCOMPARE(shell.exitCode(), 5);
        jobs->resume(QStringLiteral("from-shell"));
        QVERIFY(reaches(*jobs, QStringLiteral("from-shell"), State::Done));
    }

    void removedRunsLeaveTheList() {
        driftscope::test::StrictMessages::expect(QStringLiteral("trash directory"));  // a bare test account has none
        const auto jobs = runner();
        const QString id = jobs->start(kCount, counting(2));
        jobs->remove(id);
        QVERIFY(jobs->find(id));  // not while it is waiting or running
        QVERIFY(reaches(*jobs, id, State::Done));
        QSignalSpy removed(jobs.get(), &JobRunner::jobRemoved);
        jobs->remove(id);
        QCOMPARE(removed.size(), 1);
        QVERIFY(!jobs->find(id));
        QVERIFY(!QDir(runs() + QLatin1Char('/') + id).exists());
        const auto again = runner();
        QVERIFY(!again->find(id));
    }

    void finishedResultIsNotSpoiledByDamagedEvents() {
        const auto jobs = runner();
        const QString id = jobs->start(kCount, counting(3));
        QVERIFY(reaches(*jobs, id, State::Done));
        QFile events(jobs->find(id)->folder + QStringLiteral("/events.jsonl"));
        QVERIFY(events.open(QIODevice::Append));
        events.write("{\"type\":\"metric\",\"na\n\xff\xfe[1]\n{\"type\":7}\n{\"type\":\"metric\"");
        events.close();
        const auto again = runner();
        QCOMPARE(again->find(id)->state, State::Done);
        QCOMPARE(again->metrics(id).size(), std::size_t{3});
        QVERIFY(again->logText(id).contains(QStringLiteral("damaged line")));
    }

    void kindsComeFromTheRunner() {
        const auto jobs = runner();
        QSignalSpy loaded(jobs.get(), &JobRunner::kindsLoaded);
        jobs->loadKinds();
        QTRY_COMPARE(loaded.size(), 1);
        QCOMPARE(jobs->kindTitle(kCount), QStringLiteral("Count"));
        const auto specs = jobs->params(kCount);
        QCOMPARE(specs.size(), std::size_t{3});
        QCOMPARE(specs[1].unit, std::string("ms"));
    }

    void withoutAProjectAJobIsRefusedAloud() {
        JobRunner jobs(kRunner);
        QSignalSpy failed(&jobs, &JobRunner::failed);
        QVERIFY(jobs.start(kCount, counting(1)).isEmpty());
        QCOMPARE(failed.size(), 1);
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(JobRunnerTest)
#include "job_runner_test.moc"
