#include "core/topics/view/nearest_documents.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

namespace driftscope::topics {
namespace {

double hellinger(std::span<const float> p, std::span<const float> q) {
    double overlap = 0;
    for (std::size_t k = 0; k < p.size(); ++k) overlap += std::sqrt(static_cast<double>(p[k]) * q[k]);
    return std::sqrt(std::max(0.0, 1 - overlap));
}

double jensenShannon(std::span<const float> p, std::span<const float> q) {
    double sum = 0;
    for (std::size_t k = 0; k < p.size(); ++k) {
        const double a = p[k], b = q[k], m = 0.5 * (a + b);
        if (a > 0) sum += a * std::log(a / m);
        if (b > 0) sum += b * std::log(b / m);
    }
    return std::sqrt(std::clamp(0.5 * sum, 0.0, std::numbers::ln2));
}

}  // namespace

std::vector<NearDocument> nearestDocuments(const Matrix& theta, std::size_t document, std::size_t count, ThetaDistance kind) {
    std::vector<NearDocument> found;
    found.reserve(theta.rows);
    for (std::size_t d = 0; d < theta.rows; ++d) {
        if (d == document) continue;
        const double distance = kind == ThetaDistance::Hellinger ? hellinger(theta.row(document), theta.row(d)) : jensenShannon(theta.row(document), theta.row(d));
        found.push_back({static_cast<std::uint32_t>(d), distance});
    }
    count = std::min(count, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), found.end(),
                      [](const NearDocument& a, const NearDocument& b) { return a.distance != b.distance ? a.distance < b.distance : a.document < b.document; });
    found.resize(count);
    return found;
}

}  // namespace driftscope::topics
