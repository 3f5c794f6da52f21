#include "core/topics/measure/partition_scores.h"

#include <algorithm>
#include <cmath>

namespace driftscope::topics {
namespace {

/// Pairs within n elements. Doubles: the products of such sums overflow 64 bits from some 78,000 elements on.
double pairs(double n) {
    return n * (n - 1) / 2;
}

double entropyTerm(double count, double total) {
    return count > 0 ? -count / total * std::log(count / total) : 0;
}

double adjustedRand(double together, double rowPairs, double columnPairs, double total) {
    const double expected = rowPairs * columnPairs / pairs(total);
    const double largest = (rowPairs + columnPairs) / 2;
    // Both partitions are one cluster, or both are all single elements.
    if (largest == expected) return 1;
    return (together - expected) / (largest - expected);
}

}  // namespace

PartitionScores Contingency::scores() const {
    std::vector<double> rowSums(rows(), 0), columnSums(columns_, 0), columnPeaks(columns_, 0);
    double total = 0, together = 0, purity = 0, information = 0;
    for (std::size_t r = 0; r < rows(); ++r) {
        double peak = 0;
        for (std::size_t c = 0; c < columns_; ++c) {
            const auto n = static_cast<double>(at(r, c));
            rowSums[r] += n;
            columnSums[c] += n;
            columnPeaks[c] = std::max(columnPeaks[c], n);
            peak = std::max(peak, n);
            together += pairs(n);
        }
        total += rowSums[r];
        purity += peak;
    }
    if (total == 0) return {};
    PartitionScores scores;
    double rowPairs = 0, columnPairs = 0, rowEntropy = 0, columnEntropy = 0;
    for (const double n : rowSums) rowPairs += pairs(n), rowEntropy += entropyTerm(n, total);
    for (const double n : columnSums) columnPairs += pairs(n), columnEntropy += entropyTerm(n, total);
    for (std::size_t r = 0; r < rows(); ++r)
        for (std::size_t c = 0; c < columns_; ++c)
            if (const auto n = static_cast<double>(at(r, c)); n > 0) information += n / total * std::log(n * total / (rowSums[r] * columnSums[c]));
    scores.ari = total < 2 ? 1 : adjustedRand(together, rowPairs, columnPairs, total);
    scores.nmi = rowEntropy + columnEntropy == 0 ? 1 : std::clamp(2 * information / (rowEntropy + columnEntropy), 0.0, 1.0);
    scores.purity = purity / total;
    for (const double peak : columnPeaks) scores.inversePurity += peak / total;
    scores.p1 = 2 * scores.purity * scores.inversePurity / (scores.purity + scores.inversePurity);
    return scores;
}

PartitionScores partitionScores(std::span<const std::uint32_t> predicted, std::span<const std::uint32_t> actual) {
    std::uint32_t rows = 0, columns = 0;
    for (const std::uint32_t code : predicted) rows = std::max(rows, code + 1);
    for (const std::uint32_t code : actual) columns = std::max(columns, code + 1);
    Contingency table(rows, columns);
    for (std::size_t i = 0; i < predicted.size(); ++i) table.add(predicted[i], actual[i]);
    return table.scores();
}

}  // namespace driftscope::topics
