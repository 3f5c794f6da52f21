#pragma once

#include <cstdint>
#include <vector>

#include "core/base/error.h"
#include "core/embed/monitor.h"
#include "core/embed/neighbors.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// PHATE (Moon et al. 2019), names and defaults of the phate package as VisCy calls it. It differs in two steps: landmarks are
/// k-means groups of the features instead of spectral ones, and the picture is made by SMACOF (De Leeuw 1977) from classical
/// scaling instead of by stochastic descent, which makes it reproducible.
struct PhateOptions {
    std::size_t components = 2;
    std::size_t neighbors = 5;      ///< the kernel's width at a row is the distance to this neighbour
    double decay = 40;              ///< alpha: how sharply the kernel falls beyond that width
    std::size_t landmarks = 2000;   ///< larger tables diffuse between this many groups
    std::size_t time = 0;           ///< diffusion steps; 0 takes the knee of the von Neumann entropy
    std::size_t mostTime = 100;     ///< the knee is looked for among so many
    Metric metric = Metric::Euclidean;
    std::uint64_t seed = 42;
};

/// A symmetric sparse matrix, and for its use as a kernel the sums of its rows.
struct SparseKernel {
    std::vector<std::size_t> starts;  ///< rows + 1
    std::vector<std::uint32_t> targets;
    std::vector<double> weights;

    std::size_t rows() const { return starts.size() - 1; }
};
/// exp(-(d / width)^decay) of every pair, where a row's width is the distance to its k-th neighbour; values below 1e-4 are
/// dropped, then each pair gets the mean of its two values. The diagonal is 1.
Result<SparseKernel> alphaDecayKernel(const Matrix& features, const PhateOptions& options, Workers& workers, const Monitor& monitor = {});

/// What the picture is drawn from.
struct PhatePotential {
    std::size_t size = 0;            ///< rows, or groups of rows
    std::vector<double> distances;   ///< size x size, between the rows of -log(P^time + 1e-7)
    std::size_t time = 0;
    std::vector<double> entropy;     ///< von Neumann entropy after 1, 2, … steps
    SparseKernel toGroups;           ///< how each row sees the groups, sums 1; empty when rows are not grouped
};
Result<PhatePotential> phatePotential(const Matrix& features, const PhateOptions& options, Workers& workers, const Monitor& monitor = {});

struct Phate {
    Matrix picture;                ///< rows x components, centred, its widest axis first
    std::size_t time = 0;          ///< diffusion steps that were used
    std::vector<double> entropy;   ///< von Neumann entropy after 1, 2, … steps
    std::size_t landmarks = 0;     ///< rows or groups that diffused
    double stress = 0;             ///< normalised: squared error of the distances over their squares
};
/// Same seed, same bytes with any number of workers. Errors: not finite, fewer rows than neighbours, parameters out of range,
/// cancelled.
Result<Phate> phate(const Matrix& features, const PhateOptions& options, Workers& workers, const Monitor& monitor = {});

/// Where two straight lines, fitted left and right of it, leave the smallest sum of absolute errors (as PHATE finds its knee).
std::size_t kneePoint(const std::vector<double>& curve);

/// Metric multidimensional scaling of a symmetric size x size matrix of distances: classical scaling, then SMACOF until the
/// stress falls by less than a millionth.
struct ScaledPicture {
    std::vector<double> positions;  ///< size x components
    double stress = 0;
    std::size_t iterations = 0;
};
Result<ScaledPicture> scaleDistances(const std::vector<double>& distances, std::size_t size, std::size_t components, Workers& workers, const Monitor& monitor = {});

}  // namespace driftscope::embed
