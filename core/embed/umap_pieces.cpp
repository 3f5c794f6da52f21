#include "core/embed/umap_pieces.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/embed/pca.h"

namespace driftscope::embed {
namespace {

constexpr double kWidth = 30;         // of the whole picture along an axis; a start half as wide cost pieces their inner order
constexpr double kFilled = 0.45;       // part of it that pieces fill together
constexpr int kPushes = 200;
constexpr std::size_t kMostPushed = 1500;  // more pieces are dust: all pairs would take long and show nothing

Matrix centroids(const Matrix& features, const std::vector<std::vector<std::uint32_t>>& pieces) {
    Matrix out(pieces.size(), features.columns);
    for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
        std::vector<double> sum(features.columns);
        for (const std::uint32_t row : pieces[piece])
            for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += features(row, c);
        for (std::size_t c = 0; c < sum.size(); ++c) out(piece, c) = static_cast<float>(sum[c] / static_cast<double>(pieces[piece].size()));
    }
    return out;
}

/// Principal components of the centroids, each axis three quarters of the picture: pushing apart widens it.
Result<Matrix> spread(const Matrix& middles, std::size_t axes) {
    Matrix at(middles.rows, axes);
    const std::size_t found = std::min({axes, middles.columns, middles.rows - 1});
    DS_ASSIGN(const Pca pca, Pca::fit(middles, {.components = found}, {}));
    const Matrix scores = pca.transform(middles);
    for (std::size_t c = 0; c < found; ++c) {
        float low = scores(0, c), high = low;
        for (std::size_t row = 0; row < at.rows; ++row) low = std::min(low, scores(row, c)), high = std::max(high, scores(row, c));
        for (std::size_t row = 0; row < at.rows; ++row) at(row, c) = high > low ? (scores(row, c) - low) / (high - low) * static_cast<float>(0.75 * kWidth) : 0;
    }
    return at;
}

/// Moves two overlapping pieces apart, each by half of the overlap. Returns whether they overlapped.
bool push(PieceLayout& layout, std::size_t a, std::size_t b) {
    const std::size_t axes = layout.middles.columns;
    double square = 0;
    for (std::size_t c = 0; c < axes; ++c) square += std::pow(layout.middles(b, c) - layout.middles(a, c), 2);
    const double distance = std::sqrt(square), wanted = layout.radii[a] + layout.radii[b];
    if (distance >= wanted) return false;
    for (std::size_t c = 0; c < axes; ++c) {
        // Two pieces in one place part along an axis of their own.
        const double direction = distance > 1e-9 ? (layout.middles(b, c) - layout.middles(a, c)) / distance : (c == b % axes ? 1 : 0);
        const auto step = static_cast<float>(direction * (wanted - distance) / 2);
        layout.middles(a, c) -= step;
        layout.middles(b, c) += step;
    }
    return true;
}

}  // namespace

std::vector<std::vector<std::uint32_t>> connectedPieces(const FuzzyGraph& graph) {
    std::vector<std::uint32_t> parent(graph.rows());
    std::iota(parent.begin(), parent.end(), 0U);
    const auto root = [&](std::uint32_t row) {
        while (parent[row] != row) row = parent[row] = parent[parent[row]];
        return row;
    };
    for (std::uint32_t row = 0; row < graph.rows(); ++row)
        for (std::size_t e = graph.starts[row]; e < graph.starts[row + 1]; ++e) {
            const std::uint32_t a = root(row), b = root(graph.targets[e]);
            if (a != b) parent[std::max(a, b)] = std::min(a, b);
        }
    std::vector<std::vector<std::uint32_t>> pieces;
    std::vector<std::size_t> pieceOf(graph.rows());
    for (std::uint32_t row = 0; row < graph.rows(); ++row) {
        const std::uint32_t first = root(row);  // the smallest row of the piece
        if (first == row) pieceOf[row] = pieces.size(), pieces.emplace_back();
        pieces[pieceOf[first]].push_back(row);
    }
    return pieces;
}

FuzzyGraph subgraph(const FuzzyGraph& graph, const std::vector<std::uint32_t>& rows) {
    FuzzyGraph part;
    part.starts.push_back(0);
    for (const std::uint32_t row : rows) {
        for (std::size_t e = graph.starts[row]; e < graph.starts[row + 1]; ++e) {
            const auto place = std::lower_bound(rows.begin(), rows.end(), graph.targets[e]) - rows.begin();
            part.targets.push_back(static_cast<std::uint32_t>(place));
            part.weights.push_back(graph.weights[e]);
        }
        part.starts.push_back(part.targets.size());
    }
    return part;
}

Result<PieceLayout> arrangePieces(const Matrix& features, const std::vector<std::vector<std::uint32_t>>& pieces, std::size_t axes) {
    PieceLayout layout;
    DS_ASSIGN(layout.middles, spread(centroids(features, pieces), axes));
    for (const auto& rows : pieces) {
        const double share = static_cast<double>(rows.size()) / static_cast<double>(features.rows);
        layout.radii.push_back(kWidth / 2 * std::pow(kFilled * share, 1.0 / static_cast<double>(axes)));
    }
    if (pieces.size() > kMostPushed) return layout;
    for (int round = 0; round < kPushes; ++round) {
        bool moved = false;
        for (std::size_t a = 0; a < pieces.size(); ++a)
            for (std::size_t b = a + 1; b < pieces.size(); ++b) moved = push(layout, a, b) || moved;
        if (!moved) break;
    }
    return layout;
}

}  // namespace driftscope::embed
