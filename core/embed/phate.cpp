#include "core/embed/phate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/fingerprint.h"
#include "core/embed/linear_algebra.h"
#include "core/embed/panels.h"
#include "core/embed/standardizer.h"
#include "core/embed/workers.h"

namespace driftscope::embed {
namespace {

constexpr double kSmallPotential = 1e-7;  // added before the logarithm, as in phate
constexpr std::size_t kAveragings = 4;    // of k-means: groups need not be the best ones
constexpr std::size_t kGrain = 256;
constexpr std::size_t kMostLandmarks = 10'000;

/// A symmetric kernel between rows or groups, and how rows see the groups (row-normalised; empty when rows are groups).
struct Diffusion {
    std::size_t size = 0;
    std::vector<double> kernel;   ///< size x size
    std::vector<double> degrees;  ///< sums of its rows
    SparseKernel toGroups;        ///< rows x groups, not square
};

Diffusion ofRows(const SparseKernel& kernel) {
    Diffusion out;
    out.size = kernel.rows();
    out.kernel.resize(out.size * out.size);
    out.degrees.resize(out.size);
    for (std::size_t row = 0; row < out.size; ++row)
        for (std::size_t at = kernel.starts[row]; at < kernel.starts[row + 1]; ++at) {
            out.kernel[row * out.size + kernel.targets[at]] = kernel.weights[at];
            out.degrees[row] += kernel.weights[at];
        }
    return out;
}

/// k-means from distinct random rows; every group keeps at least one row.
Result<std::vector<std::uint32_t>> groupRows(const Matrix& features, std::size_t groups, std::uint64_t seed, Workers& workers, const Monitor& monitor) {
    std::vector<std::uint32_t> shuffled(features.rows);
    std::iota(shuffled.begin(), shuffled.end(), 0u);
    for (std::size_t i = 0; i < groups; ++i) std::swap(shuffled[i], shuffled[i + static_cast<std::size_t>(randomUnit(seed, 31, i) * static_cast<double>(features.rows - i))]);
    Matrix centres(groups, features.columns);
    for (std::size_t i = 0; i < groups; ++i) std::ranges::copy(features.row(shuffled[i]), centres.row(i).begin());
    std::vector<std::uint32_t> group(features.rows);
    std::vector<std::uint32_t> all(groups);
    std::iota(all.begin(), all.end(), 0u);
    for (std::size_t round = 0; round <= kAveragings; ++round) {
        monitor.report(static_cast<double>(round), kAveragings, "landmarks");
        const Panels panels(centres, {all});
        workers.forBlocks(features.rows, kGrain, [&](std::size_t begin, std::size_t end) {
            if (monitor.cancelled()) return;
            std::vector<std::uint32_t> queries(end - begin);
            std::iota(queries.begin(), queries.end(), static_cast<std::uint32_t>(begin));
            NearestLists nearest(features, queries, 1, false);
            nearest.offer(panels, 0, panels.count());
            for (std::size_t i = 0; i < queries.size(); ++i) group[queries[i]] = nearest.ids(i)[0];
        });
        if (monitor.cancelled()) return Monitor::stopped();
        if (round == kAveragings) break;
        std::vector<double> sums(groups * features.columns);
        std::vector<std::size_t> counts(groups);
        for (std::size_t row = 0; row < features.rows; ++row) {
            ++counts[group[row]];
            for (std::size_t c = 0; c < features.columns; ++c) sums[group[row] * features.columns + c] += features(row, c);
        }
        for (std::size_t g = 0; g < groups; ++g)
            for (std::size_t c = 0; counts[g] > 0 && c < features.columns; ++c) centres(g, c) = static_cast<float>(sums[g * features.columns + c] / static_cast<double>(counts[g]));
    }
    // Groups that lost all rows vanish: the rest is numbered anew.
    std::vector<std::uint32_t> number(groups, Panels::kNone);
    std::uint32_t next = 0;
    for (std::uint32_t& one : group) {
        if (number[one] == Panels::kNone) number[one] = next++;
        one = number[one];
    }
    return group;
}

/// Kernel between groups through all rows: M D^-1 M^T, where M sums the kernel over the rows of a group and D is what a row
/// sends to all groups. Its diffusion is graphtools' landmark operator.
Diffusion ofGroups(const SparseKernel& kernel, const std::vector<std::uint32_t>& group) {
    Diffusion out;
    out.size = static_cast<std::size_t>(*std::ranges::max_element(group)) + 1;
    out.kernel.resize(out.size * out.size);
    out.degrees.resize(out.size);
    out.toGroups.starts = {0};
    std::vector<double> sums(out.size);
    for (std::size_t row = 0; row < kernel.rows(); ++row) {
        std::vector<std::uint32_t> touched;
        double total = 0;
        for (std::size_t at = kernel.starts[row]; at < kernel.starts[row + 1]; ++at) {
            const std::uint32_t to = group[kernel.targets[at]];
            if (sums[to] == 0) touched.push_back(to);
            sums[to] += kernel.weights[at];
            total += kernel.weights[at];
        }
        std::ranges::sort(touched);
        for (const std::uint32_t a : touched)
            for (const std::uint32_t b : touched) out.kernel[a * out.size + b] += sums[a] * sums[b] / total;
        for (const std::uint32_t to : touched) {
            out.toGroups.targets.push_back(to);
            out.toGroups.weights.push_back(sums[to] / total);
            out.degrees[to] += sums[to];
            sums[to] = 0;
        }
        out.toGroups.starts.push_back(out.toGroups.targets.size());
    }
    return out;
}

/// Eigenpairs of D^-1/2 K D^-1/2, whose powers are those of the diffusion.
Result<EigenPairs> modes(const Diffusion& diffusion) {
    std::vector<double> scaled(diffusion.kernel);
    for (std::size_t i = 0; i < diffusion.size; ++i)
        for (std::size_t j = 0; j < diffusion.size; ++j) scaled[i * diffusion.size + j] /= std::sqrt(diffusion.degrees[i] * diffusion.degrees[j]);
    return largestEigenPairs(std::move(scaled), diffusion.size, diffusion.size);
}

std::vector<double> entropies(const std::vector<double>& eigenvalues, std::size_t steps) {
    std::vector<double> power(eigenvalues.size(), 1.0), out;
    for (std::size_t step = 0; step < steps; ++step) {
        double total = 0, entropy = 0;
        for (std::size_t i = 0; i < power.size(); ++i) total += power[i] *= std::abs(eigenvalues[i]);
        for (const double value : power) {
            const double share = value / total + std::numeric_limits<double>::epsilon();
            entropy -= share * std::log(share);
        }
        out.push_back(entropy);
    }
    return out;
}

/// Distances between the rows of -log(P^time).
std::vector<double> potentialDistances(const Diffusion& diffusion, const EigenPairs& pairs, std::size_t time, Workers& workers) {
    const std::size_t n = diffusion.size;
    std::vector<double> left(n * n), right(n * n), potential(n * n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < n; ++k) {
            const double value = pairs.vectors[k * n + i];
            left[i * n + k] = value * std::pow(pairs.values[k], static_cast<double>(time)) / std::sqrt(diffusion.degrees[i]);
            right[i * n + k] = value * std::sqrt(diffusion.degrees[i]);
        }
    multiplyTransposed(left.data(), right.data(), potential.data(), n, n, n);
    for (double& value : potential) value = -std::log(std::max(value, 0.0) + kSmallPotential);
    std::vector<double>& distances = left;
    multiplyTransposed(potential.data(), potential.data(), distances.data(), n, n, n);
    std::vector<double> squares(n);
    for (std::size_t i = 0; i < n; ++i) squares[i] = distances[i * n + i];
    workers.forBlocks(n, 32, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            for (std::size_t j = 0; j < n; ++j) distances[i * n + j] = i == j ? 0 : std::sqrt(std::max(0.0, squares[i] + squares[j] - 2 * distances[i * n + j]));
    });
    return std::move(left);
}

Matrix spreadToRows(const SparseKernel& toGroups, const std::vector<double>& positions, std::size_t rows, std::size_t axes) {
    Matrix out(rows, axes);
    const bool grouped = !toGroups.starts.empty();
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t axis = 0; axis < axes; ++axis) {
            double sum = 0;
            if (!grouped) sum = positions[row * axes + axis];
            for (std::size_t at = grouped ? toGroups.starts[row] : 0; grouped && at < toGroups.starts[row + 1]; ++at)
                sum += toGroups.weights[at] * positions[toGroups.targets[at] * axes + axis];
            out(row, axis) = static_cast<float>(sum);
        }
    return out;
}

Result<void> check(const PhateOptions& options) {
    if (options.components < 1 || options.components > 16 || !(options.decay > 0) || options.landmarks < 2 || options.landmarks > kMostLandmarks || options.mostTime < 4)
        return fail(ErrorCode::BadInput, "A parameter of PHATE is out of range.", fmt::format("1 to 16 components, a positive decay, 2 to {} landmarks, at least 4 steps.", kMostLandmarks));
    return {};
}

}  // namespace

std::size_t kneePoint(const std::vector<double>& curve) {
    const auto error = [&](std::size_t begin, std::size_t end) {
        double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
        for (std::size_t i = begin; i < end; ++i) {
            const auto x = static_cast<double>(i);
            n += 1;
            sx += x;
            sy += curve[i];
            sxx += x * x;
            sxy += x * curve[i];
        }
        const double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx), level = (sy - slope * sx) / n;
        double sum = 0;
        for (std::size_t i = begin; i < end; ++i) sum += std::abs(level + slope * static_cast<double>(i) - curve[i]);
        return sum;
    };
    std::size_t best = 1;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t at = 1; at + 1 < curve.size(); ++at)
        if (const double sum = error(0, at + 1) + error(at, curve.size()); sum < least) {
            least = sum;
            best = at;
        }
    return best;
}

Result<PhatePotential> phatePotential(const Matrix& features, const PhateOptions& options, Workers& workers, const Monitor& monitor) {
    DS_TRY(requireFinite(features, "The features"));
    DS_TRY(check(options));
    DS_ASSIGN(const SparseKernel kernel, alphaDecayKernel(features, options, workers, monitor));
    Diffusion diffusion;
    if (features.rows <= options.landmarks) {
        diffusion = ofRows(kernel);
    } else {
        DS_ASSIGN(const std::vector<std::uint32_t> group, groupRows(features, options.landmarks, options.seed, workers, monitor));
        diffusion = ofGroups(kernel, group);
    }
    if (monitor.cancelled()) return Monitor::stopped();
    monitor.report(0, 3, "diffusion");
    DS_ASSIGN(const EigenPairs pairs, modes(diffusion));
    PhatePotential out;
    out.size = diffusion.size;
    out.entropy = entropies(pairs.values, options.mostTime);
    out.time = options.time > 0 ? options.time : kneePoint(out.entropy);
    if (monitor.cancelled()) return Monitor::stopped();
    monitor.report(1, 3, "diffusion");
    out.distances = potentialDistances(diffusion, pairs, out.time, workers);
    out.toGroups = std::move(diffusion.toGroups);
    monitor.report(3, 3, "diffusion");
    return out;
}

Result<Phate> phate(const Matrix& features, const PhateOptions& options, Workers& workers, const Monitor& monitor) {
    DS_ASSIGN(PhatePotential potential, phatePotential(features, options, workers, monitor));
    DS_ASSIGN(const ScaledPicture scaled, scaleDistances(potential.distances, potential.size, options.components, workers, monitor));
    return Phate{spreadToRows(potential.toGroups, scaled.positions, features.rows, options.components), potential.time, std::move(potential.entropy), potential.size, scaled.stress};
}

}  // namespace driftscope::embed
