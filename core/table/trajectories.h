#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope {

/// One entity through its steps: row indices of the table in ascending step order.
struct Trajectory {
    std::string entity;               ///< "A/1/0#17" for track 17 of position A/1/0
    std::vector<std::uint32_t> rows;
    std::vector<std::int64_t> steps;  ///< ascending, one per row
};

/// Groups the table's rows by the entity columns (joined with '#') and orders each group by `stepColumn`.
/// Trajectories come in order of first appearance. Errors: absent columns, two rows of one entity at one step (named).
Result<std::vector<Trajectory>> trajectories(const EmbeddingTable& table, const std::vector<std::string>& entityColumns,
                                             const std::string& stepColumn);

}  // namespace driftscope
