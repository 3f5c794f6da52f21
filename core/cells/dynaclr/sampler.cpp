#include "core/cells/dynaclr/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/fingerprint.h"

namespace driftscope::cells {
namespace {

// Streams of the counter-based generator, so that no two kinds of draw share numbers.
enum Stream : std::uint64_t { kOrder = 1, kGroups = 2, kTau = 3, kDaughter = 4, kNegative = 5, kCompose = 6 };

std::uint64_t streamOf(Stream kind, std::uint64_t epoch) {
    return static_cast<std::uint64_t>(kind) << 56 | epoch;
}

/// A shuffle that depends on the counters alone.
template <class T>
void shuffle(std::vector<T>& values, std::uint64_t seed, std::uint64_t stream) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[randomBits(seed, stream, i) % i]);
}

std::vector<double> cumulativeShares(const SamplerOptions& options) {
    const auto count = static_cast<std::size_t>(options.tauMax - options.tauMin + 1);
    std::vector<double> shares(count, 1.0);
    for (std::size_t i = 0; i < count && count > 1; ++i) shares[i] = std::exp(-options.tauDecay * static_cast<double>(i) / static_cast<double>(count - 1));
    std::partial_sum(shares.begin(), shares.end(), shares.begin());
    for (double& share : shares) share /= shares.back();
    shares.back() = 1.0;
    return shares;
}

}  // namespace

Result<Strategy> strategyFromName(const std::string& name) {
    if (name == "classical") return Strategy::Classical;
    if (name == "cell") return Strategy::CellAware;
    if (name == "time") return Strategy::TimeAware;
    return fail(ErrorCode::Usage, fmt::format("There is no sampler '{}'.", name), "Use classical, cell or time.");
}

Result<ContrastiveSampler> ContrastiveSampler::make(const CellDataset& dataset, const std::vector<std::uint32_t>& rows,
                                                    const std::vector<std::vector<std::uint32_t>>& neighbourhoods, const SamplerOptions& options) {
    ContrastiveSampler sampler;
    sampler.dataset_ = &dataset;
    sampler.options_ = options;
    if (options.tauMax < options.tauMin) return fail(ErrorCode::Usage, fmt::format("tau_max {} is smaller than tau_min {}.", options.tauMax, options.tauMin));
    DS_TRY(options.composition.check());
    sampler.tauShares_ = cumulativeShares(options);
    for (const std::uint32_t index : rows) {
        const CellRow& row = dataset.rows[index];
        sampler.byTrackAndFrame_[{row.track, row.t}] = index;
        sampler.byFrame_[row.t].push_back(index);
    }
    std::map<std::pair<std::uint32_t, std::int64_t>, std::int64_t> numberOf;
    for (const std::uint32_t index : rows) numberOf[{dataset.rows[index].field, dataset.detection(dataset.rows[index]).trackId}] = dataset.rows[index].track;
    for (const auto& [key, number] : numberOf)
        if (const TrackSummary* track = dataset.fields[key.first].lineages.find(key.second))
            for (const std::int64_t daughter : track->daughters)
                if (const auto found = numberOf.find({key.first, daughter}); found != numberOf.end()) sampler.daughters_[number].push_back(found->second);
    if (numberOf.size() < 2 && options.strategy != Strategy::Classical)
        return fail(ErrorCode::BadInput, "There is only one track to train on; negatives must come from another track.", "Use the classical sampler or more tracks.");
    for (const auto& neighbourhood : neighbourhoods) {
        std::vector<std::uint32_t> anchors;
        for (const std::uint32_t index : neighbourhood) {
            bool paired = options.strategy != Strategy::TimeAware;
            for (std::int64_t tau = options.tauMin; !paired && tau <= options.tauMax; ++tau) paired = !sampler.positivesAt(index, tau).empty();
            sampler.groupOf_[index] = static_cast<std::uint32_t>(sampler.groups_.size());
            if (paired) anchors.push_back(index);
            else ++sampler.unpaired_;
        }
        sampler.anchors_ += anchors.size();
        sampler.groups_.push_back(std::move(anchors));
    }
    if (sampler.anchors_ < 2)
        return fail(ErrorCode::BadInput, fmt::format("Only {} cells have a positive {} to {} frames later.", sampler.anchors_, options.tauMin, options.tauMax),
                    "Use longer tracks, a smaller tau or the classical sampler.");
    sampler.options_.batch = std::min(options.batch, sampler.anchors_);
    return sampler;
}

std::vector<std::vector<std::uint32_t>> ContrastiveSampler::epoch(std::uint64_t number) const {
    std::vector<std::uint32_t> order(groups_.size());
    std::iota(order.begin(), order.end(), 0U);
    shuffle(order, options_.seed, streamOf(kGroups, number));
    if (!options_.composition.plain()) return composedEpoch(number, order);
    std::vector<std::uint32_t> sequence;
    for (const std::uint32_t group : order) {
        std::vector<std::uint32_t> anchors = groups_[group];
        shuffle(anchors, options_.seed, streamOf(kOrder, number) + (std::uint64_t{group} << 32));
        sequence.insert(sequence.end(), anchors.begin(), anchors.end());
    }
    std::vector<std::vector<std::uint32_t>> batches;
    for (std::size_t begin = 0; begin + options_.batch <= sequence.size(); begin += options_.batch)
        batches.emplace_back(sequence.begin() + static_cast<std::ptrdiff_t>(begin), sequence.begin() + static_cast<std::ptrdiff_t>(begin + options_.batch));
    return batches;
}

std::vector<std::vector<std::uint32_t>> ContrastiveSampler::composedEpoch(std::uint64_t number, const std::vector<std::uint32_t>& order) const {
    std::vector<std::vector<std::uint32_t>> batches;
    for (const std::uint32_t group : order) {
        const BatchComposer composer(*dataset_, groups_[group], options_.composition, options_.seed);
        for (std::size_t i = 0; i < groups_[group].size() / options_.batch; ++i) batches.push_back(composer.draw(options_.batch, streamOf(kCompose, number), batches.size()));
    }
    return batches;
}

SampledBatch ContrastiveSampler::complete(const std::vector<std::uint32_t>& anchors, std::uint64_t epoch, std::size_t index) const {
    SampledBatch batch;
    batch.anchor = anchors;
    for (std::size_t i = 0; i < anchors.size(); ++i) {
        const std::uint64_t position = index * options_.batch + i;
        batch.positive.push_back(drawPositive(anchors[i], epoch, position));
        if (options_.negatives) batch.negative.push_back(drawNegative(anchors[i], dataset_->rows[batch.positive.back()].t, epoch, position));
    }
    return batch;
}

std::int64_t ContrastiveSampler::drawTau(std::uint64_t stream, std::uint64_t index) const {
    const double u = randomUnit(options_.seed, streamOf(kTau, stream), index);
    const auto place = std::upper_bound(tauShares_.begin(), tauShares_.end(), u);
    return options_.tauMin + std::min<std::int64_t>(place - tauShares_.begin(), options_.tauMax - options_.tauMin);
}

std::vector<std::uint32_t> ContrastiveSampler::positivesAt(std::uint32_t row, std::int64_t tau) const {
    std::vector<std::uint32_t> found;
    std::vector<std::int64_t> open{dataset_->rows[row].track};
    const std::int64_t t = dataset_->rows[row].t + tau;
    while (!open.empty()) {
        const std::int64_t track = open.back();
        open.pop_back();
        if (const auto cell = byTrackAndFrame_.find({track, t}); cell != byTrackAndFrame_.end()) found.push_back(cell->second);
        if (!options_.lineage) break;
        if (const auto next = daughters_.find(track); next != daughters_.end()) open.insert(open.end(), next->second.begin(), next->second.end());
    }
    return found;
}

std::uint32_t ContrastiveSampler::drawPositive(std::uint32_t row, std::uint64_t stream, std::uint64_t index) const {
    if (options_.strategy != Strategy::TimeAware) return row;
    const std::int64_t drawn = drawTau(stream, index), span = options_.tauMax - options_.tauMin + 1;
    // Where the drawn lag has no cell, the other lags are tried in turn; anchors without any were left out beforehand.
    for (std::int64_t step = 0; step < span; ++step) {
        const std::int64_t tau = options_.tauMin + (drawn - options_.tauMin + step) % span;
        const auto found = positivesAt(row, tau);
        if (!found.empty()) return found[randomBits(options_.seed, streamOf(kDaughter, stream), index) % found.size()];
    }
    return row;
}

std::uint32_t ContrastiveSampler::drawNegative(std::uint32_t row, std::int64_t t, std::uint64_t stream, std::uint64_t index) const {
    const CellRow& anchor = dataset_->rows[row];
    std::vector<std::uint32_t> allowed;
    const auto consider = [&](const std::vector<std::uint32_t>& candidates) {
        for (const std::uint32_t candidate : candidates) {
            const bool other = options_.strategy == Strategy::Classical ? candidate != row : dataset_->rows[candidate].track != anchor.track;
            if (other && groupOf_.at(candidate) == groupOf_.at(row)) allowed.push_back(candidate);
        }
    };
    if (options_.strategy == Strategy::TimeAware)
        if (const auto frame = byFrame_.find(t); frame != byFrame_.end()) consider(frame->second);
    // Other strategies, and frames with one track only: any frame of this neighbourhood.
    if (allowed.empty()) consider(groups_[groupOf_.at(row)]);
    return allowed.empty() ? row : allowed[randomBits(options_.seed, streamOf(kNegative, stream), index) % allowed.size()];
}

std::vector<std::vector<std::uint32_t>> neighbourhoods(const CellDataset& dataset, const std::vector<std::uint32_t>& rows, const std::vector<std::size_t>& frameBytes,
                                                       std::int64_t tauMax, std::size_t bytes) {
    std::size_t total = 0;
    for (std::size_t f = 0; f < dataset.fields.size(); ++f) total += frameBytes[f] * static_cast<std::size_t>(dataset.fields[f].images->info().frames());
    if (total <= bytes) return {rows};
    std::map<std::pair<std::uint32_t, std::int64_t>, std::vector<std::uint32_t>> blocks;
    for (const std::uint32_t index : rows) {
        const CellRow& row = dataset.rows[index];
        const auto frames = std::max<std::int64_t>(1, static_cast<std::int64_t>(bytes / std::max<std::size_t>(1, frameBytes[row.field])) - tauMax);
        blocks[{row.field, row.t / frames}].push_back(index);
    }
    std::vector<std::vector<std::uint32_t>> groups;
    for (auto& [key, members] : blocks) groups.push_back(std::move(members));
    return groups;
}

Result<Split> splitCells(const CellDataset& dataset, const std::vector<std::uint32_t>& rows, const std::string& by, double fraction, std::uint64_t seed) {
    Split split;
    split.by = by == "auto" ? (dataset.fields.size() >= 5 ? "fov" : "track") : by;
    const auto unit = [&](std::uint32_t index) { return split.by == "fov" ? std::int64_t{dataset.rows[index].field} : dataset.rows[index].family; };
    std::map<std::int64_t, std::size_t> sizes;
    for (const std::uint32_t index : rows) ++sizes[unit(index)];
    if (fraction <= 0) {
        split.train = rows;
        return split;
    }
    if (sizes.size() < 2)
        return fail(ErrorCode::BadInput, fmt::format("Validation by {} needs at least two, but there is {}.", split.by, sizes.size()),
                    "Set validation_by=track, or validation=0 to train on everything.");
    std::vector<std::int64_t> units;
    for (const auto& [number, size] : sizes) units.push_back(number);
    shuffle(units, seed, streamOf(kGroups, ~std::uint64_t{0} >> 8));
    std::map<std::int64_t, bool> held;
    const double wanted = fraction * static_cast<double>(rows.size());
    double taken = 0;
    for (std::size_t i = 0; i + 1 < units.size() && (i == 0 || taken < wanted); ++i) {
        held[units[i]] = true;
        taken += static_cast<double>(sizes[units[i]]);
    }
    for (const std::uint32_t index : rows) (held.count(unit(index)) ? split.validation : split.train).push_back(index);
    return split;
}

}  // namespace driftscope::cells
