#include <QApplication>
#include <QFile>
#include <QImage>
#include <QLabel>
#include <QPalette>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <cmath>
#include <limits>
#include <random>

#include "widgets/plot/histogram_plot.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/matrix_plot.h"
#include "widgets/plot/scatter_plot.h"

using namespace driftscope;
using namespace driftscope::plot;

namespace {

QPalette darkPalette() {
    QPalette dark(QColor(0x26, 0x28, 0x2b), QColor(0x1e, 0x1f, 0x22));
    dark.setColor(QPalette::Base, QColor(0x18, 0x19, 0x1b));
    dark.setColor(QPalette::Text, QColor(0xe6, 0xe6, 0xe6));
    dark.setColor(QPalette::WindowText, QColor(0xe6, 0xe6, 0xe6));
    dark.setColor(QPalette::ToolTipBase, QColor(0x33, 0x35, 0x39));
    dark.setColor(QPalette::ToolTipText, Qt::white);
    return dark;
}

/// Writes a picture for people when the environment asks for it.
void keep(QWidget& widget, const char* name) {
    if (const QString folder = qEnvironmentVariable("DRIFTSCOPE_SCREENSHOTS"); !folder.isEmpty())
        QVERIFY(widget.grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png")));
}

int colors(const QImage& image) {
    QSet<QRgb> seen;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) seen.insert(image.pixel(x, y));
    return static_cast<int>(seen.size());
}

bool contains(const QImage& image, const QColor& wanted) {
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            if (image.pixelColor(x, y) == wanted) return true;
    return false;
}

void fillTraining(LinePlot& plot) {
    plot.setTitle(QStringLiteral("Contrastive loss"));
    plot.setXAxis(QStringLiteral("step"));
    plot.setYAxis(QStringLiteral("loss"), QStringLiteral("nats"));
    std::mt19937 random(1);
    std::normal_distribution<double> noise(0, 0.12);
    std::vector<double> x, y, low, high;
    for (int i = 1; i <= 400; ++i) {
        x.push_back(i);
        y.push_back(3 * std::exp(-i / 130.0) + 1 + noise(random));
        low.push_back(3 * std::exp(-i / 130.0) + 0.8);
        high.push_back(3 * std::exp(-i / 130.0) + 1.2);
    }
    plot.setCurve(QStringLiteral("train"), x, y);
    plot.setCurve(QStringLiteral("validation"), x, high, low, high);
    plot.setSmoothing(0.9);
}

}  // namespace

class PlotTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void saysWhatToDoWhenEmpty() {
        LinePlot plot;
        plot.setEmptyText(QStringLiteral("Start a training to see its loss."));
        plot.resize(400, 260);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        bool said = false;
        for (const auto* label : plot.findChildren<QLabel*>())
            said |= label->isVisible() && label->text().startsWith(QStringLiteral("Start a training"));
        QVERIFY(said);
        keep(plot, "plot_empty");
        QTemporaryDir folder;
        const auto written = plot.exportTo(folder.filePath(QStringLiteral("x.png")));
        QVERIFY(!written);
        QVERIFY(written.error().message.find("x.png") != std::string::npos);
        plot.append(QStringLiteral("loss"), 1, 2);
        QTRY_VERIFY(!plot.isEmpty());
    }

    void exportsPicturesAndNumbers() {
        LinePlot plot;
        fillTraining(plot);
        plot.resize(520, 320);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QTemporaryDir folder;
        for (const char* suffix : {"png", "svg", "pdf", "csv"})
            QVERIFY2(plot.exportTo(folder.filePath(QStringLiteral("plot.%1").arg(QLatin1String(suffix)))).has_value(),
                     suffix);
        const QImage png(folder.filePath(QStringLiteral("plot.png")));
        QCOMPARE(png.size(), plot.findChild<QWidget*>()->size() * 2);
        QVERIFY(colors(png) > 50);
        QCOMPARE(png.pixelColor(1, 1), QColor(Qt::white));
        QVERIFY(contains(png, QColor(0x00, 0x72, 0xB2)));  // the first curve in Okabe-Ito blue

        QFile svg(folder.filePath(QStringLiteral("plot.svg")));
        QVERIFY(svg.open(QIODevice::ReadOnly));
        QXmlStreamReader xml(&svg);
        QString texts;
        int paths = 0;
        while (!xml.atEnd()) {
            xml.readNext();
            if (xml.isCharacters()) texts += xml.text();
            paths += xml.isStartElement() &&
                     (xml.name() == QLatin1String("path") || xml.name() == QLatin1String("polyline"));
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        QVERIFY(texts.contains(QStringLiteral("loss [nats]")));
        QVERIFY(texts.contains(QStringLiteral("validation")));
        QVERIFY(paths > 4);

        QFile pdf(folder.filePath(QStringLiteral("plot.pdf")));
        QVERIFY(pdf.open(QIODevice::ReadOnly));
        QVERIFY(pdf.read(5) == "%PDF-" && pdf.size() > 3000);

        QFile csv(folder.filePath(QStringLiteral("plot.csv")));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        const auto lines = csv.readAll().split('\n');
        QCOMPARE(lines.size(), 1 + 800 + 1);
        QCOMPARE(lines[0], QByteArray("curve,step,loss,lower,upper"));
        QVERIFY(lines[1].startsWith("train,1,"));
        QVERIFY(!plot.exportTo(folder.filePath(QStringLiteral("plot.xyz"))).has_value());
        QVERIFY(!plot.exportTo(QStringLiteral("/nowhere/plot.svg")).has_value());
    }

    void readsValuesUnderTheCursor() {
        LinePlot plot;
        plot.setXAxis(QStringLiteral("time"), QStringLiteral("min"));
        plot.setYAxis(QStringLiteral("area"), QStringLiteral("µm²"));
        plot.setCurve(QStringLiteral("cell 7"), {0, 1, 2}, {5, 5, 5});
        plot.resize(400, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QTest::qWait(50);
        auto* canvas = plot.findChild<QWidget*>();
        QString text;
        for (int y = 20; y < canvas->height() - 50 && text.isEmpty(); y += 8) {
            QTest::mouseMove(canvas, QPoint(canvas->width() / 2 + 12, y));
            QTest::qWait(5);
            for (const auto* label : canvas->findChildren<QLabel*>())
                if (label->isVisible()) text = label->text();
        }
        QCOMPARE(text, QStringLiteral("cell 7\narea: 5 µm²\ntime: 1 min"));
        keep(plot, "plot_read_out");
    }

    void smoothsWithoutBiasAtTheStart() {
        LinePlot plot;
        plot.setSmoothing(0.9);
        for (int i = 0; i < 50; ++i) plot.append(QStringLiteral("a"), i, 3.0);
        QCOMPARE(plot.size(QStringLiteral("a")), 50);
        QVERIFY(!plot.csv().contains(QStringLiteral("2.")));  // the file keeps the raw values
        plot.setSmoothing(2);
        QCOMPARE(plot.smoothing(), 0.99);
    }

    void countsWhatALogAxisCannotShow() {
        LinePlot plot;
        plot.setCurve(QStringLiteral("a"), {0, 1, 2, 3}, {-1, 0, 10, 100});
        plot.resize(300, 200);
        plot.show();
        plot.setLogY(true);
        const auto notes = [&] {
            QString all;
            for (const auto* label : plot.findChildren<QLabel*>())
                if (label->isVisible()) all += label->text();
            return all;
        };
        QVERIFY2(notes().startsWith(QStringLiteral("2 ")), qPrintable(notes()));
        plot.setLogX(true);
        QVERIFY(notes().startsWith(QStringLiteral("3 ")));
        plot.setCurveVisible(QStringLiteral("a"), false);
        QVERIFY(notes().isEmpty());
    }

    void aMillionPointsStayFluid() {
        LinePlot plot;
        plot.resize(800, 400);
        std::vector<double> x(1000000), y(x.size());
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = static_cast<double>(i), y[i] = std::sin(static_cast<double>(i) * 1e-5) + (i == 777777 ? 5 : 0);
        plot.setCurve(QStringLiteral("million"), x, y);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QElapsedTimer timer;
        timer.start();
        plot.resize(820, 410);
        QCoreApplication::processEvents();
        const QImage picture = plot.grab().toImage();
        qInfo("10^6 points: %lld ms a frame", timer.elapsed());
        QVERIFY2(timer.elapsed() < 1500, "one frame of 10^6 points");
        // Decimation keeps the one outlier: its column reaches the top tenth of the plot.
        bool peak = false;
        for (int px = 0; px < picture.width(); ++px)
            for (int py = 0; py < picture.height() / 8; ++py)
                peak |= picture.pixelColor(px, py) == QColor(0x00, 0x72, 0xB2);
        QVERIFY(peak);
    }

    void countsIntoBins() {
        HistogramPlot plot;
        plot.setXAxis(QStringLiteral("confidence"));
        plot.setValues({0, 0.1, 0.25, 0.5, 1.0, std::numeric_limits<double>::quiet_NaN()}, 4);
        QCOMPARE(plot.edges(), (std::vector<double>{0, 0.25, 0.5, 0.75, 1}));
        QCOMPARE(plot.counts(0), (std::vector<double>{2, 1, 1, 1}));
        QVERIFY(plot.csv().contains(QStringLiteral(",0,0.25,2\n")));
        std::mt19937 random(3);
        std::normal_distribution<double> a(0.3, 0.1), b(0.7, 0.08);
        HistogramPlot::Group first{QStringLiteral("interphase"), {}}, second{QStringLiteral("mitosis"), {}};
        for (int i = 0; i < 3000; ++i) first.values.push_back(a(random)), second.values.push_back(b(random));
        plot.setGroups({first, second}, 40);
        plot.resize(420, 280);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        keep(plot, "plot_histogram");
        QVERIFY(colors(plot.grab().toImage()) > 20);
    }

    void matrixNamesAndClicks() {
        MatrixPlot plot;
        plot.setTitle(QStringLiteral("Held-out tracks"));
        plot.setXAxis(QStringLiteral("predicted"));
        plot.setYAxis(QStringLiteral("labelled"));
        plot.setValueLabel(QStringLiteral("cells"));
        plot.setRowShares(true);
        const QStringList names{QStringLiteral("interphase"), QStringLiteral("mitosis"), QStringLiteral("dead")};
        plot.setMatrix({3, 3, {212, 9, 1, 6, 41, 2, 0, 3, 17}, names, names});
        plot.resize(460, 340);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QTest::qWait(100);
        keep(plot, "plot_matrix");
        QCOMPARE(plot.csv(),
                 QStringLiteral("labelled,interphase,mitosis,dead\ninterphase,212,9,1\nmitosis,6,41,2\ndead,0,3,17\n"));
        QSignalSpy clicked(&plot, &MatrixPlot::cellClicked);
        auto* canvas = plot.findChild<QWidget*>();
        QTest::mouseClick(canvas, Qt::LeftButton, {}, QPoint(canvas->width() / 2 - 20, canvas->height() / 2 - 10));
        QCOMPARE(clicked.size(), 1);
        QCOMPARE(clicked[0][0].toInt(), 1);
        QCOMPARE(clicked[0][1].toInt(), 1);
    }

    void followsThePalette() {
        LinePlot plot;
        fillTraining(plot);
        plot.setControlsVisible(true);
        plot.resize(520, 340);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QTest::qWait(60);
        keep(plot, "plot_line_light");
        plot.setPalette(darkPalette());
        QTest::qWait(60);
        keep(plot, "plot_line_dark");
        QCOMPARE(plot.grab().toImage().pixelColor(2, 2), darkPalette().color(QPalette::Base));
        MatrixPlot heat;
        heat.setPalette(darkPalette());
        heat.setXAxis(QStringLiteral("training step"));
        heat.setYAxis(QStringLiteral("layer"));
        heat.setValueLabel(QStringLiteral("drift"));
        heat.setDiverging(true);
        MatrixPlot::Matrix m{12, 60, {}, {}, {}};
        for (int r = 0; r < 12; ++r)
            for (int c = 0; c < 60; ++c) m.values.push_back(c == 30 && r == 4 ? NAN : std::sin(r * 0.5) * c / 60.0);
        heat.setMatrix(m);
        heat.resize(520, 300);
        heat.show();
        QVERIFY(QTest::qWaitForWindowExposed(&heat));
        QTest::qWait(60);
        keep(heat, "plot_heat_dark");
    }

    void matrixMarksTheCellThatOthersShow() {
        MatrixPlot plot;
        plot.setMatrix({2, 2, {0.1, 0.2, 0.3, 0.4}, {}, {}});
        plot.setNumbersVisible(false);
        plot.resize(420, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QTest::qWait(50);
        auto* canvas = plot.findChild<QWidget*>();
        QSignalSpy clicked(&plot, &MatrixPlot::cellClicked);
        QTest::mouseClick(canvas, Qt::LeftButton, {}, {canvas->width() / 4, canvas->height() / 4});
        QCOMPARE(clicked.size(), 1);
        const QImage before = canvas->grab().toImage();
        plot.setMarkedCell(clicked[0][0].toInt(), clicked[0][1].toInt());
        QTest::qWait(30);
        QVERIFY(canvas->grab().toImage() != before);
        plot.clearMarkedCell();
        QTest::qWait(30);
        QVERIFY(canvas->grab().toImage() == before);
    }

    void scatterShowsErrorsAndTellsPoints() {
        ScatterPlot plot;
        plot.setXAxis(QStringLiteral("labelled cells"));
        plot.setYAxis(QStringLiteral("balanced accuracy"));
        plot.setSeries({{QStringLiteral("time-aware"),
                         {10, 30, 100},
                         {0.71, 0.82, 0.91},
                         {0.05, 0.03, 0.02},
                         {0.05, 0.03, 0.02},
                         {},
                         {},
                         true},
                        {QStringLiteral("classical"),
                         {10, 30, 100},
                         {0.62, 0.7, 0.84},
                         {0.06, 0.05, 0.02},
                         {0.06, 0.05, 0.02},
                         {},
                         {},
                         true}});
        plot.setLogX(true);
        plot.resize(420, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QTest::qWait(50);
        keep(plot, "plot_scatter");
        QSignalSpy clicked(&plot, &ScatterPlot::pointClicked);
        auto* canvas = plot.findChild<QWidget*>();
        const QImage image = canvas->grab().toImage();
        QPoint disc;  // the rightmost run of the second series' orange is its last point
        for (int x = 0; x < image.width(); ++x)
            for (int y = 40; y < image.height(); ++y)
                if (image.pixelColor(x, y) == QColor(0xE6, 0x9F, 0x00) && y > image.height() / 5) disc = {x, y};
        QTest::mouseClick(canvas, Qt::LeftButton, {}, disc);
        QCOMPARE(clicked.size(), 1);
        QCOMPARE(clicked[0][0].toInt(), 1);
        QCOMPARE(clicked[0][1].toInt(), 2);
    }
};

QTEST_MAIN(PlotTest)
#include "plot_test.moc"
