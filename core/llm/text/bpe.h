#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/llm/text/byte_alphabet.h"
#include "core/llm/text/vocabulary.h"

namespace driftscope::llm {

/// A token and how many bytes of the normalised text it covers.
struct Symbol {
    TokenId id = 0;
    std::uint32_t length = 0;
};

/// Finds merges by their two halves: open addressing, so that a look-up is one cache line.
class MergeTable {
  public:
    struct Merge {
        std::uint32_t rank = 0;  ///< lower merges first
        TokenId result = -1;
    };
    explicit MergeTable(std::size_t count = 0);
    /// A pair that is already there takes the new rank.
    void insert(TokenId left, TokenId right, Merge merge);
    const Merge* find(TokenId left, TokenId right) const;
    std::size_t size() const { return used_; }

  private:
    struct Slot {
        std::uint64_t key;
        Merge merge;
    };
    std::size_t place(std::uint64_t key) const;
    std::vector<Slot> slots_;
    std::size_t used_ = 0;
};

/// Byte-pair encoding of one piece of text (Sennrich et al. 2016), over bytes or over characters with byte fallback.
class Bpe {
  public:
    struct Options {
        bool byteLevel = false;     ///< symbols are bytes, written in GPT-2's alphabet
        bool byteFallback = false;  ///< a character without token becomes its bytes <0xNN>
        bool fuseUnknown = false;   ///< neighbouring unknown characters become one unknown token
        bool ignoreMerges = false;  ///< a piece that is a token is that token, whatever the merges say
        std::optional<TokenId> unknown;
    };
    /// Buffers and a cache of recent words, for one thread at a time.
    class Workspace;

    Bpe(std::shared_ptr<const Vocabulary> vocabulary, MergeTable merges, Options options);

    /// Appends the tokens of `piece` (valid UTF-8). Errors: a character that no token, byte or unknown token stands for.
    Result<void> encode(std::string_view piece, Workspace& workspace, std::vector<Symbol>& out) const;

    /// True when a piece may be cut before every space mark that follows another character: then no token crosses.
    bool wordsAreSeparate() const { return wordsAreSeparate_; }

  private:
    Result<void> split(std::string_view piece, std::vector<Symbol>& symbols) const;
    Result<void> splitUnknown(std::string_view character, std::vector<Symbol>& symbols) const;
    void mergeShort(Workspace& workspace) const;
    void mergeLong(Workspace& workspace) const;
    bool canSeparateWords() const;

    std::shared_ptr<const Vocabulary> vocabulary_;
    MergeTable merges_;
    Options options_;
    ByteAlphabet alphabet_;
    std::array<TokenId, 256> byteTokens_;  ///< of a byte-level symbol or of <0xNN>; -1 when there is none
    std::array<TokenId, 128> asciiTokens_;
    bool allBytes_ = true;
    bool wordsAreSeparate_ = false;
};

class Bpe::Workspace {
  public:
    Workspace();

  private:
    friend class Bpe;
    static constexpr std::size_t kLongestWord = 40;
    static constexpr std::size_t kMostSymbols = 8;
    static constexpr std::size_t kSlots = 1 << 14;
    struct Cached {
        char word[kLongestWord];
        std::uint8_t length = 0;
        std::uint8_t count = 0;
        std::uint8_t lengths[kMostSymbols];
        TokenId ids[kMostSymbols];
    };
    struct Candidate {
        std::uint32_t rank;
        std::uint32_t position;
        TokenId left;
        TokenId right;
        /// For a heap with the lowest rank, then the leftmost, on top.
        bool operator<(const Candidate& other) const { return rank != other.rank ? rank > other.rank : position > other.position; }
    };
    std::vector<Symbol> symbols;
    std::vector<std::uint32_t> ranks;
    std::vector<std::int32_t> previous;
    std::vector<std::int32_t> next;
    std::vector<Candidate> heap;
    std::vector<Cached> cache;
};

}  // namespace driftscope::llm
