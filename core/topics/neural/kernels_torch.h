#pragma once

#include "core/tensor/torch.h"
#include "core/topics/neural/word_counts.h"

namespace driftscope::topics {

/// Word counts of a batch as tensors: CSR on the CPU, and dense for other devices. A document holds a few dozen of
/// thousands of words, so the first layer and the likelihood need only those.
struct CountBatch {
    CountBatch(const WordCounts& rows, const torch::Device& where);

    std::int64_t documents = 0, words = 0;
    torch::Tensor offsets, ids, counts;  ///< int64 [documents + 1], int32, float32
    torch::Tensor lengths;               ///< tokens of each document, float32 [documents, 1]
    torch::Device device;

    torch::Tensor dense() const;         ///< float32 [documents, words]
    CountBatch dividedByLength() const;  ///< rows that sum to 1; empty rows stay empty
};

/// counts · weight: [documents, words] x [words, units] -> [documents, units].
torch::Tensor countsTimes(const CountBatch& batch, const torch::Tensor& weight);

/// Batch normalisation of [documents, features] over documents, gain 1, with the batch's mean and biased variance.
struct Normalised {
    torch::Tensor values, mean, variance;
};
Normalised normaliseColumns(const torch::Tensor& values, double epsilon);

/// -sum_w x_w ln(p_w + 1e-10) per document, p = share · softmax(first) + (1 - share) · softmax(second). With share 1
/// `second` is not looked at (may be undefined), with share 0 `first` is not.
torch::Tensor mixtureReconstruction(const CountBatch& batch, const torch::Tensor& first, const torch::Tensor& second, double share);

/// -sum_w x_w ln(p_w + epsilon) per document, for probabilities computed elsewhere.
torch::Tensor reconstruction(const CountBatch& batch, const torch::Tensor& probabilities, double epsilon);

}  // namespace driftscope::topics
