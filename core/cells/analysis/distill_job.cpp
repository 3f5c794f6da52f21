// cells.distill: what one channel shows is learnt from another. A teacher probe on the sensor channel's embeddings labels every
// cell; a student probe on another channel's embeddings learns from it, and is tested on cells of groups that neither saw.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "core/base/atomic_file.h"
#include "core/cells/analysis/job_kinds.h"
#include "core/embed/labelled_rows.h"
#include "core/embed/probe.h"
#include "core/embed/row_labels.h"
#include "core/embed/saved_probe.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "core/job/job_context.h"

namespace driftscope::cells {
namespace {

using embed::Probe;
using embed::ProbeOptions;
using nlohmann::json;

/// The cells that both tables have, in the teacher's order.
struct Pairs {
    std::vector<std::uint32_t> teacher, student;  ///< rows of the tables
    std::vector<int> labels;                      ///< a person's, -1 without
    std::vector<std::uint32_t> groups;
    std::vector<double> hours;
};

bool finite(std::span<const float> row) {
    return std::ranges::all_of(row, [](float v) { return std::isfinite(v); });
}

Result<std::vector<std::string>> keysOf(const EmbeddingTable& table) {
    DS_ASSIGN(const auto fovs, table.texts("fov_name"));
    DS_ASSIGN(const auto tracks, table.integers("track_id"));
    DS_ASSIGN(const auto frames, table.integers("t"));
    std::vector<std::string> keys;
    for (std::size_t row = 0; row < table.rows(); ++row)
        keys.push_back(fmt::format("{}#{}@{}", fovs[row].starts_with('/') ? fovs[row].substr(1) : fovs[row], tracks[row], frames[row]));
    return keys;
}

Result<Pairs> pairUp(JobContext& job, const EmbeddingTable& teacher, const Matrix& seen, const std::vector<int>& labels, const EmbeddingTable& student, const Matrix& learnt) {
    DS_ASSIGN(const auto teacherKeys, keysOf(teacher));
    DS_ASSIGN(const auto studentKeys, keysOf(student));
    DS_ASSIGN(const auto frames, teacher.integers("t"));
    std::map<std::string, std::uint32_t> place;
    for (std::uint32_t row = 0; row < studentKeys.size(); ++row)
        if (finite(learnt.row(row))) place[studentKeys[row]] = row;
    Pairs out;
    const double perFrame = job.params().real("interval") / 60;
    for (std::uint32_t row = 0; row < teacherKeys.size(); ++row) {
        const auto found = place.find(teacherKeys[row]);
        if (found == place.end() || !finite(seen.row(row))) continue;
        out.teacher.push_back(row);
        out.student.push_back(found->second);
        out.labels.push_back(labels[row]);
        out.hours.push_back(job.params().real("start") + perFrame * static_cast<double>(frames[row]));
    }
    if (out.teacher.empty()) return fail(ErrorCode::BadInput, "The two tables have no cell in common.", "Embed the same tracks once for each channel.");
    if (out.teacher.size() < teacher.rows()) job.warn(fmt::format("{} of {} cells of the teacher's table are not in the student's.", teacher.rows() - out.teacher.size(), teacher.rows()));
    DS_ASSIGN(out.groups, embed::groupRows(teacher, out.teacher, job.params().text("groups")));
    return out;
}

/// Fold of every pair; -1 for groups without labels, which are only learnt from.
Result<std::vector<int>> foldsOf(const Pairs& pairs, std::size_t classes, int folds) {
    std::vector<int> labels;
    std::vector<std::uint32_t> groups;
    for (std::size_t i = 0; i < pairs.labels.size(); ++i)
        if (pairs.labels[i] >= 0) {
            labels.push_back(pairs.labels[i]);
            groups.push_back(pairs.groups[i]);
        }
    DS_ASSIGN(const auto assigned, embed::groupFolds(labels, groups, classes, folds));
    std::map<std::uint32_t, int> foldOfGroup;
    for (std::size_t i = 0; i < groups.size(); ++i) foldOfGroup[groups[i]] = assigned[i];
    std::vector<int> out;
    for (const std::uint32_t group : pairs.groups) {
        const auto found = foldOfGroup.find(group);
        out.push_back(found == foldOfGroup.end() ? -1 : found->second);
    }
    return out;
}

/// Teacher and student, fitted without the pairs that `held` names.
struct Fitted {
    Probe teacher, student;
    std::size_t taught = 0;  ///< cells the student learnt from
};

template <class Held>
Result<Fitted> fit(const Pairs& pairs, const Matrix& seen, const Matrix& learnt, std::size_t classes, const ProbeOptions& options, double leastSure, Held held) {
    std::vector<std::uint32_t> rows, candidates;
    std::vector<int> labels;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < pairs.labels.size(); ++i) {
        if (held(i)) continue;
        candidates.push_back(pairs.teacher[i]);
        places.push_back(i);
        if (pairs.labels[i] < 0) continue;
        rows.push_back(pairs.teacher[i]);
        labels.push_back(pairs.labels[i]);
    }
    Fitted out;
    DS_ASSIGN(out.teacher, Probe::fit(seen, rows, labels, classes, options));
    const Matrix calls = out.teacher.predict(seen, candidates);
    std::vector<std::uint32_t> studentRows;
    std::vector<int> taught;
    for (std::size_t k = 0; k < places.size(); ++k) {
        const auto p = calls.row(k);
        const auto best = std::ranges::max_element(p);
        if (*best < leastSure) continue;
        studentRows.push_back(pairs.student[places[k]]);
        taught.push_back(static_cast<int>(best - p.begin()));
    }
    out.taught = studentRows.size();
    auto student = Probe::fit(learnt, studentRows, taught, classes, options);
    if (!student) return tl::unexpected(std::move(student).error().during("while teaching the student"));
    out.student = std::move(*student);
    return out;
}

std::vector<int> calls(const Probe& probe, const Matrix& features, const std::vector<std::uint32_t>& rows) {
    const Matrix p = probe.predict(features, rows);
    std::vector<int> out;
    for (std::size_t i = 0; i < p.rows; ++i) out.push_back(static_cast<int>(std::ranges::max_element(p.row(i)) - p.row(i).begin()));
    return out;
}

/// Held-out calls of both, -1 where none were made.
struct HeldOut {
    std::vector<int> teacher, student;
};

Result<HeldOut> crossFit(JobContext& job, const Pairs& pairs, const std::vector<int>& folds, const Matrix& seen, const Matrix& learnt, std::size_t classes, const ProbeOptions& options,
                         double leastSure) {
    HeldOut out{std::vector<int>(folds.size(), -1), std::vector<int>(folds.size(), -1)};
    const int count = *std::ranges::max_element(folds) + 1;
    for (int fold = 0; fold < count; ++fold) {
        if (job.cancelled()) return JobContext::cancel();
        DS_ASSIGN(const Fitted fitted, fit(pairs, seen, learnt, classes, options, leastSure, [&](std::size_t i) { return folds[i] == fold; }));
        std::vector<std::size_t> places;
        std::vector<std::uint32_t> teacherRows, studentRows;
        for (std::size_t i = 0; i < folds.size(); ++i)
            if (folds[i] == fold) {
                places.push_back(i);
                teacherRows.push_back(pairs.teacher[i]);
                studentRows.push_back(pairs.student[i]);
            }
        const auto t = calls(fitted.teacher, seen, teacherRows), s = calls(fitted.student, learnt, studentRows);
        for (std::size_t k = 0; k < places.size(); ++k) {
            out.teacher[places[k]] = t[k];
            out.student[places[k]] = s[k];
        }
        job.progress(fold + 1, count + 1, "fold");
    }
    return out;
}

struct Score {
    std::size_t cells = 0;
    double accuracy = 0, macroF1 = 0;
};

/// Over the pairs that `use` names; the truth is -1 where it is unknown.
template <class Use>
Score scoreOf(const std::vector<int>& truth, const std::vector<int>& called, std::size_t classes, Use use) {
    Score out;
    std::vector<double> has(classes, 0), says(classes, 0), both(classes, 0);
    for (std::size_t i = 0; i < truth.size(); ++i) {
        if (truth[i] < 0 || called[i] < 0 || !use(i)) continue;
        ++out.cells;
        ++has[static_cast<std::size_t>(truth[i])];
        ++says[static_cast<std::size_t>(called[i])];
        both[static_cast<std::size_t>(truth[i])] += truth[i] == called[i];
    }
    double present = 0;
    for (std::size_t k = 0; k < classes; ++k) {
        if (out.cells > 0) out.accuracy += both[k] / static_cast<double>(out.cells);
        if (has[k] == 0) continue;
        ++present;
        out.macroF1 += 2 * both[k] / (has[k] + says[k]);
    }
    if (present > 0) out.macroF1 /= present;
    return out;
}

json toJson(const Score& score) {
    return score.cells == 0 ? json{{"cells", 0}} : json{{"cells", score.cells}, {"accuracy", score.accuracy}, {"macro_f1", score.macroF1}};
}

/// Three scores of each time bin, and over all: teacher and student against people, student against teacher.
json scoresOf(const Pairs& pairs, const HeldOut& held, std::size_t classes, double from, double to) {
    const auto inside = [&](std::size_t i) { return pairs.hours[i] >= from && pairs.hours[i] < to; };
    return {{"teacher", toJson(scoreOf(pairs.labels, held.teacher, classes, inside))},
            {"student", toJson(scoreOf(pairs.labels, held.student, classes, inside))},
            {"student_against_teacher", toJson(scoreOf(held.teacher, held.student, classes, inside))}};
}

Result<json> writeBins(JobContext& job, const Pairs& pairs, const HeldOut& held, std::size_t classes) {
    const double width = job.params().real("bin");
    const auto [first, last] = std::ranges::minmax(pairs.hours);
    json bins = json::array();
    io::CsvTable csv{{"hours_from", "hours_to", "judged_by", "of", "cells", "accuracy", "macro_f1"}, {}};
    for (double from = width * std::floor(first / width); from <= last; from += width) {
        json bin = scoresOf(pairs, held, classes, from, from + width);
        for (const auto& [key, judge, of] : {std::tuple("teacher", "people", "teacher"), std::tuple("student", "people", "student"), std::tuple("student_against_teacher", "teacher", "student")})
            if (const json& one = bin[key]; one["cells"] != 0)
                csv.rows.push_back({fmt::format("{:g}", from), fmt::format("{:g}", from + width), judge, of, one["cells"].dump(), fmt::format("{:.6f}", one["accuracy"].get<double>()),
                                    fmt::format("{:.6f}", one["macro_f1"].get<double>())});
        bin["hours"] = {from, from + width};
        bins.push_back(std::move(bin));
    }
    DS_TRY(io::writeCsv(job.out("bins.csv"), csv));
    return bins;
}

Result<void> writePredictions(JobContext& job, const EmbeddingTable& student, const Pairs& pairs, const HeldOut& held, const Probe& probe, const Matrix& learnt,
                              const std::vector<std::string>& classes) {
    const Matrix p = probe.predict(learnt, pairs.student);
    io::CsvTable csv{{"fov_name", "track_id", "t", "predicted_" + job.params().text("column"), "held_out_teacher", "held_out_student"}, {}};
    for (const std::string& name : classes) csv.header.push_back("proba_" + name);
    const auto called = [&](int k) { return k < 0 ? std::string() : classes[static_cast<std::size_t>(k)]; };
    for (std::size_t i = 0; i < pairs.student.size(); ++i) {
        std::vector<std::string> row;
        for (const char* key : {"fov_name", "track_id", "t"}) row.push_back(columnText(*student.column(key), pairs.student[i]));
        const auto values = p.row(i);
        row.push_back(called(static_cast<int>(std::ranges::max_element(values) - values.begin())));
        row.push_back(called(held.teacher[i]));
        row.push_back(called(held.student[i]));
        for (const float value : values) row.push_back(fmt::format("{:.6f}", value));
        csv.rows.push_back(std::move(row));
    }
    return io::writeCsv(job.out("predictions.csv"), csv);
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const EmbeddingTable teacher, io::readH5ad(params.text("teacher")));
    DS_ASSIGN(const EmbeddingTable student, io::readH5ad(params.text("student")));
    DS_ASSIGN(const Matrix* seen, embed::chooseFeatures(teacher, params.text("features")));
    DS_ASSIGN(const Matrix* learnt, embed::chooseFeatures(student, params.text("features")));
    DS_ASSIGN(const auto texts, embed::readRowLabels(job, teacher));
    DS_ASSIGN(const embed::LabelledRows known, embed::collectLabels(*seen, texts, params.text("column")));
    DS_ASSIGN(const Pairs pairs, pairUp(job, teacher, *seen, known.perRow(teacher.rows()), student, *learnt));
    const std::size_t classes = known.classes.size();
    const ProbeOptions options{params.real("c"), true, true, 1e-4};
    const double leastSure = params.real("least_sure");
    DS_ASSIGN(const auto folds, foldsOf(pairs, classes, static_cast<int>(params.integer("folds"))));
    DS_ASSIGN(const HeldOut held, crossFit(job, pairs, folds, *seen, *learnt, classes, options, leastSure));
    DS_ASSIGN(const json bins, writeBins(job, pairs, held, classes));
    DS_ASSIGN(const Fitted all, fit(pairs, *seen, *learnt, classes, options, leastSure, [](std::size_t) { return false; }));
    DS_TRY(writePredictions(job, student, pairs, held, all.student, *learnt, known.classes));
    const embed::SavedProbe saved{all.student, known.classes, params.text("features"), params.text("column"), {}, job.job()};
    DS_TRY(writeFileAtomically(job.out("probe.json"), saved.toJson().dump() + "\n"));
    json result = scoresOf(pairs, held, classes, -std::numeric_limits<double>::max(), std::numeric_limits<double>::max());
    result["classes"] = known.classes;
    result["cells"] = pairs.teacher.size();
    result["labelled"] = std::ranges::count_if(pairs.labels, [](int label) { return label >= 0; });
    result["taught"] = all.taught;
    result["bins"] = bins;
    DS_TRY(writeFileAtomically(job.out("distillation.json"), result.dump(2) + "\n"));
    job.progress(1, 1, "fold");
    return result;
}

}  // namespace

JobKind distillKind() {
    return {"cells.distill", "Distil one channel into another",
            "A teacher probe on the embeddings of one channel (a sensor) labels every cell, and a student probe on the embeddings of another channel (label-free) learns from "
            "these labels. Both are tested on groups that neither saw, against a person's labels and in bins of time. Writes bins.csv, predictions.csv, probe.json of the "
            "student and distillation.json.",
            {{.name = "teacher", .type = ParamType::Path, .help = "Embedding table (.h5ad) of the channel that shows the state."},
             {.name = "student", .type = ParamType::Path, .help = "Embedding table (.h5ad) of the same cells in the other channel."},
             {.name = "labels", .type = ParamType::Path, .help = "labels.sqlite of a project, or an annotation CSV; unset takes the column of the teacher's table.", .optional = true},
             {.name = "column", .type = ParamType::Text, .help = "Label schema or column, for example infection_state."},
             {.name = "dataset", .type = ParamType::Text, .fallback = "", .help = "Only labels of this data set of the project; empty takes all."},
             {.name = "features", .type = ParamType::Text, .fallback = "X", .help = "X, or the name of an obsm matrix that both tables have."},
             {.name = "groups", .type = ParamType::Choice, .fallback = "track", .help = "What is held out as a whole.", .choices = {"track", "fov", "well", "plate"}},
             {.name = "folds", .type = ParamType::Int, .fallback = 5, .help = "Folds of the cross-validation; fewer when a class has fewer groups.", .minimum = 2, .maximum = 100},
             {.name = "least_sure", .type = ParamType::Real, .fallback = 0.5, .help = "The student learns from calls of the teacher that are at least so sure.", .minimum = 0, .maximum = 1},
             {.name = "interval", .type = ParamType::Real, .fallback = 10.0, .help = "Time between frames.", .unit = "min", .minimum = 1e-6, .source = "VisCy (10-min frames)"},
             {.name = "start", .type = ParamType::Real, .fallback = 3.0, .help = "Time of the first frame after the perturbation.", .unit = "h", .source = "VisCy (t/6 + 3)"},
             {.name = "bin", .type = ParamType::Real, .fallback = 3.0, .help = "Width of a time bin.", .unit = "h", .minimum = 1e-3, .source = "VisCy"},
             {.name = "c", .type = ParamType::Real, .fallback = 1.0, .help = "Inverse strength of the L2 penalty.", .minimum = 1e-8, .maximum = 1e8, .source = "VisCy", .advanced = true}},
            run};
}

}  // namespace driftscope::cells
