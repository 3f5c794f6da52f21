#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/cells/dynaclr/cell_dataset.h"

namespace driftscope::cells {

/// How the anchors of a batch are chosen, after VisCy's FlexibleBatchSampler. The default visits every anchor once per epoch.
struct BatchComposition {
    std::string groupBy = "none";    ///< a batch holds cells of one "fov" or "well", drawn in proportion to its anchors
    double leaky = 0;                ///< share of a grouped batch that comes from other groups
    std::string stratifyBy = "none"; ///< equal numbers of each "fov" or "well" in a batch
    bool enrich = false;             ///< draw most of a batch around one moment
    std::int64_t window = 4;         ///< frames either side of that moment
    double globalShare = 0.3;        ///< of an enriched batch, drawn at any time

    bool plain() const { return groupBy == "none" && stratifyBy == "none" && !enrich; }
    /// Errors: an unknown key, enrichment and strata together (the reference knows either).
    Result<void> check() const;
};

/// Draws batches of anchors with a composition. Numbers follow from (seed, stream, batch): the same after a resume.
class BatchComposer {
  public:
    BatchComposer(const CellDataset& dataset, std::vector<std::uint32_t> anchors, BatchComposition composition, std::uint64_t seed);

    /// `size` anchors; a cell repeats only where its pool is smaller than what is asked of it.
    std::vector<std::uint32_t> draw(std::size_t size, std::uint64_t stream, std::uint64_t batch) const;

  private:
    class Dice;
    std::int64_t keyOf(const std::string& by, std::uint32_t row) const;
    std::vector<std::uint32_t> within(const std::vector<std::uint32_t>& pool, std::size_t size, Dice& dice) const;
    std::vector<std::uint32_t> stratified(const std::vector<std::uint32_t>& pool, std::size_t size, Dice& dice) const;
    std::vector<std::uint32_t> aroundOneMoment(const std::vector<std::uint32_t>& pool, std::size_t size, Dice& dice) const;

    const CellDataset& dataset_;
    std::vector<std::uint32_t> anchors_;
    BatchComposition composition_;
    std::uint64_t seed_;
    std::vector<std::int64_t> wells_;  ///< by field
};

}  // namespace driftscope::cells
