#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope {

/// Answers one yes/no question about rows of an EmbeddingTable, whatever trained it and whatever domain the rows come from.
class RowJudge {
  public:
    virtual ~RowJudge() = default;
    virtual std::string question() const = 0;  ///< "cell_division_state is mitosis"
    /// P(yes) for one row; runs the model. Errors: the row has no features, or no score.
    virtual Result<double> probability(std::size_t row) const = 0;
    virtual nlohmann::json describe() const = 0;  ///< what judges, for provenance
};

/// Judges by scores that some model has written into the table: a numeric column of obs with values from 0 to 1, or, when
/// `yes` is given, that class's column of an obsm matrix whose classes stand in uns["<name>_classes"] (as label.probe
/// writes "predicted_<task>_proba" with uns["predicted_<task>_classes"]).
/// Errors: no such scores (what there is, is named), an unknown class.
Result<std::unique_ptr<RowJudge>> scoreJudge(std::shared_ptr<const EmbeddingTable> table, const std::string& name, const std::string& yes);

/// Finds the row that `name` means: a row number, the name of a row (or a number, as text), or an object of column values such as
/// {"fov_name": "A/1/0", "track_id": 3, "t": 12}, which must fit exactly one row. Errors name what was looked for.
Result<std::size_t> findRow(const EmbeddingTable& table, const nlohmann::json& name);

}  // namespace driftscope
