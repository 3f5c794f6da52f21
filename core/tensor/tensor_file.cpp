#include "core/tensor/tensor_file.h"

#include <cstring>

#include "core/io/safetensors.h"
#include "core/tensor/guard.h"

namespace driftscope::tensor {
namespace {

struct TypeName {
    const char* name;
    torch::ScalarType type;
};
constexpr TypeName kTypes[] = {{"F32", torch::kFloat32}, {"F16", torch::kFloat16}, {"BF16", torch::kBFloat16}, {"F64", torch::kFloat64},
                               {"I64", torch::kInt64},   {"I32", torch::kInt32},   {"I16", torch::kInt16},     {"I8", torch::kInt8},
                               {"U8", torch::kUInt8},    {"BOOL", torch::kBool}};

Result<torch::Tensor> toTensor(const std::string& name, const io::StoredTensor& stored) {
    for (const TypeName& known : kTypes) {
        if (stored.type != known.name) continue;
        torch::Tensor tensor = torch::empty(stored.shape, known.type);
        // An empty tensor may have no memory at all.
        if (!stored.bytes.empty()) std::memcpy(tensor.data_ptr(), stored.bytes.data(), stored.bytes.size());
        return tensor;
    }
    return fail(ErrorCode::Unsupported, fmt::format("Tensor '{}' has the type {}, which is not supported.", name, stored.type),
                "Convert it to F32 and save again.");
}

Result<std::string> typeName(const std::string& name, torch::ScalarType type) {
    for (const TypeName& known : kTypes)
        if (known.type == type) return std::string(known.name);
    return fail(ErrorCode::Internal, fmt::format("Tensor '{}' has the type {}, which safetensors cannot hold.", name, c10::toString(type)));
}

}  // namespace

Result<TensorFile> readTensors(const std::filesystem::path& path) {
    DS_ASSIGN(const auto file, io::SafetensorsFile::open(path));
    return guarded("reading " + path.string(), [&]() -> Result<TensorFile> {
        TensorFile result;
        result.metadata = file->metadata();
        for (const auto& [name, stored] : file->tensors()) {
            auto tensor = toTensor(name, stored);
            if (!tensor) return tl::unexpected(std::move(tensor).error().during("reading " + path.string()));
            result.tensors.emplace(name, std::move(*tensor));
        }
        return result;
    });
}

Result<void> writeTensors(const std::filesystem::path& path, const NamedTensors& tensors, const std::map<std::string, std::string>& metadata) {
    return guarded("writing " + path.string(), [&]() -> Result<void> {
        std::vector<torch::Tensor> kept;
        std::vector<io::TensorToStore> stored;
        for (const auto& [name, tensor] : tensors) {
            DS_ASSIGN(const std::string type, typeName(name, tensor.scalar_type()));
            kept.push_back(tensor.detach().to(torch::kCPU).contiguous());
            const torch::Tensor& own = kept.back();
            stored.push_back({name, type, own.sizes().vec(), {static_cast<const std::byte*>(own.data_ptr()), own.nbytes()}});
        }
        return io::writeSafetensors(path, stored, metadata);
    });
}

}  // namespace driftscope::tensor
