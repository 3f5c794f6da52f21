#pragma once

#include <cstddef>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// Inner products of centred observations, kept so that one set can be compared with many others. n x n.
struct GramMatrix {
    std::size_t n = 0;
    std::vector<double> values;  ///< row-major, symmetric

    static GramMatrix of(const Matrix& observations);
};

/// Linear CKA of two sets of the same n observations (Kornblith et al. 2019), 0 to 1 and 1 for sets that differ by a
/// rotation and a scale. `debiased` uses the unbiased HSIC (Song et al. 2012), for few observations in many dimensions;
/// it needs n >= 4 and may fall below 0. NaN when one side does not vary or n is too small.
double linearCka(const GramMatrix& x, const GramMatrix& y, bool debiased);

}  // namespace driftscope::embed
