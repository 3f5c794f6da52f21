#include "plugins/cells/label_queue.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "core/base/fingerprint.h"

namespace driftscope::cells {
namespace {

constexpr std::size_t kAuditEvery = 10;

float squaredDistance(std::span<const float> a, std::span<const float> b) {
    float sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

bool offered(const QueueInput& input, std::uint32_t row) {
    return input.labels[row] < 0 && std::isfinite((*input.coordinates)(row, 0));
}

/// Best probability and its lead over the second best.
std::pair<float, float> confidenceAndMargin(std::span<const float> probabilities) {
    float best = 0;
    float second = 0;
    for (float p : probabilities) {
        if (p > best) {
            second = best;
            best = p;
        } else {
            second = std::max(second, p);
        }
    }
    return {best, best - second};
}

/// Farthest-first traversal: each pick is the row farthest from all labelled and picked rows.
std::vector<QueueItem> typical(const QueueInput& input, std::size_t count) {
    const Matrix& points = *input.coordinates;
    std::vector<float> distance(points.rows, std::numeric_limits<float>::max());
    const auto shorten = [&](std::uint32_t from) {
        for (std::uint32_t row = 0; row < points.rows; ++row)
            if (std::isfinite(points(row, 0))) distance[row] = std::min(distance[row], squaredDistance(points.row(row), points.row(from)));
    };
    std::vector<std::uint32_t> candidates;
    for (std::uint32_t row = 0; row < points.rows; ++row) {
        if (offered(input, row)) candidates.push_back(row);
        if (input.labels[row] >= 0 && std::isfinite(points(row, 0))) shorten(row);
    }
    std::vector<QueueItem> out;
    std::unordered_set<std::uint32_t> tracks;
    while (out.size() < count) {
        std::int64_t best = -1;
        for (std::uint32_t row : candidates)
            if (!tracks.contains(input.trackOfRow[row]) && (best < 0 || distance[row] > distance[static_cast<std::size_t>(best)])) best = row;
        if (best < 0) break;
        const auto row = static_cast<std::uint32_t>(best);
        out.push_back({row, QueueReason::Typical, 0});
        tracks.insert(input.trackOfRow[row]);
        shorten(row);
    }
    return out;
}

std::vector<QueueItem> unsureWithAudit(const QueueInput& input, std::size_t count) {
    std::vector<std::pair<float, std::uint32_t>> byMargin;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> shuffled;
    for (std::uint32_t row = 0; row < input.coordinates->rows; ++row) {
        if (!offered(input, row)) continue;
        byMargin.emplace_back(confidenceAndMargin(input.probabilities->row(row)).second, row);
        shuffled.emplace_back(randomBits(input.seed, 0, row), row);
    }
    std::ranges::sort(byMargin);
    std::ranges::sort(shuffled);
    std::vector<QueueItem> out;
    std::unordered_set<std::uint32_t> tracks;
    std::size_t unsure = 0;
    std::size_t audit = 0;
    const auto take = [&](auto& list, std::size_t& cursor, QueueReason reason) {
        for (; cursor < list.size(); ++cursor) {
            const std::uint32_t row = list[cursor].second;
            if (!tracks.insert(input.trackOfRow[row]).second) continue;
            out.push_back({row, reason, confidenceAndMargin(input.probabilities->row(row)).first});
            ++cursor;
            return true;
        }
        return false;
    };
    while (out.size() < count) {
        const bool auditTurn = out.size() % kAuditEvery == kAuditEvery - 1;
        if (!(auditTurn ? take(shuffled, audit, QueueReason::Audit) : take(byMargin, unsure, QueueReason::Unsure))) break;
    }
    return out;
}

}  // namespace

std::string_view name(QueueReason reason) {
    switch (reason) {
        case QueueReason::Typical: return "typical";
        case QueueReason::Unsure: return "unsure";
        case QueueReason::Audit: return "audit";
    }
    return "";
}

std::vector<QueueItem> nextToLabel(const QueueInput& input, std::size_t count) {
    if (!input.coordinates || input.coordinates->columns == 0) return {};
    return input.probabilities ? unsureWithAudit(input, count) : typical(input, count);
}

}  // namespace driftscope::cells
