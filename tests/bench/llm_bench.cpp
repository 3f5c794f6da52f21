// Forward pass, training steps of each method and generation beside the same network and algorithms in python3-torch, in one run.
//   llm_bench [--quick] [--threads N] [--repeats N]
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <map>

#include "core/base/atomic_file.h"
#include "core/llm/model/adapter_torch.h"
#include "core/llm/model/generate_torch.h"
#include "core/llm/train/method_torch.h"
#include "core/tensor/device.h"

using namespace driftscope;
using namespace driftscope::llm;
using nlohmann::json;

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::map<std::string, std::vector<double>>;

struct Setting {
    std::string name;
    json config;
    std::int64_t batch, length, newTokens;
    Placement placement;
};

const std::vector<std::string> kMethods{"sft", "vaccine", "booster", "lisa"};

json llama(std::int64_t hidden, std::int64_t ffn, std::int64_t layers, std::int64_t heads, std::int64_t vocabulary) {
    return {{"model_type", "llama"}, {"hidden_size", hidden}, {"intermediate_size", ffn}, {"num_hidden_layers", layers}, {"num_attention_heads", heads}, {"num_key_value_heads", heads},
            {"vocab_size", vocabulary}, {"max_position_embeddings", 2048}, {"rms_norm_eps", 1e-5}, {"tie_word_embeddings", false}};
}

/// The same rows as the peer makes: no random numbers.
TokenSet rows(const Setting& setting, std::int64_t factor) {
    TokenSet set;
    const std::int64_t vocabulary = setting.config["vocab_size"];
    for (std::int64_t b = 0; b < setting.batch; ++b) {
        TokenSample sample{{}, setting.length / 2, "row"};
        for (std::int64_t t = 0; t < setting.length; ++t) sample.ids.push_back((factor * (b + 1) * 7 + 13 * t * t + 3) % vocabulary);
        set.push_back(sample);
    }
    return set;
}

/// One thread is timed by its processor's time, which other programs on the machine disturb less; everything else by the wall.
bool byProcessor = true;

double seconds(const torch::Device& device, const std::function<void()>& work) {
    const auto wait = [&] {
        if (device.is_cuda()) torch::cuda::synchronize();
    };
    wait();
    const auto begin = Clock::now();
    const std::clock_t processor = std::clock();
    work();
    wait();
    if (byProcessor && device.is_cpu()) return static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

template <class T>
T must(Result<T> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "%s\n", result.error().text().c_str());
    std::exit(1);
}

/// One network of ours with its data.
class Ours {
  public:
    explicit Ours(const Setting& setting)
        : setting_(setting), model_(must(CausalModel::build(must(ModelConfig::parse(setting.config, "bench")), WeightSource::random(1, setting.placement)))), data_(rows(setting, 1)),
          harmful_(rows(setting, 5)) {
        const LoraConfig lora = must(LoraConfig::parse({{"r", 8}, {"lora_alpha", 16}, {"target_modules", {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}}}, "bench"));
        if (!addAdapters(model_, lora, 1)) std::exit(1);
        parameters_.emplace(FlatParameters::adapters(model_));
    }
    void save(const std::filesystem::path& folder) const {
        const torch::NoGradGuard noGradient;
        CausalModel bare = model_;
        tensor::NamedTensors tensors;
        for (Linear* linear : bare.linears()) {
            tensors.emplace_back(linear->name + ".lora_A", linear->lora->a);
            tensors.emplace_back(linear->name + ".lora_B", linear->lora->b);
        }
        bare.visit([&](const std::string& name, Tensor& weight) { tensors.emplace_back(name, weight); });
        if (!tensor::writeTensors(folder / "weights.safetensors", tensors)) std::exit(1);
    }
    double loss() { return must(meanLoss(model_, data_, data_.size())); }

    void time(int repeats, Seconds& into) {
        const torch::Device device = setting_.placement.device;
        const Batch batch = makeBatch(data_, all(), 0, device);
        for (int r = 0; r < repeats; ++r)
            into["forward"].push_back(seconds(device, [&] {
                const torch::InferenceMode inference;
                ForwardInput input;
                input.ids = batch.ids;
                model_.logits(model_.hidden(input));
            }));
        for (const std::string& name : kMethods) train(name, repeats, into);
        std::vector<std::vector<std::int64_t>> prompts;
        for (const TokenSample& sample : data_) prompts.emplace_back(sample.ids.begin(), sample.ids.begin() + setting_.length / 2);
        GenerateOptions options;
        options.newTokens = setting_.newTokens;
        const MergedScope merged(model_);
        for (int r = 0; r < repeats; ++r) into["generate"].push_back(seconds(device, [&] { must(generate(model_, prompts, options)); }));
    }

  private:
    std::vector<std::size_t> all() const {
        std::vector<std::size_t> indices(data_.size());
        for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
        return indices;
    }
    void train(const std::string& name, int repeats, Seconds& into) {
        MethodOptions options;
        options.rho = name == "vaccine" ? 2 : 1;
        options.alignSteps = options.userSteps = 5;
        StepContext context(model_, *parameters_, 1);
        context.setStream(Stream::Primary, data_, setting_.batch);
        context.setStream(Stream::Align, data_, setting_.batch);
        context.setStream(Stream::Harmful, harmful_, setting_.batch);
        context.steps = 1000;
        context.step = 500;
        const auto method = must(makeMethod(name, options));
        FlatAdamW optimiser(*parameters_, 0.1);
        if (!method->begin(context)) std::exit(1);
        const auto step = [&] {
            parameters_->clearGradient();
            must(method->gradient(context));
            const torch::NoGradGuard noGradient;
            const double norm = normOf(parameters_->gradient());
            if (norm > 1) parameters_->gradient().mul_(1 / norm);
            optimiser.step(1e-5);
            ++context.step;
        };
        step();
        for (int r = 0; r < repeats; ++r) into[name].push_back(seconds(setting_.placement.device, step));
    }

    Setting setting_;
    CausalModel model_;
    TokenSet data_, harmful_;
    std::optional<FlatParameters> parameters_;
};

/// Runs the peer program; its lines are "name seconds", "loss value" and "memory MiB".
json runPeer(const Setting& setting, const std::filesystem::path& folder, int repeats, int threads, Seconds& into) {
    json request{{"config", setting.config}, {"batch", setting.batch}, {"length", setting.length}, {"new_tokens", setting.newTokens}, {"repeats", repeats}, {"threads", threads},
                 {"device", setting.placement.device.str()}, {"by_processor", byProcessor && setting.placement.device.is_cpu()}, {"bf16", setting.placement.type == torch::kBFloat16}, {"weights", (folder / "weights.safetensors").string()}};
    const auto file = folder / "request.json";
    if (!writeFileAtomically(file, request.dump())) std::exit(1);
    FILE* pipe = ::popen(fmt::format("OMP_NUM_THREADS={0} OPENBLAS_NUM_THREADS={0} /usr/bin/python3 {1}/tests/bench/llm_peer.py {2}", threads, DRIFTSCOPE_SOURCE_DIR, file.string()).c_str(), "r");
    json other;
    char name[64];
    for (double value = 0; pipe && std::fscanf(pipe, "%63s %lf", name, &value) == 2;) {
        if (std::string(name) == "loss" || std::string(name) == "memory") other[name] = value;
        else into[name].push_back(value);
    }
    if (!pipe || ::pclose(pipe) != 0) std::printf("  the peer failed\n");
    return other;
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

void compare(const Setting& setting, int repeats, int threads) {
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("driftscope-llm-bench-{}", ::getpid());
    std::filesystem::create_directories(folder);
    Ours ours(setting);
    ours.save(folder);
    const double loss = ours.loss();
    Seconds own, peer;
    json other;
    for (int round = 0; round < 2; ++round) {
        ours.time(repeats, own);
        other = runPeer(setting, folder, repeats, threads, peer);
    }
    std::filesystem::remove_all(folder);
    std::printf("\n%s: batch %ld x %ld tokens; loss of the first batch %.6f, peer %.6f\n", setting.name.c_str(), setting.batch, setting.length, loss, other.value("loss", std::nan("")));
    std::printf("  %-10s %12s %12s %8s   %s\n", "", "ours tok/s", "peer tok/s", "ratio", "cost: ours, peer (sft = 1)");
    const double plain = median(own["sft"]), peerPlain = median(peer["sft"]);
    for (const char* name : {"forward", "sft", "vaccine", "booster", "lisa", "generate"}) {
        const auto tokens = static_cast<double>(setting.batch * (std::string(name) == "generate" ? setting.newTokens : setting.length));
        const double a = median(own[name]), b = median(peer[name]);
        std::printf("  %-10s %12.0f %12.0f %8.2f   %.2f %.2f\n", name, tokens / a, b > 0 ? tokens / b : 0, b / a, a / plain, b / peerPlain);
    }
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    std::printf("  peak memory: ours %.0f MiB (all settings so far), peer %.0f MiB\n", static_cast<double>(usage.ru_maxrss) / 1024, other.value("memory", 0.0));
}

}  // namespace

int main(int argc, char** argv) {
    int threads = 1, repeats = 7;
    bool quick = false;
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        if (option == "--quick") quick = true;
        if (option == "--threads" && i + 1 < argc) threads = std::stoi(argv[++i]);
        if (option == "--repeats" && i + 1 < argc) repeats = std::stoi(argv[++i]);
    }
    tensor::useThreads(threads);
    byProcessor = threads == 1;
    double load[1] = {0};
    ::getloadavg(load, 1);
    std::printf("%s; load %.1f; median of %d per program, by %s, taking turns\n", tensor::describe(torch::kCPU, tensor::inspectBlas()).c_str(), load[0], 2 * repeats, byProcessor ? "processor time" : "wall clock");
    compare({"Demo model", llama(96, 256, 4, 4, 1024), 10, 32, 32, {}}, repeats, threads);
    if (!quick) compare({"Medium model", llama(512, 1376, 8, 8, 8000), 4, 128, 32, {}}, std::max(2, repeats / 3), threads);
    if (torch::cuda::is_available()) compare({"Llama-2-7B shapes on CUDA, bf16", llama(4096, 11008, 32, 32, 32000), 5, 200, 64, {torch::kCUDA, torch::kBFloat16}}, repeats, threads);
    else std::printf("\nLlama-2-7B shapes: no CUDA device here.\n");
    return 0;
}
