// A person's pass through the Topics panel with mouse and keyboard and real jobs: make a corpus, train two runs, read,
// compare, join, name, judge, export, reopen.
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>
#include <QTreeWidget>

#include "app/gui/main_window.h"
#include "tests/gui/desk.h"
#include "tests/support/strict_messages.h"
#include "widgets/form/param_form.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/selection_hub.h"

using namespace driftscope;
using namespace driftscope::test;

namespace {

const QString kTopics = QStringLiteral("topics");
constexpr int kJobMs = 60'000;

}  // namespace

class TopicsPassTest : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    std::unique_ptr<Desk> desk_;

    QString path(const char* name) const { return folder_.filePath(QLatin1String(name)); }
    Panel* panel() const { return desk_->window->panel(kTopics); }
    QJsonObject state() const { return panel()->saveState(); }
    template <class W>
    W* find(const char* name) const {
        return panel()->widget()->findChild<W*>(QLatin1String(name));
    }
    void openDesk() {
        desk_ = std::make_unique<Desk>(path("settings"));
        desk_->window->resize(1366, 768);
        QVERIFY(QTest::qWaitForWindowExposed(desk_->window.get()));
        desk_->window->activateWindow();  // no window manager does it under Xvfb
        QVERIFY(QTest::qWaitForWindowActive(desk_->window.get()));
    }
    bool trigger(const char* action) const {
        for (QAction* candidate : panel()->actions())
            if (candidate->objectName() == QLatin1String(action)) {
                candidate->trigger();
                return true;
            }
        return false;
    }
    void tab(const char* title) const {
        auto* tabs = find<QTabWidget>("topicsTabs");
        for (int i = 0; i < tabs->count(); ++i)
            if (tabs->tabText(i) == QLatin1String(title)) tabs->setCurrentIndex(i);
    }
    QString status() const { return find<QLabel>("topicsStatus")->text(); }
    void click(const char* button) const { QTest::mouseClick(find<QPushButton>(button), Qt::LeftButton); }
    /// Keeps pictures when asked to: DRIFTSCOPE_SHOTS=folder.
    void shoot(const char* name) const {
        const QString folder = qEnvironmentVariable("DRIFTSCOPE_SHOTS");
        if (folder.isEmpty()) return;
        QTest::qWait(150);
        desk_->window->grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
    }
    int runs(JobView::State state, const char* kind) const {
        int count = 0;
        for (const JobView& job : desk_->window->jobs()->jobs()) count += job.kind == QLatin1String(kind) && job.state == state;
        return count;
    }

  private Q_SLOTS:
    void initTestCase() {
        openDesk();
        QVERIFY(desk_->window->createProject(path("project"), QStringLiteral("News")));
        QVERIFY2(desk_->window->openPanel(kTopics), "the Topics plugin was refused");
        QTRY_VERIFY(desk_->window->jobs()->kindsReady());
        shoot("welcome");
    }
    void cleanupTestCase() {
        if (desk_) desk_->window->close();
        desk_.reset();
    }

    void aSampleBecomesACorpus() {
        click("topicWelcomeSample");
        QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("topicCorpusFacts")->text().contains(QStringLiteral("300")), kJobMs);
        QVERIFY(find<QTableWidget>("topicDropped")->rowCount() > 0);
        shoot("corpus");
    }

    void theFormHoldsWhatTheModelUses() {
        auto* models = find<QComboBox>("topicModel");
        const auto has = [&](const char* name) { return find<form::ParamForm>("topicTrainForm")->field(QLatin1String(name)) != nullptr; };
        QVERIFY(has("k") && has("burn_in") && !has("epochs") && !has("embeddings"));
        models->setCurrentIndex(models->findData(QStringLiteral("ctm")));
        QVERIFY(has("k") && has("epochs") && has("embeddings") && !has("burn_in") && !has("penalty"));
        models->setCurrentIndex(models->findData(QStringLiteral("lda")));
        QVERIFY(has("burn_in"));
    }

    void twoRunsAreTrainedWithLiveTopics() {
        auto* form = find<form::ParamForm>("topicTrainForm");
        QVERIFY(form);
        form->setValues({{QStringLiteral("k"), 12}, {QStringLiteral("iterations"), 400}, {QStringLiteral("burn_in"), 50}, {QStringLiteral("assignments"), true}});
        QCOMPARE(find<QSpinBox>("topicRunCount")->value(), 2);
        click("topicTrain");
        QTRY_COMPARE_WITH_TIMEOUT(runs(JobView::State::Done, "topics.train"), 2, kJobMs);
        QCOMPARE(find<QTreeWidget>("topicTrainings")->topLevelItemCount(), 2);
        shoot("trained");
        click("topicInspect");
        QTRY_VERIFY(find<QTableView>("topicTable")->model()->rowCount() == 12);
        shoot("topics");
    }

    void aRunIsStoppedLookedAtAndGoesOn() {
        tab("Data");
        find<QSpinBox>("topicRunCount")->setValue(1);
        find<QSpinBox>("topicFirstSeed")->setValue(3);
        find<form::ParamForm>("topicTrainForm")->setValues({{QStringLiteral("iterations"), 5'000'000}});
        click("topicTrain");
        QTRY_COMPARE_WITH_TIMEOUT(find<QListWidget>("topicLive")->count(), 12, kJobMs);  // topics form while it trains
        QVERIFY(runs(JobView::State::Running, "topics.train") == 1);
        shoot("training");
        click("topicStop");
        QTRY_COMPARE_WITH_TIMEOUT(runs(JobView::State::Cancelled, "topics.train"), 1, kJobMs);
        const QString before = state()[QStringLiteral("run")].toString();
        QTRY_VERIFY(find<QPushButton>("topicInspect")->isEnabled());
        click("topicInspect");
        QTRY_VERIFY_WITH_TIMEOUT(state()[QStringLiteral("run")].toString() != before, kJobMs);
        QTRY_COMPARE(find<QTableView>("topicTable")->model()->rowCount(), 12);
        // The stopped run goes on from where it was; then it is put away.
        tab("Data");
        auto* list = find<QTreeWidget>("topicTrainings");
        for (int row = 0; row < list->topLevelItemCount(); ++row)
            if (list->topLevelItem(row)->text(1).startsWith(QStringLiteral("Cancelled"))) list->setCurrentItem(list->topLevelItem(row));
        click("topicStop");
        QTRY_COMPARE_WITH_TIMEOUT(runs(JobView::State::Running, "topics.train"), 1, kJobMs);
        QTest::qWait(300);
        click("topicStop");
        QTRY_COMPARE_WITH_TIMEOUT(runs(JobView::State::Cancelled, "topics.train"), 1, kJobMs);
        QDir().mkpath(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation));  // the trash needs it
        for (const JobView& job : desk_->window->jobs()->jobs())
            if (job.kind == QLatin1String("topics.train") && job.params[QStringLiteral("seed")].toInt() == 3) desk_->window->jobs()->remove(job.id);
        QTRY_COMPARE(runs(JobView::State::Done, "topics.train"), 2);
        find<QComboBox>("topicBarRun")->setCurrentIndex(0);
        Q_EMIT find<QComboBox>("topicBarRun")->activated(0);
        tab("Topics");
        QTRY_COMPARE(find<QTableView>("topicTable")->model()->rowCount(), 12);
        QTest::qWait(200);
    }

    void aDocumentIsReadWithItsTopics() {
        auto* table = find<QTableView>("topicTable");
        const QModelIndex third = table->model()->index(3, 1);
        table->scrollTo(third);
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(third).center());
        QCOMPARE(state()[QStringLiteral("topic")].toInt(), 3);
        auto* documents = find<QTableView>("topicDocuments");
        QTest::mouseClick(documents->viewport(), Qt::LeftButton, {}, documents->visualRect(documents->model()->index(0, 4)).center());
        QVERIFY(find<QTextBrowser>("topicDocumentText")->toHtml().contains(QStringLiteral("background-color")));
        QCOMPARE(state()[QStringLiteral("topic")].toInt(), 3);  // reading does not change the topic read for
        shoot("document");
        desk_->window->setTheme(QStringLiteral("dark"));
        shoot("document-dark");
        desk_->window->setTheme(QStringLiteral("light"));
    }

    void runsAreComparedSideBySide() {
        tab("Runs");
        click("topicCompareAll");
        QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("topicMatchSummary")->text().contains(QStringLiteral("come back in all 2 runs")), kJobMs);
        const QString loose = find<QLabel>("topicMatchSummary")->text();
        shoot("runs");
        find<QSlider>("topicThreshold")->setValue(95);
        QVERIFY(find<QLabel>("topicMatchSummary")->text() != loose);
        QVERIFY2(find<QLabel>("topicMatchSummary")->text().contains(QStringLiteral("<b>0</b> topics come back")), qPrintable(find<QLabel>("topicMatchSummary")->text()));
        find<QSlider>("topicThreshold")->setValue(30);
        auto* stability = find<QTableWidget>("topicStability");
        QVERIFY(stability->rowCount() == 5);
        const double distance = stability->item(0, 1)->text().toDouble();
        QVERIFY2(distance > 0.05 && distance < 0.95, qPrintable(stability->item(0, 1)->text()));
    }

    void theEnsembleNamesItsSupporters() {
        find<QTabWidget>("topicRunsSide")->setCurrentIndex(1);
        click("topicJoin");
        QTRY_VERIFY_WITH_TIMEOUT(find<QTableWidget>("topicEnsemble")->rowCount() == 12, kJobMs);
        QVERIFY(find<QLabel>("topicEnsembleSummary")->text().contains(QStringLiteral("exactly one of each")));
        QVERIFY(find<QTableWidget>("topicEnsembleScores")->rowCount() == 4);
        shoot("ensemble");
        click("topicKeep");
        QTRY_COMPARE_WITH_TIMEOUT(runs(JobView::State::Done, "topics.ensemble"), 1, kJobMs);
        QTRY_VERIFY(find<QComboBox>("topicBarRun")->currentText().contains(QStringLiteral("ensemble")));
    }

    void categoriesAreComparedWithChance() {
        tab("Categories");
        auto* scores = find<QTableWidget>("topicScores");
        QTRY_COMPARE(scores->rowCount(), 5);
        QVERIFY(scores->item(0, 1)->text().toDouble() > scores->item(0, 3)->text().toDouble() + 0.1);  // ARI above chance
        shoot("categories");
        tab("Space");
        shoot("space");
    }

    void aNameIsGivenAndTakenBack() {
        tab("Topics");
        auto* table = find<QTableView>("topicTable");
        const QModelIndex name = table->model()->index(2, 1);
        const QString words = name.data().toString();
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(name).center());
        QTest::keyClick(table, Qt::Key_F2);
        auto* editor = table->findChild<QLineEdit*>();
        QVERIFY(editor);
        QTest::keyClicks(editor, QStringLiteral("Football"));
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_COMPARE(table->model()->index(2, 1).data().toString(), QStringLiteral("Football"));
        QTest::keyClick(desk_->window.get(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(table->model()->index(2, 1).data().toString(), words);
        QTest::keyClick(desk_->window.get(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(table->model()->index(2, 1).data().toString(), QStringLiteral("Football"));
        // Sorting by size renames nothing.
        table->sortByColumn(2, Qt::DescendingOrder);
        for (int row = 0; row < table->model()->rowCount(); ++row)
            if (table->model()->index(row, 0).data().toString() == QLatin1String("2")) QCOMPARE(table->model()->index(row, 1).data().toString(), QStringLiteral("Football"));
        table->sortByColumn(0, Qt::AscendingOrder);
        QVERIFY(trigger("topics.code.1"));
        QTRY_COMPARE(table->model()->index(2, 4).data().toString(), QStringLiteral("theme"));
    }

    void topicsAreMergedAndHidden() {
        auto* table = find<QTableView>("topicTable");
        const auto at = [&](int row) { return table->visualRect(table->model()->index(row, 0)).center(); };
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, at(0));
        QTest::mouseClick(table->viewport(), Qt::LeftButton, Qt::ControlModifier, at(1));
        QVERIFY(trigger("topics.merge"));
        QTRY_COMPARE(table->model()->rowCount(), 11);
        QVERIFY(table->model()->index(0, 1).data().toString().contains(QStringLiteral("with 1")));
        shoot("merged");
        QVERIFY(trigger("topics.hide"));
        QTRY_COMPARE(table->model()->rowCount(), 10);
        QTest::keyClick(desk_->window.get(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(table->model()->rowCount(), 11);
        QTest::keyClick(desk_->window.get(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(table->model()->rowCount(), 12);
    }

    void tenTopicsAreRatedAndIntrudersFound() {
        tab("People");
        auto* rating = find<QWidget>("topicRating");
        shoot("rating");
        rating->setFocus();
        for (int i = 0; i < 10; ++i) QTest::keyClick(rating, i % 3 == 0 ? Qt::Key_2 : Qt::Key_3);
        QTRY_COMPARE(desk_->window->edits()->store().labels("topic_rating")->size(), std::size_t(10));
        QTest::keyClick(desk_->window.get(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(desk_->window->edits()->store().labels("topic_rating")->size(), std::size_t(9));
        rating->setFocus();
        QTest::keyClick(rating, Qt::Key_3);
        QTRY_COMPARE(desk_->window->edits()->store().labels("topic_rating")->size(), std::size_t(10));
        find<QTabWidget>("topicPeopleTabs")->setCurrentIndex(1);
        auto* intrusion = find<QWidget>("topicIntrusion");
        intrusion->setFocus();
        shoot("intrusion");
        for (int i = 0; i < 6; ++i) QTest::keyClick(intrusion, static_cast<Qt::Key>(Qt::Key_1 + i));
        QTRY_COMPARE(desk_->window->edits()->store().labels("topic_intrusion")->size(), std::size_t(6));
        // A second rater sees the questions in another order and is counted apart.
        auto* rater = find<QComboBox>("topicRater");
        rater->setFocus();
        rater->lineEdit()->selectAll();
        QTest::keyClicks(rater->lineEdit(), QStringLiteral("second"));
        QTest::keyClick(rater->lineEdit(), Qt::Key_Return);
        QTRY_COMPARE(desk_->window->edits()->annotator(), QStringLiteral("second"));
        for (int i = 0; i < 12; ++i) QTest::keyClick(intrusion, Qt::Key_1);
        find<QTabWidget>("topicPeopleTabs")->setCurrentIndex(0);
        for (int i = 0; i < 12; ++i) QTest::keyClick(rating, i % 2 ? Qt::Key_3 : Qt::Key_1);
        find<QTabWidget>("topicPeopleTabs")->setCurrentIndex(2);
        QTRY_COMPARE(find<QTableWidget>("topicRaters")->rowCount(), 2);
        QVERIFY(find<QLabel>("topicProxyWarning")->text().contains(QStringLiteral(".28 to .43")));
        QTest::qWait(300);
        shoot("results");
    }

    void everythingIsExported() {
        answerFileDialog(path("export"));
        QVERIFY(trigger("topics.export"));
        QTRY_VERIFY2(status().contains(QStringLiteral("files written")), qPrintable(status()));
        for (const char* file : {"theta.npy", "beta.npy", "topics.csv", "words.csv", "documents.csv", "map.svg", "map.png", "matches.csv", "matches.svg", "stability.json", "ensemble.json", "alignment.json", "judgements.csv", "topics_by_category.svg", "report.html"})
            QVERIFY2(QFile::exists(path("export/") + QLatin1String(file)), file);
        QFile judged(path("export/judgements.csv"));
        QVERIFY(judged.open(QIODevice::ReadOnly));
        const QByteArray answers = judged.readAll();
        QCOMPARE(answers.count("\nrating,"), 22);
        QVERIFY(answers.count("\nintrusion,") >= 12);
        QFile report(path("export/report.html"));
        QVERIFY(report.open(QIODevice::ReadOnly));
        const QByteArray page = report.readAll();
        for (const char* part : {"Football", "Ensemble", "data:image/png;base64", "weak proxies", "topics.stability"}) QVERIFY2(page.contains(part), part);
        QVERIFY(!page.contains(">nan") && !page.contains(" nan"));  // "finance" may stand there
    }

    void everythingIsThereAgainAfterReopening() {
        tab("Topics");
        auto* table = find<QTableView>("topicTable");
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(5, 1)).center());
        const QJsonObject before = state();
        desk_->window->close();
        desk_.reset();
        openDesk();
        QVERIFY(desk_->window->openProject(path("project")));
        QVERIFY(desk_->window->openPanel(kTopics));
        QTRY_COMPARE(find<QTableView>("topicTable")->model()->rowCount(), 12);
        QTRY_COMPARE(state()[QStringLiteral("topic")].toInt(), 5);
        QCOMPARE(state()[QStringLiteral("run")], before[QStringLiteral("run")]);
        QCOMPARE(find<QTableView>("topicTable")->model()->index(2, 1).data().toString(), QStringLiteral("Football"));
        QTRY_VERIFY(find<QLabel>("topicMatchSummary")->text().contains(QStringLiteral("come back in all 2 runs")));
        QCOMPARE(desk_->window->width(), 1366);  // nothing made the window wider than a small screen
        shoot("reopened");
        desk_->window->resize(1900, 1040);
        shoot("wide");
        tab("Runs");
        shoot("runs-wide");
        desk_->window->setTheme(QStringLiteral("dark"));
        shoot("runs-dark");
        tab("People");
        shoot("results-dark");
        desk_->window->setTheme(QStringLiteral("light"));
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(TopicsPassTest)
#include "topics_pass_test.moc"
