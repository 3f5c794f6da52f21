#include "core/cells/dynaclr/training_torch.h"

#include <chrono>
#include <cmath>
#include <numbers>

#include "core/base/atomic_file.h"
#include "core/base/fingerprint.h"
#include "core/cells/dynaclr/prefetcher.h"
#include "core/tensor/checkpoint.h"
#include "core/tensor/device.h"
#include "core/tensor/guard.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;
using torch::Tensor;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatchesAhead = 3;
constexpr std::size_t kMetricCells = 2000;       // held-out cells whose embedding is measured each epoch
constexpr std::int64_t kEmbedBatch = 128;
constexpr std::uint64_t kStepStream = 101, kValidationStream = 102;

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

Matrix toMatrix(const Tensor& features) {
    const Tensor own = features.contiguous();
    Matrix matrix(static_cast<std::size_t>(own.size(0)), static_cast<std::size_t>(own.size(1)));
    std::copy_n(own.data_ptr<float>(), own.numel(), matrix.values.data());
    return matrix;
}

}  // namespace

/// A batch on its way to the network: raw patches of anchors, then of positives where they are other crops, then negatives.
struct Training::Prepared {
    SampledBatch cells;
    RawPatches patches;
    bool ownPositives = false;
    Tensor tracks;  ///< families of the anchors
};

double annealedTemperature(const TrainingOptions& options, std::int64_t epoch) {
    if (options.temperatureStart <= 0 || epoch >= options.temperatureEpochs) return options.temperature;
    const double share = static_cast<double>(epoch) / static_cast<double>(options.temperatureEpochs);
    return options.temperature + (options.temperatureStart - options.temperature) * (1 + std::cos(std::numbers::pi * share)) / 2;
}

double effectiveRank(const Tensor& features) {
    const Tensor centred = features - features.mean(0, true);
    const Tensor values = torch::linalg_svdvals(centred.to(torch::kFloat64));
    const Tensor share = values / values.sum().clamp_min(1e-300);
    return std::exp(-(share * torch::log(share.clamp_min(1e-300))).sum().item<double>());
}

Result<Training::Prepared> Training::prepare(const ContrastiveSampler& sampler, const std::vector<std::uint32_t>& anchors, std::uint64_t epoch, std::size_t index) {
    Prepared batch;
    batch.cells = sampler.complete(anchors, epoch, index);
    batch.ownPositives = batch.cells.positive != batch.cells.anchor;
    std::vector<std::uint32_t> rows = batch.cells.anchor;
    if (batch.ownPositives) rows.insert(rows.end(), batch.cells.positive.begin(), batch.cells.positive.end());
    rows.insert(rows.end(), batch.cells.negative.begin(), batch.cells.negative.end());
    DS_ASSIGN(batch.patches, source_.cut(rows, options_.initialPatch));
    batch.tracks = torch::empty({static_cast<std::int64_t>(anchors.size())}, torch::kInt64);
    for (std::size_t i = 0; i < anchors.size(); ++i) batch.tracks.data_ptr<std::int64_t>()[i] = dataset_.rows[anchors[i]].family;
    return batch;
}

Tensor Training::lossOf(const Prepared& batch, StepNumbers& numbers) {
    const auto count = static_cast<std::int64_t>(batch.cells.anchor.size());
    const int side = source_.recipe().patch;
    const Tensor raw = normalised(batch.patches, source_, options_.initialPatch, compute_.device);
    const bool triplet = options_.loss == "triplet";
    const Tensor anchors = raw.narrow(0, 0, count), positives = raw.narrow(0, batch.ownPositives ? count : 0, count);
    std::vector<Tensor> views{augmented(anchors, options_.augmentation, side), augmented(positives, options_.augmentation, side)};
    if (triplet) views.push_back(augmented(raw.narrow(0, raw.size(0) - count, count), options_.augmentation, side));
    const Tensor projections = encoder_->forward(torch::cat(views), compute_.precision).projections;
    const Tensor anchor = projections.narrow(0, 0, count), positive = projections.narrow(0, count, count);
    const Tensor negative = triplet ? projections.narrow(0, 2 * count, count) : anchor.detach().roll(1, 0);
    {
        const torch::NoGradGuard noGradient;
        numbers.positive = torch::cosine_similarity(anchor, positive, 1).mean().item<double>();
        numbers.negative = torch::cosine_similarity(anchor, negative, 1).mean().item<double>();
    }
    if (triplet) return tripletLoss(anchor, positive, negative, options_.margin);
    NtXentOptions loss{annealedTemperature(options_, progress_.epoch)};
    if (options_.beta > 0) loss.beta = options_.beta;
    if (options_.maskSameTrack) loss.tracks = batch.tracks;
    return ntXent(anchor, positive, loss);
}

Result<void> Training::step(const Prepared& batch) {
    // Random numbers follow from (seed, step), so a resumed run draws what the uninterrupted one would have drawn.
    tensor::seedAll(randomBits(options_.seed, kStepStream, static_cast<std::uint64_t>(progress_.step)));
    StepNumbers numbers;
    const Tensor loss = lossOf(batch, numbers);
    numbers.loss = loss.item<double>();
    if (!std::isfinite(numbers.loss))
        return fail(ErrorCode::Numeric, fmt::format("The training loss became {} at step {} (epoch {}).", numbers.loss, progress_.step, progress_.epoch + 1),
                    "Lower the learning rate 'lr', raise 'temperature', or use precision=fp32. The last checkpoint is from before this step.");
    optimiser_.zero_grad();
    loss.backward();
    optimiser_.step();
    const auto at = static_cast<double>(progress_.step);
    job_.metric("loss/train", at, numbers.loss);
    job_.metric("cosine/positive", at, numbers.positive);
    job_.metric("cosine/negative", at, numbers.negative);
    progress_.last = numbers;
    progress_.cells += batch.patches.count;
    ++progress_.step;
    return {};
}

Result<void> Training::trainEpoch(const ContrastiveSampler& sampler) {
    auto batches = sampler.epoch(static_cast<std::uint64_t>(progress_.epoch));
    if (options_.batchesPerEpoch > 0 && std::cmp_greater(batches.size(), options_.batchesPerEpoch)) batches.resize(static_cast<std::size_t>(options_.batchesPerEpoch));
    const auto first = static_cast<std::size_t>(progress_.batch);
    const auto epoch = static_cast<std::uint64_t>(progress_.epoch);
    Prefetcher<Prepared> prefetcher(batches.size() - first, kBatchesAhead, [&, first](std::size_t i) { return prepare(sampler, batches[first + i], epoch, first + i); });
    const double perEpoch = static_cast<double>(batches.size()), total = perEpoch * static_cast<double>(options_.epochs);
    encoder_->train();
    for (std::size_t i = first; i < batches.size(); ++i) {
        const auto begin = Clock::now();
        DS_ASSIGN(const Prepared batch, prefetcher.next());
        progress_.waited += secondsSince(begin);
        DS_TRY(step(batch));
        progress_.seconds += secondsSince(begin);
        ++progress_.batch;
        job_.progress(perEpoch * static_cast<double>(progress_.epoch) + static_cast<double>(i + 1), total, "batch");
        if (job_.cancelled() && i + 1 < batches.size()) {
            DS_TRY(save());
            return JobContext::cancel();
        }
    }
    progress_.batch = 0;
    ++progress_.epoch;
    return {};
}

Result<double> Training::validate(const ContrastiveSampler& sampler) {
    // The same pairs and the same views every epoch, so that the curve shows the encoder alone.
    tensor::seedAll(randomBits(options_.seed, kValidationStream, 0));
    const torch::NoGradGuard noGradient;
    encoder_->eval();
    double sum = 0;
    std::size_t count = 0;
    const auto batches = sampler.epoch(0);
    for (std::size_t i = 0; i < batches.size(); ++i, ++count) {
        DS_ASSIGN(const Prepared batch, prepare(sampler, batches[i], 0, i));
        StepNumbers numbers;
        sum += lossOf(batch, numbers).item<double>();
    }
    return count ? sum / static_cast<double>(count) : std::nan("");
}

Result<Tensor> Training::features(const std::vector<std::uint32_t>& rows) {
    const torch::NoGradGuard noGradient;
    encoder_->eval();
    const int side = source_.recipe().patch;
    std::vector<Tensor> parts;
    for (std::size_t begin = 0; begin < rows.size(); begin += kEmbedBatch) {
        const std::size_t end = std::min(rows.size(), begin + static_cast<std::size_t>(kEmbedBatch));
        const std::vector<std::uint32_t> some(rows.begin() + static_cast<std::ptrdiff_t>(begin), rows.begin() + static_cast<std::ptrdiff_t>(end));
        DS_ASSIGN(const RawPatches patches, source_.cut(some, side));
        parts.push_back(encoder_->forward(normalised(patches, source_, side, compute_.device), compute_.precision).features.to(torch::kCPU));
    }
    return torch::cat(parts);
}

Result<void> Training::report(const ContrastiveSampler* validation, const std::vector<std::uint32_t>& rows) {
    numbers_ = {{"epochs", progress_.epoch}, {"steps", progress_.step}, {"loss_train", progress_.last.loss},
                {"cosine_positive", progress_.last.positive}, {"cosine_negative", progress_.last.negative}};
    const auto at = static_cast<double>(progress_.step);
    if (options_.temperatureStart > 0) job_.metric("temperature", at, annealedTemperature(options_, progress_.epoch - 1));
    if (validation) {
        DS_ASSIGN(const double loss, validate(*validation));
        job_.metric("loss/validation", at, loss);
        numbers_["loss_validation"] = loss;
    }
    if (rows.size() < 3) return {};
    const std::vector<std::uint32_t> some(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), kMetricCells)));
    DS_ASSIGN(const Tensor held, features(some));
    const double rank = effectiveRank(held);
    job_.metric("effective rank", at, rank);
    numbers_["effective_rank"] = rank;
    std::vector<std::int64_t> tracks;
    for (const std::uint32_t row : some) tracks.push_back(dataset_.rows[row].track);
    // Tracks of a single frame have no adjacent pair; then there is nothing to measure, which is not an error here.
    if (const auto smooth = smoothness(toMatrix(held), tracks)) {
        job_.metric("smoothness", at, smooth->score);
        numbers_["smoothness"] = smooth->score;
        numbers_["dynamic_range"] = smooth->dynamicRange;
    }
    return {};
}

Result<void> Training::save() {
    DS_TRY(makeFolder(job_.checkpoint()));
    const json state{{"epoch", progress_.epoch}, {"batch", progress_.batch}, {"step", progress_.step},   {"seconds", progress_.seconds},
                     {"waited", progress_.waited}, {"cells", progress_.cells}, {"numbers", numbers_},
                     {"last", {progress_.last.loss, progress_.last.positive, progress_.last.negative}}};
    return tensor::saveCheckpoint(checkpointFile(), *encoder_, optimiser_, state);
}

Result<void> Training::restore() {
    if (!job_.resuming() || !std::filesystem::exists(checkpointFile())) return {};
    DS_ASSIGN(const json state, tensor::loadCheckpoint(checkpointFile(), *encoder_, optimiser_));
    const auto last = state.at("last").get<std::array<double, 3>>();
    progress_ = {state.at("epoch"), state.at("batch"), state.at("step"), state.at("seconds"), state.at("waited"), state.at("cells"), {last[0], last[1], last[2]}};
    numbers_ = state.at("numbers");
    job_.log(fmt::format("Resuming after step {} (epoch {}).", progress_.step, progress_.epoch + 1));
    return {};
}

Result<json> Training::run(const ContrastiveSampler& train, const ContrastiveSampler* validation, const std::vector<std::uint32_t>& validationRows) {
    return tensor::guarded("training the encoder", [&]() -> Result<json> {
        encoder_->to(compute_.device);
        DS_TRY(restore());
        while (progress_.epoch < options_.epochs && (options_.minutes <= 0 || progress_.seconds < 60 * options_.minutes)) {
            DS_TRY(trainEpoch(train));
            DS_TRY(report(validation, validationRows));
            DS_TRY(save());
            if (job_.cancelled() && progress_.epoch < options_.epochs) return JobContext::cancel();
        }
        json result = numbers_;
        result["seconds"] = progress_.seconds;
        result["cells_per_second"] = progress_.seconds > 0 ? static_cast<double>(progress_.cells) / progress_.seconds : 0.0;
        result["waiting_share"] = progress_.seconds > 0 ? progress_.waited / progress_.seconds : 0.0;
        result["frames_decoded"] = source_.cache().decoded();
        return result;
    });
}

}  // namespace driftscope::cells
