#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/fingerprint.h"
#include "core/embed/pca.h"
#include "core/embed/umap.h"
#include "core/embed/umap_pieces.h"
#include "core/embed/workers.h"

namespace driftscope::embed {
namespace {

constexpr std::size_t kPcaRows = 20'000;     // enough for a starting picture
constexpr std::size_t kAveragings = 60;
constexpr std::size_t kPerOrthogonal = 5;    // averagings between two orthogonalisations
constexpr float kWidth = 10;                 // of the start along each axis, as in umap-learn
constexpr float kJitter = 1e-3f;

Matrix randomStart(std::size_t rows, std::size_t axes, std::uint64_t seed) {
    Matrix out(rows, axes);
    for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = static_cast<float>(randomUnit(seed, 21, i));
    return out;
}

Result<Matrix> componentStart(const Matrix& features, const UmapOptions& options, const Monitor& monitor) {
    const std::size_t axes = std::min({options.components, features.columns, features.rows});
    DS_ASSIGN(const Pca pca, Pca::fit(features, {.components = axes, .maxRows = kPcaRows}, {monitor.stop, {}}));
    const Matrix scores = pca.transform(features);
    Matrix out = randomStart(features.rows, options.components, options.seed);  // axes that the features do not have
    for (std::size_t row = 0; row < out.rows; ++row) std::copy_n(scores.row(row).begin(), axes, out.row(row).begin());
    return out;
}

std::vector<double> degrees(const FuzzyGraph& graph) {
    std::vector<double> out(graph.rows());
    for (std::size_t row = 0; row < out.size(); ++row)
        for (std::size_t e = graph.starts[row]; e < graph.starts[row + 1]; ++e) out[row] += graph.weights[e];
    return out;
}

/// Makes the columns orthonormal and free of a constant, weighted by degree (modified Gram-Schmidt).
void orthonormalise(Matrix& columns, const std::vector<double>& weight) {
    const auto product = [&](std::size_t a, std::size_t b) {
        double sum = 0;
        for (std::size_t row = 0; row < columns.rows; ++row) sum += weight[row] * columns(row, a) * columns(row, b);
        return sum;
    };
    double total = 0;
    for (const double w : weight) total += w;
    for (std::size_t c = 0; c < columns.columns; ++c) {
        double mean = 0;
        for (std::size_t row = 0; row < columns.rows; ++row) mean += weight[row] * columns(row, c);
        for (std::size_t row = 0; row < columns.rows; ++row) columns(row, c) -= static_cast<float>(mean / total);
        for (std::size_t before = 0; before < c; ++before) {
            const double share = product(c, before);
            for (std::size_t row = 0; row < columns.rows; ++row) columns(row, c) -= static_cast<float>(share * columns(row, before));
        }
        const double length = std::sqrt(product(c, c));
        for (std::size_t row = 0; row < columns.rows && length > 0; ++row) columns(row, c) = static_cast<float>(columns(row, c) / length);
    }
}

/// Subspace iteration with (I + D^-1 W) / 2: what varies slowly over the graph stays, the rest fades.
Result<Matrix> averaged(Matrix at, const FuzzyGraph& graph, Workers& workers, const Monitor& monitor) {
    std::vector<double> weight = degrees(graph);
    Matrix next = at;
    for (std::size_t round = 0; round < kAveragings; ++round) {
        if (monitor.cancelled()) return Monitor::stopped();
        if (round % kPerOrthogonal == 0) orthonormalise(at, weight);
        workers.forBlocks(at.rows, 1024, [&](std::size_t begin, std::size_t end) {
            std::vector<double> sum(at.columns);
            for (std::size_t row = begin; row < end; ++row) {
                std::fill(sum.begin(), sum.end(), 0.0);
                for (std::size_t e = graph.starts[row]; e < graph.starts[row + 1]; ++e)
                    for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += graph.weights[e] * at(graph.targets[e], c);
                for (std::size_t c = 0; c < sum.size(); ++c)
                    next(row, c) = static_cast<float>((at(row, c) + (weight[row] > 0 ? sum[c] / weight[row] : at(row, c))) / 2);
            }
        });
        std::swap(at, next);
    }
    orthonormalise(at, weight);
    return at;
}

/// Each axis from 0 to kWidth, then a little noise.
void scale(Matrix& at, std::uint64_t seed) {
    for (std::size_t c = 0; c < at.columns; ++c) {
        float low = std::numeric_limits<float>::infinity(), high = -low;
        for (std::size_t row = 0; row < at.rows; ++row) low = std::min(low, at(row, c)), high = std::max(high, at(row, c));
        const float factor = high > low ? kWidth / (high - low) : 0.0f;
        for (std::size_t row = 0; row < at.rows; ++row) {
            const auto noise = static_cast<float>(randomUnit(seed, 22 + c, row) - 0.5);
            at(row, c) = (at(row, c) - low) * factor + kJitter * noise;
        }
    }
}

/// Every connected piece gets a start of its own, and its own place.
Result<Matrix> piecewiseStart(const Matrix& features, const FuzzyGraph& graph, const std::vector<std::vector<std::uint32_t>>& pieces, const UmapOptions& options,
                              Workers& workers, const Monitor& monitor) {
    DS_ASSIGN(const PieceLayout layout, arrangePieces(features, pieces, options.components));
    Matrix at(features.rows, options.components);
    for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
        const auto& rows = pieces[piece];
        Matrix part(rows.size(), features.columns), start;
        for (std::size_t i = 0; i < rows.size(); ++i) std::ranges::copy(features.row(rows[i]), part.row(i).begin());
        if (rows.size() <= options.components) {
            start = randomStart(rows.size(), options.components, options.seed + piece);
        } else {
            DS_ASSIGN(start, componentStart(part, options, monitor));
            DS_ASSIGN(start, averaged(std::move(start), subgraph(graph, rows), workers, monitor));
        }
        scale(start, options.seed + piece);
        // From the cube of side kWidth into the ball of the piece.
        const auto shrink = static_cast<float>(2 * layout.radii[piece] / kWidth / std::sqrt(static_cast<double>(options.components)));
        for (std::size_t i = 0; i < rows.size(); ++i)
            for (std::size_t c = 0; c < options.components; ++c) at(rows[i], c) = layout.middles(piece, c) + (start(i, c) - kWidth / 2) * shrink;
    }
    return at;
}

}  // namespace

Result<Matrix> startPositions(const Matrix& features, const FuzzyGraph& graph, const UmapOptions& options, Workers& workers, const Monitor& monitor) {
    Matrix at;
    if (options.start == UmapStart::Random) {
        at = randomStart(features.rows, options.components, options.seed);
    } else if (options.start == UmapStart::Pca) {
        DS_ASSIGN(at, componentStart(features, options, monitor));
    } else if (const auto pieces = connectedPieces(graph); pieces.size() == 1) {
        DS_ASSIGN(at, componentStart(features, options, monitor));
        DS_ASSIGN(at, averaged(std::move(at), graph, workers, monitor));
    } else {
        return piecewiseStart(features, graph, pieces, options, workers, monitor);
    }
    scale(at, options.seed);
    return at;
}

Result<Matrix> umap(const Matrix& features, const NeighborTable& table, const UmapOptions& options, Workers& workers, const Monitor& monitor) {
    if (options.neighbors < 2 || table.k + 1 < options.neighbors || table.rows != features.rows)
        return fail(ErrorCode::BadInput, fmt::format("{} neighbours need a table of {} columns; this one has {}.", options.neighbors, options.neighbors - 1, table.k),
                    "Search more neighbours.");
    if (options.components < 1 || options.components > 16)
        return fail(ErrorCode::BadInput, fmt::format("UMAP to {} dimensions is not offered.", options.components), "Use 1 to 16.");
    if (!(options.minDist >= 0 && options.minDist <= options.spread && options.spread > 0))
        return fail(ErrorCode::BadInput, fmt::format("min_dist {} must lie between 0 and spread {}.", options.minDist, options.spread), "The usual values are 0.1 and 1.");
    const FuzzyGraph graph = fuzzyGraph(table, options.neighbors, workers);
    DS_ASSIGN(const Matrix start, startPositions(features, graph, options, workers, monitor));
    return layOut(graph, start, options, workers, monitor);
}

}  // namespace driftscope::embed
