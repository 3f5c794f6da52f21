#include "core/cells/dynaclr/encoder_store_torch.h"
#include "core/cells/dynaclr/job_kinds.h"
#include "core/cells/dynaclr/training_torch.h"
#include "core/tensor/device.h"
#include "core/tensor/guard.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

constexpr double kMebibyte = 1024.0 * 1024.0;

std::vector<ParamSpec> encoderParams() {
    return {{.name = "backbone", .type = ParamType::Choice, .fallback = "convnext_tiny", .help = "Family of the encoder's network; depths and widths say how large it is.", .choices = {"convnext_tiny", "convnextv2_tiny", "resnet50"}, .source = "VisCy", .advanced = true},
            {.name = "depths", .type = ParamType::IntList, .fallback = {1, 1, 3, 1}, .help = "Blocks per stage of the encoder; DynaCLR uses 3,3,9,3, resnet50 3,4,6,3.", .minimum = 1, .maximum = 64, .advanced = true},
            {.name = "widths", .type = ParamType::IntList, .fallback = {24, 48, 96, 192}, .help = "Channels per stage; the last is the feature length (four times that of a ResNet). DynaCLR uses 96,192,384,768, resnet50 64,128,256,512.", .minimum = 1, .maximum = 4096, .advanced = true},
            {.name = "kernel", .type = ParamType::Int, .fallback = 7, .help = "Side of the depthwise convolutions, odd.", .unit = "px", .minimum = 1, .maximum = 31, .source = "ConvNeXt", .advanced = true},
            {.name = "stem", .type = ParamType::IntList, .fallback = {1, 2, 2}, .help = "Kernel and stride of the stem in Z, Y, X; DynaCLR uses 5,4,4 on stacks and 1,4,4 on projections.", .unit = "px", .minimum = 1, .maximum = 64, .advanced = true},
            {.name = "embedding_dim", .type = ParamType::Int, .fallback = 192, .help = "Hidden width of the projection head.", .minimum = 1, .maximum = 8192, .advanced = true},
            {.name = "projection_dim", .type = ParamType::Int, .fallback = 32, .help = "Length of the projections the loss compares.", .minimum = 1, .maximum = 4096, .source = "VisCy", .advanced = true},
            {.name = "drop_path", .type = ParamType::Real, .fallback = 0.0, .help = "Share of residual branches dropped in the last block.", .minimum = 0, .maximum = 0.9, .advanced = true},
            {.name = "layer_scale", .type = ParamType::Real, .fallback = 0.1, .help = "Initial scale of the residual branches; ConvNeXt uses 1e-6 for very long trainings.", .minimum = 0, .maximum = 10, .advanced = true},
            {.name = "initial_weights", .type = ParamType::Path, .help = "Start from these weights; their architecture replaces the parameters above.", .optional = true, .advanced = true}};
}

std::vector<ParamSpec> samplingParams() {
    return {{.name = "sampler", .type = ParamType::Choice, .fallback = "time", .help = "Positive pairs: two views of a crop (classical, cell) or the same track tau frames later (time). Negatives: other crops, or other tracks (cell, time).", .choices = {"classical", "cell", "time"}, .source = "DynaCLR, Table 1"},
            {.name = "tau_min", .type = ParamType::Int, .fallback = 1, .help = "Smallest lag of a positive.", .unit = "frames", .minimum = 1, .maximum = 10000, .source = "DynaCLR"},
            {.name = "tau_max", .type = ParamType::Int, .fallback = 1, .help = "Largest lag of a positive.", .unit = "frames", .minimum = 1, .maximum = 10000},
            {.name = "tau_decay", .type = ParamType::Real, .fallback = 2.0, .help = "How strongly short lags are preferred: P ~ exp(-decay (tau - min) / (max - min)).", .minimum = 0, .maximum = 100, .source = "VisCy", .advanced = true},
            {.name = "lineage", .type = ParamType::Bool, .fallback = false, .help = "Count daughters as positives of their mother.", .advanced = true},
            {.name = "group", .type = ParamType::Choice, .fallback = "none", .help = "Every batch holds cells of one position or well.", .choices = {"none", "fov", "well"}, .source = "VisCy, FlexibleBatchSampler", .advanced = true},
            {.name = "leaky", .type = ParamType::Real, .fallback = 0.0, .help = "Share of a grouped batch that comes from other groups.", .minimum = 0, .maximum = 1, .source = "VisCy", .advanced = true},
            {.name = "stratify", .type = ParamType::Choice, .fallback = "none", .help = "Equal numbers of cells of each position or well in a batch.", .choices = {"none", "fov", "well"}, .source = "VisCy", .advanced = true},
            {.name = "enrich", .type = ParamType::Bool, .fallback = false, .help = "Draw most of a batch around one moment (temporal enrichment).", .source = "VisCy", .advanced = true},
            {.name = "enrich_window", .type = ParamType::Int, .fallback = 4, .help = "How far from that moment. VisCy takes 2 hours.", .unit = "frames", .minimum = 0, .maximum = 100000, .advanced = true},
            {.name = "enrich_global", .type = ParamType::Real, .fallback = 0.3, .help = "Share of an enriched batch that is drawn at any time.", .minimum = 0, .maximum = 1, .source = "VisCy", .advanced = true},
            {.name = "same_track", .type = ParamType::Choice, .fallback = "auto", .help = "Cells of one lineage in a batch: masked out of the negatives, or kept as VisCy does. auto masks for cell and time.", .choices = {"auto", "mask", "keep"}, .advanced = true},
            {.name = "validation", .type = ParamType::Real, .fallback = 0.2, .help = "Share of cells held out, as whole positions or lineages.", .minimum = 0, .maximum = 0.9, .source = "VisCy"},
            {.name = "validation_by", .type = ParamType::Choice, .fallback = "auto", .help = "What is held out as a whole; auto takes positions when there are at least five, else lineages.", .choices = {"auto", "fov", "track"}}};
}

std::vector<ParamSpec> optimiserParams() {
    return {{.name = "loss", .type = ParamType::Choice, .fallback = "ntxent", .help = "Contrastive loss on the projections.", .choices = {"ntxent", "triplet"}},
            {.name = "temperature", .type = ParamType::Real, .fallback = 0.2, .help = "Temperature of NT-Xent.", .minimum = 0.001, .maximum = 10, .source = "DynaCLR, bag of channels"},
            {.name = "temperature_start", .type = ParamType::Real, .fallback = 0.0, .help = "Anneal the temperature from this value by half a cosine; 0 keeps it constant. VisCy starts at 0.1.", .minimum = 0, .maximum = 10, .source = "VisCy", .advanced = true},
            {.name = "temperature_epochs", .type = ParamType::Int, .fallback = 50, .help = "Epochs until the annealed temperature reaches 'temperature'.", .minimum = 1, .maximum = 100000, .source = "VisCy", .advanced = true},
            {.name = "beta", .type = ParamType::Real, .fallback = 0.0, .help = "Weight of hard negatives (NT-Xent HCL); 0 is plain NT-Xent.", .minimum = 0, .maximum = 10, .advanced = true},
            {.name = "margin", .type = ParamType::Real, .fallback = 0.5, .help = "Margin of the triplet loss.", .minimum = 0, .maximum = 100, .source = "VisCy", .advanced = true},
            {.name = "lr", .type = ParamType::Real, .fallback = 1e-3, .help = "Learning rate of AdamW; DynaCLR uses 2e-5 for its 28 million weights.", .minimum = 0, .maximum = 10},
            {.name = "weight_decay", .type = ParamType::Real, .fallback = 0.01, .help = "Weight decay of AdamW.", .minimum = 0, .maximum = 10, .source = "PyTorch", .advanced = true},
            {.name = "batch", .type = ParamType::Int, .fallback = 64, .help = "Anchors per step.", .minimum = 2, .maximum = 65536},
            {.name = "epochs", .type = ParamType::Int, .fallback = 40, .help = "Passes over the anchors.", .minimum = 1, .maximum = 100000},
            {.name = "batches_per_epoch", .type = ParamType::Int, .fallback = 0, .help = "Shortens epochs of large data sets; 0 visits every anchor.", .minimum = 0, .maximum = 10000000, .advanced = true},
            {.name = "minutes", .type = ParamType::Real, .fallback = 0.0, .help = "Stop after the epoch that passes this time; 0 has no limit.", .unit = "min", .minimum = 0, .maximum = 1000000},
            {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of weights, batches, views and the held-out cells.", .minimum = 0, .source = "VisCy", .advanced = true}};
}

std::vector<ParamSpec> trainParams() {
    std::vector<ParamSpec> params{
        {.name = "images", .type = ParamType::Path, .help = "Time-lapse: an OME-Zarr plate, a TIFF stack or a folder of TIFF frames."},
        {.name = "tracks", .type = ParamType::Path, .help = "Tracks plate with one CSV per position, or one CSV for a single movie."},
        {.name = "fovs", .type = ParamType::TextList, .fallback = json::array(), .help = "Positions to use, such as A/1/0; empty takes all."},
        {.name = "initial_patch", .type = ParamType::Int, .fallback = 48, .help = "Side cut around a cell before augmentation; room for rotation and scale.", .unit = "px", .minimum = 4, .maximum = 4096}};
    const auto add = [&](std::vector<ParamSpec> more) { std::move(more.begin(), more.end(), std::back_inserter(params)); };
    add(PatchRecipe::params(false));
    add(samplingParams());
    add(optimiserParams());
    add(encoderParams());
    add(Augmentation::params());
    add(computeParams());
    params.push_back({.name = "cache_mb", .type = ParamType::Int, .fallback = 2048, .help = "Memory for decoded frames. Data that does not fit is visited position by position.", .unit = "MiB", .minimum = 1, .maximum = 1e7, .advanced = true});
    return params;
}

Result<TrainingOptions> trainingOptions(const Params& params) {
    TrainingOptions options;
    options.loss = params.text("loss");
    options.temperature = params.real("temperature");
    options.temperatureStart = params.real("temperature_start");
    options.temperatureEpochs = params.integer("temperature_epochs");
    options.beta = params.real("beta");
    options.margin = params.real("margin");
    const std::string sameTrack = params.text("same_track");
    options.maskSameTrack = sameTrack == "mask" || (sameTrack == "auto" && params.text("sampler") != "classical");
    options.learningRate = params.real("lr");
    options.weightDecay = params.real("weight_decay");
    options.epochs = params.integer("epochs");
    options.minutes = params.real("minutes");
    options.batchesPerEpoch = params.integer("batches_per_epoch");
    options.initialPatch = static_cast<int>(params.integer("initial_patch"));
    options.seed = static_cast<std::uint64_t>(params.integer("seed"));
    DS_ASSIGN(options.augmentation, Augmentation::make(params));
    if (options.initialPatch < params.integer("patch"))
        return fail(ErrorCode::Usage, fmt::format("'initial_patch' {} is smaller than 'patch' {}.", options.initialPatch, params.integer("patch")));
    return options;
}

Result<SamplerOptions> samplerOptions(const Params& params) {
    SamplerOptions options;
    DS_ASSIGN(options.strategy, strategyFromName(params.text("sampler")));
    options.tauMin = params.integer("tau_min");
    options.tauMax = params.integer("tau_max");
    options.tauDecay = params.real("tau_decay");
    options.lineage = params.flag("lineage");
    options.composition = {params.text("group"), params.real("leaky"), params.text("stratify"), params.flag("enrich"), params.integer("enrich_window"), params.real("enrich_global")};
    options.negatives = params.text("loss") == "triplet";
    options.batch = static_cast<std::size_t>(params.integer("batch"));
    options.seed = static_cast<std::uint64_t>(params.integer("seed"));
    return options;
}

Result<ContrastiveEncoder> startEncoder(const Params& params, const PatchSource& source, std::uint64_t seed) {
    if (!params.text("initial_weights").empty()) {
        DS_ASSIGN(StoredEncoder stored, loadEncoder(params.text("initial_weights")));
        const EncoderConfig& config = stored.encoder->config();
        if (config.inChannels != source.channels() || config.stackDepth != source.depth())
            return fail(ErrorCode::BadInput, fmt::format("{} takes {} channels and {} slices; the data gives {} and {}.", params.text("initial_weights"), config.inChannels,
                                                         config.stackDepth, source.channels(), source.depth()), "Choose 'channels' and 'z_range' that fit.");
        return stored.encoder;
    }
    EncoderConfig config;
    DS_ASSIGN(config.backbone, backboneFromName(params.text("backbone")));
    config.inChannels = source.channels();
    config.stackDepth = source.depth();
    const auto stem = params.integers("stem");
    if (stem.size() != 3) return fail(ErrorCode::Usage, "'stem' needs three numbers: Z, Y, X.");
    config.stemKernel = config.stemStride = {stem[0], stem[1], stem[2]};
    config.depths = params.integers("depths");
    config.widths = params.integers("widths");
    config.kernel = params.integer("kernel");
    config.embeddingDim = params.integer("embedding_dim");
    config.projectionDim = params.integer("projection_dim");
    config.dropPath = params.real("drop_path");
    config.layerScale = params.real("layer_scale");
    DS_TRY(config.check());
    tensor::seedAll(seed);
    return tensor::guarded("building the encoder", [&] { return ContrastiveEncoder(config); });
}

/// Rows that keep their patch, with the losses told.
std::vector<std::uint32_t> usableRows(JobContext& job, const CellDataset& dataset, const PatchSource& source) {
    std::vector<std::uint32_t> all(dataset.rows.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    const int side = source.recipe().patch;
    PatchSource::Kept kept = source.keep(all);
    if (kept.dropped) job.warn(fmt::format("{} of {} cells are left out: their {} px patch reaches over the edge (border={}).", kept.dropped, all.size(), side, source.recipe().border));
    if (kept.affected) job.log(fmt::format("{} patches near the edge were {}.", kept.affected, source.recipe().border == "pad" ? "mirrored" : "moved inside"));
    return std::move(kept.rows);
}

json describeData(const CellDataset& dataset, const Split& split, const ContrastiveSampler& sampler, const PatchSource& source) {
    return {{"positions", dataset.fields.size()}, {"cells", dataset.rows.size()},          {"cells_train", split.train.size()}, {"cells_validation", split.validation.size()},
            {"validation_by", split.by},          {"anchors", sampler.anchors()},          {"cells_without_positive", sampler.unpaired()},
            {"statistics", source.statisticsOrigin()}};
}

Result<json> train(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const TrainingOptions options, trainingOptions(params));
    DS_ASSIGN(const SamplerOptions sampling, samplerOptions(params));
    DS_ASSIGN(const PatchRecipe recipe, PatchRecipe::make(params, json()));
    DS_ASSIGN(const Compute compute, prepareCompute(job));
    DS_ASSIGN(const CellDataset dataset, openCells(params.text("images"), params.text("tracks"), params.texts("fovs")));
    for (const std::string& warning : dataset.warnings) job.warn(warning);
    const auto cacheBytes = static_cast<std::size_t>(static_cast<double>(params.integer("cache_mb")) * kMebibyte);
    DS_ASSIGN(const auto source, PatchSource::make(dataset, recipe, cacheBytes));
    DS_ASSIGN(ContrastiveEncoder encoder, startEncoder(params, *source, options.seed));
    if (options.augmentation.channelDropout > 0)
        for (const std::int64_t channel : options.augmentation.droppedChannels)
            if (channel >= source->channels() || source->channels() < 2)
                return fail(ErrorCode::Usage, fmt::format("aug.dropped_channels names channel {}, but the network sees {} channel(s).", channel, source->channels()),
                            "Choose channels that leave at least one, or set aug.channel_dropout=0.");
    if (recipe.patch < encoder->config().smallestPatch())
        return fail(ErrorCode::Usage, fmt::format("A patch of {} px is too small for this encoder, which needs {} px.", recipe.patch, encoder->config().smallestPatch()));

    const std::vector<std::uint32_t> rows = usableRows(job, dataset, *source);
    DS_ASSIGN(const Split split, splitCells(dataset, rows, params.text("validation_by"), params.real("validation"), options.seed));
    const auto grouped = [&](const std::vector<std::uint32_t>& some) { return neighbourhoods(dataset, some, source->frameBytes(), sampling.tauMax, cacheBytes); };
    DS_ASSIGN(const ContrastiveSampler sampler, ContrastiveSampler::make(dataset, split.train, grouped(split.train), sampling));
    std::optional<ContrastiveSampler> held;
    if (!split.validation.empty()) {
        auto made = ContrastiveSampler::make(dataset, split.validation, grouped(split.validation), sampling);
        if (made) held.emplace(std::move(*made));
        else job.warn("No validation loss: " + made.error().message);
    }
    const json data = describeData(dataset, split, sampler, *source);
    job.log(fmt::format("{} anchors in {} cells for training, {} cells held out by {}.", sampler.anchors(), split.train.size(), split.validation.size(), split.by));

    Training training(job, dataset, *source, compute, encoder, options);
    DS_ASSIGN(json result, training.run(sampler, held ? &*held : nullptr, split.validation));
    json preprocessing = recipe.toJson();
    preprocessing["initial_patch"] = options.initialPatch;
    encoder->to(torch::kCPU);
    DS_TRY(saveEncoder(job.out(), encoder, preprocessing,
                       {{"job", job.job()}, {"compute", compute.description}, {"data", data}, {"augmentation", options.augmentation.toJson()}, {"result", result}}));
    result["data"] = data;
    result["weights"] = "weights.safetensors";
    return result;
}

}  // namespace

JobKind trainKind() {
    return {"cells.train", "Train a DynaCLR encoder",
            "Learns an embedding of cells from a tracked time-lapse without labels. Writes weights.safetensors and config.json; metrics per step go to events.jsonl.", trainParams(), train};
}

}  // namespace driftscope::cells
