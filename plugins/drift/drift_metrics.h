#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/error.h"

namespace driftscope::drift {

/// A number that says how far hidden states of one layer moved. The two published ones differ (squared or not, batch size),
/// so each names its variant.
struct Metric {
    const char* column;      ///< in drift.csv
    const char* title;       ///< what axes say
    const char* definition;  ///< formula and source, for tool tips
    double neutral;          ///< the value of a state that did not move; NaN when there is none
    bool diverging = false;  ///< can be on either side of the neutral value 0
};

enum class MetricId { Relative, RelativeTokens, Cosine, SumSquares, SumNorms, Cka, Procrustes, NormRatio, Along, Across };
inline constexpr std::size_t kMetrics = 10;
const Metric& metricOf(MetricId id);
/// By column name; Relative for unknown ones.
MetricId metricNamed(const std::string& column);

/// Drift by step, capture point and layer: what drift.csv holds.
class LayerDriftTable {
  public:
    /// drift.csv of llm.drift. Errors: a missing column, a row that is no number (file and line named).
    static Result<LayerDriftTable> readFile(const std::filesystem::path& file);
    /// drift/step-N.csv of a training run; an empty table when it measured none.
    static Result<LayerDriftTable> readSteps(const std::filesystem::path& folder);

    bool empty() const { return values_.empty(); }
    std::vector<std::int64_t> steps() const { return {steps_.begin(), steps_.end()}; }
    std::vector<std::string> points() const;
    std::vector<std::int64_t> layers(const std::string& point) const;
    /// NaN where it was not measured.
    double value(MetricId metric, const std::string& point, std::int64_t layer, std::int64_t step) const;

  private:
    Result<void> add(const std::filesystem::path& file, std::int64_t step);

    using Key = std::tuple<std::string, std::int64_t, std::int64_t>;  ///< point, layer, step
    std::map<Key, std::array<double, kMetrics>> values_;
    std::set<std::int64_t> steps_;
    std::map<std::string, std::set<std::int64_t>> layers_;
};

/// A whole number; nothing for other texts.
std::optional<std::int64_t> wholeNumber(const std::string& text);
/// A number, NaN for "nan"; nothing for other texts.
std::optional<double> realNumber(const std::string& text);
/// The step in a file name "step-0000040.csv"; nothing for other names.
std::optional<std::int64_t> stepOfFile(const std::filesystem::path& file);

}  // namespace driftscope::drift
