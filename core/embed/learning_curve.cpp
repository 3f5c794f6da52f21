#include "core/embed/learning_curve.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/base/fingerprint.h"
#include "core/embed/fast_probe.h"
#include "core/embed/label_queue.h"

namespace driftscope::embed {
namespace {

/// Mean F1 over the classes that the truth has.
double macroF1(std::span<const int> truth, const Matrix& probabilities) {
    const std::size_t classes = probabilities.columns;
    std::vector<double> has(classes, 0), called(classes, 0), both(classes, 0);
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const auto p = probabilities.row(i);
        const auto best = static_cast<std::size_t>(std::ranges::max_element(p) - p.begin());
        ++has[static_cast<std::size_t>(truth[i])];
        ++called[best];
        both[best] += static_cast<int>(best) == truth[i];
    }
    double sum = 0, present = 0;
    for (std::size_t k = 0; k < classes; ++k) {
        if (has[k] == 0) continue;
        sum += 2 * both[k] / (has[k] + called[k]);
        ++present;
    }
    return present > 0 ? sum / present : 0;
}

Matrix rowsOf(const Matrix& features, const std::vector<std::uint32_t>& rows) {
    Matrix out(rows.size(), features.columns);
    for (std::size_t i = 0; i < rows.size(); ++i) std::ranges::copy(features.row(rows[i]), out.row(i).begin());
    return out;
}

/// The pool an annotator labels, and the groups on which it is tested.
struct Split {
    std::vector<std::uint32_t> pool, test, poolGroups;
    std::vector<int> poolLabels, testLabels;
};

Split splitBy(std::span<const std::uint32_t> rows, std::span<const int> labels, std::span<const std::uint32_t> groups, const std::vector<int>& folds, int held) {
    Split split;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool test = folds[i] == held;
        (test ? split.test : split.pool).push_back(rows[i]);
        (test ? split.testLabels : split.poolLabels).push_back(labels[i]);
        if (!test) split.poolGroups.push_back(groups[i]);
    }
    return split;
}

class Annotator {
  public:
    Annotator(const Matrix& features, const Split& split, std::size_t classes, LabelOrder order, std::uint64_t seed, const CurveOptions& options)
        : features_(features), split_(split), classes_(classes), order_(order), seed_(seed), options_(options) {}

    Result<Curve> run(const std::function<bool()>& goOn) {
        DS_TRY(prepare());
        Curve curve;
        curve.pool = split_.pool.size();
        DS_ASSIGN(curve.full, scoreWith(everyone()));
        const std::size_t most = options_.most == 0 ? curve.pool : std::min(options_.most, curve.pool);
        while (labelled_.size() < most) {
            if (goOn && !goOn()) return tl::unexpected(Error{ErrorCode::Cancelled, "Cancelled.", {}, {}});
            const std::size_t before = labelled_.size();
            DS_TRY(labelBatch(std::min(options_.batch, most - before)));
            if (labelled_.size() == before) break;
            DS_ASSIGN(const double f1, scoreWith(labelled_));
            curve.labels.push_back(labelled_.size());
            curve.macroF1.push_back(f1);
        }
        return curve;
    }

  private:
    Result<void> prepare() {
        known_.assign(split_.pool.size(), -1);
        if (order_ == LabelOrder::Random) {
            randomOrder_ = everyone();
            std::ranges::sort(randomOrder_, {}, [&](std::uint32_t i) { return randomBits(seed_, 11, i); });
            return {};
        }
        packed_ = rowsOf(features_, split_.pool);
        DS_ASSIGN(fast_, FastProbe::make(packed_));
        queueFeatures_ = fast_->features();
        return {};
    }

    std::vector<std::uint32_t> everyone() const {
        std::vector<std::uint32_t> all(split_.pool.size());
        std::iota(all.begin(), all.end(), 0u);
        return all;
    }

    Result<void> labelBatch(std::size_t count) {
        std::vector<std::uint32_t> next;
        if (order_ == LabelOrder::Random) {
            for (std::size_t i = labelled_.size(); next.size() < count && i < randomOrder_.size(); ++i) next.push_back(randomOrder_[i]);
        } else {
            DS_ASSIGN(next, queued(count));
        }
        for (std::uint32_t i : next) {
            known_[i] = split_.poolLabels[i];
            labelled_.push_back(i);
        }
        return {};
    }

    Result<std::vector<std::uint32_t>> queued(std::size_t count) {
        Matrix probabilities;
        if (classesKnown() >= 2) {
            std::vector<int> classes;
            for (std::uint32_t i : labelled_) classes.push_back(known_[i]);
            DS_TRY(fast_->fit(labelled_, classes, classes_));
            probabilities = fast_->scores();
        }
        const QueueInput input{&queueFeatures_, known_, split_.poolGroups, probabilities.rows > 0 ? &probabilities : nullptr};
        QueueOptions options = options_.queue;
        options.count = count;
        options.seed = seed_ * 1'000'003 + labelled_.size();
        std::vector<std::uint32_t> out;
        for (const QueueItem& item : nextToLabel(input, options)) out.push_back(item.row);
        return out;
    }

    std::size_t classesKnown() const {
        std::set<int> classes;
        for (std::uint32_t i : labelled_) classes.insert(known_[i]);
        return classes.size();
    }

    Result<double> scoreWith(const std::vector<std::uint32_t>& members) const {
        std::vector<std::uint32_t> rows;
        std::vector<int> labels;
        for (std::uint32_t i : members) {
            rows.push_back(split_.pool[i]);
            labels.push_back(split_.poolLabels[i]);
        }
        if (std::ranges::adjacent_find(labels, std::ranges::not_equal_to{}) == labels.end()) return 0.0;
        DS_ASSIGN(const Probe probe, Probe::fit(features_, rows, labels, classes_, options_.probe));
        return macroF1(split_.testLabels, probe.predict(features_, split_.test));
    }

    const Matrix& features_;
    const Split& split_;
    std::size_t classes_;
    LabelOrder order_;
    std::uint64_t seed_;
    const CurveOptions& options_;
    std::vector<int> known_;                 ///< class of each member of the pool, -1 unlabelled
    std::vector<std::uint32_t> labelled_;    ///< positions in the pool, in the order of labelling
    std::vector<std::uint32_t> randomOrder_;
    Matrix packed_, queueFeatures_;
    std::shared_ptr<FastProbe> fast_;
};

template <class Number>
std::optional<Number> reached(const std::vector<Number>& labels, const std::vector<double>& scores, double wanted) {
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (scores[i] >= wanted) return labels[i];
    return std::nullopt;
}

}  // namespace

std::optional<std::size_t> Curve::needed(double wanted) const {
    return reached(labels, macroF1, wanted);
}

std::optional<double> MeanCurve::needed(double wanted) const {
    return reached(labels, mean, wanted);
}

Result<Curve> simulateAnnotator(const Matrix& features, std::span<const std::uint32_t> rows, std::span<const int> labels, std::span<const std::uint32_t> groups,
                                std::size_t classes, LabelOrder order, std::uint64_t seed, const CurveOptions& options, const std::function<bool()>& goOn) {
    DS_ASSIGN(const auto folds, groupFolds(labels, groups, classes, options.folds));
    const int count = *std::ranges::max_element(folds) + 1;
    const Split split = splitBy(rows, labels, groups, folds, static_cast<int>(seed % static_cast<std::uint64_t>(count)));
    return Annotator(features, split, classes, order, seed, options).run(goOn);
}

MeanCurve average(std::span<const Curve> curves) {
    MeanCurve out;
    if (curves.empty()) return out;
    std::set<std::size_t> common(curves.front().labels.begin(), curves.front().labels.end());
    for (const Curve& curve : curves) {
        std::erase_if(common, [&](std::size_t n) { return !std::ranges::binary_search(curve.labels, n); });
        out.full += curve.full / static_cast<double>(curves.size());
    }
    for (std::size_t n : common) {
        double sum = 0, squares = 0;
        for (const Curve& curve : curves) {
            const double f1 = curve.macroF1[static_cast<std::size_t>(std::ranges::lower_bound(curve.labels, n) - curve.labels.begin())];
            sum += f1;
            squares += f1 * f1;
        }
        const auto count = static_cast<double>(curves.size());
        out.labels.push_back(static_cast<double>(n));
        out.mean.push_back(sum / count);
        out.deviation.push_back(std::sqrt(std::max(0.0, squares / count - sum * sum / count / count)));
    }
    return out;
}

}  // namespace driftscope::embed
