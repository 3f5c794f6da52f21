#include "core/table/trajectories.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace driftscope {
namespace {

Result<void> sortBySteps(Trajectory& trajectory) {
    std::vector<std::size_t> order(trajectory.rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return trajectory.steps[a] < trajectory.steps[b]; });
    Trajectory sorted{trajectory.entity, {}, {}};
    for (std::size_t i : order) {
        if (!sorted.steps.empty() && sorted.steps.back() == trajectory.steps[i])
            return fail(ErrorCode::BadInput, fmt::format("'{}' occurs twice at step {}.", trajectory.entity, trajectory.steps[i]),
                        "Each entity may have one row per step.");
        sorted.rows.push_back(trajectory.rows[i]);
        sorted.steps.push_back(trajectory.steps[i]);
    }
    trajectory = std::move(sorted);
    return {};
}

}  // namespace

Result<std::vector<Trajectory>> trajectories(const EmbeddingTable& table, const std::vector<std::string>& entityColumns,
                                             const std::string& stepColumn) {
    DS_ASSIGN(const std::vector<std::int64_t> steps, table.integers(stepColumn));
    std::vector<std::string> entities(table.rows());
    for (const std::string& name : entityColumns) {
        DS_ASSIGN(const std::vector<std::string> texts, table.texts(name));
        for (std::size_t row = 0; row < table.rows(); ++row) entities[row] += (entities[row].empty() ? "" : "#") + texts[row];
    }
    std::vector<Trajectory> out;
    std::unordered_map<std::string, std::size_t> index;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const auto [found, added] = index.try_emplace(entities[row], out.size());
        if (added) out.push_back({entities[row], {}, {}});
        out[found->second].rows.push_back(static_cast<std::uint32_t>(row));
        out[found->second].steps.push_back(steps[row]);
    }
    for (Trajectory& trajectory : out) DS_TRY(sortBySteps(trajectory));
    return out;
}

}  // namespace driftscope
