#pragma once

#include <nlohmann/json.hpp>

#include "core/base/params.h"
#include "core/cells/dynaclr/frame_cache.h"
#include "core/cells/dynaclr/intensity_statistics.h"

namespace driftscope::cells {

/// How one channel's pixels become network input.
enum class Normalisation { None, ZScore, Median, Percentile };

/// Everything that decides what a cell's patch looks like to the network; written beside the weights so that embedding
/// repeats what training did.
struct PatchRecipe {
    std::vector<std::string> channels;        ///< names or numbers; empty takes all
    std::vector<std::int64_t> zRange;         ///< empty or [begin, end)
    std::string zReduction = "none";
    int patch = 32;                           ///< side seen by the network, px
    double pixelSize = 0;                     ///< um of one of those pixels; 0 takes pixels as they are
    std::vector<std::string> normalise{"zscore"};  ///< one for all channels, or one per channel
    std::string level = "fov";                ///< of zscore and median
    int grid = 0;                             ///< sampling step of the statistics; 0 chooses
    bool storedStatistics = true;             ///< use the plate's own statistics where it has them
    double lowPercentile = 50, highPercentile = 99;
    bool percentilesPerBatch = false;         ///< one pair of percentiles for a whole batch, as VisCy >= 0.4 predicts
    std::string border = "clamp";
    double maxShift = 0.5;                    ///< of the patch side, under clamp

    nlohmann::json toJson() const;
    /// The parameters of a recipe. With `fromWeights` they are optional: unset ones come from the weights' config.json.
    static std::vector<ParamSpec> params(bool fromWeights);
    /// Values set in `params` win over `base`. Errors: unknown names of methods, percentiles out of order.
    static Result<PatchRecipe> make(const Params& params, const nlohmann::json& base);
};

/// Patches of a batch as read, with what normalises them.
struct RawPatches {
    std::int64_t count = 0;
    std::vector<float> pixels;  ///< (count, C, Z, side, side)
    std::vector<float> shift;   ///< (count, C)
    std::vector<float> scale;   ///< (count, C); pixels become (pixel - shift) / scale
};

/// Cuts the patches of cells from decoded frames.
class PatchSource {
  public:
    /// Resolves channels, slices and statistics. `cacheBytes` bounds the decoded frames kept in memory.
    static Result<std::unique_ptr<PatchSource>> make(const CellDataset& dataset, const PatchRecipe& recipe, std::size_t cacheBytes);

    /// Rows that keep their patch under the border policy; the rest and the moved or mirrored ones are counted.
    struct Kept {
        std::vector<std::uint32_t> rows;
        std::size_t dropped = 0;
        std::size_t affected = 0;
    };
    Kept keep(const std::vector<std::uint32_t>& rows) const;
    /// Patches of rows that keep() passed, in the given order. A `side` beyond the recipe's patch adds a margin around the
    /// same centre, mirrored where the image ends, so that training and embedding look at a cell from the same place.
    Result<RawPatches> cut(const std::vector<std::uint32_t>& rows, int side);

    std::int64_t channels() const { return static_cast<std::int64_t>(cache_.selection().channels.size()); }
    std::int64_t depth() const { return cache_.selection().depth(); }
    const PatchRecipe& recipe() const { return recipe_; }
    Normalisation normalisation(std::size_t channel) const { return methods_[methods_.size() == 1 ? 0 : channel]; }
    const std::string& statisticsOrigin() const { return statistics_.origin(); }
    FrameCache& cache() { return cache_; }
    std::vector<std::size_t> frameBytes() const;

  private:
    PatchSource(const CellDataset& dataset, PatchRecipe recipe, VolumeSelection selection, std::size_t cacheBytes)
        : dataset_(&dataset), recipe_(std::move(recipe)), cache_(dataset, std::move(selection), cacheBytes) {}
    std::optional<PatchPlace> place(std::uint32_t row) const;
    /// Pixels of the image under `side` pixels of a patch.
    int nativeSide(std::uint32_t field, int side) const;
    Result<void> readPixelSizes();
    void normaliseBy(const CellRow& row, RawPatches& into) const;

    const CellDataset* dataset_;
    PatchRecipe recipe_;
    FrameCache cache_;
    Border border_ = Border::Clamp;
    std::vector<Normalisation> methods_;
    IntensityTable statistics_;
    std::vector<double> zoom_;  ///< image pixels per patch pixel, by field; empty where they are the same
};

}  // namespace driftscope::cells
