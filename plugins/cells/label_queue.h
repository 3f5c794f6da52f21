#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope::cells {

/// Why a cell is offered for labelling.
enum class QueueReason { Typical, Unsure, Audit };
std::string_view name(QueueReason reason);

struct QueueItem {
    std::uint32_t row = 0;
    QueueReason reason = QueueReason::Typical;
    float confidence = 0;  ///< of the predicted class; 0 before there are predictions
};

/// What the queue chooses from.
struct QueueInput {
    const Matrix* coordinates = nullptr;   ///< rows x d, NaN rows are never offered
    std::span<const int> labels;           ///< class per row, -1 unlabelled
    std::span<const std::uint32_t> trackOfRow;
    const Matrix* probabilities = nullptr; ///< rows x classes, or null before the first fit
    std::uint64_t seed = 0;
};

/// The next `count` cells to label, at most one per track. Before predictions exist: typical cells, spread over the
/// embedding (farthest-first from what is labelled). Afterwards the smallest margins between the two best classes
/// (uncertainty sampling), with every tenth drawn at random so that accuracy on the audit is unbiased.
std::vector<QueueItem> nextToLabel(const QueueInput& input, std::size_t count);

}  // namespace driftscope::cells
