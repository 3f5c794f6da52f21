#include "core/embed/label_queue.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_set>

#include "core/base/fingerprint.h"

namespace driftscope::embed {
namespace {

// Streams of the random numbers, so that one choice does not depend on another.
enum Stream : std::uint64_t { kReference = 1, kCandidates = 2, kAudit = 3 };

constexpr float kSure = 0.8F;  // a lead of the best class above which nobody would call the probe unsure

struct Doubt {
    float confidence = 0;
    float margin = 1;
    float weight = 1;  ///< 1 - margin
};

Doubt doubtOf(const Matrix* probabilities, std::uint32_t row) {
    if (!probabilities) return {};
    float best = 0, second = 0;
    for (float p : probabilities->row(row)) {
        if (!std::isfinite(p)) return {};
        if (p > best) second = std::exchange(best, p);
        else second = std::max(second, p);
    }
    return {best, best - second, 1 - (best - second)};
}

/// `rows` in a random order that depends on the seed and the row alone.
std::vector<std::uint32_t> shuffled(const std::vector<std::uint32_t>& rows, std::uint64_t seed, Stream stream) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> keyed;
    keyed.reserve(rows.size());
    for (std::uint32_t row : rows) keyed.emplace_back(randomBits(seed, stream, row), row);
    std::ranges::sort(keyed);
    std::vector<std::uint32_t> out;
    out.reserve(rows.size());
    for (const auto& [key, row] : keyed) out.push_back(row);
    return out;
}

float squaredDistance(std::span<const float> a, std::span<const float> b) {
    float sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

/// Squared distances of `from` to all of `to`.
std::vector<float> distances(const Matrix& features, const std::vector<std::uint32_t>& to, std::uint32_t from) {
    std::vector<float> out(to.size());
    for (std::size_t i = 0; i < to.size(); ++i) out[i] = squaredDistance(features.row(to[i]), features.row(from));
    return out;
}

/// Chooses greedily what covers most.
class Herd {
  public:
    Herd(const QueueInput& input, const QueueOptions& options) : input_(input), options_(options), features_(*input.features) {
        for (std::uint32_t row = 0; row < features_.rows; ++row) {
            if (!std::ranges::all_of(features_.row(row), [](float v) { return std::isfinite(v); })) continue;
            finite_.push_back(row);
            if (input_.labels[row] < 0) open_.push_back(row);
        }
    }

    std::vector<QueueItem> run() {
        if (open_.empty() || options_.count == 0) return {};
        reference_ = shuffled(finite_, options_.seed, kReference);
        reference_.resize(std::min(reference_.size(), options_.sample));
        chooseCandidates();
        measure();
        coverLabelled();
        const std::vector<std::uint32_t> audits = shuffled(open_, options_.seed, kAudit);
        std::size_t nextAudit = 0;
        std::vector<QueueItem> out;
        const auto given = static_cast<std::size_t>(std::ranges::count_if(input_.labels, [](int label) { return label >= 0; }));
        while (out.size() < options_.count) {
            const bool audit = isAudit(given + out.size());
            if (!(audit ? takeAudit(audits, nextAudit, out) : takeBest(out))) {
                if (groups_.empty()) break;
                startSecondRound(nextAudit);  // every group is there once: fill up from all of them
            }
        }
        return out;
    }

  private:
    /// Counted over all labels ever given, so that the share holds also when the queue is asked again after each label.
    bool isAudit(std::size_t given) const {
        constexpr double kRounding = 1e-9;
        return std::floor(static_cast<double>(given + 1) * options_.audit + kRounding) > std::floor(static_cast<double>(given) * options_.audit + kRounding);
    }

    /// The rows worth a look: the most doubtful ones and as many random ones.
    void chooseCandidates() {
        candidates_ = shuffled(open_, options_.seed, kCandidates);
        if (candidates_.size() > options_.sample && input_.probabilities) {
            const auto half = candidates_.begin() + static_cast<std::ptrdiff_t>(options_.sample / 2);
            std::vector<std::pair<float, std::uint32_t>> rest;
            for (auto it = half; it != candidates_.end(); ++it) rest.emplace_back(doubtOf(input_.probabilities, *it).margin, *it);
            const std::size_t kept = options_.sample - options_.sample / 2;
            std::ranges::partial_sort(rest, rest.begin() + static_cast<std::ptrdiff_t>(kept));
            candidates_.erase(half, candidates_.end());
            for (std::size_t i = 0; i < kept; ++i) candidates_.push_back(rest[i].second);
        }
        candidates_.resize(std::min(candidates_.size(), options_.sample));
    }

    /// Kernel between candidates and reference rows; its width is the median distance to the k-th nearest reference row.
    void measure() {
        kernel_ = Matrix(candidates_.size(), reference_.size());
        std::vector<float> radii;
        for (std::size_t i = 0; i < candidates_.size(); ++i) {
            std::vector<float> row = distances(features_, reference_, candidates_[i]);
            std::ranges::copy(row, kernel_.row(i).begin());
            const std::size_t k = std::min(options_.neighbors, row.size() - 1);
            std::nth_element(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(k), row.end());
            radii.push_back(row[k]);
        }
        std::nth_element(radii.begin(), radii.begin() + static_cast<std::ptrdiff_t>(radii.size() / 2), radii.end());
        width_ = std::max(radii[radii.size() / 2], std::numeric_limits<float>::min());
        for (float& value : kernel_.values) value = std::exp(-value / width_);
        weights_.clear();
        for (std::uint32_t row : reference_) weights_.push_back(input_.labels[row] < 0 ? doubtOf(input_.probabilities, row).weight : 0);
        total_ = std::max(std::accumulate(weights_.begin(), weights_.end(), 0.0f), std::numeric_limits<float>::min());
        covered_.assign(reference_.size(), 0);
        gains_.assign(candidates_.size(), std::numeric_limits<float>::max());
        fresh_.assign(candidates_.size(), false);
        used_.assign(candidates_.size(), false);
    }

    void coverLabelled() {
        for (std::uint32_t row : finite_)
            if (input_.labels[row] >= 0) {
                const std::vector<float> from = distances(features_, reference_, row);
                for (std::size_t j = 0; j < from.size(); ++j) covered_[j] = std::max(covered_[j], std::exp(-from[j] / width_));
            }
    }

    float gain(std::size_t candidate) const {
        const auto row = kernel_.row(candidate);
        float sum = 0;
        for (std::size_t j = 0; j < row.size(); ++j) sum += weights_[j] * std::max(0.0f, row[j] - covered_[j]);
        return sum;
    }

    bool isTaken(std::uint32_t row) const {
        return chosen_.contains(row) || (!input_.groups.empty() && groups_.contains(input_.groups[row]));
    }
    void take(std::uint32_t row, QueueReason reason, float share, std::vector<QueueItem>& out) {
        const Doubt doubt = doubtOf(input_.probabilities, row);
        out.push_back({row, reason, doubt.confidence, doubt.margin, share});
        chosen_.insert(row);
        if (!input_.groups.empty()) groups_.insert(input_.groups[row]);
    }

    /// Coverage only grows, so a gain can only shrink: an old one is an upper bound (lazy greedy, Minoux 1978).
    bool takeBest(std::vector<QueueItem>& out) {
        fresh_.assign(fresh_.size(), false);
        while (true) {
            std::size_t best = candidates_.size();
            for (std::size_t i = 0; i < candidates_.size(); ++i)
                if (!used_[i] && (best == candidates_.size() || gains_[i] > gains_[best])) best = i;
            if (best == candidates_.size()) return false;
            if (isTaken(candidates_[best])) {
                used_[best] = true;
                continue;
            }
            if (!fresh_[best]) {
                gains_[best] = gain(best);
                fresh_[best] = true;
                continue;
            }
            used_[best] = true;
            const auto row = kernel_.row(best);
            for (std::size_t j = 0; j < row.size(); ++j) covered_[j] = std::max(covered_[j], row[j]);
            const bool unsure = doubtOf(input_.probabilities, candidates_[best]).margin < kSure;
            take(candidates_[best], unsure ? QueueReason::Unsure : QueueReason::Typical, gains_[best] / total_, out);
            return true;
        }
    }

    void startSecondRound(std::size_t& nextAudit) {
        groups_.clear();
        nextAudit = 0;
        for (std::size_t i = 0; i < used_.size(); ++i) used_[i] = chosen_.contains(candidates_[i]);
    }

    bool takeAudit(const std::vector<std::uint32_t>& audits, std::size_t& next, std::vector<QueueItem>& out) {
        for (; next < audits.size(); ++next) {
            if (isTaken(audits[next])) continue;
            take(audits[next++], QueueReason::Audit, 0, out);
            return true;
        }
        return false;
    }

    const QueueInput& input_;
    const QueueOptions& options_;
    const Matrix& features_;
    std::vector<std::uint32_t> finite_, open_, reference_, candidates_;
    Matrix kernel_;
    float width_ = 1, total_ = 1;
    std::vector<float> weights_, covered_, gains_;
    std::vector<bool> fresh_, used_;
    std::unordered_set<std::uint32_t> chosen_, groups_;
};

}  // namespace

std::string_view name(QueueReason reason) {
    switch (reason) {
        case QueueReason::Typical: return "typical";
        case QueueReason::Unsure: return "unsure";
        case QueueReason::Audit: return "audit";
    }
    return "";
}

std::vector<QueueItem> nextToLabel(const QueueInput& input, const QueueOptions& options) {
    if (!input.features || input.features->columns == 0) return {};
    return Herd(input, options).run();
}

}  // namespace driftscope::embed
