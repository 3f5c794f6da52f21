#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/embed/linear_algebra.h"
#include "core/embed/phate.h"
#include "core/embed/workers.h"

namespace driftscope::embed {
namespace {

constexpr std::size_t kMostIterations = 500;
constexpr double kLeastGain = 1e-6;  // of the stress, per iteration
constexpr std::size_t kGrain = 16;   // rows; sums are taken block by block, so that any number of workers gives the same bytes

/// Classical scaling (Torgerson 1952): principal axes of the doubly centred squared distances.
Result<std::vector<double>> classical(const std::vector<double>& distances, std::size_t size, std::size_t components) {
    std::vector<double> centred(size * size), means(size);
    double mean = 0;
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j) means[i] += distances[i * size + j] * distances[i * size + j];
        means[i] /= static_cast<double>(size);
        mean += means[i] / static_cast<double>(size);
    }
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j) centred[i * size + j] = -0.5 * (distances[i * size + j] * distances[i * size + j] - means[i] - means[j] + mean);
    DS_ASSIGN(const EigenPairs pairs, largestEigenPairs(std::move(centred), size, std::min(components, size)));
    std::vector<double> out(size * components);
    for (std::size_t k = 0; k < pairs.values.size(); ++k)
        for (std::size_t i = 0; i < size; ++i) out[i * components + k] = pairs.vectors[k * size + i] * std::sqrt(std::max(pairs.values[k], 0.0));
    return out;
}

struct Step {
    double squaredError = 0;
    double squares = 0;
};

/// One Guttman transform of `from` into `to`; returns the stress of `from`.
Step guttman(const std::vector<double>& distances, std::size_t size, std::size_t axes, const std::vector<double>& from, std::vector<double>& to, Workers& workers) {
    const std::size_t blocks = (size + kGrain - 1) / kGrain;
    std::vector<Step> parts(blocks);
    workers.forBlocks(size, kGrain, [&](std::size_t begin, std::size_t end) {
        Step& part = parts[begin / kGrain];
        for (std::size_t i = begin; i < end; ++i) {
            double* into = to.data() + i * axes;
            std::fill_n(into, axes, 0.0);
            for (std::size_t j = 0; j < size; ++j) {
                if (i == j) continue;
                double square = 0;
                for (std::size_t a = 0; a < axes; ++a) square += (from[i * axes + a] - from[j * axes + a]) * (from[i * axes + a] - from[j * axes + a]);
                const double shown = std::sqrt(square), wanted = distances[i * size + j];
                part.squaredError += (shown - wanted) * (shown - wanted);
                part.squares += wanted * wanted;
                const double ratio = shown > 0 ? wanted / shown : 0;
                for (std::size_t a = 0; a < axes; ++a) into[a] += ratio * (from[i * axes + a] - from[j * axes + a]);
            }
            for (std::size_t a = 0; a < axes; ++a) into[a] /= static_cast<double>(size);
        }
    });
    Step sum;
    for (const Step& part : parts) {
        sum.squaredError += part.squaredError;
        sum.squares += part.squares;
    }
    return sum;
}

/// Turns the picture so that its widest axis comes first; on each axis the point farthest out lies on the positive side.
Result<void> turnToAxes(std::vector<double>& positions, std::size_t size, std::size_t axes) {
    std::vector<double> means(axes);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t a = 0; a < axes; ++a) means[a] += positions[i * axes + a] / static_cast<double>(size);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t a = 0; a < axes; ++a) positions[i * axes + a] -= means[a];
    std::vector<double> gram(axes * axes);
    addGram(gram, positions, size, axes);
    DS_ASSIGN(const EigenPairs pairs, largestEigenPairs(std::move(gram), axes, axes));
    std::vector<double> turned(size * axes);
    multiplyTransposed(positions.data(), pairs.vectors.data(), turned.data(), size, axes, axes);
    for (std::size_t a = 0; a < axes; ++a) {
        double farthest = 0;
        for (std::size_t i = 0; i < size; ++i)
            if (std::abs(turned[i * axes + a]) > std::abs(farthest)) farthest = turned[i * axes + a];
        for (std::size_t i = 0; farthest < 0 && i < size; ++i) turned[i * axes + a] = -turned[i * axes + a];
    }
    positions = std::move(turned);
    return {};
}

}  // namespace

Result<ScaledPicture> scaleDistances(const std::vector<double>& distances, std::size_t size, std::size_t components, Workers& workers, const Monitor& monitor) {
    ScaledPicture out;
    DS_ASSIGN(out.positions, classical(distances, size, components));
    std::vector<double> next(out.positions.size());
    double before = std::numeric_limits<double>::infinity();
    for (; out.iterations < kMostIterations; ++out.iterations) {
        if (monitor.cancelled()) return Monitor::stopped();
        monitor.report(static_cast<double>(out.iterations), kMostIterations, "layout");
        const Step step = guttman(distances, size, components, out.positions, next, workers);
        out.stress = step.squares > 0 ? step.squaredError / step.squares : 0;
        if (before - out.stress <= kLeastGain * before && std::isfinite(before)) break;
        before = out.stress;
        std::swap(out.positions, next);
    }
    DS_TRY(turnToAxes(out.positions, size, components));
    return out;
}

}  // namespace driftscope::embed
