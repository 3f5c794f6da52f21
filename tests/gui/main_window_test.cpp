#include "app/gui/main_window.h"

#include <QAction>
#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QDockWidget>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenuBar>
#include <QMimeData>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>
#include <QUrl>

#include "app/gui/message_strip.h"
#include "app/gui/plugin_host.h"
#include "app/gui/session.h"
#include "app/gui/settings.h"
#include "app/gui/start_page.h"
#include "plugins/api/panel_plugin.h"
#include "tests/support/strict_messages.h"
#include "widgets/jobs/jobs_view.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"
#include "widgets/style/palette.h"

using namespace driftscope;

namespace {

const QString kEmpty = QStringLiteral("empty");

/// A whole program around one window, as main() builds it.
struct Program {
    explicit Program(const QString& settingsFolder) : settings(settingsFolder), session(QStringLiteral(DRIFTSCOPE_TEST_RUNNER), QStringLiteral("tester"), 1 << 20) {
        host.scan(QStringLiteral(DRIFTSCOPE_TEST_PLUGINS));
        window = std::make_unique<MainWindow>(settings, host, session);
        window->resize(1366, 740);
        window->show();
    }
    Settings settings;
    PluginHost host;
    Session session;
    std::unique_ptr<MainWindow> window;
};

QAction* action(const MainWindow& window, const char* name) { return window.findChild<QAction*>(QLatin1String(name)); }

}  // namespace

class MainWindowTest : public QObject {
    Q_OBJECT

  private:
    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<Program> program_;

    QString path(const QString& name) const { return folder_->filePath(name); }
    MainWindow& window() const { return *program_->window; }
    void restart() {
        program_->window->close();
        program_.reset();
        program_ = std::make_unique<Program>(path(QStringLiteral("settings")));
        QVERIFY(QTest::qWaitForWindowExposed(program_->window.get()));
        program_->window->activateWindow();  // no window manager does it under Xvfb
        QVERIFY(QTest::qWaitForWindowActive(program_->window.get()));
    }
    QPushButton* messageButton(const QString& text) const {
        for (auto* button : window().messages().findChildren<QPushButton*>())
            if (button->text().startsWith(text) && button->isVisible()) return button;
        return nullptr;
    }
    void drop(const QString& file) const {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(file)});
        QDragEnterEvent enter(QPoint(500, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&window(), &enter);
        QDropEvent event(QPointF(500, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&window(), &event);
    }
    QString makeFile(const QString& name) const {
        QFile file(path(name));
        if (file.open(QIODevice::WriteOnly)) file.write("data");
        return file.fileName();
    }

  private Q_SLOTS:
    void init() {
        folder_ = std::make_unique<QTemporaryDir>();
        program_ = std::make_unique<Program>(path(QStringLiteral("settings")));
        QVERIFY(QTest::qWaitForWindowExposed(program_->window.get()));
        program_->window->activateWindow();  // no window manager does it under Xvfb
        QVERIFY(QTest::qWaitForWindowActive(program_->window.get()));
    }
    void cleanup() {
        if (program_)
            for (const JobView& job : window().jobs()->jobs()) window().jobs()->kill(job.id);
        program_.reset();
    }

    void startPageOffersWaysInAndRecentProjects() {
        QVERIFY(window().startPage().isVisible());
        auto* demo = window().startPage().findChild<QPushButton*>(QStringLiteral("openDemo"));
        QVERIFY(!demo->isVisible());  // nothing to offer
        bool opened = false;
        window().setDemo([&] { opened = true; });
        QVERIFY(demo->isVisible());
        QTest::mouseClick(demo, Qt::LeftButton);
        QVERIFY(opened);
        QVERIFY(window().createProject(path(QStringLiteral("one")), QStringLiteral("Project one")));
        QVERIFY(!window().startPage().isVisible());
        window().closeProject();
        auto* recent = window().startPage().findChild<QListWidget*>();
        QCOMPARE(recent->count(), 1);
        QTest::mouseClick(recent->viewport(), Qt::LeftButton, {}, recent->visualItemRect(recent->item(0)).center());
        QCOMPARE(window().project()->name(), QStringLiteral("Project one"));
        QCOMPARE(window().windowTitle(), QStringLiteral("Project one – Driftscope"));
    }

    void aProjectThatCannotOpenIsExplained() {
        QVERIFY(!window().openProject(path(QStringLiteral("nowhere"))));
        QCOMPARE(window().messages().messages().size(), 1);
        QVERIFY(window().messages().messages().front().contains(QStringLiteral("nowhere")));
        const auto* text = window().messages().findChild<QLabel*>();
        QVERIFY(text->textInteractionFlags() & Qt::TextSelectableByMouse);
        QVERIFY(window().startPage().isVisible());
    }

    void refusedPanelsExplainAndOthersWork() {
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        QVERIFY(!window().openPanel(QStringLiteral("throwing")));
        QVERIFY(window().messages().messages().front().contains(QStringLiteral("no such colour map")));
        QVERIFY(!window().openPanel(QStringLiteral("foreign")));
        QVERIFY(!window().openPanel(QStringLiteral("broken")));
        QVERIFY(window().openPanel(kEmpty));
        QVERIFY(window().panel(kEmpty)->widget()->isVisible());
    }

    void aProjectWithoutPanelsOffersThem() {
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        auto* chooser = window().findChild<QWidget*>(QStringLiteral("panelChooser"));
        QVERIFY(chooser && chooser->isVisible());
        auto* foreign = chooser->findChild<QAbstractButton*>(QStringLiteral("choose-foreign"));
        QVERIFY(foreign && !foreign->isEnabled());
        auto* empty = chooser->findChild<QAbstractButton*>(QStringLiteral("choose-") + kEmpty);
        QVERIFY(empty && empty->isEnabled());
        QTest::mouseClick(empty, Qt::LeftButton);
        QVERIFY(window().panel(kEmpty));
        QVERIFY(!chooser->isVisible());
        window().panel(kEmpty)->widget()->parentWidget()->close();
        QTRY_VERIFY(chooser->isVisible());
    }

    void panelKeysActInThePanelAndAppearInMenus() {
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        Panel* panel = window().openPanel(kEmpty);
        panel->widget()->setFocusPolicy(Qt::StrongFocus);
        panel->widget()->setFocus();
        QTest::keyClick(panel->widget(), Qt::Key_K, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(panel->saveState()[QStringLiteral("value")].toInt(), 1);
        const auto commands = window().commands();
        QVERIFY(std::any_of(commands.begin(), commands.end(), [](const Command& command) { return command.where == QStringLiteral("Empty") && command.action->text() == QStringLiteral("Count"); }));
    }

    void paletteFindsAndRunsByKeyboard() {
        QTest::keyClick(&window(), Qt::Key_K, Qt::ControlModifier);
        CommandPalette& palette = window().commandPalette();
        QVERIFY(palette.isVisible());
        QTest::keyClicks(palette.input(), QStringLiteral("abdrift"));
        QCOMPARE(palette.shown().front(), QStringLiteral("About Driftscope"));
        QTest::keyClick(palette.input(), Qt::Key_Return);
        QVERIFY(!palette.isVisible());
        auto* about = window().findChild<QDialog*>(QStringLiteral("aboutDialog"));
        QVERIFY(about && about->isVisible());
        QVERIFY(!about->isModal());
        about->close();
        QTest::keyClick(&window(), Qt::Key_K, Qt::ControlModifier);
        QCOMPARE(palette.shown().front(), QStringLiteral("About Driftscope"));  // last used first
        QTest::keyClicks(palette.input(), QStringLiteral("zzzqq"));
        QCOMPARE(palette.shown(), QStringList{QStringLiteral("Nothing is called like that.")});
        QTest::keyClick(palette.input(), Qt::Key_Escape);
        QVERIFY(!palette.isVisible());
    }

    void everyActionOfTheMenusIsInThePalette() {
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        const auto commands = window().commands();
        QVERIFY(commands.size() >= 18);
        for (const char* name : {"newProject", "openFolder", "settings", "about", "newJobAction", "dark", "quit"})
            QVERIFY2(std::any_of(commands.begin(), commands.end(), [&](const Command& command) { return command.action == action(window(), name); }), name);
        for (const Command& command : commands) QVERIFY2(!command.action->toolTip().isEmpty(), qPrintable(command.action->text()));
    }

    void fuzzyPrefersWordStartsAndRuns() {
        QVERIFY(fuzzyScore(QStringLiteral("nj"), QStringLiteral("New job…")) > fuzzyScore(QStringLiteral("nj"), QStringLiteral("Run the injector")));
        QVERIFY(fuzzyScore(QStringLiteral("dark"), QStringLiteral("Dark colours")) > fuzzyScore(QStringLiteral("dark"), QStringLiteral("Dock a remote key")));
        QCOMPARE(fuzzyScore(QStringLiteral("xq"), QStringLiteral("New job…")), 0);
    }

    void themesSwitchLive() {
        window().setTheme(QStringLiteral("dark"));
        QTRY_VERIFY(style::isDark(window().palette()));
        const QImage dark = window().grab().toImage();
        window().setTheme(QStringLiteral("light"));
        QTRY_VERIFY(!style::isDark(window().palette()));
        const QImage light = window().grab().toImage();
        QVERIFY(qGray(dark.pixel(5, dark.height() / 2)) < 80);
        QVERIFY(qGray(light.pixel(5, light.height() / 2)) > 200);
        restart();
        QTRY_VERIFY(!style::isDark(window().palette()));
    }

    void settingsActAtOnceAndAreKept() {
        action(window(), "settings")->trigger();
        auto* dialog = window().findChild<QDialog*>(QStringLiteral("settingsDialog"));
        QVERIFY(dialog->isVisible());
        dialog->findChild<QComboBox*>(QStringLiteral("theme"))->setCurrentIndex(2);
        QTRY_VERIFY(style::isDark(window().palette()));
        auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("annotator"));
        name->selectAll();
        QTest::keyClicks(name, QStringLiteral("Ada L."));
        QTest::keyClick(name, Qt::Key_Tab);
        dialog->findChild<QSpinBox*>(QStringLiteral("cache"))->setValue(512);
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        QCOMPARE(window().edits()->annotator(), QStringLiteral("Ada L."));
        QCOMPARE(window().session().context()->cacheBytes, std::uint64_t{512} << 20);
        restart();
        QCOMPARE(program_->settings.annotator(), QStringLiteral("Ada L."));
        QTRY_VERIFY(style::isDark(window().palette()));
        window().setTheme(QStringLiteral("light"));
    }

    void droppedDataAsksForAProjectAndReachesThePanel() {
        const QString file = makeFile(QStringLiteral("movie.tif"));
        drop(file);
        QVERIFY(!window().project());
        QPushButton* beside = messageButton(QStringLiteral("Create beside"));
        QVERIFY(beside);
        QTest::mouseClick(beside, Qt::LeftButton);
        QVERIFY(window().project());
        QCOMPARE(window().project()->folder(), path(QStringLiteral("movie project")));
        QCOMPARE(window().panel(kEmpty)->saveState()[QStringLiteral("path")].toString(), file);
    }

    void whatNobodyTakesIsSaid() {
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        drop(makeFile(QStringLiteral("thesis.unknown")));
        QVERIFY(window().messages().messages().join(QLatin1Char('\n')).contains(QStringLiteral("thesis.unknown")));
        window().openPath(path(QStringLiteral("absent.tif")));
        QVERIFY(window().messages().messages().front().contains(QStringLiteral("There is no")));
    }

    void droppedProjectOpens() {
        QVERIFY(window().createProject(path(QStringLiteral("p")), QStringLiteral("Mine")));
        window().closeProject();
        drop(path(QStringLiteral("p")));
        QCOMPARE(window().project()->name(), QStringLiteral("Mine"));
    }

    void panelsAndTheirStateReturnAfterARestart() {
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        window().openPanel(kEmpty)->actions().front()->trigger();
        window().findChild<QDockWidget*>(QStringLiteral("jobsDock"))->show();
        restart();
        QVERIFY(window().openProject(path(QStringLiteral("p"))));
        QVERIFY(window().panel(kEmpty));
        QCOMPARE(window().panel(kEmpty)->saveState()[QStringLiteral("value")].toInt(), 1);
    }

    void closedPanelKeepsItsState() {
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        window().openPanel(kEmpty)->actions().front()->trigger();
        auto* dock = window().findChild<QDockWidget*>(kEmpty);
        dock->close();
        QTRY_VERIFY(!window().panel(kEmpty));
        QCOMPARE(window().openPanel(kEmpty)->saveState()[QStringLiteral("value")].toInt(), 1);
    }

    void failedJobIsAnnouncedAndShown() {
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        const QString id = window().jobs()->start(QStringLiteral("test.fail"), {}, QStringLiteral("Doomed"));
        QTRY_VERIFY(!window().messages().messages().isEmpty());
        QVERIFY(window().messages().messages().front().contains(QStringLiteral("Doomed failed")));
        QTest::mouseClick(messageButton(QStringLiteral("Show")), Qt::LeftButton);
        QVERIFY(window().findChild<QDockWidget*>(QStringLiteral("jobsDock"))->isVisible());
        QCOMPARE(window().jobsView().selected(), id);
    }

    void projectTreeListsRunsAndMissingData() {
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        const QString plate = makeFile(QStringLiteral("plate.tif"));
        window().project()->addData(QStringLiteral("cells.images"), plate, QStringLiteral("Plate A"));
        auto* tree = window().findChild<QTreeWidget*>(QStringLiteral("projectTree"));
        QCOMPARE(tree->topLevelItem(0)->child(0)->text(0), QStringLiteral("Plate A"));
        window().jobs()->start(QStringLiteral("test.count"), {}, QStringLiteral("Count"));
        QTRY_COMPARE(tree->topLevelItem(1)->childCount(), 1);
        QTRY_VERIFY(!window().jobs()->anyActive());
        QFile::remove(plate);
        window().project()->refreshData();
        QCOMPARE(tree->topLevelItem(0)->child(0)->text(0), QStringLiteral("Plate A (not found)"));
    }

    void jobsRunOnWhenTheWindowCloses() {
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        const QString id = window().jobs()->start(QStringLiteral("test.count"), {{QStringLiteral("to"), 80}, {QStringLiteral("pause"), 25}});
        QTRY_VERIFY(window().jobs()->find(id)->done > 2);
        restart();
        QVERIFY(window().openProject(path(QStringLiteral("p"))));
        QVERIFY(window().jobs()->find(id));
        QTRY_COMPARE(window().jobs()->find(id)->state, JobView::State::Done);
    }

    void fitsASmallScreen() {
        QVERIFY(window().createProject(path(QStringLiteral("p"))));
        window().openPanel(kEmpty);
        window().findChild<QDockWidget*>(QStringLiteral("jobsDock"))->show();
        window().resize(1366, 768);
        QTest::qWait(50);
        QVERIFY2(window().minimumSizeHint().width() <= 1366 && window().minimumSizeHint().height() <= 740,
                 qPrintable(QStringLiteral("%1x%2").arg(window().minimumSizeHint().width()).arg(window().minimumSizeHint().height())));
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(MainWindowTest)
#include "main_window_test.moc"
