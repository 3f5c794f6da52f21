#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/cells/dynaclr/batch_composer.h"
#include "core/cells/dynaclr/cell_dataset.h"

namespace driftscope::cells {

/// What counts as a pair, in the words of the DynaCLR paper.
enum class Strategy {
    Classical,  ///< two views of one crop; every other crop is a negative, the same cell's other frames too
    CellAware,  ///< two views of one crop; negatives come from other tracks
    TimeAware,  ///< the same track tau frames later; negatives come from other tracks, for triplets at that frame
};
Result<Strategy> strategyFromName(const std::string& name);

struct SamplerOptions {
    Strategy strategy = Strategy::TimeAware;
    std::int64_t tauMin = 1;   ///< frames
    std::int64_t tauMax = 1;
    double tauDecay = 2;       ///< P(tau) ~ exp(-decay (tau - min) / (max - min)); 0 draws evenly
    bool lineage = false;      ///< daughters are positives of their mother too
    bool negatives = false;    ///< draw an explicit negative per anchor (triplet loss)
    BatchComposition composition;
    std::size_t batch = 64;
    std::uint64_t seed = 0;
};

/// One batch: indices into the dataset's rows. `negative` is empty unless asked for.
struct SampledBatch {
    std::vector<std::uint32_t> anchor, positive, negative;
};

/// Draws batches from counters of (seed, epoch, position): the same for any thread and after a resume.
class ContrastiveSampler {
  public:
    /// `rows` are the dataset rows that may be used. Anchors without a positive are left out and counted.
    /// `neighbourhoods` splits the rows into groups that are visited one after the other, so that the frames of one group
    /// fit in memory; one group draws over everything.
    /// Errors: no anchor, only one track where negatives must come from another.
    static Result<ContrastiveSampler> make(const CellDataset& dataset, const std::vector<std::uint32_t>& rows,
                                           const std::vector<std::vector<std::uint32_t>>& neighbourhoods, const SamplerOptions& options);

    std::size_t anchors() const { return anchors_; }
    std::size_t unpaired() const { return unpaired_; }  ///< rows without a positive at any tau
    std::size_t batchSize() const { return options_.batch; }
    /// The anchors of every batch of an epoch. Plain batches visit every cell once; those that do not fill a batch wait for
    /// another epoch's order. Composed batches are as many, each drawn on its own.
    std::vector<std::vector<std::uint32_t>> epoch(std::uint64_t number) const;
    /// Adds positives (and negatives) to the anchors of batch `index` of that epoch.
    SampledBatch complete(const std::vector<std::uint32_t>& anchors, std::uint64_t epoch, std::size_t index) const;

    /// The lag of draw `index`, before looking whether a cell exists there.
    std::int64_t drawTau(std::uint64_t stream, std::uint64_t index) const;

  private:
    std::vector<std::vector<std::uint32_t>> composedEpoch(std::uint64_t number, const std::vector<std::uint32_t>& order) const;
    std::vector<std::uint32_t> positivesAt(std::uint32_t row, std::int64_t tau) const;
    std::uint32_t drawPositive(std::uint32_t row, std::uint64_t stream, std::uint64_t index) const;
    std::uint32_t drawNegative(std::uint32_t row, std::int64_t t, std::uint64_t stream, std::uint64_t index) const;

    const CellDataset* dataset_ = nullptr;
    SamplerOptions options_;
    std::vector<std::vector<std::uint32_t>> groups_;  ///< anchors by neighbourhood
    std::unordered_map<std::uint32_t, std::uint32_t> groupOf_;
    std::map<std::pair<std::int64_t, std::int64_t>, std::uint32_t> byTrackAndFrame_;
    std::map<std::int64_t, std::vector<std::uint32_t>> byFrame_;
    std::map<std::int64_t, std::vector<std::int64_t>> daughters_;  ///< by track number
    std::vector<double> tauShares_;                                ///< cumulative
    std::size_t anchors_ = 0;
    std::size_t unpaired_ = 0;
};

/// Groups rows by runs of frames of one field whose decoded frames (and those tauMax later) take at most `bytes`; one group
/// when everything fits.
std::vector<std::vector<std::uint32_t>> neighbourhoods(const CellDataset& dataset, const std::vector<std::uint32_t>& rows,
                                                       const std::vector<std::size_t>& frameBytes, std::int64_t tauMax, std::size_t bytes);

/// Rows for training and for validation.
struct Split {
    std::vector<std::uint32_t> train, validation;
    std::string by;  ///< "fov" or "track"
};
/// Holds out about `fraction` of the cells: whole fields of view ("fov"), or whole lineages ("track"), so that no cell, mother
/// or daughter is on both sides. "auto" takes fields when there are at least five. Errors: too few fields or lineages.
Result<Split> splitCells(const CellDataset& dataset, const std::vector<std::uint32_t>& rows, const std::string& by, double fraction, std::uint64_t seed);

}  // namespace driftscope::cells
