// Simulated annotators on real labels: how many labels the queue needs beside random order to reach the score of all labels
// minus 0.02. Usage: queue_curve [picture.png] [seeds]
#include <fmt/format.h>

#include <QApplication>
#include <algorithm>

#include "core/embed/labelled_rows.h"
#include "core/embed/learning_curve.h"
#include "core/io/h5ad.h"
#include "tests/bench/curve_data.h"
#include "widgets/plot/line_plot.h"

using namespace driftscope;
using namespace driftscope::embed;

namespace {

constexpr double kTolerance = 0.02;

/// The demo's 56 labels on what its encoder says about those nuclei.
bench::CurveData demoLabels(const std::string& file) {
    const EmbeddingTable table = io::readH5ad(file).value();
    const LabelledRows known = collectLabels(table.x, table.texts("cell_division_state").value(), "cell_division_state").value();
    return {"demo labels: mitosis from its encoder's features", table.x, known.rows, known.labels, groupRows(table, known.rows, "track").value(), known.classes.size()};
}

struct Outcome {
    MeanCurve queue, random;
};

Outcome simulate(const bench::CurveData& data, std::uint64_t seeds, const CurveOptions& options) {
    std::vector<Curve> curves[2];
    for (std::uint64_t seed = 0; seed < seeds; ++seed)
        for (int order = 0; order < 2; ++order)
            curves[order].push_back(simulateAnnotator(data.features, data.rows, data.labels, data.groups, data.classes, static_cast<LabelOrder>(order), seed, options).value());
    return {average(curves[0]), average(curves[1])};
}

void print(const bench::CurveData& data, const Outcome& outcome, std::uint64_t seeds) {
    const double wanted = outcome.queue.full - kTolerance;
    const auto text = [](const std::optional<double>& n) { return n ? fmt::format("{:.0f}", *n) : std::string("never"); };
    const auto queue = outcome.queue.needed(wanted), random = outcome.random.needed(wanted);
    fmt::print("{} ({} labels, {} classes, mean of {} seeds)\n", data.title, data.rows.size(), data.classes, seeds);
    fmt::print("  macro F1 with all labels {:.3f}; {:.3f} reached by the queue after {} labels, in random order after {}", outcome.queue.full, wanted, text(queue), text(random));
    if (queue && random) fmt::print(": {:.0f} %", 100 * *queue / *random);
    fmt::print("\n  labels   queue   random\n");
    for (std::size_t i = 0; i < outcome.queue.labels.size(); i += std::max<std::size_t>(1, outcome.queue.labels.size() / 16)) {
        const auto at = std::ranges::find(outcome.random.labels, outcome.queue.labels[i]);
        fmt::print("  {:6.0f}   {:.3f}   {}\n", outcome.queue.labels[i], outcome.queue.mean[i],
                   at == outcome.random.labels.end() ? "" : fmt::format("{:.3f}", outcome.random.mean[static_cast<std::size_t>(at - outcome.random.labels.begin())]));
    }
}

void draw(const QString& file, const bench::CurveData& data, const Outcome& outcome) {
    plot::LinePlot picture;
    picture.setTitle(QString::fromStdString(data.title));
    picture.setXAxis(QStringLiteral("labels given"));
    picture.setYAxis(QStringLiteral("macro F1 on held-out cells"));
    for (const auto& [name, curve] : {std::pair("queue", &outcome.queue), std::pair("random order", &outcome.random)}) {
        std::vector<double> low, high;
        for (std::size_t i = 0; i < curve->mean.size(); ++i) {
            low.push_back(curve->mean[i] - curve->deviation[i]);
            high.push_back(curve->mean[i] + curve->deviation[i]);
        }
        picture.setCurve(QString::fromLatin1(name), curve->labels, curve->mean, low, high);
    }
    const std::vector<double> ends{0, std::max(outcome.queue.labels.back(), outcome.random.labels.back())}, level(2, outcome.queue.full - kTolerance);
    picture.setCurve(QStringLiteral("all labels, minus 0.02"), ends, level);
    if (const auto written = picture.exportTo(file, {900, 540}); !written) fmt::print(stderr, "{}\n", written.error().text());
}

}  // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    const std::string folder = DRIFTSCOPE_TEST_DATA "/cells/";
    const QString picture = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QString();
    const std::uint64_t seeds = argc > 2 ? std::stoull(argv[2]) : 5;
    const auto show = [&](const bench::CurveData& data, const CurveOptions& options, const QString& suffix) {
        const Outcome outcome = simulate(data, seeds, options);
        print(data, outcome, seeds);
        if (!picture.isEmpty()) draw(QString(picture).replace(QStringLiteral(".png"), suffix + QStringLiteral(".png")), data, outcome);
    };
    show(bench::btrackStates(folder + "btrack_test", true), {.batch = 5, .most = 700, .folds = 3}, QStringLiteral("-btrack"));
    show(demoLabels(folder + "demo_labels.h5ad"), {.batch = 1, .folds = 3}, QStringLiteral("-demo"));
    return 0;
}
