// The page Inspect by mouse and keyboard, on a small demo study with measurements of two of its runs.
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSlider>
#include <QSplitter>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTableView>
#include <QTest>

#include "plugins/api/panel_plugin.h"
#include "plugins/drift/answer_view.h"
#include "plugins/drift/cka_view.h"
#include "plugins/drift/drift_selection.h"
#include "plugins/drift/harm_view.h"
#include "plugins/drift/heat_map_view.h"
#include "plugins/drift/inspect_view.h"
#include "plugins/drift/map_view.h"
#include "plugins/drift/measure_dialog.h"
#include "plugins/drift/run_catalog.h"
#include "plugins/drift/sample_table.h"
#include "plugins/drift/samples_view.h"
#include "plugins/drift/token_heat.h"
#include "plugins/drift/token_view.h"
#include "plugins/drift/trend_view.h"
#include "tests/plugins/drift/fixture.h"
#include "tests/support/strict_messages.h"
#include "tests/widgets/label/label_test_support.h"
#include "widgets/label/schema_bar.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/matrix_plot.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"
#include "widgets/session/selection_hub.h"
#include "widgets/space/embedding_view_2d.h"

using namespace driftscope;
using namespace driftscope::drift;

namespace {

/// A project with the fixture among its runs, and the page on it.
struct Bench {
    QTemporaryDir folder;
    std::unique_ptr<Project> project = Project::create(folder.path(), QStringLiteral("drift")).value();
    SelectionHub hub;
    JobRunner jobs{QStringLiteral(DRIFTSCOPE_BINARY_DIR "/bin/driftscope-run")};
    std::unique_ptr<EditStack> edits = EditStack::open(project->labelsFile(), QStringLiteral("ada")).value();
    HostContext host{*project, hub, jobs, *edits};
    std::unique_ptr<RunCatalog> catalog;
    std::unique_ptr<InspectView> view;
    QStringList complaints, sayings;

    explicit Bench(bool measured = true) {
        copyFixture(project->runsFolder());
        if (!measured)
            for (const char* name : {"measure-sft", "measure-lisa"}) QDir(project->runsFolder() + QLatin1Char('/') + QLatin1String(name)).removeRecursively();
        jobs.setRunsFolder(project->runsFolder());
        catalog = std::make_unique<RunCatalog>(jobs);
        view = std::make_unique<InspectView>(host);
        view->resize(1130, 700);
        QObject::connect(view.get(), &InspectView::failed, [this](const QString& text) { complaints << text; });
        QObject::connect(view.get(), &InspectView::said, [this](const QString& text) { sayings << text; });
        QObject::connect(catalog.get(), &RunCatalog::listChanged, [this] { view->setRuns(catalog->runs()); });
        view->setRuns(catalog->runs());
    }
    QString run(const char* name) const { return project->runsFolder() + QStringLiteral("/demo/finetune/") + QLatin1String(name); }
    template <class W>
    W* find(const char* name) const {
        return view->findChild<W*>(QLatin1String(name));
    }
    template <class V>
    V* page() const {
        return view->findChild<V*>();
    }
    DriftSelection& selection() const { return view->selection(); }
    SampleTable* samples() const { return view->findChild<SampleTable*>(); }
    void tab(int index) const { find<QTabWidget>("driftInspectTabs")->setCurrentIndex(index); }
    /// Shows the run and waits until its measurement is read and projected.
    bool open(const char* name) {
        view->showRun(run(name));
        return showActive(*view) && QTest::qWaitFor([this] { return samples()->rowCount() > 0 && !page<MapView>()->busy(); }, 20000);
    }
    void choose(const char* name, int index) const {
        auto* box = find<QComboBox>(name);
        box->setFocus();
        while (box->currentIndex() != index) QTest::keyClick(box, box->currentIndex() < index ? Qt::Key_Down : Qt::Key_Up);
    }
    QTableView* table() const { return find<QTableView>("driftSamples"); }
    void clickRow(int row) const {
        const QModelIndex index = table()->model()->index(row, SampleTable::Prompt);
        table()->scrollTo(index);
        QTest::mouseClick(table()->viewport(), Qt::LeftButton, {}, table()->visualRect(index).center());
        QTest::qWait(10);
    }
    QString cell(int row, int column) const { return table()->model()->index(row, column).data().toString(); }
};

QWidget* canvasOf(QWidget& plot) {
    return plot.findChild<QWidget*>();
}

/// Clicks into a plot's data area at shares of its width and height.
void clickAt(QWidget& plot, double x, double y) {
    QWidget* canvas = canvasOf(plot);
    QTest::mouseClick(canvas, Qt::LeftButton, {}, {static_cast<int>(canvas->width() * x), static_cast<int>(canvas->height() * y)});
}

/// picture(), once plots have drawn themselves in the new colours.
void look(QWidget& widget, const QString& name) {
    const QString folder = qEnvironmentVariable("DRIFTSCOPE_SCREENSHOTS");
    if (folder.isEmpty()) return;
    const QPalette light = QApplication::palette();
    for (const bool dark : {false, true}) {
        QApplication::setPalette(dark ? darkPalette() : light);
        QTest::qWait(120);
        widget.grab().save(folder + QLatin1Char('/') + name + (dark ? QStringLiteral("-dark.png") : QStringLiteral("-light.png")));
    }
    QApplication::setPalette(light);
}

}  // namespace

class InspectViewTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void saysWhatToDoWhenThereIsNothing() {
        Bench bench(false);
        QVERIFY(bench.page<HeatMapView>()->isBlank());
        QVERIFY(bench.page<HeatMapView>()->blankText().contains(QStringLiteral("Choose a run")));
        bench.view->showRun(bench.run("sft-p0.1-seed1"));
        QVERIFY(showActive(*bench.view));
        QTRY_VERIFY(!bench.page<HeatMapView>()->isBlank());  // its own measurements
        QVERIFY(bench.page<MapView>()->isBlank());
        QVERIFY(bench.page<MapView>()->blankText().contains(QStringLiteral("llm.drift")));
        QCOMPARE(bench.samples()->rowCount(), 15);  // and the prompts it was judged on
        // This run kept no snapshots, so it cannot be measured, and the page says why.
        auto* button = bench.page<MapView>()->findChild<QPushButton*>();
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(bench.complaints.size(), 1);
        QVERIFY(bench.complaints.front().contains(QStringLiteral("snapshots")));
        look(*bench.view, QStringLiteral("drift-inspect-unmeasured"));
    }

    void fitsASmallScreen() {
        Bench bench;
        QVERIFY(bench.open("sft-p0.1-seed1"));
        // 1366 pixels less the project's dock and the list of runs.
        QVERIFY2(bench.view->minimumSizeHint().width() <= 1060, qPrintable(QString::number(bench.view->minimumSizeHint().width())));
        QVERIFY2(bench.view->minimumSizeHint().height() <= 600, qPrintable(QString::number(bench.view->minimumSizeHint().height())));
    }

    void aClickInTheHeatMapChoosesLayerAndStep() {
        Bench bench;
        QVERIFY(bench.open("sft-p0.1-seed1"));
        auto* heat = bench.page<HeatMapView>();
        QVERIFY(!heat->isBlank());
        QTest::qWait(50);
        clickAt(heat->map(0), 0.25, 0.25);
        const std::int64_t layer = bench.selection().layer(), step = bench.selection().step();
        QVERIFY2(layer == 0 || layer == 1, qPrintable(QString::number(layer)));
        QVERIFY(step == 0 || step == 20);
        QTRY_COMPARE(bench.hub.get(SelectionLayer::Select, ElementKind::Layer), IdSet({static_cast<std::uint32_t>(layer)}));
        QCOMPARE(bench.find<QComboBox>("driftLayer")->currentText(), QString::number(layer));
        QCOMPARE(bench.find<QSlider>("driftStep")->value(), static_cast<int>(step / 20));
        clickAt(heat->map(0), 0.68, 0.75);
        QVERIFY(bench.selection().layer() > layer && bench.selection().step() > step);
        for (int i = 0; i < static_cast<int>(kMetrics); ++i) {
            bench.choose("driftMetric", i);
            QVERIFY2(!heat->isBlank(), metricOf(static_cast<MetricId>(i)).column);
        }
        QTemporaryDir out;
        QVERIFY(heat->exportTo(out.filePath(QStringLiteral("heat.csv"))));
        QVERIFY(heat->exportTo(out.filePath(QStringLiteral("heat.svg"))));
    }

    void theStepMovesEverythingAndTheAxesStay() {
        Bench bench;
        QVERIFY(bench.open("sft-p0.1-seed1"));
        auto& map = bench.page<MapView>()->map();
        QTRY_COMPARE(map.pointCount(), std::size_t{12 * 5});
        QCOMPARE(map.arrows().size(), std::size_t{12});
        const auto view = map.view();
        QTest::keyClick(bench.table(), Qt::Key_A);
        QCOMPARE(bench.selection().step(), 40);
        const QString header = bench.table()->model()->headerData(SampleTable::After, Qt::Horizontal).toString();
        QVERIFY2(header.contains(QStringLiteral("40")), qPrintable(header));
        QVERIFY(map.view() == view);
        QCOMPARE(map.arrows().size(), std::size_t{12});
        const JointMap* shown = bench.page<MapView>()->shown();
        for (const auto& arrow : map.arrows()) {
            QCOMPARE(shown->points[arrow.from].step, kBefore);
            QCOMPARE(shown->points[arrow.to].step, 40);
            QCOMPARE(shown->points[arrow.from].sample, shown->points[arrow.to].sample);
        }
        const std::int64_t layer = bench.selection().layer();
        QTest::keyClick(bench.table(), Qt::Key_S);
        QCOMPARE(bench.selection().layer(), layer - 1);
        QTRY_VERIFY(!bench.page<MapView>()->busy());
        for (int i = 0; i < bench.find<QComboBox>("driftMapColour")->count(); ++i) bench.choose("driftMapColour", i);
        QTest::mouseClick(bench.find<QCheckBox>("driftPaths"), Qt::LeftButton);
        QVERIFY(map.arrows().empty());
        QCOMPARE(map.trackScope(), EmbeddingView2D::TrackScope::All);
        bench.find<QCheckBox>("driftAllLayers")->click();
        QTRY_COMPARE(map.pointCount(), std::size_t{4 * 12 * 5});
        bench.choose("driftProjection", 2);
        QTRY_VERIFY_WITH_TIMEOUT(bench.page<MapView>()->shown()->variance[0] == 0, 30000);
        QTemporaryDir out;
        for (const char* suffix : {"png", "svg", "csv"}) QVERIFY(bench.page<MapView>()->exportTo(out.filePath(QStringLiteral("map.") + QLatin1String(suffix))));
    }

    void aSampleChosenAnywhereIsShownEverywhere() {
        Bench bench;
        QVERIFY(bench.open("sft-p0.1-seed1"));
        // Sorted by drift, the greatest first.
        double last = 1e9;
        for (int row = 0; row < bench.table()->model()->rowCount(); ++row) {
            const double drift = bench.table()->model()->index(row, SampleTable::Drift).data(SampleTable::SortRole).toDouble();
            QVERIFY(drift <= last);
            last = drift;
        }
        QTest::mouseClick(bench.table()->viewport(), Qt::LeftButton, {}, bench.table()->visualRect(bench.table()->model()->index(0, 0)).center());
        QTRY_COMPARE(bench.selection().samples().size(), std::size_t{1});
        // In the map: its state before and now.
        auto& map = bench.page<MapView>()->map();
        QTRY_COMPARE(map.selection().size(), std::size_t{2});
        // From the map to the table and the tokens.
        const auto point = bench.page<MapView>()->shown()->find(0, 2, bench.selection().layer(), 60);
        QVERIFY(point);
        Q_EMIT map.selectionRequested(IdSet({*point}), Qt::NoModifier);
        QTRY_COMPARE(bench.selection().sample(), std::optional<std::uint32_t>(2));
        auto* tokens = bench.page<TokenView>();
        QTRY_VERIFY(!tokens->isBlank());
        QCOMPARE(tokens->heat().strips().size(), std::size_t{1});
        QTRY_COMPARE(bench.cell(bench.table()->selectionModel()->selectedRows().front().row(), SampleTable::Number), QStringLiteral("3"));
        QVERIFY(bench.page<AnswerView>()->text().contains(QStringLiteral("cannot help")));
        QVERIFY(bench.page<AnswerView>()->text().contains(QStringLiteral("step 60")));
        // A click on a token's cell chooses its layer.
        const QRect cell = tokens->heat().cellRect(0, 1, 3);
        QVERIFY(!cell.isEmpty());
        QTest::mouseClick(tokens->heat().viewport(), Qt::LeftButton, {}, cell.center());
        QCOMPARE(bench.selection().layer(), 1);
        // From the scatter of drift and harm.
        bench.tab(3);
        auto* harm = bench.page<HarmView>();
        QVERIFY(!harm->isBlank());
        Q_EMIT harm->plot().pointClicked(0, 1);
        QTRY_VERIFY(bench.selection().sample() != std::optional<std::uint32_t>(2));
        for (int i = 0; i < bench.find<QComboBox>("driftHarmMeasure")->count(); ++i) bench.choose("driftHarmMeasure", i);
        // A sample whose tokens were not kept says so.
        bench.selection().setSample(11);
        QTRY_VERIFY(tokens->isBlank() && tokens->blankText().contains(QStringLiteral("token_samples")));
        QTemporaryDir out;
        bench.selection().setSample(1);
        QTRY_VERIFY(!tokens->isBlank());
        for (const char* suffix : {"png", "svg", "csv"}) QVERIFY(tokens->exportTo(out.filePath(QStringLiteral("tokens.") + QLatin1String(suffix))));
    }

    void twoRunsShareAxes() {
        Bench bench;
        QVERIFY(bench.open("sft-p0.1-seed1"));
        auto* other = bench.find<QComboBox>("driftOther");
        const int lisa = other->findData(bench.run("lisa-p0.1-seed1"));
        QVERIFY(lisa > 0);
        other->setCurrentIndex(lisa);
        Q_EMIT other->activated(lisa);
        auto* heat = bench.page<HeatMapView>();
        QTRY_VERIFY(heat->map(1).isVisible());
        QTRY_COMPARE(bench.page<MapView>()->map().pointCount(), std::size_t{2 * 12 * 5});
        bench.clickRow(0);
        bench.selection().setSample(1);
        QTRY_COMPARE(bench.page<TokenView>()->heat().strips().size(), std::size_t{2});
        QVERIFY(!bench.table()->isColumnHidden(SampleTable::Other));
        look(*bench.view, QStringLiteral("drift-inspect-two"));
        QTest::mouseClick(bench.find<QCheckBox>("driftDifference"), Qt::LeftButton);
        QVERIFY(!heat->map(1).isVisible());
        bench.tab(1);
        QTRY_VERIFY(!bench.page<CkaView>()->isBlank() && bench.page<CkaView>()->map(1).isVisible());
        look(*bench.view, QStringLiteral("drift-inspect-cka"));
        bench.tab(2);
        auto* trend = bench.page<TrendView>();
        QTRY_VERIFY(trend->isBlank());  // while training only attention_out is measured
        bench.selection().setPoint("attention_out");
        QTRY_VERIFY(!trend->isBlank());
        QCOMPARE(trend->bySteps().curves(), (QStringList{QStringLiteral("lisa"), QStringLiteral("sft")}));
        QCOMPARE(trend->bySteps().size(QStringLiteral("sft")), 4);
        look(*bench.view, QStringLiteral("drift-inspect-trend"));
        bench.choose("driftTrendAxis", 1);
        QVERIFY(trend->byRatio().csv().contains(QStringLiteral("0.1")));
        look(*bench.view, QStringLiteral("drift-inspect-ratio"));
        bench.tab(3);
        QTRY_VERIFY(!bench.page<HarmView>()->isBlank());
        look(*bench.view, QStringLiteral("drift-inspect-harm"));
    }

    void answersAreLabelledByKey() {
        Bench bench;
        QVERIFY(bench.open("sft-p0.1-seed1"));
        bench.clickRow(0);
        const QString first = bench.cell(0, SampleTable::Prompt);
        bench.table()->setFocus();
        QTest::keyClick(bench.table(), Qt::Key_1);
        QTRY_COMPARE(bench.cell(0, SampleTable::Label), QStringLiteral("harmful"));
        QTest::keyClick(bench.table(), Qt::Key_2);  // the next one
        QTRY_COMPARE(bench.cell(1, SampleTable::Label), QStringLiteral("benign"));
        QVERIFY(!bench.sayings.isEmpty());
        // Another step is another answer.
        QTest::keyClick(bench.table(), Qt::Key_A);
        QCOMPARE(bench.selection().step(), 40);
        for (int row = 0; row < 12; ++row) QVERIFY(bench.cell(row, SampleTable::Label).isEmpty());
        bench.edits->undo();  // goes back to where it was
        QTRY_COMPARE(bench.selection().step(), 60);
        QTRY_VERIFY(bench.cell(1, SampleTable::Label).isEmpty());
        bench.edits->redo();
        QTRY_COMPARE(bench.cell(1, SampleTable::Label), QStringLiteral("benign"));
        QCOMPARE(bench.view->saveState()[QStringLiteral("labelled")].toInt(), 2);
        const auto stored = bench.edits->store().labels("drift_harm").value();
        QCOMPARE(stored.size(), std::size_t{2});
        QCOMPARE(QString::fromStdString(stored[0].target.entity), first);
        QCOMPARE(stored[0].target.step, 60);
        QVERIFY(stored[0].target.dataset.rfind("drift-", 0) == 0);
        // Both questions are there, and filters and search find what they name.
        QCOMPARE(bench.edits->store().schemas().value().size(), std::size_t{2});
        bench.choose("driftFilter", 4);
        QCOMPARE(bench.table()->model()->rowCount(), 10);
        bench.choose("driftFilter", 0);
        QTest::keyClick(bench.table(), Qt::Key_Slash);
        QTest::keyClicks(bench.find<QLineEdit>("driftSearch"), QStringLiteral("comb"));
        QVERIFY(bench.table()->model()->rowCount() >= 1 && bench.table()->model()->rowCount() < 12);
        for (int row = 0; row < bench.table()->model()->rowCount(); ++row) {
            QString all;
            for (int column = 0; column < SampleTable::Columns; ++column) all += bench.cell(row, column);
            QVERIFY(all.contains(QStringLiteral("comb"), Qt::CaseInsensitive));
        }
        QTemporaryDir out;
        QVERIFY(bench.page<SamplesView>()->exportTo(out.filePath(QStringLiteral("samples.csv"))));
        QFile csv(out.filePath(QStringLiteral("samples.csv")));
        QVERIFY(csv.open(QIODevice::ReadOnly) && csv.readAll().contains("\"benign\""));
    }

    void labelsTrainTheProbeJudge() {
        Bench bench;
        QVERIFY(bench.open("sft-p0.1-seed1"));
        auto* train = bench.find<QPushButton>("driftTrainProbe");
        QVERIFY(!train->isEnabled() && !train->toolTip().isEmpty());
        // Label by what is plain to see: refused before training, something else after.
        for (const auto& [step, key] : {std::pair{60, Qt::Key_1}, {20, Qt::Key_2}}) {
            bench.selection().setStep(step);
            for (int row = 0; row < 4; ++row) {
                bench.clickRow(row);
                bench.table()->setFocus();
                QTest::keyClick(bench.table(), key);
                QTest::qWait(10);
            }
        }
        QTRY_VERIFY(train->isEnabled());
        QTest::mouseClick(train, Qt::LeftButton);
        QVERIFY2(bench.complaints.isEmpty(), qPrintable(bench.complaints.join(QLatin1Char('\n'))));
        QTRY_VERIFY_WITH_TIMEOUT(!bench.table()->isColumnHidden(SampleTable::Probe), 30000);
        for (int row = 0; row < 12; ++row) {
            const QString said = bench.cell(row, SampleTable::Probe);
            QVERIFY2(said == QLatin1String("harmful") || said == QLatin1String("benign"), qPrintable(said));
        }
        bench.find<QTabWidget>("driftSampleTabs")->setCurrentIndex(1);
        look(*bench.view, QStringLiteral("drift-inspect-labelled"));
    }

    void stateSurvivesARestart() {
        Bench bench;
        QVERIFY(bench.open("sft-p0.1-seed1"));
        bench.choose("driftMetric", 2);
        bench.selection().setLayer(2);
        bench.selection().setStep(20);
        const QJsonObject state = bench.view->saveState();
        bench.view = std::make_unique<InspectView>(bench.host);
        bench.view->setRuns(bench.catalog->runs());
        bench.view->restoreState(state);
        QVERIFY(showActive(*bench.view));
        QTRY_COMPARE(bench.samples()->rowCount(), 12);
        QCOMPARE(bench.selection().layer(), 2);
        QCOMPARE(bench.selection().step(), 20);
        QCOMPARE(bench.page<HeatMapView>()->metric(), MetricId::Cosine);
    }

    void followsARunThatGoesOn() {
        Bench bench(false);
        const QString run = bench.run("sft-p0.1-seed1");
        for (const char* late : {"/drift/step-0000060.csv", "/answers/step-0000060.jsonl"}) QVERIFY(QFile::rename(run + QLatin1String(late), run + QLatin1String(late) + QStringLiteral(".later")));
        bench.view->showRun(run);
        QVERIFY(showActive(*bench.view));
        QTRY_COMPARE(bench.selection().step(), 40);
        for (const char* late : {"/drift/step-0000060.csv", "/answers/step-0000060.jsonl"}) QVERIFY(QFile::rename(run + QLatin1String(late) + QStringLiteral(".later"), run + QLatin1String(late)));
        QTRY_COMPARE_WITH_TIMEOUT(bench.selection().step(), 60, 10000);  // who looks at the newest goes on with it
        QCOMPARE(bench.find<QSlider>("driftStep")->maximum(), 3);
    }

    void asksWhatToMeasure() {
        const Fixture fixture;
        MeasureDialog dialog(fixture.run("sft-p0.1-seed1"));
        const QJsonObject params = dialog.params();
        QVERIFY(params[QStringLiteral("data")].toString().endsWith(QStringLiteral("test_harmful.jsonl")));
        QVERIFY(params[QStringLiteral("harmful")].toString().endsWith(QStringLiteral("test_harmful.jsonl")));
        QVERIFY(!params.contains(QStringLiteral("new_tokens")));
        dialog.show();
        QVERIFY(QTest::qWaitForWindowExposed(&dialog));
        look(dialog, QStringLiteral("drift-measure"));
        for (QCheckBox* box : dialog.findChildren<QCheckBox*>()) box->setChecked(box->text() != QLatin1String("attention_out") && box->text() != QLatin1String("residual"));
        QCOMPARE(dialog.params()[QStringLiteral("points")].toArray().size(), 2);
        QCOMPARE(dialog.params()[QStringLiteral("judge")].toString(), QStringLiteral("content"));
        for (QCheckBox* box : dialog.findChildren<QCheckBox*>()) box->setChecked(false);
        QVERIFY(!dialog.findChild<QPushButton*>(QStringLiteral("driftMeasureStart"))->isEnabled());
    }
};

DRIFTSCOPE_GUI_TEST_MAIN(InspectViewTest)
#include "inspect_view_test.moc"
