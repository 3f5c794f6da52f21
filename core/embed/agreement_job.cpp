#include <fmt/ranges.h>

#include <charconv>

#include "core/base/atomic_file.h"
#include "core/embed/label_jobs.h"
#include "core/io/csv.h"
#include "core/job/job_context.h"
#include "core/label/group_agreement.h"

namespace driftscope::embed {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

json number(const std::optional<double>& value) {
    return value ? json(*value) : json();
}

/// The labels of one annotation file; its annotator is the file's own column when that names one person, else the file's name.
Result<std::pair<std::string, std::vector<Label>>> labelsOfFile(const fs::path& file, const std::string& column) {
    DS_ASSIGN(const io::CsvTable csv, io::readCsv(file));
    const auto state = csv.find(column), fov = csv.find("fov_name"), track = csv.find("track_id"), frame = csv.find("t"), who = csv.find("annotator");
    if (!state || !fov || !track || !frame)
        return fail(ErrorCode::BadInput, fmt::format("{} needs the columns fov_name, track_id, t and {}; it has {}.", file.string(), column, fmt::join(csv.header, ", ")),
                    "Choose annotation tables as napari-iohub or this program writes them, and the column to compare.");
    std::vector<Label> labels;
    std::string annotator;
    for (std::size_t line = 0; line < csv.rows.size(); ++line) {
        const auto& row = csv.rows[line];
        if (row[*state].empty() || row[*state] == "unknown") continue;
        std::int64_t step = 0;
        const auto read = std::from_chars(row[*frame].data(), row[*frame].data() + row[*frame].size(), step);
        if (read.ec != std::errc{} || read.ptr != row[*frame].data() + row[*frame].size())
            return fail(ErrorCode::BadInput, fmt::format("{}, line {}: t is '{}', not a whole number.", file.string(), line + 2, row[*frame]));
        const std::string& name = row[*fov];
        labels.push_back({{"", (name.starts_with('/') ? name.substr(1) : name) + "#" + row[*track], step}, row[*state], {}, 0, "import"});
        if (who && !row[*who].empty()) annotator = annotator.empty() || annotator == row[*who] ? row[*who] : "?";
    }
    if (annotator.empty() || annotator == "?") annotator = file.stem().string();
    return std::pair(annotator, std::move(labels));
}

Result<GroupAgreement> compareFiles(const std::vector<std::string>& files, const std::string& column) {
    std::map<std::string, std::vector<Label>> labels;
    for (const std::string& file : files) {
        DS_ASSIGN(auto read, labelsOfFile(file, column));
        if (read.second.empty()) return fail(ErrorCode::BadInput, fmt::format("{} has no labels in column {}.", file, column), "Leave it out, or choose another column.");
        // The same person may have saved several files: they stay apart by name.
        std::string annotator = labels.contains(read.first) ? fs::path(file).stem().string() : read.first;
        if (!labels.emplace(annotator, std::move(read.second)).second)
            return fail(ErrorCode::BadInput, fmt::format("Two of the files belong to '{}'.", annotator), "Rename one of them.");
    }
    if (labels.size() < 2) return fail(ErrorCode::BadInput, "A comparison needs two annotation files.", "Add another annotator's file.");
    return compareAnnotators(labels);
}

Result<void> writeDisputes(JobContext& job, const GroupAgreement& result) {
    io::CsvTable csv{{"dataset", "entity", "step"}, {}};
    csv.header.insert(csv.header.end(), result.annotators.begin(), result.annotators.end());
    csv.header.insert(csv.header.end(), {"majority", "entropy_bits"});
    for (const Dispute& dispute : result.disputes) {
        std::vector<std::string> row{dispute.target.dataset, dispute.target.entity, fmt::to_string(dispute.target.step)};
        for (const std::string& annotator : result.annotators) {
            const auto vote = dispute.votes.find(annotator);
            row.push_back(vote == dispute.votes.end() ? std::string() : vote->second);
        }
        row.push_back(dispute.majority);
        row.push_back(fmt::format("{:.4f}", dispute.entropy));
        csv.rows.push_back(std::move(row));
    }
    return io::writeCsv(job.out("disagreements.csv"), csv);
}

Result<void> writeConfusion(JobContext& job, const GroupAgreement& result) {
    io::CsvTable csv{{"first", "second", "class_of_first", "class_of_second", "targets"}, {}};
    for (const auto& [names, pair] : result.pairs)
        for (const auto& [classes, count] : pair.confusion) csv.rows.push_back({names.first, names.second, classes.first, classes.second, fmt::to_string(count)});
    return io::writeCsv(job.out("confusion.csv"), csv);
}

json summary(const GroupAgreement& result) {
    json pairs = json::array();
    for (const auto& [names, pair] : result.pairs)
        pairs.push_back({{"first", names.first}, {"second", names.second}, {"shared", pair.both}, {"observed", pair.observed}, {"kappa", number(pair.kappa)},
                         {"disagreements", pair.disagreements.size()}});
    return {{"annotators", result.annotators}, {"classes", result.classes},   {"targets", result.targets},
            {"shared", result.shared},         {"complete", result.complete}, {"fleiss_kappa", number(result.fleiss)},
            {"krippendorff_alpha", number(result.krippendorff)}, {"pairs", pairs}, {"disagreements", result.disputes.size()}};
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    const auto files = params.texts("files");
    if (params.isSet("labels") == !files.empty())
        return fail(ErrorCode::Usage, "Give either the labels of a project or two or more annotation files.", "Set 'labels' or 'files'.");
    job.progress(0, 1, "step");
    DS_ASSIGN(const GroupAgreement result, [&]() -> Result<GroupAgreement> {
        if (!files.empty()) return compareFiles(files, params.text("column"));
        DS_ASSIGN(const auto store, LabelStore::openForReading(params.text("labels")));
        return groupAgreement(*store, params.text("column"), params.texts("annotators"), params.text("dataset"));
    }());
    if (result.shared == 0) job.warn("No target has labels of two annotators: there is nothing to compare.");
    DS_TRY(writeDisputes(job, result));
    DS_TRY(writeConfusion(job, result));
    json out = summary(result);
    DS_TRY(writeFileAtomically(job.out("agreement.json"), out.dump(2) + "\n"));
    job.progress(1, 1, "step");
    return out;
}

}  // namespace

JobKind agreementKind() {
    return {"label.agreement", "Compare annotators",
            "Compares the labels of two or more annotators: Cohen's kappa for each pair, Fleiss' kappa, Krippendorff's alpha, confusion.csv, and disagreements.csv "
            "with the most disputed first.",
            {{.name = "labels", .type = ParamType::Path, .help = "labels.sqlite of a project in which several people labelled.", .optional = true},
             {.name = "files", .type = ParamType::PathList, .fallback = json::array(), .help = "Annotation CSVs instead, one for each annotator."},
             {.name = "column", .type = ParamType::Text, .help = "Label schema or column, for example cell_division_state."},
             {.name = "annotators", .type = ParamType::TextList, .fallback = json::array(), .help = "Whom to compare; empty compares everyone in the project."},
             {.name = "dataset", .type = ParamType::Text, .fallback = "", .help = "Only labels of this data set of the project; empty takes all."}},
            run};
}

}  // namespace driftscope::embed
