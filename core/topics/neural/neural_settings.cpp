#include "core/topics/neural/neural_settings.h"

#include <algorithm>
#include <cmath>

namespace driftscope::topics {
namespace {

constexpr double kLeastWeight = 0.01;
constexpr double kScholarAnnealed = 0.75;  ///< of the epochs

/// The reference implementations' own settings.
NeuralSettings defaultsOf(NeuralModel model) {
    NeuralSettings s;
    s.model = model;
    switch (model) {
        case NeuralModel::ProdLda:
        case NeuralModel::Ctm: s.sumLoss = true; break;
        case NeuralModel::Scholar:
            s.epochs = 200, s.batch = 200, s.adamSquare = 0.999, s.hidden = 300, s.dropPartial = true;
            break;
        case NeuralModel::Dvae:
            s.epochs = 200, s.batch = 200, s.learningRate = 1e-3, s.adamMean = 0.9, s.adamSquare = 0.999, s.dropout = 0.25, s.priorAlpha = 0.01, s.klAnnealEpochs = 100;
            s.dropPartial = s.sumLoss = true;
            break;
        case NeuralModel::Etm:
            s.batch = 128, s.learningRate = 5e-3, s.adamMean = 0.9, s.adamSquare = 0.999, s.weightDecay = 1.2e-6, s.hidden = 800, s.dropout = 0.5;
            break;
    }
    return s;
}

double ramp(std::int64_t step, std::int64_t epochs, std::int64_t batches) {
    return std::min(1.0, kLeastWeight + (1 - kLeastWeight) * static_cast<double>(step + 1) / static_cast<double>(epochs * std::max<std::int64_t>(1, batches)));
}

ParamSpec optionalInt(const char* name, const char* help, double minimum, bool advanced) {
    return {.name = name, .type = ParamType::Int, .help = help, .minimum = minimum, .optional = true, .advanced = advanced};
}

ParamSpec optionalReal(const char* name, const char* help, double minimum, std::optional<double> maximum = {}) {
    return {.name = name, .type = ParamType::Real, .help = help, .minimum = minimum, .maximum = maximum, .optional = true, .advanced = true};
}

}  // namespace

std::string_view name(NeuralModel model) {
    switch (model) {
        case NeuralModel::ProdLda: return "prodlda";
        case NeuralModel::Scholar: return "scholar";
        case NeuralModel::Dvae: return "dvae";
        case NeuralModel::Etm: return "etm";
        case NeuralModel::Ctm: return "ctm";
    }
    return "";
}

std::vector<ParamSpec> neuralParams() {
    std::vector<ParamSpec> specs{
        optionalInt("epochs", "Neural: passes over the corpus. Unset: 100 (prodlda, etm, ctm) or 200 (scholar, dvae).", 1, false),
        optionalInt("batch_size", "Neural: documents per step. Unset: 64 (prodlda, ctm), 128 (etm) or 200 (scholar, dvae).", 2, true),
        optionalReal("learning_rate", "Neural: Adam's step size. Unset: 0.002 (prodlda, scholar, ctm), 0.001 (dvae) or 0.005 (etm).", 1e-8),
        optionalInt("hidden", "Neural: units of the encoder's hidden layers. Unset: 100 (prodlda, dvae, ctm), 300 (scholar) or 800 (etm).", 1, true),
        optionalReal("dropout", "Neural: share of units that are dropped while training. Unset: 0.2, 0.25 (dvae) or 0.5 (etm).", 0, 0.95),
        optionalReal("prior_alpha", "Neural: parameter of the Dirichlet prior over topics. Unset: 1, 0.01 for dvae. Not used by etm, whose prior is the standard normal.", 1e-4),
        optionalInt("kl_anneal_epochs", "Neural: epochs over which the weight of the KL term grows to 1; 0: none. Unset: 0, 100 for dvae.", 0, true),
        optionalInt("bn_anneal_epochs", "scholar, dvae: epochs over which the decoder's batch normalisation is faded out; 0 keeps it. Unset: three quarters of the epochs (scholar), 0 (dvae).", 0, true),
        optionalReal("penalty", "dvae: L1 penalty of the decoder's weights; scholar: weight of the sparse prior. Unset: 0.", 0),
        optionalReal("weight_decay", "Neural: L2 penalty in Adam. Unset: 0, 1.2e-6 for etm.", 0)};
    specs.push_back({.name = "embedding_size", .type = ParamType::Int, .fallback = 300, .help = "etm: size of word and topic embeddings.", .minimum = 1, .source = "Dieng et al. 2020", .advanced = true});
    specs.push_back({.name = "embeddings", .type = ParamType::Path, .help = "ctm: matrix of document embeddings made elsewhere (sentence transformer), .npy, a row per document of the corpus.", .optional = true});
    specs.push_back({.name = "ctm_input", .type = ParamType::Choice, .fallback = "combined", .help = "ctm: the encoder sees word counts and embeddings, or the embeddings alone.", .choices = {"combined", "zeroshot"}, .source = "Bianchi et al. 2021"});
    specs.push_back({.name = "measure_interval", .type = ParamType::Int, .fallback = 10, .help = "Neural: epochs between measuring coherence and uniqueness and writing topics.txt.", .unit = "epochs", .minimum = 1, .advanced = true});
    return specs;
}

NeuralSettings readNeuralSettings(NeuralModel model, const Params& params) {
    NeuralSettings s = defaultsOf(model);
    const auto integer = [&](const char* key, std::int64_t& value) {
        if (params.isSet(key)) value = params.integer(key);
    };
    const auto real = [&](const char* key, double& value) {
        if (params.isSet(key)) value = params.real(key);
    };
    s.topics = params.integer("k");
    integer("epochs", s.epochs);
    if (model == NeuralModel::Scholar) s.bnAnnealEpochs = std::max<std::int64_t>(1, std::llround(kScholarAnnealed * static_cast<double>(s.epochs)));
    integer("batch_size", s.batch);
    real("learning_rate", s.learningRate);
    integer("hidden", s.hidden);
    real("dropout", s.dropout);
    real("prior_alpha", s.priorAlpha);
    integer("kl_anneal_epochs", s.klAnnealEpochs);
    integer("bn_anneal_epochs", s.bnAnnealEpochs);
    real("penalty", s.penalty);
    real("weight_decay", s.weightDecay);
    s.embedding = params.integer("embedding_size");
    s.embeddings = params.text("embeddings");
    s.zeroShot = params.text("ctm_input") == "zeroshot";
    s.measureInterval = params.integer("measure_interval");
    s.seed = static_cast<std::uint64_t>(params.integer("seed"));
    s.threads = params.integer("threads");
    return s;
}

double klWeight(const NeuralSettings& settings, std::int64_t step, std::int64_t batchesPerEpoch) {
    return settings.klAnnealEpochs > 0 ? ramp(step, settings.klAnnealEpochs, batchesPerEpoch) : 1;
}

double batchNormShare(const NeuralSettings& settings, std::int64_t step, std::int64_t batchesPerEpoch) {
    if (settings.bnAnnealEpochs == 0) return 1;
    if (settings.model == NeuralModel::Dvae) return settings.bnAnnealEpochs == 1 ? 0 : 1 - ramp(step, settings.bnAnnealEpochs, batchesPerEpoch);
    const std::int64_t epoch = step / std::max<std::int64_t>(1, batchesPerEpoch);
    return std::max(0.0, 1 - static_cast<double>(epoch) / static_cast<double>(settings.bnAnnealEpochs));
}

}  // namespace driftscope::topics
