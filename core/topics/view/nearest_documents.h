#pragma once

#include <cstdint>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope::topics {

/// How far two documents are apart by their topics.
enum class ThetaDistance {
    Hellinger,      ///< sqrt(1 - sum sqrt(p q)): 0 … 1
    JensenShannon,  ///< square root of the divergence in nats: 0 … 0.8326
};

struct NearDocument {
    std::uint32_t document = 0;
    double distance = 0;
};

/// The `count` documents nearest to one, nearest first, ties by number, without itself. O(documents x topics).
std::vector<NearDocument> nearestDocuments(const Matrix& theta, std::size_t document, std::size_t count, ThetaDistance kind);

}  // namespace driftscope::topics
