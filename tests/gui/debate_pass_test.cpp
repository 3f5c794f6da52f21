// A person's pass through the Debate panel with mouse and keyboard: choose a computation, catch a lying Alice as Bob,
// measure, scale, export, replay, reopen.
#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QFile>
#include <QFileDialog>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include "app/gui/main_window.h"
#include "app/gui/plugin_host.h"
#include "app/gui/session.h"
#include "app/gui/settings.h"
#include "core/io/h5ad.h"
#include "plugins/api/panel_plugin.h"
#include "tests/support/strict_messages.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/selection_hub.h"
#include "widgets/space/embedding_view_2d.h"

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
    /// Nothing is being worked out, and a new game waits for its first step.
    bool ready() const { return state()[QStringLiteral("idle")].toBool() && text("debateSentence").startsWith(QStringLiteral("Ready")); }
    bool trigger(const char* action) const {
        for (QAction* candidate : panel()->actions())
            if (candidate->objectName() == QLatin1String(action)) {
                candidate->trigger();
                return true;
            }
        return false;
    }
    /// Starts a study by its button and waits until its result is shown.
    bool study(const char* kind, int tab) const {
        find<QTabWidget>("debateTabs")->setCurrentIndex(tab);
        auto* runs = find<QComboBox>((QByteArray(kind) + ".runs").constData());
        const int before = runs->count();
        QTest::mouseClick(find<QPushButton>((QByteArray(kind) + ".start").constData()), Qt::LeftButton);
        return QTest::qWaitFor([&] { return runs->count() == before + 1 && runs->currentIndex() >= 0; }, 60000);
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
        QTRY_VERIFY(desk_->ready());
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
        desk_->key(Qt::Key_U);
        QCOMPARE(transcript->model()->rowCount(), 9);  // taken back
        desk_->window->setTheme(QStringLiteral("dark"));
        desk_->key(Qt::Key_D);
        desk_->shoot("verdict-dark");
    }

    void aPersonAsBobCatchesALyingAliceExportsAndReplays() {
        buildOwnComputation();
        if (QTest::currentTestFailed()) return;
        desk_->find<QTabWidget>("debateTabs")->setCurrentIndex(0);
        QVERIFY(desk_->choose("debateAlice", QStringLiteral("overclaim")));
        QVERIFY(desk_->choose("debateBob", QStringLiteral("person")));
        QTRY_VERIFY(desk_->ready());
        desk_->key(Qt::Key_D);
        QTRY_VERIFY2(desk_->text("debateSentence").contains(QStringLiteral("Your move, Bob")), qPrintable(desk_->text("debateSentence")));
        QVERIFY(desk_->text("debateSentence").contains(QStringLiteral("Alice claims 1.0000")));
        desk_->shoot("your-move");
        // Letting it pass, then taking it back and challenging it.
        desk_->key(Qt::Key_Y);
        QCOMPARE(desk_->find<QTableView>("debateTranscript")->model()->rowCount(), 1);
        desk_->key(Qt::Key_U);
        desk_->key(Qt::Key_D);
        QTest::mouseClick(desk_->find<QPushButton>("debateChallenge"), Qt::LeftButton);
        QVERIFY2(desk_->text("debateSentence").contains(QStringLiteral("Bob wins")), qPrintable(desk_->text("debateSentence")));
        QVERIFY(desk_->text("debatePromiseText").contains(QStringLiteral("Outside the promise")));
        desk_->shoot("caught");
        exportTranscripts();
        if (QTest::currentTestFailed()) return;
        replayTranscript();
    }

    void aComputationIsCheckedWhileItIsWritten() {
        buildOwnComputation();
        if (QTest::currentTestFailed()) return;
        auto* expression = desk_->find<QPlainTextEdit>("debateExpression");
        expression->setFocus();
        QTest::keyClick(expression, Qt::Key_End, Qt::ControlModifier);
        QTest::keyClicks(expression, QStringLiteral(" and late"));
        QTRY_VERIFY2(desk_->text("debateProblem").contains(QStringLiteral("'late'")), qPrintable(desk_->text("debateProblem")));
        desk_->shoot("editor-error");
        const QJsonObject used = desk_->state()[QStringLiteral("setup")].toObject()[QStringLiteral("computation")].toObject();
        QVERIFY(!used[QStringLiteral("expression")].toString().contains(QStringLiteral("late")));  // the last right one stays
        QTest::keyClicks(expression, QStringLiteral(": 0.99"));
        QTRY_VERIFY(desk_->text("debateProblem").contains(QStringLiteral("in use")));
        auto* json = desk_->find<QPlainTextEdit>("debateJson");
        json->setFocus();
        QTest::keyClick(json, Qt::Key_End, Qt::ControlModifier);
        QTest::keyClicks(json, QStringLiteral("}"));
        QTRY_VERIFY2(desk_->text("debateProblem").contains(QStringLiteral("Line ")), qPrintable(desk_->text("debateProblem")));
        // Every change of the setup can be taken back.
        const QJsonObject before = desk_->state()[QStringLiteral("setup")].toObject();
        desk_->find<QTabWidget>("debateTabs")->setCurrentIndex(0);
        QVERIFY(desk_->choose("debateProtocol", QStringLiteral("bisection")));
        QVERIFY(desk_->state()[QStringLiteral("setup")].toObject() != before);
        desk_->key(Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(desk_->state()[QStringLiteral("setup")].toObject(), before);
    }

    void parametersSayWhichInequalityFails() {
        openExample("example.panel");
        if (QTest::currentTestFailed()) return;
        QVERIFY(!desk_->text("debateInequalities").contains(QStringLiteral("✗")));
        auto* b = desk_->find<QWidget>("debate.b");
        auto* box = b->findChild<QDoubleSpinBox*>();
        box->setFocus();
        box->selectAll();
        QTest::keyClicks(box, QStringLiteral("0.5"));
        QTest::keyClick(box, Qt::Key_Return);
        QTRY_VERIFY(desk_->text("debateInequalities").contains(QStringLiteral("✗")));
        QTRY_VERIFY(desk_->text("debatePromiseText").contains(QStringLiteral("k b")));
        QVERIFY(desk_->text("debatePromiseText").contains(QStringLiteral("nothing is guaranteed")));
        desk_->shoot("violated");
    }

    void bisectionFindsTheLieForAPerson() {
        openExample("example.checklist");
        if (QTest::currentTestFailed()) return;
        QVERIFY(desk_->choose("debateProtocol", QStringLiteral("bisection")));
        QVERIFY(desk_->choose("debateAlice", QStringLiteral("lies")));
        auto* lie = desk_->find<QSpinBox>("debateLieStep");
        QTRY_COMPARE(lie->maximum(), 13);
        lie->setValue(6);
        QVERIFY(desk_->choose("debateBob", QStringLiteral("person")));
        QTRY_VERIFY(desk_->ready());
        // The true trace answers yes to every item, so that a configuration with a "no" is a lie.
        for (int round = 0; round < 10 && !desk_->text("debateSentence").contains(QStringLiteral("wins")); ++round) {
            desk_->key(Qt::Key_D);
            const QString asked = desk_->text("debateSentence");
            if (!asked.contains(QStringLiteral("Your move"))) continue;
            if (round == 1) desk_->shoot("bisection");
            desk_->key(asked.contains(QStringLiteral("(0, 0)")) ? Qt::Key_Y : Qt::Key_C);
        }
        QVERIFY2(desk_->text("debateSentence").contains(QStringLiteral("step 6 alone")), qPrintable(desk_->text("debateSentence")));
        QVERIFY(desk_->text("debateSentence").contains(QStringLiteral("Bob wins")));
        QVERIFY(desk_->choose("debateProtocol", QStringLiteral("cross_examined")));
        QTRY_VERIFY(desk_->ready());
        desk_->key(Qt::Key_D);
        desk_->key(Qt::Key_D);
        QVERIFY(desk_->text("debateSentence").contains(QStringLiteral("Which of its 13 steps")));
        desk_->find<QSpinBox>("debateNamed")->setValue(6);
        QTest::mouseClick(desk_->find<QPushButton>("debateName"), Qt::LeftButton);
        QVERIFY2(desk_->text("debateSentence").contains(QStringLiteral("step 6 does not follow")), qPrintable(desk_->text("debateSentence")));
        desk_->shoot("cross-examined");
    }

    void aPersonAnswersTheQuestions() {
        openExample("example.review");
        if (QTest::currentTestFailed()) return;
        QVERIFY(desk_->choose("debateOracle", QStringLiteral("asked")));
        QTRY_VERIFY(desk_->text("debatePromiseText").contains(QStringLiteral("wait for a person")));
        QTRY_VERIFY(desk_->ready());
        auto* dialog = desk_->find<QDialog>("debateOracleDialog");
        QVERIFY(dialog && !dialog->isVisible());
        for (int question = 0; question < 4; ++question) {
            desk_->key(Qt::Key_D);
            QTRY_VERIFY(dialog->isVisible() || desk_->text("debateSentence").contains(QStringLiteral("wins")));
            if (!dialog->isVisible()) break;
            if (question == 0) {
                desk_->shoot("oracle");
                if (!qEnvironmentVariable("DRIFTSCOPE_SHOTS").isEmpty()) dialog->grab().save(qEnvironmentVariable("DRIFTSCOPE_SHOTS") + QStringLiteral("/oracle-dialog.png"));
            }
            QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("debateYes")), Qt::LeftButton);
            QVERIFY(desk_->activate());  // a window manager gives the focus back
            QTRY_COMPARE(desk_->find<QTableView>("debateTranscript")->model()->rowCount(), question + 1);
        }
        desk_->key(Qt::Key_End, Qt::ControlModifier);
        QTRY_VERIFY2(desk_->text("debateSentence").contains(QStringLiteral("Alice wins")), qPrintable(desk_->text("debateSentence")));
        const auto answers = desk_->state()[QStringLiteral("setup")].toObject()[QStringLiteral("computation")].toObject()[QStringLiteral("answers")].toArray();
        QCOMPARE(answers.size(), 4);
        QCOMPARE(answers.at(0).toObject()[QStringLiteral("by")].toString(), desk_->window->edits()->annotator());
        desk_->key(Qt::Key_R);
        desk_->key(Qt::Key_D);
        QVERIFY(!dialog->isVisible());  // answered once, remembered
    }

    void aModelAnswersAboutTheRowsOfATable() {
        // Nine cells with a model's probabilities: seven look mitotic.
        EmbeddingTable table(9);
        table.x = Matrix(9, 1);
        QVERIFY(table.setColumn("p", std::vector<double>{0.97, 0.96, 0.95, 0.98, 0.97, 0.96, 0.97, 0.03, 0.05}));
        const QString file = path("cells.h5ad");
        QVERIFY(io::writeH5ad(file.toStdString(), table).has_value());
        buildOwnComputation();
        if (QTest::currentTestFailed()) return;
        QVERIFY(desk_->choose("debateOracle", QStringLiteral("model")));
        QVERIFY(desk_->fill("table", file));
        QVERIFY(desk_->fill("scores", QStringLiteral("p")));
        auto* json = desk_->find<QPlainTextEdit>("debateJson");
        json->setFocus();
        json->selectAll();
        json->insertPlainText(QStringLiteral(R"({"type": "majority", "title": "Are most of these cells in mitosis?", "rows": [0, 1, 2, 3, 4, 5, 6, 7, 8]})"));
        QTRY_VERIFY2(desk_->text("debateProblem").contains(QStringLiteral("in use")), qPrintable(desk_->text("debateProblem")));
        QTRY_VERIFY2(desk_->ready(), qPrintable(desk_->text("debateSentence") + desk_->text("debatePromiseText")));
        desk_->find<QTabWidget>("debateTabs")->setCurrentIndex(0);
        desk_->key(Qt::Key_End, Qt::ControlModifier);
        QTRY_VERIFY2(desk_->text("debateSentence").contains(QStringLiteral("Alice wins")), qPrintable(desk_->text("debateSentence")));
        // Drawn with its probabilities: p² + (1 - p)², about 0.93 over these rows.
        QVERIFY2(desk_->text("debateRepeatability").startsWith(QStringLiteral("0.9")), qPrintable(desk_->text("debateRepeatability")));
        desk_->shoot("model");
        // A budget ends a game with a sentence, and what was played stays.
        QVERIFY(desk_->fill("budget", QStringLiteral("1000")));
        QTRY_VERIFY(desk_->state()[QStringLiteral("idle")].toBool());
        desk_->key(Qt::Key_End, Qt::ControlModifier);
        QTRY_VERIFY2(desk_->text("debateSentence").contains(QStringLiteral("budget")), qPrintable(desk_->text("debateSentence")));
        desk_->shoot("budget");
    }

    void studiesRunAsJobsAndComeBack() {
        openExample("example.single");
        if (QTest::currentTestFailed()) return;
        desk_->find<QSpinBox>("debateGames")->setValue(400);
        QVERIFY(desk_->study("debate.measure", 2));
        QVERIFY2(desk_->text("debateMeasured").contains(QStringLiteral("promises at least")), qPrintable(desk_->text("debateMeasured")));
        const QString measured = desk_->text("debateMeasured");
        desk_->shoot("measure");
        QVERIFY(desk_->study("debate.compare", 3));
        desk_->shoot("attacks");
        desk_->find<QTabWidget>("debateTabs")->setCurrentIndex(4);
        auto* steps = desk_->find<QWidget>("debateScaleForm")->findChild<QWidget*>(QStringLiteral("steps"));
        QVERIFY(steps);
        steps->findChild<QLineEdit*>()->setText(QStringLiteral("10,100,1000"));
        QVERIFY(desk_->study("debate.scale", 4));
        QVERIFY(desk_->text("debateScaling").contains(QStringLiteral("cheaper until T")));
        QCOMPARE(desk_->find<QTableWidget>("debateScaleTable")->rowCount(), 9);
        desk_->shoot("scale");
        QVERIFY(desk_->study("debate.optimize", 5));
        desk_->shoot("tradeoff");
        for (const char* name : {"plot.png", "plot.svg", "plot.csv"}) {
            answerFileDialog(path(name));
            QVERIFY(desk_->trigger("debate.export-plot"));
            QVERIFY2(contentOf(path(name)).size() > 200, name);
        }
        QVERIFY(desk_->activate());  // a window manager gives the focus back after a dialog
        cancelAMeasurement();
        if (QTest::currentTestFailed()) return;
        collectAndLabelClaims();
        if (QTest::currentTestFailed()) return;

        const QJsonObject before = desk_->state();
        desk_->window->close();
        openDesk();
        QVERIFY(desk_->window->openProject(path("project")));
        QTRY_VERIFY(desk_->panel());
        QTRY_COMPARE(desk_->text("debateMeasured"), measured);
        QTRY_COMPARE(desk_->state()[QStringLiteral("play")], before[QStringLiteral("play")]);
        QCOMPARE(desk_->state()[QStringLiteral("claims")], before[QStringLiteral("claims")]);
        QTRY_COMPARE(desk_->find<EmbeddingView2D>("debateClaimsMap")->pointCount(), claims_);
        QVERIFY(desk_->window->edits()->canUndo());
        QCOMPARE(labelCount(), 1u);
    }

  private:
    std::size_t claims_ = 0;

    void buildOwnComputation() {
        QVERIFY(desk_->window->createProject(path("project"), QStringLiteral("Debates")));
        QVERIFY(desk_->window->openPanel(kDebate));
        QTest::mouseClick(desk_->find<QPushButton>("debateNew"), Qt::LeftButton);
        auto* expression = desk_->find<QPlainTextEdit>("debateExpression");
        QVERIFY(expression->isVisible());
        expression->setFocus();
        expression->selectAll();
        QTest::keyClicks(expression, QStringLiteral("sound: 0.9 and majority(blinded: 0.8, powered: 0.85, reported: 0.9)"));
        QTRY_VERIFY(desk_->text("debateProblem").contains(QStringLiteral("in use")));
        auto* title = desk_->find<QLineEdit>("debateTitle");
        title->setFocus();
        title->selectAll();
        QTest::keyClicks(title, QStringLiteral("Trial quality"));
        QTRY_VERIFY(desk_->ready());
        desk_->shoot("editor");
    }

    void exportTranscripts() {
        for (const char* name : {"game.json", "game.csv", "game.md"}) {
            answerFileDialog(path(name));
            QVERIFY(desk_->trigger("debate.export"));
            QVERIFY2(!contentOf(path(name)).isEmpty(), name);
        }
        const QJsonObject json = QJsonDocument::fromJson(contentOf(path("game.json"))).object();
        QCOMPARE(json[QStringLiteral("winner")].toString(), QStringLiteral("bob"));
        QCOMPARE(json[QStringLiteral("people")].toObject()[QStringLiteral("moves")].toArray().size(), 1);
        QCOMPARE(contentOf(path("game.csv")).count('\n'), 2);
        QVERIFY(contentOf(path("game.md")).startsWith("# Debate: Trial quality"));
    }

    void replayTranscript() {
        QVERIFY(desk_->trigger("debate.gallery"));
        QTRY_COMPARE(desk_->find<QTableView>("debateTranscript")->model()->rowCount(), 0);
        desk_->window->openPath(path("game.json"));
        QTRY_VERIFY2(desk_->text("debateStatus").contains(QStringLiteral("Replayed: the same game")), qPrintable(desk_->text("debateStatus")));
        QVERIFY(desk_->text("debateSentence").contains(QStringLiteral("Bob wins")));
    }

    void cancelAMeasurement() {
        desk_->find<QSpinBox>("debateGames")->setValue(10'000'000);
        desk_->find<QTabWidget>("debateTabs")->setCurrentIndex(2);
        QTest::mouseClick(desk_->find<QPushButton>("debate.measure.start"), Qt::LeftButton);
        auto* cancel = desk_->find<QPushButton>("debate.measure.cancel");
        QTRY_VERIFY(cancel->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(desk_->session.jobs().jobs().front().done > 0, 20000);
        QTest::mouseClick(cancel, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(desk_->text("debateStatus").contains(QStringLiteral("was cancelled")), 20000);
        QVERIFY(!cancel->isVisible());
    }

    std::size_t labelCount() const {
        const auto labels = desk_->window->edits()->store().labels("debate_honesty");
        return labels ? labels->size() : 0;
    }

    void collectAndLabelClaims() {
        QVERIFY(desk_->study("debate.claims", 6));
        auto* map = desk_->find<EmbeddingView2D>("debateClaimsMap");
        QTRY_VERIFY(map->pointCount() == 60 && map->isComplete());
        claims_ = map->pointCount();
        desk_->shoot("claims");
        // Choosing a claim shows its game, and the game's position shows in the map.
        SelectionHub& hub = desk_->session.context()->selection;
        hub.set(SelectionLayer::Select, ElementKind::Claim, IdSet({17}), nullptr);
        QTRY_VERIFY(map->selection().contains(17));
        Q_EMIT map->selectionRequested(IdSet({17}), {});
        QTRY_COMPARE(desk_->state()[QStringLiteral("setup")].toObject()[QStringLiteral("values")].toObject()[QStringLiteral("game")].toInt(), 17);
        QTRY_COMPARE(desk_->state()[QStringLiteral("play")].toObject()[QStringLiteral("position")].toInt(), 1);
        QTRY_COMPARE(map->scene().emphasis().size(), std::size_t(1));
        map->setFocus();
        QTest::keyClick(map, Qt::Key_2);
        QTRY_COMPARE(labelCount(), 1u);
        QTest::keyClick(desk_->window.get(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(labelCount(), 0u);
        QTest::keyClick(desk_->window.get(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(labelCount(), 1u);
        desk_->shoot("claims-labelled");
        QCOMPARE(desk_->window->width(), 1366);  // nothing made the window wider than a small screen
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(DebatePassTest)
#include "debate_pass_test.moc"
