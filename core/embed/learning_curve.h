#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/embed/label_queue.h"
#include "core/embed/probe.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

enum class LabelOrder { Queue, Random };

struct CurveOptions {
    std::size_t batch = 5;      ///< labels between two fits
    std::size_t most = 0;       ///< stop at so many labels; 0: the whole pool
    int folds = 3;              ///< one of them is held out as the test set, a different one for each seed
    QueueOptions queue;         ///< count and seed are set for each batch
    ProbeOptions probe;
};

/// Score against number of labels, of one simulated annotator.
struct Curve {
    std::vector<std::size_t> labels;
    std::vector<double> macroF1;  ///< on the test groups, over the classes they have; 0 until two classes are known
    double full = 0;              ///< the same with every label of the pool
    std::size_t pool = 0;         ///< labels there are

    /// The fewest labels from which the score reached `wanted`; nothing when it never did.
    std::optional<std::size_t> needed(double wanted) const;
};

/// An annotator who knows the true labels of `rows` labels them in the queue's or in random order, and a probe is fitted
/// after each batch (the queue itself is driven by FastProbe, as in the window). Errors: those of groupFolds() and fitting.
/// `goOn` is asked between batches; false cancels.
Result<Curve> simulateAnnotator(const Matrix& features, std::span<const std::uint32_t> rows, std::span<const int> labels,
                                std::span<const std::uint32_t> groups, std::size_t classes, LabelOrder order, std::uint64_t seed,
                                const CurveOptions& options, const std::function<bool()>& goOn = {});

/// Mean and standard deviation over curves at every number of labels that all of them have.
struct MeanCurve {
    std::vector<double> labels, mean, deviation;
    double full = 0;
    std::optional<double> needed(double wanted) const;  ///< on the mean
};
MeanCurve average(std::span<const Curve> curves);

}  // namespace driftscope::embed
