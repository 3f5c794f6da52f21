#pragma once

#include "core/cells/dynaclr/frame_cache.h"

namespace driftscope::cells {

/// Over which pixels the location and scale of an intensity are taken.
enum class StatisticsLevel { Field, Dataset, Timepoint };
Result<StatisticsLevel> statisticsLevelFromName(const std::string& name);

/// Location and scale of a channel: mean and deviation, or median and interquartile range.
struct IntensityStatistics {
    double mean = 0, deviation = 0, median = 0, iqr = 0;
};

/// Per field, frame and channel. Values come from the plate's own attributes (`normalization`, as `viscy preprocess`
/// writes them) where they exist, else from every `grid`-th pixel in Y and X of all selected slices.
class IntensityTable {
  public:
    /// `grid` 0 chooses 32, or finer so that at least 32 samples lie along the shorter side.
    /// Errors: unreadable frames.
    static Result<IntensityTable> make(const CellDataset& dataset, FrameCache& cache, StatisticsLevel level, int grid, bool useStored);

    const IntensityStatistics& at(std::uint32_t field, std::int64_t t, std::size_t channel) const;
    const std::string& origin() const { return origin_; }  ///< "stored in the plate" or "measured on every 4th pixel"

  private:
    StatisticsLevel level_ = StatisticsLevel::Field;
    std::string origin_;
    std::map<std::tuple<std::uint32_t, std::int64_t, std::size_t>, IntensityStatistics> values_;
};

}  // namespace driftscope::cells
