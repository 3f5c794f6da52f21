#include "plugins/drift/drift_metrics.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/io/csv.h"

namespace driftscope::drift {
namespace {

namespace fs = std::filesystem;
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

const std::array<Metric, kMetrics> kTable{{
    {"relative", "relative L2", "‖after − before‖_F / ‖before‖_F over all tokens of all samples: comparable between layers, models and batch sizes.", 0},
    {"relative_tokens", "relative L2, mean of tokens", "Mean over tokens of ‖after − before‖ / ‖before‖.", 0},
    {"cosine_distance", "cosine distance", "Mean over tokens of 1 − cos(before, after).", 0},
    {"sum_squares", "sum of squares (Vaccine)", "Σ over batches of ‖after − before‖_F², what Vaccine's code prints, not normalised.", 0},
    {"sum_norms", "sum of norms (Booster)", "Σ over batches of ‖after − before‖_F, what Booster's code prints; depends on the batch size.", 0},
    {"cka", "linear CKA with the start", "Linear CKA (Kornblith et al. 2019) of the samples' vectors before and after: 1 when they differ by a rotation and a scale. Debiased for fewer samples than dimensions.", 1},
    {"procrustes", "Procrustes distance", "‖X‖² + ‖Y‖² − 2‖XᵀY‖_* of centred vectors of unit norm: 0 when they differ by a rotation and a scale, at most 2.", 0},
    {"norm_ratio", "norm ratio", "Mean over tokens of ‖after‖ / ‖before‖.", 1},
    {"along_direction", "along the refusal direction", "Mean projection of after − before on the refusal direction (mean harmful − mean harmless at the last prompt token): negative moves away from refusing.", 0, true},
    {"across_direction", "across the refusal direction", "Mean norm of what is left of after − before without its part along the refusal direction.", 0},
}};

}  // namespace

const Metric& metricOf(MetricId id) {
    return kTable[static_cast<std::size_t>(id)];
}

MetricId metricNamed(const std::string& column) {
    for (std::size_t i = 0; i < kMetrics; ++i)
        if (column == kTable[i].column) return static_cast<MetricId>(i);
    return MetricId::Relative;
}

std::optional<std::int64_t> wholeNumber(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value) : std::nullopt;
}

std::optional<double> realNumber(const std::string& text) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> stepOfFile(const fs::path& file) {
    const std::string name = file.stem().string();
    return name.rfind("step-", 0) == 0 ? wholeNumber(name.substr(5)) : std::nullopt;
}

Result<void> LayerDriftTable::add(const fs::path& file, std::int64_t fixedStep) {
    DS_ASSIGN(const io::CsvTable csv, io::readCsv(file));
    const auto point = csv.find("point"), layer = csv.find("layer"), step = csv.find("step");
    if (!point || !layer || (!step && fixedStep < 0))
        return fail(ErrorCode::BadInput, fmt::format("{} is no table of drift: it has no column {}.", file.string(), !point ? "point" : !layer ? "layer" : "step"), "llm.drift and llm.finetune write such tables.");
    std::array<std::optional<std::size_t>, kMetrics> columns;
    for (std::size_t m = 0; m < kMetrics; ++m) columns[m] = csv.find(kTable[m].column);
    for (std::size_t r = 0; r < csv.rows.size(); ++r) {
        const auto& row = csv.rows[r];
        const auto at = wholeNumber(row[*layer]);
        const auto when = step ? wholeNumber(row[*step]) : std::optional(fixedStep);
        if (!at || !when) return fail(ErrorCode::BadInput, fmt::format("{} line {}: layer or step is no whole number.", file.string(), r + 2));
        std::array<double, kMetrics> values;
        for (std::size_t m = 0; m < kMetrics; ++m) {
            const auto value = columns[m] ? realNumber(row[*columns[m]]) : std::optional(kNothing);
            if (!value) return fail(ErrorCode::BadInput, fmt::format("{} line {}: '{}' in column {} is no number.", file.string(), r + 2, row[*columns[m]], kTable[m].column));
            values[m] = *value;
        }
        values_[{row[*point], *at, *when}] = values;
        steps_.insert(*when);
        layers_[row[*point]].insert(*at);
    }
    return {};
}

Result<LayerDriftTable> LayerDriftTable::readFile(const fs::path& file) {
    LayerDriftTable table;
    DS_TRY(table.add(file, -1));
    return table;
}

Result<LayerDriftTable> LayerDriftTable::readSteps(const fs::path& folder) {
    LayerDriftTable table;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder / "drift", code))
        if (const auto step = stepOfFile(entry.path()); step && entry.path().extension() == ".csv") DS_TRY(table.add(entry.path(), *step));
    return table;
}

std::vector<std::string> LayerDriftTable::points() const {
    std::vector<std::string> out;
    for (const auto& [point, layers] : layers_) out.push_back(point);
    return out;
}

std::vector<std::int64_t> LayerDriftTable::layers(const std::string& point) const {
    const auto found = layers_.find(point);
    return found == layers_.end() ? std::vector<std::int64_t>{} : std::vector<std::int64_t>(found->second.begin(), found->second.end());
}

double LayerDriftTable::value(MetricId metric, const std::string& point, std::int64_t layer, std::int64_t step) const {
    const auto found = values_.find({point, layer, step});
    return found == values_.end() ? kNothing : found->second[static_cast<std::size_t>(metric)];
}

}  // namespace driftscope::drift
