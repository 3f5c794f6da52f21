#pragma once

#include "core/tensor/torch.h"

namespace driftscope::topics {

/// Mean and variance of the Laplace approximation of a symmetric Dirichlet(alpha) over K topics in the softmax basis
/// (Srivastava and Sutton 2017, eq. 3): mean 0, variance (1/alpha)(1 - 2/K) + 1/(K alpha).
double laplaceVariance(double alpha, std::int64_t topics);

/// KL(N(mean, exp(logVariance)) || N(priorMean, priorVariance)) of diagonal Gaussians, per row: [documents].
torch::Tensor gaussianKl(const torch::Tensor& mean, const torch::Tensor& logVariance, const torch::Tensor& priorMean, const torch::Tensor& priorVariance);

/// KL(Dir(alpha) || Dir(prior)) per row of alpha [documents, topics], with the same prior for every topic.
torch::Tensor dirichletKl(const torch::Tensor& alpha, double prior);

/// A draw from Dir(alpha) per row, through which gradients flow (implicit reparameterisation: Figurnov, Mohamed and Mnih
/// 2018). Draws come from LibTorch's default generator.
torch::Tensor sampleDirichlet(const torch::Tensor& alpha);

}  // namespace driftscope::topics
