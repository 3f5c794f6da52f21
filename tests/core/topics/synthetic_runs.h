#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/base/fingerprint.h"
#include "core/topics/data/topic_run.h"

namespace driftscope::topics {

/// A run with random rows that sum to 1: the same for the same seed.
inline TopicRun randomRun(std::size_t topics, std::size_t words, std::size_t documents, std::uint64_t seed) {
    TopicRun run;
    const auto fill = [&](Matrix& matrix, std::size_t rows, std::size_t columns, std::uint64_t stream) {
        matrix = Matrix(rows, columns);
        for (std::size_t r = 0; r < rows; ++r) {
            double sum = 0;
            for (std::size_t c = 0; c < columns; ++c) sum += matrix(r, c) = static_cast<float>(std::pow(randomUnit(seed, stream, r * columns + c), 8));
            for (float& value : matrix.row(r)) value = static_cast<float>(value / sum);
        }
    };
    fill(run.beta, topics, words, 1);
    fill(run.theta, documents, topics, 2);
    for (std::size_t w = 0; w < words; ++w) run.vocabulary.push_back("w" + std::to_string(w));
    return run;
}

/// The same run with its topics in another order: topic k becomes order[k].
inline TopicRun permuted(const TopicRun& run, const std::vector<std::uint32_t>& order) {
    TopicRun out = run;
    for (std::size_t k = 0; k < run.topics(); ++k) {
        std::copy(run.beta.row(k).begin(), run.beta.row(k).end(), out.beta.row(order[k]).begin());
        for (std::size_t d = 0; d < run.theta.rows; ++d) out.theta(d, order[k]) = run.theta(d, k);
    }
    return out;
}

inline std::vector<std::uint32_t> shuffledOrder(std::size_t n, std::uint64_t seed) {
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[randomBits(seed, 9, i) % i]);
    return order;
}

}  // namespace driftscope::topics
