#include "widgets/session/selection_hub.h"

#include <QMetaObject>
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace driftscope {
namespace {

using Slot = std::pair<SelectionLayer, ElementKind>;
using FilterKey = std::pair<const void*, ElementKind>;

struct Said {
    IdSet ids;
    const void* source;
};

}  // namespace

struct SelectionHub::State {
    std::map<Slot, Said> sets;  ///< Hover, Select and Colour as they were set
    std::map<FilterKey, IdSet> filters;
    std::vector<Relation> relations;
    std::map<Slot, std::optional<IdSet>> derived;  ///< answers of get() until the next change
    QString colourColumn;
    std::map<Slot, const void*> pending;
    bool flushScheduled = false;

    /// Relations to follow from one kind to another, shortest way; empty when there is none or none is needed.
    std::vector<const Relation*> path(ElementKind from, ElementKind to) const;
    /// The kind itself and all that relations lead to.
    std::set<ElementKind> reachable(ElementKind from) const;
    std::optional<IdSet> mapped(const IdSet& ids, ElementKind from, ElementKind to) const;
    std::optional<IdSet> resolve(SelectionLayer layer, ElementKind kind) const;
    const std::optional<IdSet>& cached(SelectionLayer layer, ElementKind kind);
    /// Notes that the layer changed for `kind` and every kind that follows from it.
    void touch(SelectionLayer layer, ElementKind kind, const void* source);
};

std::vector<const Relation*> SelectionHub::State::path(ElementKind from, ElementKind to) const {
    std::map<ElementKind, const Relation*> reachedBy{{from, nullptr}};
    std::vector<ElementKind> frontier{from};
    for (std::size_t next = 0; next < frontier.size() && !reachedBy.contains(to); ++next)
        for (const Relation& relation : relations)
            if (relation.from() == frontier[next] && reachedBy.try_emplace(relation.to(), &relation).second)
                frontier.push_back(relation.to());
    std::vector<const Relation*> steps;
    if (!reachedBy.contains(to)) return steps;
    for (ElementKind kind = to; kind != from; kind = steps.back()->from()) steps.push_back(reachedBy[kind]);
    std::reverse(steps.begin(), steps.end());
    return steps;
}

std::set<ElementKind> SelectionHub::State::reachable(ElementKind from) const {
    std::set<ElementKind> kinds{from};
    for (bool grew = true; grew;) {
        grew = false;
        for (const Relation& relation : relations)
            if (kinds.contains(relation.from())) grew |= kinds.insert(relation.to()).second;
    }
    return kinds;
}

std::optional<IdSet> SelectionHub::State::mapped(const IdSet& ids, ElementKind from, ElementKind to) const {
    if (from == to) return ids;
    const auto steps = path(from, to);
    if (steps.empty()) return std::nullopt;
    IdSet result = ids;
    for (const Relation* relation : steps) result = relation->map(result);
    return result;
}

std::optional<IdSet> SelectionHub::State::resolve(SelectionLayer layer, ElementKind kind) const {
    std::optional<IdSet> answer;
    if (layer != SelectionLayer::Filter) {
        if (const auto own = sets.find({layer, kind}); own != sets.end()) return own->second.ids;
        for (const auto& [slot, said] : sets)
            if (slot.first == layer && (answer = mapped(said.ids, slot.second, kind))) return answer;
        return answer;
    }
    for (const auto& [key, ids] : filters)
        if (const auto shown = mapped(ids, key.second, kind)) answer = answer ? answer->intersected(*shown) : *shown;
    return answer;
}

const std::optional<IdSet>& SelectionHub::State::cached(SelectionLayer layer, ElementKind kind) {
    const auto [entry, isNew] = derived.try_emplace({layer, kind});
    if (isNew) entry->second = resolve(layer, kind);
    return entry->second;
}

void SelectionHub::State::touch(SelectionLayer layer, ElementKind kind, const void* source) {
    for (ElementKind affected : reachable(kind)) {
        derived.erase({layer, affected});
        const auto [entry, isNew] = pending.try_emplace({layer, affected}, source);
        if (isNew || entry->second == source) continue;
        // The last word replaces a hover or a selection, so only its speaker knows the result; filters of two sources
        // combine, so both must hear.
        entry->second = layer == SelectionLayer::Filter ? nullptr : source;
    }
}

SelectionHub::SelectionHub(QObject* parent) : QObject(parent), state_(std::make_unique<State>()) {}
SelectionHub::~SelectionHub() = default;

void SelectionHub::scheduleFlush() {
    if (state_->flushScheduled || state_->pending.empty()) return;
    state_->flushScheduled = true;
    QMetaObject::invokeMethod(this, &SelectionHub::flush, Qt::QueuedConnection);
}

void SelectionHub::flush() {
    state_->flushScheduled = false;
    for (const auto& [slot, source] : std::exchange(state_->pending, {}))
        Q_EMIT changed({slot.first, slot.second, source});
}

void SelectionHub::set(SelectionLayer layer, ElementKind kind, IdSet ids, const void* source) {
    if (layer == SelectionLayer::Filter) {
        const auto [entry, isNew] = state_->filters.try_emplace({source, kind});
        if (!isNew && entry->second == ids) return;
        entry->second = std::move(ids);
    } else {
        const auto own = state_->sets.find({layer, kind});
        if (own == state_->sets.end() ? ids.empty() && !state_->cached(layer, kind) : own->second.ids == ids) return;
        // What was said about related kinds is replaced: they follow from this set now.
        for (ElementKind related : state_->reachable(kind)) state_->sets.erase({layer, related});
        state_->sets[{layer, kind}] = {std::move(ids), source};
    }
    state_->touch(layer, kind, source);
    scheduleFlush();
}

IdSet SelectionHub::get(SelectionLayer layer, ElementKind kind) const {
    return state_->cached(layer, kind).value_or(IdSet());
}

bool SelectionHub::hasFilter(ElementKind kind) const {
    return state_->cached(SelectionLayer::Filter, kind).has_value();
}

void SelectionHub::clear(const void* source) {
    for (auto filter = state_->filters.begin(); filter != state_->filters.end();) {
        if (filter->first.first != source) {
            ++filter;
            continue;
        }
        const ElementKind kind = filter->first.second;
        filter = state_->filters.erase(filter);
        state_->touch(SelectionLayer::Filter, kind, source);
    }
    for (auto said = state_->sets.begin(); said != state_->sets.end();) {
        const Slot slot = said->first;
        if (said->second.source != source || slot.first != SelectionLayer::Hover) {
            ++said;
            continue;
        }
        said = state_->sets.erase(said);
        state_->touch(slot.first, slot.second, source);
    }
    scheduleFlush();
}

void SelectionHub::setColourColumn(const QString& column, const void* source) {
    if (column == state_->colourColumn) return;
    state_->colourColumn = column;
    state_->touch(SelectionLayer::Colour, ElementKind::Cell, source);
    scheduleFlush();
}

QString SelectionHub::colourColumn() const { return state_->colourColumn; }

void SelectionHub::addRelation(Relation relation) {
    // Another table of the same kinds was opened: what related their elements before says nothing of the new ones.
    std::erase_if(state_->relations, [&](const Relation& old) {
        return (old.from() == relation.from() && old.to() == relation.to()) || (old.from() == relation.to() && old.to() == relation.from());
    });
    state_->relations.push_back(relation.inverse());
    state_->relations.push_back(std::move(relation));
    state_->derived.clear();
}

void SelectionHub::reset() {
    std::set<Slot> touched;
    for (const auto& entry : state_->sets) touched.insert(entry.first);
    for (const auto& entry : state_->filters) touched.insert({SelectionLayer::Filter, entry.first.second});
    for (const Slot& slot : touched) state_->touch(slot.first, slot.second, nullptr);
    state_->sets.clear();
    state_->filters.clear();
    state_->relations.clear();
    state_->derived.clear();
    state_->colourColumn.clear();
    scheduleFlush();
}

}  // namespace driftscope
