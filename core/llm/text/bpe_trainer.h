#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::llm {

/// What a byte-level BPE tokenizer is trained to.
struct BpeTraining {
    std::size_t vocabulary = 1024;  ///< tokens in all: special ones, 256 bytes, merges
    std::size_t leastCount = 2;     ///< pairs rarer than this are not merged
    std::vector<std::string> special{"<s>", "</s>", "<pad>"};
    bool addBeginning = true;  ///< encodings start with the first special token
};

/// Trains byte-level BPE (Sennrich et al. 2016) on `texts`, split as GPT-2 does, and returns a Hugging Face tokenizer.json.
/// The most frequent pair merges first; of equals the one with smaller ids, as Hugging Face's trainer decides.
/// Errors: a vocabulary too small for bytes and special tokens, text that is not UTF-8.
Result<nlohmann::json> trainBpe(const std::vector<std::string>& texts, const BpeTraining& training);

/// Writes tokenizer.json and a tokenizer_config.json that names beginning, end and padding (the first three special tokens).
Result<void> writeTokenizer(const std::filesystem::path& folder, const nlohmann::json& tokenizer, const BpeTraining& training);

}  // namespace driftscope::llm
