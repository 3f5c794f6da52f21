#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/io/h5ad.h"
#include "core/llm/measure/token_drift.h"
#include "core/llm/text/examples.h"
#include "core/llm/text/prompt_template.h"
#include "core/llm/text/tokenizer.h"
#include "core/llm/train/token_set.h"

namespace driftscope::llm {

/// What llm.drift keeps of single samples beside the pooled vectors: their texts (samples.jsonl), their losses and
/// divergence at every step (losses.csv), and for the first ones the drift of every token (tokens.h5ad, one row per sample,
/// step and token, one feature per capture point and layer, named in uns/columns).
class DriftRecords {
  public:
    /// `samples[i]` is what `set[i]` was made from. `tokenSamples`: of how many samples the tokens are kept.
    DriftRecords(const Tokenizer& tokenizer, PromptTemplate form, const std::vector<Example>& samples, const TokenSet& set, std::size_t tokenSamples)
        : tokenizer_(tokenizer), form_(std::move(form)), samples_(samples), set_(set), tokenSamples_(tokenSamples) {}

    /// Writes the texts and begins the tables. `columns` names the entries of TokenDrift::relative.
    Result<void> open(const std::filesystem::path& folder, const std::vector<std::string>& columns);
    Result<void> add(std::int64_t step, const TokenDrift& drift);
    Result<void> finish(nlohmann::json uns);

  private:
    Result<void> addTokens(std::int64_t step, const TokenDrift& drift);
    Result<std::vector<TextSpan>> spansOf(std::size_t sample) const;
    std::string pieceOf(std::int64_t id) const;

    const Tokenizer& tokenizer_;
    PromptTemplate form_;
    const std::vector<Example>& samples_;
    const TokenSet& set_;
    std::size_t tokenSamples_;
    std::filesystem::path folder_;
    std::vector<std::string> columns_;
    std::string losses_;
    std::unique_ptr<io::H5adAppender> tokens_;
    std::vector<std::int64_t> sample_, step_, position_, id_, begin_, end_;
    std::vector<std::string> piece_, part_;
    std::vector<double> kl_, lossBefore_, lossAfter_;
};

}  // namespace driftscope::llm
