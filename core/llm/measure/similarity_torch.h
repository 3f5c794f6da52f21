#pragma once

#include "core/tensor/torch.h"

namespace driftscope::llm {

/// Linear CKA of two sets of n observations (n, d), (n, e) (Kornblith et al. 2019). `debiased` uses the unbiased HSIC, for few
/// observations in many dimensions; it needs n >= 4. NaN when one side does not vary.
double linearCka(const torch::Tensor& x, const torch::Tensor& y, bool debiased);

/// Procrustes distance of centred sets scaled to unit norm: ||X||^2 + ||Y||^2 - 2 ||X^T Y||_*, from 0 to 2. NaN when one side
/// does not vary.
double procrustes(const torch::Tensor& x, const torch::Tensor& y);

}  // namespace driftscope::llm
