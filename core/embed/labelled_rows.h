#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// Rows that can be learned from.
struct LabelledRows {
    std::vector<std::string> classes;   ///< sorted
    std::vector<std::uint32_t> rows;    ///< with a label and finite features
    std::vector<int> labels;            ///< class of each of them
    std::vector<std::uint32_t> finite;  ///< all rows that have features
    std::size_t unusable = 0;           ///< labelled rows without features

    /// Class per row of the table, -1 unlabelled or without features.
    std::vector<int> perRow(std::size_t tableRows) const;
};
/// The text "unknown" is no label. Errors: fewer classes than `fewest`.
Result<LabelledRows> collectLabels(const Matrix& features, const std::vector<std::string>& texts, const std::string& column, std::size_t fewest = 2);

/// Which group (numbered from 0 by first appearance) each of `rows` belongs to. `by`: "none" (each row its own), "track",
/// "fov", "well" (row and column of the position), or "plate" (obs column plate, experiment or dataset). Errors: the table
/// lacks what is asked for.
Result<std::vector<std::uint32_t>> groupRows(const EmbeddingTable& table, std::span<const std::uint32_t> rows, const std::string& by);
/// Names of the groups, in the order of their numbers.
Result<std::vector<std::string>> groupNames(const EmbeddingTable& table, std::span<const std::uint32_t> rows, const std::string& by);

}  // namespace driftscope::embed
