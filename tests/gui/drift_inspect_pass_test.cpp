// A person's pass through the Drift panel's page Inspect in the real window: a small study is trained, one of its runs measured
// from the page, looked into by layer, map and token, its answers labelled by key, exported, and found again after a restart.
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>

#include "app/gui/main_window.h"
#include "app/gui/plugin_host.h"
#include "app/gui/session.h"
#include "app/gui/settings.h"
#include "plugins/api/panel_plugin.h"
#include "tests/support/strict_messages.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/matrix_plot.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"
#include "widgets/space/embedding_view_2d.h"

using namespace driftscope;

namespace {

const QString kDrift = QStringLiteral("drift");
constexpr int kStudyMs = 400'000;    // on a busy machine; alone it takes some twenty seconds
constexpr int kMeasureMs = 120'000;  // alone two

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
    QJsonObject inspect() const { return panel()->saveState()[QStringLiteral("inspect")].toObject(); }
    template <class W>
    W* find(const char* name) const {
        return panel()->widget()->findChild<W*>(QLatin1String(name));
    }
    QTableView* table() const { return find<QTableView>("driftSamples"); }
    QString cell(int row, const QString& column) const {
        const auto* model = table()->model();
        for (int c = 0; c < model->columnCount(); ++c)
            if (model->headerData(c, Qt::Horizontal).toString() == column) return model->index(row, c).data().toString();
        return {};
    }
    /// Keeps a picture when asked to: DRIFTSCOPE_SHOTS=folder.
    void shoot(const char* name) const {
        const QString folder = qEnvironmentVariable("DRIFTSCOPE_SHOTS");
        if (folder.isEmpty()) return;
        QTest::qWait(300);
        window->grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
    }

    Settings settings;
    Session session;
    PluginHost host;
    std::unique_ptr<MainWindow> window;
};

/// Does something with the next dialog that opens.
void withDialog(std::function<bool(QDialog*)> act) {
    auto* timer = new QTimer(qApp);
    QObject::connect(timer, &QTimer::timeout, timer, [timer, act = std::move(act)] {
        auto* dialog = qobject_cast<QDialog*>(QApplication::activeModalWidget());
        if (!dialog || !act(dialog)) return;
        timer->deleteLater();
    });
    timer->start(60);
}

void answerFileDialog(const QString& path) {
    withDialog([path](QDialog* dialog) {
        auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
        if (!name) return false;
        name->setText(path);
        QTest::keyClick(name, Qt::Key_Return);
        return true;
    });
}

}  // namespace

class DriftInspectPassTest : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<Desk> desk_;

    QString path(const char* name) const { return folder_->filePath(QLatin1String(name)); }
    void openDesk() {
        desk_ = std::make_unique<Desk>(path("settings"));
        QVERIFY(desk_->activate());
    }
    /// A study so small that nobody waits: what it learns does not matter here.
    QString train() {
        const QJsonArray settings{QStringLiteral("align.epochs=1"), QStringLiteral("finetune.epochs=1"), QStringLiteral("finetune.samples=60"), QStringLiteral("align.eval_samples=6"), QStringLiteral("finetune.eval_samples=6"),
                                  QStringLiteral("finetune.eval_every=3"), QStringLiteral("align.new_tokens=12"), QStringLiteral("finetune.new_tokens=12")};
        return desk_->jobs().start(QStringLiteral("llm.demo"), {{QStringLiteral("hidden"), 24}, {QStringLiteral("layers"), 2}, {QStringLiteral("pretrain_epochs"), 1}, {QStringLiteral("methods"), QJsonArray{QStringLiteral("sft")}},
                                                                {QStringLiteral("ratios"), QJsonArray{0.1}}, {QStringLiteral("seeds"), QJsonArray{1}}, {QStringLiteral("settings"), settings}, {QStringLiteral("threads"), 1}},
                                   QStringLiteral("Small study"));
    }
    void measure() {
        withDialog([](QDialog* dialog) {
            if (dialog->objectName() != QLatin1String("driftMeasure")) return false;
            for (auto* box : dialog->findChildren<QSpinBox*>())
                if (box->value() == 100) box->setValue(8);  // of the hundred held-out prompts
            QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("driftMeasureStart")), Qt::LeftButton);
            return true;
        });
        QTest::mouseClick(desk_->find<QPushButton>("driftMeasureButton"), Qt::LeftButton);
        QVERIFY(desk_->activate());
    }

  private Q_SLOTS:
    void aRunIsMeasuredLookedIntoAndLabelled() {
        folder_ = std::make_unique<QTemporaryDir>();
        openDesk();
        QVERIFY(desk_->window->createProject(path("project"), QStringLiteral("Drift")));
        QVERIFY2(desk_->window->openPanel(kDrift), "the Drift plugin was refused");
        const QString study = train();
        QTRY_VERIFY_WITH_TIMEOUT(desk_->jobs().find(study) && desk_->jobs().find(study)->state != JobView::State::Queued && desk_->jobs().find(study)->state != JobView::State::Running, kStudyMs);
        const JobView* done = desk_->jobs().find(study);
        QVERIFY2(done->state == JobView::State::Done, qPrintable(done->error));
        const QString run = done->folder + QStringLiteral("/finetune/sft-p0.1-seed1");

        // The run is chosen in the page; its own measurements and answers are there at once.
        desk_->find<QTabWidget>("driftTabs")->setCurrentIndex(2);
        auto* runs = desk_->find<QComboBox>("driftRun");
        QTRY_VERIFY_WITH_TIMEOUT(runs->findData(run) >= 0, 20000);
        runs->setCurrentIndex(runs->findData(run));
        Q_EMIT runs->activated(runs->currentIndex());
        QTRY_VERIFY(desk_->table()->model()->rowCount() == 18);  // six prompts of each of three kinds

        // Measured, everything else is there too.
        measure();
        auto* map = desk_->find<EmbeddingView2D>("driftMap");
        QTRY_VERIFY_WITH_TIMEOUT(map->isVisible() && map->pointCount() > 0, kMeasureMs);
        QTRY_COMPARE(desk_->table()->model()->rowCount(), 8);
        QCOMPARE(map->arrows().size(), std::size_t{8});
        QCOMPARE(desk_->inspect()[QStringLiteral("step")].toInt(), 6);

        // A click into the heat map goes to a layer and step, and A and D through the steps.
        auto* heat = desk_->find<plot::MatrixPlot>("driftHeatMap");
        QWidget* canvas = heat->findChild<QWidget*>();
        QTest::mouseClick(canvas, Qt::LeftButton, {}, {canvas->width() / 4, canvas->height() / 3});
        QCOMPARE(desk_->inspect()[QStringLiteral("layer")].toInt(), 0);
        QCOMPARE(desk_->inspect()[QStringLiteral("step")].toInt(), 0);
        desk_->table()->setFocus();
        QTest::keyClick(desk_->table(), Qt::Key_D);
        QTest::keyClick(desk_->table(), Qt::Key_D);
        QCOMPARE(desk_->inspect()[QStringLiteral("step")].toInt(), 6);

        // A click into a curve of the page Curves goes to its step here.
        auto* tabs = desk_->find<QTabWidget>("driftTabs");
        tabs->setCurrentIndex(1);
        plot::LinePlot* curve = nullptr;
        for (auto* plot : tabs->currentWidget()->findChildren<plot::LinePlot*>())
            if (plot->isVisible() && !plot->isEmpty() && !curve) curve = plot;
        QVERIFY(curve);
        QWidget* area = curve->findChild<QWidget*>();
        QTest::qWait(100);
        QTest::mouseClick(area, Qt::LeftButton, {}, {area->width() / 2, area->height() / 2});
        QCOMPARE(desk_->inspect()[QStringLiteral("step")].toInt(), 3);
        tabs->setCurrentIndex(2);
        desk_->table()->setFocus();
        QTest::keyClick(desk_->table(), Qt::Key_D);
        QCOMPARE(desk_->inspect()[QStringLiteral("step")].toInt(), 6);

        // The sample that moved most, its tokens, and labels by key.
        const auto row = [&](int at) { return desk_->table()->visualRect(desk_->table()->model()->index(at, 1)).center(); };
        QTest::mouseClick(desk_->table()->viewport(), Qt::LeftButton, {}, row(0));
        auto* tokens = desk_->find<QWidget>("driftTokens");
        QTRY_VERIFY(tokens->isVisible());
        desk_->shoot("inspect");
        desk_->table()->setFocus();
        QTest::keyClick(desk_->table(), Qt::Key_1);
        QTRY_COMPARE(desk_->cell(0, QStringLiteral("label")), QStringLiteral("harmful"));
        QTest::keyClick(desk_->table(), Qt::Key_2);
        QTRY_COMPARE(desk_->cell(1, QStringLiteral("label")), QStringLiteral("benign"));
        desk_->session.context()->edits.undoAction()->trigger();
        QTRY_VERIFY(desk_->cell(1, QStringLiteral("label")).isEmpty());
        desk_->session.context()->edits.redoAction()->trigger();
        QTRY_COMPARE(desk_->cell(1, QStringLiteral("label")), QStringLiteral("benign"));

        // Export through the view's own button.
        for (auto* button : desk_->panel()->widget()->findChildren<QToolButton*>())
            if (button->accessibleName() == QLatin1String("Export Samples")) {
                answerFileDialog(path("samples.csv"));
                QTest::mouseClick(button, Qt::LeftButton);
            }
        QFile csv(path("samples.csv"));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        QCOMPARE(csv.readAll().count('\n'), 9);

        // After a restart run, step, measurement and labels are as they were.
        desk_->window->close();
        desk_.reset();
        openDesk();
        QVERIFY(desk_->window->openProject(path("project")));
        if (!desk_->panel()) QVERIFY(desk_->window->openPanel(kDrift));
        QTRY_COMPARE_WITH_TIMEOUT(desk_->table()->model()->rowCount(), 8, 20000);
        QCOMPARE(desk_->inspect()[QStringLiteral("step")].toInt(), 6);
        QCOMPARE(desk_->inspect()[QStringLiteral("labelled")].toInt(), 2);
        desk_->window->close();
        desk_.reset();
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(DriftInspectPassTest)
#include "drift_inspect_pass_test.moc"
