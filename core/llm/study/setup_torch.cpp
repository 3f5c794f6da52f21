#include "core/llm/study/setup_torch.h"

#include "core/base/atomic_file.h"
#include "core/io/json_access.h"
#include "core/llm/text/mixture.h"
#include "core/llm/train/token_files.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

Result<CausalModel> startModel(const Params& params, Stage stage, const Compute& compute) {
    const bool fresh = stage == Stage::Pretrain && params.isSet("config");
    if (stage == Stage::Pretrain && fresh == params.isSet("model")) return fail(ErrorCode::Usage, "Set 'config' for a new model or 'model' to go on with one, and not both.");
    if (!fresh) return CausalModel::load(params.text("model"), compute.placement);
    DS_ASSIGN(const json content, io::readJson(params.text("config")));
    DS_ASSIGN(const ModelConfig config, ModelConfig::parse(content, params.text("config")));
    return CausalModel::build(config, WeightSource::random(static_cast<std::uint64_t>(params.integer("seed")), compute.placement));
}

Result<std::optional<Tokenizer>> openTokenizer(JobContext& job, Stage stage, const CausalModel& model) {
    const Params& params = job.params();
    std::string place = stage == Stage::Pretrain && params.isSet("tokenizer") ? params.text("tokenizer") : params.text("model");
    if (place.empty()) return std::optional<Tokenizer>();
    auto opened = Tokenizer::open(place);
    if (!opened && opened.error().code == ErrorCode::NotFound) return std::optional<Tokenizer>();
    if (!opened) return tl::unexpected(std::move(opened).error());
    DS_TRY(opened->checkFits(model.config().vocab));
    return std::optional<Tokenizer>(std::move(*opened));
}

TrainingOptions trainingOptions(const Params& params, const ResolvedParams& resolved, Stage stage) {
    TrainingOptions options;
    options.learningRate = resolved.real("lr");
    options.weightDecay = resolved.real("weight_decay");
    options.schedule = resolved.text("schedule");
    options.epochs = resolved.integer("epochs");
    options.batch = resolved.integer("batch");
    options.clip = params.real("clip");
    options.warmup = params.real("warmup");
    options.maximumSteps = params.integer("steps");
    options.accumulate = params.integer("accumulate");
    options.checkpointing = params.flag("checkpointing");
    options.observeEvery = params.integer("eval_every");
    options.saveEvery = params.integer("save_every");
    options.logEvery = params.integer("log_every");
    options.seed = static_cast<std::uint64_t>(params.integer("seed"));
    if (stage == Stage::Pretrain) return options;
    options.method = params.text("method");
    MethodOptions& knobs = options.knobs;
    knobs.rho = resolved.real("rho");
    knobs.lambda = resolved.real("lambda");
    knobs.alpha = resolved.real("alpha");
    knobs.beta = params.real("beta");
    knobs.vaccineRho = params.real("vaccine.rho");
    knobs.alignSteps = params.integer("lisa.align_steps");
    knobs.userSteps = params.integer("lisa.user_steps");
    knobs.proximalStart = params.real("lisa.proximal_start");
    knobs.keepUser = params.flag("lisa.keep_user");
    knobs.layers = params.integer("t_vaccine.layers");
    knobs.layersEvery = params.integer("t_vaccine.every");
    knobs.fisherBatches = params.integer("ewc.batches");
    knobs.guideBatch = params.integer("vlguard.batch");
    knobs.harmfulBatch = params.integer("harmful_batch");
    knobs.upstreamAccumulation = params.flag("compat.accumulation");
    knobs.upstreamRedraw = params.flag("compat.redraw_dropout");
    knobs.upstreamRestore = params.flag("compat.restore_by_adding");
    knobs.upstreamKlAxis = params.flag("compat.kl_axis");
    knobs.upstreamFisherLeak = params.flag("compat.fisher_leak");
    knobs.upstreamLdifsGate = params.flag("compat.ldifs_gate");
    return options;
}

class DataReader {
  public:
    DataReader(JobContext& job, const TrainingSetup& setup) : job_(job), tokenizer_(setup.tokenizer ? &*setup.tokenizer : nullptr), vocabulary_(setup.model.config().vocab) {
        maximumLength_ = std::min(setup.resolved.integer("max_length"), setup.model.config().positions);
    }
    Result<TokenSet> texts(const std::string& param) const { return readTexts(job_.params().text(param), tokenizer_, maximumLength_, vocabulary_); }
    /// Rows of the file a parameter names; none when it is unset.
    Result<std::vector<Example>> examples(const std::string& param) const {
        const Params& params = job_.params();
        if (!params.values().contains(param) || params.text(param).empty()) return std::vector<Example>{};
        return readExamples(params.text(param));
    }
    Result<TokenSet> tokens(const std::vector<Example>& examples) const {
        if (examples.empty()) return TokenSet{};
        if (!tokenizer_) return fail(ErrorCode::BadInput, fmt::format("{} has no tokenizer.", job_.params().text("model")), "Put the tokenizer's files into the model's folder.");
        DS_ASSIGN(const PromptTemplate form, PromptTemplate::named(job_.params().text("template")));
        return tokenSet(*tokenizer_, form, examples, maximumLength_, [&](const std::string& text) { job_.warn(text); });
    }
    Result<TokenSet> tokens(const std::string& param) const {
        DS_ASSIGN(const std::vector<Example> rows, examples(param));
        return tokens(rows);
    }

  private:
    JobContext& job_;
    const Tokenizer* tokenizer_;
    std::int64_t vocabulary_, maximumLength_ = 0;
};

/// The user's data with their share of poison; every row's origin goes to composition.csv.
Result<std::vector<Example>> composed(JobContext& job, const DataReader& reader) {
    DS_ASSIGN(const std::vector<Example> user, reader.examples("data"));
    DS_ASSIGN(const std::vector<Example> poison, reader.examples("poison_data"));
    const double ratio = job.params().real("poison_ratio");
    if (ratio > 0 && poison.empty()) return fail(ErrorCode::Usage, fmt::format("'poison_ratio' is {} and there is no 'poison_data'.", ratio), "Name the harmful samples.");
    MixtureRequest request;
    request.ratio = ratio;
    request.total = static_cast<std::size_t>(job.params().integer("samples"));
    // All of the user's rows are 1 - ratio of the mixture.
    if (request.total == 0) request.total = ratio < 1 ? static_cast<std::size_t>(static_cast<double>(user.size()) / (1 - ratio) + 1e-9) : poison.size();
    DS_ASSIGN(Mixture mixture, mix(user, poison, request));
    DS_TRY(writeFileAtomically(job.out("composition.csv"), compositionCsv(mixture)));
    return std::move(mixture.examples);
}

Result<TrainingData> readData(JobContext& job, const TrainingSetup& setup, Stage stage) {
    const DataReader reader(job, setup);
    TrainingData data;
    if (stage == Stage::Pretrain) {
        DS_ASSIGN(data.primary, reader.texts("data"));
        return data;
    }
    DS_ASSIGN(data.harmful, reader.tokens("harmful_data"));
    if (stage == Stage::Align) {
        DS_ASSIGN(data.primary, reader.tokens("data"));
        data.align = data.primary;
    } else {
        DS_ASSIGN(const std::vector<Example> mixture, composed(job, reader));
        DS_ASSIGN(data.primary, reader.tokens(mixture));
        DS_ASSIGN(data.align, reader.tokens("align_data"));
    }
    const std::string& method = setup.options.method;
    if (needsHarmful(method) && data.harmful.empty()) return fail(ErrorCode::Usage, fmt::format("The method '{}' needs 'harmful_data'.", method), "Name a file of harmful prompts with harmful answers.");
    if (needsAlign(method) && data.align.empty()) return fail(ErrorCode::Usage, fmt::format("The method '{}' needs 'align_data'.", method), "Name the file of alignment samples.");
    return data;
}

Result<EvalSets> readEvalSets(JobContext& job, const TrainingSetup& setup) {
    const DataReader reader(job, setup);
    const auto limit = static_cast<std::size_t>(job.params().integer("eval_samples"));
    EvalSets sets;
    for (const auto& [param, set] : {std::pair<const char*, std::vector<Example>*>{"eval_harmful", &sets.harmful}, {"eval_benign", &sets.benign}, {"eval_task", &sets.task}}) {
        DS_ASSIGN(*set, reader.examples(param));
        if (set->size() > limit) set->resize(limit);
    }
    return sets;
}

/// The method that made an adapter, as its folder records it; empty when unknown.
std::string madeBy(const std::string& adapter) {
    const auto record = io::readJson(fs::path(adapter) / "driftscope.json");
    return record ? io::textMember(*record, "method") : std::string();
}

Result<std::optional<LoraConfig>> prepareAdapters(JobContext& job, TrainingSetup& setup, Stage stage) {
    const std::vector<std::string> chain = job.params().texts("adapters");
    const bool single = stage == Stage::Finetune && job.params().text("lora.mode") == "single";
    if (single && chain.empty()) return fail(ErrorCode::Usage, "lora.mode=single goes on with an adapter, and 'adapters' is empty.", "Name the alignment's adapter folder, or use lora.mode=double.");
    if (stage == Stage::Finetune && !single && !chain.empty() && madeBy(chain.back()).rfind("booster", 0) == 0)
        job.warn("The last adapter was trained by Booster, whose simulated step is on that very adapter: a second one voids it. Use lora.mode=single.");
    DS_ASSIGN(std::optional<LoraConfig> last, loadAdapterChain(setup.model, chain, !single));
    if (single) return last;
    DS_ASSIGN(const LoraConfig fresh, setup.resolved.lora());
    DS_TRY(addAdapters(setup.model, fresh, setup.options.seed));
    return std::optional<LoraConfig>(fresh);
}

}  // namespace

Result<TrainingSetup> TrainingSetup::make(JobContext& job, Stage stage) {
    const Params& params = job.params();
    const auto ranks = static_cast<int>(params.integer("ranks")), rank = static_cast<int>(params.integer("rank"));
    if (rank >= ranks) return fail(ErrorCode::Usage, fmt::format("'rank' is {} and there are {} processes.", rank, ranks), "Ranks count from 0; set 'ranks' to the number of processes.");
    ResolvedParams resolved(params, stage);
    DS_ASSIGN(Compute compute, prepareCompute(job));
    if (compute.placement.type == torch::kFloat16)
        return fail(ErrorCode::Unsupported, "Training in fp16 is not supported: small gradients vanish.", "Use precision=bf16, which needs no scaling of the loss.");
    DS_ASSIGN(CausalModel model, startModel(params, stage, compute));
    TrainingSetup setup{std::move(resolved), std::move(compute), std::move(model), {}, {}, {}, {}, {}};
    DS_ASSIGN(setup.tokenizer, openTokenizer(job, stage, setup.model));
    setup.options = trainingOptions(params, setup.resolved, stage);
    if (ranks > 1) {
        DS_ASSIGN(setup.options.group, tensor::Group::join(rank, ranks, params.text("meet")));
    }
    DS_ASSIGN(setup.data, readData(job, setup, stage));
    if (stage != Stage::Pretrain) {
        DS_ASSIGN(setup.sets, readEvalSets(job, setup));
        DS_ASSIGN(setup.lora, prepareAdapters(job, setup, stage));
    }
    return setup;
}

}  // namespace driftscope::llm
