#include "core/cells/analysis/mmd.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/fingerprint.h"

namespace driftscope::cells {
namespace {

double squaredDistance(const Matrix& features, std::uint32_t i, std::uint32_t j) {
    const auto a = features.row(i), b = features.row(j);
    double sum = 0;
    for (std::size_t c = 0; c < a.size(); ++c) {
        const double d = static_cast<double>(a[c]) - b[c];
        sum += d * d;
    }
    return sum;
}

/// `count` of the rows, drawn without replacement; ascending.
std::vector<std::uint32_t> draw(std::span<const std::uint32_t> rows, std::size_t count, std::uint64_t seed, std::uint64_t stream) {
    std::vector<std::uint32_t> out(rows.begin(), rows.end());
    if (count >= out.size()) return out;
    for (std::size_t i = 0; i < count; ++i) std::swap(out[i], out[i + static_cast<std::size_t>(randomUnit(seed, stream, i) * static_cast<double>(out.size() - i))]);
    out.resize(count);
    std::ranges::sort(out);
    return out;
}

/// Unbiased MMD^2 for the first `na` of `order` against the rest. The sums over all pairs do not change between
/// permutations: only those within the first group and what its rows sum to have to be found.
class Estimator {
  public:
    Estimator(const Matrix& features, const std::vector<std::uint32_t>& rows, double bandwidth) : size_(rows.size()), kernel_(size_ * size_), sums_(size_) {
        for (std::size_t i = 0; i < size_; ++i)
            for (std::size_t j = i + 1; j < size_; ++j) {
                const double value = std::exp(-squaredDistance(features, rows[i], rows[j]) / (2 * bandwidth));
                kernel_[i * size_ + j] = kernel_[j * size_ + i] = static_cast<float>(value);
                sums_[i] += value;
                sums_[j] += value;
            }
        total_ = std::accumulate(sums_.begin(), sums_.end(), 0.0);
    }

    double operator()(std::span<const std::uint32_t> first) const {
        const auto na = static_cast<double>(first.size()), nb = static_cast<double>(size_ - first.size());
        double within = 0, touching = 0;
        for (const std::uint32_t i : first) {
            const float* row = kernel_.data() + i * size_;
            double sum = 0;
            for (const std::uint32_t j : first) sum += row[j];
            within += sum;
            touching += sums_[i];
        }
        const double between = touching - within, other = total_ - within - 2 * between;
        return within / (na * (na - 1)) + other / (nb * (nb - 1)) - 2 * between / (na * nb);
    }

  private:
    std::size_t size_;
    std::vector<float> kernel_;
    std::vector<double> sums_;
    double total_ = 0;
};

}  // namespace

double medianSquaredDistance(const Matrix& features, std::span<const std::uint32_t> rows, std::size_t most) {
    const std::size_t count = std::min(most, rows.size());
    std::vector<double> distances;
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = i + 1; j < count; ++j) distances.push_back(squaredDistance(features, rows[i * rows.size() / count], rows[j * rows.size() / count]));
    if (distances.empty()) return 0;
    const std::size_t half = distances.size() / 2;
    std::nth_element(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(half), distances.end());
    const double upper = distances[half];
    if (distances.size() % 2 == 1) return upper;
    return (upper + *std::max_element(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(half))) / 2;
}

Result<Mmd> mmd(const Matrix& features, std::span<const std::uint32_t> a, std::span<const std::uint32_t> b, const MmdOptions& options,
                const embed::Monitor& monitor) {
    const std::size_t least = std::max<std::size_t>(options.leastCells, 2);
    if (a.size() < least || b.size() < least)
        return fail(ErrorCode::BadInput, fmt::format("The groups have {} and {} cells; the comparison needs {} in each.", a.size(), b.size(), least), "Lower min_cells, or pool groups.");
    const std::size_t most = options.balance ? std::min({options.mostCells, a.size(), b.size()}) : options.mostCells;
    std::vector<std::uint32_t> rows = draw(a, most, options.seed, 41);
    const std::size_t na = rows.size();
    const std::vector<std::uint32_t> second = draw(b, most, options.seed, 42);
    rows.insert(rows.end(), second.begin(), second.end());
    Mmd out;
    out.a = na;
    out.b = second.size();
    out.bandwidth = options.bandwidth > 0 ? options.bandwidth : medianSquaredDistance(features, rows, options.bandwidthCells);
    if (!(out.bandwidth > 0)) return fail(ErrorCode::BadInput, "Half of the cells have the same features: there is no scale to compare them on.", "Give a bandwidth, or other features.");
    const Estimator estimate(features, rows, out.bandwidth);
    std::vector<std::uint32_t> order(rows.size());
    std::iota(order.begin(), order.end(), 0u);
    out.squared = estimate({order.data(), na});
    out.effect = out.squared / out.bandwidth;
    double sum = 0, square = 0;
    std::size_t atLeast = 0;
    for (std::size_t k = 0; k < options.permutations; ++k) {
        if (monitor.cancelled()) return embed::Monitor::stopped();
        monitor.report(static_cast<double>(k), static_cast<double>(options.permutations), "permutation");
        // A fresh draw of which cells are called the first group.
        for (std::size_t i = 0; i < na; ++i)
            std::swap(order[i], order[i + static_cast<std::size_t>(randomUnit(options.seed, 100 + k, i) * static_cast<double>(order.size() - i))]);
        const double value = estimate({order.data(), na});
        sum += value;
        square += value * value;
        atLeast += value >= out.squared;
    }
    if (options.permutations < 2) return out;
    const auto count = static_cast<double>(options.permutations);
    const double deviation = std::sqrt(std::max(0.0, square / count - sum / count * (sum / count)));
    out.z = deviation > 0 ? (out.squared - sum / count) / deviation : 0;
    out.p = (static_cast<double>(atLeast) + 1) / (count + 1);
    return out;
}

}  // namespace driftscope::cells
