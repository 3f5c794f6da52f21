#include <algorithm>
#include <map>

#include "core/embed/fast_probe.h"
#include "core/embed/label_jobs.h"
#include "core/embed/label_queue.h"
#include "core/embed/labelled_rows.h"
#include "core/embed/row_labels.h"
#include "core/embed/saved_probe.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "core/job/job_context.h"

namespace driftscope::embed {
namespace {

using nlohmann::json;

/// The table's rows that have features, and what is known about them.
struct Pool {
    Matrix features;
    std::vector<std::uint32_t> rows;  ///< of the table
    std::vector<int> labels;
    std::vector<std::uint32_t> groups;
};

Result<Pool> poolOf(const EmbeddingTable& table, const Matrix& features, const LabelledRows& known, const std::string& groups) {
    Pool pool;
    pool.rows = known.finite;
    pool.features = Matrix(pool.rows.size(), features.columns);
    const std::vector<int> perRow = known.perRow(table.rows());
    for (std::size_t i = 0; i < pool.rows.size(); ++i) {
        std::ranges::copy(features.row(pool.rows[i]), pool.features.row(i).begin());
        pool.labels.push_back(perRow[pool.rows[i]]);
    }
    DS_ASSIGN(pool.groups, groupRows(table, pool.rows, groups));
    return pool;
}

/// Probabilities of the pool; nothing while fewer than two classes have labels.
Result<Matrix> predict(FastProbe& probe, const Pool& pool, std::size_t classes) {
    if (classes < 2) return Matrix();
    std::vector<std::uint32_t> rows;
    std::vector<int> labels;
    for (std::uint32_t i = 0; i < pool.labels.size(); ++i)
        if (pool.labels[i] >= 0) {
            rows.push_back(i);
            labels.push_back(pool.labels[i]);
        }
    DS_TRY(probe.fit(rows, labels, classes));
    return probe.scores();
}

Result<void> writeQueue(JobContext& job, const EmbeddingTable& table, const Pool& pool, const std::vector<QueueItem>& queue, const Matrix& probabilities,
                        const std::vector<std::string>& classes) {
    io::CsvTable csv;
    for (const char* name : {"fov_name", "track_id", "t", "id"})
        if (table.column(name)) csv.header.push_back(name);
    const std::size_t keys = csv.header.size();
    for (const char* name : {"reason", "predicted", "confidence", "margin", "share"}) csv.header.push_back(name);
    for (const QueueItem& item : queue) {
        std::vector<std::string> row;
        for (std::size_t k = 0; k < keys; ++k) row.push_back(columnText(*table.column(csv.header[k]), pool.rows[item.row]));
        row.emplace_back(name(item.reason));
        if (probabilities.rows > 0) {
            const auto p = probabilities.row(item.row);
            row.push_back(classes[static_cast<std::size_t>(std::ranges::max_element(p) - p.begin())]);
        } else {
            row.emplace_back();
        }
        for (float value : {item.confidence, item.margin, item.share}) row.push_back(fmt::format("{:.4f}", value));
        csv.rows.push_back(std::move(row));
    }
    return io::writeCsv(job.out("queue.csv"), csv);
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const EmbeddingTable table, io::readH5ad(params.text("table")));
    DS_ASSIGN(const Matrix* features, chooseFeatures(table, params.text("features")));
    // A table that nobody labelled yet has no such column: everything is open then.
    std::vector<std::string> texts(table.rows());
    if (params.isSet("labels") || table.column(params.text("column"))) {
        DS_ASSIGN(texts, readRowLabels(job, table));
    }
    DS_ASSIGN(const LabelledRows known, collectLabels(*features, texts, params.text("column"), 0));
    DS_ASSIGN(const Pool pool, poolOf(table, *features, known, params.text("groups")));
    job.progress(0, 2, "step");
    DS_ASSIGN(const auto probe, FastProbe::make(pool.features));
    DS_ASSIGN(const Matrix probabilities, predict(*probe, pool, known.classes.size()));
    if (job.cancelled()) return JobContext::cancel();
    job.progress(1, 2, "step");
    const QueueInput input{&probe->features(), pool.labels, pool.groups, probabilities.rows > 0 ? &probabilities : nullptr};
    const QueueOptions options{.count = static_cast<std::size_t>(params.integer("count")), .audit = params.real("audit"),
                               .sample = static_cast<std::size_t>(params.integer("sample")), .seed = static_cast<std::uint64_t>(params.integer("seed"))};
    const std::vector<QueueItem> queue = nextToLabel(input, options);
    DS_TRY(writeQueue(job, table, pool, queue, probabilities, known.classes));
    job.progress(2, 2, "step");
    std::map<std::string, int> reasons;
    for (const QueueItem& item : queue) ++reasons[std::string(name(item.reason))];
    return json{{"queue", "queue.csv"}, {"offered", queue.size()}, {"labelled", known.rows.size()}, {"rows", pool.rows.size()}, {"classes", known.classes}, {"reasons", reasons}};
}

}  // namespace

JobKind queueKind() {
    return {"label.queue", "Choose what to label next",
            "Writes queue.csv: the rows whose labels teach most, in order, each with the reason: typical (nothing is labelled yet), unsure (the probe wavers there), "
            "or audit (drawn at random, so that accuracy on these is unbiased).",
            {{.name = "table", .type = ParamType::Path, .help = "Embedding table (.h5ad)."},
             {.name = "labels", .type = ParamType::Path, .help = "labels.sqlite of a project, or an annotation CSV; unset takes the column of the table itself.", .optional = true},
             {.name = "column", .type = ParamType::Text, .help = "Label schema or column, for example cell_division_state."},
             {.name = "dataset", .type = ParamType::Text, .fallback = "", .help = "Only labels of this data set of the project; empty takes all."},
             {.name = "features", .type = ParamType::Text, .fallback = "X", .help = "X, or the name of an obsm matrix such as X_projections."},
             {.name = "groups", .type = ParamType::Choice, .fallback = "track", .help = "What the batch holds once before it holds anything twice.", .choices = {"track", "fov", "well", "plate", "none"}},
             {.name = "count", .type = ParamType::Int, .fallback = 24, .help = "How many rows to offer.", .minimum = 1, .maximum = 100'000},
             {.name = "audit", .type = ParamType::Real, .fallback = 0.1, .help = "Share of the batch that is drawn at random.", .minimum = 0, .maximum = 1},
             {.name = "sample", .type = ParamType::Int, .fallback = 2000, .help = "Rows that are looked at and stood for, at most.", .minimum = 10, .maximum = 20'000, .source = "Bae et al. 2025", .advanced = true},
             {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of sample and audits.", .minimum = 0, .advanced = true}},
            run};
}

}  // namespace driftscope::embed
