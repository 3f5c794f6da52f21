#include <algorithm>
#include <utility>
#include <cmath>
#include <numeric>

#include "core/base/fingerprint.h"
#include "core/embed/neighbor_search.h"
#include "core/embed/panels.h"

namespace driftscope::embed {
namespace {

constexpr std::size_t kSlack = 8;
constexpr std::size_t kLloydRounds = 4;
constexpr std::size_t kRowsPerCentre = 32;      // of the sample that k-means sees
constexpr std::size_t kHops = 16;               // neighbours whose neighbours are tried
constexpr std::size_t kFirstCandidates = 1200;  // rows each group is compared with before the first look at recall
constexpr std::size_t kBlock = 512;

using Groups = std::vector<std::vector<std::uint32_t>>;

/// The nearest centre of each listed row.
std::vector<std::uint32_t> assign(const Matrix& rows, std::span<const std::uint32_t> listed, const Matrix& centres, Workers& workers) {
    std::vector<std::uint32_t> all(centres.rows);
    std::iota(all.begin(), all.end(), 0u);
    const Panels panels(centres, {all});
    std::vector<std::uint32_t> out(listed.size());
    workers.forBlocks(listed.size(), kBlock, [&](std::size_t begin, std::size_t end) {
        NearestLists lists(rows, listed.subspan(begin, end - begin), 1, false);
        lists.offer(panels, 0, panels.count());
        for (std::size_t i = begin; i < end; ++i) out[i] = lists.ids(i - begin)[0];
    });
    return out;
}

Matrix means(const Matrix& rows, std::span<const std::uint32_t> listed, std::span<const std::uint32_t> owner, const Matrix& previous) {
    std::vector<double> sums(previous.values.size());
    std::vector<std::size_t> counts(previous.rows);
    for (std::size_t i = 0; i < listed.size(); ++i) {
        ++counts[owner[i]];
        double* sum = sums.data() + owner[i] * rows.columns;
        const auto row = rows.row(listed[i]);
        for (std::size_t c = 0; c < rows.columns; ++c) sum[c] += row[c];
    }
    Matrix out = previous;  // an empty group keeps its centre
    for (std::size_t g = 0; g < out.rows; ++g)
        for (std::size_t c = 0; c < out.columns && counts[g] > 0; ++c)
            out(g, c) = static_cast<float>(sums[g * out.columns + c] / static_cast<double>(counts[g]));
    return out;
}

/// Distinct rows, spread over the table and jittered so that a periodic order (tracks, wells) cannot line up with them.
std::vector<std::uint32_t> spread(std::size_t total, std::size_t count, std::uint64_t stream) {
    std::vector<std::uint32_t> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t begin = i * total / count, end = (i + 1) * total / count;
        out[i] = static_cast<std::uint32_t>(begin + randomBits(0, stream, i) % std::max<std::size_t>(end - begin, 1));
    }
    return out;
}

Matrix kMeans(const Matrix& rows, std::size_t groups, Workers& workers) {
    const std::vector<std::uint32_t> seeds = spread(rows.rows, groups, 1);
    const std::vector<std::uint32_t> sample = spread(rows.rows, std::min(rows.rows, groups * kRowsPerCentre), 2);
    Matrix centres(groups, rows.columns);
    for (std::size_t g = 0; g < groups; ++g) std::copy_n(rows.row(seeds[g]).begin(), rows.columns, centres.row(g).begin());
    for (std::size_t round = 0; round < kLloydRounds; ++round)
        centres = means(rows, sample, assign(rows, sample, centres, workers), centres);
    return centres;
}

/// For every group the others from near to far, itself first.
Groups nearestGroups(const Matrix& centres) {
    Groups out(centres.rows);
    std::vector<std::uint32_t> all(centres.rows);
    std::iota(all.begin(), all.end(), 0u);
    std::vector<float> distances(centres.rows);
    for (std::size_t g = 0; g < centres.rows; ++g) {
        squaredDistances(centres.row(g).data(), centres, all, distances.data());
        distances[g] = -1;
        out[g] = all;
        std::sort(out[g].begin(), out[g].end(), [&](auto a, auto b) { return std::pair(distances[a], a) < std::pair(distances[b], b); });
    }
    return out;
}

class PartitionSearch {
  public:
    PartitionSearch(const Matrix& rows, std::size_t k, Workers& workers, const Monitor& monitor)
        : rows_(rows), workers_(workers), monitor_(monitor), groups_(grouped()), panels_(rows, groups_) {
        table_ = {rows.rows, k, std::vector<std::uint32_t>(rows.rows * k), std::vector<float>(rows.rows * k)};
    }

    /// Compares each group with its nearest groups until they hold `candidates` rows.
    void scan(std::size_t candidates) {
        std::atomic<std::size_t> done{0};
        workers_.forBlocks(groups_.size(), 1, [&](std::size_t g, std::size_t) {
            if (monitor_.cancelled() || groups_[g].empty()) return;
            const std::size_t k = table_.k;
            NearestLists lists(rows_, groups_[g], std::min(k + kSlack, rows_.rows - 1), true);
            std::size_t seen = 0;
            for (const std::uint32_t other : order_[g]) {
                lists.offer(panels_, panels_.firstPanel(other), panels_.firstPanel(other + 1));
                if ((seen += groups_[other].size()) > candidates) break;
            }
            for (std::size_t i = 0; i < groups_[g].size(); ++i) {
                std::vector<std::uint32_t> found(lists.ids(i).begin(), lists.ids(i).end());
                const std::uint32_t row = groups_[g][i];
                keepNearest(rows_, row, found, std::span(table_.indices).subspan(row * k, k), std::span(table_.distances).subspan(row * k, k));
            }
            monitor_.report(static_cast<double>(done += groups_[g].size()), static_cast<double>(rows_.rows), "neighbours");
        });
    }

    /// Tries the neighbours of each row's neighbours; what lies across a group's border is found here.
    void hop() {
        const std::size_t k = table_.k, hops = std::min(k, kHops);
        const NeighborTable before = table_;
        workers_.forBlocks(rows_.rows, 4 * kBlock, [&](std::size_t begin, std::size_t end) {
            if (monitor_.cancelled()) return;
            std::vector<std::uint32_t> seen(rows_.rows, Panels::kNone), candidates;
            for (std::size_t row = begin; row < end; ++row) {
                const auto mark = static_cast<std::uint32_t>(row);
                seen[row] = mark;
                candidates.assign(before.of(row).begin(), before.of(row).end());
                for (const std::uint32_t near : candidates) seen[near] = mark;
                for (std::size_t i = 0; i < hops; ++i)
                    for (const std::uint32_t far : before.of(before.of(row)[i]).first(hops))
                        if (std::exchange(seen[far], mark) != mark) candidates.push_back(far);
                keepNearest(rows_, mark, candidates, std::span(table_.indices).subspan(row * k, k),
                            std::span(table_.distances).subspan(row * k, k));
            }
        });
    }

    NeighborTable& table() { return table_; }

  private:
    Groups grouped() {
        const auto count = static_cast<std::size_t>(std::sqrt(static_cast<double>(rows_.rows))) + 1;
        const Matrix centres = kMeans(rows_, count, workers_);
        std::vector<std::uint32_t> all(rows_.rows);
        std::iota(all.begin(), all.end(), 0u);
        const std::vector<std::uint32_t> owner = assign(rows_, all, centres, workers_);
        Groups out(count);
        for (std::size_t row = 0; row < owner.size(); ++row) out[owner[row]].push_back(static_cast<std::uint32_t>(row));
        order_ = nearestGroups(centres);
        return out;
    }

    const Matrix& rows_;
    Workers& workers_;
    const Monitor& monitor_;
    Groups order_;
    Groups groups_;
    Panels panels_;
    NeighborTable table_;
};

}  // namespace

Result<NeighborTable> partitionSearch(const Matrix& rows, std::size_t k, double recall, Workers& workers, const Monitor& monitor) {
    PartitionSearch search(rows, k, workers, monitor);
    for (std::size_t candidates = std::max(kFirstCandidates, 4 * k);; candidates *= 2) {
        search.scan(candidates);
        if (monitor.cancelled()) return Monitor::stopped();
        search.hop();
        if (monitor.cancelled()) return Monitor::stopped();
        DS_ASSIGN(search.table().recall, sampledRecall(rows, search.table(), workers, monitor));
        if (search.table().recall >= recall || candidates >= rows.rows) return std::move(search.table());
    }
}

}  // namespace driftscope::embed
