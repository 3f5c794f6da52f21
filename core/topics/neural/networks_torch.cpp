#include "core/topics/neural/networks_torch.h"

#include <cmath>

#include "core/base/fingerprint.h"
#include "core/tensor/device.h"
#include "core/topics/neural/losses_torch.h"

namespace driftscope::topics {
namespace {

namespace nn = torch::nn;
namespace F = torch::nn::functional;
using torch::Tensor;

constexpr std::uint64_t kWeightStream = 0x77656967;
constexpr double kWideEpsilon = 1e-3, kWideMomentum = 1e-3;  ///< of SCHOLAR's and the D-VAE's batch normalisation
constexpr double kLeastAlpha = 1e-5;

Tensor uniform(std::int64_t rows, std::int64_t columns, double bound) {
    return (torch::rand({rows, columns}) * 2 - 1) * bound;
}
Tensor xavier(std::int64_t rows, std::int64_t columns) {
    return uniform(rows, columns, std::sqrt(6.0 / static_cast<double>(rows + columns)));
}
/// As PyTorch starts a linear layer with so many inputs.
Tensor linearStart(std::int64_t inputs, std::int64_t units) {
    return uniform(inputs, units, 1 / std::sqrt(static_cast<double>(inputs)));
}

/// Batch normalisation with gain 1 and a bias that is learnt or absent; fast for thousands of columns.
class WideNorm : public nn::Module {
  public:
    WideNorm(std::int64_t features, double epsilon, double momentum, bool learnsBias) : epsilon_(epsilon), momentum_(momentum) {
        mean_ = register_buffer("running_mean", torch::zeros({features}));
        variance_ = register_buffer("running_var", torch::ones({features}));
        if (learnsBias) bias_ = register_parameter("bias", torch::zeros({features}));
    }
    void collect(bool begin) {
        collecting_ = begin;
        if (begin) {
            seen_ = 0;
            sums_ = torch::zeros_like(mean_, torch::kFloat64);
            squares_ = torch::zeros_like(mean_, torch::kFloat64);
        } else if (seen_ > 1) {
            const Tensor mean = sums_ / seen_;
            mean_.copy_(mean);
            variance_.copy_(((squares_ / seen_ - mean * mean) * (seen_ / (seen_ - 1))).clamp_min(0));
        }
    }
    Tensor forward(const Tensor& values) {
        if (collecting_) {
            const Tensor wide = values.detach().to(torch::kFloat64);
            sums_ += wide.sum(0);
            squares_ += (wide * wide).sum(0);
            seen_ += static_cast<double>(values.size(0));
        }
        const Tensor normal = is_training() ? fromBatch(values) : (values - mean_) * (variance_ + epsilon_).rsqrt();
        return bias_.defined() ? normal + bias_ : normal;
    }

  private:
    Tensor fromBatch(const Tensor& values) {
        const Normalised normal = normaliseColumns(values, epsilon_);
        const torch::NoGradGuard noGradient;
        const auto n = static_cast<double>(values.size(0));
        mean_.mul_(1 - momentum_).add_(normal.mean, momentum_);
        variance_.mul_(1 - momentum_).add_(normal.variance, momentum_ * n / (n - 1));
        return normal.values;
    }
    double epsilon_, momentum_, seen_ = 0;
    bool collecting_ = false;
    Tensor mean_, variance_, bias_, sums_, squares_;
};

/// The first layer, from sparse counts: weight [words, units].
class CountLinear : public nn::Module {
  public:
    CountLinear(Tensor weight, bool hasBias) {
        const double bound = 1 / std::sqrt(static_cast<double>(weight.size(0)));
        weight_ = register_parameter("weight", std::move(weight));
        if (hasBias) bias_ = register_parameter("bias", uniform(1, weight_.size(1), bound).squeeze(0));
    }
    Tensor forward(const CountBatch& batch) {
        const Tensor out = countsTimes(batch, weight_);
        return bias_.defined() ? out + bias_ : out;
    }

  private:
    Tensor weight_, bias_;
};

Tensor drawGaussian(const Tensor& mean, const Tensor& logVariance) {
    return mean + torch::randn_like(mean) * (0.5 * logVariance).exp();
}

// ---- ProdLDA and CTM -------------------------------------------------------------------------------------------------

class ProdLda : public TopicNetwork {
  public:
    ProdLda(const NeuralSettings& s, std::int64_t words, std::int64_t embeddingSize) : dropout_(s.dropout), model_(s.model), zeroShot_(s.zeroShot) {
        const bool ctm = s.model == NeuralModel::Ctm;
        if (!ctm || !s.zeroShot) counts_ = register_module("counts", std::make_shared<CountLinear>(linearStart(ctm ? 2 * words : words, s.hidden).narrow(0, 0, words).contiguous(), true));
        if (ctm && s.zeroShot) input_ = register_module("input", nn::Linear(embeddingSize, s.hidden));
        if (ctm && !s.zeroShot) {
            adapt_ = register_module("adapt", nn::Linear(embeddingSize, words));
            adapted_ = register_parameter("adapted_weight", linearStart(2 * words, s.hidden).narrow(0, words, words).contiguous());
        }
        hidden_ = register_module("hidden", nn::Linear(s.hidden, s.hidden));
        mean_ = register_module("mean", nn::Linear(s.hidden, s.topics));
        logVariance_ = register_module("log_variance", nn::Linear(s.hidden, s.topics));
        meanNorm_ = register_module("mean_norm", nn::BatchNorm1d(nn::BatchNorm1dOptions(s.topics).affine(false)));
        varianceNorm_ = register_module("log_variance_norm", nn::BatchNorm1d(nn::BatchNorm1dOptions(s.topics).affine(false)));
        topics_ = register_parameter("beta", xavier(s.topics, words));
        wordNorm_ = register_module("beta_norm", std::make_shared<WideNorm>(words, 1e-5, 0.1, false));
        priorMean_ = register_parameter("prior_mean", torch::zeros({s.topics}));
        // The reference learns the variance itself, which can fall below 0; its logarithm cannot.
        priorLogVariance_ = register_parameter("prior_log_variance", torch::full({s.topics}, std::log(laplaceVariance(s.priorAlpha, std::max<std::int64_t>(2, s.topics)))));
    }

    LossTerms losses(const DocumentBatch& batch, double) override {
        const auto [mean, logVariance] = posterior(batch);
        const Tensor theta = torch::dropout(torch::softmax(drawGaussian(mean, logVariance), 1), dropout_, is_training());
        return {mixtureReconstruction(batch.counts, wordNorm_->forward(torch::mm(theta, topics_)), Tensor(), 1), gaussianKl(mean, logVariance, priorMean_, priorLogVariance_.exp()), {}};
    }
    Tensor theta(const DocumentBatch& batch) override { return torch::softmax(posterior(batch).first, 1); }
    Tensor beta() override { return torch::softmax(topics_, 1); }

  private:
    Tensor firstLayer(const DocumentBatch& batch) {
        if (model_ == NeuralModel::ProdLda) return counts_->forward(batch.counts);
        if (zeroShot_) return input_->forward(batch.embeddings);
        return counts_->forward(batch.counts) + torch::mm(adapt_->forward(batch.embeddings), adapted_);
    }
    std::pair<Tensor, Tensor> posterior(const DocumentBatch& batch) {
        const Tensor second = F::softplus(hidden_->forward(F::softplus(firstLayer(batch))));
        const Tensor kept = torch::dropout(second, dropout_, is_training());
        return {meanNorm_->forward(mean_->forward(kept)), varianceNorm_->forward(logVariance_->forward(kept))};
    }

    double dropout_;
    NeuralModel model_;
    bool zeroShot_;
    std::shared_ptr<CountLinear> counts_;
    nn::Linear input_{nullptr}, adapt_{nullptr}, hidden_{nullptr}, mean_{nullptr}, logVariance_{nullptr};
    nn::BatchNorm1d meanNorm_{nullptr}, varianceNorm_{nullptr};
    std::shared_ptr<WideNorm> wordNorm_;
    Tensor topics_, adapted_, priorMean_, priorLogVariance_;
};

// ---- SCHOLAR ---------------------------------------------------------------------------------------------------------

Tensor logBackground(const std::vector<std::uint64_t>& frequencies) {
    Tensor out = torch::empty({static_cast<std::int64_t>(frequencies.size())}, torch::kFloat64);
    for (std::size_t w = 0; w < frequencies.size(); ++w) out.data_ptr<double>()[w] = static_cast<double>(frequencies[w]) + 1;
    return (out / out.sum()).log().to(torch::kFloat32);
}

class Scholar : public TopicNetwork {
  public:
    Scholar(const NeuralSettings& s, const std::vector<std::uint64_t>& frequencies) : dropout_(s.dropout), penalty_(s.penalty), priorVariance_(laplaceVariance(s.priorAlpha, std::max<std::int64_t>(2, s.topics))) {
        const auto words = static_cast<std::int64_t>(frequencies.size());
        embedding_ = register_module("embedding", std::make_shared<CountLinear>(xavier(words, s.hidden), false));
        mean_ = register_module("mean", nn::Linear(s.hidden, s.topics));
        logVariance_ = register_module("log_variance", nn::Linear(s.hidden, s.topics));
        meanNorm_ = register_module("mean_norm", std::make_shared<WideNorm>(s.topics, kWideEpsilon, kWideMomentum, true));
        varianceNorm_ = register_module("log_variance_norm", std::make_shared<WideNorm>(s.topics, kWideEpsilon, kWideMomentum, true));
        topics_ = register_parameter("beta", xavier(s.topics, words));
        background_ = register_buffer("background", logBackground(frequencies));
        wordNorm_ = register_module("beta_norm", std::make_shared<WideNorm>(words, kWideEpsilon, kWideMomentum, true));
        if (penalty_ > 0) strength_ = register_buffer("strength", torch::ones_like(topics_));
    }

    LossTerms losses(const DocumentBatch& batch, double batchNorm) override {
        const auto [mean, logVariance] = posterior(batch);
        const Tensor theta = torch::softmax(torch::dropout(drawGaussian(mean, logVariance), dropout_, is_training()), 1);
        const Tensor eta = torch::mm(theta, topics_) + background_;
        const Tensor normal = batchNorm > 0 ? wordNorm_->forward(eta) : Tensor();
        LossTerms terms{mixtureReconstruction(batch.counts, normal, eta, batchNorm), gaussianKl(mean, logVariance, torch::zeros({1}, mean.options()), torch::full({1}, priorVariance_, mean.options())), {}};
        if (penalty_ > 0) terms.penalty = penalty_ * (strength_ * topics_ * topics_).sum();
        return terms;
    }
    Tensor theta(const DocumentBatch& batch) override { return torch::softmax(posterior(batch).first, 1); }
    void collect(bool begin) override {
        meanNorm_->collect(begin);
        varianceNorm_->collect(begin);
    }
    /// Of the deviations from the background, as the paper compares them.
    Tensor beta() override { return torch::softmax(topics_, 1); }

    void beginEpoch(std::int64_t documents) override {
        if (penalty_ <= 0) return;
        const torch::NoGradGuard noGradient;
        // The variance of each weight's prior is its square after the last epoch (Card et al. 2018, section 3.2).
        const bool first = !seen_ && strength_.eq(1).all().item<bool>();
        strength_.copy_(first ? torch::full_like(topics_, 0.5 / static_cast<double>(documents)) : 0.5 / (topics_.square().clamp_min(1e-7) * static_cast<double>(documents)));
        seen_ = true;
    }

  private:
    std::pair<Tensor, Tensor> posterior(const DocumentBatch& batch) {
        const Tensor hidden = torch::dropout(F::softplus(embedding_->forward(batch.counts)), dropout_, is_training());
        return {meanNorm_->forward(mean_->forward(hidden)), varianceNorm_->forward(logVariance_->forward(hidden))};
    }
    double dropout_, penalty_, priorVariance_;
    bool seen_ = false;
    std::shared_ptr<CountLinear> embedding_;
    nn::Linear mean_{nullptr}, logVariance_{nullptr};
    std::shared_ptr<WideNorm> meanNorm_, varianceNorm_, wordNorm_;
    Tensor topics_, background_, strength_;
};

// ---- D-VAE -----------------------------------------------------------------------------------------------------------

class Dvae : public TopicNetwork {
  public:
    Dvae(const NeuralSettings& s, std::int64_t words) : dropout_(s.dropout), prior_(s.priorAlpha), penalty_(s.penalty) {
        embedding_ = register_module("embedding", std::make_shared<CountLinear>(linearStart(words, s.hidden), true));
        alpha_ = register_module("alpha", nn::Linear(s.hidden, s.topics));
        alphaNorm_ = register_module("alpha_norm", std::make_shared<WideNorm>(s.topics, kWideEpsilon, kWideMomentum, true));
        const double bound = 1 / std::sqrt(static_cast<double>(s.topics));
        topics_ = register_parameter("beta", uniform(s.topics, words, bound));
        bias_ = register_parameter("bias", uniform(1, words, bound).squeeze(0));
        wordNorm_ = register_module("beta_norm", std::make_shared<WideNorm>(words, kWideEpsilon, kWideMomentum, true));
    }

    LossTerms losses(const DocumentBatch& batch, double batchNorm) override {
        const Tensor alpha = posterior(batch);
        const Tensor eta = torch::mm(sampleDirichlet(alpha), topics_) + bias_;
        const Tensor normal = batchNorm > 0 ? wordNorm_->forward(eta) : Tensor();
        LossTerms terms{mixtureReconstruction(batch.counts, normal, eta, batchNorm), dirichletKl(alpha, prior_), {}};
        if (penalty_ > 0) terms.penalty = penalty_ * (topics_.abs().sum() + bias_.abs().sum());
        return terms;
    }
    Tensor theta(const DocumentBatch& batch) override {
        const Tensor alpha = posterior(batch);
        return alpha / alpha.sum(1, true);
    }
    void collect(bool begin) override { alphaNorm_->collect(begin); }
    Tensor beta() override { return torch::softmax(topics_, 1); }

  private:
    Tensor posterior(const DocumentBatch& batch) {
        const Tensor hidden = torch::dropout(torch::relu(embedding_->forward(batch.counts)), dropout_, is_training());
        return F::softplus(alphaNorm_->forward(alpha_->forward(hidden))).clamp_min(kLeastAlpha);
    }
    double dropout_, prior_, penalty_;
    std::shared_ptr<CountLinear> embedding_;
    nn::Linear alpha_{nullptr};
    std::shared_ptr<WideNorm> alphaNorm_, wordNorm_;
    Tensor topics_, bias_;
};

// ---- ETM -------------------------------------------------------------------------------------------------------------

class Etm : public TopicNetwork {
  public:
    Etm(const NeuralSettings& s, std::int64_t words) : dropout_(s.dropout) {
        first_ = register_module("first", std::make_shared<CountLinear>(linearStart(words, s.hidden), true));
        second_ = register_module("second", nn::Linear(s.hidden, s.hidden));
        mean_ = register_module("mean", nn::Linear(s.hidden, s.topics));
        logVariance_ = register_module("log_variance", nn::Linear(s.hidden, s.topics));
        words_ = register_parameter("rho", linearStart(s.embedding, words));
        topics_ = register_parameter("alphas", linearStart(s.embedding, s.topics));
    }

    LossTerms losses(const DocumentBatch& batch, double) override {
        const auto [mean, logVariance] = posterior(batch);
        const Tensor theta = torch::softmax(drawGaussian(mean, logVariance), 1);
        return {reconstruction(batch.counts, torch::mm(theta, beta()), 1e-6), gaussianKl(mean, logVariance, torch::zeros({1}, mean.options()), torch::ones({1}, mean.options())), {}};
    }
    Tensor theta(const DocumentBatch& batch) override { return torch::softmax(posterior(batch).first, 1); }
    Tensor beta() override { return torch::softmax(torch::mm(topics_.t(), words_), 1); }

  private:
    std::pair<Tensor, Tensor> posterior(const DocumentBatch& batch) {
        const Tensor hidden = torch::relu(second_->forward(torch::relu(first_->forward(batch.counts.dividedByLength()))));
        const Tensor kept = torch::dropout(hidden, dropout_, is_training());
        return {mean_->forward(kept), logVariance_->forward(kept)};
    }
    double dropout_;
    std::shared_ptr<CountLinear> first_;
    nn::Linear second_{nullptr}, mean_{nullptr}, logVariance_{nullptr};
    Tensor words_, topics_;
};

}  // namespace

std::shared_ptr<TopicNetwork> makeNetwork(const NeuralSettings& settings, const std::vector<std::uint64_t>& background, std::int64_t embeddingSize) {
    tensor::seedAll(randomBits(settings.seed, kWeightStream, 0));
    const auto words = static_cast<std::int64_t>(background.size());
    switch (settings.model) {
        case NeuralModel::ProdLda:
        case NeuralModel::Ctm: return std::make_shared<ProdLda>(settings, words, embeddingSize);
        case NeuralModel::Scholar: return std::make_shared<Scholar>(settings, background);
        case NeuralModel::Dvae: return std::make_shared<Dvae>(settings, words);
        case NeuralModel::Etm: return std::make_shared<Etm>(settings, words);
    }
    return nullptr;
}

}  // namespace driftscope::topics
