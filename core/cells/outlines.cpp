#include "core/cells/outlines.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace driftscope::cells {
namespace {

/// A directed pixel edge with its object on the right-hand side.
struct Step {
    std::uint32_t label;
    Corner from;
    std::uint8_t direction;  // 0 right, 1 down, 2 left, 3 up
    bool used = false;
};

constexpr std::array<Corner, 4> kMove = {{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};

std::uint32_t labelAt(const io::LabelImage& labels, int y, int x) {
    return labels.contains(y, x) ? labels.at(y, x) : 0;
}

std::vector<Step> boundarySteps(const io::LabelImage& labels) {
    std::vector<Step> steps;
    for (int y = 0; y < labels.height; ++y)
        for (int x = 0; x < labels.width; ++x) {
            const std::uint32_t label = labels.at(y, x);
            if (label == 0) continue;
            if (labelAt(labels, y - 1, x) != label) steps.push_back({label, {x, y}, 0});
            if (labelAt(labels, y, x + 1) != label) steps.push_back({label, {x + 1, y}, 1});
            if (labelAt(labels, y + 1, x) != label) steps.push_back({label, {x + 1, y + 1}, 2});
            if (labelAt(labels, y, x - 1) != label) steps.push_back({label, {x, y + 1}, 3});
        }
    std::ranges::sort(steps, {}, [](const Step& s) { return std::tuple(s.label, s.from.y, s.from.x, s.direction); });
    return steps;
}

/// The unused step of `label` that leaves `corner` after arriving in `direction`. Where two parts touch at a corner,
/// the right turn stays with the same part.
Step* follow(std::vector<Step>& steps, std::uint32_t label, Corner corner, std::uint8_t direction) {
    const auto leaving = std::ranges::equal_range(steps, std::tuple(label, corner.y, corner.x), {}, [](const Step& s) {
        return std::tuple(s.label, s.from.y, s.from.x);
    });
    Step* best = nullptr;
    int bestTurn = 4;
    for (Step& step : leaving) {
        const int turn = (direction + 1 - step.direction + 4) % 4;  // 0 right, 1 straight, 2 left
        if (!step.used && turn < bestTurn) best = &step, bestTurn = turn;
    }
    return best;
}

}  // namespace

std::vector<Outline> outlines(const io::LabelImage& labels) {
    std::vector<Step> steps = boundarySteps(labels);
    std::vector<Outline> result;
    for (Step& start : steps) {
        if (start.used) continue;
        Outline outline{start.label, {}};
        for (Step* step = &start; step;) {
            step->used = true;
            const Corner to{step->from.x + kMove[step->direction].x, step->from.y + kMove[step->direction].y};
            Step* next = follow(steps, start.label, to, step->direction);
            if ((next ? next->direction : start.direction) != step->direction) outline.corners.push_back(to);
            step = next;
        }
        result.push_back(std::move(outline));
    }
    return result;
}

io::Image<std::uint8_t> edgePixels(const io::LabelImage& labels) {
    io::Image<std::uint8_t> edges(labels.width, labels.height);
    for (int y = 0; y < labels.height; ++y)
        for (int x = 0; x < labels.width; ++x) {
            const std::uint32_t label = labels.at(y, x);
            if (label == 0) continue;
            edges.at(y, x) = labelAt(labels, y - 1, x) != label || labelAt(labels, y + 1, x) != label ||
                             labelAt(labels, y, x - 1) != label || labelAt(labels, y, x + 1) != label;
        }
    return edges;
}

}  // namespace driftscope::cells
