#pragma once

#include <optional>
#include <set>

#include "core/llm/model/weight_files.h"
#include "core/tensor/torch.h"

namespace driftscope::llm {

/// Where and in which arithmetic a model computes.
struct Placement {
    torch::Device device{torch::kCPU};
    torch::ScalarType type = torch::kFloat32;
};

using TensorMap = std::map<std::string, torch::Tensor>;

/// Hands out a model's tensors by their Hugging Face names and remembers which were asked for.
class WeightSource {
  public:
    /// Tensors of files stay memory-mapped where they fit the placement as they are; nothing else is copied twice.
    static Result<WeightSource> files(WeightFiles files, Placement placement);
    static WeightSource tensors(TensorMap tensors, std::string place, Placement placement);
    /// New weights as Hugging Face draws them: N(0, 0.02^2), norms one, biases zero. Names, not order, decide the numbers.
    static WeightSource random(std::uint64_t seed, Placement placement);

    /// A name that starts with `prefix` may stand in the file with `other` in its place.
    void alias(std::string prefix, std::string other) { aliases_.emplace_back(std::move(prefix), std::move(other)); }
    bool has(const std::string& name) const { return !tensors_ || !stored(name).empty(); }
    /// Errors name the tensor: missing, of another shape, not floating.
    Result<torch::Tensor> take(const std::string& name, const std::vector<std::int64_t>& shape);
    /// The value new weights of this name get instead of the normal draw.
    Result<torch::Tensor> take(const std::string& name, const std::vector<std::int64_t>& shape, double initial);
    /// Every tensor must have been taken, or end in one of `ignorable`. The error names the others.
    Result<void> finish(const std::vector<std::string>& ignorable) const;

    const Placement& placement() const { return placement_; }

  private:
    std::string stored(const std::string& name) const;  ///< as it stands in the file; empty when absent
    Result<torch::Tensor> find(const std::string& name, const std::vector<std::int64_t>& shape);

    std::optional<TensorMap> tensors_;  ///< nothing when weights are drawn
    std::uint64_t seed_ = 0;
    std::string place_;
    Placement placement_;
    std::vector<std::pair<std::string, std::string>> aliases_;
    std::set<std::string> taken_;
};

/// A mapped tensor without a copy where its address is aligned; the file stays mapped while the tensor lives. Read-only.
Result<torch::Tensor> mappedTensor(const std::string& name, const WeightFiles::Entry& entry);

}  // namespace driftscope::llm
