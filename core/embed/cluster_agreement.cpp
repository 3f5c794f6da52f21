#include <cmath>
#include <map>

#include "core/embed/cluster.h"

namespace driftscope::embed {
namespace {

double pairs(double n) {
    return n * (n - 1) / 2;
}

double entropy(const std::map<std::int32_t, double>& counts, double total) {
    double sum = 0;
    for (const auto& [name, count] : counts) sum -= count / total * std::log(count / total);
    return sum;
}

}  // namespace

ClusterAgreement clusterAgreement(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
    std::map<std::pair<std::int32_t, std::int32_t>, double> joint;
    std::map<std::int32_t, double> ofA, ofB;
    ClusterAgreement out;
    for (std::size_t row = 0; row < a.size(); ++row) {
        if (a[row] < 0 || b[row] < 0) continue;
        ++joint[{a[row], b[row]}];
        ++ofA[a[row]];
        ++ofB[b[row]];
        ++out.rows;
    }
    const auto total = static_cast<double>(out.rows);
    if (out.rows < 2) return out;
    double both = 0, inA = 0, inB = 0, information = 0;
    for (const auto& [names, count] : joint) {
        both += pairs(count);
        information += count / total * std::log(count * total / (ofA[names.first] * ofB[names.second]));
    }
    for (const auto& [name, count] : ofA) inA += pairs(count);
    for (const auto& [name, count] : ofB) inB += pairs(count);
    const double expected = inA * inB / pairs(total), most = (inA + inB) / 2;
    // Two groupings that are both trivial agree by definition.
    out.ari = most == expected ? 1 : (both - expected) / (most - expected);
    const double spread = (entropy(ofA, total) + entropy(ofB, total)) / 2;
    out.nmi = spread == 0 ? 1 : std::max(0.0, information) / spread;
    return out;
}

}  // namespace driftscope::embed
