#include "core/cells/analysis/smoothness.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

namespace driftscope::cells {
namespace {

constexpr std::uint32_t kSeed = 42;           // the reference's
constexpr std::size_t kPairsPerBatch = 10'000;  // its draws come in batches, which fixes their order
constexpr std::size_t kDensityPoints = 1'000;
constexpr double kPeakShare = 0.1;  // peaks below a tenth of the highest do not count

/// np.random.RandomState.randint: the legacy generator with masked rejection.
class LegacyIntegers {
  public:
    explicit LegacyIntegers(std::size_t count) : last_(static_cast<std::uint32_t>(count - 1)) {
        while (mask_ < last_) mask_ = mask_ << 1 | 1;
    }
    std::size_t next() {
        if (last_ == 0) return 0;
        std::uint32_t value = 0;
        do value = static_cast<std::uint32_t>(generator_()) & mask_;
        while (value > last_);
        return value;
    }

  private:
    std::mt19937 generator_{kSeed};
    std::uint32_t last_;
    std::uint32_t mask_ = 0;
};

/// sklearn's StandardScaler in double: population deviation, constant columns are only centred.
std::vector<double> standardise(const Matrix& features) {
    const std::size_t rows = features.rows, columns = features.columns;
    std::vector<double> scaled(rows * columns);
    for (std::size_t c = 0; c < columns; ++c) {
        double mean = 0, square = 0;
        for (std::size_t r = 0; r < rows; ++r) mean += features(r, c);
        mean /= static_cast<double>(rows);
        for (std::size_t r = 0; r < rows; ++r) square += (features(r, c) - mean) * (features(r, c) - mean);
        const double deviation = std::sqrt(square / static_cast<double>(rows));
        const double scale = deviation > 1e-12 * std::max(1.0, std::abs(mean)) ? deviation : 1.0;
        for (std::size_t r = 0; r < rows; ++r) scaled[r * columns + c] = (features(r, c) - mean) / scale;
    }
    return scaled;
}

double cosineDistance(const double* a, const double* b, std::size_t columns) {
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < columns; ++i) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    const double norm = std::sqrt(aa) * std::sqrt(bb);
    return norm > 0 ? 1 - ab / norm : 1;
}

/// Pairs drawn as the reference draws them: all i of a batch, all j, then the equal ones again.
std::vector<std::pair<std::size_t, std::size_t>> randomPairs(std::size_t rows, std::size_t count) {
    LegacyIntegers integers(rows);
    std::vector<std::pair<std::size_t, std::size_t>> pairs(count);
    for (std::size_t begin = 0; begin < count; begin += kPairsPerBatch) {
        const std::size_t end = std::min(count, begin + kPairsPerBatch);
        for (std::size_t k = begin; k < end; ++k) pairs[k].first = integers.next();
        for (std::size_t k = begin; k < end; ++k) pairs[k].second = integers.next();
        for (bool again = true; again;) {
            again = false;
            std::vector<std::size_t> equal;
            for (std::size_t k = begin; k < end; ++k)
                if (pairs[k].first == pairs[k].second) equal.push_back(k);
            for (const std::size_t k : equal) pairs[k].second = integers.next();
            again = !equal.empty();
        }
    }
    return pairs;
}

double mean(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// scipy's gaussian_kde (Scott's rule) on 1,000 points from minimum to maximum: the place of its highest inner peak, or of
/// its largest value when there is none.
double densityPeak(const std::vector<double>& values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const double centre = mean(values), n = static_cast<double>(values.size());
    double square = 0;
    for (const double value : values) square += (value - centre) * (value - centre);
    const double width = std::sqrt(square / (n - 1)) * std::pow(n, -0.2);
    if (!(width > 0)) return centre;
    std::vector<double> density(kDensityPoints, 0.0);
    const auto place = [&](std::size_t i) { return *low + (*high - *low) * static_cast<double>(i) / (kDensityPoints - 1); };
    for (std::size_t i = 0; i < kDensityPoints; ++i)
        for (const double value : values) density[i] += std::exp(-0.5 * std::pow((place(i) - value) / width, 2));
    const auto top = static_cast<std::size_t>(std::max_element(density.begin(), density.end()) - density.begin());
    std::size_t best = kDensityPoints;
    for (std::size_t i = 1; i + 1 < kDensityPoints; ++i)
        if (density[i] > density[i - 1] && density[i] > density[i + 1] && density[i] >= kPeakShare * density[top] &&
            (best == kDensityPoints || density[i] > density[best]))
            best = i;
    return place(best == kDensityPoints ? top : best);
}

}  // namespace

Result<Smoothness> smoothness(const Matrix& features, const std::vector<std::int64_t>& entity) {
    if (features.rows != entity.size())
        return fail(ErrorCode::Internal, fmt::format("{} feature rows but {} track ids.", features.rows, entity.size()));
    if (features.rows < 2) return fail(ErrorCode::BadInput, "Smoothness needs at least two cells.");
    const std::vector<double> scaled = standardise(features);
    const auto distance = [&](std::size_t a, std::size_t b) {
        return cosineDistance(scaled.data() + a * features.columns, scaled.data() + b * features.columns, features.columns);
    };
    std::vector<double> adjacent, random;
    std::map<std::int64_t, std::size_t> last;
    for (std::size_t row = 0; row < entity.size(); ++row) {
        const auto [before, isNew] = last.try_emplace(entity[row], row);
        if (!isNew) adjacent.push_back(distance(before->second, row));
        before->second = row;
    }
    if (adjacent.size() < 2) return fail(ErrorCode::BadInput, "Smoothness needs tracks of two or more frames.", "Check the tracks.");
    for (const auto& [a, b] : randomPairs(features.rows, adjacent.size())) random.push_back(distance(a, b));
    Smoothness result;
    result.pairs = adjacent.size();
    result.adjacentMean = mean(adjacent);
    result.randomMean = mean(random);
    result.score = result.adjacentMean / result.randomMean;
    result.dynamicRange = densityPeak(random) - densityPeak(adjacent);
    return result;
}

}  // namespace driftscope::cells
