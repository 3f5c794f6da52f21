#include "core/embed/probe_job.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/atomic_file.h"
#include "core/embed/row_labels.h"
#include "core/embed/saved_probe.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "core/job/job_context.h"

namespace driftscope::embed {
namespace {

using nlohmann::json;

using Texts = std::vector<std::string>;

Result<std::vector<std::uint32_t>> groupsOf(const EmbeddingTable& table, const std::vector<std::uint32_t>& rows, const std::string& by) {
    std::map<std::string, std::uint32_t> index;
    std::vector<std::uint32_t> groups;
    Texts fovs(table.rows()), tracks(table.rows());
    if (by != "none") {
        DS_ASSIGN(fovs, table.texts("fov_name"));
    }
    if (by == "track") {
        DS_ASSIGN(tracks, table.texts("track_id"));
    }
    for (std::uint32_t row : rows) {
        const std::string key = by == "none" ? fmt::to_string(row) : by == "fov" ? fovs[row] : fovs[row] + "#" + tracks[row];
        groups.push_back(index.try_emplace(key, static_cast<std::uint32_t>(index.size())).first->second);
    }
    return groups;
}

/// Rows that can be used, with their classes.
struct Training {
    std::vector<std::string> names;      ///< classes, sorted
    std::vector<std::uint32_t> rows;
    std::vector<int> labels;
    std::vector<std::uint32_t> finite;   ///< all rows that have features
};

Result<Training> collect(JobContext& job, const Matrix& features, const Texts& texts) {
    Training out;
    std::map<std::string, int> index;
    std::size_t unusable = 0;
    for (const std::string& text : texts)
        if (!text.empty() && text != "unknown") index.emplace(text, 0);
    for (auto& [name, number] : index) {
        number = static_cast<int>(out.names.size());
        out.names.push_back(name);
    }
    for (std::uint32_t row = 0; row < features.rows; ++row) {
        const bool finite = std::ranges::all_of(features.row(row), [](float v) { return std::isfinite(v); });
        if (finite) out.finite.push_back(row);
        const auto found = index.find(texts[row]);
        if (found == index.end()) continue;
        if (!finite) {
            ++unusable;
            continue;
        }
        out.rows.push_back(row);
        out.labels.push_back(found->second);
    }
    if (unusable > 0) job.warn(fmt::format("{} labelled rows have no features and are not used.", unusable));
    if (out.names.size() < 2)
        return fail(ErrorCode::BadInput, fmt::format("Column '{}' has labels of {} class(es).", job.params().text("column"), out.names.size()), "A probe needs labels of at least two classes.");
    return out;
}

Result<void> writePredictions(JobContext& job, const EmbeddingTable& table, const Training& training, const Matrix& probabilities) {
    io::CsvTable csv;
    for (const char* name : {"fov_name", "track_id", "t", "id"})
        if (table.column(name)) csv.header.push_back(name);
    const std::size_t keys = csv.header.size();
    const std::string task = job.params().text("column");
    csv.header.push_back("predicted_" + task);
    for (const std::string& name : training.names) csv.header.push_back("proba_" + name);
    for (std::size_t i = 0; i < training.finite.size(); ++i) {
        std::vector<std::string> row;
        for (std::size_t k = 0; k < keys; ++k) row.push_back(columnText(*table.column(csv.header[k]), training.finite[i]));
        const auto p = probabilities.row(i);
        row.push_back(training.names[static_cast<std::size_t>(std::ranges::max_element(p) - p.begin())]);
        for (float value : p) row.push_back(fmt::format("{:.6f}", value));
        csv.rows.push_back(std::move(row));
    }
    return io::writeCsv(job.out("predictions.csv"), csv);
}

Result<void> writeTable(JobContext& job, EmbeddingTable& table, const Training& training, const Matrix& probabilities) {
    const std::string task = job.params().text("column");
    Texts predicted(table.rows());
    Matrix spread(table.rows(), training.names.size());
    std::ranges::fill(spread.values, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t i = 0; i < training.finite.size(); ++i) {
        const auto p = probabilities.row(i);
        predicted[training.finite[i]] = training.names[static_cast<std::size_t>(std::ranges::max_element(p) - p.begin())];
        std::ranges::copy(p, spread.row(training.finite[i]).begin());
    }
    DS_TRY(table.setColumn("predicted_" + task, Categorical::fromTexts(predicted)));
    DS_TRY(table.setMatrix("predicted_" + task + "_proba", std::move(spread)));
    table.uns["predicted_" + task + "_classes"] = training.names;
    return io::writeH5ad(job.out("table.h5ad"), table);
}

/// What held-out probabilities say about how far the probe's can be believed, class by class.
std::vector<Calibration> calibrations(const Training& training, const Matrix& held) {
    std::vector<Calibration> out;
    for (std::size_t k = 0; k < training.names.size(); ++k) {
        std::vector<double> scores;
        std::vector<int> truth;
        for (std::size_t i = 0; i < training.labels.size(); ++i) {
            scores.push_back(held(i, k));
            truth.push_back(training.labels[i] == static_cast<int>(k));
        }
        out.push_back(calibrate(scores, truth));
    }
    return out;
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(EmbeddingTable table, io::readH5ad(params.text("table")));
    DS_ASSIGN(const Matrix* features, chooseFeatures(table, params.text("features")));
    DS_ASSIGN(const Texts texts, readRowLabels(job, table));
    DS_ASSIGN(const Training training, collect(job, *features, texts));
    DS_ASSIGN(const auto groups, groupsOf(table, training.rows, params.text("groups")));
    const ProbeOptions options{params.real("c"), params.flag("balanced"), params.flag("standardize"), 1e-4};
    job.progress(0, 3, "step");
    DS_ASSIGN(const auto folds, groupFolds(training.labels, groups, training.names.size(), static_cast<int>(params.integer("folds"))));
    DS_ASSIGN(const Matrix held, crossPredict(*features, training.rows, training.labels, folds, training.names.size(), options, params.text("scaler") == "all"));
    if (job.cancelled()) return JobContext::cancel();
    job.progress(1, 3, "step");
    const ProbeScores scores = score(training.labels, held, groups, static_cast<std::uint64_t>(params.integer("seed")));
    DS_ASSIGN(const Probe probe, Probe::fit(*features, training.rows, training.labels, training.names.size(), options));
    const Matrix probabilities = probe.predict(*features, training.finite);
    job.progress(2, 3, "step");
    DS_TRY(writePredictions(job, table, training, probabilities));
    const SavedProbe saved{probe, training.names, params.text("features"), params.text("column"), calibrations(training, held), job.job()};
    DS_TRY(writeFileAtomically(job.out("probe.json"), saved.toJson().dump() + "\n"));
    DS_TRY(writeTable(job, table, training, probabilities));
    job.progress(3, 3, "step");
    json result = scores.toJson(training.names);
    result["classes"] = training.names;
    result["labelled"] = training.rows.size();
    result["groups"] = groups.empty() ? 0 : *std::ranges::max_element(groups) + 1;
    result["folds"] = *std::ranges::max_element(folds) + 1;
    result["predicted_rows"] = training.finite.size();
    return result;
}

}  // namespace

JobKind probeKind() {
    return {"label.probe", "Train a linear probe",
            "Fits a logistic regression from labels to features, tests it by cross-validation on held-out groups, and writes predictions.csv, probe.json and the table "
            "with predicted columns.",
            {{.name = "table", .type = ParamType::Path, .help = "Embedding table (.h5ad)."},
             {.name = "labels", .type = ParamType::Path, .help = "labels.sqlite of a project, or an annotation CSV; unset takes the column of the table itself.", .optional = true},
             {.name = "column", .type = ParamType::Text, .help = "Label schema or column, for example cell_division_state."},
             {.name = "dataset", .type = ParamType::Text, .fallback = "", .help = "Only labels of this data set of the project; empty takes all."},
             {.name = "features", .type = ParamType::Text, .fallback = "X", .help = "X, or the name of an obsm matrix such as X_projections."},
             {.name = "groups", .type = ParamType::Choice, .fallback = "track", .help = "What is held out as a whole in cross-validation.", .choices = {"track", "fov", "none"}},
             {.name = "folds", .type = ParamType::Int, .fallback = 5, .help = "Folds of the cross-validation; fewer when a class has fewer groups.", .minimum = 2, .maximum = 100},
             {.name = "c", .type = ParamType::Real, .fallback = 1.0, .help = "Inverse strength of the L2 penalty.", .minimum = 1e-8, .maximum = 1e8, .source = "VisCy"},
             {.name = "balanced", .type = ParamType::Bool, .fallback = true, .help = "Weight classes by their inverse frequency.", .source = "VisCy"},
             {.name = "standardize", .type = ParamType::Bool, .fallback = true, .help = "Scale features to unit variance.", .source = "VisCy"},
             {.name = "scaler", .type = ParamType::Choice, .fallback = "fold", .help = "Fit the scaler inside each training fold, or on all rows as VisCy does (which leaks).", .choices = {"fold", "all"}, .advanced = true},
             {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of the bootstrap interval.", .advanced = true}},
            run};
}

}  // namespace driftscope::embed
