// The linear probe beside scikit-learn's liblinear on the same labels in the same run: fitting, and scoring every cell;
// and the fast probe that answers a fresh label. Usage: probe_bench [--rows N] [--columns D]
#include <fmt/format.h>

#include <filesystem>
#include <random>

#include "core/embed/fast_probe.h"
#include "core/embed/probe.h"
#include "core/io/npy.h"
#include "tests/bench/peer.h"

namespace {

using namespace driftscope;
using namespace driftscope::embed;

constexpr int kRepeats = 5;

struct Cells {
    Matrix features;
    std::vector<int> labels;
    std::vector<std::uint32_t> all;
};

/// Classes that overlap: Gaussian clouds around means at a distance of a few standard deviations.
Cells cells(std::size_t rows, std::size_t columns, std::size_t classes) {
    std::mt19937_64 random(3);
    std::normal_distribution<float> normal;
    Matrix mean(classes, columns);
    for (float& v : mean.values) v = normal(random) * 2.5F / std::sqrt(static_cast<float>(columns));
    Cells c{Matrix(rows, columns), std::vector<int>(rows), std::vector<std::uint32_t>(rows)};
    for (std::size_t i = 0; i < rows; ++i) {
        c.labels[i] = static_cast<int>(random() % classes);
        c.all[i] = static_cast<std::uint32_t>(i);
        for (std::size_t j = 0; j < columns; ++j) c.features(i, j) = mean(static_cast<std::size_t>(c.labels[i]), j) + normal(random) * (1 + 0.01F * static_cast<float>(j));
    }
    return c;
}

double accuracy(const Cells& c, const Matrix& scores) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < c.labels.size(); ++i) {
        const auto row = scores.row(i);
        right += std::max_element(row.begin(), row.end()) - row.begin() == c.labels[i];
    }
    return static_cast<double>(right) / static_cast<double>(c.labels.size());
}

struct Timing {
    std::vector<double> cpu, wall;
    template <class Work>
    void measure(Work work) {
        const double c = bench::cpuSeconds(), w = bench::wallSeconds();
        work();
        cpu.push_back(bench::cpuSeconds() - c);
        wall.push_back(bench::wallSeconds() - w);
    }
    std::string text() const { return fmt::format("{:9.2f} CPU ms {:9.2f} wall ms", 1e3 * bench::median(cpu), 1e3 * bench::median(wall)); }
};

void fullProbe(const Cells& c, std::size_t labelled, std::size_t classes) {
    Timing fit, predict;
    Matrix scores;
    const std::span rows(c.all.data(), labelled);
    const std::span labels(c.labels.data(), labelled);
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
        Result<Probe> probe;
        fit.measure([&] { probe = Probe::fit(c.features, rows, labels, classes, {}); });
        if (!probe) throw std::runtime_error(probe.error().text());
        predict.measure([&] { scores = probe->predict(c.features, c.all); });
    }
    fmt::print("  driftscope label.probe   fit {}   score all {}   accuracy {:.4f}\n", fit.text(), predict.text(), accuracy(c, scores));
}

void scikit(bench::Peer& peer, std::size_t labelled, const std::filesystem::path& folder) {
    Timing fit, predict;
    nlohmann::json answer;
    for (int repeat = 0; repeat <= kRepeats; ++repeat) {
        answer = peer.ask({{"features", (folder / "x.npy").string()}, {"labels", (folder / "y.npy").string()}, {"labelled", labelled}, {"tolerance", ProbeOptions{}.tolerance}});
        if (repeat == 0) continue;  // warms its caches
        fit.cpu.push_back(answer["fit"][0]), fit.wall.push_back(answer["fit"][1]);
        predict.cpu.push_back(answer["predict"][0]), predict.wall.push_back(answer["predict"][1]);
    }
    fmt::print("  scikit-learn {:<11} fit {}   score all {}   accuracy {:.4f}\n", answer["version"].get<std::string>(), fit.text(), predict.text(), answer["accuracy"].get<double>());
}

void fastProbe(const Cells& c, std::size_t labelled, std::size_t classes) {
    const auto probe = FastProbe::make(c.features);
    if (!probe) throw std::runtime_error(probe.error().text());
    Timing refit;
    Matrix scores;
    for (int repeat = 0; repeat < kRepeats; ++repeat)
        refit.measure([&] {
            if (const auto done = (*probe)->fit({c.all.data(), labelled}, {c.labels.data(), labelled}, classes); !done) throw std::runtime_error(done.error().text());
            scores = (*probe)->scores();
        });
    fmt::print("  driftscope fast probe    label -> all scores {}   accuracy {:.4f}\n", refit.text(), accuracy(c, scores));
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t rows = 100000, columns = 192;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::string(argv[i]) == "--rows") rows = std::stoul(argv[i + 1]);
        if (std::string(argv[i]) == "--columns") columns = std::stoul(argv[i + 1]);
    }
    bench::Peer peer(DRIFTSCOPE_SOURCE_DIR "/tests/bench/probe_peer.py");
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("driftscope-probe-bench-{}", ::getpid());
    std::filesystem::create_directories(folder);
    for (const std::size_t classes : {2UL, 4UL}) {
        const Cells c = cells(rows, columns, classes);
        const std::vector<float> labels(c.labels.begin(), c.labels.end());
        const auto n = static_cast<std::int64_t>(rows);
        if (!io::writeNpy(folder / "x.npy", std::vector<std::int64_t>{n, static_cast<std::int64_t>(columns)}, c.features.values) ||
            !io::writeNpy(folder / "y.npy", std::vector<std::int64_t>{n}, labels))
            throw std::runtime_error("cannot write to the temporary folder");
        for (const std::size_t labelled : {200UL, 5000UL}) {
            fmt::print("{} cells x {} features, {} classes, {} labelled\n", rows, columns, classes, labelled);
            fullProbe(c, labelled, classes);
            scikit(peer, labelled, folder);
            fastProbe(c, labelled, classes);
        }
    }
    std::filesystem::remove_all(folder);
    return 0;
}
