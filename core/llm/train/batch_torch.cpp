#include "core/llm/train/batch_torch.h"

#include <algorithm>
#include <numeric>

#include "core/tensor/guard.h"

namespace driftscope::llm {

Batch makeBatch(const TokenSet& set, const std::vector<std::size_t>& samples, std::int64_t pad, torch::Device device) {
    std::size_t longest = 1;
    for (const std::size_t i : samples) longest = std::max(longest, set[i].ids.size());
    const auto rows = static_cast<std::int64_t>(samples.size()), width = static_cast<std::int64_t>(longest);
    Batch batch;
    batch.set = &set;
    batch.samples = samples;
    batch.ids = torch::full({rows, width}, pad, torch::kInt64);
    batch.real = torch::zeros({rows, width}, torch::kBool);
    std::vector<std::int64_t> where, what;
    for (std::int64_t r = 0; r < rows; ++r) {
        const TokenSample& sample = set[samples[static_cast<std::size_t>(r)]];
        const auto length = static_cast<std::int64_t>(sample.ids.size());
        std::copy(sample.ids.begin(), sample.ids.end(), batch.ids.data_ptr<std::int64_t>() + r * width);
        std::fill_n(batch.real.data_ptr<bool>() + r * width, length, true);
        for (std::int64_t t = std::max<std::int64_t>(1, sample.promptLength); t < length; ++t) {
            where.push_back(r * width + t - 1);
            what.push_back(sample.ids[static_cast<std::size_t>(t)]);
        }
    }
    batch.ids = batch.ids.to(device);
    batch.real = batch.real.to(device);
    batch.rows = torch::tensor(where, torch::kInt64).to(device);
    batch.targets = torch::tensor(what, torch::kInt64).to(device);
    return batch;
}

Tensor lossSum(const CausalModel& model, const Batch& batch, const Tensor& hidden) {
    const Tensor picked = hidden.reshape({-1, hidden.size(-1)}).index_select(0, batch.rows);
    return at::cross_entropy_loss(model.logits(picked), batch.targets, {}, at::Reduction::Sum);
}

Tensor lossSum(const CausalModel& model, const Batch& batch, ForwardInput input) {
    input.ids = batch.ids;
    return lossSum(model, batch, model.hidden(input));
}

std::string sampleNames(const MicroBatches& batches) {
    std::vector<std::string> names;
    std::size_t more = 0;
    for (const Batch& batch : batches)
        for (const std::size_t i : batch.samples) {
            if (names.size() < 5) names.push_back((*batch.set)[i].name);
            else ++more;
        }
    return fmt::format("{}{}", fmt::join(names, ", "), more ? fmt::format(" and {} more", more) : "");
}

Result<double> meanLoss(const CausalModel& model, const TokenSet& set, std::size_t size) {
    return tensor::guarded("computing a loss", [&] {
        const torch::NoGradGuard noGradient;
        double sum = 0;
        std::int64_t count = 0;
        for (std::size_t begin = 0; begin < set.size(); begin += size) {
            std::vector<std::size_t> samples(std::min(size, set.size() - begin));
            std::iota(samples.begin(), samples.end(), begin);
            const Batch batch = makeBatch(set, samples, 0, model.placement().device);
            if (batch.count() == 0) continue;
            sum += lossSum(model, batch, ForwardInput{}).item<double>();
            count += batch.count();
        }
        return count ? sum / static_cast<double>(count) : std::nan("");
    });
}

}  // namespace driftscope::llm
