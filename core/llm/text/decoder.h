#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/llm/text/byte_alphabet.h"
#include "core/llm/text/pattern.h"

namespace driftscope::llm {

/// Turns tokens back into text.
class Decoder {
  public:
    struct ByteLevel {};
    struct ByteFallback {};
    struct Fuse {};
    struct Replace {
        Pattern pattern;
        std::string content;
    };
    struct Strip {
        std::string content;
        std::size_t start = 0;
        std::size_t stop = 0;
    };
    struct Metaspace {
        std::string mark;
        bool prefixed = true;
    };
    using Step = std::variant<ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace>;

    /// Reads the "decoder" entry of a tokenizer.json (null: tokens are joined by spaces). Errors: an unknown type.
    static Result<Decoder> fromJson(const nlohmann::json& entry, const std::string& place);

    template <class One>
    void add(One step) {
        steps_.emplace_back(std::move(step));
    }
    /// The text of a sequence of tokens. Bytes that form no UTF-8 become U+FFFD.
    std::string decode(std::vector<std::string> tokens) const;

  private:
    void run(const ByteLevel&, std::vector<std::string>& tokens) const;
    void run(const ByteFallback&, std::vector<std::string>& tokens) const;
    void run(const Fuse&, std::vector<std::string>& tokens) const;
    void run(const Replace&, std::vector<std::string>& tokens) const;
    void run(const Strip&, std::vector<std::string>& tokens) const;
    void run(const Metaspace&, std::vector<std::string>& tokens) const;

    std::vector<Step> steps_;
    ByteAlphabet alphabet_;
};

/// The byte of a token <0xNN>.
std::optional<unsigned char> fallbackByte(std::string_view token);

}  // namespace driftscope::llm
