#include "core/topics/neural/training_torch.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/base/atomic_file.h"
#include "core/base/clock.h"
#include "core/base/fingerprint.h"
#include "core/io/json_access.h"
#include "core/tensor/device.h"
#include "core/tensor/guard.h"
#include "core/topics/measure/diversity.h"
#include "core/topics/neural/neural_kinds.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;
using torch::Tensor;

constexpr std::uint64_t kStepStream = 0x73746570;
constexpr double kCheckpointSeconds = 60;
constexpr std::size_t kHealthWords = 10;
constexpr double kLowUniqueness = 0.3;
constexpr std::size_t kInferBatch = 500;
constexpr const char* kCheckpointFile = "neural.safetensors";

Matrix toMatrix(const Tensor& values) {
    const Tensor own = values.detach().to(torch::kCPU, torch::kFloat32).contiguous();
    Matrix matrix(static_cast<std::size_t>(own.size(0)), static_cast<std::size_t>(own.size(1)));
    std::copy_n(own.data_ptr<float>(), own.numel(), matrix.values.data());
    return matrix;
}

bool allFinite(const Matrix& matrix) {
    return std::all_of(matrix.values.begin(), matrix.values.end(), [](float value) { return std::isfinite(value); });
}

Result<Matrix> readEmbeddings(const NeuralSettings& settings, const Corpus& corpus) {
    if (settings.model != NeuralModel::Ctm) return Matrix();
    if (settings.embeddings.empty())
        return fail(ErrorCode::Usage, "The model 'ctm' needs document embeddings, which this program does not compute.", "Make them with a sentence transformer and name the .npy file with embeddings=FILE.");
    DS_ASSIGN(Matrix all, readMatrix(settings.embeddings));
    if (all.rows == corpus.documents()) return all;
    // A matrix of the whole source: the rows of the documents that were kept.
    const auto fits = [&](std::int64_t row) { return row >= 0 && static_cast<std::size_t>(row) < all.rows; };
    if (all.rows < corpus.documents() || !std::all_of(corpus.rows.begin(), corpus.rows.end(), fits))
        return fail(ErrorCode::BadInput, fmt::format("{} has {} rows for {} documents.", settings.embeddings, all.rows, corpus.documents()),
                    "Give one row per document of the corpus (documents.csv), or one per document of its source, in that order.");
    Matrix kept(corpus.documents(), all.columns);
    for (std::size_t d = 0; d < kept.rows; ++d) std::copy_n(all.row(static_cast<std::size_t>(corpus.rows[d])).begin(), all.columns, kept.row(d).begin());
    return kept;
}

}  // namespace

Result<TopicHealth> topicHealth(const Matrix& beta, const Corpus& corpus) {
    const auto lists = topWords(beta, kHealthWords);
    std::vector<std::vector<std::string>> words;
    std::set<std::vector<std::uint32_t>> seen;
    TopicHealth health;
    for (std::vector<std::uint32_t> list : lists) {
        words.emplace_back();
        for (const std::uint32_t word : list) words.back().push_back(corpus.vocabulary[word]);
        std::sort(list.begin(), list.end());
        health.copies += !seen.insert(std::move(list)).second;
    }
    health.uniqueness = diversity(lists, kHealthWords, 0.9, corpus.vocabulary.size()).topicUniqueness;
    DS_ASSIGN(const Coherence scored, coherence(words, corpus, {.measure = CoherenceMeasure::NpmiInternal, .window = 0, .topWords = kHealthWords}));
    health.coherence = scored.mean;
    return health;
}

NeuralTraining::NeuralTraining(const Corpus& corpus, const NeuralSettings& settings, const TrainRequest& request, const TrainHooks& hooks, const torch::Device& device, Matrix embeddings)
    : corpus_(corpus), settings_(settings), request_(request), hooks_(hooks), device_(device), embeddings_(std::move(embeddings)), counts_(countWords(corpus)),
      network_(makeNetwork(settings, wordFrequencies(corpus), static_cast<std::int64_t>(embeddings_.columns))),
      adam_((network_->to(device), *network_), {settings.learningRate, settings.adamMean, settings.adamSquare, 1e-8, settings.weightDecay}), saved_(now()) {}

DocumentBatch NeuralTraining::batchOf(std::span<const std::uint32_t> which) const {
    DocumentBatch batch{CountBatch(selectRows(counts_, which), device_), {}};
    if (embeddings_.rows == 0) return batch;
    batch.embeddings = torch::empty({batch.counts.documents, static_cast<std::int64_t>(embeddings_.columns)});
    for (std::size_t i = 0; i < which.size(); ++i) std::copy_n(embeddings_.row(which[i]).begin(), embeddings_.columns, batch.embeddings.data_ptr<float>() + i * embeddings_.columns);
    batch.embeddings = batch.embeddings.to(device_);
    return batch;
}

std::vector<std::vector<std::uint32_t>> NeuralTraining::batchesOf(std::int64_t epoch) const {
    const std::vector<std::uint32_t> order = epochOrder(counts_, settings_.seed, epoch);
    const std::size_t size = std::min<std::size_t>(static_cast<std::size_t>(settings_.batch), order.size());
    std::vector<std::vector<std::uint32_t>> batches;
    for (std::size_t at = 0; at < order.size(); at += size) {
        const std::size_t end = std::min(order.size(), at + size);
        // Batch normalisation has no meaning for a single document.
        if (end - at < size && (settings_.dropPartial || end - at < 2)) break;
        batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(at), order.begin() + static_cast<std::ptrdiff_t>(end));
    }
    return batches;
}

Result<void> NeuralTraining::step(const DocumentBatch& batch, std::int64_t batchesPerEpoch) {
    const std::int64_t at = adam_.steps();
    tensor::seedAll(randomBits(settings_.seed, kStepStream, static_cast<std::uint64_t>(at)));
    klWeight_ = driftscope::topics::klWeight(settings_, at, batchesPerEpoch);
    const LossTerms terms = network_->losses(batch, batchNormShare(settings_, at, batchesPerEpoch));
    const Tensor perDocument = terms.reconstruction + klWeight_ * terms.kl;
    Tensor loss = settings_.sumLoss ? perDocument.sum() : perDocument.mean();
    if (terms.penalty.defined()) loss = loss + terms.penalty;
    const auto n = static_cast<double>(batch.counts.documents);
    const double value = loss.item<double>();
    if (!std::isfinite(value))
        return fail(ErrorCode::Numeric, fmt::format("The loss of {} became {} in epoch {} (step {}): the training diverged.", name(settings_.model), value, epoch_ + 1, at),
                    "Lower learning_rate, or take another seed. No model was written.");
    adam_.clearGradients();
    loss.backward();
    adam_.step();
    sums_.loss += settings_.sumLoss ? value : value * n;
    sums_.reconstruction += terms.reconstruction.sum().item<double>();
    sums_.kl += terms.kl.sum().item<double>();
    sums_.documents += batch.counts.documents;
    return {};
}

Result<void> NeuralTraining::trainEpoch() {
    const auto batches = batchesOf(epoch_);
    const auto perEpoch = static_cast<std::int64_t>(batches.size());
    const double total = static_cast<double>(settings_.epochs);
    network_->train();
    for (; batch_ < perEpoch; ++batch_) {
        if (hooks_.cancelled()) {
            DS_TRY(save());
            return fail(ErrorCode::Cancelled, "The job was cancelled; what it had done is saved.", "Run the same command again to resume.");
        }
        if (batch_ == 0) network_->beginEpoch(static_cast<std::int64_t>(counts_.documents()));
        const double begun = now();
        DS_TRY(step(batchOf(batches[static_cast<std::size_t>(batch_)]), perEpoch));
        seconds_ += now() - begun;
        seenDocuments_ += static_cast<std::int64_t>(batches[static_cast<std::size_t>(batch_)].size());
        hooks_.progress(static_cast<double>(epoch_) + static_cast<double>(batch_ + 1) / static_cast<double>(perEpoch), total, "epoch");
    }
    batch_ = 0;
    ++epoch_;
    last_ = sums_;
    sums_ = {};
    return report();
}

Result<void> NeuralTraining::report() {
    const auto at = static_cast<double>(epoch_), n = static_cast<double>(std::max<std::int64_t>(1, last_.documents));
    hooks_.metric("loss", at, last_.loss / n);
    hooks_.metric("reconstruction", at, last_.reconstruction / n);
    hooks_.metric("kl", at, last_.kl / n);
    if (settings_.klAnnealEpochs > 0) hooks_.metric("kl_weight", at, klWeight_);
    if (epoch_ % settings_.measureInterval != 0 && epoch_ != settings_.epochs) return {};
    const Matrix beta = currentBeta();
    if (!allFinite(beta))
        return fail(ErrorCode::Numeric, fmt::format("The topics of {} are no numbers any more after epoch {}: the training diverged.", name(settings_.model), epoch_), "Lower learning_rate, or take another seed. No model was written.");
    DS_ASSIGN(const TopicHealth health, topicHealth(beta, corpus_));
    if (std::isfinite(health.coherence)) hooks_.metric("npmi_internal", at, health.coherence);
    hooks_.metric("topic_uniqueness", at, health.uniqueness);
    if (!request_.out.empty()) {
        // A view follows this file; a failure to write it must not end the training.
        (void)writeFileAtomically(request_.out / "topics.txt", topicLines(beta, corpus_.vocabulary, kListedWords));
        hooks_.metric("topics_written", at, static_cast<double>(beta.rows));
    }
    return checkHealth(health);
}

Result<void> NeuralTraining::checkHealth(const TopicHealth& health) const {
    const auto topics = static_cast<std::size_t>(settings_.topics);
    if (topics > 1 && corpus_.vocabulary.size() > kHealthWords && health.copies == topics - 1)
        return fail(ErrorCode::Numeric, fmt::format("All {} topics of {} have the same first words after epoch {} (topic uniqueness {:.3f}): the components collapsed.", topics, name(settings_.model), epoch_, health.uniqueness),
                    "Lower learning_rate, let the KL term grow more slowly (kl_anneal_epochs), or ask for fewer topics.");
    return {};
}

Result<void> NeuralTraining::save() {
    saved_ = now();
    if (request_.checkpoint.empty()) return {};
    DS_TRY(makeFolder(request_.checkpoint));
    const auto sums = [](const Sums& s) { return json{s.loss, s.reconstruction, s.kl, s.documents}; };
    return adam_.save(request_.checkpoint / kCheckpointFile, *network_,
                      {{"model", name(settings_.model)}, {"corpus", corpus_.contentHash()}, {"seed", settings_.seed}, {"epoch", epoch_}, {"batch", batch_}, {"sums", sums(sums_)}, {"last", sums(last_)}, {"kl_weight", klWeight_}});
}

Result<void> NeuralTraining::restore() {
    const std::filesystem::path file = request_.checkpoint / kCheckpointFile;
    if (!request_.resuming || request_.checkpoint.empty() || !std::filesystem::exists(file)) return {};
    DS_ASSIGN(const json state, adam_.load(file, *network_));
    if (io::textMember(state, "corpus") != corpus_.contentHash())
        return fail(ErrorCode::BadInput, fmt::format("{} belongs to another corpus.", file.string()), "Train again in a new folder.");
    const auto sums = [&](const char* key) {
        const json& list = io::arrayMember(state, key);
        return list.size() == 4 ? Sums{list[0].get<double>(), list[1].get<double>(), list[2].get<double>(), list[3].get<std::int64_t>()} : Sums{};
    };
    epoch_ = static_cast<std::int64_t>(io::numberMember(state, "epoch", 0));
    batch_ = static_cast<std::int64_t>(io::numberMember(state, "batch", 0));
    klWeight_ = io::numberMember(state, "kl_weight", 1);
    sums_ = sums("sums");
    last_ = sums("last");
    hooks_.log(fmt::format("Going on in epoch {}.", epoch_ + 1));
    return {};
}

Result<void> NeuralTraining::run() {
    if (batchesOf(0).empty()) return fail(ErrorCode::BadInput, "Fewer than two documents have words: there is nothing to train on.", "Give a larger corpus.");
    while (epoch_ < settings_.epochs) {
        DS_TRY(trainEpoch());
        if (now() - saved_ > kCheckpointSeconds) DS_TRY(save());
    }
    return save();
}

Matrix NeuralTraining::currentBeta() {
    const torch::NoGradGuard noGradient;
    return toMatrix(network_->beta());
}

Matrix NeuralTraining::thetaOf() {
    const torch::NoGradGuard noGradient;
    network_->eval();
    Matrix theta(counts_.documents(), static_cast<std::size_t>(settings_.topics));
    const auto overDocuments = [&](std::vector<std::uint32_t> which, bool keep) {
        for (std::size_t at = 0; at < which.size(); at += kInferBatch) {
            const std::span<const std::uint32_t> part(which.data() + at, std::min<std::size_t>(kInferBatch, which.size() - at));
            const Tensor shares = network_->theta(batchOf(part));
            if (!keep) continue;
            const Matrix rows = toMatrix(shares);
            for (std::size_t i = 0; i < part.size(); ++i) std::copy_n(rows.row(i).begin(), theta.columns, theta.row(part[i]).begin());
        }
    };
    std::vector<std::uint32_t> withWords = epochOrder(counts_, settings_.seed, 0), all(counts_.documents());
    std::sort(withWords.begin(), withWords.end());
    std::iota(all.begin(), all.end(), 0U);
    network_->collect(true);
    overDocuments(withWords, false);
    network_->collect(false);
    overDocuments(all, true);
    return theta;
}

Result<TrainOutcome> NeuralTraining::outcome() {
    TrainOutcome outcome;
    outcome.run.beta = currentBeta();
    outcome.run.theta = thetaOf();
    if (!allFinite(outcome.run.beta) || !allFinite(outcome.run.theta))
        return fail(ErrorCode::Numeric, fmt::format("The topics of {} are no numbers any more: the training diverged in its last epoch.", name(settings_.model)), "Lower learning_rate, or take another seed. No model was written.");
    DS_ASSIGN(const TopicHealth health, topicHealth(outcome.run.beta, corpus_));
    DS_TRY(checkHealth(health));
    if (health.copies) hooks_.warn(fmt::format("{} of {} topics have the same ten first words as another topic.", health.copies, settings_.topics));
    if (health.uniqueness < kLowUniqueness) hooks_.warn(fmt::format("Topic uniqueness is {:.2f}: the topics share most of their first words (component collapse).", health.uniqueness));
    const auto n = static_cast<double>(std::max<std::int64_t>(1, last_.documents));
    outcome.run.record = {{"epochs", settings_.epochs}, {"batch_size", settings_.batch}, {"learning_rate", settings_.learningRate}, {"hidden", settings_.hidden}, {"dropout", settings_.dropout},
                          {"prior_alpha", settings_.priorAlpha}, {"kl_anneal_epochs", settings_.klAnnealEpochs}, {"bn_anneal_epochs", settings_.bnAnnealEpochs}, {"threads", settings_.threads},
                          {"loss", last_.loss / n}, {"reconstruction", last_.reconstruction / n}, {"kl", last_.kl / n}, {"topic_uniqueness", health.uniqueness}, {"identical_topics", health.copies},
                          {"npmi_internal", std::isfinite(health.coherence) ? json(health.coherence) : json()}, {"documents_per_second", seconds_ > 0 ? static_cast<double>(seenDocuments_) / seconds_ : 0},
                          {"libtorch", TORCH_VERSION}, {"device", device_.str()}};
    return outcome;
}

namespace {

Result<TrainOutcome> train(NeuralModel model, const Corpus& corpus, const TrainRequest& request, const TrainHooks& hooks) {
    const NeuralSettings settings = readNeuralSettings(model, request.params);
    DS_ASSIGN(const torch::Device device, tensor::pickDevice(request.device));
    DS_ASSIGN(Matrix embeddings, readEmbeddings(settings, corpus));
    tensor::useThreads(settings.threads);
    return tensor::guarded(fmt::format("training {}", name(model)), [&]() -> Result<TrainOutcome> {
        NeuralTraining training(corpus, settings, request, hooks, device, std::move(embeddings));
        DS_TRY(training.restore());
        DS_TRY(training.run());
        return training.outcome();
    });
}

}  // namespace

std::vector<TopicModelKind> neuralKinds() {
    std::vector<TopicModelKind> kinds;
    for (const NeuralModel model : {NeuralModel::ProdLda, NeuralModel::Scholar, NeuralModel::Dvae, NeuralModel::Etm, NeuralModel::Ctm})
        kinds.push_back({std::string(name(model)), neuralParams(), [model](const Corpus& corpus, const TrainRequest& request, const TrainHooks& hooks) { return train(model, corpus, request, hooks); }});
    return kinds;
}

}  // namespace driftscope::topics
