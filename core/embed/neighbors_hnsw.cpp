#include <hnswlib/hnswlib.h>

#include <numeric>

#include "core/base/fingerprint.h"
#include "core/embed/neighbor_search.h"

namespace driftscope::embed {
namespace {

constexpr std::size_t kLinks = 16;
constexpr std::size_t kBuildWidth = 200;
constexpr std::size_t kInsertsPerReport = 512;
constexpr std::size_t kWidest = 32;  // times the first search width: beyond that, widening no longer finds what is missing

/// Tables come ordered by track; inserted so, the graph falls into one piece per track. A fixed shuffle keeps it whole.
std::vector<std::uint32_t> shuffled(std::size_t count) {
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0u);
    for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[randomBits(0, 3, i) % i]);
    return order;
}

Result<void> build(hnswlib::HierarchicalNSW<float>& index, const Matrix& rows, const Monitor& monitor) {
    std::size_t done = 0;
    for (const std::uint32_t row : shuffled(rows.rows)) {
        index.addPoint(rows.row(row).data(), row);
        if (++done % kInsertsPerReport) continue;
        if (monitor.cancelled()) return Monitor::stopped();
        monitor.report(static_cast<double>(done), static_cast<double>(rows.rows), "neighbour graph");
    }
    return {};
}

void query(hnswlib::HierarchicalNSW<float>& index, const Matrix& rows, NeighborTable& out, Workers& workers, const Monitor& monitor) {
    workers.forBlocks(rows.rows, kInsertsPerReport, [&](std::size_t begin, std::size_t end) {
        if (monitor.cancelled()) return;
        for (std::size_t row = begin; row < end; ++row) {
            auto found = index.searchKnn(rows.row(row).data(), out.k + 1);
            std::vector<std::uint32_t> candidates;
            for (; !found.empty(); found.pop())
                if (found.top().second != row) candidates.push_back(static_cast<std::uint32_t>(found.top().second));
            // A graph in pieces may return too few: the next rows fill up and lose against any true neighbour.
            for (std::uint32_t fill = 0; candidates.size() < out.k; ++fill)
                if (fill != row && std::find(candidates.begin(), candidates.end(), fill) == candidates.end()) candidates.push_back(fill);
            keepNearest(rows, static_cast<std::uint32_t>(row), candidates, std::span(out.indices).subspan(row * out.k, out.k),
                        std::span(out.distances).subspan(row * out.k, out.k));
        }
    });
}

}  // namespace

Result<NeighborTable> hnswSearch(const Matrix& rows, std::size_t k, double recall, Workers& workers, const Monitor& monitor) {
    try {
        hnswlib::L2Space space(rows.columns);
        hnswlib::HierarchicalNSW<float> index(&space, rows.rows, kLinks, kBuildWidth);
        DS_TRY(build(index, rows, monitor));
        NeighborTable out{rows.rows, k, std::vector<std::uint32_t>(rows.rows * k), std::vector<float>(rows.rows * k)};
        const std::size_t first = std::max<std::size_t>(32, 2 * k);
        for (std::size_t width = first;; width *= 2) {
            index.setEf(width);
            query(index, rows, out, workers, monitor);
            if (monitor.cancelled()) return Monitor::stopped();
            DS_ASSIGN(out.recall, sampledRecall(rows, out, workers, monitor));
            if (out.recall >= recall || width >= std::min(rows.rows, first * kWidest)) return out;
        }
    } catch (const std::runtime_error& error) {
        return fail(ErrorCode::Internal, fmt::format("The HNSW index of {} x {} failed: {}.", rows.rows, rows.columns, error.what()),
                    "Use method=partition or method=exact.");
    }
}

}  // namespace driftscope::embed
