#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/debate/oracle.h"
#include "core/table/row_judge.h"

namespace driftscope::debate {

/// How a model that always says the same of the same row gives answers that can be repeated.
enum class Repeat {
    Probability,  ///< yes is drawn with the model's probability for the row
    Neighbours,   ///< the model's verdict on the row or on the same entity a few steps earlier or later, drawn anew each time
    Verdict,      ///< the model's verdict on the row: deterministic, so that repeating it tells nothing
};

struct ModelOptions {
    Repeat repeat = Repeat::Probability;
    std::int64_t radius = 2;                                            ///< Neighbours: steps either side
    std::vector<std::string> entityColumns{"fov_name", "track_id"};     ///< Neighbours: what makes an entity of the table
    std::string stepColumn = "t";                                       ///< Neighbours: its steps
};

/// A model as oracle: questions name rows of a table, and `judge` decides about them. Every answer is one counted call; the
/// model itself runs once per row and question, because it is deterministic.
/// Errors: the table has no such columns (Neighbours).
Result<std::shared_ptr<Oracle>> modelOracle(std::shared_ptr<const EmbeddingTable> table, std::unique_ptr<RowJudge> judge, ModelOptions options);

}  // namespace driftscope::debate
