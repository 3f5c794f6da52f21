#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/tensor/device.h"
#include "core/topics/neural/kernels_torch.h"
#include "core/topics/neural/losses_torch.h"
#include "core/topics/neural/networks_torch.h"

namespace driftscope::topics {
namespace {

using torch::Tensor;

WordCounts someCounts(std::size_t documents, std::size_t words, std::uint64_t seed) {
    torch::manual_seed(seed);
    const Tensor drawn = torch::randint(0, 4, {static_cast<std::int64_t>(documents), static_cast<std::int64_t>(words)}).to(torch::kInt32);
    WordCounts counts;
    counts.words = words;
    for (std::size_t d = 0; d < documents; ++d) {
        for (std::size_t w = 0; w < words; ++w) {
            const int n = drawn.data_ptr<std::int32_t>()[d * words + w];
            if (n < 2) continue;
            counts.ids.push_back(static_cast<std::int32_t>(w));
            counts.counts.push_back(static_cast<float>(n));
        }
        counts.offsets.push_back(static_cast<std::int64_t>(counts.ids.size()));
    }
    return counts;
}

/// Compares a gradient with that of the plain formula in LibTorch's own operations.
void expectSameGradient(const std::function<Tensor(const Tensor&)>& fast, const std::function<Tensor(const Tensor&)>& plain, const Tensor& at, double tolerance) {
    Tensor a = at.clone().requires_grad_(), b = at.clone().requires_grad_();
    const Tensor fastValue = fast(a), plainValue = plain(b);
    EXPECT_LT((fastValue - plainValue).abs().max().item<double>(), tolerance) << "values";
    const Tensor weights = torch::rand_like(fastValue);
    (fastValue * weights).sum().backward();
    (plainValue * weights).sum().backward();
    EXPECT_LT((a.grad() - b.grad()).abs().max().item<double>(), tolerance * (1 + b.grad().abs().max().item<double>())) << "gradients";
}

/// Simpson's rule over [a, b].
double integrate(const std::function<double(double)>& f, double a, double b, int intervals) {
    double sum = f(a) + f(b);
    for (int i = 1; i < intervals; ++i) sum += f(a + (b - a) * i / intervals) * (i % 2 ? 4 : 2);
    return sum * (b - a) / intervals / 3;
}

TEST(NeuralKernels, SparseFirstLayerEqualsTheDenseOne) {
    const CountBatch batch(someCounts(7, 23, 1), torch::kCPU);
    expectSameGradient([&](const Tensor& w) { return countsTimes(batch, w); }, [&](const Tensor& w) { return torch::mm(batch.dense(), w); }, torch::randn({23, 5}), 1e-4);
}

TEST(NeuralKernels, ColumnsAreNormalisedAsLibTorchDoes) {
    torch::manual_seed(2);
    expectSameGradient([](const Tensor& x) { return normaliseColumns(x, 1e-3).values; }, [](const Tensor& x) { return torch::batch_norm(x, {}, {}, {}, {}, true, 0.1, 1e-3, false); },
                       torch::randn({9, 31}) * 3 + 1, 1e-5);
    const Tensor x = torch::randn({9, 31});
    const Normalised normal = normaliseColumns(x, 1e-3);
    EXPECT_LT((normal.variance - x.var(0, false)).abs().max().item<double>(), 1e-6);
}

TEST(NeuralKernels, ReconstructionEqualsTheFormulaForEveryShare) {
    const CountBatch batch(someCounts(6, 19, 3), torch::kCPU);
    const Tensor other = torch::randn({6, 19});
    for (const double share : {0.0, 0.3, 1.0}) {
        const auto plain = [&](const Tensor& p, const Tensor& q) { return -(batch.dense() * (share * torch::softmax(p, 1) + (1 - share) * torch::softmax(q, 1) + 1e-10).log()).sum(1); };
        expectSameGradient([&](const Tensor& x) { return mixtureReconstruction(batch, x, other, share) + 0 * x.sum(); }, [&](const Tensor& x) { return plain(x, other) + 0 * x.sum(); }, torch::randn({6, 19}), 1e-4);
        expectSameGradient([&](const Tensor& x) { return mixtureReconstruction(batch, other, x, share) + 0 * x.sum(); }, [&](const Tensor& x) { return plain(other, x) + 0 * x.sum(); }, torch::randn({6, 19}), 1e-4);
    }
}

TEST(NeuralLosses, GaussianKlEqualsQuadrature) {
    const double m = 0.7, s2 = 0.4, pm = -0.2, p2 = 1.3;
    const auto density = [](double x, double mean, double variance) { return std::exp(-(x - mean) * (x - mean) / 2 / variance) / std::sqrt(2 * M_PI * variance); };
    const double expected = integrate([&](double x) { return density(x, m, s2) * std::log(density(x, m, s2) / density(x, pm, p2)); }, m - 7, m + 7, 4000);
    const auto row = [](double a) { return torch::full({1, 1}, a, torch::kFloat64); };
    EXPECT_NEAR(gaussianKl(row(m), row(std::log(s2)), row(pm), row(p2)).item<double>(), expected, 1e-10);
}

TEST(NeuralLosses, DirichletKlEqualsQuadrature) {
    // Two topics: the Dirichlet is a beta distribution; both parameters above 1 keep the integrand bounded.
    const double a = 2.5, b = 3.2, prior = 1.4;
    const auto logDensity = [](double x, double p, double q) { return (p - 1) * std::log(x) + (q - 1) * std::log1p(-x) + std::lgamma(p + q) - std::lgamma(p) - std::lgamma(q); };
    const double expected = integrate([&](double x) { return x <= 0 || x >= 1 ? 0 : std::exp(logDensity(x, a, b)) * (logDensity(x, a, b) - logDensity(x, prior, prior)); }, 0, 1, 200000);
    EXPECT_NEAR(dirichletKl(torch::tensor({{a, b}}, torch::kFloat64), prior).item<double>(), expected, 1e-7);
    EXPECT_NEAR(dirichletKl(torch::full({1, 5}, 0.3, torch::kFloat64), 0.3).item<double>(), 0, 1e-12);
}

TEST(NeuralLosses, KlGradientsEqualFiniteDifferences) {
    const Tensor at = torch::tensor({{0.4, 1.7, 0.05}}, torch::kFloat64);
    const auto check = [&](const std::function<Tensor(const Tensor&)>& f) {
        Tensor x = at.clone().requires_grad_();
        f(x).sum().backward();
        for (int i = 0; i < 3; ++i) {
            const double h = 1e-6;
            Tensor up = at.clone(), down = at.clone();
            up[0][i] += h;
            down[0][i] -= h;
            const double slope = (f(up).sum().item<double>() - f(down).sum().item<double>()) / 2 / h;
            EXPECT_NEAR(x.grad()[0][i].item<double>(), slope, 1e-5 * (1 + std::abs(slope))) << i;
        }
    };
    check([](const Tensor& x) { return dirichletKl(x, 0.01); });
    check([](const Tensor& x) { return gaussianKl(x, torch::full_like(x, 0.3), torch::zeros_like(x), torch::full_like(x, 0.98)); });
    check([](const Tensor& x) { return gaussianKl(torch::full_like(x, 0.3), x, torch::zeros_like(x), torch::full_like(x, 0.98)); });
}

TEST(NeuralLosses, DirichletDrawsCarryTheGradientOfTheirMean) {
    // d E[x_j] / d alpha_i = (delta_ij - mean_j) / total, whatever the sample; averaged over many draws.
    torch::manual_seed(5);
    const double alphas[] = {0.3, 1.2, 2.5};
    Tensor alpha = torch::tensor({0.3, 1.2, 2.5}, torch::kFloat64).requires_grad_();
    const std::int64_t draws = 200000;
    const Tensor sample = sampleDirichlet(alpha.expand({draws, 3}));
    EXPECT_NEAR(sample.sum(1).sub(1).abs().max().item<double>(), 0, 1e-9);
    sample.select(1, 1).mean().backward();
    const double total = 4.0;
    for (int i = 0; i < 3; ++i) {
        const double expected = ((i == 1 ? 1 : 0) - alphas[1] / total) / total;
        EXPECT_NEAR(alpha.grad()[i].item<double>(), expected, 0.003) << i;
    }
}

TEST(NeuralLosses, LaplaceApproximationOfTheFlatDirichlet) {
    EXPECT_NEAR(laplaceVariance(1, 50), 1 - 1.0 / 50, 1e-12);
    EXPECT_NEAR(laplaceVariance(0.5, 10), (1 - 0.2) / 0.5 + 1 / (10 * 0.5), 1e-12);
}

class Networks : public testing::TestWithParam<NeuralModel> {};

// The whole loss of every model, through dropout, draws and normalisation, against finite differences of its parameters.
TEST_P(Networks, GradientsEqualFiniteDifferences) {
    NeuralSettings settings;
    settings.model = GetParam();
    settings.topics = 3;
    settings.hidden = 6;
    settings.embedding = 4;
    settings.priorAlpha = 0.5;
    settings.penalty = 0.01;
    const auto network = makeNetwork(settings, std::vector<std::uint64_t>(17, 5), 5);
    network->beginEpoch(8);
    DocumentBatch batch{CountBatch(someCounts(8, 17, 11), torch::kCPU), {}};
    if (settings.model == NeuralModel::Ctm) batch.embeddings = torch::randn({8, 5});
    const auto lossNow = [&] {
        tensor::seedAll(77);  // the same draws each time
        const LossTerms terms = network->losses(batch, 0.6);
        Tensor loss = (terms.reconstruction + 0.7 * terms.kl).to(torch::kFloat64).sum();
        return terms.penalty.defined() ? loss + terms.penalty : loss;
    };
    lossNow().backward();
    const torch::NoGradGuard noGradient;
    int checked = 0;
    for (const auto& item : network->named_parameters()) {
        Tensor values = item.value();
        // Along the gradient: one direction that sees every entry, far above float32's rounding.
        const Tensor gradient = item.value().grad();
        if (!gradient.defined()) continue;
        const double norm = gradient.norm().item<double>();
        // A D-VAE's draw changes with alpha by sampling another path, not by a smooth one: its encoder is tested above.
        if (norm < 1e-3 || (settings.model == NeuralModel::Dvae && item.key().find("beta") == std::string::npos && item.key() != "bias")) continue;
        const double h = 2e-3 / std::sqrt(norm);
        const Tensor step = gradient * (h / norm), kept = values.clone();
        values.add_(step);
        const double up = lossNow().item<double>();
        values.copy_(kept).sub_(step);
        const double down = lossNow().item<double>();
        values.copy_(kept);
        EXPECT_NEAR((up - down) / (2 * h), norm, 0.03 * norm + 0.05) << item.key();
        ++checked;
    }
    EXPECT_GE(checked, 2);
}

INSTANTIATE_TEST_SUITE_P(Models, Networks, testing::Values(NeuralModel::ProdLda, NeuralModel::Scholar, NeuralModel::Dvae, NeuralModel::Etm, NeuralModel::Ctm),
                         [](const auto& given) { return std::string(name(given.param)); });

}  // namespace
}  // namespace driftscope::topics
