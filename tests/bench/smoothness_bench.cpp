// Trains the demo encoder on the mitocheck nuclei with the classical and the time-aware sampler, on the same budget, and
// prints the temporal smoothness of both (lower is better). Usage: smoothness_bench [--epochs N] [--seeds N]
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "core/cells/dynaclr/dynaclr_jobs.h"
#include "core/cells/analysis/smoothness.h"
#include "core/io/h5ad.h"
#include "core/job/run_job.h"

namespace {

using namespace driftscope;
using nlohmann::json;
namespace fs = std::filesystem;

struct Measured {
    cells::Smoothness features;
    cells::Smoothness projections;
    json training;
};

/// A number per track, in order of appearance.
Result<std::vector<std::int64_t>> entities(const EmbeddingTable& table) {
    DS_ASSIGN(const auto fovs, table.texts("fov_name"));
    DS_ASSIGN(const auto tracks, table.integers("track_id"));
    std::map<std::pair<std::string, std::int64_t>, std::int64_t> numbers;
    std::vector<std::int64_t> result;
    for (std::size_t row = 0; row < tracks.size(); ++row)
        result.push_back(numbers.try_emplace({fovs[row], tracks[row]}, static_cast<std::int64_t>(numbers.size())).first->second);
    return result;
}

Result<Measured> measure(const JobRegistry& registry, const fs::path& folder, const json& training, const json& data) {
    Measured measured;
    json train = data;
    train.update(training);
    DS_ASSIGN(measured.training, runJob(registry, {"cells.train", train, folder / "train", "cpu", false}, {}));
    json embed = data;
    embed["weights"] = (folder / "train" / "weights.safetensors").string();
    DS_TRY(runJob(registry, {"cells.embed", embed, folder / "embed", "cpu", false}, {}));
    DS_ASSIGN(const EmbeddingTable table, io::readH5ad(folder / "embed" / "embeddings.h5ad"));
    DS_ASSIGN(const auto entity, entities(table));
    DS_ASSIGN(measured.features, cells::smoothness(table.x, entity));
    DS_ASSIGN(measured.projections, cells::smoothness(*table.matrix("X_projections"), entity));
    return measured;
}

Result<void> compare(int epochs, int seeds, const fs::path& folder) {
    JobRegistry registry;
    cells::registerDynaclrJobs(registry);
    const fs::path cells = fs::path(DRIFTSCOPE_TEST_DATA) / "cells";
    const json data{{"images", (cells / "mitocheck.zarr").string()}, {"tracks", (cells / "mitocheck_tracks.zarr").string()}, {"threads", 1}};
    std::printf("mitocheck, %s epochs; smoothness = adjacent / random cosine distance, lower is smoother\n", epochs ? std::to_string(epochs).c_str() : "default");
    int wins = 0;
    for (int seed = 0; seed < seeds; ++seed) {
        double score[2] = {0, 0};
        for (const bool timeAware : {false, true}) {
            json training{{"sampler", timeAware ? "time" : "classical"}, {"seed", 42 + seed}};
            if (epochs > 0) training["epochs"] = epochs;
            const char* name = timeAware ? "time-aware" : "classical";
            DS_ASSIGN(const Measured m, measure(registry, folder / fmt::format("{}-{}", name, seed), training, data));
            score[timeAware] = m.features.score;
            std::printf("seed %d %-10s  features %.4f (range %.3f)  projections %.4f  held out %.4f  rank %.1f  loss %.3f/%.3f  %.0f s, %.0f cells/s, %.1f %% waiting\n", 42 + seed, name,
                        m.features.score, m.features.dynamicRange, m.projections.score, m.training.value("smoothness", 0.0), m.training.value("effective_rank", 0.0),
                        m.training.value("loss_train", 0.0), m.training.value("loss_validation", 0.0), m.training.value("seconds", 0.0), m.training.value("cells_per_second", 0.0),
                        100 * m.training.value("waiting_share", 0.0));
            std::fflush(stdout);
        }
        wins += score[1] < score[0];
    }
    std::printf("time-aware is smoother than classical in %d of %d seeds\n", wins, seeds);
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    int epochs = 0, seeds = 1;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::string(argv[i]) == "--epochs") epochs = std::stoi(argv[i + 1]);
        if (std::string(argv[i]) == "--seeds") seeds = std::stoi(argv[i + 1]);
    }
    const fs::path folder = fs::temp_directory_path() / fmt::format("driftscope-smoothness-{}", ::getpid());
    const auto done = compare(epochs, seeds, folder);
    fs::remove_all(folder);
    if (!done) std::fprintf(stderr, "%s\n", done.error().text().c_str());
    return done ? 0 : 1;
}
