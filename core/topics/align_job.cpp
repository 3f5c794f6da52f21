#include <algorithm>

#include "core/io/csv.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/read_formats.h"
#include "core/topics/job_kinds.h"
#include "core/topics/measure/alignment.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;

/// Categories per level: columns of a CSV, the label of an OCTIS file, or a label per line.
Result<std::vector<LabelLevel>> readLabels(const std::filesystem::path& file, const std::vector<std::string>& wanted) {
    std::vector<LabelLevel> levels;
    if (file.extension() == ".csv") {
        DS_ASSIGN(const io::CsvTable table, io::readCsv(file));
        for (std::size_t c = 0; c < table.header.size(); ++c) {
            const std::string& column = table.header[c];
            // Columns that documents.csv has beside the categories.
            const bool known = column == "id" || column == "row" || column == "split";
            if (wanted.empty() ? known : std::find(wanted.begin(), wanted.end(), column) == wanted.end()) continue;
            std::vector<std::string> texts;
            for (const auto& row : table.rows) texts.push_back(row[c]);
            levels.push_back({column, Categorical::fromTexts(texts)});
        }
        if (levels.empty()) return fail(ErrorCode::BadInput, fmt::format("{} has no column of categories.", file.string()), fmt::format("Its columns are: {}. Name some with levels.", fmt::join(table.header, ", ")));
        return levels;
    }
    std::vector<std::string> labels;
    if (file.extension() == ".tsv") {
        DS_ASSIGN(const RawCorpus raw, readOctis(file, {}));
        for (const RawDocument& document : raw.documents) labels.push_back(document.labels.empty() ? "" : document.labels[0]);
    } else {
        DS_ASSIGN(labels, readLines(file));
    }
    levels.push_back({"label", Categorical::fromTexts(labels)});
    return levels;
}

/// Theta and labels from a run folder, or from the two files named.
struct Input {
    Matrix theta;
    std::vector<LabelLevel> levels;
};

Result<Input> readInput(const Params& params) {
    Input input;
    if (params.isSet("run")) {
        DS_ASSIGN(TopicRun run, readTopicRun(params.text("run")));
        input.theta = std::move(run.theta);
        input.levels = std::move(run.documents.levels);
    }
    if (params.isSet("theta")) {
        DS_ASSIGN(input.theta, readMatrix(params.text("theta")));
    }
    if (params.isSet("labels")) {
        DS_ASSIGN(input.levels, readLabels(params.text("labels"), params.texts("levels")));
    }
    if (input.theta.rows == 0) return fail(ErrorCode::Usage, "There is neither 'run' nor 'theta'.", "Name a run folder, or theta and labels.");
    if (input.levels.empty()) return fail(ErrorCode::BadInput, "There are no human categories to align with.", "Name a file with labels, or preprocess the corpus with label_keys.");
    for (const LabelLevel& level : input.levels)
        if (level.categories.codes.size() != input.theta.rows)
            return fail(ErrorCode::BadInput, fmt::format("There are {} labels of '{}' for {} rows of theta.", level.categories.codes.size(), level.name, input.theta.rows), "Give one label per document, in the order of theta; leave it empty where there is none.");
    return input;
}

void warnOfMeaninglessScores(JobContext& job, const LevelAlignment& level, std::size_t topics) {
    if (level.missing) job.warn(fmt::format("{} documents have no '{}' and were left out.", level.missing, level.level));
    if (level.documents > 0 && level.topicsUsed == level.documents) job.warn("Every document has a topic of its own: purity is 1 by construction and means nothing.");
    if (level.documents > 1 && level.topicsUsed == 1 && topics > 1) job.warn("All documents have the same largest topic: there is nothing to align.");
    if (level.categories == 1) job.warn(fmt::format("All documents have the same '{}': every topic model is pure.", level.level));
}

Result<io::CsvTable> crossTable(const LevelAlignment& alignment, const LabelLevel& level, std::size_t topics) {
    io::CsvTable table{{"topic"}, {}};
    for (const std::string& category : level.categories.categories) table.header.push_back(category);
    for (std::size_t k = 0; k < topics; ++k) {
        std::vector<std::string> row{std::to_string(k)};
        for (std::size_t c = 0; c < level.categories.categories.size(); ++c) row.push_back(std::to_string(alignment.counts[k * level.categories.categories.size() + c]));
        table.rows.push_back(std::move(row));
    }
    return table;
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const Input input, readInput(params));
    const std::vector<std::uint32_t> topics = hardAssignments(input.theta);
    const AlignmentSettings settings{static_cast<std::size_t>(params.integer("bootstrap")), static_cast<std::size_t>(params.integer("shuffles")), static_cast<std::uint64_t>(params.integer("seed"))};
    json levels = json::array();
    for (const LabelLevel& level : input.levels) {
        if (job.cancelled()) return JobContext::cancel();
        job.progress(static_cast<double>(levels.size()), static_cast<double>(input.levels.size()), "level");
        const LevelAlignment alignment = align(topics, input.theta.columns, level, settings);
        if (alignment.documents == 0) return fail(ErrorCode::BadInput, fmt::format("No document has a '{}'.", level.name), "Check the labels.");
        warnOfMeaninglessScores(job, alignment, input.theta.columns);
        DS_ASSIGN(const io::CsvTable table, crossTable(alignment, level, input.theta.columns));
        DS_TRY(io::writeCsv(job.out(fmt::format("topics_by_{}.csv", levels.size())), table));
        levels.push_back(toJson(alignment));
    }
    json result = levels[0];  // the first level's scores again at the top, for scripts
    result["levels"] = levels;
    DS_TRY(writeJson(job.out("result.json"), result));
    return result;
}

}  // namespace

JobKind alignKind() {
    return {"topics.align", "Compare topics with human categories",
            "Adjusted Rand index, normalised mutual information, purity, inverse purity and P1 between each document's largest topic and its human category, per level, "
            "with bootstrap intervals and chance levels. Writes result.json and a table of topics by categories.",
            {{.name = "run", .type = ParamType::Path, .help = "Run folder: theta and the categories of its documents.", .optional = true},
             {.name = "theta", .type = ParamType::Path, .help = "Documents x topics, .npy or .npz.", .optional = true},
             {.name = "labels", .type = ParamType::Path, .help = "A label per line, a CSV with a column per level, or an OCTIS corpus.tsv; empty where a document has none.", .optional = true},
             {.name = "levels", .type = ParamType::TextList, .fallback = json::array(), .help = "Columns of the CSV to use; empty takes all but id, row and split."},
             {.name = "bootstrap", .type = ParamType::Int, .fallback = 1000, .help = "Resamples of the documents for intervals; 0 gives none.", .minimum = 0},
             {.name = "shuffles", .type = ParamType::Int, .fallback = 20, .help = "Shuffles of the labels for the chance level.", .minimum = 0, .advanced = true},
             {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of both.", .minimum = 0, .advanced = true}},
            run};
}

}  // namespace driftscope::topics
