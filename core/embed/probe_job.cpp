#include "core/embed/probe_job.h"

#include <algorithm>
#include <limits>

#include "core/base/atomic_file.h"
#include "core/embed/labelled_rows.h"
#include "core/embed/row_labels.h"
#include "core/embed/saved_probe.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "core/job/job_context.h"

namespace driftscope::embed {
namespace {

using nlohmann::json;

Result<void> writePredictions(JobContext& job, const EmbeddingTable& table, const LabelledRows& training, const Matrix& probabilities) {
    io::CsvTable csv;
    for (const char* name : {"fov_name", "track_id", "t", "id"})
        if (table.column(name)) csv.header.push_back(name);
    const std::size_t keys = csv.header.size();
    const std::string task = job.params().text("column");
    csv.header.push_back("predicted_" + task);
    for (const std::string& name : training.classes) csv.header.push_back("proba_" + name);
    for (std::size_t i = 0; i < training.finite.size(); ++i) {
        std::vector<std::string> row;
        for (std::size_t k = 0; k < keys; ++k) row.push_back(columnText(*table.column(csv.header[k]), training.finite[i]));
        const auto p = probabilities.row(i);
        row.push_back(training.classes[static_cast<std::size_t>(std::ranges::max_element(p) - p.begin())]);
        for (float value : p) row.push_back(fmt::format("{:.6f}", value));
        csv.rows.push_back(std::move(row));
    }
    return io::writeCsv(job.out("predictions.csv"), csv);
}

Result<void> writeTable(JobContext& job, EmbeddingTable& table, const LabelledRows& training, const Matrix& probabilities) {
    const std::string task = job.params().text("column");
    std::vector<std::string> predicted(table.rows());
    Matrix spread(table.rows(), training.classes.size());
    std::ranges::fill(spread.values, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t i = 0; i < training.finite.size(); ++i) {
        const auto p = probabilities.row(i);
        predicted[training.finite[i]] = training.classes[static_cast<std::size_t>(std::ranges::max_element(p) - p.begin())];
        std::ranges::copy(p, spread.row(training.finite[i]).begin());
    }
    DS_TRY(table.setColumn("predicted_" + task, Categorical::fromTexts(predicted)));
    DS_TRY(table.setMatrix("predicted_" + task + "_proba", std::move(spread)));
    table.uns["predicted_" + task + "_classes"] = training.classes;
    return io::writeH5ad(job.out("table.h5ad"), table);
}

/// What held-out probabilities say about how far the probe's can be believed, class by class.
std::vector<Calibration> calibrations(const LabelledRows& training, const Matrix& held) {
    std::vector<Calibration> out;
    for (std::size_t k = 0; k < training.classes.size(); ++k) {
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
    DS_ASSIGN(const auto texts, readRowLabels(job, table));
    DS_ASSIGN(const LabelledRows training, collectLabels(*features, texts, params.text("column")));
    if (training.unusable > 0) job.warn(fmt::format("{} labelled rows have no features and are not used.", training.unusable));
    DS_ASSIGN(const auto groups, groupRows(table, training.rows, params.text("groups")));
    const ProbeOptions options{params.real("c"), params.flag("balanced"), params.flag("standardize"), 1e-4};
    job.progress(0, 3, "step");
    DS_ASSIGN(const auto folds, groupFolds(training.labels, groups, training.classes.size(), static_cast<int>(params.integer("folds"))));
    DS_ASSIGN(const Matrix held, crossPredict(*features, training.rows, training.labels, folds, training.classes.size(), options, params.text("scaler") == "all"));
    if (job.cancelled()) return JobContext::cancel();
    job.progress(1, 3, "step");
    const ProbeScores scores = score(training.labels, held, groups, static_cast<std::uint64_t>(params.integer("seed")));
    DS_ASSIGN(const Probe probe, Probe::fit(*features, training.rows, training.labels, training.classes.size(), options));
    const Matrix probabilities = probe.predict(*features, training.finite);
    job.progress(2, 3, "step");
    DS_TRY(writePredictions(job, table, training, probabilities));
    const SavedProbe saved{probe, training.classes, params.text("features"), params.text("column"), calibrations(training, held), job.job()};
    DS_TRY(writeFileAtomically(job.out("probe.json"), saved.toJson().dump() + "\n"));
    DS_TRY(writeTable(job, table, training, probabilities));
    job.progress(3, 3, "step");
    json result = scores.toJson(training.classes);
    result["classes"] = training.classes;
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
             {.name = "groups", .type = ParamType::Choice, .fallback = "track", .help = "What is held out as a whole in cross-validation.", .choices = {"track", "fov", "well", "plate", "none"}},
             {.name = "folds", .type = ParamType::Int, .fallback = 5, .help = "Folds of the cross-validation; fewer when a class has fewer groups.", .minimum = 2, .maximum = 100},
             {.name = "c", .type = ParamType::Real, .fallback = 1.0, .help = "Inverse strength of the L2 penalty.", .minimum = 1e-8, .maximum = 1e8, .source = "VisCy"},
             {.name = "balanced", .type = ParamType::Bool, .fallback = true, .help = "Weight classes by their inverse frequency.", .source = "VisCy"},
             {.name = "standardize", .type = ParamType::Bool, .fallback = true, .help = "Scale features to unit variance.", .source = "VisCy"},
             {.name = "scaler", .type = ParamType::Choice, .fallback = "fold", .help = "Fit the scaler inside each training fold, or on all rows as VisCy does (which leaks).", .choices = {"fold", "all"}, .advanced = true},
             {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of the bootstrap interval.", .advanced = true}},
            run};
}

}  // namespace driftscope::embed
