#include "core/embed/saved_probe.h"

#include <algorithm>
#include <cmath>

#include "core/base/atomic_file.h"

namespace driftscope::embed {
namespace {

using nlohmann::json;

class ProbeJudge final : public RowJudge {
  public:
    ProbeJudge(SavedProbe saved, std::shared_ptr<const EmbeddingTable> table, const Matrix* features, std::size_t yes)
        : saved_(std::move(saved)), table_(std::move(table)), features_(features), yes_(yes) {}

    std::string question() const override { return fmt::format("{} is {}", saved_.task, saved_.classes[yes_]); }

    Result<double> probability(std::size_t row) const override {
        if (row >= features_->rows) return fail(ErrorCode::BadInput, fmt::format("The table has no row {}.", row), fmt::format("It has {} rows, counted from 0.", features_->rows));
        if (!std::ranges::all_of(features_->row(row), [](float v) { return std::isfinite(v); }))
            return fail(ErrorCode::BadInput, fmt::format("Row {} has no features: the model cannot judge it.", row), "Ask about a row that was embedded.");
        const auto one = static_cast<std::uint32_t>(row);
        const double p = saved_.probe.predict(*features_, {&one, 1})(0, yes_);
        return saved_.calibrations.empty() ? p : saved_.calibrations[yes_].apply(p);
    }

    json describe() const override {
        json out{{"kind", "probe"}, {"task", saved_.task}, {"yes", saved_.classes[yes_]}, {"classes", saved_.classes}, {"features", saved_.features}};
        const bool calibrated = !saved_.calibrations.empty() && saved_.calibrations[yes_].rows > 0;
        out["calibrated"] = calibrated;
        if (calibrated) {
            const Calibration& c = saved_.calibrations[yes_];
            out["calibration"] = {{"method", "Platt, on held-out predictions"}, {"slope", c.slope}, {"intercept", c.intercept}, {"brier_before", c.brierBefore}, {"brier_after", c.brierAfter}, {"rows", c.rows}};
        }
        return out;
    }

  private:
    SavedProbe saved_;
    std::shared_ptr<const EmbeddingTable> table_;
    const Matrix* features_;
    std::size_t yes_;
};

Result<void> checkSizes(const SavedProbe& saved, const std::string& file) {
    const std::size_t problems = saved.probe.intercepts.size();
    const bool fits = saved.classes.size() >= 2 && problems == (saved.classes.size() == 2 ? 1 : saved.classes.size()) && saved.probe.coefficients.size() % problems == 0 &&
                      !saved.probe.coefficients.empty() && (!saved.probe.standardize || (saved.probe.scaler.mean.size() == saved.probe.coefficients.size() / problems &&
                                                                                       saved.probe.scaler.scale.size() == saved.probe.scaler.mean.size())) &&
                      (saved.calibrations.empty() || saved.calibrations.size() == saved.classes.size());
    if (fits) return {};
    return fail(ErrorCode::BadInput, fmt::format("{} is not a probe: its numbers do not fit its classes.", file), "Use the probe.json of a run of label.probe.");
}

}  // namespace

json SavedProbe::toJson() const {
    json list = json::array();
    for (const Calibration& c : calibrations)
        list.push_back({{"slope", c.slope}, {"intercept", c.intercept}, {"brier_before", c.brierBefore}, {"brier_after", c.brierAfter}, {"rows", c.rows}});
    return {{"classes", classes}, {"coefficients", probe.coefficients}, {"intercepts", probe.intercepts}, {"mean", probe.scaler.mean}, {"scale", probe.scaler.scale},
            {"standardize", probe.standardize}, {"features", features}, {"task", task}, {"calibrations", list}, {"job", job}};
}

Result<SavedProbe> readProbe(const std::filesystem::path& path) {
    DS_ASSIGN(const std::string text, readFile(path));
    const json in = json::parse(text, nullptr, false);
    if (in.is_discarded() || !in.is_object() || !in.contains("coefficients"))
        return fail(ErrorCode::BadInput, fmt::format("{} is not a probe.", path.string()), "Use the probe.json of a run of label.probe.");
    SavedProbe saved;
    try {
        saved.classes = in.at("classes").get<std::vector<std::string>>();
        saved.probe.classes = saved.classes.size();
        saved.probe.coefficients = in.at("coefficients").get<std::vector<double>>();
        saved.probe.intercepts = in.at("intercepts").get<std::vector<double>>();
        saved.probe.standardize = in.value("standardize", true);
        saved.probe.scaler.mean = in.value("mean", std::vector<double>{});
        saved.probe.scaler.scale = in.value("scale", std::vector<double>{});
        saved.features = in.value("features", "X");
        saved.task = in.value("task", "label");
        saved.job = in.value("job", json::object());
        for (const json& c : in.value("calibrations", json::array()))
            saved.calibrations.push_back({c.at("slope").get<double>(), c.at("intercept").get<double>(), c.value("brier_before", 0.0), c.value("brier_after", 0.0), c.at("rows").get<std::size_t>()});
    } catch (const json::exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("{} is not a probe: {}", path.string(), error.what()), "Use the probe.json of a run of label.probe.");
    }
    if (saved.probe.intercepts.empty()) return fail(ErrorCode::BadInput, fmt::format("{} is not a probe: it has no intercepts.", path.string()), "Use the probe.json of a run of label.probe.");
    DS_TRY(checkSizes(saved, path.string()));
    return saved;
}

Result<const Matrix*> chooseFeatures(const EmbeddingTable& table, const std::string& name) {
    const Matrix* matrix = name == "X" ? &table.x : table.matrix(name);
    if (!matrix || matrix->columns == 0)
        return fail(ErrorCode::BadInput, fmt::format("The table has no features '{}'.", name), fmt::format("It has X and {}.", fmt::join(table.matrixNames(), ", ")));
    return matrix;
}

Result<std::unique_ptr<RowJudge>> probeJudge(SavedProbe probe, std::shared_ptr<const EmbeddingTable> table, const std::string& yes) {
    DS_ASSIGN(const Matrix* features, chooseFeatures(*table, probe.features));
    const std::size_t width = probe.probe.coefficients.size() / probe.probe.intercepts.size();
    if (features->columns != width)
        return fail(ErrorCode::BadInput, fmt::format("The probe was trained on {} features, and the table's '{}' has {}.", width, probe.features, features->columns),
                    "Use a table of the same encoder.");
    const auto found = std::ranges::find(probe.classes, yes);
    std::size_t index = static_cast<std::size_t>(found - probe.classes.begin());
    if (yes.empty() && probe.classes.size() == 2) index = 1;
    if (index >= probe.classes.size())
        return fail(ErrorCode::BadInput, yes.empty() ? "Which class counts as yes?" : fmt::format("The probe has no class '{}'.", yes),
                    fmt::format("Add --set yes=…; its classes are {}.", fmt::join(probe.classes, ", ")));
    return std::make_unique<ProbeJudge>(std::move(probe), std::move(table), features, index);
}

}  // namespace driftscope::embed
