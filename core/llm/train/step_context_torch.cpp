#include <cmath>
#include <numeric>

#include "core/base/fingerprint.h"
#include "core/llm/train/method_torch.h"

namespace driftscope::llm {
namespace {

constexpr std::array<const char*, 3> kStreamNames{"primary", "align", "harmful"};

}  // namespace

StepContext::StepContext(CausalModel& m, const FlatParameters& p, std::uint64_t seed) : model(m), parameters(p), seed_(seed) {
    for (const Linear* linear : m.linears()) dropout_ = dropout_ || (linear->lora && linear->lora->dropout > 0);
}

void StepContext::setStream(Stream stream, const TokenSet& set, std::int64_t batch) {
    const auto index = static_cast<std::size_t>(stream);
    streams_[index] = {&set, batch, SampleStream(set.size(), randomBits(seed_, 21, index))};
}

Result<MicroBatches> StepContext::take(Stream stream) {
    Source& source = streams_[static_cast<std::size_t>(stream)];
    if (!source.set || source.set->empty())
        return fail(ErrorCode::Usage, fmt::format("This method needs {} data, and there are none.", kStreamNames[static_cast<std::size_t>(stream)]));
    const std::vector<std::size_t> drawn = source.stream.next(static_cast<std::size_t>(source.batch * accumulate * processes()));
    MicroBatches batches;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < drawn.size(); begin += static_cast<std::size_t>(source.batch)) {
        if (group && static_cast<int>(number++ % static_cast<std::size_t>(group->size())) != group->rank()) continue;
        const std::size_t end = std::min(drawn.size(), begin + static_cast<std::size_t>(source.batch));
        batches.push_back(makeBatch(*source.set, {drawn.begin() + static_cast<std::ptrdiff_t>(begin), drawn.begin() + static_cast<std::ptrdiff_t>(end)}, pad,
                                    model.placement().device));
    }
    if (targetsOf(batches) == 0)
        return fail(ErrorCode::BadInput, fmt::format("No token is left to learn at step {}: in {} the prompt fills the whole length.", step, sampleNames(batches)),
                    "Raise 'max_length', shorten the prompts, or leave these samples out.");
    return batches;
}

MicroBatches StepContext::peek(Stream stream, std::int64_t count) const {
    const Source& source = streams_[static_cast<std::size_t>(stream)];
    MicroBatches batches;
    const std::size_t size = source.set ? source.set->size() : 0, width = static_cast<std::size_t>(source.batch * processes());
    for (std::size_t begin = 0; begin < size && static_cast<std::int64_t>(batches.size()) < count; begin += width) {
        std::vector<std::size_t> samples(std::min(width, size - begin));
        std::iota(samples.begin(), samples.end(), begin);
        batches.push_back(makeBatch(*source.set, samples, pad, model.placement().device));
    }
    return batches;
}

std::uint64_t StepContext::stepSeed(std::uint64_t purpose) const {
    return randomBits(seed_, 1000 + purpose, static_cast<std::uint64_t>(step));
}

ForwardInput StepContext::forward(const Batch& batch, const Pass& pass, std::size_t micro) const {
    ForwardInput input;
    input.ids = batch.ids;
    input.mode = pass.mode;
    input.checkpoint = checkpoint;
    if (dropout_) input.dropoutSeed = randomBits(stepSeed(pass.draw), 5, numberOf(micro)) | 1;
    if (pass.hook) input.hook = pass.hook(micro);
    if (pass.firstAttention) input.firstAttention = pass.firstAttention(micro);
    return input;
}

Result<double> StepContext::backward(const MicroBatches& batches, const Pass& pass) const {
    const Tensor before = group ? parameters.gradient().clone() : Tensor();
    if (group) parameters.clearGradient();
    const Result<double> loss = losses(batches, pass, [](std::size_t, const Tensor& part) { part.backward(); });
    sumGradient();
    if (group) parameters.gradient().add_(before);
    return loss;
}

void StepContext::sumGradient() const {
    Tensor gradient = parameters.gradient();
    if (group) group->sum(gradient);
}

std::uint64_t StepContext::numberOf(std::size_t micro) const {
    return group ? micro * static_cast<std::uint64_t>(group->size()) + static_cast<std::uint64_t>(group->rank()) : micro;
}

std::int64_t StepContext::targetsOf(const MicroBatches& batches) const {
    std::int64_t targets = 0;
    for (const Batch& batch : batches) targets += batch.count();
    return together(targets);
}

Result<double> StepContext::losses(const MicroBatches& batches, const Pass& pass, const std::function<void(std::size_t, const Tensor&)>& see) const {
    const std::int64_t targets = targetsOf(batches);
    if (targets == 0) return fail(ErrorCode::BadInput, fmt::format("{} hold no token to learn.", sampleNames(batches)));
    double sum = 0;
    for (std::size_t micro = 0; micro < batches.size(); ++micro) {
        if (batches[micro].count() == 0) continue;
        const Tensor loss = lossSum(model, batches[micro], forward(batches[micro], pass, micro)) / static_cast<double>(targets);
        sum += loss.item<double>();
        see(micro, loss);
    }
    sum = together(sum);
    if (!std::isfinite(sum)) DS_TRY(blame(batches, sum));
    return sum;
}

Result<void> StepContext::blame(const MicroBatches& batches, double loss) const {
    const torch::NoGradGuard noGradient;
    std::string culprit;
    for (const Batch& batch : batches)
        for (const std::size_t sample : batch.samples) {
            const Batch one = makeBatch(*batch.set, {sample}, pad, model.placement().device);
            if (culprit.empty() && one.count() && !std::isfinite(lossSum(model, one, ForwardInput{}).item<double>())) culprit = (*batch.set)[sample].name;
        }
    return fail(ErrorCode::Numeric,
                culprit.empty() ? fmt::format("The loss became {} at step {}; the samples {} are harmless each by itself{}.", loss, step, sampleNames(batches), group ? ", so see the other processes" : "")
                                : fmt::format("The loss became {} at step {}, first seen in {}.", loss, step, culprit),
                "Lower 'lr' or the method's strength, or use precision=fp32. The last checkpoint is from before this step.");
}

nlohmann::json StepContext::state() const {
    nlohmann::json state = nlohmann::json::array();
    for (const Source& source : streams_) state.push_back(source.stream.drawn());
    return state;
}

void StepContext::restore(const nlohmann::json& state) {
    for (std::size_t i = 0; i < streams_.size(); ++i) streams_[i].stream.seek(state.at(i).get<std::int64_t>());
}

}  // namespace driftscope::llm
