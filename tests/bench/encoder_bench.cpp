// Forward and training pace of the encoder beside the same network in python3-torch, interleaved in one run.
// Usage: encoder_bench [--threads N] [--repeats N] [--quick]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "core/cells/dynaclr/encoder_store_torch.h"
#include "core/cells/dynaclr/losses_torch.h"
#include "core/tensor/device.h"
#include "tests/bench/peer.h"

namespace {

using namespace driftscope;
using namespace driftscope::cells;
using bench::Peer;
using nlohmann::json;

torch::Tensor formula(const std::vector<std::int64_t>& shape) {
    torch::Tensor x = torch::empty(shape);
    for (std::int64_t i = 0; i < x.numel(); ++i)
        x.data_ptr<float>()[i] = static_cast<float>(std::sin(0.011 * static_cast<double>(i)) + 0.5 * std::cos(0.0007 * std::sqrt(2.0) * static_cast<double>(i)));
    return x;
}

struct Setting {
    const char* name;
    EncoderConfig config;
    std::vector<std::int64_t> shape;
};

struct Times {
    std::vector<double> wallSeconds, cpuSeconds;
    void add(double w, double c) {
        wallSeconds.push_back(w);
        cpuSeconds.push_back(c);
    }
};

void runOurs(ContrastiveEncoder& encoder, const torch::Tensor& x, Precision precision, bool training, int repeats, Times& times) {
    torch::optim::AdamW optimiser(encoder->parameters(), torch::optim::AdamWOptions(1e-4));
    encoder->train(training);
    for (int repeat = 0; repeat <= repeats; ++repeat) {
        const double w = bench::wallSeconds(), c = bench::cpuSeconds();
        if (training) {
            const torch::Tensor projections = encoder->forward(x, precision).projections;
            const auto half = projections.size(0) / 2;
            const torch::Tensor loss = ntXent(projections.narrow(0, 0, half), projections.narrow(0, half, half), {0.2});
            optimiser.zero_grad();
            loss.backward();
            optimiser.step();
        } else {
            const torch::InferenceMode inference;
            encoder->forward(x, precision);
        }
        if (repeat > 0) times.add(bench::wallSeconds() - w, bench::cpuSeconds() - c);
    }
}

void runPeer(Peer& peer, const Setting& setting, const char* precision, bool training, int repeats, int threads, Times& times) {
    const json answer = peer.ask({{"time", training ? "train" : "forward"}, {"precision", precision}, {"shape", setting.shape}, {"repeats", repeats}, {"threads", threads}});
    for (const json& pair : answer["seconds"]) times.add(pair[0], pair[1]);
}

void print(const char* what, const Times& times, std::int64_t cells, const Times* base) {
    const double w = bench::median(times.wallSeconds), c = bench::median(times.cpuSeconds);
    std::printf("    %-26s %8.1f cells/s   %7.2f CPU-ms/cell", what, static_cast<double>(cells) / w, 1e3 * c / static_cast<double>(cells));
    if (base) std::printf("   ours/peer time: wall %.2f, CPU %.2f", bench::median(base->wallSeconds) / w, bench::median(base->cpuSeconds) / c);
    std::printf("\n");
}

void compare(const Setting& setting, const std::string& script, int threads, int repeats) {
    tensor::seedAll(1);
    ContrastiveEncoder encoder(setting.config);
    encoder->eval();
    const auto folder = std::filesystem::temp_directory_path() / ("driftscope-encoder-bench-" + std::to_string(::getpid()));
    if (const auto saved = saveEncoder(folder, encoder, json(), json()); !saved) throw std::runtime_error(saved.error().text());
    Peer plain(script), channelsLast(script);
    json load{{"load", (folder / "weights.safetensors").string()}, {"config", setting.config.toJson()}, {"layout", "nchw"}};
    plain.ask(load);
    load["layout"] = "channels_last";
    channelsLast.ask(load);
    std::filesystem::remove_all(folder);

    const torch::Tensor x = formula(setting.shape);
    std::vector<std::int64_t> few = setting.shape;
    few[0] = 2;
    const torch::Tensor theirs = torch::tensor(plain.ask({{"features", few}})["features"].get<std::vector<float>>());
    torch::Tensor mine;
    {
        const torch::InferenceMode inference;
        mine = encoder->forward(formula(few)).features.flatten();
    }
    std::printf("%s, patches (%s), largest feature difference to python3-torch %.2g\n", setting.name, fmt::format("{}", fmt::join(setting.shape, ", ")).c_str(),
                (mine - theirs).abs().max().item<double>());
    for (const bool training : {false, true}) {
        for (const char* precision : {"fp32", "bf16"}) {
            Times ours, peer, peerLast;
            for (int round = 0; round < 2; ++round) {
                runOurs(encoder, x, precision[0] == 'b' ? Precision::BFloat16 : Precision::Float32, training, repeats, ours);
                runPeer(plain, setting, precision, training, repeats, threads, peer);
                runPeer(channelsLast, setting, precision, training, repeats, threads, peerLast);
            }
            std::printf("  %s, %s\n", training ? "training step" : "forward", precision);
            print("driftscope", ours, setting.shape[0], nullptr);
            print("python3-torch", peer, setting.shape[0], &ours);
            print("python3-torch channels_last", peerLast, setting.shape[0], &ours);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    int threads = 1, repeats = 3;
    bool quick = false;
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        if (option == "--quick") quick = true;
        if (option == "--threads" && i + 1 < argc) threads = std::stoi(argv[++i]);
        if (option == "--repeats" && i + 1 < argc) repeats = std::stoi(argv[++i]);
    }
    tensor::useThreads(threads);
    double load[1] = {0};
    ::getloadavg(load, 1);
    std::printf("%s; load %.1f; median of %d per program; cells/s by wall clock\n", tensor::describe(torch::kCPU, tensor::inspectBlas()).c_str(), load[0], 2 * repeats);
    const std::string script = std::string(DRIFTSCOPE_SOURCE_DIR) + "/tests/bench/encoder_peer.py";
    EncoderConfig small;
    small.stemKernel = small.stemStride = {1, 2, 2};
    small.depths = {1, 1, 3, 1};
    small.widths = {24, 48, 96, 192};
    small.embeddingDim = 192;
    small.projectionDim = 32;
    small.layerScale = 0.1;
    compare({"Small encoder of the demo", small, {128, 1, 1, 32, 32}}, script, threads, repeats);
    if (quick) return 0;
    EncoderConfig tiny;
    tiny.stemKernel = tiny.stemStride = {1, 4, 4};
    tiny.projectionDim = 32;
    compare({"DynaCLR on ConvNeXt-Tiny", tiny, {8, 1, 1, 160, 160}}, script, threads, repeats);
    return 0;
}
