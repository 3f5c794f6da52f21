#include "core/topics/neural/losses_torch.h"

namespace driftscope::topics {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct DirichletSample : torch::autograd::Function<DirichletSample> {
    static Tensor forward(AutogradContext* context, const Tensor& alpha) {
        const Tensor sample = torch::_sample_dirichlet(alpha.contiguous());
        context->save_for_backward({sample, alpha});
        return sample;
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor& sample = saved[0];
        const Tensor& alpha = saved[1];
        const Tensor total = alpha.sum(-1, true).expand_as(alpha).contiguous();
        const Tensor slope = torch::_dirichlet_grad(sample, alpha.contiguous(), total);
        return {slope * (gradients[0] - (sample * gradients[0]).sum(-1, true))};
    }
};

}  // namespace

double laplaceVariance(double alpha, std::int64_t topics) {
    const auto k = static_cast<double>(topics);
    return (1 - 2 / k) / alpha + 1 / (k * alpha);
}

Tensor gaussianKl(const Tensor& mean, const Tensor& logVariance, const Tensor& priorMean, const Tensor& priorVariance) {
    const Tensor away = mean - priorMean;
    return 0.5 * ((logVariance.exp() + away * away) / priorVariance - 1 + priorVariance.log() - logVariance).sum(1);
}

Tensor dirichletKl(const Tensor& alpha, double prior) {
    const auto topics = static_cast<double>(alpha.size(1));
    const Tensor total = alpha.sum(1, true);
    const Tensor priorPart = topics * torch::lgamma(torch::full({}, prior, alpha.options())) - torch::lgamma(torch::full({}, prior * topics, alpha.options()));
    const Tensor expected = ((alpha - prior) * (torch::digamma(alpha) - torch::digamma(total))).sum(1);
    return torch::lgamma(total).squeeze(1) - torch::lgamma(alpha).sum(1) + priorPart + expected;
}

Tensor sampleDirichlet(const Tensor& alpha) {
    return DirichletSample::apply(alpha);
}

}  // namespace driftscope::topics
