#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope::topics {

/// What a person made of a run's topics: which were merged into which, and which are hidden. The run itself never changes.
class TopicGroups {
  public:
    TopicGroups() = default;
    /// `into[k]`: the topic that k was merged into, if any. Chains are followed to their end; a topic whose chain comes back to
    /// itself, or leads to no topic of the run, stands for itself.
    TopicGroups(const std::vector<std::optional<std::uint32_t>>& into, std::vector<bool> hidden);

    std::size_t topics() const { return root_.size(); }
    std::uint32_t root(std::uint32_t topic) const { return root_[topic]; }
    bool isMerged(std::uint32_t topic) const { return root_[topic] != topic; }
    bool isHidden(std::uint32_t topic) const { return hidden_[root_[topic]]; }
    /// The topic and all merged into it, rising.
    std::vector<std::uint32_t> members(std::uint32_t root) const;
    /// theta with the columns of merged topics added to their root's and emptied; same shape, so that native numbers stay.
    Matrix mergedTheta(const Matrix& theta) const;
    /// The shares with those of merged topics added to their root's and set to 0.
    std::vector<double> mergedShares(const std::vector<double>& shares) const;
    /// p(w) within the topic and all merged into it: their rows of beta, weighted by their shares. Length V.
    std::vector<float> mergedWords(const Matrix& beta, const std::vector<double>& shares, std::uint32_t topic) const;

  private:
    std::vector<std::uint32_t> root_;
    std::vector<bool> hidden_;
};

}  // namespace driftscope::topics
