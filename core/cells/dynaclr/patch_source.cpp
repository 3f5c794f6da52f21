#include "core/cells/dynaclr/patch_source.h"

#include <cmath>

namespace driftscope::cells {
namespace {

constexpr double kScaleEpsilon = 1e-8;  // VisCy's NormalizeSampled

Result<Normalisation> normalisationFromName(const std::string& name) {
    if (name == "none") return Normalisation::None;
    if (name == "zscore") return Normalisation::ZScore;
    if (name == "median") return Normalisation::Median;
    if (name == "percentile") return Normalisation::Percentile;
    return fail(ErrorCode::Usage, fmt::format("There is no normalisation '{}'.", name), "Use zscore, median, percentile or none.");
}

}  // namespace

Result<std::unique_ptr<PatchSource>> PatchSource::make(const CellDataset& dataset, const PatchRecipe& recipe, std::size_t cacheBytes) {
    DS_ASSIGN(const ZReduction reduction, zReductionFromName(recipe.zReduction));
    DS_ASSIGN(VolumeSelection selection, selectVolume(dataset, recipe.channels, recipe.zRange, reduction));
    std::unique_ptr<PatchSource> source(new PatchSource(dataset, recipe, std::move(selection), cacheBytes));
    DS_ASSIGN(source->border_, borderFromName(recipe.border));
    DS_TRY(source->readPixelSizes());
    bool needsStatistics = false;
    for (const std::string& name : recipe.normalise) {
        DS_ASSIGN(source->methods_.emplace_back(), normalisationFromName(name));
        needsStatistics |= source->methods_.back() == Normalisation::ZScore || source->methods_.back() == Normalisation::Median;
    }
    if (source->methods_.empty() || (source->methods_.size() != 1 && static_cast<std::int64_t>(source->methods_.size()) != source->channels()))
        return fail(ErrorCode::Usage, fmt::format("'normalise' names {} methods for {} channels.", source->methods_.size(), source->channels()), "Give one, or one per channel.");
    if (needsStatistics) {
        DS_ASSIGN(const StatisticsLevel level, statisticsLevelFromName(recipe.level));
        DS_ASSIGN(source->statistics_, IntensityTable::make(dataset, source->cache_, level, recipe.grid, recipe.storedStatistics));
    }
    return source;
}

Result<void> PatchSource::readPixelSizes() {
    if (recipe_.pixelSize <= 0) return {};
    for (const CellField& field : dataset_->fields) {
        const io::TimeLapseInfo& info = field.images->info();
        if (info.unit[4] != "micrometer" || info.scale[3] != info.scale[4] || !(info.scale[4] > 0))
            return fail(ErrorCode::BadInput, fmt::format("{}, position {} does not say its pixel size in micrometres (unit '{}', Y {}, X {}).", field.images->path().string(), field.name,
                                                         info.unit[4], info.scale[3], info.scale[4]),
                        "Add the scale to the file, or set pixel_size=0 to take pixels as they are.");
        zoom_.push_back(recipe_.pixelSize / info.scale[4]);
    }
    return {};
}

int PatchSource::nativeSide(std::uint32_t field, int side) const {
    return zoom_.empty() ? side : std::max(1, static_cast<int>(std::lround(side * zoom_[field])));
}

std::optional<PatchPlace> PatchSource::place(std::uint32_t row) const {
    const CellRow& cell = dataset_->rows[row];
    const io::TimeLapseInfo& info = dataset_->fields[cell.field].images->info();
    const Detection& detection = dataset_->detection(cell);
    return placePatch(detection.y, detection.x, nativeSide(cell.field, recipe_.patch), info.height(), info.width(), border_, recipe_.maxShift);
}

PatchSource::Kept PatchSource::keep(const std::vector<std::uint32_t>& rows) const {
    Kept kept;
    for (const std::uint32_t row : rows) {
        const auto at = place(row);
        if (!at) {
            ++kept.dropped;
            continue;
        }
        kept.affected += at->affected;
        kept.rows.push_back(row);
    }
    return kept;
}

void PatchSource::normaliseBy(const CellRow& row, RawPatches& into) const {
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels()); ++c) {
        const Normalisation method = normalisation(c);
        double shift = 0, scale = 1;
        if (method == Normalisation::ZScore || method == Normalisation::Median) {
            const IntensityStatistics& known = statistics_.at(row.field, row.t, c);
            shift = method == Normalisation::ZScore ? known.mean : known.median;
            scale = (method == Normalisation::ZScore ? known.deviation : known.iqr) + kScaleEpsilon;
        }
        into.shift.push_back(static_cast<float>(shift));
        into.scale.push_back(static_cast<float>(scale));
    }
}

Result<RawPatches> PatchSource::cut(const std::vector<std::uint32_t>& rows, int side) {
    const auto one = static_cast<std::size_t>(channels() * depth()) * static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
    RawPatches patches;
    patches.count = static_cast<std::int64_t>(rows.size());
    patches.pixels.resize(rows.size() * one);
    std::vector<float> window;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const CellRow& row = dataset_->rows[rows[i]];
        auto at = place(rows[i]);
        if (!at) return fail(ErrorCode::Internal, fmt::format("A cell without a patch reached the cutter (row {}).", rows[i]));
        const int native = nativeSide(row.field, side), margin = (native - nativeSide(row.field, recipe_.patch)) / 2;
        at->y -= margin;
        at->x -= margin;
        DS_ASSIGN(const auto volume, cache_.frame(row.field, row.t));
        if (native == side) {
            cutPatch(*volume, *at, side, patches.pixels.data() + i * one);
        } else {
            window.resize(static_cast<std::size_t>(channels() * depth()) * static_cast<std::size_t>(native) * static_cast<std::size_t>(native));
            cutPatch(*volume, *at, native, window.data());
            resizePlanes(window.data(), channels() * depth(), native, patches.pixels.data() + i * one, side);
        }
        normaliseBy(row, patches);
    }
    return patches;
}

std::vector<std::size_t> PatchSource::frameBytes() const {
    std::vector<std::size_t> bytes;
    for (std::uint32_t field = 0; field < dataset_->fields.size(); ++field) bytes.push_back(cache_.frameBytes(field));
    return bytes;
}

}  // namespace driftscope::cells
