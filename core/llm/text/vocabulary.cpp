#include "core/llm/text/vocabulary.h"

#include <nlohmann/json.hpp>

namespace driftscope::llm {
namespace {

/// No published vocabulary comes near; an id beyond it is damage, and would cost memory.
constexpr std::int64_t kLargestId = (1 << 22) - 1;

}  // namespace

Result<Vocabulary> Vocabulary::fromJson(const nlohmann::json& object, const std::string& place) {
    if (!object.is_object() || object.empty())
        return fail(ErrorCode::BadInput, fmt::format("{} has no vocabulary: an object {{token: id}} is expected.", place),
                    "The file may be damaged or only partly copied.");
    Vocabulary vocabulary;
    vocabulary.ids_.reserve(object.size());
    for (const auto& item : object.items()) {
        if (!item.value().is_number_integer())
            return fail(ErrorCode::BadInput,
                        fmt::format("{} gives the token '{}' the id {}, which is no whole number.", place, item.key(), item.value().dump()),
                        "The file may be damaged.");
        // A number beyond 2^63 would wrap around: everything out of range is refused alike.
        const bool huge = item.value().is_number_unsigned() && item.value().get<std::uint64_t>() > static_cast<std::uint64_t>(kLargestId);
        DS_TRY(vocabulary.add(item.key(), huge ? kLargestId + 1 : item.value().get<std::int64_t>(), place));
    }
    return vocabulary;
}

Result<void> Vocabulary::add(std::string token, std::int64_t id, const std::string& place) {
    if (id < 0 || id > kLargestId)
        return fail(ErrorCode::BadInput, fmt::format("{} gives the token '{}' an id outside 0 to {}.", place, token, kLargestId),
                    "The file may be damaged.");
    if (token.empty())
        return fail(ErrorCode::BadInput, fmt::format("{} has an empty token with the id {}.", place, id), "The file may be damaged.");
    const auto [found, fresh] = ids_.try_emplace(std::move(token), static_cast<TokenId>(id));
    if (!fresh) {
        if (found->second == id) return {};
        return fail(ErrorCode::BadInput,
                    fmt::format("{} gives the token '{}' both the id {} and the id {}.", place, found->first, found->second, id),
                    "The files of this tokenizer do not belong together, or one is damaged.");
    }
    if (static_cast<std::size_t>(id) >= tokens_.size()) tokens_.resize(static_cast<std::size_t>(id) + 1);
    std::string& slot = tokens_[static_cast<std::size_t>(id)];
    if (!slot.empty())
        return fail(ErrorCode::BadInput, fmt::format("{} gives the id {} to both '{}' and '{}'.", place, id, slot, found->first),
                    "The files of this tokenizer do not belong together, or one is damaged.");
    slot = found->first;
    return {};
}

std::optional<TokenId> Vocabulary::find(std::string_view token) const {
    const auto found = ids_.find(token);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::string_view Vocabulary::token(TokenId id) const {
    return id >= 0 && static_cast<std::size_t>(id) < tokens_.size() ? std::string_view(tokens_[static_cast<std::size_t>(id)])
                                                                    : std::string_view();
}

}  // namespace driftscope::llm
