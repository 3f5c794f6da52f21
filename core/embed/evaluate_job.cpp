#include <algorithm>

#include "core/base/atomic_file.h"
#include "core/embed/evaluation.h"
#include "core/embed/label_jobs.h"
#include "core/embed/labelled_rows.h"
#include "core/embed/row_labels.h"
#include "core/embed/saved_probe.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "core/job/job_context.h"

namespace driftscope::embed {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Several tables as one: features and labels below each other.
struct Pooled {
    Matrix features;
    std::vector<std::string> texts;
    std::vector<std::size_t> first;  ///< first row of each table
    std::vector<EmbeddingTable> tables;
    std::vector<std::string> names;  ///< of the tables, for people

    std::size_t tableOf(std::uint32_t row) const { return static_cast<std::size_t>(std::ranges::upper_bound(first, row) - first.begin()) - 1; }
};

Result<Pooled> readTables(JobContext& job) {
    Pooled out;
    for (const std::string& path : job.params().texts("tables")) {
        DS_ASSIGN(EmbeddingTable table, io::readH5ad(path));
        DS_ASSIGN(const Matrix* features, chooseFeatures(table, job.params().text("features")));
        if (!out.tables.empty() && features->columns != out.features.columns)
            return fail(ErrorCode::BadInput, fmt::format("{} has {} features, {} has {}.", path, features->columns, job.params().texts("tables").front(), out.features.columns),
                        "Embed all data sets with the same encoder.");
        DS_ASSIGN(const auto texts, readRowLabels(job, table));
        out.first.push_back(out.texts.size());
        out.texts.insert(out.texts.end(), texts.begin(), texts.end());
        out.features.columns = features->columns;
        out.features.rows += features->rows;
        out.features.values.insert(out.features.values.end(), features->values.begin(), features->values.end());
        out.names.push_back(fs::path(path).parent_path().filename().string() + "/" + fs::path(path).stem().string());
        out.tables.push_back(std::move(table));
    }
    return out;
}

/// Groups of the labelled rows over all tables, with their names.
Result<std::pair<std::vector<std::uint32_t>, std::vector<std::string>>> groupsOf(const Pooled& data, const LabelledRows& training, const std::string& by) {
    std::vector<std::uint32_t> groups;
    std::vector<std::string> names;
    for (std::size_t table = 0; table < data.tables.size(); ++table) {
        std::vector<std::uint32_t> rows;
        for (std::uint32_t row : training.rows)
            if (data.tableOf(row) == table) rows.push_back(row - static_cast<std::uint32_t>(data.first[table]));
        if (rows.empty()) continue;
        const auto offset = static_cast<std::uint32_t>(names.size());
        if (by == "dataset") {
            groups.insert(groups.end(), rows.size(), offset);
            names.push_back(data.names[table]);
            continue;
        }
        DS_ASSIGN(const auto local, groupRows(data.tables[table], rows, by));
        DS_ASSIGN(const auto localNames, groupNames(data.tables[table], rows, by));
        for (std::uint32_t group : local) groups.push_back(offset + group);
        for (const std::string& name : localNames) names.push_back(data.tables.size() > 1 ? data.names[table] + " " + name : name);
    }
    return std::pair(std::move(groups), std::move(names));
}

Result<void> writeHeldOut(JobContext& job, const Pooled& data, const LabelledRows& training, const Matrix& held, const std::vector<int>& folds) {
    io::CsvTable csv{{"table"}, {}};
    for (const char* name : {"fov_name", "track_id", "t", "id"})
        if (data.tables.front().column(name)) csv.header.push_back(name);
    const std::size_t keys = csv.header.size();
    for (const char* name : {"label", "predicted", "fold"}) csv.header.push_back(name);
    for (const std::string& name : training.classes) csv.header.push_back("proba_" + name);
    for (std::size_t i = 0; i < training.rows.size(); ++i) {
        const std::size_t table = data.tableOf(training.rows[i]);
        std::vector<std::string> row{data.names[table]};
        for (std::size_t k = 1; k < keys; ++k) {
            const Column* column = data.tables[table].column(csv.header[k]);
            row.push_back(column ? columnText(*column, training.rows[i] - data.first[table]) : std::string());
        }
        const auto p = held.row(i);
        row.push_back(training.classes[static_cast<std::size_t>(training.labels[i])]);
        row.push_back(training.classes[static_cast<std::size_t>(std::ranges::max_element(p) - p.begin())]);
        row.push_back(fmt::to_string(folds[i] + 1));
        for (float value : p) row.push_back(fmt::format("{:.6f}", value));
        csv.rows.push_back(std::move(row));
    }
    return io::writeCsv(job.out("held_out.csv"), csv);
}

json toJson(const Reliability& r) {
    json bins = json::array();
    for (const Reliability::Bin& bin : r.bins)
        bins.push_back({{"low", bin.low}, {"high", bin.high}, {"rows", bin.rows}, {"confidence", bin.confidence}, {"accuracy", bin.accuracy},
                        {"accuracy_interval", {bin.accuracyLow, bin.accuracyHigh}}});
    return {{"bins", bins}, {"expected_calibration_error", r.expectedError}, {"brier", r.brier}};
}

json toJson(const std::vector<GroupScore>& scores, const std::vector<std::string>& names) {
    json out = json::array();
    for (const GroupScore& score : scores)
        out.push_back({{"group", names[score.group]}, {"rows", score.rows}, {"accuracy", score.accuracy}, {"macro_f1", score.macroF1}});
    return out;
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const Pooled data, readTables(job));
    DS_ASSIGN(const LabelledRows training, collectLabels(data.features, data.texts, params.text("column")));
    if (training.unusable > 0) job.warn(fmt::format("{} labelled rows have no features and are not used.", training.unusable));
    DS_ASSIGN(const auto groups, groupsOf(data, training, params.text("groups")));
    const ProbeOptions options{params.real("c"), params.flag("balanced"), params.flag("standardize"), 1e-4};
    const std::size_t classes = training.classes.size();
    job.progress(0, 2, "step");
    const bool leaveOneOut = params.text("holdout") == "leave-one-out";
    DS_ASSIGN(const auto folds, leaveOneOut ? leaveOneGroupOut(groups.first)
                                            : groupFolds(training.labels, groups.first, classes, static_cast<int>(params.integer("folds"))));
    DS_ASSIGN(const Matrix held, leaveOneOut ? predictHeldOut(data.features, training.rows, training.labels, folds, classes, options)
                                             : crossPredict(data.features, training.rows, training.labels, folds, classes, options, false));
    if (job.cancelled()) return JobContext::cancel();
    job.progress(1, 2, "step");
    const ProbeScores scores = score(training.labels, held, groups.first, static_cast<std::uint64_t>(params.integer("seed")));
    DS_TRY(writeHeldOut(job, data, training, held, folds));
    json result = scores.toJson(training.classes);
    result["classes"] = training.classes;
    result["labelled"] = training.rows.size();
    result["groups"] = groups.second.size();
    result["folds"] = *std::ranges::max_element(folds) + 1;
    result["reliability"] = toJson(reliability(training.labels, held, static_cast<std::size_t>(params.integer("bins"))));
    result["by_group"] = toJson(scoreByGroup(training.labels, held, groups.first), groups.second);
    DS_TRY(writeFileAtomically(job.out("evaluation.json"), result.dump(2) + "\n"));
    job.progress(2, 2, "step");
    return result;
}

}  // namespace

JobKind evaluateKind() {
    return {"label.evaluate", "Evaluate a linear probe",
            "Tests the probe on groups that it has not seen: confusion matrix, precision, recall, F1 and AUROC of each class, calibration, and scores of each held-out "
            "group. With several tables and groups=dataset, holdout=leave-one-out this is leave-one-dataset-out. Writes evaluation.json and held_out.csv.",
            {{.name = "tables", .type = ParamType::PathList, .help = "Embedding tables (.h5ad) of the same encoder, one for each data set."},
             {.name = "labels", .type = ParamType::Path, .help = "labels.sqlite of a project, or an annotation CSV; unset takes the column of the tables themselves.", .optional = true},
             {.name = "column", .type = ParamType::Text, .help = "Label schema or column, for example cell_division_state."},
             {.name = "dataset", .type = ParamType::Text, .fallback = "", .help = "Only labels of this data set of the project; empty takes all."},
             {.name = "features", .type = ParamType::Text, .fallback = "X", .help = "X, or the name of an obsm matrix such as X_projections."},
             {.name = "groups", .type = ParamType::Choice, .fallback = "track", .help = "What is held out as a whole.", .choices = {"track", "fov", "well", "plate", "dataset", "none"}},
             {.name = "holdout", .type = ParamType::Choice, .fallback = "folds", .help = "Cross-validation in folds of groups, or every group left out once.", .choices = {"folds", "leave-one-out"}},
             {.name = "folds", .type = ParamType::Int, .fallback = 5, .help = "Folds of the cross-validation; fewer when a class has fewer groups.", .minimum = 2, .maximum = 100},
             {.name = "bins", .type = ParamType::Int, .fallback = 10, .help = "Bins of the reliability diagram.", .minimum = 2, .maximum = 100, .advanced = true},
             {.name = "c", .type = ParamType::Real, .fallback = 1.0, .help = "Inverse strength of the L2 penalty.", .minimum = 1e-8, .maximum = 1e8, .source = "VisCy"},
             {.name = "balanced", .type = ParamType::Bool, .fallback = true, .help = "Weight classes by their inverse frequency.", .source = "VisCy"},
             {.name = "standardize", .type = ParamType::Bool, .fallback = true, .help = "Scale features to unit variance.", .source = "VisCy"},
             {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of the bootstrap interval.", .minimum = 0, .advanced = true}},
            run};
}

}  // namespace driftscope::embed
