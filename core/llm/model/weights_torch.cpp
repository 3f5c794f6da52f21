#include "core/llm/model/weights_torch.h"

#include <cstring>

#include "core/base/fingerprint.h"
#include "core/tensor/device.h"
#include "core/tensor/guard.h"

namespace driftscope::llm {
namespace {

using torch::Tensor;

std::optional<torch::ScalarType> floatingType(const std::string& name) {
    if (name == "F32") return torch::kFloat32;
    if (name == "F16") return torch::kFloat16;
    if (name == "BF16") return torch::kBFloat16;
    if (name == "F64") return torch::kFloat64;
    return std::nullopt;
}

std::string shapeText(const std::vector<std::int64_t>& shape) {
    return fmt::format("({})", fmt::join(shape, ", "));
}

}  // namespace

Result<Tensor> mappedTensor(const std::string& name, const WeightFiles::Entry& entry) {
    const auto type = floatingType(entry.tensor.type);
    if (!type)
        return fail(ErrorCode::Unsupported, fmt::format("Tensor '{}' has the type {}; weights must be F32, F16, BF16 or F64.", name, entry.tensor.type),
                    "Convert a quantised model back to floating numbers first.");
    return tensor::guarded("mapping tensor " + name, [&]() -> Tensor {
        const auto options = torch::TensorOptions().dtype(*type);
        if (entry.tensor.bytes.empty()) return torch::empty(entry.tensor.shape, options);
        auto* address = const_cast<std::byte*>(entry.tensor.bytes.data());
        const auto width = c10::elementSize(*type);
        if (reinterpret_cast<std::uintptr_t>(address) % width == 0) return torch::from_blob(address, entry.tensor.shape, [file = entry.file](void*) {}, options);
        Tensor copy = torch::empty(entry.tensor.shape, options);
        std::memcpy(copy.data_ptr(), address, entry.tensor.bytes.size());
        return copy;
    });
}

Result<WeightSource> WeightSource::files(WeightFiles files, Placement placement) {
    WeightSource source;
    source.place_ = files.place();
    source.placement_ = placement;
    source.tensors_.emplace();
    for (const auto& [name, entry] : files.tensors()) {
        if (!floatingType(entry.tensor.type) && name.find(".attn.") != std::string::npos) continue;  // GPT-2's stored masks are bytes
        DS_ASSIGN((*source.tensors_)[name], mappedTensor(name, entry));
    }
    return source;
}

WeightSource WeightSource::tensors(TensorMap tensors, std::string place, Placement placement) {
    WeightSource source;
    source.tensors_ = std::move(tensors);
    source.place_ = std::move(place);
    source.placement_ = placement;
    return source;
}

WeightSource WeightSource::random(std::uint64_t seed, Placement placement) {
    WeightSource source;
    source.seed_ = seed;
    source.place_ = "new weights";
    source.placement_ = placement;
    return source;
}

std::string WeightSource::stored(const std::string& name) const {
    if (tensors_->count(name)) return name;
    for (const auto& [prefix, other] : aliases_)
        if (name.rfind(prefix, 0) == 0)
            if (const std::string candidate = other + name.substr(prefix.size()); tensors_->count(candidate)) return candidate;
    return {};
}

Result<Tensor> WeightSource::find(const std::string& name, const std::vector<std::int64_t>& shape) {
    const std::string known = stored(name);
    if (known.empty())
        return fail(ErrorCode::BadInput, fmt::format("{} lacks the tensor '{}' {}.", place_, name, shapeText(shape)), "The weights are incomplete, or belong to another config.json.");
    const Tensor& found = tensors_->at(known);
    if (found.sizes().vec() != shape)
        return fail(ErrorCode::BadInput, fmt::format("Tensor '{}' in {} has the shape {}, expected {}.", known, place_, shapeText(found.sizes().vec()), shapeText(shape)),
                    "The weights and config.json belong to different models.");
    if (!found.is_floating_point())
        return fail(ErrorCode::BadInput, fmt::format("Tensor '{}' in {} holds {} numbers, expected floating ones.", known, place_, c10::toString(found.scalar_type())));
    taken_.insert(known);
    return tensor::guarded("loading " + name, [&] { return found.to(placement_.device, placement_.type); });
}

Result<Tensor> WeightSource::take(const std::string& name, const std::vector<std::int64_t>& shape) {
    if (tensors_) return find(name, shape);
    const auto bytes = std::as_bytes(std::span(name));
    std::uint64_t key = seed_;
    for (const std::byte byte : bytes) key = randomBits(key, 7, static_cast<std::uint64_t>(byte));
    return tensor::guarded("drawing " + name, [&] {
        tensor::seedAll(key);
        return torch::randn(shape, torch::TensorOptions().device(placement_.device).dtype(torch::kFloat32)).mul_(0.02).to(placement_.type);
    });
}

Result<Tensor> WeightSource::take(const std::string& name, const std::vector<std::int64_t>& shape, double initial) {
    if (tensors_) return find(name, shape);
    return tensor::guarded("making " + name, [&] { return torch::full(shape, initial, torch::TensorOptions().device(placement_.device).dtype(placement_.type)); });
}

Result<void> WeightSource::finish(const std::vector<std::string>& ignorable) const {
    if (!tensors_) return {};
    std::vector<std::string> extra;
    for (const auto& [name, tensor] : *tensors_) {
        const bool known = taken_.count(name) > 0;
        const auto ends = [&](const std::string& tail) { return name.size() >= tail.size() && name.compare(name.size() - tail.size(), tail.size(), tail) == 0; };
        if (!known && std::none_of(ignorable.begin(), ignorable.end(), ends)) extra.push_back(name);
    }
    if (extra.empty()) return {};
    const std::size_t shown = std::min<std::size_t>(extra.size(), 5);
    return fail(ErrorCode::BadInput, fmt::format("{} has {} tensor(s) this architecture does not know: '{}'{}.", place_, extra.size(),
                                                 fmt::join(extra.begin(), extra.begin() + static_cast<std::ptrdiff_t>(shown), "', '"), shown < extra.size() ? ", …" : ""),
                "The weights and config.json belong to different models.");
}

}  // namespace driftscope::llm
