#include "core/cells/dynaclr/intensity_statistics.h"

#include <algorithm>
#include <cmath>

#include "core/base/atomic_file.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Key = std::tuple<std::uint32_t, std::int64_t, std::size_t>;

constexpr int kReferenceGrid = 32;
constexpr int kSamplesPerSide = 32;
constexpr const char* kLevelNames[] = {"fov_statistics", "dataset_statistics", "timepoint_statistics"};

/// NumPy's linear interpolation between order statistics; `values` must be sorted.
double quantile(const std::vector<float>& values, double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - static_cast<double>(below)) * (static_cast<double>(values[above]) - values[below]);
}

IntensityStatistics summarise(std::vector<float>& samples) {
    std::sort(samples.begin(), samples.end());
    const double n = static_cast<double>(samples.size());
    double sum = 0, square = 0;
    for (const float value : samples) sum += value;
    const double mean = sum / n;
    for (const float value : samples) square += (value - mean) * (value - mean);
    return {mean, std::sqrt(square / n), quantile(samples, 0.5), quantile(samples, 0.75) - quantile(samples, 0.25)};
}

/// The key under which a field's frame is stored at this level.
Key keyOf(StatisticsLevel level, std::uint32_t field, std::int64_t t, std::size_t channel) {
    return {level == StatisticsLevel::Dataset ? 0 : field, level == StatisticsLevel::Timepoint ? t : 0, channel};
}

/// Attributes of a position: zarr v2 `.zattrs`, or the attributes in v3's `zarr.json`. Null when there are none.
json attributesOf(const io::TimeLapse& images) {
    for (const fs::path& folder : {images.path(), images.path() / images.info().name}) {
        for (const char* file : {".zattrs", "zarr.json"}) {
            const auto text = readFile(folder / file);
            if (!text) continue;
            json parsed = json::parse(*text, nullptr, false);
            if (parsed.is_object() && parsed.contains("attributes")) parsed = json(parsed["attributes"]);
            if (parsed.is_object() && parsed.contains("normalization")) return parsed;
        }
    }
    return {};
}

bool readStored(const json& block, IntensityStatistics& into) {
    for (const char* name : {"mean", "std", "median", "iqr"})
        if (!block.is_object() || !block.contains(name) || !block[name].is_number()) return false;
    into = {block["mean"], block["std"], block["median"], block["iqr"]};
    return true;
}

/// True when the attributes hold what every frame with cells needs.
bool readField(const CellDataset& dataset, std::uint32_t field, const VolumeSelection& selection, StatisticsLevel level, std::map<Key, IntensityStatistics>& into) {
    const io::TimeLapse& images = *dataset.fields[field].images;
    const json attributes = attributesOf(images);
    if (!attributes.is_object()) return false;
    for (std::size_t c = 0; c < selection.channels.size(); ++c) {
        const std::string& name = images.info().channels[static_cast<std::size_t>(selection.channels[c])].name;
        const json block = attributes["normalization"].value(name, json::object()).value(kLevelNames[static_cast<int>(level)], json::object());
        const std::int64_t frames = level == StatisticsLevel::Timepoint ? images.info().frames() : 1;
        for (std::int64_t t = 0; t < frames; ++t) {
            const json values = level == StatisticsLevel::Timepoint ? block.value(std::to_string(t), json::object()) : block;
            if (!readStored(values, into[keyOf(level, field, t, c)])) return false;
        }
    }
    return true;
}

void sample(const Volume& volume, std::size_t channel, int grid, std::vector<float>& into) {
    const float* plane = volume.pixels.data() + channel * static_cast<std::size_t>(volume.depth) * volume.planeSize();
    for (std::int64_t z = 0; z < volume.depth; ++z, plane += volume.planeSize())
        for (int y = 0; y < volume.height; y += grid)
            for (int x = 0; x < volume.width; x += grid) into.push_back(plane[static_cast<std::size_t>(y) * static_cast<std::size_t>(volume.width) + static_cast<std::size_t>(x)]);
}

int gridFor(const CellDataset& dataset, int wanted) {
    if (wanted > 0) return wanted;
    int side = kReferenceGrid * kSamplesPerSide;
    for (const CellField& field : dataset.fields) side = std::min({side, field.images->info().height(), field.images->info().width()});
    return std::clamp(side / kSamplesPerSide, 1, kReferenceGrid);
}

}  // namespace

Result<StatisticsLevel> statisticsLevelFromName(const std::string& name) {
    if (name == "fov") return StatisticsLevel::Field;
    if (name == "dataset") return StatisticsLevel::Dataset;
    if (name == "timepoint") return StatisticsLevel::Timepoint;
    return fail(ErrorCode::Usage, fmt::format("There are no statistics by '{}'.", name), "Use fov, dataset or timepoint.");
}

Result<IntensityTable> IntensityTable::make(const CellDataset& dataset, FrameCache& cache, StatisticsLevel level, int grid, bool useStored) {
    IntensityTable table;
    table.level_ = level;
    bool stored = useStored;
    for (std::uint32_t field = 0; stored && field < dataset.fields.size(); ++field) stored = readField(dataset, field, cache.selection(), level, table.values_);
    if (stored) {
        table.origin_ = "stored in the plate";
        return table;
    }
    table.values_.clear();
    const int step = gridFor(dataset, grid);
    table.origin_ = fmt::format("measured on every {}. pixel", step);
    std::map<Key, std::vector<float>> samples;
    const auto finish = [&] {
        for (auto& [key, values] : samples) table.values_[key] = summarise(values);
        samples.clear();
    };
    for (std::uint32_t field = 0; field < dataset.fields.size(); ++field) {
        for (std::int64_t t = 0; t < dataset.fields[field].images->info().frames(); ++t) {
            DS_ASSIGN(const auto volume, cache.frame(field, t));
            for (std::size_t c = 0; c < cache.selection().channels.size(); ++c) sample(*volume, c, step, samples[keyOf(level, field, t, c)]);
        }
        // Only statistics over the whole dataset need the samples of earlier fields.
        if (level != StatisticsLevel::Dataset) finish();
    }
    finish();
    return table;
}

const IntensityStatistics& IntensityTable::at(std::uint32_t field, std::int64_t t, std::size_t channel) const {
    return values_.at(keyOf(level_, field, t, channel));
}

}  // namespace driftscope::cells
