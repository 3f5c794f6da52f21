#include <algorithm>

#include "core/base/atomic_file.h"
#include "core/base/clock.h"
#include "core/cells/dynaclr/augment_torch.h"
#include "core/cells/dynaclr/compute_torch.h"
#include "core/cells/dynaclr/encoder_store_torch.h"
#include "core/cells/dynaclr/job_kinds.h"
#include "core/cells/dynaclr/prefetcher.h"
#include "core/io/h5ad.h"
#include "core/tensor/guard.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

constexpr std::size_t kBatchesAhead = 3;
constexpr double kMebibyte = 1024.0 * 1024.0;
constexpr double kFlushSeconds = 5;  // what a kill can lose

std::vector<ParamSpec> embedParams() {
    std::vector<ParamSpec> params{
        {.name = "images", .type = ParamType::Path, .help = "Time-lapse: an OME-Zarr plate, a TIFF stack or a folder of TIFF frames."},
        {.name = "tracks", .type = ParamType::Path, .help = "Tracks plate with one CSV per position, or one CSV for a single movie."},
        {.name = "weights", .type = ParamType::Path, .help = "Encoder weights (.safetensors); the preprocessing in a config.json beside them is repeated."},
        {.name = "fovs", .type = ParamType::TextList, .fallback = json::array(), .help = "Positions to embed, such as A/1/0; empty takes all."},
        {.name = "batch", .type = ParamType::Int, .fallback = 64, .help = "Cells computed at once.", .minimum = 1, .maximum = 65536},
        {.name = "row_order", .type = ParamType::Choice, .fallback = "time", .help = "Rows by position and frame, or in the order of the tracks files (always so with percentile_scope=batch).", .choices = {"time", "file"}, .advanced = true},
        {.name = "cache_mb", .type = ParamType::Int, .fallback = 512, .help = "Memory for decoded frames.", .unit = "MiB", .minimum = 1, .maximum = 1e7, .advanced = true}};
    for (ParamSpec& spec : PatchRecipe::params(true)) params.push_back(std::move(spec));
    for (ParamSpec& spec : computeParams()) params.push_back(std::move(spec));
    return params;
}

/// All rows in the order they are written.
std::vector<std::uint32_t> orderedRows(const CellDataset& dataset, bool byTime) {
    std::vector<std::uint32_t> rows(dataset.rows.size());
    for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
    if (!byTime) return rows;
    std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::pair(dataset.rows[a].field, dataset.rows[a].t) < std::pair(dataset.rows[b].field, dataset.rows[b].t);
    });
    return rows;
}

/// obs, names and uns of the rows that were embedded.
Result<EmbeddingTable> describeRows(const JobContext& job, const CellDataset& dataset, const std::vector<std::uint32_t>& rows, const json& provenance) {
    // One table per run of rows of a field keeps the written order.
    std::vector<TrackTable> fields;
    for (const std::uint32_t index : rows) {
        const CellRow& row = dataset.rows[index];
        const CellField& field = dataset.fields[row.field];
        if (fields.empty() || fields.back().fovName != field.name) fields.push_back({field.name, {}, field.tracks.hasZ, {}});
        fields.back().detections.push_back(dataset.detection(row));
    }
    EmbeddingTable table = toObs(fields);
    for (const std::uint32_t index : rows) {
        const CellRow& row = dataset.rows[index];
        const Detection& cell = dataset.detection(row);
        table.obsNames.push_back(fmt::format("{}_{}_{}", dataset.fields[row.field].name, cell.trackId, cell.t));
    }
    table.uns = {{"data_path", job.params().text("images")}, {"tracks_path", job.params().text("tracks")}, {"provenance", provenance}};
    return table;
}

Result<void> appendRows(io::H5adAppender& appender, const EncoderOutput& out) {
    const auto matrixOf = [](const torch::Tensor& values) {
        const torch::Tensor own = values.to(torch::kCPU).contiguous();
        Matrix matrix(static_cast<std::size_t>(own.size(0)), static_cast<std::size_t>(own.size(1)));
        std::copy_n(own.data_ptr<float>(), own.numel(), matrix.values.data());
        return matrix;
    };
    return appender.append(matrixOf(out.features), {matrixOf(out.projections)});
}

/// Rows of an unfinished table are only continued with the weights and cells that began it.
Result<void> sameInputs(const JobContext& job, const std::string& weights, std::size_t cells) {
    const auto file = job.checkpoint() / "inputs.json";
    const json inputs{{"weights", weights}, {"cells", cells}};
    if (job.resuming() && std::filesystem::exists(file)) {
        DS_ASSIGN(const std::string text, readFile(file));
        if (json::parse(text, nullptr, false) != inputs)
            return fail(ErrorCode::BadInput, "The weights or the tracks have changed since this run was interrupted.", "Run again with --overwrite, or into another folder.");
        return {};
    }
    DS_TRY(makeFolder(job.checkpoint()));
    return writeFileAtomically(file, inputs.dump() + "\n");
}

/// What one run of the encoder over all rows needs.
struct Work {
    const CellDataset& dataset;
    PatchSource& source;
    const Compute& compute;
    ContrastiveEncoder encoder;
    std::vector<std::uint32_t> rows;
    std::size_t batch;
};

Result<void> encodeRows(JobContext& job, Work& work, io::H5adAppender& appender) {
    const torch::InferenceMode inference;
    const std::size_t first = appender.rows(), total = work.rows.size();
    // A batch is a fixed slice of the row order, so that a resumed run repeats the batches of an uninterrupted one.
    const std::size_t done = first / work.batch, batches = (total + work.batch - 1) / work.batch;
    const int side = work.source.recipe().patch;
    Prefetcher<RawPatches> prefetcher(batches - std::min(done, batches), kBatchesAhead, [&](std::size_t i) {
        const auto begin = work.rows.begin() + static_cast<std::ptrdiff_t>((done + i) * work.batch);
        const auto end = work.rows.begin() + static_cast<std::ptrdiff_t>(std::min(total, (done + i + 1) * work.batch));
        return work.source.cut({begin, end}, side);
    });
    double flushed = now();
    for (std::size_t i = done; i < batches; ++i) {
        DS_ASSIGN(const RawPatches patches, prefetcher.next());
        EncoderOutput out = work.encoder->forward(normalised(patches, work.source, side, work.compute.device), work.compute.precision);
        if (const std::size_t stored = appender.rows() - i * work.batch; stored > 0) {
            const auto skip = static_cast<std::int64_t>(stored), rest = patches.count - skip;
            out = {out.features.narrow(0, skip, rest), out.projections.narrow(0, skip, rest)};
        }
        DS_TRY(appendRows(appender, out));
        job.progress(static_cast<double>(appender.rows()), static_cast<double>(total), "cell");
        if (job.cancelled() || now() - flushed > kFlushSeconds) {
            DS_TRY(appender.flush());
            flushed = now();
        }
        if (job.cancelled() && appender.rows() < total) return JobContext::cancel();
    }
    return {};
}

Result<void> checkFit(const StoredEncoder& stored, const PatchSource& source, const std::string& weights) {
    const EncoderConfig& config = stored.encoder->config();
    if (config.inChannels != source.channels() || config.stackDepth != source.depth())
        return fail(ErrorCode::BadInput, fmt::format("{} takes {} channels and {} slices; the data gives {} and {}.", weights, config.inChannels, config.stackDepth,
                                                     source.channels(), source.depth()), "Choose 'channels', 'z_range' and 'z_reduction' that fit.");
    if (source.recipe().patch < config.smallestPatch())
        return fail(ErrorCode::BadInput, fmt::format("A patch of {} px is too small for {}, which needs {} px.", source.recipe().patch, weights, config.smallestPatch()));
    return {};
}

Result<json> embed(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const Compute compute, prepareCompute(job));
    DS_ASSIGN(StoredEncoder stored, loadEncoder(params.text("weights")));
    DS_ASSIGN(const PatchRecipe recipe, PatchRecipe::make(params, stored.preprocessing));
    if (stored.preprocessing.is_null()) job.warn("The weights come without preprocessing (config.json): patch, channels and normalisation are the parameters' values or defaults.");
    DS_ASSIGN(const CellDataset dataset, openCells(params.text("images"), params.text("tracks"), params.texts("fovs")));
    for (const std::string& warning : dataset.warnings) job.warn(warning);
    DS_ASSIGN(const auto source, PatchSource::make(dataset, recipe, static_cast<std::size_t>(static_cast<double>(params.integer("cache_mb")) * kMebibyte)));
    DS_TRY(checkFit(stored, *source, params.text("weights")));

    const bool byTime = params.text("row_order") == "time" && !recipe.percentilesPerBatch;
    PatchSource::Kept kept = source->keep(orderedRows(dataset, byTime));
    if (kept.dropped) job.warn(fmt::format("{} of {} cells are left out: their {} px patch reaches over the edge (border={}).", kept.dropped, dataset.rows.size(), recipe.patch, recipe.border));
    if (kept.rows.empty()) return fail(ErrorCode::BadInput, "No cell keeps its patch inside the images.", "Use a smaller patch, or border=pad.");
    const json provenance{{"job", job.job()}, {"compute", compute.description}, {"weights", stored.fingerprint}, {"encoder", stored.encoder->config().toJson()},
                          {"preprocessing", recipe.toJson()}, {"statistics", source->statisticsOrigin()}, {"cells_dropped", kept.dropped}, {"cells_shifted", kept.affected}};
    DS_ASSIGN(const EmbeddingTable meta, describeRows(job, dataset, kept.rows, provenance));
    DS_TRY(sameInputs(job, stored.fingerprint, kept.rows.size()));
    const auto columns = static_cast<std::size_t>(stored.encoder->config().featureDim());
    DS_ASSIGN(const auto appender, io::H5adAppender::open(job.out("embeddings.h5ad"), columns, {{"X_projections", static_cast<std::size_t>(stored.encoder->config().projectionDim)}}));
    if (appender->rows() > kept.rows.size())
        return fail(ErrorCode::BadInput, fmt::format("{} holds {} rows already, more than the {} cells.", job.out("embeddings.h5ad.partial").string(), appender->rows(), kept.rows.size()),
                    "Remove that file and run again.");
    const std::size_t rows = kept.rows.size();
    Work work{dataset, *source, compute, stored.encoder, std::move(kept.rows), static_cast<std::size_t>(params.integer("batch"))};
    const double begin = now();
    const std::size_t before = appender->rows();
    DS_TRY(tensor::guarded("embedding the cells", [&]() -> Result<void> {
        work.encoder->to(compute.device);
        return encodeRows(job, work, *appender);
    }));
    const double seconds = now() - begin;
    DS_TRY(appender->finish(meta));
    return json{{"embeddings", "embeddings.h5ad"}, {"cells", rows}, {"features", columns}, {"positions", dataset.fields.size()}, {"cells_dropped", kept.dropped},
                {"cells_shifted", kept.affected}, {"frames_decoded", source->cache().decoded()}, {"cells_per_second", static_cast<double>(rows - before) / std::max(seconds, 1e-9)}};
}

}  // namespace

JobKind embedKind() {
    return {"cells.embed", "Embed cells",
            "Runs a trained encoder over every tracked cell. Writes embeddings.h5ad: features in X, projections in obsm, one row per cell and frame in obs; opens in anndata.", embedParams(), embed};
}

}  // namespace driftscope::cells
