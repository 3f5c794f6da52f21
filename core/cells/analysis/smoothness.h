#pragma once

#include <cstdint>
#include <vector>

#include "core/base/error.h"
#include "core/table/embedding_table.h"

namespace driftscope::cells {

/// How an embedding moves in time, as VisCy's compute_embeddings_smoothness measures it.
struct Smoothness {
    double adjacentMean = 0;  ///< mean cosine distance of consecutive rows of a track
    double randomMean = 0;    ///< the same for as many random pairs
    double score = 0;         ///< adjacent / random; lower is smoother
    double dynamicRange = 0;  ///< density peak of the random distances minus that of the adjacent ones; higher is better
    std::size_t pairs = 0;
};

/// `entity` gives each row's track (unique over fields of view); rows of one track are taken in the order given. Features
/// are standardised over all rows first; random pairs follow NumPy's legacy generator with seed 42, so that the score
/// equals the reference to rounding.
/// Errors: lengths differ, fewer than two rows, no track with two rows.
Result<Smoothness> smoothness(const Matrix& features, const std::vector<std::int64_t>& entity);

}  // namespace driftscope::cells
