#include "core/embed/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace driftscope::embed {
namespace {

constexpr double kEdge = 1e-6;  ///< scores this near to 0 or 1 have no usable logit
constexpr int kIterations = 100;
constexpr double kRidge = 1e-9;

double logit(double p) {
    p = std::clamp(p, kEdge, 1 - kEdge);
    return std::log(p / (1 - p));
}

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

double softplus(double x) {
    return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

}  // namespace

double Calibration::apply(double p) const {
    return rows == 0 ? p : sigmoid(slope * logit(p) + intercept);
}

Calibration calibrate(std::span<const double> scores, std::span<const int> truth) {
    Calibration out;
    const auto positives = static_cast<double>(std::ranges::count(truth, 1));
    const double negatives = static_cast<double>(truth.size()) - positives;
    if (positives == 0 || negatives == 0) return out;
    const double high = (positives + 1) / (positives + 2);
    const double low = 1 / (negatives + 2);
    std::vector<double> x, y;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        x.push_back(logit(scores[i]));
        y.push_back(truth[i] == 1 ? high : low);
    }
    const auto loss = [&](double a, double b) {
        double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) sum += softplus(a * x[i] + b) - y[i] * (a * x[i] + b);
        return sum;
    };
    double a = 1, b = 0, current = loss(a, b);
    for (int iteration = 0; iteration < kIterations; ++iteration) {
        double ga = 0, gb = 0, haa = kRidge, hab = 0, hbb = kRidge;
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double p = sigmoid(a * x[i] + b);
            const double w = p * (1 - p);
            ga += (p - y[i]) * x[i];
            gb += p - y[i];
            haa += w * x[i] * x[i];
            hab += w * x[i];
            hbb += w;
        }
        const double determinant = haa * hbb - hab * hab;
        const double da = -(hbb * ga - hab * gb) / determinant;
        const double db = -(haa * gb - hab * ga) / determinant;
        double step = 1;
        while (step > 1e-10 && loss(a + step * da, b + step * db) > current) step /= 2;
        const double next = loss(a + step * da, b + step * db);
        if (!(next < current - 1e-12)) break;
        a += step * da;
        b += step * db;
        current = next;
    }
    out.slope = a;
    out.intercept = b;
    out.rows = scores.size();
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const double label = truth[i] == 1 ? 1 : 0;
        out.brierBefore += std::pow(scores[i] - label, 2) / static_cast<double>(scores.size());
        out.brierAfter += std::pow(out.apply(scores[i]) - label, 2) / static_cast<double>(scores.size());
    }
    return out;
}

}  // namespace driftscope::embed
