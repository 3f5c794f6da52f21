#include "core/embed/probe.h"

#include <linear.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <set>

namespace driftscope::embed {
namespace {

struct ModelDeleter {
    void operator()(model* fitted) const { free_and_destroy_model(&fitted); }
};

void silent(const char*) {}

/// liblinear's sparse rows, dense here; the last feature is the constant of the regularised intercept.
struct Rows {
    std::vector<feature_node> nodes;
    std::vector<feature_node*> starts;

    Rows(const Matrix& features, std::size_t columns) {
        nodes.resize(features.rows * (columns + 2));
        for (std::size_t i = 0; i < features.rows; ++i) {
            feature_node* row = nodes.data() + i * (columns + 2);
            for (std::size_t j = 0; j < columns; ++j) row[j] = {static_cast<int>(j + 1), features(i, j)};
            row[columns] = {static_cast<int>(columns + 1), 1.0};
            row[columns + 1] = {-1, 0};
            starts.push_back(row);
        }
    }
};

Matrix gather(const Matrix& features, std::span<const std::uint32_t> rows) {
    Matrix out(rows.size(), features.columns);
    for (std::size_t i = 0; i < rows.size(); ++i) std::ranges::copy(features.row(rows[i]), out.row(i).begin());
    return out;
}

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

/// Weights and targets of one two-class problem: `positive` against the others.
std::vector<double> solveBinary(Rows& rows, std::span<const int> labels, int positive, const std::vector<double>& classWeights, std::size_t columns,
                                const ProbeOptions& options) {
    std::vector<double> targets;
    double weightPositive = 1, weightNegative = 1;
    for (int label : labels) targets.push_back(label == positive ? 1 : -1);
    if (options.balanced) {
        weightPositive = classWeights[static_cast<std::size_t>(positive)];
        // As liblinear does: with two classes each has its weight, one against the rest leaves the rest at 1.
        if (classWeights.size() == 2) weightNegative = classWeights[static_cast<std::size_t>(1 - positive)];
    }
    // liblinear counts the first label it meets as positive, so the signs are read back from the model.
    int names[] = {1, -1};
    double weights[] = {weightPositive, weightNegative};
    problem data{static_cast<int>(targets.size()), static_cast<int>(columns + 1), targets.data(), rows.starts.data(), -1};
    parameter settings{};
    settings.solver_type = L2R_LR;
    settings.eps = options.tolerance;
    settings.C = options.c;
    settings.nr_weight = 2;
    settings.weight_label = names;
    settings.weight = weights;
    const std::unique_ptr<model, ModelDeleter> fitted(train(&data, &settings));
    const double sign = fitted->label[0] == 1 ? 1 : -1;
    std::vector<double> solution(fitted->w, fitted->w + columns + 1);
    for (double& w : solution) w *= sign;
    return solution;
}

std::vector<double> balancedWeights(std::span<const int> labels, std::size_t classes) {
    std::vector<double> size(classes, 0);
    for (int label : labels) ++size[static_cast<std::size_t>(label)];
    const auto present = static_cast<double>(std::ranges::count_if(size, [](double n) { return n > 0; }));
    for (double& n : size) n = n > 0 ? static_cast<double>(labels.size()) / (present * n) : 0;
    return size;
}

}  // namespace

Result<Probe> Probe::fit(const Matrix& features, std::span<const std::uint32_t> rows, std::span<const int> labels, std::size_t classes,
                         const ProbeOptions& options, const Standardizer* given) {
    const std::set<int> present(labels.begin(), labels.end());
    if (present.size() < 2) return fail(ErrorCode::BadInput, "The labels name fewer than two classes.", "Label rows of another class too.");
    Matrix input = gather(features, rows);
    DS_TRY(requireFinite(input, "the labelled rows"));
    Probe probe;
    probe.classes = classes;
    probe.standardize = options.standardize;
    if (options.standardize) {
        probe.scaler = given ? *given : Standardizer::fit(input);
        input = probe.scaler.transform(input);
    }
    set_print_string_function(silent);
    Rows nodes(input, input.columns);
    const std::vector<double> weights = balancedWeights(labels, classes);
    const auto add = [&](int positive) {
        std::vector<double> solution(input.columns + 1, 0.0);
        if (present.contains(positive)) solution = solveBinary(nodes, labels, positive, weights, input.columns, options);
        // A class without rows never wins: its sigmoid is 0.
        else solution.back() = -1e3;
        probe.coefficients.insert(probe.coefficients.end(), solution.begin(), solution.end() - 1);
        probe.intercepts.push_back(solution.back());
    };
    if (classes == 2)
        add(1);
    else
        for (std::size_t k = 0; k < classes; ++k) add(static_cast<int>(k));
    return probe;
}

Matrix Probe::predict(const Matrix& features, std::span<const std::uint32_t> rows) const {
    Matrix input = gather(features, rows);
    if (standardize) input = scaler.transform(input);
    Matrix out(rows.size(), classes);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        double sum = 0;
        std::vector<double> p(classes, 0.0);
        for (std::size_t k = 0; k < intercepts.size(); ++k) {
            double margin = intercepts[k];
            for (std::size_t j = 0; j < input.columns; ++j) margin += coefficients[k * input.columns + j] * input(i, j);
            p[intercepts.size() == 1 ? 1 : k] = sigmoid(margin);
            sum += sigmoid(margin);
        }
        if (intercepts.size() == 1) {
            p[0] = 1 - p[1];
            sum = 1;
        }
        for (std::size_t k = 0; k < classes; ++k) out(i, k) = static_cast<float>(p[k] / std::max(sum, 1e-300));
    }
    return out;
}

Result<std::vector<int>> groupFolds(std::span<const int> labels, std::span<const std::uint32_t> groups, std::size_t classes, int folds) {
    const std::size_t groupCount = groups.empty() ? 0 : *std::ranges::max_element(groups) + std::size_t{1};
    std::vector<std::vector<double>> counts(groupCount, std::vector<double>(classes, 0));
    for (std::size_t i = 0; i < labels.size(); ++i) ++counts[groups[i]][static_cast<std::size_t>(labels[i])];
    std::vector<double> totals(classes, 0);
    for (std::size_t k = 0; k < classes; ++k) {
        int holding = 0;
        for (const auto& group : counts) {
            holding += group[k] > 0;
            totals[k] += group[k];
        }
        if (totals[k] > 0 && holding < 2)
            return fail(ErrorCode::BadInput, fmt::format("Class {} has labels in one group only, so no probe can be tested on another.", k), "Label this class in a second track.");
        if (totals[k] > 0) folds = std::min(folds, holding);
    }
    std::vector<std::size_t> order(groupCount);
    for (std::size_t g = 0; g < groupCount; ++g) order[g] = g;
    const auto spread = [&](const std::vector<double>& row) {
        const double mean = std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(row.size());
        double sum = 0;
        for (double value : row) sum += (value - mean) * (value - mean);
        return std::sqrt(sum);
    };
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return spread(counts[a]) > spread(counts[b]); });
    std::vector<std::vector<double>> filled(static_cast<std::size_t>(folds), std::vector<double>(classes, 0));
    std::vector<int> foldOfGroup(groupCount, 0);
    for (std::size_t g : order) {
        double best = 0;
        int chosen = -1;
        for (int fold = 0; fold < folds; ++fold) {
            auto trial = filled;
            double unevenness = 0, rows = 0;
            for (std::size_t k = 0; k < classes; ++k) {
                trial[static_cast<std::size_t>(fold)][k] += counts[g][k];
                std::vector<double> shares;
                for (const auto& one : trial) shares.push_back(totals[k] > 0 ? one[k] / totals[k] : 0);
                unevenness += spread(shares);
                rows += filled[static_cast<std::size_t>(fold)][k];
            }
            const double cost = unevenness + 1e-9 * rows;  // among equals the emptiest fold
            if (chosen < 0 || cost < best - 1e-12) {
                best = cost;
                chosen = fold;
            }
        }
        foldOfGroup[g] = chosen;
        for (std::size_t k = 0; k < classes; ++k) filled[static_cast<std::size_t>(chosen)][k] += counts[g][k];
    }
    std::vector<int> out;
    for (std::uint32_t group : groups) out.push_back(foldOfGroup[group]);
    return out;
}

Result<Matrix> crossPredict(const Matrix& features, std::span<const std::uint32_t> rows, std::span<const int> labels, std::span<const int> folds,
                            std::size_t classes, const ProbeOptions& options, bool scalerOnAll) {
    Matrix out(rows.size(), classes);
    const Standardizer all = scalerOnAll ? Standardizer::fit(features, rows) : Standardizer{};
    const int count = *std::ranges::max_element(folds) + 1;
    for (int fold = 0; fold < count; ++fold) {
        std::vector<std::uint32_t> training, held;
        std::vector<int> trainingLabels;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (folds[i] == fold) {
                held.push_back(rows[i]);
                places.push_back(i);
            } else {
                training.push_back(rows[i]);
                trainingLabels.push_back(labels[i]);
            }
        }
        if (held.empty()) continue;
        DS_ASSIGN(const Probe probe, Probe::fit(features, training, trainingLabels, classes, options, scalerOnAll ? &all : nullptr));
        const Matrix predicted = probe.predict(features, held);
        for (std::size_t i = 0; i < held.size(); ++i) std::ranges::copy(predicted.row(i), out.row(places[i]).begin());
    }
    return out;
}

}  // namespace driftscope::embed
