#include "core/topics/measure/clustering.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace driftscope::topics {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

/// Union-find over elements.
class Sets {
  public:
    explicit Sets(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0); }
    std::uint32_t find(std::uint32_t i) {
        while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
        return i;
    }
    void join(std::uint32_t a, std::uint32_t b) { parent_[std::max(find(a), find(b))] = std::min(find(a), find(b)); }

  private:
    std::vector<std::uint32_t> parent_;
};

/// Merges named by one element of each side, in the order in which the chains found them.
std::vector<Merge> chains(CostMatrix distances, Linkage linkage) {
    const std::size_t n = distances.rows;
    std::vector<double> sizes(n, 1);
    std::vector<bool> alive(n, true);
    std::vector<std::uint32_t> chain;
    std::vector<Merge> merges;
    while (merges.size() + 1 < n) {
        if (chain.empty()) chain.push_back(static_cast<std::uint32_t>(std::find(alive.begin(), alive.end(), true) - alive.begin()));
        const std::uint32_t top = chain.back();
        // The one before in the chain wins ties, or the chain would not end.
        std::uint32_t nearest = chain.size() > 1 ? chain[chain.size() - 2] : kNone;
        double least = nearest == kNone ? std::numeric_limits<double>::infinity() : distances(top, nearest);
        for (std::uint32_t i = 0; i < n; ++i)
            if (alive[i] && i != top && (distances(top, i) < least || nearest == kNone)) {
                least = distances(top, i);
                nearest = i;
            }
        if (chain.size() < 2 || nearest != chain[chain.size() - 2]) {
            chain.push_back(nearest);
            continue;
        }
        chain.resize(chain.size() - 2);
        const std::uint32_t kept = std::min(top, nearest), gone = std::max(top, nearest);
        merges.push_back({kept, gone, least});
        for (std::uint32_t i = 0; i < n; ++i) {
            if (!alive[i] || i == kept || i == gone) continue;
            const double merged = linkage == Linkage::Complete ? std::max(distances(kept, i), distances(gone, i))
                                                               : (sizes[kept] * distances(kept, i) + sizes[gone] * distances(gone, i)) / (sizes[kept] + sizes[gone]);
            distances(kept, i) = distances(i, kept) = merged;
        }
        sizes[kept] += sizes[gone];
        alive[gone] = false;
    }
    return merges;
}

/// Numbers the sets by their first element, after the first `count` merges.
std::vector<std::uint32_t> cut(const std::vector<Merge>& merges, std::size_t elements, std::size_t count) {
    Sets sets(elements);
    std::vector<std::uint32_t> representative(elements + merges.size());
    std::iota(representative.begin(), representative.begin() + static_cast<std::ptrdiff_t>(elements), 0);
    for (std::size_t m = 0; m < merges.size(); ++m) {
        representative[elements + m] = representative[merges[m].a];
        if (m < count) sets.join(representative[merges[m].a], representative[merges[m].b]);
    }
    std::vector<std::uint32_t> numberOf(elements, kNone), clusters(elements);
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < elements; ++i) {
        std::uint32_t& number = numberOf[sets.find(i)];
        if (number == kNone) number = next++;
        clusters[i] = number;
    }
    return clusters;
}

}  // namespace

std::vector<Merge> agglomerate(const CostMatrix& distances, Linkage linkage) {
    const std::size_t n = distances.rows;
    if (n < 2) return {};
    std::vector<Merge> merges = chains(distances, linkage);
    std::stable_sort(merges.begin(), merges.end(), [](const Merge& a, const Merge& b) { return a.height < b.height; });
    // Sides were named by an element; now by the cluster that element is in.
    Sets sets(n);
    std::vector<std::uint32_t> clusterOf(n);
    std::iota(clusterOf.begin(), clusterOf.end(), 0);
    for (std::size_t m = 0; m < merges.size(); ++m) {
        const std::uint32_t a = merges[m].a, b = merges[m].b;
        merges[m].a = clusterOf[sets.find(a)];
        merges[m].b = clusterOf[sets.find(b)];
        if (merges[m].a > merges[m].b) std::swap(merges[m].a, merges[m].b);
        sets.join(a, b);
        clusterOf[sets.find(a)] = static_cast<std::uint32_t>(n + m);
    }
    return merges;
}

std::vector<std::uint32_t> cutAtCount(const std::vector<Merge>& merges, std::size_t elements, std::size_t clusters) {
    return cut(merges, elements, elements > clusters ? elements - std::max<std::size_t>(1, clusters) : 0);
}

std::vector<std::uint32_t> cutAtHeight(const std::vector<Merge>& merges, std::size_t elements, double threshold) {
    const auto count = std::count_if(merges.begin(), merges.end(), [&](const Merge& merge) { return merge.height < threshold; });
    return cut(merges, elements, static_cast<std::size_t>(count));
}

}  // namespace driftscope::topics
