#include "core/llm/text/bpe.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

constexpr std::uint64_t kEmpty = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint32_t kNoMerge = std::numeric_limits<std::uint32_t>::max();
/// Below this many symbols a scan for the best pair beats a heap.
constexpr std::size_t kShort = 48;
constexpr std::string_view kSpaceMark = "▁";

std::uint64_t pairKey(TokenId left, TokenId right) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
}

}  // namespace

MergeTable::MergeTable(std::size_t count) : slots_(std::bit_ceil(std::max<std::size_t>(16, count * 2)), Slot{kEmpty, {}}) {}

std::size_t MergeTable::place(std::uint64_t key) const {
    std::uint64_t mixed = key * 0x9E3779B97F4A7C15ull;
    mixed ^= mixed >> 32;
    std::size_t at = mixed & (slots_.size() - 1);
    while (slots_[at].key != kEmpty && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
    return at;
}

void MergeTable::insert(TokenId left, TokenId right, Merge merge) {
    if (2 * (used_ + 1) > slots_.size()) {
        MergeTable larger(slots_.size());
        for (const Slot& slot : slots_)
            if (slot.key != kEmpty) larger.slots_[larger.place(slot.key)] = slot;
        slots_.swap(larger.slots_);
    }
    Slot& slot = slots_[place(pairKey(left, right))];
    used_ += slot.key == kEmpty;
    slot = {pairKey(left, right), merge};
}

const MergeTable::Merge* MergeTable::find(TokenId left, TokenId right) const {
    const Slot& slot = slots_[place(pairKey(left, right))];
    return slot.key == kEmpty ? nullptr : &slot.merge;
}

Bpe::Workspace::Workspace() : cache(kSlots) {}

Bpe::Bpe(std::shared_ptr<const Vocabulary> vocabulary, MergeTable merges, Options options)
    : vocabulary_(std::move(vocabulary)), merges_(std::move(merges)), options_(options) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string name =
            options_.byteLevel ? alphabet_.character(static_cast<unsigned char>(byte)) : fmt::format("<0x{:02X}>", byte);
        byteTokens_[static_cast<std::size_t>(byte)] = vocabulary_->find(name).value_or(-1);
        allBytes_ = allBytes_ && byteTokens_[static_cast<std::size_t>(byte)] >= 0;
    }
    for (int c = 0; c < 128; ++c) {
        const char character = static_cast<char>(c);
        asciiTokens_[static_cast<std::size_t>(c)] = vocabulary_->find(std::string_view(&character, 1)).value_or(-1);
    }
    wordsAreSeparate_ = !options_.byteLevel && !options_.ignoreMerges && canSeparateWords();
}

bool Bpe::canSeparateWords() const {
    if (!vocabulary_->find(kSpaceMark)) return false;
    for (TokenId id = 0; id < vocabulary_->extent(); ++id) {
        const std::string_view token = vocabulary_->token(id);
        for (std::size_t at = token.find(kSpaceMark, 1); at != std::string_view::npos; at = token.find(kSpaceMark, at + 1))
            if (at < kSpaceMark.size() || token.substr(at - kSpaceMark.size(), kSpaceMark.size()) != kSpaceMark) return false;
    }
    return true;
}

Result<void> Bpe::splitUnknown(std::string_view character, std::vector<Symbol>& symbols) const {
    if (options_.byteFallback) {
        const bool known =
            std::all_of(character.begin(), character.end(), [&](char c) { return byteTokens_[static_cast<unsigned char>(c)] >= 0; });
        if (known) {
            for (char c : character) symbols.push_back({byteTokens_[static_cast<unsigned char>(c)], 1});
            return {};
        }
    }
    if (!options_.unknown)
        return fail(ErrorCode::BadInput, fmt::format("The tokenizer has no token for '{}' and no unknown token.", character),
                    "Use a tokenizer with byte fallback, or remove the character.");
    const auto length = static_cast<std::uint32_t>(character.size());
    if (options_.fuseUnknown && !symbols.empty() && symbols.back().id == *options_.unknown)
        symbols.back().length += length;
    else
        symbols.push_back({*options_.unknown, length});
    return {};
}

Result<void> Bpe::split(std::string_view piece, std::vector<Symbol>& symbols) const {
    symbols.clear();
    if (options_.byteLevel && allBytes_) {
        for (char c : piece) symbols.push_back({byteTokens_[static_cast<unsigned char>(c)], 1});
        return {};
    }
    for (std::size_t at = 0; at < piece.size();) {
        const std::uint32_t length = options_.byteLevel ? 1 : codePointAt(piece, at).length;
        const std::string_view character = piece.substr(at, length);
        TokenId id = -1;
        if (options_.byteLevel)
            id = byteTokens_[static_cast<unsigned char>(character[0])];
        else if (length == 1)
            id = asciiTokens_[static_cast<unsigned char>(character[0])];
        else
            id = vocabulary_->find(character).value_or(-1);
        if (id >= 0)
            symbols.push_back({id, length});
        else
            DS_TRY(splitUnknown(character, symbols));
        at += length;
    }
    return {};
}

void Bpe::mergeShort(Workspace& workspace) const {
    auto& symbols = workspace.symbols;
    auto& ranks = workspace.ranks;  // of the pair that starts at each symbol
    const auto rankAt = [&](std::size_t i) {
        if (i + 1 >= symbols.size()) return kNoMerge;
        const auto* merge = merges_.find(symbols[i].id, symbols[i + 1].id);
        return merge ? merge->rank : kNoMerge;
    };
    ranks.resize(symbols.size());
    for (std::size_t i = 0; i < symbols.size(); ++i) ranks[i] = rankAt(i);
    while (symbols.size() > 1) {
        const auto best = std::min_element(ranks.begin(), ranks.end());
        if (*best == kNoMerge) return;
        const auto at = static_cast<std::size_t>(best - ranks.begin());
        symbols[at] = {merges_.find(symbols[at].id, symbols[at + 1].id)->result, symbols[at].length + symbols[at + 1].length};
        symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
        ranks.erase(ranks.begin() + static_cast<std::ptrdiff_t>(at) + 1);
        ranks[at] = rankAt(at);
        if (at > 0) ranks[at - 1] = rankAt(at - 1);
    }
}

void Bpe::mergeLong(Workspace& workspace) const {
    auto& [symbols, ranks, previous, next, heap, cache] = workspace;
    const auto count = static_cast<std::int32_t>(symbols.size());
    previous.resize(symbols.size());
    next.resize(symbols.size());
    heap.clear();
    const auto propose = [&](std::int32_t left, std::int32_t right, bool push) {
        if (left < 0 || right >= count) return;
        const TokenId a = symbols[static_cast<std::size_t>(left)].id;
        const TokenId b = symbols[static_cast<std::size_t>(right)].id;
        const auto* merge = merges_.find(a, b);
        if (!merge) return;
        heap.push_back({merge->rank, static_cast<std::uint32_t>(left), a, b});
        if (push) std::push_heap(heap.begin(), heap.end());
    };
    for (std::int32_t i = 0; i < count; ++i) {
        previous[static_cast<std::size_t>(i)] = i - 1;
        next[static_cast<std::size_t>(i)] = i + 1;
        propose(i, i + 1, false);
    }
    std::make_heap(heap.begin(), heap.end());
    while (!heap.empty()) {
        const Workspace::Candidate best = heap.front();
        std::pop_heap(heap.begin(), heap.end());
        heap.pop_back();
        Symbol& left = symbols[best.position];
        const std::int32_t right = next[best.position];
        // A candidate is stale when either half has been merged since (merged-away symbols have length 0).
        if (left.length == 0 || left.id != best.left || right >= count || symbols[static_cast<std::size_t>(right)].id != best.right)
            continue;
        left = {merges_.find(best.left, best.right)->result, left.length + symbols[static_cast<std::size_t>(right)].length};
        symbols[static_cast<std::size_t>(right)].length = 0;
        const std::int32_t after = next[static_cast<std::size_t>(right)];
        next[best.position] = after;
        if (after < count) previous[static_cast<std::size_t>(after)] = static_cast<std::int32_t>(best.position);
        propose(previous[best.position], static_cast<std::int32_t>(best.position), true);
        propose(static_cast<std::int32_t>(best.position), after, true);
    }
    std::erase_if(symbols, [](const Symbol& symbol) { return symbol.length == 0; });
}

Result<void> Bpe::encode(std::string_view piece, Workspace& workspace, std::vector<Symbol>& out) const {
    Workspace::Cached* slot = nullptr;
    if (piece.size() <= Workspace::kLongestWord) {
        slot = &workspace.cache[std::hash<std::string_view>()(piece) & (Workspace::kSlots - 1)];
        if (slot->count > 0 && slot->length == piece.size() && std::memcmp(slot->word, piece.data(), piece.size()) == 0) {
            for (int i = 0; i < slot->count; ++i) out.push_back({slot->ids[i], slot->lengths[i]});
            return {};
        }
    }
    std::optional<TokenId> whole;
    if (options_.ignoreMerges) whole = vocabulary_->find(options_.byteLevel ? alphabet_.write(piece) : std::string(piece));
    auto& symbols = workspace.symbols;
    if (whole) {
        symbols.assign(1, {*whole, static_cast<std::uint32_t>(piece.size())});
    } else {
        DS_TRY(split(piece, symbols));
        if (symbols.size() <= kShort)
            mergeShort(workspace);
        else
            mergeLong(workspace);
    }
    out.insert(out.end(), symbols.begin(), symbols.end());
    if (slot && symbols.size() <= Workspace::kMostSymbols) {
        std::memcpy(slot->word, piece.data(), piece.size());
        slot->length = static_cast<std::uint8_t>(piece.size());
        slot->count = static_cast<std::uint8_t>(symbols.size());
        for (std::size_t i = 0; i < symbols.size(); ++i) {
            slot->ids[i] = symbols[i].id;
            slot->lengths[i] = static_cast<std::uint8_t>(symbols[i].length);
        }
    }
    return {};
}

}  // namespace driftscope::llm
