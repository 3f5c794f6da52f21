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
#include <QTableView>
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
};

DRIFTSCOPE_GUI_TEST_MAIN(DriftPassTest)
#include "drift_pass_test.moc"
