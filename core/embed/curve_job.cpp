#include <algorithm>

#include "core/base/atomic_file.h"
#include "core/embed/label_jobs.h"
#include "core/embed/labelled_rows.h"
#include "core/embed/learning_curve.h"
#include "core/embed/row_labels.h"
#include "core/embed/saved_probe.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "core/job/job_context.h"

namespace driftscope::embed {
namespace {

using nlohmann::json;

json toJson(const MeanCurve& curve, double wanted) {
    const auto needed = curve.needed(wanted);
    return {{"labels", curve.labels}, {"macro_f1", curve.mean}, {"deviation", curve.deviation}, {"needed", needed ? json(*needed) : json()}};
}

Result<void> writeCurves(JobContext& job, const MeanCurve& queue, const MeanCurve& random) {
    io::CsvTable csv{{"order", "labels", "macro_f1", "deviation"}, {}};
    for (const auto& [order, curve] : {std::pair("queue", &queue), std::pair("random", &random)})
        for (std::size_t i = 0; i < curve->labels.size(); ++i)
            csv.rows.push_back({order, fmt::format("{}", curve->labels[i]), fmt::format("{:.6f}", curve->mean[i]), fmt::format("{:.6f}", curve->deviation[i])});
    return io::writeCsv(job.out("curve.csv"), csv);
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const EmbeddingTable table, io::readH5ad(params.text("table")));
    DS_ASSIGN(const Matrix* features, chooseFeatures(table, params.text("features")));
    DS_ASSIGN(const auto texts, readRowLabels(job, table));
    DS_ASSIGN(const LabelledRows known, collectLabels(*features, texts, params.text("column")));
    DS_ASSIGN(const auto groups, groupRows(table, known.rows, params.text("groups")));
    CurveOptions options;
    options.batch = static_cast<std::size_t>(params.integer("batch"));
    options.most = static_cast<std::size_t>(params.integer("most"));
    options.folds = static_cast<int>(params.integer("folds"));
    options.queue.audit = params.real("audit");
    const auto seeds = static_cast<std::uint64_t>(params.integer("seeds"));
    std::vector<Curve> queue, random;
    for (std::uint64_t seed = 0; seed < seeds; ++seed)
        for (const LabelOrder order : {LabelOrder::Queue, LabelOrder::Random}) {
            auto curve = simulateAnnotator(*features, known.rows, known.labels, groups, known.classes.size(), order, seed, options, [&] { return !job.cancelled(); });
            if (!curve) return tl::unexpected(std::move(curve).error());
            (order == LabelOrder::Queue ? queue : random).push_back(std::move(*curve));
            job.progress(static_cast<double>(queue.size() + random.size()), static_cast<double>(2 * seeds), "annotator");
        }
    const MeanCurve ours = average(queue), theirs = average(random);
    const double wanted = ours.full - params.real("tolerance");
    DS_TRY(writeCurves(job, ours, theirs));
    json result{{"full_macro_f1", ours.full}, {"wanted", wanted}, {"queue", toJson(ours, wanted)}, {"random", toJson(theirs, wanted)}, {"pool", queue.front().pool},
                {"labelled", known.rows.size()}, {"seeds", seeds}};
    const auto fewer = ours.needed(wanted), more = theirs.needed(wanted);
    result["share_of_random"] = fewer && more ? json(*fewer / *more) : json();
    DS_TRY(writeFileAtomically(job.out("curve.json"), result.dump(2) + "\n"));
    return result;
}

}  // namespace

JobKind curveKind() {
    return {"label.curve", "Learning curve of the queue beside random order",
            "Simulates annotators on labels that exist: one follows the queue, one labels in random order; after each batch a probe is tested on groups that neither "
            "labelled. Shows how many labels the queue saves. Writes curve.csv and curve.json.",
            {{.name = "table", .type = ParamType::Path, .help = "Embedding table (.h5ad)."},
             {.name = "labels", .type = ParamType::Path, .help = "labels.sqlite of a project, or an annotation CSV; unset takes the column of the table itself.", .optional = true},
             {.name = "column", .type = ParamType::Text, .help = "Label schema or column, for example cell_division_state."},
             {.name = "dataset", .type = ParamType::Text, .fallback = "", .help = "Only labels of this data set of the project; empty takes all."},
             {.name = "features", .type = ParamType::Text, .fallback = "X", .help = "X, or the name of an obsm matrix such as X_projections."},
             {.name = "groups", .type = ParamType::Choice, .fallback = "track", .help = "What is held out as a whole for the test.", .choices = {"track", "fov", "well", "plate", "none"}},
             {.name = "seeds", .type = ParamType::Int, .fallback = 5, .help = "Annotators of each kind; each is tested on another fold.", .minimum = 1, .maximum = 100},
             {.name = "batch", .type = ParamType::Int, .fallback = 5, .help = "Labels between two fits.", .unit = "labels", .minimum = 1, .maximum = 10'000},
             {.name = "most", .type = ParamType::Int, .fallback = 0, .help = "Stop at so many labels; 0 labels everything.", .unit = "labels", .minimum = 0},
             {.name = "folds", .type = ParamType::Int, .fallback = 3, .help = "One of so many folds is the test set.", .minimum = 2, .maximum = 20},
             {.name = "audit", .type = ParamType::Real, .fallback = 0.1, .help = "Share of random audits in the queue.", .minimum = 0, .maximum = 1},
             {.name = "tolerance", .type = ParamType::Real, .fallback = 0.02, .help = "How far below the score with all labels is good enough.", .minimum = 0, .maximum = 1}},
            run};
}

}  // namespace driftscope::embed
