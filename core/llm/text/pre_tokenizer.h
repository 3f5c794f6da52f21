#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

#include "core/llm/text/normalizer.h"

namespace driftscope::llm {

/// A range of bytes of a normalised text within which tokens are sought.
struct Piece {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Cuts a normalised text into pieces that no token crosses.
class PreTokenizer {
  public:
    enum class Behavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };
    enum class Scanner { Gpt2, Llama3, Qwen2 };
    struct PatternSplit {
        Pattern pattern;
        Behavior behavior = Behavior::Isolated;
        bool invert = false;
    };
    using Split = std::variant<Scanner, PatternSplit>;

    /// Reads the "pre_tokenizer" entry of a tokenizer.json (null: none). Errors: a type this version does not know.
    static Result<PreTokenizer> fromJson(const nlohmann::json& entry, const std::string& place);

    template <class Rule>
    void add(Rule rule) {
        splits_.emplace_back(std::move(rule));
    }
    void setByteLevel() { byteLevel_ = true; }
    /// True when tokens are made of bytes, each written as one printable character (GPT-2's table).
    bool byteLevel() const { return byteLevel_; }
    bool splits() const { return !splits_.empty(); }

    /// Changes the text where the scheme asks for it (a prefix, ▁ for spaces) and lists the pieces, which are not empty.
    Result<void> apply(AlignedText& text, std::vector<Piece>& pieces) const;

  private:
    Result<void> read(const nlohmann::json& entry, const std::string& place);
    Result<void> readSplit(const nlohmann::json& entry, const std::string& place);
    Result<void> readByteLevel(const nlohmann::json& entry, const std::string& place);
    Result<void> readMetaspace(const nlohmann::json& entry, const std::string& place);
    Result<void> change(Normalizer::Step step, const std::string& place);

    Normalizer changes_;
    std::vector<Split> splits_;
    bool byteLevel_ = false;
};

}  // namespace driftscope::llm
