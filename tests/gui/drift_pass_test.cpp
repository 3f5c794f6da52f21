// A person's pass through the Drift panel with mouse and keyboard: set up a small study of the demo, see what it will take, run
// it, watch its curves, stop, go on, compare two runs, export.
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableWidget>
#include <QToolButton>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QTreeWidget>

#include "app/gui/main_window.h"
#include "app/gui/plugin_host.h"
#include "app/gui/session.h"
#include "app/gui/settings.h"
#include "plugins/api/panel_plugin.h"
#include "tests/support/strict_messages.h"
#include "widgets/plot/line_plot.h"
#include "widgets/session/job_runner.h"

using namespace driftscope;

namespace {

const QString kDrift = QStringLiteral("drift");
constexpr int kStudyMs = 240'000;  ///< on a busy machine; alone it takes some twenty seconds

/// The window with everything it needs, as main() builds it.
struct Desk {
    explicit Desk(const QString& settingsFolder)
        : settings(settingsFolder), session(QStringLiteral(DRIFTSCOPE_BINARY_DIR "/bin/driftscope-run"), QStringLiteral("tester"), 64u << 20) {
        host.scan(QStringLiteral(DRIFTSCOPE_BINARY_DIR "/lib/plugins"));
        window = std::make_unique<MainWindow>(settings, host, session);
        window->resize(1366, 740);
        window->show();
    }
    bool activate() const {
        if (!QTest::qWaitForWindowExposed(window.get())) return false;
        window->activateWindow();  // no window manager does it under Xvfb
        return QTest::qWaitForWindowActive(window.get());
    }
    Panel* panel() const { return window->panel(kDrift); }
    JobRunner& jobs() { return session.context()->jobs; }
    template <class W>
    W* find(const QString& name) const {
        return panel()->widget()->findChild<W*>(name);
    }
    QString text(const char* label) const { return find<QLabel>(QLatin1String(label))->text(); }
    void click(const char* button) const { QTest::mouseClick(find<QPushButton>(QLatin1String(button)), Qt::LeftButton); }
    void showTab(int tab) const { find<QTabWidget>(QStringLiteral("driftTabs"))->setCurrentIndex(tab); }
    /// Checks exactly these boxes of a family by mouse: "driftMethod" {"sft", "booster"}.
    void check(const QString& family, const QStringList& wanted) const {
        for (auto* box : panel()->widget()->findChildren<QCheckBox*>())
            if (box->objectName().startsWith(family + QLatin1Char('.')) && box->isChecked() != wanted.contains(box->objectName().mid(family.size() + 1)))
                QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
    }
    /// Types into the visible field of a parameter.
    bool fill(const char* parameter, const QString& text) const {
        for (auto* field : panel()->widget()->findChildren<QWidget*>(QLatin1String(parameter)))
            if (auto* line = field->findChild<QLineEdit*>(); line && field->isVisible()) {
                line->setFocus();
                line->selectAll();
                QTest::keyClicks(line, text);
                QTest::keyClick(line, Qt::Key_Return);
                return true;
            }
        return false;
    }
    bool trigger(const char* action) const {
        for (QAction* candidate : panel()->actions())
            if (candidate->objectName() == QLatin1String(action)) {
                candidate->trigger();
                return true;
            }
        return false;
    }
    /// Keeps a picture when asked to: DRIFTSCOPE_SHOTS=folder.
    void shoot(const char* name) const {
        const QString folder = qEnvironmentVariable("DRIFTSCOPE_SHOTS");
        if (folder.isEmpty()) return;
        QTest::qWait(150);
        window->grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
    }

    Settings settings;
    Session session;
    PluginHost host;
    std::unique_ptr<MainWindow> window;
};

/// Types a path into the next file dialog and accepts it.
void answerFileDialog(const QString& path) {
    auto* timer = new QTimer(qApp);
    QObject::connect(timer, &QTimer::timeout, timer, [timer, path] {
        auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
        if (!dialog) return;
        timer->deleteLater();
        auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
        name->setText(path);
        QTest::keyClick(name, Qt::Key_Return);
    });
    timer->start(50);
}

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class DriftPassTest : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<Desk> desk_;

    QString path(const char* name) const { return folder_->filePath(QLatin1String(name)); }
    void openDesk() {
        desk_ = std::make_unique<Desk>(path("settings"));
        QVERIFY(desk_->activate());
    }

    /// Sets up two methods at one ratio on a tiny model, and starts it.
    void startSmallStudy() {
        desk_->click("driftDemo");
        desk_->check(QStringLiteral("driftMethod"), {QStringLiteral("sft"), QStringLiteral("booster")});
        desk_->check(QStringLiteral("driftRatios"), {QStringLiteral("0.2")});
        for (const auto& [name, value] : {std::pair{"hidden", "24"}, {"layers", "2"}, {"vocabulary", "400"}, {"pretrain_epochs", "1"}}) QVERIFY(desk_->fill(name, QLatin1String(value)));
        QVERIFY(desk_->fill("epochs", QStringLiteral("1")));
        setStage(1);
        for (const auto& [name, value] : {std::pair{"epochs", "1"}, {"samples", "300"}, {"eval_every", "5"}, {"eval_samples", "20"}}) {
            if (QByteArray(name) == "eval_samples") unfold();
            QVERIFY2(desk_->fill(name, QLatin1String(value)), name);
        }
        QTRY_VERIFY2(desk_->text("driftEstimate").contains(QStringLiteral("<b>2</b> alignments and <b>2</b> fine-tunings, <b>180</b> steps")), qPrintable(desk_->text("driftEstimate")));
        desk_->shoot("study-small");
        QTest::mouseClick(desk_->find<QPushButton>(QStringLiteral("driftStart")), Qt::LeftButton);
        QTRY_COMPARE(desk_->jobs().jobs().size(), std::size_t(1));
        QCOMPARE(desk_->find<QTabWidget>(QStringLiteral("driftTabs"))->currentIndex(), 1);
    }
    void setStage(int index) const {
        auto* stage = desk_->find<QComboBox>(QStringLiteral("driftStage"));
        stage->setFocus();
        while (stage->currentIndex() != index) QTest::keyClick(stage, stage->currentIndex() < index ? Qt::Key_Down : Qt::Key_Up);
        QTest::qWait(50);  // the form of the other stage is shown by the event loop
    }
    void unfold() const {
        for (auto* button : desk_->panel()->widget()->findChildren<QToolButton*>())
            if (button->isVisible() && button->isCheckable() && button->text().contains(QStringLiteral("More settings"))) button->setChecked(true);
    }
    JobView job() const { return desk_->jobs().jobs().front(); }
    /// Points of a method's curve in the first plot.
    int points(const QString& method) const {
        auto* plot = desk_->find<plot::LinePlot>(QStringLiteral("driftPlot.0"));
        return plot ? plot->size(method) : -1;
    }
    QTreeWidgetItem* item(const QString& title) const {
        const auto found = desk_->find<QTreeWidget>(QStringLiteral("driftRuns"))->findItems(title, Qt::MatchStartsWith | Qt::MatchRecursive);
        return found.isEmpty() ? nullptr : found.front();
    }
    void exportAll() const {
        for (const auto& [name, part] : {std::pair{"study.html", "<svg"}, {"study.csv", "\"harmful score\""}, {"study.tex", "\\toprule"}}) {
            answerFileDialog(path(name));
            QTest::mouseClick(desk_->find<QPushButton>(QStringLiteral("driftExport")), Qt::LeftButton);
            QVERIFY2(contentOf(path(name)).contains(part), name);
        }
    }

  private Q_SLOTS:
    void init() {
        folder_ = std::make_unique<QTemporaryDir>();
        openDesk();
        QVERIFY(desk_->window->createProject(path("project"), QStringLiteral("Drift")));
        QVERIFY2(desk_->window->openPanel(kDrift), "the Drift plugin was refused");
    }
    void cleanup() {
        desk_->window->close();
        desk_.reset();
    }

    void aStudyIsSetUpOnOnePageWithItsCost() {
        desk_->shoot("welcome");
        desk_->click("driftDemo");
        QTRY_VERIFY(desk_->text("driftEstimate").contains(QStringLiteral("alignments")));
        desk_->shoot("study");
        desk_->check(QStringLiteral("driftMethod"), {QStringLiteral("sft"), QStringLiteral("booster")});
        desk_->check(QStringLiteral("driftRatios"), {QStringLiteral("0.1")});
        QTRY_VERIFY2(desk_->text("driftEstimate").contains(QStringLiteral("<b>2</b> alignments and <b>2</b> fine-tunings")), qPrintable(desk_->text("driftEstimate")));
        desk_->check(QStringLiteral("driftMethod"), {});
        QVERIFY(desk_->text("driftEstimate").contains(QStringLiteral("at least one method")));
        QVERIFY(!desk_->find<QPushButton>(QStringLiteral("driftStart"))->isEnabled());
    }

    void aSmallStudyIsRunWatchedStoppedGoneOnWithComparedAndExported() {
        startSmallStudy();
        if (QTest::currentTestFailed()) return;
        // Curves appear while it runs.
        QTRY_VERIFY_WITH_TIMEOUT(item(QStringLiteral("sft, p = 0.2")), kStudyMs);
        QTRY_VERIFY_WITH_TIMEOUT(points(QStringLiteral("SFT")) > 0, kStudyMs);
        desk_->shoot("running");
        QVERIFY2(job().state == JobView::State::Running, "the study was over before it could be stopped");
        QTest::mouseClick(desk_->find<QPushButton>(QStringLiteral("driftStop")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(job().state == JobView::State::Cancelled, kStudyMs);
        QTRY_VERIFY(desk_->text("driftStatus").contains(QStringLiteral("was stopped")));
        desk_->shoot("stopped");
        // What was done stays done.
        QTRY_VERIFY(desk_->find<QPushButton>(QStringLiteral("driftResume"))->isEnabled());
        QTest::mouseClick(desk_->find<QPushButton>(QStringLiteral("driftResume")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(job().state == JobView::State::Done, kStudyMs);
        QTRY_VERIFY(item(QStringLiteral("booster, p = 0.2")));
        QTRY_VERIFY(points(QStringLiteral("Booster")) >= 7 && points(QStringLiteral("SFT")) >= 7);
        desk_->shoot("done");
        // Its time is known from now on.
        QVERIFY2(desk_->text("driftEstimate").contains(QStringLiteral("finished run")), qPrintable(desk_->text("driftEstimate")));
        // The table, and two runs of it side by side.
        desk_->showTab(3);
        auto* pivot = desk_->find<QTableWidget>(QStringLiteral("driftPivot"));
        QTRY_COMPARE(pivot->rowCount(), 2);
        QTRY_VERIFY2(pivot->item(1, 1)->text().contains(QLatin1Char('(')), qPrintable(pivot->item(1, 1)->text()));
        desk_->shoot("results");
        exportAll();
        if (QTest::currentTestFailed()) return;
        auto* tree = desk_->find<QTreeWidget>(QStringLiteral("driftRuns"));
        tree->setCurrentItem(item(QStringLiteral("booster, p = 0.2")));
        QVERIFY(desk_->trigger("drift.pair"));
        QTRY_VERIFY(desk_->find<QTableWidget>(QStringLiteral("driftScores"))->rowCount() > 5);
        QTRY_VERIFY(desk_->find<QTableWidget>(QStringLiteral("driftPairAnswers"))->rowCount() > 0);
        QCOMPARE(desk_->find<QComboBox>(QStringLiteral("driftPairA"))->currentText(), QStringLiteral("sft, p = 0.2, seed 1"));
        QCOMPARE(desk_->find<QComboBox>(QStringLiteral("driftPairB"))->currentText(), QStringLiteral("booster, p = 0.2, seed 1"));
        desk_->shoot("pair");
        desk_->window->setTheme(QStringLiteral("dark"));
        desk_->shoot("pair-dark");
        // All of it is there again after the window was closed.
        const QJsonObject before = desk_->panel()->saveState();
        desk_->window->close();
        openDesk();
        QVERIFY(desk_->window->openProject(path("project")));
        QTRY_VERIFY(desk_->panel());
        QCOMPARE(desk_->panel()->saveState()[QStringLiteral("compare")], before[QStringLiteral("compare")]);
        QCOMPARE(desk_->panel()->saveState()[QStringLiteral("setup")], before[QStringLiteral("setup")]);
        QCOMPARE(desk_->window->width(), 1366);  // nothing made the window wider than a small screen
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(DriftPassTest)
#include "drift_pass_test.moc"
