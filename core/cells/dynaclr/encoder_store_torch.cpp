#include "core/cells/dynaclr/encoder_store_torch.h"

#include "core/base/atomic_file.h"
#include "core/base/fingerprint.h"
#include "core/tensor/guard.h"
#include "core/tensor/state_dict.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// config.json beside the weights; null when there is none.
Result<json> readConfig(const fs::path& weights) {
    const fs::path path = weights.parent_path() / "config.json";
    if (!fs::exists(path)) return json();
    DS_ASSIGN(const std::string text, readFile(path));
    json config = json::parse(text, nullptr, false);
    if (!config.is_object())
        return fail(ErrorCode::BadInput, fmt::format("{} is not a JSON object.", path.string()), "Repair it, or move it away to read the architecture from the weights.");
    return config;
}

Result<EncoderConfig> architecture(const json& config, const tensor::TensorFile& file, const fs::path& weights) {
    const std::string origin = (weights.parent_path() / "config.json").string();
    if (config.is_object() && config.contains("encoder")) return EncoderConfig::fromJson(config["encoder"], origin);
    if (config.is_object() && config.contains("in_stack_depth")) return EncoderConfig::fromJson(config, origin);
    std::map<std::string, std::vector<std::int64_t>> shapes;
    for (const auto& [name, value] : file.tensors) shapes[name] = value.sizes().vec();
    return EncoderConfig::fromShapes(shapes, weights.string());
}

}  // namespace

Result<StoredEncoder> loadEncoder(const fs::path& weights) {
    DS_ASSIGN(tensor::TensorFile file, tensor::readTensors(weights));
    tensor::stripPrefix(file.tensors, "model.");
    DS_ASSIGN(const json config, readConfig(weights));
    DS_ASSIGN(const EncoderConfig shape, architecture(config, file, weights));
    StoredEncoder stored;
    DS_TRY(tensor::guarded("building the encoder", [&] { stored.encoder = ContrastiveEncoder(shape); }));
    DS_TRY(tensor::loadStateDict(*stored.encoder, file.tensors, weights.string()));
    stored.encoder->eval();
    if (config.is_object() && config.contains("preprocessing")) stored.preprocessing = config["preprocessing"];
    DS_ASSIGN(stored.fingerprint, fingerprintPath(weights));
    return stored;
}

Result<void> saveEncoder(const fs::path& folder, const ContrastiveEncoder& encoder, const json& preprocessing, const json& provenance) {
    DS_TRY(makeFolder(folder));
    DS_TRY(tensor::writeTensors(folder / "weights.safetensors", tensor::stateDict(*encoder), {{"format", "pt"}}));
    const json config{{"encoder", encoder->config().toJson()}, {"preprocessing", preprocessing}, {"provenance", provenance}};
    return writeFileAtomically(folder / "config.json", config.dump(2) + "\n");
}

}  // namespace driftscope::cells
