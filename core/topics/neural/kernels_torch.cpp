#include "core/topics/neural/kernels_torch.h"

#include <algorithm>
#include <cmath>

// Loops over rows that the compiler turns into vectors; clones for wider registers are picked when the program starts.
#define DS_WIDE [[gnu::target_clones("arch=haswell", "default")]]

namespace driftscope::topics {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr float kTiny = 1e-10F;

DS_WIDE void addScaled(float* to, const float* from, float scale, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) to[i] += scale * from[i];
}
DS_WIDE void addSquares(float* to, const float* row, const float* mean, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) to[i] += (row[i] - mean[i]) * (row[i] - mean[i]);
}
DS_WIDE void centre(float* to, const float* row, const float* mean, const float* inverse, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) to[i] = (row[i] - mean[i]) * inverse[i];
}
DS_WIDE void addProducts(float* sums, float* products, const float* gradient, const float* normal, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
        sums[i] += gradient[i];
        products[i] += gradient[i] * normal[i];
    }
}
DS_WIDE void normalGradient(float* to, const float* gradient, const float* normal, const float* sums, const float* products, const float* inverse, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) to[i] = inverse[i] * (gradient[i] - sums[i] - normal[i] * products[i]);
}
DS_WIDE void scaleInto(float* to, const float* from, float scale, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) to[i] = scale * from[i];
}

/// The rows of a batch while a kernel runs over them.
struct Rows {
    const std::int64_t* offsets;
    const std::int32_t* ids;
    const float* counts;
    std::int64_t documents;
    Rows(const Tensor& o, const Tensor& i, const Tensor& c) : offsets(o.data_ptr<std::int64_t>()), ids(i.data_ptr<std::int32_t>()), counts(c.data_ptr<float>()), documents(o.size(0) - 1) {}
};

struct CountsTimes : torch::autograd::Function<CountsTimes> {
    static Tensor forward(AutogradContext* context, const Tensor& weight, const Tensor& offsets, const Tensor& ids, const Tensor& counts) {
        const Tensor own = weight.contiguous();
        const Rows rows(offsets, ids, counts);
        const std::int64_t units = own.size(1);
        Tensor out = torch::zeros({rows.documents, units});
        for (std::int64_t d = 0; d < rows.documents; ++d)
            for (std::int64_t i = rows.offsets[d]; i < rows.offsets[d + 1]; ++i) addScaled(out.data_ptr<float>() + d * units, own.data_ptr<float>() + rows.ids[i] * units, rows.counts[i], units);
        context->save_for_backward({offsets, ids, counts});
        context->saved_data["words"] = own.size(0);
        return out;
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const Rows rows(saved[0], saved[1], saved[2]);
        const Tensor gradient = gradients[0].contiguous();
        const std::int64_t units = gradient.size(1);
        Tensor out = torch::zeros({context->saved_data["words"].toInt(), units});
        for (std::int64_t d = 0; d < rows.documents; ++d)
            for (std::int64_t i = rows.offsets[d]; i < rows.offsets[d + 1]; ++i) addScaled(out.data_ptr<float>() + rows.ids[i] * units, gradient.data_ptr<float>() + d * units, rows.counts[i], units);
        return {out, Tensor(), Tensor(), Tensor()};
    }
};

struct NormaliseColumns : torch::autograd::Function<NormaliseColumns> {
    static variable_list forward(AutogradContext* context, const Tensor& values, double epsilon) {
        const Tensor own = values.contiguous();
        const std::int64_t documents = own.size(0), n = own.size(1);
        const float* x = own.data_ptr<float>();
        Tensor mean = torch::zeros({n}), variance = torch::zeros({n}), out = torch::empty_like(own);
        for (std::int64_t d = 0; d < documents; ++d) addScaled(mean.data_ptr<float>(), x + d * n, 1.0F / static_cast<float>(documents), n);
        for (std::int64_t d = 0; d < documents; ++d) addSquares(variance.data_ptr<float>(), x + d * n, mean.data_ptr<float>(), n);
        variance.div_(documents);
        const Tensor inverse = (variance + epsilon).rsqrt();
        for (std::int64_t d = 0; d < documents; ++d) centre(out.data_ptr<float>() + d * n, x + d * n, mean.data_ptr<float>(), inverse.data_ptr<float>(), n);
        context->save_for_backward({out, inverse});
        context->mark_non_differentiable({mean, variance});
        return {out, mean, variance};
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor gradient = gradients[0].contiguous();
        const std::int64_t documents = gradient.size(0), n = gradient.size(1);
        const float* g = gradient.data_ptr<float>();
        const float* normal = saved[0].data_ptr<float>();
        Tensor sums = torch::zeros({n}), products = torch::zeros({n}), out = torch::empty_like(gradient);
        for (std::int64_t d = 0; d < documents; ++d) addProducts(sums.data_ptr<float>(), products.data_ptr<float>(), g + d * n, normal + d * n, n);
        sums.div_(documents);
        products.div_(documents);
        for (std::int64_t d = 0; d < documents; ++d) normalGradient(out.data_ptr<float>() + d * n, g + d * n, normal + d * n, sums.data_ptr<float>(), products.data_ptr<float>(), saved[1].data_ptr<float>(), n);
        return {out, Tensor()};
    }
};

/// Gradient of one softmax of the mixture, given dL/dp at the words of each document.
Tensor softmaxGradient(const Rows& rows, const Tensor& probabilities, const std::vector<float>& slopes) {
    const std::int64_t n = probabilities.size(1);
    Tensor out = torch::empty_like(probabilities);
    for (std::int64_t d = 0; d < rows.documents; ++d) {
        const float* p = probabilities.data_ptr<float>() + d * n;
        float* to = out.data_ptr<float>() + d * n;
        double sum = 0;
        for (std::int64_t i = rows.offsets[d]; i < rows.offsets[d + 1]; ++i) sum += static_cast<double>(slopes[static_cast<std::size_t>(i)]) * p[rows.ids[i]];
        scaleInto(to, p, static_cast<float>(-sum), n);
        for (std::int64_t i = rows.offsets[d]; i < rows.offsets[d + 1]; ++i) to[rows.ids[i]] += slopes[static_cast<std::size_t>(i)] * p[rows.ids[i]];
    }
    return out;
}

struct MixtureReconstruction : torch::autograd::Function<MixtureReconstruction> {
    static Tensor forward(AutogradContext* context, const Tensor& first, const Tensor& second, double share, const Tensor& offsets, const Tensor& ids, const Tensor& counts) {
        const Rows rows(offsets, ids, counts);
        const Tensor p = share > 0 ? torch::softmax(first, 1).contiguous() : Tensor(), q = share < 1 ? torch::softmax(second, 1).contiguous() : Tensor();
        const std::int64_t n = (p.defined() ? p : q).size(1);
        Tensor out = torch::empty({rows.documents}), mixed = torch::empty({ids.size(0)});
        float* const mixture = mixed.data_ptr<float>();
        for (std::int64_t d = 0; d < rows.documents; ++d) {
            double sum = 0;
            for (std::int64_t i = rows.offsets[d]; i < rows.offsets[d + 1]; ++i) {
                const std::int64_t at = d * n + rows.ids[i];
                mixture[i] = static_cast<float>((p.defined() ? share * p.data_ptr<float>()[at] : 0) + (q.defined() ? (1 - share) * q.data_ptr<float>()[at] : 0));
                sum -= rows.counts[i] * std::log(mixture[i] + kTiny);
            }
            out.data_ptr<float>()[d] = static_cast<float>(sum);
        }
        context->save_for_backward({p, q, mixed, offsets, ids, counts});
        context->saved_data["share"] = share;
        return out;
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const Rows rows(saved[3], saved[4], saved[5]);
        const double share = context->saved_data["share"].toDouble();
        const Tensor gradient = gradients[0].contiguous();
        const float* mixture = saved[2].data_ptr<float>();
        const auto slopesOf = [&](double weight) {
            std::vector<float> slopes(static_cast<std::size_t>(saved[4].size(0)));
            for (std::int64_t d = 0; d < rows.documents; ++d)
                for (std::int64_t i = rows.offsets[d]; i < rows.offsets[d + 1]; ++i)
                    slopes[static_cast<std::size_t>(i)] = static_cast<float>(-weight) * gradient.data_ptr<float>()[d] * rows.counts[i] / (mixture[i] + kTiny);
            return slopes;
        };
        return {saved[0].defined() ? softmaxGradient(rows, saved[0], slopesOf(share)) : Tensor(), saved[1].defined() ? softmaxGradient(rows, saved[1], slopesOf(1 - share)) : Tensor(),
                Tensor(), Tensor(), Tensor(), Tensor()};
    }
};

bool onCpu(const Tensor& tensor) {
    return tensor.device().is_cpu() && tensor.scalar_type() == torch::kFloat32;
}

}  // namespace

CountBatch::CountBatch(const WordCounts& rows, const torch::Device& where) : documents(static_cast<std::int64_t>(rows.documents())), words(static_cast<std::int64_t>(rows.words)), device(where) {
    offsets = torch::empty({documents + 1}, torch::kInt64);
    ids = torch::empty({static_cast<std::int64_t>(rows.ids.size())}, torch::kInt32);
    counts = torch::empty({static_cast<std::int64_t>(rows.ids.size())});
    lengths = torch::zeros({documents, 1});
    std::copy(rows.offsets.begin(), rows.offsets.end(), offsets.data_ptr<std::int64_t>());
    std::copy(rows.ids.begin(), rows.ids.end(), ids.data_ptr<std::int32_t>());
    std::copy(rows.counts.begin(), rows.counts.end(), counts.data_ptr<float>());
    for (std::size_t d = 0; d < rows.documents(); ++d)
        for (std::int64_t i = rows.offsets[d]; i < rows.offsets[d + 1]; ++i) lengths.data_ptr<float>()[d] += rows.counts[static_cast<std::size_t>(i)];
    lengths = lengths.to(device);
}

Tensor CountBatch::dense() const {
    Tensor out = torch::zeros({documents, words});
    const Rows rows(offsets, ids, counts);
    for (std::int64_t d = 0; d < documents; ++d)
        for (std::int64_t i = rows.offsets[d]; i < rows.offsets[d + 1]; ++i) out.data_ptr<float>()[d * words + rows.ids[i]] = rows.counts[i];
    return out.to(device);
}

CountBatch CountBatch::dividedByLength() const {
    CountBatch out = *this;
    out.counts = counts.clone();
    const Tensor length = lengths.to(torch::kCPU);
    for (std::int64_t d = 0; d < documents; ++d)
        for (std::int64_t i = offsets.data_ptr<std::int64_t>()[d]; i < offsets.data_ptr<std::int64_t>()[d + 1]; ++i) out.counts.data_ptr<float>()[i] /= length.data_ptr<float>()[d];
    return out;
}

Tensor countsTimes(const CountBatch& batch, const Tensor& weight) {
    return onCpu(weight) ? CountsTimes::apply(weight, batch.offsets, batch.ids, batch.counts) : torch::mm(batch.dense().to(weight.options()), weight);
}

Normalised normaliseColumns(const Tensor& values, double epsilon) {
    if (onCpu(values)) {
        const variable_list out = NormaliseColumns::apply(values, epsilon);
        return {out[0], out[1], out[2]};
    }
    const Tensor mean = values.mean(0), variance = (values - mean).square().mean(0);
    return {(values - mean) * (variance + epsilon).rsqrt(), mean.detach(), variance.detach()};
}

Tensor reconstruction(const CountBatch& batch, const Tensor& probabilities, double epsilon) {
    return -(batch.dense().to(probabilities.options()) * (probabilities + epsilon).log()).sum(1);
}

Tensor mixtureReconstruction(const CountBatch& batch, const Tensor& first, const Tensor& second, double share) {
    const Tensor& known = share > 0 ? first : second;
    if (onCpu(known)) return MixtureReconstruction::apply(share > 0 ? first : torch::empty({0}), share < 1 ? second : torch::empty({0}), share, batch.offsets, batch.ids, batch.counts);
    Tensor p = torch::zeros_like(known);
    if (share > 0) p = p + share * torch::softmax(first, 1);
    if (share < 1) p = p + (1 - share) * torch::softmax(second, 1);
    return reconstruction(batch, p, kTiny);
}

}  // namespace driftscope::topics
