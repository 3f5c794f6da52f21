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

std::vector<double> TopicGroups::mergedShares(const std::vector<double>& shares) const {
    std::vector<double> out(shares.size(), 0.0);
    for (std::uint32_t k = 0; k < shares.size(); ++k) out[k < root_.size() ? root_[k] : k] += shares[k];
    return out;
}

std::vector<float> TopicGroups::mergedWords(const Matrix& beta, const std::vector<double>& shares, std::uint32_t topic) const {
    const std::vector<std::uint32_t> together = members(root(topic));
    double total = 0;
    for (const std::uint32_t member : together) total += shares[member];
    if (together.size() == 1 || total <= 0) return {beta.row(topic).begin(), beta.row(topic).end()};
    std::vector<float> out(beta.columns, 0.0f);
    for (const std::uint32_t member : together)
        for (std::size_t w = 0; w < beta.columns; ++w) out[w] += static_cast<float>(shares[member] / total) * beta(member, w);
    return out;
}

}  // namespace driftscope::topics
