#include "core/llm/measure/similarity_torch.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace driftscope::llm {
namespace {

using torch::Tensor;

Tensor centred(const Tensor& x) {
    const Tensor wide = x.to(torch::kFloat64);
    return wide - wide.mean(0, true);
}

/// Unbiased HSIC of two kernels with zeroed diagonals (Song et al. 2012), up to a common factor.
double unbiasedHsic(const Tensor& k, const Tensor& l) {
    const auto n = static_cast<double>(k.size(0));
    const double trace = (k * l).sum().item<double>(), sums = k.sum().item<double>() * l.sum().item<double>(), cross = k.sum(0).dot(l.sum(0)).item<double>();
    return trace + sums / ((n - 1) * (n - 2)) - 2 * cross / (n - 2);
}

}  // namespace

double linearCka(const Tensor& first, const Tensor& second, bool debiased) {
    const Tensor x = centred(first), y = centred(second);
    const double nothing = std::numeric_limits<double>::quiet_NaN();
    double both = 0, own = 0, other = 0;
    if (debiased) {
        if (x.size(0) < 4) return nothing;
        Tensor k = x.mm(x.t()), l = y.mm(y.t());
        k.fill_diagonal_(0), l.fill_diagonal_(0);
        both = unbiasedHsic(k, l), own = unbiasedHsic(k, k), other = unbiasedHsic(l, l);
    } else {
        both = x.t().mm(y).square().sum().item<double>();
        own = x.t().mm(x).norm().item<double>(), other = y.t().mm(y).norm().item<double>();
        return own > 0 && other > 0 ? both / (own * other) : nothing;
    }
    return own > 0 && other > 0 ? both / std::sqrt(own * other) : nothing;
}

double procrustes(const Tensor& first, const Tensor& second) {
    Tensor x = centred(first), y = centred(second);
    const double nx = x.norm().item<double>(), ny = y.norm().item<double>();
    if (nx == 0 || ny == 0) return std::numeric_limits<double>::quiet_NaN();
    x = x / nx, y = y / ny;
    // X^T Y has the singular values of R_x R_y^T with X^T = Q R: n x n instead of d x d.
    const bool wide = x.size(0) < std::min(x.size(1), y.size(1));
    const Tensor product = wide ? std::get<1>(torch::linalg_qr(x.t())).mm(std::get<1>(torch::linalg_qr(y.t())).t()) : x.t().mm(y);
    return std::max(0.0, 2 - 2 * torch::linalg_svdvals(product).sum().item<double>());
}

}  // namespace driftscope::llm
