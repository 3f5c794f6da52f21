#include <QAbstractItemModelTester>
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "tests/support/strict_messages.h"
#include "widgets/form/param_field.h"
#include "widgets/form/param_form.h"
#include "widgets/jobs/job_curves.h"
#include "widgets/jobs/job_details.h"
#include "widgets/jobs/job_list_model.h"
#include "widgets/jobs/job_text.h"
#include "widgets/jobs/jobs_strip.h"
#include "widgets/jobs/jobs_view.h"
#include "widgets/jobs/new_job_window.h"
#include "widgets/plot/line_plot.h"

using namespace driftscope;
using namespace driftscope::jobs;
using State = JobView::State;

namespace {

const QString kCount = QStringLiteral("test.count");

QJsonObject counting(int to, int pause = 1, bool stubborn = false) {
    return {{QStringLiteral("to"), to}, {QStringLiteral("pause"), pause}, {QStringLiteral("stubborn"), stubborn}};
}

}  // namespace

class JobsTest : public QObject {
    Q_OBJECT

  private:
    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<JobRunner> jobs_;

    bool reaches(const QString& id, State state) const {
        return QTest::qWaitFor([&] { return jobs_->find(id) && jobs_->find(id)->state == state; }, 15000);
    }

  private Q_SLOTS:
    void init() {
        folder_ = std::make_unique<QTemporaryDir>();
        jobs_ = std::make_unique<JobRunner>(QStringLiteral(DRIFTSCOPE_TEST_RUNNER));
        jobs_->setRunsFolder(folder_->filePath(QStringLiteral("runs")));
        jobs_->loadKinds();
        QVERIFY(QTest::qWaitFor([&] { return jobs_->kindsReady(); }, 10000));
    }
    void cleanup() {
        for (const JobView& job : jobs_->jobs()) jobs_->kill(job.id);
        QTRY_VERIFY(!jobs_->anyActive());
    }

    void modelStaysConsistent() {
        JobListModel model(*jobs_);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        const QString first = jobs_->start(kCount, counting(3)), second = jobs_->start(kCount, counting(3)), third = jobs_->start(QStringLiteral("test.fail"), {});
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(model.index(0).data(JobListModel::Id).toString(), third);
        QVERIFY(reaches(third, State::Failed));
        QVERIFY(model.find(third).data(JobListModel::Detail).toString().contains(QStringLiteral("Row 7")));
        driftscope::test::StrictMessages::expect(QStringLiteral("trash directory"));
        jobs_->remove(second);
        QCOMPARE(model.rowCount(), 2);
        QVERIFY(!model.find(second).isValid());
        jobs_->setRunsFolder(folder_->filePath(QStringLiteral("other")));
        QCOMPARE(model.rowCount(), 0);
        jobs_->setRunsFolder(folder_->filePath(QStringLiteral("runs")));
        QCOMPARE(model.rowCount(), 2);
        QVERIFY(model.find(first).isValid());
    }

    void textsReadWell() {
        QCOMPARE(durationText(12.4), QStringLiteral("12 s"));
        QCOMPARE(durationText(65), QStringLiteral("1:05 min"));
        QCOMPARE(durationText(7800), QStringLiteral("2 h 10 min"));
        JobView job;
        job.state = State::Running;
        job.stage = QStringLiteral("epoch");
        job.done = 12;
        job.total = 40;
        job.etaSeconds = 70;
        QCOMPARE(progressText(job), QStringLiteral("epoch 12/40, 1:10 min left"));
        QCOMPARE(fraction(job), 0.3);
    }

    void headlineIsTheValidationLossWithItsTrend() {
        std::vector<MetricPoint> points;
        for (int step = 0; step < 50; ++step) {
            points.push_back({QStringLiteral("accuracy"), double(step), 0.5});
            points.push_back({QStringLiteral("val loss"), double(step), 5.0 - 0.03 * step});
            points.push_back({QStringLiteral("train loss"), double(step), 4.0});
        }
        const Headline found = headline(points);
        QCOMPARE(found.name, QStringLiteral("val loss"));
        QCOMPARE(found.trend, -1);
        QCOMPARE(headlineText(found), QStringLiteral("val loss 3.53 ↘"));
        QVERIFY(!headline({}).valid);
    }

    void stripFollowsTheCurrentJobAndCancels() {
        JobsStrip strip(*jobs_);
        strip.show();
        QVERIFY(strip.current().isEmpty());
        QVERIFY(!strip.findChild<QProgressBar*>()->isVisible());
        const QString id = jobs_->start(kCount, counting(200, 30), QStringLiteral("Long count"));
        QTRY_COMPARE(strip.current(), id);
        QVERIFY(QTest::qWaitFor([&] { return strip.findChild<QProgressBar*>()->value() > 10; }, 10000));
        const auto labels = strip.findChildren<QLabel*>();
        QStringList texts;
        for (const QLabel* label : labels) texts.append(label->text());
        const QString all = texts.join(QLatin1Char('|'));
        QVERIFY2(all.contains(QStringLiteral("number ")) && all.contains(QStringLiteral(" left")) && all.contains(QStringLiteral("loss 0.")), qPrintable(all));
        QTest::mouseClick(strip.findChild<QToolButton*>(QStringLiteral("stripCancel")), Qt::LeftButton);
        QVERIFY(reaches(id, State::Cancelled));
    }

    void detailsShowErrorCurvesParametersAndLog() {
        JobsView view(*jobs_);
        view.resize(900, 400);
        view.show();
        const QString count = jobs_->start(kCount, counting(30, 5));
        QVERIFY(reaches(count, State::Done));
        view.select(count);
        auto* details = view.findChild<JobDetails*>();
        const plot::LinePlot* curve = details->findChild<JobCurves*>()->plotFor(QStringLiteral("loss"));
        QVERIFY(curve);
        QCOMPARE(curve->size(QStringLiteral("loss")), 30);
        details->findChild<QTabWidget*>()->setCurrentIndex(2);
        QVERIFY(details->findChild<QPlainTextEdit*>()->toPlainText().contains(QStringLiteral("Counting from 0 to 30")));
        const QString failing = jobs_->start(QStringLiteral("test.fail"), {});
        QVERIFY(reaches(failing, State::Failed));
        view.select(failing);
        const auto* error = details->findChild<QLabel*>(QStringLiteral("jobError"));
        QVERIFY(error->isVisible());
        QVERIFY(error->text().contains(QStringLiteral("Add the column")));
        QVERIFY(details->findChild<QPushButton*>(QStringLiteral("resumeJob"))->isVisible());
        QVERIFY(!details->findChild<QPushButton*>(QStringLiteral("stopJob"))->isVisible());
    }

    void buttonsCancelResumeAndRemove() {
        driftscope::test::StrictMessages::expect(QStringLiteral("trash directory"));
        JobsView view(*jobs_);
        view.resize(900, 400);
        view.show();
        const QString id = jobs_->start(kCount, counting(60, 20));
        view.select(id);
        auto* details = view.findChild<JobDetails*>();
        const auto click = [&](const char* name) { QTest::mouseClick(details->findChild<QPushButton*>(QLatin1String(name)), Qt::LeftButton); };
        QVERIFY(QTest::qWaitFor([&] { return jobs_->find(id)->done > 3; }, 10000));
        click("stopJob");
        QVERIFY(reaches(id, State::Cancelled));
        click("resumeJob");
        QVERIFY(reaches(id, State::Done));
        QCOMPARE(details->findChild<JobCurves*>()->plotFor(QStringLiteral("loss"))->size(QStringLiteral("loss")), 60);
        click("removeJob");
        QVERIFY(!jobs_->find(id));
    }

    void aStubbornJobOffersToBeKilled() {
        jobs_->setKillGrace(0.2);
        JobsView view(*jobs_);
        view.resize(900, 400);
        view.show();
        const QString id = jobs_->start(kCount, counting(1000, 20, true));
        view.select(id);
        QVERIFY(QTest::qWaitFor([&] { return jobs_->find(id)->done > 0; }, 10000));
        auto* stop = view.findChild<QPushButton*>(QStringLiteral("stopJob"));
        QTest::mouseClick(stop, Qt::LeftButton);
        QVERIFY(!stop->isEnabled());
        QTRY_COMPARE(stop->text(), QStringLiteral("Kill"));
        QTest::mouseClick(stop, Qt::LeftButton);
        QVERIFY(reaches(id, State::Cancelled));
    }

    void newJobFromAFormAndAgainWithChanges() {
        NewJobWindow window(*jobs_);
        window.show();
        window.setKind(kCount, counting(4, 2));
        QCOMPARE(window.form()->values()[QStringLiteral("to")].toInt(), 4);
        window.form()->field(QStringLiteral("to"))->findChild<QSpinBox*>()->setValue(6);
        QSignalSpy started(&window, &NewJobWindow::started);
        QTest::mouseClick(window.findChild<QPushButton*>(QStringLiteral("startJob")), Qt::LeftButton);
        QCOMPARE(started.size(), 1);
        const QString id = started[0][0].toString();
        QVERIFY(reaches(id, State::Done));
        QCOMPARE(jobs_->find(id)->result[QStringLiteral("last")].toInt(), 6);
        QCOMPARE(jobs_->find(id)->title, QStringLiteral("Count (run 1)"));
        QVERIFY(!window.isVisible());
    }

    void aFormWithAMistakeCannotStart() {
        NewJobWindow window(*jobs_);
        window.show();
        window.setKind(QStringLiteral("test.read"));
        auto* start = window.findChild<QPushButton*>(QStringLiteral("startJob"));
        QVERIFY(!start->isEnabled());
        QTest::keyClicks(window.form()->field(QStringLiteral("input"))->findChild<QLineEdit*>(), QStringLiteral("/tmp/x"));
        QVERIFY(start->isEnabled());
    }

    void metricsOfOneGroupShareAPlot() {
        QCOMPARE(metricGroup(QStringLiteral("val loss")), QStringLiteral("loss"));
        QCOMPARE(metricGroup(QStringLiteral("train/loss")), QStringLiteral("loss"));
        QCOMPARE(metricGroup(QStringLiteral("lr")), QStringLiteral("lr"));
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(JobsTest)
#include "jobs_test.moc"
