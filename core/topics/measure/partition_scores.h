#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace driftscope::topics {

/// Agreement of two partitions of the same elements: topics (predicted) and human categories (true).
struct PartitionScores {
    double ari = 0;            ///< adjusted Rand index
    double nmi = 0;            ///< normalised mutual information, arithmetic mean of entropies (scikit-learn's default)
    double purity = 0;         ///< share of elements whose category is the commonest of their topic
    double inversePurity = 0;  ///< share of elements whose topic is the commonest of their category
    double p1 = 0;             ///< harmonic mean of purity and inverse purity
};

/// Cross-counts of two partitions. Codes are 0 … predictedCount-1 and 0 … trueCount-1.
class Contingency {
  public:
    Contingency(std::size_t predictedCount, std::size_t trueCount) : columns_(trueCount), counts_(predictedCount * trueCount, 0) {}
    void add(std::uint32_t predicted, std::uint32_t actual) { ++counts_[predicted * columns_ + actual]; }
    void clear() { counts_.assign(counts_.size(), 0); }
    std::uint64_t at(std::size_t predicted, std::size_t actual) const { return counts_[predicted * columns_ + actual]; }
    std::size_t rows() const { return columns_ ? counts_.size() / columns_ : 0; }
    std::size_t columns() const { return columns_; }
    /// All scores. Two single clusters agree fully (ARI, NMI 1); no elements give zeros.
    PartitionScores scores() const;

  private:
    std::size_t columns_;
    std::vector<std::uint64_t> counts_;
};

/// The scores of two code lists of equal length.
PartitionScores partitionScores(std::span<const std::uint32_t> predicted, std::span<const std::uint32_t> actual);

}  // namespace driftscope::topics
