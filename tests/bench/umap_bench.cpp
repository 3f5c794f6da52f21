// UMAP beside Debian's umap-learn on the same tables in the same run: CPU seconds, and trustworthiness by one yardstick.
// Usage: umap_bench [--rows N,N…] [--neighbors K]
#include <fmt/format.h>

#include <filesystem>
#include <random>

#include "core/embed/quality.h"
#include "core/embed/umap.h"
#include "core/embed/workers.h"
#include "core/io/npy.h"
#include "tests/bench/peer.h"

namespace {

using namespace driftscope;
using namespace driftscope::embed;

constexpr std::size_t kColumns = 64;

/// Thirty curved sheets of two dimensions in 64, of different spread: neighbourhoods that a map can keep or lose.
Matrix sheets(std::size_t rows, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<float> normal;
    constexpr std::size_t kSheets = 30;
    std::vector<float> centre(kSheets * kColumns), along(kSheets * 3 * kColumns);
    for (float& v : centre) v = 3 * normal(random);
    for (float& v : along) v = normal(random);
    Matrix x(rows, kColumns);
    for (std::size_t i = 0; i < rows; ++i) {
        const std::size_t sheet = i % kSheets;
        const float u = normal(random), v = normal(random), spread = 0.3F + 0.05F * static_cast<float>(sheet);
        const float* a = along.data() + sheet * 3 * kColumns;
        for (std::size_t c = 0; c < kColumns; ++c)
            x(i, c) = centre[sheet * kColumns + c] + spread * (u * a[c] + v * a[kColumns + c] + 0.5F * u * v * a[2 * kColumns + c]) + 0.1F * normal(random);
    }
    return x;
}

struct Outcome {
    double cpu = 0, wall = 0, trust = 0, recall = 0;
};

template <class T>
T need(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().text());
    return std::move(*result);
}

void judge(const Matrix& x, const Matrix& picture, Workers& workers, Outcome& outcome) {
    outcome.trust = need(trustworthiness(x, picture, 15, Metric::Euclidean, 1000, workers));
    outcome.recall = need(pictureRecall(x, picture, 15, Metric::Euclidean, 1000, workers));
}

Outcome ours(const Matrix& x, std::size_t neighbors, Workers& workers) {
    Outcome outcome;
    const double cpu = bench::cpuSeconds(), wall = bench::wallSeconds();
    const NeighborTable table = need(findNeighbors(x, {.k = neighbors - 1}, workers));
    const Matrix picture = need(umap(x, table, {.neighbors = neighbors}, workers));
    outcome.cpu = bench::cpuSeconds() - cpu;
    outcome.wall = bench::wallSeconds() - wall;
    judge(x, picture, workers, outcome);
    return outcome;
}

Outcome theirs(bench::Peer& peer, const Matrix& x, std::size_t neighbors, const std::filesystem::path& folder, Workers& workers) {
    const auto in = folder / "x.npy", out = folder / "y.npy";
    const std::vector<std::int64_t> shape{static_cast<std::int64_t>(x.rows), static_cast<std::int64_t>(x.columns)};
    if (const auto written = io::writeNpy(in, shape, x.values); !written) throw std::runtime_error(written.error().text());
    const auto answer = peer.ask({{"fit", in.string()}, {"out", out.string()}, {"neighbors", neighbors}, {"seed", 42}});
    const io::NpyArray y = need(io::readNpy(out));
    Matrix picture(x.rows, 2);
    picture.values = y.values;
    Outcome outcome{answer["cpu"], answer["wall"]};
    judge(x, picture, workers, outcome);
    return outcome;
}

void print(const char* who, const Outcome& o) {
    fmt::print("  {:<22} {:8.2f} CPU s {:8.2f} wall s   trustworthiness {:.4f}   15-neighbour recall {:.3f}\n", who, o.cpu, o.wall, o.trust, o.recall);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::size_t> sizes{10000, 50000};
    std::size_t neighbors = 15;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string option = argv[i];
        if (option == "--neighbors") neighbors = std::stoul(argv[i + 1]);
        if (option == "--rows") {
            sizes.clear();
            std::stringstream list(argv[i + 1]);
            for (std::string item; std::getline(list, item, ',');) sizes.push_back(std::stoul(item));
        }
    }
    bench::Peer peer(DRIFTSCOPE_SOURCE_DIR "/tests/bench/umap_peer.py");
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("driftscope-umap-bench-{}", ::getpid());
    std::filesystem::create_directories(folder);
    Workers one(1), two(2);
    for (const std::size_t rows : sizes) {
        const Matrix x = sheets(rows, 7);
        fmt::print("UMAP of {} x {}, {} neighbours, default epochs, seed 42\n", rows, kColumns, neighbors);
        const Outcome single = ours(x, neighbors, one);
        print("driftscope, 1 thread", single);
        print("driftscope, 2 threads", ours(x, neighbors, two));
        const Outcome other = theirs(peer, x, neighbors, folder, two);
        print("umap-learn, seeded", other);
        fmt::print("  umap-learn's CPU seconds are {:.1f} times ours (1 thread)\n", other.cpu / single.cpu);
    }
    std::filesystem::remove_all(folder);
    return 0;
}
