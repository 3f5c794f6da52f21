#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/embed/umap.h"
#include "core/embed/workers.h"

namespace driftscope::embed {
namespace {

constexpr double kSmallestScale = 1e-3;  // of the mean distance, umap-learn's MIN_K_DIST_SCALE
constexpr int kNewtonSteps = 64;

/// The bandwidth at which the memberships of one row sum to log2(neighbors); `beyond` are distances past the nearest one.
/// The sum grows with the bandwidth, so Newton's step is kept inside a shrinking bracket.
double bandwidth(std::span<const double> beyond, double target) {
    double low = 0, high = std::numeric_limits<double>::infinity(), at = 1;
    for (int step = 0; step < kNewtonSteps; ++step) {
        double sum = 0, slope = 0;
        for (const double d : beyond) {
            const double e = d > 0 ? std::exp(-d / at) : 1.0;
            sum += e;
            if (d > 0) slope += e * d / (at * at);
        }
        if (std::abs(sum - target) < 1e-6) break;
        (sum > target ? high : low) = at;
        const double newton = slope > 0 ? at - (sum - target) / slope : -1;
        const double middle = std::isinf(high) ? 2 * at : (low + high) / 2;
        at = newton > low && newton < high ? newton : middle;
    }
    return at;
}

/// Directed memberships of each row's neighbours, rows x (neighbors - 1).
std::vector<float> memberships(const NeighborTable& table, std::size_t neighbors, Workers& workers) {
    const std::size_t k = neighbors - 1;
    double overall = 0;
    for (std::size_t row = 0; row < table.rows; ++row)
        for (const float d : table.distancesOf(row).first(k)) overall += d;
    overall /= static_cast<double>(table.rows * neighbors);
    std::vector<float> out(table.rows * k);
    workers.forBlocks(table.rows, 1024, [&](std::size_t begin, std::size_t end) {
        std::vector<double> beyond(k);
        for (std::size_t row = begin; row < end; ++row) {
            const auto distances = table.distancesOf(row).first(k);
            const auto nearest = std::find_if(distances.begin(), distances.end(), [](float d) { return d > 0; });
            const double rho = nearest == distances.end() ? 0.0 : *nearest;
            for (std::size_t i = 0; i < k; ++i) beyond[i] = distances[i] - rho;
            const double mean = std::accumulate(distances.begin(), distances.end(), 0.0) / static_cast<double>(neighbors);
            const double sigma = std::max(bandwidth(beyond, std::log2(static_cast<double>(neighbors))), kSmallestScale * (rho > 0 ? mean : overall));
            for (std::size_t i = 0; i < k; ++i)
                out[row * k + i] = beyond[i] <= 0 || sigma == 0 ? 1.0f : static_cast<float>(std::exp(-beyond[i] / sigma));
        }
    });
    return out;
}

struct Edge {
    std::uint32_t target;
    float weight;
};

}  // namespace

FuzzyGraph fuzzyGraph(const NeighborTable& table, std::size_t neighbors, Workers& workers) {
    const std::size_t k = neighbors - 1, rows = table.rows;
    const std::vector<float> weights = memberships(table, neighbors, workers);
    // Both directions of every edge, grouped by row: first the incoming ones (ascending by construction), then the row's own.
    std::vector<std::size_t> starts(rows + 1);
    for (std::size_t row = 0; row < rows; ++row)
        for (const std::uint32_t near : table.of(row).first(k)) ++starts[near + 1];
    for (std::size_t row = 0; row < rows; ++row) starts[row + 1] += starts[row];
    std::vector<Edge> incoming(starts.back());
    std::vector<std::size_t> next(starts.begin(), starts.end() - 1);
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t i = 0; i < k; ++i) incoming[next[table.of(row)[i]]++] = {static_cast<std::uint32_t>(row), weights[row * k + i]};

    FuzzyGraph out;
    out.starts.push_back(0);
    std::vector<Edge> own(k);
    const auto add = [&](std::uint32_t target, float weight) {
        if (weight <= 0) return;  // a membership that underflowed is no edge
        out.targets.push_back(target);
        out.weights.push_back(weight);
    };
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t i = 0; i < k; ++i) own[i] = {table.of(row)[i], weights[row * k + i]};
        std::sort(own.begin(), own.end(), [](const Edge& a, const Edge& b) { return a.target < b.target; });
        std::size_t a = 0, b = starts[row];
        while (a < k || b < starts[row + 1]) {
            if (b == starts[row + 1] || (a < k && own[a].target < incoming[b].target)) {
                add(own[a].target, own[a].weight), ++a;
            } else if (a == k || incoming[b].target < own[a].target) {
                add(incoming[b].target, incoming[b].weight), ++b;
            } else {
                add(own[a].target, own[a].weight + incoming[b].weight - own[a].weight * incoming[b].weight), ++a, ++b;
            }
        }
        out.starts.push_back(out.targets.size());
    }
    return out;
}

UmapCurve fitCurve(double spread, double minDist) {
    constexpr int kPoints = 300;
    double a = 1, b = 1, damping = 1e-3, best = std::numeric_limits<double>::infinity();
    double tryA = a, tryB = b;
    std::array<double, 5> normal{};  // J'J (aa, ab, bb) and J'r (a, b) at the accepted point
    for (int step = 0; step < 500; ++step) {  // Levenberg-Marquardt in two unknowns
        std::array<double, 5> sums{};
        double error = 0;
        for (int i = 1; i < kPoints; ++i) {
            const double x = 3 * spread * i / (kPoints - 1), power = std::pow(x, 2 * tryB), f = 1 / (1 + tryA * power);
            const double r = (x < minDist ? 1.0 : std::exp(-(x - minDist) / spread)) - f;
            const double da = -f * f * power, db = -f * f * tryA * power * 2 * std::log(x);
            error += r * r;
            sums[0] += da * da, sums[1] += da * db, sums[2] += db * db, sums[3] += da * r, sums[4] += db * r;
        }
        if (error < best) {
            const bool settled = best - error < 1e-15 * error;
            a = tryA, b = tryB, best = error, normal = sums, damping = std::max(damping / 10, 1e-12);
            if (settled) break;
        } else {
            damping *= 10;
            if (damping > 1e12) break;
        }
        const double aa = normal[0] * (1 + damping), bb = normal[2] * (1 + damping), det = aa * bb - normal[1] * normal[1];
        tryA = a + (bb * normal[3] - normal[1] * normal[4]) / det;
        tryB = b + (aa * normal[4] - normal[1] * normal[3]) / det;
    }
    return {a, b};
}

}  // namespace driftscope::embed
