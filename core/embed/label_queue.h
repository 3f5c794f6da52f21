#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// Why a row is offered for labelling.
enum class QueueReason {
    Typical,  ///< stands for many rows that no label is near
    Unsure,   ///< the probe wavers here (the best class leads by less than 0.8) and around it
    Audit,    ///< drawn at random: accuracy on these is unbiased
};
std::string_view name(QueueReason reason);

struct QueueItem {
    std::uint32_t row = 0;
    QueueReason reason = QueueReason::Typical;
    float confidence = 0;  ///< probability of the predicted class; 0 before there are predictions
    float margin = 0;      ///< lead of the best class over the second; 1 before there are predictions
    float share = 0;       ///< part of all rows that this one stands for, weighted by doubt, 0 … 1; 0 for audits
};

/// What the queue chooses from.
struct QueueInput {
    const Matrix* features = nullptr;      ///< rows x d; rows with a number that is not finite are never offered
    std::span<const int> labels;           ///< class per row, -1 unlabelled
    std::span<const std::uint32_t> groups; ///< one per row (its track): a batch holds a group once; may be empty
    const Matrix* probabilities = nullptr; ///< rows x classes, calibrated; null before the first fit
};

struct QueueOptions {
    std::size_t count = 24;
    double audit = 0.1;         ///< share of all labels that is drawn uniformly at random, 0 … 1: with 0.1 every tenth
    std::size_t sample = 2000;  ///< rows looked at and rows stood for, at most; more cost time, count x sample^2
    std::size_t neighbors = 6;  ///< a row stands for others within the median distance to its so many nearest neighbours
    std::uint64_t seed = 0;
};

/// The next rows to label, in the order in which to label them. Each pick covers, by a Gaussian kernel, the most doubt that
/// no label or earlier pick covers; the doubt of a row is 1 - margin, or the same for all before there are
/// predictions.
/// So the first picks are typical and spread out, later ones lie where the probe wavers, and never next to each other.
/// Source: MaxHerding (Bae, Noh and Sutherland 2024) and uncertainty herding (Bae, Oh and Sutherland 2025).
/// Same input and seed, same batch.
std::vector<QueueItem> nextToLabel(const QueueInput& input, const QueueOptions& options);

}  // namespace driftscope::embed
