#include "core/llm/model/adapter_torch.h"

#include <cmath>

#include "core/base/atomic_file.h"
#include "core/base/fingerprint.h"
#include "core/io/json_access.h"
#include "core/tensor/guard.h"
#include "core/tensor/tensor_file.h"

namespace driftscope::llm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "base_model.model.";

torch::ScalarType adapterType(const CausalModel& model) {
    return model.placement().type == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32;
}

Result<std::vector<Linear*>> targetsOf(CausalModel& model, const LoraConfig& config, const std::string& place) {
    std::vector<Linear*> targets;
    std::vector<std::string> known;
    for (Linear* linear : model.linears()) {
        if (linear->lora) return fail(ErrorCode::Internal, fmt::format("'{}' has an adapter already.", linear->name));
        if (config.matches(linear->name)) targets.push_back(linear);
        const std::string last = linear->name.substr(linear->name.rfind('.') + 1);
        if (std::find(known.begin(), known.end(), last) == known.end()) known.push_back(last);
    }
    if (targets.empty())
        return fail(ErrorCode::BadInput, fmt::format("{} matches no module of this {} model.", place, name(model.config().family)),
                    fmt::format("Choose among {}.", fmt::join(known, ", ")));
    return targets;
}

/// U(-bound, bound) that depends on seed and name alone.
Tensor uniform(std::uint64_t seed, const std::string& name, std::int64_t rows, std::int64_t columns, double bound) {
    std::uint64_t key = seed;
    for (const char letter : name) key = randomBits(key, 13, static_cast<std::uint64_t>(static_cast<unsigned char>(letter)));
    Tensor values = torch::empty({rows, columns}, torch::kFloat64);
    auto* out = values.data_ptr<double>();
    for (std::int64_t i = 0; i < values.numel(); ++i) out[i] = bound * (2 * randomUnit(key, 0, static_cast<std::uint64_t>(i)) - 1);
    return values;
}

/// PEFT's key of a module's matrix: `half` is lora_A or lora_B.
std::string keyOf(const Linear& linear, const char* half) {
    return fmt::format("{}{}.{}.weight", kPrefix, linear.name, half);
}

/// PEFT saves without the adapter's name; state dicts taken by hand carry ".default".
TensorMap withoutAdapterName(const TensorMap& tensors) {
    TensorMap plain;
    for (const auto& [name, tensor] : tensors) {
        std::string key = name;
        for (const char* half : {".lora_A.default.weight", ".lora_B.default.weight"})
            if (const auto at = key.rfind(half); at != std::string::npos) key = key.substr(0, at) + std::string(half).substr(0, 7) + ".weight";
        plain[key] = tensor;
    }
    return plain;
}

Result<WeightSource> adapterTensors(const CausalModel& model, const fs::path& folder) {
    const fs::path file = folder / "adapter_model.safetensors";
    if (!fs::exists(file)) {
        if (fs::exists(folder / "adapter_model.bin")) return refusePickle(folder / "adapter_model.bin");
        return fail(ErrorCode::NotFound, fmt::format("{} has no adapter_model.safetensors.", folder.string()), "Choose the folder of a PEFT adapter.");
    }
    DS_ASSIGN(const WeightFiles files, WeightFiles::openFile(file));
    TensorMap tensors;
    for (const auto& [name, entry] : files.tensors()) {
        DS_ASSIGN(tensors[name], mappedTensor(name, entry));
    }
    return WeightSource::tensors(withoutAdapterName(tensors), file.string(), {model.placement().device, adapterType(model)});
}

}  // namespace

Result<void> addAdapters(CausalModel& model, const LoraConfig& config, std::uint64_t seed) {
    DS_ASSIGN(const std::vector<Linear*> targets, targetsOf(model, config, "'lora.targets'"));
    return tensor::guarded("making adapters", [&] {
        for (Linear* linear : targets) {
            const std::int64_t rank = config.rankOf(linear->name);
            const auto options = torch::TensorOptions().device(model.placement().device).dtype(adapterType(model));
            Lora lora;
            lora.a = uniform(seed, linear->name, rank, linear->in(), 1 / std::sqrt(static_cast<double>(linear->in()))).to(options);
            lora.b = torch::zeros({linear->out(), rank}, options);
            lora.scale = config.scaleOf(linear->name);
            lora.alpha = config.alphaOf(linear->name);
            lora.dropout = config.dropout;
            linear->lora = lora;
        }
    });
}

Result<LoraConfig> loadAdapter(CausalModel& model, const fs::path& folder) {
    const fs::path file = folder / "adapter_config.json";
    if (!fs::exists(file)) return fail(ErrorCode::NotFound, fmt::format("{} has no adapter_config.json.", folder.string()), "Choose the folder of a PEFT adapter.");
    DS_ASSIGN(const nlohmann::json content, io::readJson(file));
    DS_ASSIGN(const LoraConfig config, LoraConfig::parse(content, file.string()));
    DS_ASSIGN(const std::vector<Linear*> targets, targetsOf(model, config, file.string()));
    DS_ASSIGN(WeightSource weights, adapterTensors(model, folder));
    std::vector<Lora> loras;
    for (const Linear* linear : targets) {
        const std::int64_t rank = config.rankOf(linear->name);
        Lora lora;
        DS_ASSIGN(lora.a, weights.take(keyOf(*linear, "lora_A"), {rank, linear->in()}));
        DS_ASSIGN(lora.b, weights.take(keyOf(*linear, "lora_B"), {linear->out(), rank}));
        lora.a = lora.a.clone(), lora.b = lora.b.clone();  // the file is mapped read-only, training writes
        lora.scale = config.scaleOf(linear->name);
        lora.alpha = config.alphaOf(linear->name);
        lora.dropout = config.dropout;
        loras.push_back(lora);
    }
    DS_TRY(weights.finish({}));
    for (std::size_t i = 0; i < targets.size(); ++i) targets[i]->lora = loras[i];
    return config;
}

Result<std::optional<LoraConfig>> loadAdapterChain(CausalModel& model, const std::vector<std::string>& folders, bool mergeAll) {
    std::optional<LoraConfig> last;
    for (std::size_t i = 0; i < folders.size(); ++i) {
        DS_ASSIGN(last, loadAdapter(model, folders[i]));
        if (mergeAll || i + 1 < folders.size()) DS_TRY(tensor::guarded("merging " + folders[i], [&] { model.mergeAdapters(); }));
    }
    if (mergeAll) last.reset();
    return last;
}

Result<void> saveAdapter(const fs::path& folder, const CausalModel& model, const LoraConfig& config, const std::string& baseModel) {
    nlohmann::json content = config.toJson();
    content["base_model_name_or_path"] = baseModel;
    tensor::NamedTensors tensors;
    bool fanInFanOut = false;
    for (const Linear* linear : model.linears()) {
        if (!linear->lora) continue;
        fanInFanOut = fanInFanOut || linear->storedTransposed;
        tensors.emplace_back(keyOf(*linear, "lora_A"), linear->lora->a);
        tensors.emplace_back(keyOf(*linear, "lora_B"), linear->lora->b);
    }
    content["fan_in_fan_out"] = fanInFanOut;
    DS_TRY(makeFolder(folder));
    DS_TRY(tensor::writeTensors(folder / "adapter_model.safetensors", tensors, {{"format", "pt"}}));
    return writeFileAtomically(folder / "adapter_config.json", content.dump(2) + "\n");
}

}  // namespace driftscope::llm
