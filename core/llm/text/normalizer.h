#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/llm/text/aligned_text.h"
#include "core/llm/text/pattern.h"

namespace driftscope::llm {

/// The chain of text changes a tokenizer makes before it splits.
class Normalizer {
  public:
    struct Prepend {
        std::string text;
        bool unlessPresent = false;  ///< Metaspace and ByteLevel leave a text alone that starts with it
        bool firstOnly = false;      ///< only where the user's text starts
    };
    struct Replace {
        Pattern pattern;
        std::string content;
    };
    struct Strip {
        bool left = true;
        bool right = true;
    };
    struct Collapse {};  ///< SentencePiece's remove_extra_whitespaces: trims, and one space for many
    struct Lowercase {};
    enum class Form { Nfc, Nfd, Nfkc, Nfkd };
    using Step = std::variant<Prepend, Replace, Strip, Collapse, Lowercase, Form>;

    /// Reads the "normalizer" entry of a tokenizer.json (null: none). Errors: a type this version does not know.
    static Result<Normalizer> fromJson(const nlohmann::json& entry, const std::string& place);

    template <class One>
    void add(One step) {
        steps_.emplace_back(std::move(step));
    }
    bool empty() const { return steps_.empty(); }
    Result<void> apply(AlignedText& text) const;

  private:
    std::vector<Step> steps_;
};

/// The "pattern" entry {"String": …} or {"Regex": …}.
Result<Pattern> readPattern(const nlohmann::json& entry, const std::string& place);

}  // namespace driftscope::llm
