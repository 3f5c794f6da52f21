#include "core/table/selection.h"

#include <algorithm>
#include <iterator>

namespace driftscope {

IdSet::IdSet(std::vector<std::uint32_t> ids) : ids_(std::move(ids)) {
    if (!std::is_sorted(ids_.begin(), ids_.end())) std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
}

IdSet IdSet::ofSorted(std::vector<std::uint32_t> ids) {
    IdSet set;
    set.ids_ = std::move(ids);
    return set;
}

bool IdSet::contains(std::uint32_t id) const {
    return std::binary_search(ids_.begin(), ids_.end(), id);
}

IdSet IdSet::united(const IdSet& other) const {
    IdSet out;
    std::set_union(ids_.begin(), ids_.end(), other.ids_.begin(), other.ids_.end(), std::back_inserter(out.ids_));
    return out;
}

IdSet IdSet::intersected(const IdSet& other) const {
    IdSet out;
    std::set_intersection(ids_.begin(), ids_.end(), other.ids_.begin(), other.ids_.end(), std::back_inserter(out.ids_));
    return out;
}

IdSet IdSet::without(const IdSet& other) const {
    IdSet out;
    std::set_difference(ids_.begin(), ids_.end(), other.ids_.begin(), other.ids_.end(), std::back_inserter(out.ids_));
    return out;
}

Relation::Relation(ElementKind from, ElementKind to, std::vector<std::vector<std::uint32_t>> targets)
    : from_(from), to_(to), targets_(std::move(targets)) {}

Relation Relation::fromIndex(ElementKind from, ElementKind to, const std::vector<std::uint32_t>& targets) {
    std::vector<std::vector<std::uint32_t>> lists;
    lists.reserve(targets.size());
    for (std::uint32_t target : targets) lists.push_back({target});
    return {from, to, std::move(lists)};
}

IdSet Relation::map(const IdSet& ids) const {
    std::vector<std::uint32_t> out;
    for (std::uint32_t id : ids.ids())
        if (id < targets_.size()) out.insert(out.end(), targets_[id].begin(), targets_[id].end());
    return IdSet(std::move(out));
}

Relation Relation::inverse() const {
    std::uint32_t last = 0;
    for (const auto& list : targets_)
        for (std::uint32_t target : list) last = std::max(last, target + 1);
    std::vector<std::vector<std::uint32_t>> lists(last);
    for (std::uint32_t id = 0; id < targets_.size(); ++id)
        for (std::uint32_t target : targets_[id]) lists[target].push_back(id);
    return {to_, from_, std::move(lists)};
}

}  // namespace driftscope
