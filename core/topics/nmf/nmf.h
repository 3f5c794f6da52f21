#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/topics/data/corpus.h"

namespace driftscope::topics {

/// A sparse matrix, documents x words, row by row.
struct SparseRows {
    std::size_t rows = 0, columns = 0;
    std::vector<std::uint64_t> offsets{0};
    std::vector<std::uint32_t> ids;
    std::vector<double> values;
};

/// Counts, or with `tfidf` counts times ln((1 + D) / (1 + D_w)) + 1 in rows of length 1, as scikit-learn weights them.
SparseRows weightedCounts(const Corpus& corpus, bool tfidf);

struct NmfSettings {
    std::size_t topics = 50;
    bool randomStart = false;    ///< else NNDSVD, which gives the same topics for every seed
    std::uint64_t seed = 42;
    double tolerance = 1e-4;     ///< stop when the projected gradient has fallen to this share of the first
};

/// min ||X - W H||^2 with W, H >= 0 by coordinate descent over the entries of each row (Cichocki and Phan 2009; Hsieh and
/// Dhillon 2011), as scikit-learn's solver "cd".
class Nmf {
  public:
    /// Needs topics <= min(rows, columns) unless the start is random. Errors: that, LAPACK.
    static Result<Nmf> make(SparseRows x, const NmfSettings& settings);

    /// One update of W and of H. Returns false once the tolerance is reached.
    bool update();
    std::int64_t iteration() const { return iteration_; }
    bool converged() const { return converged_; }
    double error() const;                                ///< ||X - W H||, Frobenius
    const std::vector<double>& documents() const { return w_; }  ///< W, rows x topics
    const std::vector<double>& words() const { return h_; }      ///< H transposed, columns x topics

    Result<void> save(const std::filesystem::path& folder) const;
    /// Errors: no state, another size.
    Result<void> load(const std::filesystem::path& folder);

  private:
    Nmf(SparseRows x, const NmfSettings& settings);
    SparseRows x_, transposed_;
    NmfSettings settings_;
    std::vector<double> w_, h_;
    std::int64_t iteration_ = 0;
    double firstViolation_ = 0;
    bool converged_ = false;
};

/// Non-negative start from the leading singular triplets (Boutsidis and Gallopoulos 2008): W (rows x topics) and H
/// transposed (columns x topics). Triplets come from subspace iteration with a seed of its own. Errors: LAPACK.
Result<std::pair<std::vector<double>, std::vector<double>>> nndsvd(const SparseRows& x, const SparseRows& transposed, std::size_t topics);

/// out (rows x width) = x · right (columns x width).
std::vector<double> multiply(const SparseRows& x, const std::vector<double>& right, std::size_t width);

}  // namespace driftscope::topics
