#include "core/llm/model/weight_files.h"

#include <set>

#include "core/io/json_access.h"

namespace driftscope::llm {
namespace fs = std::filesystem;

tl::unexpected<Error> refusePickle(const fs::path& file) {
    return fail(ErrorCode::Unsupported, fmt::format("{} is a pickle file, which is not read: it could run any program.", file.string()),
                fmt::format("Convert it where you trust it: python3 -c \"import torch; from safetensors.torch import save_file; "
                            "save_file({{k: v.contiguous() for k, v in torch.load('{}', map_location='cpu').items()}}, '{}')\"",
                            file.filename().string(), file.stem().string().rfind("adapter", 0) == 0 ? "adapter_model.safetensors" : "model.safetensors"));
}

Result<void> WeightFiles::add(const fs::path& path) {
    DS_ASSIGN(const auto file, io::SafetensorsFile::open(path));
    for (const auto& [name, tensor] : file->tensors())
        if (!tensors_.emplace(name, Entry{tensor, file}).second)
            return fail(ErrorCode::BadInput, fmt::format("Tensor '{}' in {} is in another shard, too.", name, path.string()), "Copy the model folder again.");
    metadata_.insert(file->metadata().begin(), file->metadata().end());
    return {};
}

Result<WeightFiles> WeightFiles::openFile(const fs::path& file) {
    WeightFiles files;
    files.place_ = file.string();
    DS_TRY(files.add(file));
    return files;
}

Result<WeightFiles> WeightFiles::open(const fs::path& folder) {
    if (fs::exists(folder / "model.safetensors")) return openFile(folder / "model.safetensors");
    const fs::path index = folder / "model.safetensors.index.json";
    if (!fs::exists(index)) {
        for (const char* pickle : {"pytorch_model.bin", "pytorch_model.bin.index.json", "consolidated.00.pth", "model.pt"})
            if (fs::exists(folder / pickle)) return refusePickle(folder / pickle);
        return fail(ErrorCode::NotFound, fmt::format("{} has neither model.safetensors nor model.safetensors.index.json.", folder.string()),
                    "Choose a Hugging Face model folder with safetensors weights.");
    }
    DS_ASSIGN(const nlohmann::json content, io::readJson(index));
    const nlohmann::json& map = io::objectMember(content, "weight_map");
    WeightFiles files;
    files.place_ = index.string();
    std::set<std::string> shards;
    for (const auto& [name, shard] : map.items()) {
        // A shard lies beside its index: a path would let a downloaded folder read elsewhere.
        if (!shard.is_string() || fs::path(shard.get<std::string>()).filename() != fs::path(shard.get<std::string>()))
            return fail(ErrorCode::BadInput, fmt::format("{} places tensor '{}' in {}, which is not a file name.", index.string(), name, shard.dump()), "Copy the model folder again.");
        shards.insert(shard.get<std::string>());
    }
    for (const std::string& shard : shards) DS_TRY(files.add(folder / shard));
    for (const auto& [name, shard] : map.items())
        if (!files.tensors_.count(name))
            return fail(ErrorCode::BadInput, fmt::format("{} lacks tensor '{}', which {} promises.", shard.get<std::string>(), name, index.string()), "Copy the model folder again.");
    if (files.tensors_.empty()) return fail(ErrorCode::BadInput, fmt::format("{} lists no tensors.", index.string()), "Copy the model folder again.");
    return files;
}

}  // namespace driftscope::llm
