#include "widgets/image/outlines.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace driftscope::image {

namespace {

/// Steps along the cracks: right, down, left, up. The object lies to the right of the way.
constexpr std::array<QPoint, 4> kStep{QPoint(1, 0), QPoint(0, 1), QPoint(-1, 0), QPoint(0, -1)};
/// From a grid corner, the pixel ahead on the right and on the left of each direction.
constexpr std::array<QPoint, 4> kAheadRight{QPoint(0, 0), QPoint(-1, 0), QPoint(-1, -1), QPoint(0, -1)};
constexpr std::array<QPoint, 4> kAheadLeft{QPoint(0, -1), QPoint(0, 0), QPoint(-1, 0), QPoint(-1, -1)};

class Tracer {
  public:
    explicit Tracer(const io::LabelImage& labels) : labels_(labels), seen_(labels.pixels.size()) {}

    Outlines run() {
        for (int y = 0; y < labels_.height; ++y) scanRow(y);
        for (Outline& cell : out_.cells) cell.centre /= static_cast<double>(cell.area);
        std::sort(out_.cells.begin(), out_.cells.end(), [](const Outline& a, const Outline& b) { return a.id < b.id; });
        return std::move(out_);
    }

  private:
    void scanRow(int y) {
        for (int x = 0; x < labels_.width;) {
            const std::uint32_t id = labels_.at(y, x);
            int end = x + 1;
            while (end < labels_.width && labels_.at(y, end) == id) ++end;
            if (id != 0) addRun(id, y, x, end);
            x = end;
        }
    }

    void addRun(std::uint32_t id, int y, int begin, int end) {
        const auto [entry, isNew] = index_.try_emplace(id, out_.cells.size());
        if (isNew) out_.cells.push_back({.id = id});
        Outline& cell = out_.cells[entry->second];
        const int count = end - begin;
        cell.area += count;
        cell.centre += QPointF(0.5 * (begin + end) * count, (y + 0.5) * count);
        cell.bounds |= QRect(begin, y, count, 1);
        for (int x = begin; x < end; ++x)
            if (!is(id, x, y - 1) && !seen_[position(x, y)]) follow(cell, x, y);
    }

    void follow(Outline& cell, int startX, int startY) {
        const QPoint start(startX, startY);
        QPoint at = start;
        int way = 0;
        cell.path.moveTo(at);
        ++cell.corners;
        do {
            if (way == 0) seen_[position(at.x(), at.y())] = true;
            at += kStep[static_cast<std::size_t>(way)];
            const int next = turn(cell.id, at, way);
            if (next != way && at != start) {
                cell.path.lineTo(at);
                ++cell.corners;
            }
            way = next;
        } while (at != start || way != 0);
        cell.path.closeSubpath();
    }

    /// Keeps to the object's own pixels, so diagonal neighbours stay apart.
    int turn(std::uint32_t id, QPoint at, int way) const {
        const QPoint right = at + kAheadRight[static_cast<std::size_t>(way)],
                     left = at + kAheadLeft[static_cast<std::size_t>(way)];
        if (!is(id, right.x(), right.y())) return (way + 1) % 4;
        return is(id, left.x(), left.y()) ? (way + 3) % 4 : way;
    }

    bool is(std::uint32_t id, int x, int y) const { return labels_.contains(y, x) && labels_.at(y, x) == id; }
    std::size_t position(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(labels_.width) + static_cast<std::size_t>(x);
    }

    const io::LabelImage& labels_;
    std::vector<bool> seen_;  // upper edges already on a ring
    std::unordered_map<std::uint32_t, std::size_t> index_;
    Outlines out_;
};

}  // namespace

const Outline* Outlines::find(std::uint32_t id) const {
    const auto it = std::lower_bound(cells.begin(), cells.end(), id,
                                     [](const Outline& cell, std::uint32_t wanted) { return cell.id < wanted; });
    return it != cells.end() && it->id == id ? &*it : nullptr;
}

Outlines traceOutlines(const io::LabelImage& labels) {
    return Tracer(labels).run();
}

}  // namespace driftscope::image
