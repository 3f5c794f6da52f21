#include "core/llm/model/generate_torch.h"

#include <algorithm>

#include "core/base/fingerprint.h"
#include "core/tensor/guard.h"

namespace driftscope::llm {
namespace {

/// A batch of prompts that grows token by token; finished rows leave it.
class Decoder {
  public:
    Decoder(const CausalModel& model, const std::vector<std::vector<std::int64_t>>& prompts, const GenerateOptions& options)
        : model_(model), prompts_(prompts), options_(options), results_(prompts.size()) {}

    Result<std::vector<Generation>> run(const std::stop_token& cancelled) {
        const torch::InferenceMode inference;
        start();
        Tensor next = model_.logits(model_.hidden(input_).slice(1, -1)).squeeze(1);
        input_.ids = Tensor();
        while (true) {
            if (cancelled.stop_requested()) return fail(ErrorCode::Cancelled, "Stopped while generating.");
            accept(next);
            compact();
            if (rows_.empty()) return std::move(results_);
            next = step();
        }
    }

  private:
    void start() {
        std::size_t longest = 0;
        bool padded = false;
        for (const auto& prompt : prompts_) longest = std::max(longest, prompt.size());
        for (const auto& prompt : prompts_) padded = padded || prompt.size() != longest;
        const auto batch = static_cast<std::int64_t>(prompts_.size());
        const auto width = static_cast<std::int64_t>(longest);
        capacity_ = std::min(width + options_.newTokens, model_.config().positions);
        Tensor ids = torch::zeros({batch, width}, torch::kInt64), keep = torch::zeros({batch, capacity_}, torch::kBool);
        for (std::int64_t i = 0; i < batch; ++i) {
            const auto& prompt = prompts_[static_cast<std::size_t>(i)];
            const auto from = width - static_cast<std::int64_t>(prompt.size());
            std::copy(prompt.begin(), prompt.end(), ids.data_ptr<std::int64_t>() + i * width + from);
            keep[i].slice(0, from).fill_(true);
            rows_.push_back(static_cast<std::size_t>(i));
        }
        const auto device = model_.placement().device;
        cache_ = std::make_unique<KvCache>(model_.config(), batch, capacity_, model_.options());
        input_.ids = ids.to(device);
        input_.cache = cache_.get();
        if (padded) {
            keep_ = keep.to(device);
            offsets_ = torch::empty({batch, 1}, torch::kInt64);
            for (std::int64_t i = 0; i < batch; ++i) offsets_[i][0] = width - static_cast<std::int64_t>(prompts_[static_cast<std::size_t>(i)].size());
            offsets_ = offsets_.to(device);
        }
        place(width);
    }

    /// Mask and positions of the next `width` tokens.
    void place(std::int64_t width) {
        if (!keep_.defined()) return;
        const std::int64_t past = cache_->length;
        input_.keep = keep_.slice(1, 0, past + width);
        input_.positions = (torch::arange(past, past + width, offsets_.options()).unsqueeze(0) - offsets_).clamp_min(0);
    }

    Tensor step() {
        std::vector<std::int64_t> last;
        for (const std::size_t row : rows_) last.push_back(results_[row].ids.back());
        input_.ids = torch::tensor(last, torch::kInt64).unsqueeze(1).to(model_.placement().device);
        place(1);
        return model_.logits(model_.hidden(input_)).squeeze(1);
    }

    /// Picks a token for each row and notes which rows are done.
    void accept(const Tensor& logits) {
        const std::vector<std::int64_t> picked = pick(logits);
        done_.assign(rows_.size(), false);
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            Generation& result = results_[rows_[i]];
            const std::int64_t token = picked[i];
            if (std::find(options_.eos.begin(), options_.eos.end(), token) != options_.eos.end()) result.end = "eos";
            else result.ids.push_back(token);
            if (result.end.empty() && options_.stop && options_.stop(result.ids)) result.end = "stop";
            if (result.end.empty() && static_cast<std::int64_t>(result.ids.size()) >= options_.newTokens) result.end = "length";
            if (result.end.empty() && cache_->length >= capacity_) result.end = "positions";
            done_[i] = !result.end.empty();
        }
    }

    std::vector<std::int64_t> pick(const Tensor& logits) {
        if (options_.temperature <= 0) {
            const Tensor best = logits.argmax(-1).to(torch::kCPU);
            return {best.data_ptr<std::int64_t>(), best.data_ptr<std::int64_t>() + best.numel()};
        }
        const Tensor shares = at::softmax(logits.to(torch::kCPU, torch::kFloat64) / options_.temperature, -1);
        std::vector<std::int64_t> picked;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const auto [share, token] = shares[static_cast<std::int64_t>(i)].sort(-1, true);
            const double* value = share.data_ptr<double>();
            std::int64_t kept = 0;
            double sum = 0;
            while (kept < share.numel() && (kept == 0 || sum < options_.topP)) sum += value[kept++];
            double left = sum * randomUnit(options_.seed, rows_[i], results_[rows_[i]].ids.size());
            std::int64_t at = 0;
            while (at + 1 < kept && left >= value[at]) left -= value[at++];
            picked.push_back(token.data_ptr<std::int64_t>()[at]);
        }
        return picked;
    }

    /// Takes finished rows out of the batch.
    void compact() {
        std::vector<std::int64_t> alive;
        for (std::size_t i = 0; i < rows_.size(); ++i)
            if (!done_[i]) alive.push_back(static_cast<std::int64_t>(i));
        if (alive.empty()) return rows_.clear();
        if (alive.size() == rows_.size()) return;
        const Tensor index = torch::tensor(alive, torch::kInt64).to(model_.placement().device);
        for (auto* list : {&cache_->keys, &cache_->values})
            for (Tensor& part : *list) part = part.index_select(0, index);
        if (keep_.defined()) keep_ = keep_.index_select(0, index), offsets_ = offsets_.index_select(0, index);
        std::vector<std::size_t> rows;
        for (const std::int64_t i : alive) rows.push_back(rows_[static_cast<std::size_t>(i)]);
        rows_ = rows;
    }

    const CausalModel& model_;
    const std::vector<std::vector<std::int64_t>>& prompts_;
    const GenerateOptions& options_;
    std::vector<Generation> results_;
    std::vector<std::size_t> rows_;  ///< prompts still in the batch
    std::vector<bool> done_;
    std::int64_t capacity_ = 0;
    std::unique_ptr<KvCache> cache_;
    Tensor keep_, offsets_;
    ForwardInput input_;
};

}  // namespace

Result<void> checkIds(const ModelConfig& config, const std::vector<std::int64_t>& ids, const std::string& what) {
    for (const std::int64_t id : ids)
        if (id < 0 || id >= config.vocab)
            return fail(ErrorCode::BadInput, fmt::format("Token {} of {} is outside the model's vocabulary of {}.", id, what, config.vocab), "Use the tokenizer that belongs to the model.");
    return {};
}

Result<std::vector<Generation>> generate(const CausalModel& model, const std::vector<std::vector<std::int64_t>>& prompts, const GenerateOptions& options,
                                         const std::stop_token& cancelled) {
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        const std::string what = fmt::format("prompt {}", i);
        if (prompts[i].empty()) return fail(ErrorCode::BadInput, fmt::format("The {} has no tokens.", what), "Give a text, or a tokenizer that adds a beginning-of-sequence token.");
        if (static_cast<std::int64_t>(prompts[i].size()) >= model.config().positions)
            return fail(ErrorCode::BadInput, fmt::format("The {} has {} tokens; this model reads {} tokens of prompt and answer together.", what, prompts[i].size(), model.config().positions),
                        "Shorten the prompt.");
        DS_TRY(checkIds(model.config(), prompts[i], what));
    }
    if (prompts.empty() || options.newTokens < 1) return std::vector<Generation>(prompts.size(), Generation{{}, "length"});
    return tensor::guarded("generating", [&] { return Decoder(model, prompts, options).run(cancelled); });
}

}  // namespace driftscope::llm
