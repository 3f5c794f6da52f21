#include "core/cells/link_graph.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/cells/assignment.h"

namespace driftscope::cells {
namespace {

double automaticDistance(const std::vector<const Region*>& nodes) {
    if (nodes.empty()) return 0;
    std::vector<double> areas;
    for (const Region* region : nodes) areas.push_back(region->area);
    const auto middle = areas.begin() + static_cast<std::ptrdiff_t>(areas.size() / 2);
    std::nth_element(areas.begin(), middle, areas.end());
    return 1.5 * 2 * std::sqrt(*middle / std::numbers::pi);
}

/// |ln(a/b)|, bounded so that an object without signal is very different, not infinitely so.
double logRatio(double a, double b) {
    if (a <= 0 || b <= 0) return a == b ? 0 : 3;
    return std::min(3.0, std::abs(std::log(a / b)));
}

}  // namespace

LinkGraph::LinkGraph(const std::vector<std::vector<Region>>& frames, const LinkSettings& settings)
    : settings_(settings), frames_(static_cast<std::uint32_t>(frames.size())) {
    for (std::uint32_t t = 0; t < frames_; ++t) {
        first_.push_back(static_cast<std::uint32_t>(nodes_.size()));
        for (const Region& region : frames[t]) nodes_.push_back(&region), frame_.push_back(t);
    }
    first_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    next_ = previous_ = mother_ = std::vector<std::uint32_t>(nodes_.size(), kNone);
    byY_.resize(nodes_.size());
    for (std::uint32_t i = 0; i < byY_.size(); ++i) byY_[i] = i;
    for (std::uint32_t t = 0; t < frames_; ++t)
        std::ranges::sort(byY_.begin() + first_[t], byY_.begin() + first_[t + 1], {},
                          [&](std::uint32_t node) { return std::pair(nodes_[node]->y, node); });
    maxDistance_ = settings.maxDistance > 0 ? settings.maxDistance : automaticDistance(nodes_);
}

double LinkGraph::distance(std::uint32_t a, std::uint32_t b) const {
    return std::hypot(nodes_[a]->y - nodes_[b]->y, nodes_[a]->x - nodes_[b]->x);
}

double LinkGraph::change(std::uint32_t a, std::uint32_t b) const {
    return settings_.areaWeight * logRatio(nodes_[a]->area, nodes_[b]->area) +
           settings_.intensityWeight * logRatio(nodes_[a]->mean(), nodes_[b]->mean());
}

std::vector<std::uint32_t> LinkGraph::near(std::uint32_t node, std::uint32_t frame, double radius) const {
    const auto begin = byY_.begin() + first_[frame], end = byY_.begin() + first_[frame + 1];
    auto candidate = std::lower_bound(begin, end, nodes_[node]->y - radius,
                                      [&](std::uint32_t n, double y) { return nodes_[n]->y < y; });
    std::vector<std::uint32_t> found;
    for (; candidate != end && nodes_[*candidate]->y <= nodes_[node]->y + radius; ++candidate)
        if (distance(node, *candidate) <= radius) found.push_back(*candidate);
    return found;
}

void LinkGraph::linkFrames(const std::vector<std::vector<Overlap>>& overlaps) {
    const double cutoff = 1 + settings_.areaWeight + settings_.intensityWeight + settings_.overlapWeight;
    for (std::uint32_t t = 1; t < frames_; ++t) {
        std::vector<AssignmentEdge> edges;
        for (std::uint32_t a = first_[t - 1]; a < first_[t]; ++a)
            for (const std::uint32_t b : near(a, t, maxDistance_)) {
                const auto pair = std::pair(nodes_[a]->label, nodes_[b]->label);
                const auto shared = std::ranges::lower_bound(
                    overlaps[t], pair, {}, [](const Overlap& o) { return std::pair(o.first, o.second); });
                const bool overlap = shared != overlaps[t].end() && std::pair(shared->first, shared->second) == pair;
                const double covered = overlap ? shared->pixels / std::min(nodes_[a]->area, nodes_[b]->area) : 0;
                const double travel = distance(a, b) / maxDistance_;
                edges.push_back({a - first_[t - 1], b - first_[t],
                                 travel * travel + change(a, b) + settings_.overlapWeight * (1 - covered)});
            }
        const auto columns = assign(first_[t] - first_[t - 1], first_[t + 1] - first_[t], edges, cutoff);
        for (std::uint32_t row = 0; row < columns.size(); ++row) {
            if (columns[row] == kUnassigned) continue;
            next_[first_[t - 1] + row] = first_[t] + columns[row];
            previous_[first_[t] + columns[row]] = first_[t - 1] + row;
        }
    }
}

std::uint32_t LinkGraph::lifetime(std::uint32_t node) const {
    const std::uint32_t born = frame_[node];
    while (next_[node] != kNone) node = next_[node];
    return frame_[node] == frames_ - 1 ? frames_ : frame_[node] - born + 1;
}

/// Below 1 when `first` and `second` look like the daughters of `mother`: they share her signal, about equally, and lie
/// on both sides of her.
double LinkGraph::divisionCost(std::uint32_t mother, std::uint32_t first, std::uint32_t second) const {
    constexpr double kImpossible = 2;
    const Region &m = *nodes_[mother], &a = *nodes_[first], &b = *nodes_[second];
    if (m.total <= 0 || a.total <= 0 || b.total <= 0) return kImpossible;
    const double balance = std::min(a.total, b.total) / std::max(a.total, b.total);
    const double excess = std::abs(std::log((a.total + b.total) / m.total)) / std::log1p(settings_.divisionTolerance);
    const double middle =
        std::hypot((a.y + b.y) / 2 - m.y, (a.x + b.x) / 2 - m.x) / std::max(1.0, distance(first, second));
    // An object at the edge of the image may be half outside: neither its signal nor its centre can be trusted.
    const bool cut = m.atEdge || a.atEdge || b.atEdge;
    if (balance < settings_.divisionBalance || (!cut && excess > 1) || middle > 0.6) return kImpossible;
    if (lifetime(first) < static_cast<std::uint32_t>(settings_.minDaughterFrames) ||
        lifetime(second) < static_cast<std::uint32_t>(settings_.minDaughterFrames))
        return kImpossible;
    return (1 - balance + std::min(1.0, excess) + middle) / 3;
}

double LinkGraph::gapCost(std::uint32_t end, std::uint32_t start) const {
    const double frames = frame_[start] - frame_[end];
    const double travel = distance(end, start) / maxDistance_;
    return travel * travel / frames + change(end, start) + 0.1 * (frames - 1);
}

void LinkGraph::divide(std::uint32_t mother, std::uint32_t second) {
    const std::uint32_t first = next_[mother];
    next_[mother] = previous_[first] = kNone;
    mother_[first] = mother_[second] = mother;
    ++divisions_;
}

void LinkGraph::explainStarts() {
    std::vector<std::uint32_t> starts;
    std::vector<AssignmentEdge> edges;
    // Columns: node i as the end of an interrupted track, then node i as a mother.
    const auto nodes = static_cast<std::uint32_t>(nodes_.size());
    for (std::uint32_t start = frames_ > 0 ? first_[1] : 0; start < nodes; ++start) {
        if (previous_[start] != kNone) continue;
        const auto row = static_cast<std::uint32_t>(starts.size());
        starts.push_back(start);
        const std::uint32_t t = frame_[start];
        for (std::uint32_t gap = 1; gap <= static_cast<std::uint32_t>(settings_.gapFrames) + 1 && gap <= t; ++gap)
            for (const std::uint32_t end : near(start, t - gap, maxDistance_ * std::sqrt(gap)))
                if (next_[end] == kNone) edges.push_back({row, end, gapCost(end, start)});
        if (!settings_.divisions) continue;
        for (const std::uint32_t mother : near(start, t - 1, maxDistance_))
            if (next_[mother] != kNone && frame_[next_[mother]] == t)
                edges.push_back({row, nodes + mother, divisionCost(mother, next_[mother], start)});
    }
    const auto chosen = assign(starts.size(), 2 * nodes_.size(), edges, 1.0);
    for (std::size_t row = 0; row < starts.size(); ++row) {
        if (chosen[row] == kUnassigned) continue;
        if (chosen[row] >= nodes) {
            divide(chosen[row] - nodes, starts[row]);
        } else {
            next_[chosen[row]] = starts[row];
            previous_[starts[row]] = chosen[row];
            ++closedGaps_;
        }
    }
}

}  // namespace driftscope::cells
