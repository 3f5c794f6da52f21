// A person's pass through the Debate panel with mouse and keyboard: choose a computation, catch a lying Alice as Bob,
// measure, scale, export, replay, reopen.
#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QPushButton>
#include <QStandardPaths>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include "app/gui/main_window.h"
#include "app/gui/plugin_host.h"
#include "app/gui/session.h"
#include "app/gui/settings.h"
#include "plugins/api/panel_plugin.h"
#include "tests/support/strict_messages.h"
#include "widgets/session/job_runner.h"

using namespace driftscope;

namespace {

const QString kDebate = QStringLiteral("debate");

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
    Panel* panel() const { return window->panel(kDebate); }
    QJsonObject state() const { return panel() ? panel()->saveState() : QJsonObject(); }
    template <class W>
    W* find(const char* name) const {
        return panel()->widget()->findChild<W*>(QLatin1String(name));
    }
    QString text(const char* label) const { return find<QLabel>(label)->text(); }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) const { QTest::keyClick(find<QTableView>("debateTranscript"), key, modifiers); }
    /// Chooses an entry of a combo box as a hand does: open it, go there, Return.
    bool choose(const char* name, const QString& data) const {
        auto* box = find<QComboBox>(name);
        const int wanted = box->findData(data);
        if (wanted < 0) return false;
        box->setFocus();
        while (box->currentIndex() != wanted) QTest::keyClick(box, box->currentIndex() < wanted ? Qt::Key_Down : Qt::Key_Up);
        return true;
    }
    /// Keeps a picture when asked to: DRIFTSCOPE_SHOTS=folder.
    void shoot(const char* name) const {
        const QString folder = qEnvironmentVariable("DRIFTSCOPE_SHOTS");
        if (folder.isEmpty()) return;
        QTest::qWait(120);
        window->grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
    }

    Settings settings;
    Session session;
    PluginHost host;
    std::unique_ptr<MainWindow> window;
};

}  // namespace

class DebatePassTest : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<Desk> desk_;

    QString path(const char* name) const { return folder_->filePath(QLatin1String(name)); }
    void openDesk() {
        desk_ = std::make_unique<Desk>(path("settings"));
        QVERIFY(desk_->activate());
    }
    void openExample(const char* id) {
        QVERIFY(desk_->window->createProject(path("project"), QStringLiteral("Debates")));
        QVERIFY2(desk_->window->openPanel(kDebate), "the Debate plugin was refused");
        desk_->shoot("gallery");
        auto* card = desk_->find<QAbstractButton>(id);
        QVERIFY(card && card->isVisible());
        QTest::mouseClick(card, Qt::LeftButton);
        QTRY_VERIFY(desk_->text("debateSentence").startsWith(QStringLiteral("Ready")));
    }

  private Q_SLOTS:
    void init() {
        folder_ = std::make_unique<QTemporaryDir>();
        openDesk();
    }
    void cleanup() {
        desk_->window->close();
        desk_.reset();
    }

    void anExampleIsPlayedStepByStepToItsVerdict() {
        openExample("example.panel");
        if (QTest::currentTestFailed()) return;
        auto* transcript = desk_->find<QTableView>("debateTranscript");
        desk_->key(Qt::Key_D);
        QCOMPARE(transcript->model()->rowCount(), 1);
        desk_->key(Qt::Key_D);
        QCOMPARE(transcript->model()->rowCount(), 2);
        desk_->shoot("playing");
        desk_->key(Qt::Key_A);
        QCOMPARE(desk_->state()[QStringLiteral("play")].toObject()[QStringLiteral("position")].toInt(), 1);
        QCOMPARE(transcript->model()->rowCount(), 2);  // looking back forgets nothing
        desk_->key(Qt::Key_End, Qt::ControlModifier);
        QCOMPARE(transcript->model()->rowCount(), 10);
        QVERIFY(desk_->text("debateSentence").contains(QStringLiteral("wins")));
        QVERIFY(desk_->text("debatePromiseText").contains(QStringLiteral("Within the promise")));
        desk_->shoot("verdict");
        desk_->window->setTheme(QStringLiteral("dark"));
        desk_->shoot("verdict-dark");
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(DebatePassTest)
#include "debate_pass_test.moc"
