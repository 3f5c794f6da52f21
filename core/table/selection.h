#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace driftscope {

/// What an id counts. Ids are row or entity indices of the open table.
enum class ElementKind { Cell, Track, Document, Topic, Word, Prompt, Layer, Claim };

/// How views show a set: Hover is momentary, Select is the working set, Filter hides the rest, Colour says by which column.
enum class SelectionLayer { Hover, Select, Filter, Colour };

/// A sorted set of element ids.
class IdSet {
  public:
    IdSet() = default;
    explicit IdSet(std::vector<std::uint32_t> ids);  ///< sorts and removes duplicates
    static IdSet ofSorted(std::vector<std::uint32_t> ids);  ///< must be rising without duplicates; millions need no second look
    std::span<const std::uint32_t> ids() const { return ids_; }
    bool contains(std::uint32_t id) const;
    bool empty() const { return ids_.empty(); }
    std::size_t size() const { return ids_.size(); }
    bool operator==(const IdSet&) const = default;

    IdSet united(const IdSet& other) const;
    IdSet intersected(const IdSet& other) const;
    IdSet without(const IdSet& other) const;

  private:
    std::vector<std::uint32_t> ids_;
};

/// Maps ids of one kind to another (cell -> track, topic <-> document), many to many.
class Relation {
  public:
    Relation(ElementKind from, ElementKind to, std::vector<std::vector<std::uint32_t>> targets);
    /// A function: element i belongs to targets[i].
    static Relation fromIndex(ElementKind from, ElementKind to, const std::vector<std::uint32_t>& targets);

    ElementKind from() const { return from_; }
    ElementKind to() const { return to_; }
    IdSet map(const IdSet& ids) const;
    Relation inverse() const;

  private:
    ElementKind from_;
    ElementKind to_;
    std::vector<std::vector<std::uint32_t>> targets_;
};

}  // namespace driftscope
