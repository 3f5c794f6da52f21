#include "core/embed/fast_probe.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/embed/linear_algebra.h"
#include "core/embed/pca.h"

namespace driftscope::embed {
namespace {

constexpr double kRidge = 1.0;           // per labelled row of unit-variance features
constexpr std::size_t kPcaRows = 20'000; // rows that the reduction is estimated from
constexpr double kColdest = 0.02;
constexpr double kWarmest = 5.0;

/// Soft-max of the present classes' scores.
void softmax(std::span<const double> scores, const std::vector<bool>& present, double temperature, std::span<double> out) {
    double top = -std::numeric_limits<double>::max();
    for (std::size_t k = 0; k < scores.size(); ++k)
        if (present[k]) top = std::max(top, scores[k]);
    double sum = 0;
    for (std::size_t k = 0; k < scores.size(); ++k) {
        out[k] = present[k] ? std::exp((scores[k] - top) / temperature) : 0;
        sum += out[k];
    }
    for (double& p : out) p /= sum;
}

/// Weight of each labelled row so that every class counts the same (scikit-learn's "balanced").
std::vector<double> balancedWeights(std::span<const int> classes, std::size_t count) {
    std::vector<double> size(count, 0);
    for (int label : classes) ++size[static_cast<std::size_t>(label)];
    const auto present = static_cast<double>(std::ranges::count_if(size, [](double n) { return n > 0; }));
    std::vector<double> weights;
    for (int label : classes) weights.push_back(static_cast<double>(classes.size()) / (present * size[static_cast<std::size_t>(label)]));
    return weights;
}

}  // namespace

Result<std::shared_ptr<FastProbe>> FastProbe::make(const Matrix& features) {
    auto probe = std::make_shared<FastProbe>();
    if (features.columns <= kDimensions) {
        DS_TRY(requireFinite(features, "the features"));
        probe->reduced_ = Standardizer::fit(features).transform(features);
        return probe;
    }
    const PcaOptions options{std::min({kDimensions, features.rows, features.columns}), false, kPcaRows};
    DS_ASSIGN(const Pca pca, Pca::fit(features, options));
    probe->reduced_ = pca.transform(features);
    // One scale for all components: the ridge then weighs them by how much they vary, as it would the features.
    const double first = std::sqrt(std::max(pca.explainedVariance.front(), 1e-12));
    for (float& value : probe->reduced_.values) value = static_cast<float>(value / first);
    return probe;
}

Result<void> FastProbe::fit(std::span<const std::uint32_t> rows, std::span<const int> classes, std::size_t count) {
    count_ = count;
    present_.assign(count, false);
    for (int label : classes) present_[static_cast<std::size_t>(label)] = true;
    if (std::ranges::count(present_, true) < 2) return fail(ErrorCode::BadInput, "The labels name fewer than two classes.", "Label cells of another class too.");

    const std::size_t n = rows.size();
    const std::size_t p = reduced_.columns + 1;
    const std::vector<double> balance = balancedWeights(classes, count);
    std::vector<double> design(n * p);
    for (std::size_t i = 0; i < n; ++i) {
        const double root = std::sqrt(balance[i]);
        for (std::size_t j = 0; j + 1 < p; ++j) design[i * p + j] = root * reduced_(rows[i], j);
        design[i * p + p - 1] = root;
    }
    std::vector<double> gram(p * p, 0.0);
    addGram(gram, design, n, p);
    for (std::size_t j = 0; j < p; ++j) gram[j * p + j] += kRidge + (j + 1 == p ? 0 : 0.01 * static_cast<double>(n));
    // Right sides: the targets of every class, and the design rows themselves, whose solutions give the leverages.
    std::vector<double> sides(count * p, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        const double root = std::sqrt(balance[i]);
        for (std::size_t k = 0; k < count; ++k) {
            const double target = root * (static_cast<std::size_t>(classes[i]) == k ? 1 : -1);
            for (std::size_t j = 0; j < p; ++j) sides[k * p + j] += target * design[i * p + j];
        }
    }
    std::vector<double> leverages = design;
    DS_TRY(solvePositiveDefinite(gram, p, sides, count));
    DS_TRY(solvePositiveDefinite(std::move(gram), p, leverages, n));
    weights_.assign(sides.begin(), sides.end());

    std::vector<double> leaveOneOut(n * count);
    for (std::size_t i = 0; i < n; ++i) {
        double leverage = 0;
        for (std::size_t j = 0; j < p; ++j) leverage += design[i * p + j] * leverages[i * p + j];
        leverage = std::min(leverage, 1 - 1e-6);
        const double root = std::sqrt(balance[i]);
        for (std::size_t k = 0; k < count; ++k) {
            double fitted = 0;
            for (std::size_t j = 0; j < p; ++j) fitted += sides[k * p + j] * design[i * p + j] / root;
            const double target = static_cast<std::size_t>(classes[i]) == k ? 1 : -1;
            leaveOneOut[i * count + k] = (fitted - leverage * target) / (1 - leverage);
        }
    }
    calibrate(leaveOneOut, classes);
    return {};
}

void FastProbe::calibrate(const std::vector<double>& leaveOneOut, std::span<const int> classes) {
    double best = std::numeric_limits<double>::max();
    std::vector<double> p(count_);
    for (double t = kColdest; t <= kWarmest; t *= 1.1) {
        double loss = 0;
        for (std::size_t i = 0; i < classes.size(); ++i) {
            softmax(std::span(leaveOneOut).subspan(i * count_, count_), present_, t, p);
            loss -= std::log(std::max(p[static_cast<std::size_t>(classes[i])], 1e-9));
        }
        if (loss < best) {
            best = loss;
            temperature_ = t;
        }
    }
}

Matrix FastProbe::scores() const {
    const std::size_t p = reduced_.columns;
    Matrix out(reduced_.rows, count_);
    std::vector<double> raw(count_), probability(count_);
    for (std::size_t i = 0; i < reduced_.rows; ++i) {
        const float* row = reduced_.values.data() + i * p;
        for (std::size_t k = 0; k < count_; ++k) {
            const float* weight = weights_.data() + k * (p + 1);
            float sum = weight[p];
            for (std::size_t j = 0; j < p; ++j) sum += weight[j] * row[j];
            raw[k] = sum;
        }
        softmax(raw, present_, temperature_, probability);
        for (std::size_t k = 0; k < count_; ++k) out(i, k) = static_cast<float>(probability[k]);
    }
    return out;
}

}  // namespace driftscope::embed
