#include "core/topics/view/topic_groups.h"

#include <utility>

namespace driftscope::topics {

TopicGroups::TopicGroups(const std::vector<std::optional<std::uint32_t>>& into, std::vector<bool> hidden) : root_(into.size()), hidden_(std::move(hidden)) {
    hidden_.resize(into.size(), false);
    for (std::uint32_t k = 0; k < into.size(); ++k) {
        std::uint32_t at = k;
        std::size_t steps = 0;
        while (into[at] && *into[at] < into.size() && *into[at] != at && steps++ < into.size()) at = *into[at];
        root_[k] = steps >= into.size() ? k : at;
    }
}

std::vector<std::uint32_t> TopicGroups::members(std::uint32_t root) const {
    std::vector<std::uint32_t> out;
    for (std::uint32_t k = 0; k < root_.size(); ++k)
        if (root_[k] == root) out.push_back(k);
    return out;
}

Matrix TopicGroups::mergedTheta(const Matrix& theta) const {
    Matrix out(theta.rows, theta.columns);
    for (std::size_t d = 0; d < theta.rows; ++d)
        for (std::uint32_t k = 0; k < theta.columns; ++k) out(d, k < root_.size() ? root_[k] : k) += theta(d, k);
    return out;
}

}  // namespace driftscope::topics
